package health

import (
	"math"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// suspended reports whether ha_suspend holds the checkers of vs: none of its
// addresses is on this host.
func (vs *virtualServer) suspended() bool { return vs.cfg.HASuspend && vs.local == 0 }

// has reports whether a is an address of vs.
func (vs *virtualServer) has(a netip.Addr) bool {
	if vs.cfg.Group == "" {
		return vs.cfg.Address == a
	}
	for _, g := range vs.entries {
		if !g.IsFwmark && a.Is4() == g.First.Is4() && !a.Less(g.First) && !g.Last.Less(a) {
			return true
		}
	}
	return false
}

// addressChanged counts an address that came to this host or left it. The same
// address may be on several interfaces.
func (e *Engine) addressChanged(a netip.Addr, added bool) {
	a = a.Unmap()
	was := e.addresses[a]
	switch {
	case added:
		e.addresses[a]++
		if was > 0 {
			return
		}
	case was > 1:
		e.addresses[a]--
		return
	case was == 1:
		delete(e.addresses, a)
	default:
		return
	}
	said := false
	for _, vs := range e.servers {
		if !vs.cfg.HASuspend || !vs.has(a) {
			continue
		}
		if !said {
			e.detail(lineAddress(a.String(), added))
			said = true
		}
		held := vs.suspended()
		if added {
			vs.local++
		} else {
			vs.local--
		}
		if vs.suspended() != held {
			e.suspend(vs)
		}
	}
}

// suspend says that the checkers of vs are held or released, and drops the
// checks that are under way when they are held.
func (e *Engine) suspend(vs *virtualServer) {
	verb := verbActivating
	if vs.suspended() {
		verb = verbSuspending
	}
	for _, rs := range vs.servers {
		for _, ck := range rs.checkers {
			if !ck.kind.timed {
				continue
			}
			e.log(lineChecker(verb, rs.cfg.Name, vs.cfg.Name))
			if vs.suspended() && ck.run != 0 {
				e.emit(CancelProbe{ID: ck.id, Run: ck.run})
				ck.run = 0
				e.waiting.schedule(ck, e.now.Add(atLeast(ck.cfg.DelayLoop)))
			}
		}
	}
}

// judgeFile turns the value of a tracked file into a verdict and a
// contribution: without weight the value is the verdict, with weight it counts
// that many times, and the least number of 32 bits means failed.
func judgeFile(f *config.FileCheck, value int64) (up bool, contribution int64) {
	if f.Weight == 0 {
		return (value == 0) != f.Reverse, 0
	}
	weight := int64(f.Weight)
	if f.Reverse {
		weight = -weight
	}
	contribution = clampProduct(value, weight)
	if contribution == math.MinInt32 {
		return false, 0
	}
	return true, contribution
}

// clampProduct multiplies two numbers of 32 bits.
func clampProduct(a, b int64) int64 {
	a = min(max(a, math.MinInt32), math.MaxInt32)
	b = min(max(b, math.MinInt32), math.MaxInt32)
	return min(max(a*b, math.MinInt32), math.MaxInt32)
}

// setWeight takes a weight from an operator.
func (e *Engine) setWeight(ev SetWeight) {
	for _, vs := range e.servers {
		for _, rs := range vs.servers {
			if rs.cfg == ev.Server {
				e.rebase(rs, int(clampWeight(int64(ev.Weight))))
				return
			}
		}
	}
}

// Weight is the weight of a server without what checkers add; false if the
// present configuration does not have it.
func (e *Engine) Weight(server *config.RealServer) (int, bool) {
	for _, vs := range e.servers {
		for _, rs := range vs.servers {
			if rs.cfg == server {
				return rs.base, true
			}
		}
	}
	return 0, false
}

func (e *Engine) rebase(rs *realServer, base int) {
	vs := rs.vs
	before := remember(rs, nil)
	from := rs.weight()
	rs.setBase(base)
	to := rs.weight()
	if from == to {
		return
	}
	e.log(lineWeight(from, to, rs.alive, rs.cfg.Name, vs.cfg.Name))
	announce := e.turnQuorum(vs)
	e.program(before, announce != nil && vs.cfg.SorryServer != nil, func() {
		if announce != nil {
			announce()
		}
	})
}

// setBase sets the weight without what checkers add. A misc_dynamic script
// says what the sum is to be, so what it adds follows the base.
func (rs *realServer) setBase(base int) {
	rs.base = base
	for _, ck := range rs.checkers {
		if m := ck.cfg.Misc; m != nil && m.Dynamic && ck.up {
			ck.contribution = dynamicContribution(ck)
		}
	}
}

// fileChanged takes a new value of a tracked file.
func (e *Engine) fileChanged(file string, value int64) {
	if e.files[file] == value {
		return
	}
	e.files[file] = value
	for _, ck := range e.checkers {
		if ck.cfg.Kind != config.CheckFILE || ck.cfg.File.TrackFile != file {
			continue
		}
		up, contribution := judgeFile(ck.cfg.File, value)
		reason := "tracked file " + file
		if up != ck.up {
			reason = lineFileFault(ck.rs.cfg.Name, file, !up)
			e.detail(reason)
		}
		if up {
			e.logReweigh(ck, contribution)
		}
		e.turn(ck, up, contribution, reason, "")
	}
}

// bfdChanged takes the state of a BFD session.
func (e *Engine) bfdChanged(session string, up bool) {
	e.bfd[session] = up
	for _, ck := range e.checkers {
		if ck.cfg.Kind != config.CheckBFD || ck.cfg.BFD != session || ck.hasRun && ck.up == up {
			continue
		}
		line := lineBFDState(session, ck.rs.cfg.Name, up)
		e.log(line)
		mail := ""
		switch {
		case up && !ck.up:
			mail = ck.kind.mailGood(ck)
		case !up && ck.up:
			mail = ck.kind.mailBad(ck, nil)
		}
		e.turn(ck, up, 0, line, mail)
	}
}
