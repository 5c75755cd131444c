//go:build linux

package nstest

import (
	"fmt"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Veth joins two namespaces:
//
//	┌──────────┐         ┌──────────┐
//	│ a  aName ├─────────┤ bName  b │
//	└──────────┘         └──────────┘
//
// Both ends are up and have a carrier; before that the kernel would drop what
// is sent without a word. IPv6 duplicate address detection is off, so that
// link local addresses can be used at once.
func Veth(t testing.TB, a *NS, aName string, b *NS, bName string) {
	t.Helper()
	// Both ends are born where they belong, so that no name is ever taken in
	// the namespace of the test.
	err := a.nl.LinkAdd(&netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: aName},
		PeerName:      bName,
		PeerNamespace: netlink.NsFd(b.handle),
	})
	if err != nil {
		t.Fatalf("veth %s in %s to %s in %s: %v", aName, a.Name, bName, b.Name, err)
	}
	ends := []struct {
		ns   *NS
		name string
	}{{a, aName}, {b, bName}}
	for _, end := range ends {
		end.ns.Sysctl("ipv6/conf/"+end.name+"/accept_dad", "0")
		end.ns.Up(end.name)
	}
	for _, end := range ends {
		Eventually(t, 10*time.Second, end.ns.Name+": carrier on "+end.name, func() (bool, string) {
			flags := end.ns.Link(end.name).Attrs().RawFlags
			return flags&unix.IFF_RUNNING != 0, fmt.Sprintf("flags %#x", flags)
		})
	}
}

// LAN is a switch with hosts:
//
//	     ┌────────────── PREFIX-sw ──────────────┐
//	     │  br0 (no STP, multicast is flooded)   │
//	     └──┬───────────────┬───────────────┬────┘
//	       p1              p2              p3
//	        │               │               │
//	      eth0            eth0            eth0
//	   PREFIX-1         PREFIX-2        PREFIX-3
//	  10.9.0.1/24     10.9.0.2/24     10.9.0.3/24
//	fd00:9::1/64    fd00:9::2/64    fd00:9::3/64
//
// The switch has no addresses. What is captured on its br0 is what is on the
// wire; its ports can be set down to cut a cable.
type LAN struct {
	Switch *NS
	Hosts  []*NS
}

// NewLAN makes a LAN of n hosts (1..250) in namespaces named PREFIX-sw,
// PREFIX-1, ...
func NewLAN(t testing.TB, prefix string, n int) *LAN {
	t.Helper()
	l := &LAN{Switch: New(t, prefix+"-sw")}
	// IPv6 on the switch would add its own multicast to captures.
	l.Switch.Sysctl("ipv6/conf/default/disable_ipv6", "1")
	off := false
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0"}, MulticastSnooping: &off}
	if err := l.Switch.nl.LinkAdd(bridge); err != nil {
		t.Fatalf("bridge in %s: %v", l.Switch.Name, err)
	}
	l.Switch.Up("br0")
	for i := 1; i <= n; i++ {
		host := New(t, fmt.Sprintf("%s-%d", prefix, i))
		port := Port(i)
		Veth(t, l.Switch, port, host, "eth0")
		if err := l.Switch.nl.LinkSetMaster(l.Switch.Link(port), bridge); err != nil {
			t.Fatalf("%s: %s into br0: %v", l.Switch.Name, port, err)
		}
		host.AddAddress("eth0", fmt.Sprintf("10.9.0.%d/24", i), fmt.Sprintf("fd00:9::%x/64", i))
		l.Hosts = append(l.Hosts, host)
	}
	return l
}

// Port is the name of the port of host number i (from 1) on the switch.
func Port(i int) string { return fmt.Sprintf("p%d", i) }

// Cut sets the port of host number i (from 1) down: the host loses its
// carrier. Join puts it back.
func (l *LAN) Cut(i int)  { l.Switch.Down(Port(i)) }
func (l *LAN) Join(i int) { l.Switch.Up(Port(i)) }
