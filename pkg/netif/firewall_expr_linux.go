package netif

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Types of ICMPv6 messages (RFC 4861, RFC 2710, RFC 3810).
const (
	icmpMLDReport        = 131
	icmpRouterSolicit    = 133
	icmpNeighbourSolicit = 135
	icmpNeighbourAdvert  = 136
	icmpMLDv2Report      = 143
)

// metaKeyOIFKind is NFT_META_OIFKIND (linux/netfilter/nf_tables.h).
const metaKeyOIFKind expr.MetaKey = 27

// field is a part of a packet.
type field struct {
	base           expr.PayloadBase
	offset, length uint32
}

func (t *firewallTable) source() field {
	if t.family == config.IPv6 {
		return field{expr.PayloadBaseNetworkHeader, 8, 16}
	}
	return field{expr.PayloadBaseNetworkHeader, 12, 4}
}

func (t *firewallTable) destination() field {
	if t.family == config.IPv6 {
		return field{expr.PayloadBaseNetworkHeader, 24, 16}
	}
	return field{expr.PayloadBaseNetworkHeader, 16, 4}
}

func (t *firewallTable) load(f field, register uint32) []expr.Any {
	return []expr.Any{&expr.Payload{DestRegister: register, Base: f.base, Offset: f.offset, Len: f.length}}
}

// rule ends an expression with a verdict, and counts if that is wanted.
func (t *firewallTable) rule(match []expr.Any, verdict expr.VerdictKind, chain string) []expr.Any {
	out := append([]expr.Any(nil), match...)
	if t.opt.Counters {
		out = append(out, &expr.Counter{})
	}
	return append(out, &expr.Verdict{Kind: verdict, Chain: chain})
}

// isLinkLocal matches fe80::/10.
func (t *firewallTable) isLinkLocal(f field) []expr.Any {
	mask, value := make([]byte, 16), make([]byte, 16)
	mask[0], mask[1] = 0xff, 0xc0
	value[0], value[1] = 0xfe, 0x80
	return join(t.load(f, 1), []expr.Any{
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 16, Mask: mask, Xor: make([]byte, 16)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: value},
	})
}

func join(parts ...[]expr.Any) []expr.Any {
	var out []expr.Any
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func meta(key expr.MetaKey, register uint32) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: register}}
}

func equal(register uint32, value byte) []expr.Any {
	return []expr.Any{&expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: []byte{value}}}
}

func lookup(register uint32, set *nftables.Set) []expr.Any {
	return []expr.Any{&expr.Lookup{SourceRegister: register, SetName: set.Name, SetID: set.ID}}
}

// oifKind matches packets that leave through an interface of a kind.
func oifKind(register uint32, kind string) []expr.Any {
	return join(meta(metaKeyOIFKind, register),
		[]expr.Any{&expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: []byte(nameKey(kind))}})
}

// icmpLoad matches ICMPv6 and loads its type into register 1.
func icmpLoad() []expr.Any {
	return join(meta(expr.MetaKeyL4PROTO, 1), equal(1, unix.IPPROTO_ICMPV6), []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 1}})
}

func icmpType(typ byte) []expr.Any { return join(icmpLoad(), equal(1, typ)) }
