package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// Rules of TestChaos, as the wire shows them. A router is master from one of
// its adverts to the next, unless that is later than twice the interval or
// tells priority 0. What a killed process leaves behind (its address, until
// the next one is there) is not on the wire and does not count.
const (
	chaosInterval = 300 * time.Millisecond
	// chaosFailover is the MasterDownInterval of the peer, priority 100:
	// 3 intervals and a skew time of 156/256.
	chaosFailover = 3*chaosInterval + chaosInterval*156/256
	// chaosSlack is what a busy machine may be late.
	chaosSlack = 400 * time.Millisecond
	chaosVIP   = "10.9.0.100/24"
)

// TestChaos kills children, reloads good and broken configurations, sends
// signals, fills FIFO and disk, hangs scripts and servers and restarts the
// daemon, in an order that a seed makes, while a peer of lower priority
// watches. Never may two be master for longer than an advert interval or
// nobody for longer than a failover; at the end nothing may be left.
//
// GK_SEED repeats an order.
func TestChaos(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns")
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("GK_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	actions := 25
	if os.Getenv("GK_LONG") != "" {
		actions = 200
	}
	for _, peer := range []Daemon{ours(t), theirs(t)} {
		t.Run("beside "+peer.Name, func(t *testing.T) {
			t.Parallel()
			t.Logf("GK_SEED=%d, %d actions", seed, actions)
			newChaos(t, peer, seed).run(actions)
		})
	}
}

// chaos is one run. The victim is ours, with priority 150.
type chaos struct {
	t            *testing.T
	random       *rand.Rand
	sw           *Switch
	victim, peer *Host
	good         int // configuration in the file, of goodConfigs
	diary        []string
}

const chaosScripts = `#!/bin/sh
# A notify or check script that hangs as long as there is a file that says so.
while [ -e /run/w/hang ] && [ -e /run/w ]; do sleep 1; done
`

// The victim's agents, and those they talk to.
const (
	chaosAgents = `	enable_dbus
	enable_snmp_vrrp
	enable_traps
	snmp_socket unix:/run/agentx
`
	chaosBus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
	<type>system</type>
	<listen>unix:path=/run/dbus/system_bus_socket</listen>
	<auth>EXTERNAL</auth>
	<policy context="default">
		<allow user="*"/>
		<allow own="*"/>
		<allow send_destination="*"/>
		<allow receive_sender="*"/>
	</policy>
</busconfig>
`
	chaosSNMP = `agentaddress udp:127.0.0.1:1161
rocommunity public
master agentx
agentXSocket unix:/run/agentx
`
)

func chaosConfig(priority int, agents, more string) string {
	return fmt.Sprintf(`global_defs {
%s	router_id CHAOS
	enable_script_security
	script_user root
	max_auto_priority -1
	notify_fifo /run/w/fifo
	notify_fifo_script /etc/keepalived/reader
	notification_email { root@example.com }
	notification_email_from ka@example.com
	smtp_server 127.0.0.1 2525
	smtp_connect_timeout 2
	smtp_alert_vrrp true
}
vrrp_script chk {
	script /etc/keepalived/script
	interval 1
	timeout 1
	fall 1
	rise 1
	weight -100
}
bfd_instance B {
	neighbor_ip 10.9.0.9
	source_ip 10.9.0.1
	min_rx 500
	min_tx 500
}
vrrp_instance V {
	interface eth0
	virtual_router_id 51
	version 3
	priority %d
	advert_int 0.3
	notify /etc/keepalived/script
	notify_stop /etc/keepalived/script
	virtual_ipaddress { 10.9.0.100/24 }
	virtual_routes { 10.1.0.0/24 via 10.9.0.7 dev eth0 }
	track_script { chk }
}
%s`, agents, priority, more)
}

const chaosExtra = `vrrp_instance W {
	interface %s
	use_vmac
	virtual_router_id 52
	version 3
	priority 90
	advert_int 0.3
	virtual_ipaddress { 10.9.0.200/24 }
}
`

func newChaos(t *testing.T, peer Daemon, seed uint64) *chaos {
	c := &chaos{t: t, random: rand.New(rand.NewPCG(seed, 0)), sw: NewSwitch(t, "switch")}
	c.victim, c.peer = NewHost(t, "victim"), NewHost(t, "peer")
	for _, h := range []*Host{c.victim, c.peer} {
		h.Quiet()
		h.Run("mkdir", "-p", "/run/w")
		h.Run("mount", "-t", "tmpfs", "-o", "size=256k", "dumps", "/run/w")
		for name, text := range map[string]string{"script": chaosScripts, "reader": "#!/bin/sh\nexec cat \"$1\" >/dev/null\n"} {
			path := filepath.Join(h.Etc, name)
			if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
			os.Chmod(path, 0o755)
		}
	}
	c.sw.Segment("s0", End{c.victim, "eth0", []string{"10.9.0.1/24"}}, End{c.peer, "eth0", []string{"10.9.0.2/24"}})
	c.victim.LinksUp()
	c.peer.LinksUp()
	t.Cleanup(func() {
		if t.Failed() {
			c.tell()
		}
	})
	if err := os.WriteFile(filepath.Join(c.peer.Etc, "keepalived.conf"), []byte(chaosConfig(100, "", "")), 0o644); err != nil {
		t.Fatal(err)
	}
	c.start(c.peer, peer)
	for name, text := range map[string]string{"bus.conf": chaosBus, "snmpd.conf": chaosSNMP} {
		if err := os.WriteFile(filepath.Join(c.victim.Etc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c.victim.Run("mkdir", "-p", "/run/dbus", "/run/snmp")
	c.startBus()
	c.startSNMP()
	c.configure(c.goodConfig(0))
	c.start(c.victim, ours(t))
	return c
}

// The servers are children of the host's first process: nsenter stops with a
// program that is stopped, and would leave it unburied.
func (c *chaos) startBus() {
	c.victim.Run("sh", "-c", "dbus-daemon --config-file=/etc/keepalived/bus.conf --nofork --nopidfile >/run/bus.log 2>&1 &")
}

func (c *chaos) startSNMP() {
	c.victim.Run("sh", "-c", "SNMP_PERSISTENT_DIR=/run/snmp snmpd -f -Lo -C -c /etc/keepalived/snmpd.conf -I -mteTrigger,mteTriggerConf -p /run/snmpd.pid -m '' >/run/snmpd.log 2>&1 &")
}

// restartServer kills one of the agents' servers and starts it again.
func (c *chaos) restartServer(name string, start func()) {
	c.victim.Try("killall", "-9", "-w", name)
	start()
}

func (c *chaos) tell() {
	c.t.Logf("what was done:\n%s", strings.Join(c.diary, "\n"))
	for _, h := range []*Host{c.victim, c.peer} {
		log, _ := os.ReadFile(filepath.Join(h.Dir, "daemon.log"))
		c.t.Logf("---- log of %s\n%s", h.Name, log)
	}
}

func (c *chaos) goodConfig(n int) string {
	if n == 0 {
		return chaosConfig(150, chaosAgents, "")
	}
	return chaosConfig(150, chaosAgents, fmt.Sprintf(chaosExtra, "eth0"))
}

// configure puts a new file in the place of the old one: half a file is not a
// configuration that anybody means.
func (c *chaos) configure(text string) {
	c.t.Helper()
	path := filepath.Join(c.victim.Etc, "keepalived.conf")
	err := os.WriteFile(path+".new", []byte(text), 0o644)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *chaos) start(h *Host, d Daemon) {
	c.t.Helper()
	h.Start("daemon.log", "env", "TMPDIR=/run/w", d.Path, "--dont-fork", "--log-console", "--log-detail")
	waitFor(c.t, h.Name+" to write its pid file", func() bool { return h.Running("/run/keepalived.pid") })
}

// steady waits until the victim is master alone.
func (c *chaos) steady() {
	c.t.Helper()
	log := filepath.Join(c.victim.Dir, "daemon.log")
	waitFor(c.t, "the victim to be master", func() bool {
		since := time.Now()
		time.Sleep(2 * chaosInterval)
		adverts := c.sw.Frames(since, isV)
		for _, f := range adverts {
			if f.From != "victim eth0" {
				return false
			}
		}
		_, err := os.Stat(log)
		return err == nil && len(adverts) > 0 && c.victim.HasAddress(chaosVIP) && !c.peer.HasAddress(chaosVIP)
	})
	c.victim.calm()
}

// isV tells adverts of the instance that both have.
func isV(f Frame) bool { return isVRID(f, 51) }

func isVRID(f Frame, vrid byte) bool {
	if !f.IsAdvert() {
		return false
	}
	typ, p := f.payload()
	if typ != 0x0800 || p[9] != 112 {
		return false
	}
	vrrp := p[int(p[0]&15)*4:]
	return len(vrrp) > 2 && vrrp[1] == vrid
}

// run does it all.
func (c *chaos) run(actions int) {
	t := c.t
	c.cycle()
	log := func() string {
		text, _ := os.ReadFile(filepath.Join(c.victim.Dir, "daemon.log"))
		return string(text)
	}
	waitFor(t, "the agents", func() bool {
		return strings.Contains(log(), "AgentX subagent connected") && strings.Contains(log(), "Acquired DBus bus org.keepalived.Vrrp1")
	})
	held, state := c.holds(), c.victim.state()
	began := time.Now()
	for range actions {
		c.act()
		time.Sleep(time.Duration(c.random.IntN(600)) * time.Millisecond)
	}
	c.calmDown()
	c.cycle()
	c.checkWire(began)

	// Agents find their servers again when it is their time to look.
	var after chaosHolding
	deadline := time.Now().Add(90 * time.Second)
	for after = c.holds(); !after.sameAs(held) && time.Now().Before(deadline); after = c.holds() {
		time.Sleep(chaosInterval)
	}
	if !slices.Equal(after.processes, held.processes) {
		t.Errorf("processes before %q, after %q", held.processes, after.processes)
	}
	t.Logf("held before %+v, after %+v", held, after)
	for role, was := range held.roles {
		is := after.roles[role]
		if !slices.Equal(is.descriptors, was.descriptors) {
			t.Errorf("%s: descriptors before %q, after %q", role, was.descriptors, is.descriptors)
		}
		if is.threads > was.threads+12 { // the runtime keeps those of calls that blocked
			t.Errorf("%s: %d threads, %d before", role, is.threads, was.threads)
		}
		if is.rss > was.rss+was.rss/2+4<<10 {
			t.Errorf("%s: resident %d KiB, %d before", role, is.rss, was.rss)
		}
	}
	diff := ""
	for range 5 { // a busy machine may time the check out, and the address moves for a moment
		c.steady()
		if diff = Observation(state).Diff(c.victim.state()); diff == "" {
			break
		}
	}
	if diff != "" {
		t.Errorf("kernel state before (\"only keepalived\") and after:\n%s", diff)
	}
}

// chaosActions are what can happen, the likelier ones more often.
var chaosActions = []struct {
	name   string
	weight int
	do     func(*chaos)
}{
	{"kill the VRRP process", 3, func(c *chaos) { c.kill("vrrp", syscall.SIGKILL) }},
	{"crash the VRRP process", 1, func(c *chaos) { c.kill("vrrp", syscall.SIGSEGV) }},
	{"kill the BFD process", 2, func(c *chaos) { c.kill("bfd", syscall.SIGKILL) }},
	{"reload", 4, func(c *chaos) {
		c.good = 1 - c.good
		c.configure(c.goodConfig(c.good))
		c.kill("keepalived", syscall.SIGHUP)
	}},
	{"reload, then again at once", 2, func(c *chaos) {
		for range 3 {
			c.good = 1 - c.good
			c.configure(c.goodConfig(c.good))
			c.kill("keepalived", syscall.SIGHUP)
		}
	}},
	{"reload with an interface that is missing", 2, func(c *chaos) {
		c.configure(chaosConfig(150, chaosAgents, fmt.Sprintf(chaosExtra, "nosuch0")))
		c.kill("keepalived", syscall.SIGHUP)
	}},
	{"reload without the file", 2, func(c *chaos) {
		os.Remove(filepath.Join(c.victim.Etc, "keepalived.conf"))
		c.kill("keepalived", syscall.SIGHUP)
	}},
	{"reload with garbage", 2, func(c *chaos) {
		c.configure(c.goodConfig(c.good) + "\x00\xff}{ \"unterminated\nvrrp_instance {\n")
		c.kill("keepalived", syscall.SIGHUP)
	}},
	{"a signal to the parent", 6, func(c *chaos) { c.kill("keepalived", c.signal()) }},
	{"a signal to the VRRP process", 3, func(c *chaos) { c.kill("vrrp", c.signal()) }},
	{"the FIFO is full", 2, (*chaos).fillFIFO},
	{"the FIFO is read again", 2, (*chaos).drainFIFO},
	{"scripts hang", 2, func(c *chaos) { c.victim.Try("touch", "/run/w/hang") }},
	{"scripts go on", 3, func(c *chaos) { c.victim.Try("rm", "-f", "/run/w/hang") }},
	{"the disk is full", 2, func(c *chaos) { c.victim.Try("sh", "-c", "cat /dev/zero >/run/w/filler 2>/dev/null") }},
	{"the disk has room", 2, func(c *chaos) { c.victim.Try("rm", "-f", "/run/w/filler") }},
	{"dumps are in the way", 1, func(c *chaos) {
		c.victim.Try("sh", "-c", "rm -f /run/w/keepalived*; ln -s /etc/passwd /run/w/keepalived.data; mkdir /run/w/keepalived.json")
	}},
	{"the bus is restarted", 2, func(c *chaos) { c.restartServer("dbus-daemon", c.startBus) }},
	{"snmpd is restarted", 2, func(c *chaos) { c.restartServer("snmpd", c.startSNMP) }},
	{"snmpd hangs", 1, func(c *chaos) { c.victim.Try("killall", "-STOP", "snmpd") }},
	{"snmpd goes on", 2, func(c *chaos) { c.victim.Try("killall", "-CONT", "snmpd") }},
	{"the daemon is restarted", 1, func(c *chaos) { c.restart(syscall.SIGTERM) }},
	{"the parent is killed", 1, func(c *chaos) { c.restart(syscall.SIGKILL) }},
}

func (c *chaos) act() {
	total := 0
	for _, a := range chaosActions {
		total += a.weight
	}
	n := c.random.IntN(total)
	for _, a := range chaosActions {
		if n -= a.weight; n < 0 {
			c.diary = append(c.diary, time.Now().Format("15:04:05.000 ")+a.name)
			a.do(c)
			return
		}
	}
}

// signal is one of those that must never end anything.
func (c *chaos) signal() syscall.Signal {
	list := []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, 36, 63, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGWINCH, 34, 40}
	s := list[c.random.IntN(len(list))]
	c.diary = append(c.diary, fmt.Sprintf("             %d", int(s)))
	return s
}

// kill sends a signal to the process of a pid file; there may be none.
func (c *chaos) kill(name string, s syscall.Signal) {
	c.victim.Try("sh", "-c", fmt.Sprintf("kill -%d $(cat /run/%s.pid)", int(s), name))
}

func (c *chaos) fillFIFO() {
	fd, err := syscall.Open(c.victim.Path("/run/w/fifo"), syscall.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return // between two daemons
	}
	// Its reader stops too.
	c.victim.Try("sh", "-c", "pkill -STOP -x -f 'cat /run/w/fifo'")
	line := make([]byte, 4096)
	for {
		if _, err := syscall.Write(fd, line); err != nil {
			break
		}
	}
	syscall.Close(fd)
}

func (c *chaos) drainFIFO() { c.victim.Try("sh", "-c", "pkill -CONT -x -f 'cat /run/w/fifo'") }

// restart ends the daemon or only its parent, and starts it again when
// everything of it is gone.
func (c *chaos) restart(s syscall.Signal) {
	var before []string
	for _, name := range []string{"keepalived", "vrrp", "bfd"} {
		pid, _ := os.ReadFile(c.victim.Path("/run/" + name + ".pid"))
		before = append(before, strings.TrimSpace(string(pid)))
	}
	c.kill("keepalived", s)
	waitFor(c.t, "the daemon to be gone", func() bool {
		for _, pid := range before {
			stat, err := os.ReadFile(c.victim.Path("/proc/" + pid + "/stat"))
			if pid != "" && err == nil && !strings.Contains(string(stat), ") Z ") {
				return false
			}
		}
		return true
	})
	// Nothing may start without a configuration.
	c.configure(c.goodConfig(c.good))
	c.start(c.victim, ours(c.t))
}

// calmDown mends everything and waits for the processes.
func (c *chaos) calmDown() {
	c.diary = append(c.diary, time.Now().Format("15:04:05.000 ")+"calm down")
	c.drainFIFO()
	c.victim.Try("killall", "-CONT", "snmpd")
	c.victim.Try("sh", "-c", "rm -rf /run/w/filler /run/w/hang /run/w/keepalived*")
	for _, name := range []string{"vrrp", "bfd"} {
		// After many kills the parent waits a minute before it starts another.
		deadline := time.Now().Add(90 * time.Second)
		for !c.victim.Running("/run/" + name + ".pid") {
			if time.Now().After(deadline) {
				c.t.Fatalf("no %s process after 90 s", name)
			}
			time.Sleep(chaosInterval)
		}
	}
}

// cycle reloads with and without the second instance and waits for the
// outcome: what a VMAC needs of the process and the kernel stays until the end.
// The address alone says nothing: a dead process may have left it.
func (c *chaos) cycle() {
	c.t.Helper()
	for n := range 2 {
		c.good = 1 - n
		c.configure(c.goodConfig(c.good))
		c.kill("keepalived", syscall.SIGHUP)
		waitFor(c.t, "W to come or go", func() bool {
			since := time.Now()
			time.Sleep(2 * chaosInterval)
			alive := len(c.sw.Frames(since, func(f Frame) bool { return isVRID(f, 52) })) > 0
			return alive == (c.good == 1) && c.victim.HasAddress("10.9.0.200/24") == (c.good == 1)
		})
	}
	c.steady()
}

// checkWire holds the adverts since began against the rules.
func (c *chaos) checkWire(began time.Time) {
	c.t.Helper()
	type span struct {
		from       string
		start, end time.Time
		open       bool
	}
	var spans []*span
	last := map[string]*span{}
	var previous Frame
	adverts := c.sw.Frames(began, isV)
	slices.SortStableFunc(adverts, func(a, b Frame) int { return a.Time.Compare(b.Time) })
	var longest, widest time.Duration
	for _, f := range adverts {
		if f.Priority() == 0 {
			if s := last[f.From]; s != nil {
				s.open = false
			}
			continue
		}
		if !previous.Time.IsZero() {
			gap := f.Time.Sub(previous.Time)
			longest = max(longest, gap)
			if gap > chaosFailover+chaosSlack {
				c.t.Errorf("no master for %v from %s (%s) to %s (%s)", gap, previous.Time.Format("15:04:05.000"), previous.From, f.Time.Format("15:04:05.000"), f.From)
			}
		}
		previous = f
		s := last[f.From]
		if s == nil || !s.open || f.Time.Sub(s.end) > 2*chaosInterval {
			s = &span{from: f.From, start: f.Time, open: true}
			last[f.From] = s
			spans = append(spans, s)
		}
		s.end = f.Time
	}
	for i, a := range spans {
		for _, b := range spans[i+1:] {
			if a.from == b.from {
				continue
			}
			start, end := a.start, a.end
			if b.start.After(start) {
				start = b.start
			}
			if b.end.Before(end) {
				end = b.end
			}
			widest = max(widest, end.Sub(start))
			if end.Sub(start) > chaosInterval+chaosSlack/2 {
				c.t.Errorf("two masters for %v from %s", end.Sub(start), start.Format("15:04:05.000"))
			}
		}
	}
	changes := len(spans)
	c.t.Logf("%d adverts, %d masterships, longest time without master %v (failover %v), longest with two %v", len(adverts), changes, longest, chaosFailover, widest)
	if len(adverts) < 10 {
		c.t.Errorf("only %d adverts were seen", len(adverts))
	}
}

// chaosHolding is what the victim's processes hold.
type chaosHolding struct {
	roles     map[string]holding
	processes []string
}

func (c *chaos) holds() chaosHolding {
	c.t.Helper()
	h := chaosHolding{roles: map[string]holding{}, processes: c.processes()}
	for _, role := range []string{"keepalived", "vrrp", "bfd"} {
		h.roles[role] = c.victim.holdsOf(role)
	}
	return h
}

// sameAs compares what can be compared exactly.
func (h chaosHolding) sameAs(o chaosHolding) bool {
	same := slices.Equal(h.processes, o.processes)
	for role := range o.roles {
		same = same && slices.Equal(h.roles[role].descriptors, o.roles[role].descriptors)
	}
	return same
}

// processes are the programs that run on the victim, zombies marked.
func (c *chaos) processes() []string {
	c.t.Helper()
	out, err := exec.Command("nsenter", "-t", strconv.Itoa(c.victim.PID()), "-p", "-m", "--", "ps", "-eo", "stat=,comm=").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var list []string
	for _, l := range lines(string(out)) {
		f := strings.Fields(l)
		// The check comes and goes.
		if f[1] == "ps" || f[1] == "script" || f[1] == "nsenter" {
			continue
		}
		if strings.HasPrefix(f[0], "Z") {
			f[1] += " (zombie)"
		}
		list = append(list, f[1])
	}
	slices.Sort(list)
	return list
}
