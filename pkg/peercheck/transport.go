package peercheck

import (
	"fmt"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

var transportNames = map[bool]string{true: "unicast_peer", false: "multicast"}

// transport compares where adverts are sent to.
func (c *checker) transport(r *router) {
	ref, rest := odd(r.members, (*member).Unicast)
	for _, m := range rest {
		c.report(finding{CodeTransport, diag.Error,
			fmt.Sprintf("%s: adverts go out by %s, in %s by %s", m.what(), word(m), ref.node.Name, word(ref)),
			"the nodes do not hear each other; " + bothMaster, "list the other nodes in unicast_peer on all of them, or on none"},
			m.At("unicast_peer"), ref.place("unicast_peer", transportNames[ref.Unicast()]))
	}
	var unicast, multicast []*member
	for _, m := range r.members {
		if m.Unicast() {
			unicast = append(unicast, m)
		} else {
			multicast = append(multicast, m)
		}
	}
	if len(multicast) > 1 {
		ref, rest = odd(multicast, func(m *member) netip.Addr { return m.MulticastGroup })
		for _, m := range rest {
			c.report(finding{CodeMulticastGroup, diag.Error,
				fmt.Sprintf("%s: adverts go to %v, in %s to %v", m.what(), m.MulticastGroup, ref.node.Name, ref.MulticastGroup),
				"the nodes do not hear each other; " + bothMaster, "set the same mcast_dst_ip or vrrp_mcast_group on all nodes"},
				m.At("mcast_dst_ip"), ref.place("mcast_dst_ip", "group "+ref.MulticastGroup.String()))
		}
	}
	c.peers(unicast, len(multicast) == 0)
}

func word(m *member) string {
	if m.Unicast() {
		return "unicast"
	}
	return "multicast"
}

// peers compares the lists of unicast peers with the source addresses. complete
// is set if the members are all there are.
func (c *checker) peers(members []*member, complete bool) {
	sources := map[netip.Addr]bool{}
	for _, m := range members {
		if m.SourceAddress.IsValid() {
			sources[m.SourceAddress] = true
		} else {
			complete = false
		}
	}
	for i, a := range members {
		for _, b := range members[i+1:] {
			c.mutual(a, b)
			c.mutual(b, a)
			c.samePeer(a, b, len(members))
		}
	}
	if !complete || len(sources) != len(members) {
		return
	}
	for _, m := range members {
		if len(m.Peers) < len(members) {
			continue // every other node first
		}
		for _, p := range m.Peers {
			if !sources[p.Address] {
				c.report(finding{CodeUnknownPeer, diag.Note,
					fmt.Sprintf("%s: no node given here sends from peer %v", m.what(), p.Address),
					"if there is no such node, its adverts go nowhere", "check that node's file too, or remove the peer"}, m.peerPlace(p.Address))
			}
		}
	}
}

func (m *member) peerPlace(addr netip.Addr) diag.Range {
	for _, p := range m.Peers {
		if p.Address == addr && !p.Head.IsZero() {
			return p.Head
		}
	}
	return m.At("unicast_peer")
}

// mutual reports that from does not send its adverts to the address of to.
func (c *checker) mutual(from, to *member) {
	addr := to.SourceAddress
	if !addr.IsValid() || from.SourceAddress == addr || from.lists(addr) {
		return
	}
	f := finding{CodePeerMissing, diag.Error,
		fmt.Sprintf("%s: %v, the address of %s, is not in unicast_peer", from.what(), addr, to.node.Name),
		fmt.Sprintf("%s never hears its adverts: while %s is MASTER, it becomes MASTER too", to.node.Name, from.node.Name),
		"list the unicast_src_ip of every other node"}
	if from.CheckUnicastSource {
		f.effect += "; adverts from there are rejected, too"
	}
	c.report(f, from.At("unicast_peer"), to.place("unicast_src_ip", "unicast_src_ip "+addr.String()))
}

// samePeer reports two nodes with one and the same peer: one of them sends to
// itself only.
func (c *checker) samePeer(a, b *member, nodes int) {
	if nodes != 2 || len(a.Peers) != 1 || len(b.Peers) != 1 || a.Peers[0].Address != b.Peers[0].Address ||
		a.SourceAddress.IsValid() || b.SourceAddress.IsValid() {
		return
	}
	addr := a.Peers[0].Address
	c.report(finding{CodePeerMissing, diag.Error,
		fmt.Sprintf("%s: %v is the only peer here and in %s", b.what(), addr, a.node.Name),
		"one of the two sends its adverts to itself; " + bothMaster, "list the other node's address on each node"},
		b.peerPlace(addr), place{a.node, a.peerPlace(addr), "the same peer"})
}

// sources reports one source address on several nodes.
func (c *checker) sources() {
	type use struct {
		addr netip.Addr
		node *Node
	}
	first, said := map[netip.Addr]*member{}, map[use]bool{}
	for i := range c.nodes {
		for _, v := range c.nodes[i].Config.Instances {
			m := &member{&c.nodes[i], v}
			addr := v.SourceAddress
			if !addr.IsValid() {
				continue
			}
			other := first[addr]
			if other == nil {
				first[addr] = m
			} else if at := (use{addr, m.node}); other.node != m.node && !said[at] && (!addr.IsLinkLocalUnicast() || other.Interface == m.Interface) {
				said[at] = true
				c.report(finding{CodeSameSource, diag.Error,
					fmt.Sprintf("%s: source address %v is that of %s, too", m.what(), addr, other.node.Name),
					"one address on two nodes: adverts reach one of them only", "set each node's own address"},
					m.sourcePlace(), place{other.node, other.sourcePlace(), "source address " + addr.String()})
			}
		}
	}
}

func (m *member) sourcePlace() diag.Range {
	if m.Has("unicast_src_ip") {
		return m.At("unicast_src_ip")
	}
	return m.At("mcast_src_ip")
}
