//go:build linux

package snmp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// patience is how long anything may take on a loaded machine.
const patience = 60 * time.Second

// Host is a namespace with a master agent and a trap receiver.
type Host struct {
	*nstest.NS
	t      testing.TB
	dir    string
	master *nstest.Process
	traps  *nstest.Process
	daemon *nstest.Process
}

// NewHost makes the namespace and starts snmpd and snmptrapd in it.
func NewHost(t testing.TB, name string) *Host {
	t.Helper()
	nstest.Require(t, "netns", "snmp")
	h := &Host{NS: nstest.New(t, "gksnmp-"+name), t: t}
	// Paths of sockets are short.
	dir, err := os.MkdirTemp("", "gksnmp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	h.dir = dir
	for i, pair := range [][2]string{{"v0", "v1"}, {"v2", "v3"}} {
		nstest.Veth(t, h.NS, pair[0], h.NS, pair[1])
		for j, dev := range pair {
			// The link local address is made anew from the MAC.
			h.Down(dev)
			h.Run("ip", "link", "set", dev, "address", fmt.Sprintf("02:00:00:00:00:1%d", 2*i+j))
			h.Up(dev)
		}
	}
	h.AddAddress("v0", "10.1.0.1/24")
	h.AddAddress("v1", "10.2.0.1/24")
	h.AddAddress("v2", "10.3.0.1/24")
	h.write("snmpd.conf", `agentaddress udp:127.0.0.1:1161
rwcommunity public 127.0.0.1
master agentx
agentXSocket unix:DIR/agentx,tcp:127.0.0.1:1705
trap2sink 127.0.0.1:1162 public
dontLogTCPWrappersConnects yes
`)
	h.write("snmptrapd.conf", "disableAuthorization yes\n")
	h.traps = h.snmp("snmptrapd", "-f", "-Lo", "-On", "-C", "-c", filepath.Join(dir, "snmptrapd.conf"), "-p", filepath.Join(dir, "trapd.pid"), "-m", "", "udp:127.0.0.1:1162")
	h.traps.WaitOutput("NET-SNMP version", patience)
	h.StartMaster()
	return h
}

// write writes a file into the host's folder, which DIR stands for.
func (h *Host) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", h.dir)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// snmp starts a program of net-snmp that keeps its files to itself.
func (h *Host) snmp(args ...string) *nstest.Process {
	return h.Start(append([]string{"env", "SNMP_PERSISTENT_DIR=" + filepath.Join(h.dir, "state"), "SNMPCONFPATH=" + h.dir, "MIBS="}, args...)...)
}

// StartMaster starts snmpd and waits until it answers.
func (h *Host) StartMaster() {
	h.t.Helper()
	h.master = h.snmp("snmpd", "-f", "-Lo", "-C", "-c", filepath.Join(h.dir, "snmpd.conf"), "-I", "-mteTrigger,mteTriggerConf", "-p", filepath.Join(h.dir, "snmpd.pid"), "-m", "")
	h.master.WaitOutput("NET-SNMP version", patience)
}

// StartDaemon starts a keepalived with a configuration, in which DIR stands for
// the host's folder, and waits for its session.
func (h *Host) StartDaemon(program, conf string, options ...string) {
	h.t.Helper()
	file := h.write("keepalived.conf", conf)
	args := []string{program, "-n", "-l", "-D", "-f", file}
	for option, name := range map[string]string{"-p": "parent", "-r": "vrrp", "-c": "checkers", "-b": "bfd"} {
		args = append(args, option, filepath.Join(h.dir, name+".pid"))
	}
	h.daemon = h.Start(append(args, options...)...)
	h.t.Cleanup(func() {
		if h.t.Failed() {
			h.t.Logf("%s of %s:\n%s", program, h.Name, h.daemon.Output())
			h.t.Logf("snmpd of %s:\n%s", h.Name, h.master.Output())
		}
	})
}

// answer is what snmpget says of an object, "" if nothing.
func (h *Host) answer(name string) string {
	out, _ := h.Try("snmpget", "-v2c", "-cpublic", "-On", "-m", "", "-r0", "-t2", "127.0.0.1:1161", name)
	_, value, _ := strings.Cut(strings.TrimSpace(out), " = ")
	return value
}

// Await waits until an object has a value.
func (h *Host) Await(name, want string) {
	h.t.Helper()
	nstest.Eventually(h.t, patience, name+" = "+want, func() (bool, string) {
		got := h.answer(name)
		return got == want, got
	})
}

// Walk is what snmpwalk shows below name: lines "1.2.3 = INTEGER: 4".
func (h *Host) Walk(name string) []string {
	h.t.Helper()
	out := h.Run("snmpbulkwalk", "-v2c", "-cpublic", "-On", "-m", "", "-t10", "127.0.0.1:1161", name)
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(out), h.dir, "DIR"), "\n")
	if strings.Contains(out, "No Such Object") || strings.Contains(out, "No more variables") {
		return nil
	}
	return lines
}

// Set is the value after snmpset, or the reason why it was refused.
func (h *Host) Set(name, typ, value string) string {
	out, err := h.Try("snmpset", "-v2c", "-cpublic", "-On", "-m", "", "-t10", "127.0.0.1:1161", name, typ, value)
	if err != nil {
		out = err.Error()
	}
	if m := regexp.MustCompile(`Reason: (\w+)`).FindStringSubmatch(out); m != nil {
		return m[1]
	}
	_, got, _ := strings.Cut(strings.TrimSpace(out), " = ")
	return got
}

// varbind is one variable in a line of snmptrapd.
var varbind = regexp.MustCompile(`\.1\.3\.6\.1\.[0-9.]+ = [^\t]*`)

// Traps are the notifications so far below a prefix, one line each, without
// sysUpTime.
func (h *Host) Traps(prefix string) (list []string) {
	const trapOID = ".1.3.6.1.6.3.1.1.4.1.0 = OID: "
	for line := range strings.SplitSeq(h.traps.Output(), "\n") {
		vars := varbind.FindAllString(strings.ReplaceAll(line, "\t", "\t\t"), -1)
		i := slices.IndexFunc(vars, func(v string) bool { return strings.HasPrefix(v, trapOID) })
		if i < 0 || !strings.HasPrefix(vars[i], trapOID+prefix) {
			continue
		}
		for j := range vars {
			vars[j] = strings.TrimSpace(vars[j])
		}
		list = append(list, shorter.Replace(strings.TrimPrefix(strings.Join(vars[i:], "; "), trapOID)))
	}
	return list
}

// AwaitTrap waits for a notification that has all the texts.
func (h *Host) AwaitTrap(prefix string, texts ...string) {
	h.t.Helper()
	nstest.Eventually(h.t, patience, "trap with "+strings.Join(texts, ", "), func() (bool, string) {
		list := h.Traps(prefix)
		return slices.ContainsFunc(list, func(s string) bool {
			return !slices.ContainsFunc(texts, func(want string) bool { return !strings.Contains(s, shorter.Replace(want)) })
		}), strings.Join(list, "\n")
	})
}

// ours is the freshly built binary.
func ours(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../../../bin/gokeepalived")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return path
}

// theirs is the real keepalived.
func theirs(t testing.TB) string {
	t.Helper()
	nstest.Require(t, "keepalived")
	path, err := exec.LookPath("keepalived")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// index is the number of an interface.
func (h *Host) index(dev string) int {
	h.t.Helper()
	l, err := h.Netlink().LinkByName(dev)
	if err != nil {
		h.t.Fatal(err)
	}
	return l.Attrs().Index
}
