package peercheck

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// member is an instance of one node.
type member struct {
	node *Node
	*config.VRRPInstance
}

// what names the instance in a summary.
func (m *member) what() string { return "vrrp_instance " + m.Name }

// place is the member's line of a keyword.
func (m *member) place(keyword, says string) place { return place{m.node, m.At(keyword), says} }

// router is one virtual router: at most one instance of each node.
type router struct {
	family  config.Family
	vrid    uint8
	members []*member
}

// of is the member of a node, nil if it takes no part.
func (r *router) of(n *Node) *member {
	for _, m := range r.members {
		if m.node == n {
			return m
		}
	}
	return nil
}

// match finds out which instances are the same virtual router. The number may
// be in use on several links, with other peers: then the instances that have
// most in common belong together, and those with nothing in common do not.
func (c *checker) match() {
	for i := range c.nodes {
		node := &c.nodes[i]
		type candidate struct {
			m     *member
			r     *router
			score int
		}
		var candidates []candidate
		var members []*member
		for _, v := range node.Config.Instances {
			m := &member{node, v}
			members = append(members, m)
			for _, r := range c.routers {
				if r.vrid != v.VirtualRouterID || r.family != v.Family {
					continue
				}
				score := 0
				for _, other := range r.members {
					score = max(score, inCommon(m, other))
				}
				// With one virtual router per node there is nothing to mistake
				// it for.
				if score == 0 && len(node.Config.Instances) == 1 && len(r.members[0].node.Config.Instances) == 1 {
					score = 1
				}
				if score > 0 {
					candidates = append(candidates, candidate{m, r, score})
				}
			}
		}
		slices.SortStableFunc(candidates, func(a, b candidate) int { return b.score - a.score })
		matched := map[*member]bool{}
		for _, k := range candidates {
			if !matched[k.m] && k.r.of(node) == nil {
				matched[k.m] = true
				k.r.members = append(k.r.members, k.m)
			}
		}
		for _, m := range members {
			if !matched[m] {
				c.routers = append(c.routers, &router{m.Family, m.VirtualRouterID, []*member{m}})
			}
		}
	}
}

// inCommon weighs what shows that two instances are meant to be one virtual
// router.
func inCommon(a, b *member) int {
	score := 0
	if a.lists(b.SourceAddress) || b.lists(a.SourceAddress) {
		score += 8
	}
	if shareAddress(a, b) {
		score += 4
	}
	if a.Interface == b.Interface && a.Interface != "" {
		score += 2
	}
	if a.Name == b.Name {
		score++
	}
	return score
}

// lists reports whether addr is one of the unicast peers.
func (m *member) lists(addr netip.Addr) bool {
	return addr.IsValid() && slices.ContainsFunc(m.Peers, func(p config.UnicastPeer) bool { return p.Address == addr })
}

func shareAddress(a, b *member) bool {
	for _, x := range a.VirtualAddresses {
		for _, y := range b.VirtualAddresses {
			if x.Prefix.Addr() == y.Prefix.Addr() {
				return true
			}
		}
	}
	return false
}

// renumbered reports virtual routers that have another number on some nodes,
// and joins them, so that the rest of their settings is compared too.
func (c *checker) renumbered() {
	for i := 0; i < len(c.routers); i++ {
		r := c.routers[i]
		for j := i + 1; j < len(c.routers); j++ {
			if a, b, same := renumbered(r, c.routers[j]); same {
				r.members = append(r.members, c.routers[j].members...)
				c.routers = slices.Delete(c.routers, j, j+1)
				j--
				c.report(finding{CodeVRID, diag.Error,
					fmt.Sprintf("%s: virtual_router_id is %d, in %s it is %d", b.what(), b.VirtualRouterID, a.node.Name, a.VirtualRouterID),
					"the nodes do not hear each other's adverts; " + bothMaster, "use one virtual_router_id for one virtual router on all nodes"},
					b.At("virtual_router_id"), a.place("virtual_router_id", fmt.Sprintf("virtual_router_id %d", a.VirtualRouterID)))
			}
		}
	}
}

// alone reports virtual routers that a node lacks.
func (c *checker) alone() {
	for _, r := range c.routers {
		if len(r.members) == len(c.nodes) {
			continue
		}
		var lacking []string
		for i := range c.nodes {
			if r.of(&c.nodes[i]) == nil {
				lacking = append(lacking, c.nodes[i].Name)
			}
		}
		m := r.members[0]
		f := finding{CodeAlone, diag.Warning,
			fmt.Sprintf("%s (virtual_router_id %d, %s) is not in %s", m.what(), r.vrid, r.family, list(lacking)),
			"no other node takes over its addresses", "add the instance to the other nodes, or check its virtual_router_id"}
		if len(r.members) > 1 {
			f.severity = diag.Note
			f.effect = "these nodes never take over its addresses"
		}
		c.report(f, m.Head)
	}
}

// renumbered reports whether two virtual routers are one with a wrong number
// on some of the nodes, and a member of each.
func renumbered(r, other *router) (a, b *member, same bool) {
	if r.family != other.family || r.vrid == other.vrid {
		return nil, nil, false
	}
	for _, m := range other.members {
		if r.of(m.node) != nil {
			return nil, nil, false
		}
	}
	a, b = r.members[0], other.members[0]
	if shareAddress(a, b) || a.Name == b.Name && (a.lists(b.SourceAddress) || b.lists(a.SourceAddress)) {
		return a, b, true
	}
	return nil, nil, false
}
