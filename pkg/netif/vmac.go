package netif

import (
	"bytes"
	"net/netip"
)

// VMAC is a virtual interface on top of another one: a private macvlan with
// the MAC of a virtual router, or an ipvlan in L2 mode.
type VMAC struct {
	Name string
	// Base is the interface below.
	Base *Link
	// MAC is the hardware address of a macvlan; empty for an ipvlan.
	MAC []byte
	// IPVLAN asks for an ipvlan with the given IPVLAN_F_* flags.
	IPVLAN      bool
	IPVLANFlags uint16
	// Group is IFLA_GROUP, Master the index of a VRF that the base is in.
	Group  uint32
	Master int
	// Addresses are put on it, besides those of the virtual router.
	Addresses []Address
	// TakeOver says that the interface, if it is there, comes from an earlier
	// run: its link-local addresses of that time are taken away.
	TakeOver bool
	// NoIPv6 turns IPv6 off on it.
	NoIPv6 bool
	// Sysctls are set on it, below /proc/sys/net with %s for the name.
	Sysctls []Setting
}

// Setting is the wanted value of a sysctl.
type Setting struct{ Path, Value string }

// Flags of an ipvlan (IPVLAN_F_*); 0 is bridge mode.
const (
	IPVLANPrivate = 1
	IPVLANVEPA    = 2
	ipvlanModeL2  = 0
)

// VMACPlan is what must be done to get a VMAC.
type VMACPlan struct {
	// Replace removes what has the name but cannot become what is wanted;
	// Create makes the interface. Otherwise it is taken over, with the
	// changes below.
	Replace, Create                bool
	SetMAC, SetFlags, SetGroup     bool
	SetMaster, SetUp, FoundFitting bool
}

// PlanVMAC compares the interface that has the name, nil if there is none,
// with what is wanted.
func PlanVMAC(have *Link, want *VMAC) VMACPlan {
	create := VMACPlan{Create: true, SetGroup: true, SetMaster: want.Master != 0, SetUp: true}
	if have == nil {
		return create
	}
	fits := have.Parent == want.Base.Index
	if want.IPVLAN {
		fits = fits && have.Kind == KindIPVLAN && have.Mode == ipvlanModeL2
	} else {
		fits = fits && have.Kind == KindMACVLAN && have.Mode == MACVLANPrivate
	}
	if !fits {
		create.Replace = true
		return create
	}
	p := VMACPlan{
		SetMAC:    !want.IPVLAN && !bytes.Equal(have.MAC, want.MAC),
		SetFlags:  want.IPVLAN && have.IPVLANFlags != want.IPVLANFlags,
		SetGroup:  have.Group != want.Group,
		SetMaster: have.Master != want.Master,
		SetUp:     !have.Up(),
	}
	p.FoundFitting = !p.SetMAC && !p.SetFlags
	return p
}

// LinkLocalOf is the link-local address that an IPv6 VMAC carries: /64, no
// duplicate address detection, deprecated so that nothing else uses it.
func LinkLocalOf(ip netip.Addr) Address {
	return Address{
		Prefix: netip.PrefixFrom(ip, 64), Flags: FlagNoDAD,
		Lifetimes: true, Preferred: 0, Valid: Forever,
	}
}

// isVMACAddress reports whether an address on a VMAC is one of those wanted,
// or looks like LinkLocalOf in an interface that is taken over.
func isVMACAddress(a *Address, want *VMAC) bool {
	for i := range want.Addresses {
		if a.Prefix == want.Addresses[i].Prefix {
			return true
		}
	}
	ip := a.Prefix.Addr()
	return want.TakeOver && ip.Is6() && ip.IsLinkLocalUnicast() && a.Prefix.Bits() == 64 &&
		a.Lifetimes && a.Preferred == 0 && a.Valid == Forever
}
