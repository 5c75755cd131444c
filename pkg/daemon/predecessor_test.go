package daemon

import (
	"slices"
	"strings"
	"syscall"
	"testing"

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

// The VRRP process is killed and started again; after the stop everything is
// as before the start.
func TestKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-left")
	before := state()
	r := newTrial(t, leaving).inside(ns)
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	if got := ns.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" || !r.exists("v.sysctls") {
		t.Fatalf("arp_ignore is %s, record: %v", got, r.exists("v.sysctls"))
	}
	r.killVRRP(2)
	if got := ns.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" {
		t.Errorf("arp_ignore of the next process is %s", got)
	}
	r.stop()
	compareState(t, before, state())
	if r.exists("v.sysctls") {
		t.Error("the record is still there")
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
	if strings.Contains(r.text()[strings.LastIndex(r.text(), "Respawning"):], "Entering") {
		t.Error("the process that clears up takes part in elections")
	}
}

// The whole daemon is killed, and the next one has another configuration.
func TestKilledDaemonLeavesNoSysctls(t *testing.T) {
	t.Parallel()
	ns, state := leftNetwork(t, "gkdmn-leftall")
	before := state()
	r := newTrial(t, leaving).inside(ns)
	r.awaitN("(VI_1) Entering MASTER STATE", 1)
	vrrp := r.pid("v.pid")
	// Stopped first, it cannot notice that the parent has gone.
	_ = syscall.Kill(vrrp, syscall.SIGSTOP)
	r.signal(syscall.SIGKILL)
	<-r.ended
	_ = syscall.Kill(vrrp, syscall.SIGKILL)
	r.eventually("the VRRP process to be gone", func() bool { return gone(vrrp) })

	next := &trial{t: t, dir: r.dir, conf: r.conf, argv0: r.argv0, program: r.program}
	next.configure(remaining)
	next.inside(ns)
	next.awaitN("(VI_2) Entering MASTER STATE", 1)
	sysctls := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(l string) bool {
			return !strings.HasPrefix(l, "/proc/") || strings.Contains(l, "/vrrp.51/")
		})
	}
	compareState(t, sysctls(before), sysctls(state()))
	next.stop()
	compareState(t, sysctls(before), sysctls(state()))
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
		for _, what := range []string{"vrrp.51", "10.9.0.100", "10.77.0.0", "lookup 100", "table ip"} {
			if strings.Contains(l, what) {
				t.Errorf("left: %s", l)
			}
		}
	}
	r.stop()
	compareState(t, before, state())
}
