package vrrprun

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

const (
	up      = 0x1
	running = 0x40
)

func TestMachineTellsOnlyDifferences(t *testing.T) {
	eth0 := netif.Link{Index: 2, Name: "eth0", Flags: up, MTU: 1500, MAC: []byte{2, 0, 0, 0, 0, 1}}
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	address := netif.Address{Index: 2, Prefix: netip.MustParsePrefix("10.9.0.1/24")}
	slow := netif.Address{Index: 2, Prefix: netip.MustParsePrefix("fd00::1/64"), Flags: netif.FlagTentative}

	m := newMachine()
	m.load([]netif.Link{eth0}, []netif.Address{address, {Index: 99, Prefix: address.Prefix}})
	want := []vrrp.Interface{{Name: "eth0", Index: 2, Up: true, MTU: 1500, MAC: mac, HardwareLen: 6,
		Addresses: []vrrp.InterfaceAddress{{Prefix: address.Prefix}}}}
	if got := m.list(); !reflect.DeepEqual(got, want) {
		t.Fatalf("list %+v", got)
	}

	withFlags := func(l netif.Link, flags uint32) netif.Link { l.Flags = flags; return l }
	named := func(l netif.Link, name string) netif.Link { l.Name = name; return l }
	usable := slow
	usable.Flags = 0
	fresh := slow
	fresh.Lifetimes, fresh.Preferred = true, 100
	runningEth0 := vrrp.Interface{Name: "eth0", Index: 2, Up: true, Running: true, MTU: 1500, MAC: mac, HardwareLen: 6}
	renamed := runningEth0
	renamed.Name, renamed.Addresses = "wan0", []vrrp.InterfaceAddress{{Prefix: address.Prefix}}
	for _, c := range []struct {
		name   string
		change netif.Change
		want   vrrp.Event
	}{
		{"the same again", netif.Change{Kind: netif.LinkChanged, Link: eth0}, nil},
		{"carrier", netif.Change{Kind: netif.LinkChanged, Link: withFlags(eth0, up|running)},
			vrrp.InterfaceChanged{Interface: runningEth0}},
		{"a flag of no interest", netif.Change{Kind: netif.LinkChanged, Link: withFlags(eth0, up|running|0x10000)}, nil},
		{"renamed", netif.Change{Kind: netif.LinkChanged, Link: named(withFlags(eth0, up|running), "wan0")},
			vrrp.InterfaceChanged{Interface: renamed}},
		{"address known", netif.Change{Kind: netif.AddressAdded, Address: address}, nil},
		{"address tentative", netif.Change{Kind: netif.AddressAdded, Address: slow},
			vrrp.AddressAdded{Index: 2, Address: vrrp.InterfaceAddress{Prefix: slow.Prefix, Tentative: true}}},
		{"still tentative", netif.Change{Kind: netif.AddressAdded, Address: fresh}, nil},
		{"usable", netif.Change{Kind: netif.AddressAdded, Address: usable},
			vrrp.AddressAdded{Index: 2, Address: vrrp.InterfaceAddress{Prefix: slow.Prefix}}},
		{"address of nobody", netif.Change{Kind: netif.AddressAdded, Address: netif.Address{Index: 99, Prefix: slow.Prefix}}, nil},
		{"removed", netif.Change{Kind: netif.AddressRemoved, Address: usable},
			vrrp.AddressRemoved{Index: 2, Prefix: slow.Prefix}},
		{"removed twice", netif.Change{Kind: netif.AddressRemoved, Address: usable}, nil},
		{"interface gone", netif.Change{Kind: netif.LinkRemoved, Link: eth0}, vrrp.InterfaceRemoved{Index: 2}},
		{"gone twice", netif.Change{Kind: netif.LinkRemoved, Link: eth0}, nil},
		{"address of a vanished interface", netif.Change{Kind: netif.AddressRemoved, Address: address}, nil},
	} {
		if got := m.apply(c.change); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", c.name, got, c.want)
		}
	}
}

func TestMachineVRFAndVMAC(t *testing.T) {
	m := newMachine()
	m.load([]netif.Link{
		{Index: 5, Name: "red", Kind: netif.KindVRF},
		{Index: 6, Name: "br0", Kind: "bridge"},
		{Index: 2, Name: "eth0", Master: 5, MAC: make([]byte, 20)},
		{Index: 3, Name: "eth1", Master: 6},
		{Index: 7, Name: "vrrp.1", Kind: netif.KindMACVLAN, Mode: netif.MACVLANPrivate, Parent: 2},
	}, nil)
	want := []vrrp.Interface{
		{Index: 2, Name: "eth0", VRF: "red", HardwareLen: 20},
		{Index: 3, Name: "eth1"},
		{Index: 5, Name: "red", Kind: "vrf"},
		{Index: 6, Name: "br0", Kind: "bridge"},
		{Index: 7, Name: "vrrp.1", Kind: "macvlan", Private: true, BaseIndex: 2},
	}
	if got := m.list(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if m.named("eth1") != m.link(3) || m.named("eth9") != nil || m.link(9) != nil {
		t.Error("look-ups disagree")
	}
}

func TestMachineLinkbeat(t *testing.T) {
	m := newMachine()
	m.linkbeat["eth0"] = false
	m.load([]netif.Link{{Index: 2, Name: "eth0", Flags: up | running}}, nil)
	if i := m.list()[0]; i.Running || !i.Linkbeat {
		t.Errorf("polled down: %+v", i)
	}
}
