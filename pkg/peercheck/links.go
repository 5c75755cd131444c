package peercheck

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// link is one use of an interface, and what for.
type link struct {
	name string
	at   diag.Range
	use  string
}

// interfaces checks that the interfaces of two nodes correspond: names may
// differ between machines, but the virtual routers of one link belong on one
// link everywhere.
func (c *checker) interfaces() {
	for i := range c.nodes {
		for j := range c.nodes[:i] {
			c.linksOf(&c.nodes[j], &c.nodes[i])
		}
	}
}

func (c *checker) linksOf(a, b *Node) {
	to, from := map[string][2]link{}, map[string][2]link{}
	said := map[[2]string]bool{}
	pair := func(x, y link) {
		if x.name == "" || y.name == "" || said[[2]string{x.name, y.name}] {
			return
		}
		said[[2]string{x.name, y.name}] = true
		old, known := to[x.name]
		if !known {
			old, known = from[y.name]
		}
		if known && (old[0].name != x.name || old[1].name != y.name) {
			c.report(finding{CodeLinks, diag.Warning,
				fmt.Sprintf("%s uses %s where %s has %s, but %s uses %s where %s has %s", y.use, y.name, a.Name, x.name, old[1].use, old[1].name, a.Name, old[0].name),
				"nodes of one virtual router on different links do not hear each other", "check which interface leads to which network on each node"},
				y.at, place{a, x.at, "interface " + x.name}, place{b, old[1].at, "interface " + old[1].name})
			return
		}
		to[x.name], from[y.name] = [2]link{x, y}, [2]link{x, y}
	}
	for _, r := range c.routers {
		x, y := r.of(a), r.of(b)
		if x == nil || y == nil {
			continue
		}
		pair(link{x.Interface, x.At("interface"), x.what()}, link{y.Interface, y.At("interface"), y.what()})
		for _, p := range x.VirtualAddresses {
			for _, q := range y.VirtualAddresses {
				if p.Prefix.Addr() == q.Prefix.Addr() {
					pair(addressLink(x, p), addressLink(y, q))
				}
			}
		}
	}
}

func addressLink(m *member, a *config.Address) link {
	l := link{a.Dev, a.Head, "address " + a.Prefix.Addr().String()}
	if l.name == "" {
		l.name = m.Interface
	}
	if l.at.IsZero() {
		l.at = m.At("virtual_ipaddress")
	}
	return l
}
