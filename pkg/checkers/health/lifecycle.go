package health

import (
	"maps"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// start puts every server that need not be checked first into the table and
// sets the checkers going.
func (e *Engine) start(ev Start) {
	e.started = e.now
	e.files = maps.Clone(ev.Files)
	for _, a := range ev.Addresses {
		e.addresses[a.Unmap()]++
	}
	if e.cfg.Global.LVS.Flush {
		e.emit(Flush{})
	}
	e.servers = e.build()
	e.index()
	for _, vs := range e.servers {
		for _, rs := range vs.servers {
			e.firstState(rs)
		}
	}
	e.replaceTable(nil, e.settle(e.servers))
	e.activate()
}

// build makes the state of every server of the configuration, all checkers as
// they start.
func (e *Engine) build() []*virtualServer {
	list := make([]*virtualServer, 0, len(e.cfg.VirtualServers))
	e.marks = ipvs.AssignMarks(e.cfg, e.marks)
	order := 0
	for _, cfg := range e.cfg.VirtualServers {
		group := e.cfg.Group(cfg.Group)
		vs := &virtualServer{
			cfg: cfg, order: order, since: e.now,
			services: ipvs.Services(cfg, group, e.marks), entries: groupEntries(group),
		}
		servers := make([]realServer, len(cfg.RealServers))
		vs.servers = make([]*realServer, 0, len(cfg.RealServers))
		for i, rsCfg := range cfg.RealServers {
			rs := &servers[i]
			*rs = realServer{cfg: rsCfg, vs: vs, order: order, base: rsCfg.Weight, since: e.now}
			order++
			for _, ckCfg := range rsCfg.Checkers {
				rs.checkers = append(rs.checkers, newChecker(ckCfg, rs))
			}
			vs.servers = append(vs.servers, rs)
		}
		order++ // the sorry server's place
		if cfg.HASuspend {
			for a := range e.addresses {
				if vs.has(a) {
					vs.local++
				}
			}
		}
		list = append(list, vs)
	}
	findShares(list)
	return list
}

func findShares(servers []*virtualServer) {
	n := 0
	for _, vs := range servers {
		n += len(vs.services)
	}
	owner := make(map[ipvs.ServiceKey]*virtualServer, n)
	for _, vs := range servers {
		for i := range vs.services {
			key := vs.services[i].Key
			if o := owner[key]; o != nil && o != vs {
				o.shares, vs.shares = true, true
			}
			owner[key] = vs
		}
	}
}

func newChecker(cfg *config.Checker, rs *realServer) *checker {
	return &checker{
		cfg: cfg, kind: &kinds[cfg.Kind], rs: rs,
		up: !cfg.Alpha, recovering: cfg.Alpha, place: -1,
	}
}

// firstState counts the failed checkers of a server that is new, after
// checkers that know their state without a check have found it.
func (e *Engine) firstState(rs *realServer) {
	rs.failed = 0
	for _, ck := range rs.checkers {
		e.knownState(ck)
		if !ck.up {
			rs.failed++
		}
	}
	rs.alive = rs.failed == 0
	switch {
	case len(rs.checkers) == 0:
		rs.reason = "it has no checker"
	case rs.alive:
		rs.reason = "in service from the start"
	default:
		rs.reason = "in service once all its checkers have found it well"
	}
}

// knownState sets what a FILE_CHECK and a BFD_CHECK know without a check.
func (e *Engine) knownState(ck *checker) {
	switch ck.cfg.Kind {
	case config.CheckFILE:
		ck.up, ck.contribution = judgeFile(ck.cfg.File, e.files[ck.cfg.File.TrackFile])
		ck.hasRun = true
	case config.CheckBFD:
		if up, known := e.bfd[ck.cfg.BFD]; known {
			ck.up, ck.hasRun = up, true
		}
	case config.CheckTCP, config.CheckHTTP, config.CheckSSL, config.CheckSMTP,
		config.CheckDNS, config.CheckMISC, config.CheckPING, config.CheckUDP:
	}
}

// settle looks at the quorum of servers and returns the announcements of those
// that are new or changed, servers first.
func (e *Engine) settle(servers []*virtualServer) []func() {
	var say []func()
	for _, vs := range servers {
		if !vs.settled && e.cfg.Global.RSInitNotifies {
			for _, rs := range vs.servers {
				if rs.alive {
					say = append(say, func() { e.tellServer(rs, "", rs.reason) })
				}
			}
		}
		if f := e.turnQuorum(vs); f != nil {
			say = append(say, f)
		}
	}
	return say
}

// replaceTable makes the table of the present servers the wanted one and
// announces say after it. Failures are only logged.
func (e *Engine) replaceTable(was []*virtualServer, say []func()) {
	next := build(e.table, e.servers)
	p := &Program{Changes: e.table.difference(next, was, e.servers)}
	e.table = next
	if was == nil {
		next.unwanted(p.Changes, e.servers)
	}
	outer := e.out
	e.out = &p.Then
	for _, f := range say {
		f()
	}
	e.out = outer
	if len(p.Changes) == 0 {
		*e.out = append(*e.out, p.Then...)
		return
	}
	e.emit(p)
}

// stop takes everything out of the table, unless it is to stay.
func (e *Engine) stop(ev Stop) {
	e.stopped = true
	e.emit(CancelAll{})
	e.waiting = nil
	if !ev.DontRelease {
		e.release()
	}
	e.emit(Finished{})
}

func (e *Engine) release() {
	oneByOne := e.cfg.Global.LVS.FlushOnStop == config.FlushServers
	snmp := e.cfg.Global.SNMP.Checker && e.cfg.Global.SNMP.Traps
	var say []func()
	for _, vs := range e.servers {
		tell := vs.cfg.Omega || snmp
		for _, rs := range vs.servers {
			if oneByOne {
				e.log(lineServerStops(rs.cfg.Name, vs.cfg.Name, rs.cfg.InhibitOnFailure && !rs.alive))
			}
			if tell && oneByOne && rs.alive {
				say = append(say, func() {
					rs.alive = false
					e.tellPool(rs, mailShutdown, "shutting down", leaving(vs))
				})
			}
		}
		if tell {
			say = append(say, func() { e.tellLost(vs, mailShutdown, "shutting down", leaving(vs)) })
		}
	}
	if e.cfg.Global.LVS.FlushOnStop == config.FlushAll {
		e.emit(Flush{})
		for _, f := range say {
			f()
		}
		return
	}
	was := e.servers
	e.servers = nil
	e.replaceTable(was, say)
}

// sayDown announces a server that leaves for good.
func (e *Engine) sayDown(rs *realServer, mail, reason string) {
	rs.alive = false
	e.tellServer(rs, mail, reason)
}

// sayLost announces a virtual server that leaves for good, whether it still
// had its quorum or not.
func (e *Engine) sayLost(vs *virtualServer, mail, reason string) {
	e.tellLost(vs, mail, reason, vs.pool())
}

func (e *Engine) tellLost(vs *virtualServer, mail, reason string, pool event.Pool) {
	if !vs.cfg.SMTPAlert || pool.OnlySNMP {
		mail = ""
	}
	e.tell(event.VirtualServerState{Time: e.now, VirtualServer: vs.cfg.Name, Mail: mail, Reason: reason, Pool: pool})
}

// leaving is the pool of a virtual server when the daemon stops: without
// omega only SNMP is told.
func leaving(vs *virtualServer) event.Pool {
	p := vs.pool()
	p.Stopping, p.OnlySNMP = true, !vs.cfg.Omega
	return p
}
