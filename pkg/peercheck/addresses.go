package peercheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// addresses compares what a master adds.
func (c *checker) addresses(r *router) {
	c.addressList(r, "virtual_ipaddress", func(m *member) []*config.Address { return m.VirtualAddresses })
	c.addressList(r, "virtual_ipaddress_excluded", func(m *member) []*config.Address { return m.ExcludedAddresses })
	c.count(r, "virtual_routes", func(m *member) int { return len(m.Routes) })
	c.count(r, "virtual_rules", func(m *member) int { return len(m.Rules) })
}

// addressList compares one list. Its order does not matter.
func (c *checker) addressList(r *router, keyword string, get func(*member) []*config.Address) {
	ref, rest := odd(r.members, func(m *member) string {
		words := make([]string, 0, len(get(m)))
		for _, a := range hosts(get(m)) {
			words = append(words, a.String())
		}
		slices.Sort(words)
		return strings.Join(words, " ")
	})
	have := hosts(get(ref))
	for _, m := range rest {
		mine := hosts(get(m))
		missing, extra := missingFrom(have, mine), missingFrom(mine, have)
		if len(missing)+len(extra) == 0 {
			continue // the same address twice
		}
		f := finding{code: CodeAddresses, severity: diag.Error, hint: "write the same addresses on all nodes"}
		var parts []string
		if len(missing) > 0 {
			parts = append(parts, fmt.Sprintf("%s of %s missing", list(missing), ref.node.Name))
		}
		if len(extra) > 0 {
			parts = append(parts, fmt.Sprintf("%s not in %s", list(extra), ref.node.Name))
		}
		f.summary = fmt.Sprintf("%s: %s differs: %s", m.what(), keyword, strings.Join(parts, "; "))
		f.effect = "an address that only one node has is gone when another one is MASTER"
		switch {
		case keyword == "virtual_ipaddress_excluded":
			f.code, f.severity = CodeExcluded, diag.Warning
		case len(have) != len(mine):
			f.code = CodeAddressCount
			f.effect += "; keepalived 2.2.7 drops adverts with another number of addresses, then " + bothMaster
		}
		at := m.At(keyword)
		if len(extra) > 0 {
			at = addressPlace(m, keyword, get(m), extra[0])
		}
		other := place{ref.node, ref.At(keyword), "another list"}
		if len(missing) > 0 {
			other = place{ref.node, addressPlace(ref, keyword, get(ref), missing[0]), missing[0].String()}
		}
		c.report(f, at, other)
	}
	for _, m := range r.members {
		if m != ref {
			c.prefixes(ref, m, keyword, get)
		}
	}
}

// prefixes compares the lengths of addresses that both nodes have.
func (c *checker) prefixes(ref, m *member, keyword string, get func(*member) []*config.Address) {
	for _, a := range get(m) {
		for _, b := range get(ref) {
			if a.Prefix.Addr() != b.Prefix.Addr() || a.Prefix.Bits() == b.Prefix.Bits() {
				continue
			}
			c.report(finding{CodePrefix, diag.Warning,
				fmt.Sprintf("%s: %v is %v in %s", m.what(), a.Prefix, b.Prefix, ref.node.Name),
				"the routes of the address depend on which node is MASTER", "write the same prefix length; without one it is that of a host"},
				addressPlace(m, keyword, get(m), a.Prefix.Addr()), place{ref.node, addressPlace(ref, keyword, get(ref), b.Prefix.Addr()), b.Prefix.String()})
		}
	}
}

// count compares how many lines a list has. What stands in them may well
// differ between machines.
func (c *checker) count(r *router, keyword string, n func(*member) int) {
	ref, rest := odd(r.members, n)
	for _, m := range rest {
		c.report(finding{CodeRoutes, diag.Warning,
			fmt.Sprintf("%s: %d lines in %s, in %s %d", m.what(), n(m), keyword, ref.node.Name, n(ref)),
			"what only one node has is gone when another one is MASTER", "write what the service needs on all nodes"},
			m.At(keyword), ref.place(keyword, fmt.Sprintf("%d lines", n(ref))))
	}
}

func hosts(l []*config.Address) []netip.Addr {
	var out []netip.Addr
	for _, a := range l {
		out = append(out, a.Prefix.Addr())
	}
	return out
}

func addressPlace(m *member, keyword string, l []*config.Address, addr netip.Addr) diag.Range {
	for _, a := range l {
		if a.Prefix.Addr() == addr && !a.Head.IsZero() {
			return a.Head
		}
	}
	return m.At(keyword)
}
