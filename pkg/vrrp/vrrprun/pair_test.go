//go:build linux

package vrrprun

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// Two engines on one LAN: the better one becomes master, the other takes over
// when the first is cut off, gives the address back when it returns, and takes
// over at once when the first stops.
func TestTwoRouters(t *testing.T) {
	t.Parallel()
	lan := nstest.NewLAN(t, "gkrun-two", 2)
	instance := func(priority uint8) *config.Config {
		v := fast(newInstance("V1", 51, "10.9.0.100/24"))
		v.Priority = priority
		return newConfig(v)
	}
	const vip = "10.9.0.100/24"
	a := startRouter(t, lan.Hosts[0], instance(200))
	b := startRouter(t, lan.Hosts[1], instance(100))
	waitHolder(t, lan.Hosts, vip, a.ns, 5*time.Second)
	b.waitState("V1", event.Backup, time.Second)

	lan.Cut(1)
	waitHolder(t, lan.Hosts, vip, b.ns, 5*time.Second)
	a.waitLog("Netlink reports eth0 down", time.Second)
	lan.Join(1)
	waitHolder(t, lan.Hosts, vip, a.ns, 10*time.Second)

	start := time.Now()
	a.stop()
	waitHolder(t, lan.Hosts, vip, b.ns, 5*time.Second)
	// The advert with priority 0 leaves at once: b waits only its skew time,
	// (256-100)*100ms/256 = 61 ms.
	if took := time.Since(start); took < time.Second {
		t.Errorf("stop took %v, without the second for leaving the group", took)
	}
	if got, want := a.rec.states("V1"), []event.State{event.Backup, event.Master, event.Fault, event.Backup, event.Master, event.Stop}; !reflect.DeepEqual(got, want) {
		t.Errorf("%s was told %v, want %v", a.ns.Name, got, want)
	}
	b.stop()
	if have := holders(lan.Hosts, "eth0", vip); have != nil {
		t.Errorf("after both stopped %v have the address", have)
	}
}

// What a dead engine left behind is removed at the next start.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	n := nstest.New(t, "gkrun-left")
	peer := nstest.New(t, "gkrun-left2")
	nstest.Veth(t, n, "eth0", peer, "eth0")
	n.AddAddress("eth0", "10.9.0.1/24", "10.9.0.100/24", "10.9.0.50/24")
	v := newInstance("V1", 51, "10.9.0.100/24")
	r := startRouter(t, n, newConfig(v))
	if n.HasAddress("eth0", "10.9.0.100/24") {
		t.Error("the virtual address is still there in BACKUP")
	}
	if !n.HasAddress("eth0", "10.9.0.50/24") {
		t.Error("a foreign address was removed")
	}
	if s := r.engine.Snapshot().Instances[0]; s.Source != netip.MustParseAddr("10.9.0.1") {
		t.Errorf("source %v", s.Source)
	}
}
