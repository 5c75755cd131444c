package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"golang.org/x/sys/unix"
)

// The whole daemon with its real engines, in a network namespace:
//
//	gkdmn-x
//	  eth0 ---- eth1     a veth pair; 10.9.0.1/24 on eth0

const quickInstance = `vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	priority 100
	advert_int 0.1
	virtual_ipaddress {
		10.9.0.100/24
	}
}
`

func newNetwork(t *testing.T, name string) *nstest.NS {
	t.Helper()
	ns := nstest.New(t, name)
	nstest.Veth(t, ns, "eth0", ns, "eth1")
	ns.Up("eth0", "eth1")
	ns.AddAddress("eth0", "10.9.0.1/24")
	return ns
}

// inside starts the daemon in a network.
func (r *trial) inside(ns *nstest.NS, more ...string) *trial {
	r.t.Helper()
	r.env = append(r.env, fakeVariable+"="+realEngines)
	ns.Do(func() { r.run(more...) })
	r.await("Startup complete")
	return r
}

const address = "10.9.0.100/24"

func TestWholeDaemon(t *testing.T) {
	ns := newNetwork(t, "gkdmn-whole")
	r := newTrial(t, quickInstance).inside(ns)
	ns.WaitAddress("eth0", address, true, patience)
	vrrp := r.pid("v.pid")

	r.signal(signalJSON)
	r.eventually("the JSON file", func() bool { return r.exists("keepalived.json") })
	var state []struct {
		Data struct {
			Name  string `json:"iname"`
			State int    `json:"state"`
			VIPs  []string
		}
		Stats map[string]int
	}
	if err := json.Unmarshal([]byte(r.read("keepalived.json")), &state); err != nil {
		t.Fatal(err)
	}
	if len(state) != 1 || state[0].Data.Name != "VI_1" || state[0].Data.State != 2 || state[0].Data.VIPs[0] != "10.9.0.100/24 dev eth0 scope global set" || state[0].Stats["become_master"] != 1 {
		t.Errorf("the JSON says %+v", state)
	}
	if dump := r.state(); !strings.Contains(dump, "\n   State = MASTER\n") {
		t.Errorf("the dump says\n%s", dump)
	}

	// An interface that does not exist is no reason to give up the address.
	r.configure(quickInstance + strings.NewReplacer("VI_1", "VI_2", "eth0", "eth9", "51", "52").Replace(quickInstance))
	r.signal(syscall.SIGHUP)
	r.await("The running configuration stays in force: ")
	if !ns.HasAddress("eth0", address) || r.pid("v.pid") != vrrp || gone(vrrp) {
		t.Error("a reload that cannot be used had an effect")
	}
	r.configure(strings.ReplaceAll(quickInstance, "10.9.0.100/24", "10.9.0.101/24"))
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	ns.WaitAddress("eth0", "10.9.0.101/24", true, patience)
	ns.WaitAddress("eth0", address, false, patience)

	// A crash leaves the address to the next process.
	kill(t, vrrp, syscall.SIGKILL)
	r.await("Starting VRRP child process, pid=")
	r.awaitN("(VI_1) Entering MASTER STATE", 2)
	ns.WaitAddress("eth0", "10.9.0.101/24", true, patience)
	r.stop()
	ns.WaitAddress("eth0", "10.9.0.101/24", false, time.Second)
}

// TestStrictReload: with reload_check_config the machine counts too, and the
// findings are left where the keyword says.
func TestStrictReload(t *testing.T) {
	ns := newNetwork(t, "gkdmn-strict")
	r := newTrial(t, "")
	strict := globals("reload_check_config " + r.path("check.log"))
	r.configure(strict + quickInstance)
	r.inside(ns)
	r.configure(strict + strings.ReplaceAll(quickInstance, "eth0", "eth9"))
	r.signal(syscall.SIGHUP)
	r.await("New config failed validation, see " + r.path("check.log") + " for details")
	r.await("The running configuration stays in force: ")
	if got := r.read("check.log"); !strings.Contains(got, "WARNING - interface eth9 for vrrp_instance VI_1 doesn't exist") {
		t.Errorf("the file has %q", got)
	}
	ns.WaitAddress("eth0", address, true, patience)
	r.stop()
}

func TestWholeDaemonLosesItsParent(t *testing.T) {
	ns := newNetwork(t, "gkdmn-orphan")
	r := newTrial(t, quickInstance).inside(ns)
	ns.WaitAddress("eth0", address, true, patience)
	vrrp := r.pid("v.pid")
	r.signal(syscall.SIGKILL)
	ns.WaitAddress("eth0", address, false, patience)
	r.eventually("the child to end", func() bool { return gone(vrrp) && !r.exists("v.pid") })
}

func TestWholeDaemonLeavesAddresses(t *testing.T) {
	ns := newNetwork(t, "gkdmn-leave")
	r := newTrial(t, quickInstance).inside(ns, "-V")
	ns.WaitAddress("eth0", address, true, patience)
	r.stop()
	if !ns.HasAddress("eth0", address) {
		t.Error("-V: the address was removed")
	}
}

func TestAddressMonitoring(t *testing.T) {
	ns := newNetwork(t, "gkdmn-watch")
	r := newTrial(t, quickInstance).inside(ns, "-a")
	r.await("Netlink reflector reports IP 10.9.0.1 added to eth0")
	ns.AddAddress("eth1", "10.44.0.1/24")
	r.await("Netlink reflector reports IP 10.44.0.1 added to eth1")
	ns.Run("ip", "addr", "del", "10.44.0.1/24", "dev", "eth1")
	r.await("Netlink reflector reports IP 10.44.0.1 removed from eth1")
	ns.WaitAddress("eth0", address, true, patience)
	r.stop()
	if strings.Contains(r.text(), "IP 10.9.0.100 ") {
		t.Error("our own address is reported")
	}
}

// TestMissingInterface: one clear line, status 2, nothing left.
func TestMissingInterface(t *testing.T) {
	ns := newNetwork(t, "gkdmn-missing")
	r := newTrial(t, strings.ReplaceAll(quickInstance, "eth0", "eth9"))
	r.env = append(r.env, fakeVariable+"="+realEngines)
	ns.Do(func() { r.run() })
	if status := r.wait(); status != ExitConfig {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(r.text(), r.conf+": Line 3) WARNING - interface eth9 for vrrp_instance VI_1 doesn't exist") {
		t.Error("no line names file, line and interface")
	}
	if r.exists("p.pid") || r.exists("v.pid") {
		t.Error("pid files were left behind")
	}
}

// TestKernelWithoutIPVS: the addresses don't fall for want of a kernel module.
// With nothing else to run the daemon ends, as keepalived does.
func TestKernelWithoutIPVS(t *testing.T) {
	if k, err := ipvs.Open(""); !errors.Is(err, ipvs.ErrNoIPVS) {
		if err == nil {
			k.Close()
		}
		t.Skip("this kernel has IPVS")
	}
	const line = "IPVS: Can't initialize ipvs: No such file or directory - load the kernel module ip_vs, or leave the checkers out with -P"
	ns := newNetwork(t, "gkdmn-noipvs")
	socket := newServiceSocket(t)
	r := newTrial(t, quickInstance+checkerBlock)
	r.env = append(r.env, "NOTIFY_SOCKET="+socket.path)
	r.inside(ns)
	ns.WaitAddress("eth0", address, true, patience)
	status := "; waiting: " + line
	socket.await(status)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	socket.await(status)
	// Without virtual servers nothing is missing.
	r.configure(quickInstance)
	r.signal(syscall.SIGHUP)
	r.awaitN("Reload complete", 2)
	socket.await("\nSTATUS=1 instance: 1 master")
	r.configure(quickInstance + checkerBlock)
	r.signal(syscall.SIGHUP)
	r.awaitN("Reload complete", 3)
	socket.await(status)
	if !ns.HasAddress("eth0", address) {
		t.Error("the address is gone")
	}
	r.stop()
	if n := strings.Count(r.text(), "IPVS: Can't initialize"); n != 2 {
		t.Errorf("%d lines about it, want one for each time that virtual servers came", n)
	}

	alone := newTrial(t, checkerBlock)
	alone.env = append(alone.env, fakeVariable+"="+realEngines)
	ns.Do(func() { alone.run() })
	if status := alone.wait(); status != ExitFatal {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(alone.text(), line+"\n") {
		t.Error("no line says why")
	}
}

// TestLimits: what -m and the real-time class change is for the daemon alone.
// Scripts get back what it was started with.
func TestLimits(t *testing.T) {
	ns := newNetwork(t, "gkdmn-limits")
	r := newTrial(t, "")
	// Limits are given back just after the start of the script.
	script := r.script("limits.sh", "for i in $(seq 500); do cat /proc/$$/limits >"+r.path("new")+"; mv "+r.path("new")+" "+r.path("limits")+"; sleep 0.02; done\n")
	r.configure(globals("enable_script_security", "script_user root", "vrrp_rt_priority 5", "vrrp_rlimit_rttime 300000") +
		strings.Replace(quickInstance, "interface", "notify_master "+script+"\n\tinterface", 1))
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	const soft = 12345
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: soft, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_CORE, &before)
	r.inside(ns, "-m")
	limit := func(text, name string) string {
		for _, l := range strings.Split(text, "\n") {
			if rest, ok := strings.CutPrefix(l, name); ok {
				return strings.Join(strings.Fields(rest)[:2], " ")
			}
		}
		return ""
	}
	for _, pid := range []int{r.cmd.Process.Pid, r.pid("v.pid")} {
		if got := limit(procText(pid, "limits"), "Max core file size"); got != "unlimited unlimited" {
			t.Errorf("-m: the core size limit is %s", got)
		}
	}
	r.eventually("the limits of the script", func() bool {
		text, _ := os.ReadFile(r.path("limits"))
		core, rt := limit(string(text), "Max core file size"), limit(string(text), "Max realtime timeout")
		return strings.HasPrefix(core, fmt.Sprint(soft, " ")) && (rt == "unlimited unlimited" || !hasCapability(unix.CAP_SYS_RESOURCE))
	})
	r.stop()
}

// hasCapability reports whether we have one: root of a container may not.
func hasCapability(n int) bool {
	mask, err := strconv.ParseUint(statusField(os.Getpid(), "CapEff"), 16, 64)
	return err == nil && mask&(1<<n) != 0
}

// lifeLines are the lines about the life of the daemon, which both programs
// have in common. The notice about max_auto_priority is not among them: VRRP
// runs with a real-time priority here, unless that is forbidden.
var lifeLines = regexp.MustCompile(`^(Configuration file |Starting VRRP|Startup complete|Reload|Printing (VRRP|parent) data|Printing( and clearing)? VRRP stats|` +
	`VRRP child process|Restart of|pid N exited|Stopping$|Stopped( - used)?|CPU usage|Unknown keyword|Opening file)`)

// TestLikeKeepalived runs both programs through the same life and compares
// what they say about it.
func TestLikeKeepalived(t *testing.T) {
	nstest.Require(t, "keepalived")
	real, err := exec.LookPath("keepalived")
	if err != nil {
		t.Fatal(err)
	}
	ns := newNetwork(t, "gkdmn-like")
	life := func(program string) []string {
		r := newTrial(t, quickInstance)
		if program != "" {
			r.program = program
		}
		r.inside(ns, "-D")
		ns.WaitAddress("eth0", address, true, patience)
		r.signal(syscall.SIGUSR1)
		r.await("Printing VRRP data for process(")
		r.await("Printing parent data for process(")
		r.signal(syscall.SIGUSR2)
		r.await("Printing VRRP stats for process(")
		r.signal(signalStatsClear)
		r.await("Printing and clearing VRRP stats for process(")
		r.signal(syscall.SIGHUP)
		r.await("Reload complete")
		kill(t, r.pid("v.pid"), syscall.SIGKILL)
		r.awaitN("(VI_1) Entering MASTER STATE", 2)
		r.stop()
		figures := regexp.MustCompile(`\d+\.\d{6}`)
		var lines []string
		for _, l := range r.lines() {
			if lifeLines.MatchString(l) && !strings.HasPrefix(l, "Stopped Keepalived") {
				l = figures.ReplaceAllString(strings.ReplaceAll(l, r.dir, "DIR"), "N")
				lines = append(lines, l)
			}
		}
		// Two processes write the dumps at the same time.
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, " data for ") }); i >= 0 {
			slices.Sort(lines[i : i+2])
		}
		return lines
	}
	want, got := life(real), life("")
	if !slices.Equal(got, want) {
		t.Errorf("we say\n  %s\nkeepalived says\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
