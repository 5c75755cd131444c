package netif

import (
	"math"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Address flags (IFA_F_*, linux/if_addr.h).
const (
	FlagNoDAD         = 0x02
	FlagHome          = 0x10
	FlagDADFailed     = 0x08
	FlagTentative     = 0x40
	FlagManageTemp    = 0x100
	FlagNoPrefixRoute = 0x200
	FlagMCAutoJoin    = 0x400
)

// Forever is an infinite lifetime.
const Forever uint32 = math.MaxUint32

// Address is one address of an interface, as the kernel is told and as it
// tells us.
type Address struct {
	Index  int
	Prefix netip.Prefix // not masked: the host's address and the length
	// Peer and Broadcast are invalid when absent.
	Peer, Broadcast netip.Addr
	Scope           uint8
	Label           string
	// Flags are IFA_F_*.
	Flags uint32
	// Preferred and Valid are lifetimes in seconds; sent when Lifetimes is
	// set.
	Lifetimes        bool
	Preferred, Valid uint32
	// Created and Changed are read only: when that was, in hundredths of a
	// second since the boot.
	Created, Changed uint32
	// Proto is IFA_PROTO, 0 for none; kernels before 5.18 ignore it.
	Proto uint8
}

// Tentative reports whether the address cannot be used yet, or ever: duplicate
// address detection runs or has failed.
func (a *Address) Tentative() bool { return a.Flags&(FlagTentative|FlagDADFailed) != 0 }

// FromConfig is the address of a configuration line on interface index.
//
// IPv6 addresses get no duplicate address detection unless the line says
// -nodad, and a /128 is deprecated from the start (preferred lifetime 0), so
// that it is never chosen as a source. preferred_lft counts for IPv6 only.
func FromConfig(a *config.Address, index int) Address {
	out := Address{
		Index:     index,
		Prefix:    a.Prefix,
		Peer:      a.Peer,
		Broadcast: broadcast(a),
		Label:     a.Label,
	}
	ipv6 := a.Prefix.Addr().Is6()
	if !ipv6 {
		out.Scope = uint8(a.Scope)
	}
	for _, f := range []struct {
		on   bool
		flag uint32
	}{
		{a.Home, FlagHome},
		{ipv6 && !a.DAD, FlagNoDAD},
		{a.MngTmpAddr, FlagManageTemp},
		{a.NoPrefixRoute, FlagNoPrefixRoute},
		{a.AutoJoin, FlagMCAutoJoin},
	} {
		if f.on {
			out.Flags |= f.flag
		}
	}
	switch {
	case !ipv6: // keepalived sends none for IPv4
	case a.PreferredLifetime != nil && *a.PreferredLifetime >= 0:
		out.setLifetimes(seconds(*a.PreferredLifetime))
	case a.PreferredLifetime != nil:
		out.setLifetimes(Forever)
	case a.Prefix.Bits() == 128:
		out.setLifetimes(0)
	}
	return out
}

func (a *Address) setLifetimes(preferred uint32) {
	a.Lifetimes, a.Preferred, a.Valid = true, preferred, Forever
}

func seconds(d time.Duration) uint32 {
	if s := d / time.Second; s < time.Duration(Forever) {
		return uint32(s)
	}
	return Forever
}

// broadcast resolves brd + (host bits all one) and brd - (all zero).
func broadcast(a *config.Address) netip.Addr {
	if a.BroadcastAuto == 0 || !a.Prefix.Addr().Is4() {
		return a.Broadcast
	}
	ip := a.Prefix.Masked().Addr().As4()
	if a.BroadcastAuto == '+' {
		for bit := a.Prefix.Bits(); bit < 32; bit++ {
			ip[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	return netip.AddrFrom4(ip)
}
