package vrrprun

import (
	"net/netip"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// TestMade: only what we have put there is recorded, and only as long as it is
// as we have put it there.
func TestMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.objects")
	open := func() *made {
		m := &made{}
		m.open(path, func(err error) { t.Error(err) })
		return m
	}
	m := open()
	address := func(last byte, created, changed uint32) netif.Address {
		return netif.Address{Index: 2, Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 9, 0, last}), 24), Created: created, Changed: changed}
	}
	announce := func(kind netif.ChangeKind, a netif.Address) { m.observe(&netif.Change{Kind: kind, Address: a}) }
	spec := func(last byte) vrrp.AddressSpec {
		return vrrp.AddressSpec{Index: 2, Address: &config.Address{Prefix: address(last, 0, 0).Prefix}}
	}
	machine := newMachine()
	machine.load([]netif.Link{{Index: 2, Name: "eth0"}}, []netif.Address{address(2, 5, 5)})
	announce(netif.AddressAdded, address(1, 10, 10)) // his
	for last := byte(2); last <= 6; last++ {         // 2 is there already
		m.ask(spec(last), machine)
	}
	for last := byte(3); last <= 5; last++ {
		announce(netif.AddressAdded, address(last, 20, 20))
	}
	m.unask(spec(6))
	announce(netif.AddressAdded, address(6, 30, 30)) // he puts it there
	announce(netif.AddressAdded, address(2, 5, 30))  // he changes his own
	announce(netif.AddressAdded, address(3, 20, 20)) // another flag, which the kernel sets
	announce(netif.AddressAdded, address(4, 20, 30)) // he changes ours
	announce(netif.AddressRemoved, address(5, 20, 20))
	want := []string{"address 10.9.0.3/24 - 2 20 20"}
	if got := m.record.Lines(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	// A route of another protocol may have been there before.
	r := newRouting(netif.Names{})
	for _, words := range [][]string{{"to", "10.77.0.0/24", "via", "10.9.0.9"}, {"to", "10.78.0.0/24", "via", "10.9.0.9", "protocol", "4"}} {
		c := &config.Route{Words: words}
		parsed, err := r.route(c)
		if err != nil {
			t.Fatal(err)
		}
		m.record.Add(routeLine(c, parsed))
	}
	// The priority of a rule depends on where it stands.
	for _, words := range [][]string{{"from", "10.77.0.0/24", "table", "100"}, {"from", "10.77.0.0/24", "table", "100", "priority", "7"}} {
		c := &config.Rule{Words: words}
		parsed, err := r.rule(c)
		if err != nil {
			t.Fatal(err)
		}
		m.record.Add(ruleLine(c, parsed))
	}
	m.record.Add(vmacLine("vrrp.51", 7))
	m.record.Add(vmacLine("vrrp.52", 8))
	m.record.Add(vmacLine("vrrp.53", 9))
	m.record.Add(firewallLine("keepalived"))

	// The next process, where vrrp.52 is no VMAC and vrrp.53 another one.
	m = open()
	machine.load([]netif.Link{
		{Index: 2, Name: "eth0"}, {Index: 7, Name: "vrrp.51", Kind: netif.KindMACVLAN},
		{Index: 8, Name: "vrrp.52", Kind: "dummy"}, {Index: 10, Name: "vrrp.53", Kind: netif.KindMACVLAN},
	}, nil)
	his, ours := address(1, 10, 10), address(3, 20, 20)
	ours.Scope, ours.Label = 253, "eth0:1"
	l := m.find(machine, []netif.Address{his, ours})
	if a := l.cfg.StaticAddresses; len(a) != 1 || a[0].Prefix != address(3, 0, 0).Prefix || a[0].Dev != "eth0" || a[0].Scope != config.ScopeLink || a[0].Label != "eth0:1" {
		t.Errorf("addresses %+v", a)
	}
	if len(l.cfg.StaticRoutes) != 1 || len(l.cfg.StaticRules) != 2 || !slices.Equal(l.vmacs, []string{"vrrp.51"}) || !slices.Equal(l.tables, []string{"keepalived"}) {
		t.Errorf("%d routes, %d rules, VMACs %q, tables %q", len(l.cfg.StaticRoutes), len(l.cfg.StaticRules), l.vmacs, l.tables)
	}
	if c := l.cfg.StaticRules[0]; !slices.Equal(c.Words, []string{"from", "10.77.0.0/24", "table", "100"}) || l.priorities[c] != firstRulePriority {
		t.Errorf("rule %q, priority %d", c.Words, l.priorities[c])
	}
	announce(netif.AddressRemoved, address(3, 20, 20))
	m.observe(&netif.Change{Kind: netif.LinkRemoved, Link: netif.Link{Index: 7, Name: "vrrp.51"}})

	// Removed and put back by somebody before the next start.
	m = open()
	if l := m.find(machine, []netif.Address{address(3, 50, 50)}); len(l.cfg.StaticAddresses) != 0 || len(l.cfg.StaticRoutes) != 1 {
		t.Errorf("%+v", l)
	}
}
