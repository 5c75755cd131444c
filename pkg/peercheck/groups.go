package peercheck

import (
	"fmt"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// groups checks that the same virtual routers move together on all nodes.
func (c *checker) groups() {
	said := map[[2]*config.SyncGroup]bool{}
	for i := range c.nodes {
		for j := range c.nodes {
			if i != j {
				c.groupsOf(&c.nodes[i], &c.nodes[j], said)
			}
		}
	}
}

// groupsOf looks for the sync groups of a on b. said has the pairs that are
// known to disagree.
func (c *checker) groupsOf(a, b *Node, said map[[2]*config.SyncGroup]bool) {
	for _, g := range a.Config.SyncGroups {
		want := c.routersIn(g, a, b)
		if len(want) < 2 {
			continue // what is left moves alone anyway
		}
		best, bestRouters, most := (*config.SyncGroup)(nil), []int(nil), 0
		for _, other := range b.Config.SyncGroups {
			have := c.routersIn(other, b, a)
			if n := len(have) - len(missingFrom(have, want)); n > most {
				best, bestRouters, most = other, have, n
			}
		}
		here := place{a, g.Head, fmt.Sprintf("vrrp_sync_group %s with %s", g.Name, list(g.Members))}
		if best == nil {
			m := c.routers[want[0]].of(b)
			c.report(finding{CodeGroups, diag.Warning,
				fmt.Sprintf("%s is in no sync group, in %s it is in %s", m.what(), a.Name, g.Name),
				"its addresses move one by one while " + b.Name + " takes part", "write the same vrrp_sync_group on all nodes"}, m.Head, here)
			continue
		}
		if slices.Equal(want, bestRouters) || said[[2]*config.SyncGroup{best, g}] {
			continue
		}
		said[[2]*config.SyncGroup{g, best}] = true
		c.report(finding{CodeGroups, diag.Warning,
			fmt.Sprintf("vrrp_sync_group %s: its members are not those of %s in %s", best.Name, g.Name, a.Name),
			"an instance that is in the group on one node only can be MASTER on one node and the rest of the group on the other",
			"write the same members on all nodes"}, best.Head, here)
	}
}

// routersIn are the virtual routers of a group of node n that other has too,
// as sorted indices.
func (c *checker) routersIn(g *config.SyncGroup, n, other *Node) []int {
	var out []int
	for i, r := range c.routers {
		if m := r.of(n); m != nil && r.of(other) != nil && slices.Contains(g.Members, m.Name) {
			out = append(out, i)
		}
	}
	return out
}
