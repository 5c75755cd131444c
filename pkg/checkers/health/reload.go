package health

import (
	"maps"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// groupLine is what makes two lines of a group the same entry.
type groupLine struct {
	first, last netip.Addr
	port        uint16
	isFwmark    bool
	fwmark      uint32
}

// serverKey is what makes two real servers of a virtual server the same.
type serverKey struct {
	address netip.Addr
	port    uint16
}

// reload takes a new configuration. What stays keeps its state; the table
// changes in one step, so that nothing that stays is ever out of it.
func (e *Engine) reload(ev Reload) {
	e.emit(CancelAll{})
	e.reloaded = e.now
	e.reloading = true
	defer func() { e.reloading = false }()
	was, oldCfg := e.servers, e.cfg
	e.cfg = ev.Config
	e.files = maps.Clone(ev.Files)
	e.servers = e.build()

	// The same server may be configured twice; they are matched in order.
	is := map[string][]*virtualServer{}
	for _, vs := range e.servers {
		is[vs.key()] = append(is[vs.key()], vs)
	}
	stays := map[*virtualServer]*virtualServer{} // new to old
	var say []func()
	index := map[serverKey]*realServer{} // of one virtual server at a time
	for _, old := range was {
		same := is[old.key()]
		if len(same) == 0 {
			say = append(say, e.dropVirtualServer(old)...)
			continue
		}
		vs := same[0]
		is[old.key()] = same[1:]
		stays[vs] = old
		say = append(say, e.leave(old, vs, oldCfg, index)...)
	}
	e.index()
	for _, vs := range e.servers {
		say = append(say, e.enter(vs, stays[vs], oldCfg, index)...)
	}
	e.replaceTable(was, say)
	e.activate()
}

// key is what makes two virtual servers the same. A group's name carries the
// index among its users, not the protocol; an address's name has both.
func (vs *virtualServer) key() string {
	return vs.cfg.Family.String() + " " + vs.cfg.Name
}

func (rs *realServer) key() serverKey { return serverKey{rs.cfg.Address, rs.cfg.Port} }

// dropVirtualServer says goodbye to a server that is not configured any more.
func (e *Engine) dropVirtualServer(vs *virtualServer) []func() {
	var say []func()
	e.log(lineVSGone(vs.cfg))
	if e.cfg.Global.LVS.FlushOnStop == config.FlushServers {
		for _, rs := range vs.servers {
			say = append(say, e.dropServer(rs)...)
		}
	}
	return append(say, func() { e.sayLost(vs, mailShutdown, "removed from the configuration") })
}

func (e *Engine) dropServer(rs *realServer) []func() {
	if rs.inTable() {
		e.log(lineServerDown(rs.cfg.Name, rs.vs.cfg.Name, false))
	}
	if !rs.alive {
		return nil
	}
	return []func(){func() { e.sayDown(rs, mailRemoving, "removed from the configuration") }}
}

// leave says what old has that vs, the same server in the new configuration,
// has not.
func (e *Engine) leave(old, vs *virtualServer, oldCfg *config.Config, index map[serverKey]*realServer) []func() {
	kept := groupLines(e.cfg.Group(vs.cfg.Group))
	for _, g := range groupEntries(oldCfg.Group(old.cfg.Group)) {
		if !kept[lineOf(g)] {
			e.log(lineEntryGone(g, old.cfg.Protocol, old.cfg.Group))
		}
	}
	var say []func()
	fill(index, vs)
	for _, rs := range old.servers {
		if index[rs.key()] == nil {
			e.log(lineServerGone(rs.cfg.Name))
			say = append(say, e.dropServer(rs)...)
		}
	}
	if old.sorryInUse() && !sameSorry(old.cfg.SorryServer, vs.cfg.SorryServer) {
		e.log(lineSorryOut(sorryName(old.cfg), old.cfg.Name, false))
	}
	return say
}

// enter gives vs the state of old, nil if it is new, and says what changes
// with that.
func (e *Engine) enter(vs, old *virtualServer, oldCfg *config.Config, index map[serverKey]*realServer) []func() {
	if old == nil {
		for _, rs := range vs.servers {
			e.firstState(rs)
		}
		return e.settle([]*virtualServer{vs})
	}
	vs.quorumUp, vs.settled = old.quorumUp, old.settled
	vs.transitions, vs.since, vs.reason = old.transitions, old.since, old.reason
	had := groupLines(oldCfg.Group(old.cfg.Group))
	for _, g := range groupEntries(e.cfg.Group(vs.cfg.Group)) {
		if !had[lineOf(g)] {
			e.log(lineEntryAdded(g, vs.cfg.Protocol, vs.cfg.Group))
		}
	}
	var say []func()
	fill(index, old)
	for _, rs := range vs.servers {
		oldRS := index[rs.key()]
		if oldRS == nil {
			e.firstState(rs)
			if rs.alive && e.cfg.Global.RSInitNotifies {
				say = append(say, func() { e.tellServer(rs, "", rs.reason) })
			}
			continue
		}
		say = append(say, e.inherit(rs, oldRS)...)
	}
	if f := e.turnQuorum(vs); f != nil {
		return append(say, f)
	}
	if vs.sorryInUse() && (!old.sorryInUse() || !sameSorry(old.cfg.SorryServer, vs.cfg.SorryServer)) {
		say = append(say, func() { e.logSorryIn(vs) })
	}
	return say
}

// inherit gives rs the state it had before the reload. A server that was down
// stays down until something says otherwise: checkers that are new to it start
// failed.
func (e *Engine) inherit(rs, old *realServer) []func() {
	rs.transitions, rs.since, rs.told, rs.reason = old.transitions, old.since, old.told, old.reason
	adopt(rs, old)
	rs.failed = 0
	for _, ck := range rs.checkers {
		e.knownState(ck)
		if !ck.up {
			rs.failed++
		}
	}
	rs.alive = old.alive
	if from, to := old.weight(), rs.weight(); from != to {
		e.log(lineWeight(from, to, rs.alive, rs.cfg.Name, rs.vs.cfg.Name))
	}
	alive := rs.failed == 0
	if alive == rs.alive {
		return nil
	}
	e.setAlive(rs, alive)
	line := lineServerDown(rs.cfg.Name, rs.vs.cfg.Name, rs.cfg.InhibitOnFailure)
	if alive {
		line = lineServerUp(rs.cfg.Name, rs.vs.cfg.Name, rs.cfg.InhibitOnFailure)
	}
	e.log(line)
	return []func(){func() { e.tellServer(rs, "", "configuration changed") }}
}

func groupEntries(g *config.VirtualServerGroup) []config.GroupEntry {
	if g == nil {
		return nil
	}
	return g.Entries
}

func groupLines(g *config.VirtualServerGroup) map[groupLine]bool {
	if g == nil {
		return nil
	}
	set := map[groupLine]bool{}
	for _, entry := range groupEntries(g) {
		set[lineOf(entry)] = true
	}
	return set
}

func lineOf(g config.GroupEntry) groupLine {
	last := g.Last
	if !last.IsValid() {
		last = g.First
	}
	return groupLine{g.First, last, g.Port, g.IsFwmark, g.Fwmark}
}

// fill makes index that of vs.
func fill(index map[serverKey]*realServer, vs *virtualServer) {
	clear(index)
	for _, rs := range vs.servers {
		index[rs.key()] = rs
	}
}

func sameSorry(a, b *config.SorryServer) bool {
	return a != nil && b != nil && a.Address == b.Address && a.Port == b.Port
}
