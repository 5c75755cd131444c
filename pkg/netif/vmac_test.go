package netif

import (
	"testing"
)

func TestPlanVMAC(t *testing.T) {
	base := &Link{Index: 2, Name: "eth0"}
	mac := []byte{0, 0, 0x5e, 0, 1, 51}
	want := VMAC{Name: "vrrp.51", Base: base, MAC: mac, Group: 3}
	fitting := Link{Name: "vrrp.51", Kind: KindMACVLAN, Mode: MACVLANPrivate, Parent: 2, MAC: mac, Group: 3, Flags: flagUp}
	with := func(change func(*Link)) *Link { l := fitting; change(&l); return &l }
	ipvlan := VMAC{Name: "vrrp.51", Base: base, IPVLAN: true, IPVLANFlags: IPVLANPrivate}
	create := VMACPlan{Create: true, SetGroup: true, SetUp: true}
	replace := create
	replace.Replace = true
	inVRF := want
	inVRF.Master = 9
	for _, c := range []struct {
		name string
		have *Link
		want VMAC
		plan VMACPlan
	}{
		{"nothing there", nil, want, create},
		{"nothing there, base in a VRF", nil, inVRF, VMACPlan{Create: true, SetGroup: true, SetMaster: true, SetUp: true}},
		{"all right", &fitting, want, VMACPlan{FoundFitting: true}},
		{"down", with(func(l *Link) { l.Flags = 0 }), want, VMACPlan{FoundFitting: true, SetUp: true}},
		{"other MAC", with(func(l *Link) { l.MAC = []byte{2, 0, 0, 0, 0, 1} }), want, VMACPlan{SetMAC: true}},
		{"other group", with(func(l *Link) { l.Group = 0 }), want, VMACPlan{FoundFitting: true, SetGroup: true}},
		{"other base", with(func(l *Link) { l.Parent = 7 }), want, replace},
		{"other mode", with(func(l *Link) { l.Mode = 4 }), want, replace},
		{"other kind", with(func(l *Link) { l.Kind = "veth" }), want, replace},
		{"left a VRF", with(func(l *Link) { l.Master = 9 }), want, VMACPlan{FoundFitting: true, SetMaster: true}},
		{"macvlan instead of ipvlan", &fitting, ipvlan, replace},
		{"ipvlan with other flags", with(func(l *Link) { l.Kind, l.Mode, l.Group = KindIPVLAN, ipvlanModeL2, 0 }), ipvlan, VMACPlan{SetFlags: true}},
		{"fitting ipvlan", with(func(l *Link) { l.Kind, l.Mode, l.Group, l.IPVLANFlags = KindIPVLAN, ipvlanModeL2, 0, IPVLANPrivate }), ipvlan, VMACPlan{FoundFitting: true}},
	} {
		if got := PlanVMAC(c.have, &c.want); got != c.plan {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.plan)
		}
	}
}
