package netif

import (
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

// LinkFinder finds an interface by its name, nil if there is none.
type LinkFinder func(name string) *Link

// Numbers of the kernel for routes.
const (
	tableMain = 254
	// metricIPv6 is what the kernel takes for an IPv6 route without metric.
	metricIPv6 = 1024
)

// tableOf is the routing table that a route belongs in.
func tableOf(r *iproute.Route, find LinkFinder) uint32 {
	if r.Table != 0 {
		return r.Table
	}
	if r.VRF != "" {
		if vrf := find(r.VRF); vrf != nil && vrf.VRFTable != 0 {
			return vrf.VRFTable
		}
	}
	return tableMain
}

// InstalledRoute is a route as the kernel lists it.
type InstalledRoute struct {
	Family            config.Family
	Type              uint8
	Destination, From netip.Prefix
	TOS, Protocol     uint8
	Table, Metric     uint32
	Hops              []InstalledHop
}

// InstalledHop is one way out of an installed route.
type InstalledHop struct {
	Via   netip.Addr
	Index int
}

// SameRoute reports whether an installed route is the one of a line.
func SameRoute(have *InstalledRoute, want *iproute.Route, find LinkFinder) bool {
	if have.Family != want.Family || have.Type != want.Type || have.TOS != want.TOS ||
		have.Protocol != want.Protocol || have.Table != tableOf(want, find) ||
		have.Destination != want.Destination.Masked() {
		return false
	}
	if want.From.IsValid() != have.From.IsValid() || want.From.IsValid() && have.From != want.From.Masked() {
		return false
	}
	switch {
	case want.Metric != nil && *want.Metric != 0:
		if have.Metric != *want.Metric {
			return false
		}
	case want.Family == config.IPv6:
		if have.Metric != metricIPv6 {
			return false
		}
	case have.Metric != 0:
		return false
	}
	if want.Type > iproute.TypeMulticast {
		return true // the kernel may name a device where no packet goes
	}
	hops := want.NextHops
	if len(hops) == 0 {
		hops = []iproute.NextHop{want.Hop}
	}
	for _, h := range hops {
		if !slices.ContainsFunc(have.Hops, func(i InstalledHop) bool { return sameHop(i, h, find) }) {
			return false
		}
	}
	return true
}

func sameHop(have InstalledHop, want iproute.NextHop, find LinkFinder) bool {
	if have.Via != want.Via {
		return false
	}
	if want.Dev == "" {
		return true
	}
	link := find(want.Dev)
	return link != nil && link.Index == have.Index
}

// InstalledRule is a rule as the kernel lists it.
type InstalledRule struct {
	Family           config.Family
	From, To         netip.Prefix
	Not              bool
	TOS, Action      uint8
	Table, Priority  uint32
	Input, Output    string
	Mark, MarkMask   uint32
	Goto             uint32
	Protocol         uint8
	ProtocolReported bool // kernels before 4.17 do not tell it
}

// SameRule reports whether an installed rule is the one of a line, which has
// a priority.
func SameRule(have *InstalledRule, want *iproute.Rule) bool {
	mark, mask := uint32(0), uint32(0)
	if want.Mark != nil {
		mark, mask = *want.Mark, 1<<32-1
	}
	if want.MarkMask != nil {
		mask = *want.MarkMask
	}
	table := want.Table
	if want.L3MDev || want.Action != iproute.RuleTable {
		table = have.Table
	}
	return have.Family == want.Family && have.Not == want.Not && have.TOS == want.TOS &&
		have.Action == uint8(want.Action) && have.Table == table &&
		want.Priority != nil && have.Priority == *want.Priority &&
		samePrefix(have.From, want.From) && samePrefix(have.To, want.To) &&
		have.Input == want.Input && have.Output == want.Output &&
		have.Mark == mark && have.MarkMask == mask && have.Goto == want.Goto &&
		(!have.ProtocolReported || have.Protocol == want.Protocol)
}

// samePrefix compares selectors: an absent one and one of length 0 select
// everything.
func samePrefix(have, want netip.Prefix) bool {
	if !want.IsValid() || want.Bits() == 0 {
		return !have.IsValid() || have.Bits() == 0
	}
	return have == want || have.IsValid() && have.Masked() == want.Masked()
}
