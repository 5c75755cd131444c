//go:build linux

package vrrprun

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// alone is one host on a switch that nobody else is on:
//
//	PREFIX-1 eth0 10.9.0.1, fd00:9::1 ── p1 br0 PREFIX-sw
func alone(t *testing.T, prefix string) (*nstest.NS, *nstest.LAN) {
	lan := nstest.NewLAN(t, prefix, 1)
	return lan.Hosts[0], lan
}

func TestMissingInterface(t *testing.T) {
	t.Parallel()
	n := nstest.New(t, "gkrun-noif")
	v := newInstance("V1", 51, "10.9.0.100/24")
	v.Interface = "eth9"
	r := newRouter(t, n, newConfig(v))
	r.run()
	r.wait()
	if !errors.Is(r.err, ErrConfig) {
		t.Errorf("ended with %v", r.err)
	}
	want := "WARNING - interface eth9 for vrrp_instance V1 doesn't exist\nNon-existent interface specified in configuration"
	if got := r.rec.log(); !strings.Contains(got, want) {
		t.Errorf("log:\n%s", got)
	}
	if err := r.engine.Reload(newConfig(v)); err == nil {
		t.Error("an engine that has ended was reloaded")
	}
	_ = r.engine.Snapshot() // answers all the same
}

// With dynamic_interfaces the interface may come, go and come again.
func TestDynamicInterface(t *testing.T) {
	t.Parallel()
	n := nstest.New(t, "gkrun-dyn")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.Global.VRRP.DynamicInterfaces = true
	r := startRouter(t, n, cfg)
	r.waitState("V1", event.Fault, time.Second)
	for range 2 {
		n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
		n.Up("eth0", "eth1")
		n.AddAddress("eth0", "10.9.0.1/24")
		n.WaitAddress("eth0", "10.9.0.100/24", true, 30*time.Second)
		n.Run("ip", "link", "del", "eth0")
		r.waitState("V1", event.Fault, 5*time.Second)
	}
	r.waitLog("Interface eth0 deleted", time.Second)
}

// An interface that is renamed under a master is lost; with its old name it is
// found again, and an instance on the new name does not mistake it.
func TestInterfaceRenamed(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-name")
	r := startRouter(t, n, newConfig(fast(newInstance("V1", 51, "10.9.0.100/24"))))
	for _, how := range []string{"ip link set $0 down; ", ""} {
		r.waitState("V1", event.Master, 10*time.Second)
		n.WaitAddress("eth0", "10.9.0.100/24", true, 30*time.Second)
		// Kernels before 6.2 rename only what is down.
		const rename = "ip link set $0 name $1 2>/dev/null || { ip link set $0 down; ip link set $0 name $1; }; ip link set $1 up"
		n.Run("sh", "-c", how+rename, "eth0", "wan0")
		r.waitState("V1", event.Fault, 10*time.Second)
		n.WaitAddress("wan0", "10.9.0.100/24", false, 30*time.Second)
		n.Run("sh", "-c", how+rename, "wan0", "eth0")
	}
	r.waitState("V1", event.Master, 10*time.Second)
	r.waitLog("Interface eth0 deleted", time.Second)
	r.stop()
	if n.HasAddress("eth0", "10.9.0.100/24") {
		t.Error("the address was left")
	}
}

// What somebody removes comes back by a re-election, or at once for static
// items.
func TestRemovedByOthers(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-rem")
	v := fast(newInstance("V1", 51, "10.9.0.100/24"))
	v.Routes = []*config.Route{{Words: strings.Fields("10.50.0.0/24 dev eth0")}}
	v.Rules = []*config.Rule{{Words: strings.Fields("from 10.50.0.0/24 table 77 preference 50")}}
	cfg := newConfig(v)
	cfg.StaticAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.9.1/24"), Dev: "eth0"}}
	cfg.StaticRoutes = []*config.Route{{Words: strings.Fields("10.60.0.0/24 dev eth0")}}
	cfg.StaticRules = []*config.Rule{{Words: strings.Fields("from 10.60.0.0/24 table 78 preference 60")}}
	wire := lan.Switch.Capture("br0")
	r := startRouter(t, n, cfg)

	routing := func() string {
		return n.Run("ip", "route", "show", "proto", "18") + n.Run("ip", "rule", "show")
	}
	has := func(text string) func() (bool, string) {
		return func() (bool, string) { s := routing(); return strings.Contains(s, text), s }
	}
	for _, text := range []string{"10.50.0.0/24 dev eth0", "10.60.0.0/24 dev eth0", "from 10.50.0.0/24 lookup 77", "from 10.60.0.0/24 lookup 78"} {
		nstest.Eventually(t, 30*time.Second, text, has(text))
	}
	if !n.HasAddress("eth0", "10.9.9.1/24") {
		t.Error("no static address")
	}
	r.waitState("V1", event.Master, time.Second)

	for _, c := range []struct {
		name    string
		command []string
		back    func() (bool, string)
		again   bool // by becoming master again
	}{
		{"virtual address", []string{"ip", "addr", "del", "10.9.0.100/24", "dev", "eth0"},
			func() (bool, string) { return n.HasAddress("eth0", "10.9.0.100/24"), "gone" }, true},
		{"virtual route", []string{"ip", "route", "del", "10.50.0.0/24"}, has("10.50.0.0/24 dev eth0"), true},
		{"virtual rule", []string{"ip", "rule", "del", "preference", "50"}, has("from 10.50.0.0/24 lookup 77"), true},
		{"static address", []string{"ip", "addr", "del", "10.9.9.1/24", "dev", "eth0"},
			func() (bool, string) { return n.HasAddress("eth0", "10.9.9.1/24"), "gone" }, false},
		{"static route", []string{"ip", "route", "del", "10.60.0.0/24"}, has("10.60.0.0/24 dev eth0"), false},
		{"static rule", []string{"ip", "rule", "del", "preference", "60"}, has("from 10.60.0.0/24 lookup 78"), false},
	} {
		masters := func() int {
			return len(slices.DeleteFunc(r.rec.states("V1"), func(s event.State) bool { return s != event.Master }))
		}
		before, sent := masters(), len(adverts(wire))
		n.Run(c.command...)
		nstest.Eventually(t, 30*time.Second, c.name+" back", func() (bool, string) {
			ok, seen := c.back()
			return ok && (masters() > before) == c.again, fmt.Sprintf("%d times master: %s", masters(), seen)
		})
		nstest.Eventually(t, time.Second, fmt.Sprintf("%s: advert of priority 0: %t", c.name, c.again), func() (bool, string) {
			zero := slices.ContainsFunc(adverts(wire)[sent:], func(a advert) bool { return a.priority == 0 })
			return zero == c.again, fmt.Sprint(zero)
		})
	}
	r.stop()
	if left := n.Run("ip", "route", "show", "proto", "18"); left != "" {
		t.Errorf("routes left: %s", left)
	}
	if left := n.Run("ip", "rule", "show"); strings.Contains(left, "lookup 7") {
		t.Errorf("rules left: %s", left)
	}
	if n.HasAddress("eth0", "10.9.9.1/24") || n.HasAddress("eth0", "10.9.0.100/24") {
		t.Errorf("addresses left: %v", n.Addresses("eth0"))
	}
}

// IPv4 routes vanish without an announcement when their link goes down.
func TestRoutesAfterLinkDown(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-rld")
	n.Run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "eth8")
	n.Up("eth7", "eth8")
	n.AddAddress("eth7", "10.7.0.1/24")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.StaticRoutes = []*config.Route{{Words: strings.Fields("10.60.0.0/24 via 10.7.0.2 dev eth7")}}
	startRouter(t, n, cfg)
	_ = lan
	has := func() (bool, string) {
		s := n.Run("ip", "route", "show", "proto", "18")
		return strings.Contains(s, "10.60.0.0/24"), s
	}
	if ok, s := has(); !ok {
		t.Fatalf("no static route: %s", s)
	}
	n.Down("eth7")
	if ok, s := has(); ok {
		t.Fatalf("the kernel kept the route: %s", s)
	}
	n.Up("eth7")
	nstest.Eventually(t, 30*time.Second, "static route back", has)
}

// A master announces every address, in rounds, before anybody learns of it.
func TestAnnouncementsOnTheWire(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-garp")
	wire := lan.Switch.Capture("br0")
	v := fast(newInstance("V1", 51, "10.9.0.100/24", "10.9.0.101/24"))
	v.ExcludedAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("fd00:9::64/64")}}
	v.GARP.MasterRepeat, v.GARP.MasterDelay = 2, 0
	startRouter(t, n, newConfig(v)).waitState("V1", event.Master, 5*time.Second)
	round := []string{"10.9.0.100", "10.9.0.101", "fd00:9::64"}
	want := append(slices.Clone(round), round...)
	nstest.Eventually(t, 30*time.Second, fmt.Sprint("announced ", want), func() (bool, string) {
		got := announced(t, wire)
		return slices.Equal(got, want), fmt.Sprint(got)
	})
}

// announced are the addresses of gratuitous ARPs and neighbour advertisements,
// in order. The kernel's own for a link-local address are left out.
func announced(t *testing.T, wire *nstest.Capture) (got []string) {
	t.Helper()
	advertised := false
	for _, f := range wire.Frames() {
		switch ip, isV6 := f.IPv6(); {
		case f.EtherType() == 0x806 && f.Data[21] == 1 && slices.Equal(f.Data[28:32], f.Data[38:42]):
			if len(f.Data) != 42 {
				t.Errorf("ARP of %d bytes", len(f.Data))
			}
			got = append(got, netip.AddrFrom4([4]byte(f.Data[28:32])).String())
		case isV6 && ip[6] == 58 && ip[40] == 136:
			if target := netip.AddrFrom16([16]byte(ip[48:64])); !target.IsLinkLocalUnicast() {
				got = append(got, target.String())
			}
		default:
			if _, ok := parseAdvert(f); ok {
				advertised = true
			}
		}
		if len(got) > 0 && !advertised {
			t.Fatal("announced before the first advert")
		}
	}
	return got
}

// A reload keeps the state and the sockets of what stays, and loses nothing.
func TestReload(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-rel")
	wire := lan.Switch.Capture("br0")
	instance := func(priority uint8, vips ...string) *config.VRRPInstance {
		v := fast(newInstance("V1", 51, vips...))
		v.Priority = priority
		return v
	}
	r := startRouter(t, n, newConfig(instance(100, "10.9.0.100/24", "10.9.0.101/24")))
	r.waitState("V1", event.Master, 5*time.Second)
	descriptors := func() (out []int) {
		r.engine.call(func() {
			for _, p := range r.engine.sockets {
				out = append(out, p.receive, p.send)
			}
		})
		return out
	}
	before := descriptors()
	other := fast(newInstance("V2", 52, "10.9.0.200/24"))
	if err := r.engine.Reload(newConfig(instance(120, "10.9.0.101/24", "10.9.0.102/24"), other)); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{"10.9.0.100/24": false, "10.9.0.101/24": true, "10.9.0.102/24": true} {
		if n.HasAddress("eth0", address) != want {
			t.Errorf("%s: present %t", address, !want)
		}
	}
	if after := descriptors(); !slices.Equal(before, after) {
		t.Errorf("sockets %v became %v", before, after)
	}
	n.WaitAddress("eth0", "10.9.0.200/24", true, 30*time.Second)
	if got := r.rec.states("V1"); !slices.Equal(got, []event.State{event.Backup, event.Master}) {
		t.Errorf("states %v", got)
	}
	all := adverts(wire)
	if last := all[len(all)-1]; last.priority == 0 {
		t.Errorf("an advert of priority 0 among %d", len(all))
	}

	missing := instance(120, "10.9.0.101/24")
	missing.Interface = "eth9"
	if err := r.engine.Reload(newConfig(missing)); !errors.Is(err, ErrConfig) {
		t.Errorf("reload with a missing interface: %v", err)
	}
	r.waitState("V1", event.Master, time.Second)
	if err := r.engine.Reload(newConfig(other)); err != nil {
		t.Fatal(err)
	}
	if n.HasAddress("eth0", "10.9.0.101/24") {
		t.Error("addresses of a removed instance stayed")
	}
	nstest.Eventually(t, 30*time.Second, "one advert of priority 0 from the removed instance", func() (bool, string) {
		zeros := slices.DeleteFunc(adverts(wire), func(a advert) bool { return a.priority != 0 || a.payload[1] != 51 })
		return len(zeros) == 1, fmt.Sprint(len(zeros))
	})
}

// When the monitor loses messages everything is read again: nothing is missed.
func TestMonitorOverrun(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-over")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.Global.VRRP.NetlinkMonitorRcvBuf = 1
	r := startRouter(t, n, cfg)
	r.waitState("V1", event.Master, 5*time.Second)
	// The loop is held while more happens than the buffer takes.
	held, release := make(chan struct{}), make(chan struct{})
	go r.engine.call(func() { close(held); <-release })
	<-held
	var batch strings.Builder
	for i := range 200 {
		fmt.Fprintf(&batch, "addr add 10.9.1.%d/32 dev lo\n", i)
	}
	batch.WriteString("addr del 10.9.0.100/24 dev eth0\n")
	cmd := n.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(batch.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	close(release)
	r.waitLog(logOverrun, 5*time.Second)
	// The lost removal is found: the address comes back.
	n.WaitAddress("eth0", "10.9.0.100/24", true, 30*time.Second)
}

// --dont-release-vrrp leaves what a master holds.
func TestDontRelease(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-keep")
	wire := lan.Switch.Capture("br0")
	r := startRouter(t, n, newConfig(fast(newInstance("V1", 51, "10.9.0.100/24"))), func(o *Options) { o.DontRelease = true })
	r.waitState("V1", event.Master, 5*time.Second)
	r.stop()
	if !n.HasAddress("eth0", "10.9.0.100/24") {
		t.Error("the address was removed")
	}
	if slices.ContainsFunc(adverts(wire), func(a advert) bool { return a.priority == 0 }) {
		t.Error("an advert of priority 0 was sent")
	}
}

// Requests from other goroutines while the engine runs, stops and is gone.
func TestRequestsAtAnyTime(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-req")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	r := startRouter(t, n, cfg)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			_ = r.engine.Snapshot()
			r.engine.Post(vrrp.ClearStats{})
			_ = r.engine.Reload(cfg) // fails once the engine has stopped
		}
	}()
	r.stop()
	<-done
}

// A virtual interface is announced reliably: it is left out of the polling, and
// the log says so; the interface below it is polled.
func TestLinkbeatLeavesVMACOut(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-mvlan")
	n.Run("ip", "link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "private")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.LinkbeatInterfaces = []*config.LinkbeatInterface{{Interface: "mv0"}, {Interface: "eth0"}}
	r := startRouter(t, n, cfg)
	r.waitLog("Interface mv0 is a macvlan and needs no linkbeat polling", 5*time.Second)
	nstest.Eventually(t, 30*time.Second, "the state of the polled interfaces", func() (bool, string) {
		var polled []string
		r.engine.call(func() { polled = slices.Sorted(maps.Keys(r.engine.machine.linkbeat)) })
		return slices.Equal(polled, []string{"eth0"}), fmt.Sprint(polled)
	})
}
