package ipvs

import (
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// MarkOwner is what one firewall mark of nftables_ipvs stands for.
type MarkOwner struct {
	Group    string
	Protocol config.Protocol
}

// Marks are the firewall marks that nftables_ipvs gives to groups.
type Marks map[MarkOwner]uint32

// AssignMarks gives a firewall mark to each group and protocol that a virtual
// server uses, from nftables_ipvs_start_fwmark upwards in the order of the
// configuration. Marks of old are kept, so that a reload moves no service.
// Marks that the configuration uses itself are skipped. Without nftables_ipvs
// the result is nil. Groups with firewall marks of their own get none.
func AssignMarks(cfg *config.Config, old Marks) Marks {
	if cfg.Global.LVS.NFTables == "" {
		return nil
	}
	taken := map[uint32]bool{0: true}
	for _, vs := range cfg.VirtualServers {
		if vs.IsFwmark {
			taken[vs.Fwmark] = true
		}
	}
	for _, g := range cfg.VirtualServerGroups {
		for _, e := range g.Entries {
			if e.IsFwmark {
				taken[e.Fwmark] = true
			}
		}
	}
	marks := Marks{}
	var owners []MarkOwner
	for _, vs := range cfg.VirtualServers {
		group := cfg.Group(vs.Group)
		if vs.Group == "" || group == nil || hasFwmark(group) {
			continue
		}
		owner := MarkOwner{Group: group.Name, Protocol: vs.Protocol}
		if slices.Contains(owners, owner) {
			continue
		}
		owners = append(owners, owner)
		if mark, ok := old[owner]; ok && !taken[mark] {
			marks[owner] = mark
			taken[mark] = true
		}
	}
	next := cfg.Global.LVS.NFTablesStartFwmark
	for _, owner := range owners {
		if _, kept := marks[owner]; kept {
			continue
		}
		for taken[next] {
			next++
		}
		marks[owner] = next
		taken[next] = true
	}
	return marks
}

func hasFwmark(g *config.VirtualServerGroup) bool {
	return slices.ContainsFunc(g.Entries, func(e config.GroupEntry) bool { return e.IsFwmark })
}

// groupFamilies lists the address families of a group's entries, IPv4 first.
func groupFamilies(g *config.VirtualServerGroup) []config.Family {
	var families []config.Family
	for _, f := range []config.Family{config.IPv4, config.IPv6} {
		if slices.ContainsFunc(g.Entries, func(e config.GroupEntry) bool { return !e.IsFwmark && familyOf(e.First) == f }) {
			families = append(families, f)
		}
	}
	return families
}

// MarkEntry is one line of the nftables maps: packets to the addresses First
// to Last and Port (0: any) get Mark.
type MarkEntry struct {
	Protocol    config.Protocol
	First, Last netip.Addr
	Port        uint16
	Mark        uint32
}

// MarkEntries lists what the nftables maps have to hold, in the order of the
// configuration. Where entries of one protocol and port overlap, the first has
// the addresses, as with services of their own, and others what is left.
func MarkEntries(cfg *config.Config, marks Marks) []MarkEntry {
	var out []MarkEntry
	seen := map[MarkOwner]bool{}
	for _, vs := range cfg.VirtualServers {
		owner := MarkOwner{Group: vs.Group, Protocol: vs.Protocol}
		mark, ok := marks[owner]
		if !ok || seen[owner] {
			continue
		}
		seen[owner] = true
		for _, e := range cfg.Group(vs.Group).Entries {
			fresh := []MarkEntry{{Protocol: vs.Protocol, First: e.First, Last: e.Last, Port: e.Port, Mark: mark}}
			if !e.Last.IsValid() {
				fresh[0].Last = e.First
			}
			for _, old := range out {
				fresh = without(fresh, old)
			}
			out = append(out, fresh...)
		}
	}
	return out
}

// without cuts the addresses of old out of pieces.
func without(pieces []MarkEntry, old MarkEntry) []MarkEntry {
	var out []MarkEntry
	for _, p := range pieces {
		if p.Protocol != old.Protocol || p.Port != old.Port || familyOf(p.First) != familyOf(old.First) ||
			old.Last.Less(p.First) || p.Last.Less(old.First) {
			out = append(out, p)
			continue
		}
		if p.First.Less(old.First) {
			left := p
			left.Last = old.First.Prev()
			out = append(out, left)
		}
		if old.Last.Less(p.Last) {
			right := p
			right.First = old.Last.Next()
			out = append(out, right)
		}
	}
	return out
}
