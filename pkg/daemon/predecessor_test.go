package daemon

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// leaving has everything that a killed process may leave behind: VMACs with
// the sysctls and firewall tables around them, addresses, a route and a rule.
const leaving = `vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	advert_int 0.1
	use_vmac
	no_accept
	virtual_ipaddress {
		10.9.0.100/24
	}
	virtual_ipaddress_excluded {
		fd00:9::100/64 dev eth0
	}
	virtual_routes {
		10.77.0.0/24 via 10.9.0.9 dev eth0
	}
	virtual_rules {
		from 10.77.0.0/24 lookup 100 priority 1000
	}
}
`

const remaining = `vrrp_instance VI_2 {
	version 3
	interface eth0
	virtual_router_id 52
	advert_int 0.1
	virtual_ipaddress {
		10.9.0.102/24
	}
}
`

// leftNetwork is a network with sysctls that a VMAC changes, and what is to be
// as before in the end.
func leftNetwork(t *testing.T, name string) (ns *nstest.NS, state func() []string) {
	nstest.Require(t, "netns", "nftables")
	ns = newNetwork(t, name)
	ns.Sysctl("ipv4/conf/all/rp_filter", "1")
	ns.Sysctl("ipv4/conf/eth0/rp_filter", "0")
	ns.Sysctl("ipv4/conf/eth0/promote_secondaries", "0")
	return ns, func() []string {
		return strings.Split(ns.Run("sh", "-c", `grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null
			ip -o link; ip -o addr; ip route show table all; ip -6 route show table all; ip rule; nft list ruleset`), "\n")
	}
}

// compare says what is not as before.
func compareState(t *testing.T, before, after []string) {
	t.Helper()
	for _, l := range before {
		if !slices.Contains(after, l) {
			t.Errorf("gone:  %s", l)
		}
	}
	for _, l := range after {
		if !slices.Contains(before, l) {
			t.Errorf("left:  %s", l)
		}
	}
}

// killVRRP kills the VRRP process and waits for the next master.
func (r *trial) killVRRP(masters int) {
	r.t.Helper()
	_ = syscall.Kill(r.pid("v.pid"), syscall.SIGKILL)
	r.awaitN("(VI_1) Entering MASTER STATE", masters)
}

// The VRRP process is killed and started again, which what is static does not
// notice; after the stop everything is as before the start.
func TestKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-left")
	before := state()
	r := newTrial(t, leaving+`static_ipaddress {
			10.8.0.1/24 dev eth0 scope link label eth0:static
			fe80::8/64 dev eth0
		}
		static_routes {
			10.78.0.0/24 via 10.9.0.9 dev eth0
		}
		static_rules {
			from 10.78.0.0/24 lookup 100
		}`).inside(ns)
	monitor := ns.Start("ip", "-o", "monitor", "address", "route", "rule")
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	if got := ns.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" || !r.exists("v.sysctls") {
		t.Fatalf("arp_ignore is %s, record: %v", got, r.exists("v.sysctls"))
	}
	r.killVRRP(2)
	// The virtual address was removed at the second start; what is static was not.
	removed := func(what string) bool {
		return slices.ContainsFunc(strings.Split(monitor.Output(), "\n"), func(l string) bool {
			return strings.Contains(l, "Deleted") && strings.Contains(l, what)
		})
	}
	r.eventually("the virtual address to be removed", func() bool { return removed("10.9.0.100") })
	for _, what := range []string{"10.8.0.1", "fe80::8", "10.78.0.0/24 via", "from 10.78.0.0/24"} {
		if removed(what) {
			t.Errorf("%s was removed at the second start", what)
		}
	}
	if got := ns.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" {
		t.Errorf("arp_ignore of the next process is %s", got)
	}
	r.stop()
	compareState(t, before, state())
	if r.exists("v.sysctls") || r.exists("v.objects") {
		t.Error("a record is still there")
	}
}

// The daemon is stopped while the VRRP process is dead.
func TestStopWhileProcessIsDead(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-leftdead")
	before := state()
	r := newTrial(t, leaving).inside(ns)
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	r.killVRRP(2)
	_ = syscall.Kill(r.pid("v.pid"), syscall.SIGKILL)
	r.awaitN("Respawning", 2)
	r.stop()
	compareState(t, before, state())
	if r.exists("v.sysctls") || r.exists("v.objects") {
		t.Error("a record is still there")
	}
	if strings.Contains(r.text()[strings.LastIndex(r.text(), "Respawning"):], "Entering") {
		t.Error("the process that clears up takes part in elections")
	}
}

// The whole daemon is killed, and the next one has another configuration. An
// address that the operator has put there since, or taken over, is his.
func TestKilledDaemonLeavesNothing(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-leftall")
	before := state()
	r := newTrial(t, strings.Replace(leaving, "10.9.0.100/24", "10.9.0.100/24\n10.9.0.104/24 dev eth0\n10.9.0.105/24 dev eth0", 1)+`
		static_ipaddress {
			10.8.0.1/24 dev eth0
		}`).inside(ns)
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	r.eventually("the objects to be recorded", func() bool {
		return r.exists("v.objects") && strings.Contains(r.read("v.objects"), "10.77.0.0/24") && strings.Contains(r.read("v.objects"), "fd00:9::100/64")
	})
	vrrp := r.pid("v.pid")
	// Stopped first, it cannot notice that the parent has gone.
	_ = syscall.Kill(vrrp, syscall.SIGSTOP)
	r.signal(syscall.SIGKILL)
	<-r.ended
	_ = syscall.Kill(vrrp, syscall.SIGKILL)
	r.eventually("the VRRP process to be gone", func() bool { return gone(vrrp) })

	ns.Run("ip", "addr", "del", "10.9.0.104/24", "dev", "eth0")
	time.Sleep(20 * time.Millisecond) // the kernel counts in hundredths of a second
	ns.Run("ip", "addr", "add", "10.9.0.104/24", "dev", "eth0")
	ns.Run("ip", "addr", "replace", "10.9.0.105/24", "dev", "eth0")
	next := &trial{t: t, dir: r.dir, conf: r.conf, argv0: r.argv0, program: r.program}
	next.configure(remaining)
	next.inside(ns)
	next.awaitN("(VI_2) Entering MASTER STATE", 1)
	next.stop()
	var his []string
	after := slices.DeleteFunc(state(), func(l string) bool {
		for _, a := range []string{"10.9.0.104", "10.9.0.105"} {
			if strings.Contains(l, a) {
				his = append(his, l)
				return true
			}
		}
		return false
	})
	compareState(t, before, after)
	for _, a := range []string{"inet 10.9.0.104/24", "inet 10.9.0.105/24"} {
		if !slices.ContainsFunc(his, func(l string) bool { return strings.Contains(l, a) }) {
			t.Errorf("the operator's address has gone: %s", a)
		}
	}
	for _, record := range []string{"v.sysctls", "v.objects"} {
		if r.exists(record) {
			t.Errorf("%s is still there", record)
		}
	}
}

// An instance is taken out of the configuration while the VRRP process is
// dead: nothing of it stays.
func TestInstanceRemovedWhileItsProcessIsDead(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-leftinst")
	before := state()
	r := newTrial(t, leaving+remaining).inside(ns)
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	r.killVRRP(2)
	// After its second death it is started again only after a second.
	_ = syscall.Kill(r.pid("v.pid"), syscall.SIGKILL)
	r.awaitN("Respawning", 2)
	r.configure(remaining)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	r.awaitN("(VI_2) Entering MASTER STATE", 3)
	for _, l := range state() {
		for _, what := range []string{"vrrp.51", "10.9.0.100", "fd00:9::100", "10.77.0.0", "lookup 100", "table ip"} {
			if strings.Contains(l, what) {
				t.Errorf("left: %s", l)
			}
		}
	}
	r.stop()
	compareState(t, before, state())
}
