package peercheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// servers compares the IPVS tables that the nodes would make.
func (c *checker) servers() {
	ref := -1
	for i := range c.nodes {
		if len(c.nodes[i].Config.VirtualServers) > 0 {
			ref = i
			break
		}
	}
	if ref < 0 {
		return
	}
	for i := range c.nodes {
		if i == ref {
			continue
		}
		a, b := &c.nodes[ref], &c.nodes[i]
		if len(b.Config.VirtualServers) == 0 {
			v := a.Config.VirtualServers[0]
			c.report(finding{CodeServerMissing, diag.Warning,
				fmt.Sprintf("%s has no virtual_server at all", b.Name),
				"while it is MASTER nothing is balanced", "write the same virtual_server blocks on all nodes"}, v.Head)
			continue
		}
		left, right := serverKeys(a.Config), serverKeys(b.Config)
		c.lacking(a, b, left, right)
		c.lacking(b, a, right, left)
		at := map[string]*config.VirtualServer{}
		for i, key := range right {
			at[key] = b.Config.VirtualServers[i]
		}
		for i, v := range a.Config.VirtualServers {
			if w := at[left[i]]; w != nil {
				c.virtualServer(a, b, v, w)
			}
		}
	}
	c.syncDaemons()
}

// lacking reports what only a has.
func (c *checker) lacking(a, b *Node, mine, theirs []string) {
	known := map[string]bool{}
	for _, key := range theirs {
		known[key] = true
	}
	for i, v := range a.Config.VirtualServers {
		if !known[mine[i]] {
			c.report(finding{CodeServerMissing, diag.Warning,
				fmt.Sprintf("virtual_server %s is not in %s", v.Name, b.Name),
				"while " + b.Name + " is MASTER the service is not balanced", "write the same virtual_server blocks on all nodes"}, v.Head)
		}
	}
}

// serverKeys are the keys of all virtual servers. One that is configured twice
// is matched in its order.
func serverKeys(cfg *config.Config) []string {
	var out []string
	seen := map[string]int{}
	for _, v := range cfg.VirtualServers {
		key := serverKey(cfg, v)
		seen[key]++
		out = append(out, fmt.Sprint(key, " #", seen[key]))
	}
	return out
}

// serverKey is what makes two virtual servers the same: what they serve, not
// what a group is called.
func serverKey(cfg *config.Config, v *config.VirtualServer) string {
	switch {
	case v.Group != "":
		var entries []string
		if g := cfg.Group(v.Group); g != nil {
			for i := range g.Entries {
				e := &g.Entries[i]
				entries = append(entries, fmt.Sprint(e.First, e.Last, e.Port, e.IsFwmark, e.Fwmark, e.Family))
			}
		}
		slices.Sort(entries)
		return fmt.Sprint(v.Protocol, " group ", v.Family, strings.Join(entries, ";"))
	case v.IsFwmark:
		return fmt.Sprint("fwmark ", v.Fwmark, v.Family)
	}
	return fmt.Sprint(v.Protocol, " ", netip.AddrPortFrom(v.Address, v.Port))
}

// serviceSettings are what clients notice when they differ.
var serviceSettings = []struct {
	keyword string
	value   func(*config.VirtualServer) string
}{
	{"lvs_sched", func(v *config.VirtualServer) string { return v.Scheduler }},
	{"persistence_timeout", func(v *config.VirtualServer) string { return fmt.Sprint(v.PersistenceTimeout.Seconds()) }},
	{"persistence_granularity", func(v *config.VirtualServer) string {
		if v.PersistenceTimeout == 0 {
			return ""
		}
		return fmt.Sprint(v.PersistenceMask4, v.PersistenceMask6)
	}},
	{"persistence_engine", func(v *config.VirtualServer) string { return v.PersistenceEngine }},
	{"flags of the scheduler", func(v *config.VirtualServer) string { return fmt.Sprintf("%#x", uint32(v.Flags)) }},
	{"quorum", func(v *config.VirtualServer) string { return fmt.Sprint(v.Quorum) }},
	{"hysteresis", func(v *config.VirtualServer) string { return fmt.Sprint(v.Hysteresis) }},
	{"sorry_server", func(v *config.VirtualServer) string {
		if v.SorryServer == nil {
			return "none"
		}
		return netip.AddrPortFrom(v.SorryServer.Address, v.SorryServer.Port).String()
	}},
}

var forwardNames = [...]string{config.ForwardNone: "none", config.NAT: "NAT", config.DR: "DR", config.TUN: "TUN"}

func (c *checker) virtualServer(a, b *Node, v, w *config.VirtualServer) {
	for _, s := range serviceSettings {
		if x, y := s.value(v), s.value(w); x != y {
			c.report(finding{CodeService, diag.Warning,
				fmt.Sprintf("virtual_server %s: %s is %s, in %s it is %s", w.Name, s.keyword, y, a.Name, x),
				"the service changes at a failover", "write the same settings on all nodes"},
				w.At(s.keyword), place{a, v.At(s.keyword), s.keyword + " " + x})
		}
	}
	for _, r := range v.RealServers {
		if realServer(w, r) == nil {
			c.realMissing(w, b, r, a)
		}
	}
	for _, r := range w.RealServers {
		o := realServer(v, r)
		if o == nil {
			c.realMissing(v, a, r, b)
			continue
		}
		if r.Weight != o.Weight {
			c.report(finding{CodeRealServer, diag.Warning,
				fmt.Sprintf("virtual_server %s: real_server %s has weight %d, in %s %d", w.Name, r.Name, r.Weight, a.Name, o.Weight),
				"the load is spread differently after a failover", "write the same weight on all nodes"},
				r.At("weight"), place{a, o.At("weight"), fmt.Sprintf("weight %d", o.Weight)})
		}
		if r.Forwarding != o.Forwarding {
			c.report(finding{CodeRealServer, diag.Warning,
				fmt.Sprintf("virtual_server %s: real_server %s is reached by %s, in %s by %s with other options or method", w.Name, r.Name, forwardNames[r.Forwarding.Method], a.Name, forwardNames[o.Forwarding.Method]),
				"packets reach the server in another way after a failover", "write the same lvs_method on all nodes"},
				forwardPlace(w, r), place{a, forwardPlace(v, o), "lvs_method " + forwardNames[o.Forwarding.Method]})
		}
	}
}

func forwardPlace(v *config.VirtualServer, r *config.RealServer) diag.Range {
	if r.Has("lvs_method") {
		return r.At("lvs_method")
	}
	return v.At("lvs_method")
}

func (c *checker) realMissing(v *config.VirtualServer, n *Node, r *config.RealServer, other *Node) {
	c.report(finding{CodeRealServer, diag.Warning,
		fmt.Sprintf("virtual_server %s: real_server %s of %s is missing", v.Name, r.Name, other.Name),
		"while " + n.Name + " is MASTER the server gets no connections", "write the same real_server blocks on all nodes"},
		v.Head, place{other, r.Head, "real_server " + r.Name})
}

func realServer(v *config.VirtualServer, like *config.RealServer) *config.RealServer {
	for _, r := range v.RealServers {
		if r.Address == like.Address && r.Port == like.Port {
			return r
		}
	}
	return nil
}

// syncDaemons compares lvs_sync_daemon.
func (c *checker) syncDaemons() {
	ref, rest := odd(pointers(c.nodes), func(n *Node) string {
		s := n.Config.Global.LVS.SyncDaemon
		if s == nil {
			return "none"
		}
		return fmt.Sprint(s.ID, " ", s.Port, " ", s.Group)
	})
	for _, n := range rest {
		c.report(finding{CodeSyncDaemon, diag.Warning,
			fmt.Sprintf("lvs_sync_daemon of %s does not fit that of %s", n.Name, ref.Name),
			"connections are not known on the node that takes over, so they break", "write lvs_sync_daemon with the same id, port and group on all nodes"},
			n.Config.Global.At("lvs_sync_daemon"), place{ref, ref.Config.Global.At("lvs_sync_daemon"), "another lvs_sync_daemon"})
	}
}

func pointers(nodes []Node) []*Node {
	var out []*Node
	for i := range nodes {
		out = append(out, &nodes[i])
	}
	return out
}

// identity reports nodes that call themselves the same.
func (c *checker) identity() {
	first := map[string]*Node{}
	for i := range c.nodes {
		n := &c.nodes[i]
		g := &n.Config.Global
		if !g.Has("router_id") {
			continue
		}
		if other := first[g.RouterID]; other != nil {
			c.report(finding{CodeRouterID, diag.Note,
				fmt.Sprintf("router_id is %s here and in %s", g.RouterID, other.Name),
				"mails do not say which node they come from", "give each node its own router_id, or leave it to the host name"},
				g.At("router_id"), place{other, other.Config.Global.At("router_id"), "the same router_id"})
		} else {
			first[g.RouterID] = n
		}
	}
}
