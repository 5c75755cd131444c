//go:build linux

package netif

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"golang.org/x/sys/unix"
)

func vmacNamespace(t *testing.T, name string) (*nstest.NS, *Kernel, *Link) {
	t.Helper()
	n := nstest.New(t, name)
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Run("ip", "link", "set", "eth0", "group", "5")
	n.Up("eth0", "eth1")
	k := openIn(t, n)
	base, err := k.LinkByName("eth0")
	if err != nil || base == nil {
		t.Fatalf("eth0: %v, %v", base, err)
	}
	return n, k, base
}

func TestEnsureVMAC(t *testing.T) {
	n, k, base := vmacNamespace(t, "gknet-vmac")
	sysctls := NewSysctls()
	ensure := func(want *VMAC) (link *Link, plan VMACPlan) {
		t.Helper()
		n.Do(func() {
			var err error
			if link, plan, err = k.EnsureVMAC(want, sysctls); err != nil {
				t.Fatal(err)
			}
		})
		return link, plan
	}

	four := &VMAC{Name: "vrrp.51", Base: base, MAC: []byte{0, 0, 0x5e, 0, 1, 51}, Group: base.Group,
		NoIPv6: true, Sysctls: VMACSettings(true)}
	link, plan := ensure(four)
	if !plan.Create || link.Kind != KindMACVLAN || link.Mode != MACVLANPrivate || link.Parent != base.Index ||
		!reflect.DeepEqual(link.MAC, four.MAC) || !link.Up() || link.Group != 5 {
		t.Errorf("%+v, %+v", plan, link)
	}
	if got := n.Addresses("vrrp.51"); len(got) != 0 {
		t.Errorf("addresses came by themselves: %v", got)
	}
	for path, want := range map[string]string{
		"ipv4/conf/vrrp.51/arp_ignore":          "1",
		"ipv4/conf/vrrp.51/accept_local":        "1",
		"ipv4/conf/vrrp.51/rp_filter":           "0",
		"ipv4/conf/vrrp.51/promote_secondaries": "1",
		"ipv6/conf/vrrp.51/disable_ipv6":        "1",
		"ipv6/conf/vrrp.51/addr_gen_mode":       "1",
	} {
		if got := n.ReadSysctl(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	again, plan := ensure(four)
	if !plan.FoundFitting || plan.Create || again.Index != link.Index {
		t.Errorf("second time: %+v", plan)
	}
	n.Run("ip", "link", "set", "vrrp.51", "address", "02:00:00:00:00:07")
	again, plan = ensure(four)
	if !plan.SetMAC || again.Index != link.Index || !reflect.DeepEqual(again.MAC, four.MAC) {
		t.Errorf("wrong MAC: %+v, %+v", plan, again)
	}

	six := &VMAC{Name: "vrrp.52", Base: base, MAC: []byte{0, 0, 0x5e, 0, 2, 52}, Group: 9,
		Sysctls: VMACSettings(false), Addresses: []Address{LinkLocalOf(addr("fe80::77"))}}
	n.Run("ip", "link", "add", "vrrp.52", "type", "veth", "peer", "name", "other")
	link, plan = ensure(six)
	if !plan.Replace || link.Group != 9 {
		t.Errorf("what was in the way: %+v, %+v", plan, link)
	}
	want := ipAddress{Family: "inet6", Local: "fe80::77", PrefixLen: 64, Scope: "link", Deprecated: true, NoDAD: true, ValidLife: Forever}
	if got := ipAddresses(t, n, "vrrp.52"); len(got) != 1 || got[0] != want {
		t.Errorf("addresses %+v", got)
	}
	// In a later run the base interface has another link-local address; virtual
	// addresses are not touched.
	n.AddAddress("vrrp.52", "fd00:9::100/64", "fe80::64/128")
	six.Addresses, six.TakeOver = []Address{LinkLocalOf(addr("fe80::78"))}, true
	ensure(six)
	have := map[string]bool{}
	for _, a := range n.Addresses("vrrp.52") {
		have[a.String()] = true
	}
	if want := map[string]bool{"fe80::78/64": true, "fd00:9::100/64": true, "fe80::64/128": true}; !reflect.DeepEqual(have, want) {
		t.Errorf("after the change: %v", have)
	}
	for _, name := range []string{"vrrp.51", "vrrp.52"} {
		if err := k.DeleteLink(n.Link(name).Attrs().Index); err != nil {
			t.Error(err)
		}
	}
	if err := k.DeleteLink(link.Index); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
	if gone, err := k.LinkByName("vrrp.52"); gone != nil || err != nil {
		t.Errorf("still there: %+v, %v", gone, err)
	}
	n.Do(func() {
		nowhere := *six
		nowhere.Base = &Link{Index: 4711}
		if _, _, err := k.EnsureVMAC(&nowhere, sysctls); !errors.Is(err, unix.ENODEV) {
			t.Errorf("without a base: %v", err)
		}
	})
}

// ipvlan is a module that many kernels do not have.
func TestEnsureIPVLAN(t *testing.T) {
	n, k, base := vmacNamespace(t, "gknet-ipvl")
	if _, err := n.Try("ip", "link", "add", "link", "eth0", "name", "probe", "type", "ipvlan", "mode", "l2"); err != nil {
		nstest.Missing(t, "ipvlan", err)
	}
	n.Run("ip", "link", "del", "probe")
	n.Do(func() {
		want := &VMAC{Name: "vrrp.51", Base: base, IPVLAN: true, IPVLANFlags: IPVLANPrivate, Group: 5}
		link, plan, err := k.EnsureVMAC(want, NewSysctls())
		if err != nil || !plan.Create || link.Kind != KindIPVLAN || link.IPVLANFlags != IPVLANPrivate || !link.Up() {
			t.Fatalf("%+v, %+v, %v", plan, link, err)
		}
		want.IPVLANFlags = IPVLANVEPA
		link, plan, err = k.EnsureVMAC(want, NewSysctls())
		if err != nil || !plan.SetFlags || plan.Create || link.IPVLANFlags != IPVLANVEPA {
			t.Errorf("other flags: %+v, %+v, %v", plan, link, err)
		}
	})
}

func TestBaseSysctls(t *testing.T) {
	n := nstest.New(t, "gknet-base")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	for path, value := range map[string]string{
		"ipv4/conf/all/rp_filter": "1", "ipv4/conf/default/rp_filter": "0",
		"ipv4/conf/eth0/rp_filter": "0", "ipv4/conf/eth1/rp_filter": "2", "ipv4/conf/eth0/arp_filter": "1",
	} {
		n.Sysctl(path, value)
	}
	state := func() string {
		var out []string
		for _, path := range []string{"all/rp_filter", "default/rp_filter", "eth0/rp_filter", "eth1/rp_filter", "eth0/arp_ignore", "eth0/arp_filter"} {
			out = append(out, n.ReadSysctl("ipv4/conf/"+path))
		}
		return strings.Join(out, "")
	}
	before := state()
	n.Do(func() {
		s := NewSysctls()
		for range 2 { // two VMACs
			if err := s.HoldBase("eth0"); err != nil {
				t.Fatal(err)
			}
		}
		notices, err := s.LowerRPFilter([]string{"eth0", "eth1"})
		want := []string{
			"NOTICE: setting sysctl net.ipv4.conf.default.rp_filter from 0 to 1",
			"NOTICE: setting sysctl net.ipv4.conf.all.rp_filter from 1 to 0",
		}
		if err != nil || !reflect.DeepEqual(notices, want) {
			t.Errorf("notices %q, %v", notices, err)
		}
		if notices, err := s.LowerRPFilter([]string{"eth0"}); notices != nil || err != nil {
			t.Errorf("second time: %q, %v", notices, err)
		}
		if got := state(); got != "011211" {
			t.Errorf("while there are VMACs: %s", got)
		}
		if err := s.ReleaseBase("eth0"); err != nil {
			t.Error(err)
		}
		if got := state(); got != "011211" {
			t.Errorf("with one VMAC left: %s", got)
		}
		if err := s.ReleaseBase("eth0"); err != nil {
			t.Error(err)
		}
		notices, err = s.RestoreRPFilter()
		want = []string{
			"NOTICE: resetting sysctl net.ipv4.conf.all.rp_filter to 1",
			"NOTICE: resetting sysctl net.ipv4.conf.default.rp_filter to 0",
		}
		if err != nil || !reflect.DeepEqual(notices, want) {
			t.Errorf("notices at the end %q, %v", notices, err)
		}
	})
	if got := state(); got != before {
		t.Errorf("left %s, was %s", got, before)
	}
}
