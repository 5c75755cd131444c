package health

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// result takes the end of a probe: the verdict, then the time of the next
// check.
func (e *Engine) result(r Result) {
	if r.ID < 0 || int(r.ID) >= len(e.checkers) {
		return
	}
	ck := e.checkers[r.ID]
	if ck.run == 0 || ck.run != r.Run {
		return
	}
	o := r.Outcome
	ck.run = 0
	ck.lastRun, ck.lastDuration, ck.lastText = e.now, o.Duration, o.words()
	var delay time.Duration
	switch {
	case o.Verdict == LocalTrouble:
		// That probes wait for too long is logged once for all.
		if !o.TimedOut {
			e.log(lineLocalTrouble(ck.cfg.Kind, ck.rs.cfg.Name, o.Text, o.Cause))
		}
		delay = ck.cfg.DelayLoop
	case ck.cfg.HTTP != nil:
		delay = e.webResult(ck, &o)
	default:
		delay = e.plainResult(ck, &o)
	}
	from := e.now
	switch end := ck.begun.Add(o.Duration); {
	case ck.kind.fromStart:
		from = ck.begun
	case o.Duration > 0 && end.Before(from):
		// When the check ended, not when we heard of it: with thousands of
		// them that takes its time.
		from = end
	}
	next := from.Add(delay)
	if next.Before(e.now) {
		next = e.now
	}
	e.waiting.schedule(ck, next)
}

// plainResult takes a verdict that stands for itself and returns the delay
// until the next check.
func (e *Engine) plainResult(ck *checker, o *Outcome) time.Duration {
	contribution := int64(0)
	if ck.cfg.Kind == config.CheckMISC {
		contribution = judgeScript(ck, o)
	}
	ck.runCount++
	if o.Verdict == Good {
		e.good(ck, contribution)
		return ck.cfg.DelayLoop
	}
	ck.badCount++
	return e.bad(ck, o)
}

// judgeScript turns the exit status of a script into a verdict and what it
// adds to the weight: with misc_dynamic a status of 2 to 255 is a success that
// makes the weight status-2.
func judgeScript(ck *checker, o *Outcome) int64 {
	ck.lastExit = o.Exit
	if !ck.cfg.Misc.Dynamic || o.TimedOut || o.Signal != 0 {
		return 0
	}
	if o.Verdict == Bad && o.Exit >= 2 {
		o.Verdict = Good
	}
	if o.Verdict == Bad {
		return 0
	}
	ck.goodExit = o.Exit
	return dynamicContribution(ck)
}

// dynamicContribution is what the last good exit status of a misc_dynamic
// script is worth against the weight that the server has without it.
func dynamicContribution(ck *checker) int64 {
	if ck.goodExit < 2 {
		return 0
	}
	return int64(ck.goodExit) - 2 - int64(ck.rs.base)
}

// good takes a success.
func (e *Engine) good(ck *checker, contribution int64) {
	line, mail := "", ""
	first := !ck.hasRun
	e.logReweigh(ck, contribution)
	if !ck.up || first {
		line = ck.kind.good(ck)
		e.log(line)
	}
	if !ck.up || first && ck.kind.mailFirst {
		mail = ck.kind.mailGood(ck)
	}
	e.turn(ck, true, contribution, line, mail)
}

// bad takes a failure and returns the delay until the next check. The first
// check of a checker decides alone, except for kinds that always use all their
// attempts.
func (e *Engine) bad(ck *checker, o *Outcome) time.Duration {
	k := ck.kind
	// known: failing is not news.
	known := !ck.up && ck.hasRun
	if ck.up || k.allAttempts {
		ck.failures++
	}
	retrying := (ck.up && ck.hasRun || k.allAttempts) && ck.failures <= ck.cfg.Retry
	if ck.cfg.LogAllFailures && !known && (retrying || k.finalEach) {
		e.log(k.each(ck, o, ck.failures))
	}
	if retrying {
		return ck.cfg.DelayBeforeRetry
	}
	if known {
		ck.failures = 0
		return ck.cfg.DelayLoop
	}
	line := k.bad(ck, o, !ck.hasRun && !k.allAttempts)
	e.log(line)
	mail := ""
	if ck.up {
		mail = k.mailBad(ck, o)
	}
	e.turn(ck, false, 0, line, mail)
	return ck.cfg.DelayLoop
}

// turn gives ck a verdict and everything that follows from it: the server up
// or down, its weight, the quorum, the table. reason is the checker's line,
// mail the body of its alert, "" for none.
func (e *Engine) turn(ck *checker, up bool, contribution int64, reason, mail string) {
	rs, vs := ck.rs, ck.rs.vs
	before := remember(rs, ck)
	firstFailure := !up && !ck.up && !ck.hasRun && !ck.kind.silentAlpha
	weight := rs.weight()

	ck.hasRun, ck.failures, ck.contribution = true, 0, contribution
	if up != ck.up {
		ck.up = up
		if up {
			rs.failed--
		} else {
			rs.failed++
		}
	}
	changed := rs.alive != (rs.failed == 0)
	reweighed := rs.weight() != weight
	if !changed && !reweighed && !firstFailure && mail == "" {
		return
	}

	if changed {
		e.setAlive(rs, rs.failed == 0)
		if rs.alive {
			e.log(lineServerUp(rs.cfg.Name, vs.cfg.Name, rs.cfg.InhibitOnFailure))
		} else {
			e.log(lineServerDown(rs.cfg.Name, vs.cfg.Name, rs.cfg.InhibitOnFailure))
		}
	}
	announce := e.turnQuorum(vs)
	e.program(before, announce != nil && vs.cfg.SorryServer != nil, func() {
		if changed || firstFailure && !rs.told {
			e.tellServer(rs, "", reason)
		}
		if announce != nil {
			announce()
		}
		if mail != "" {
			e.mailVerdict(rs, changed, mail)
		}
	})
}

// logReweigh announces the weight that a success brings. It comes before the
// checker's own line; a failure takes the contribution back without a word.
func (e *Engine) logReweigh(ck *checker, contribution int64) {
	rs := ck.rs
	from, to := rs.weight(), clampWeight(rs.effective()-ck.contribution+contribution)
	if from != to {
		e.log(lineWeight(from, to, rs.alive, rs.cfg.Name, rs.vs.cfg.Name))
	}
}

func (e *Engine) setAlive(rs *realServer, alive bool) {
	rs.alive = alive
	rs.transitions++
	rs.since = e.now
}

// tellServer announces the present state of rs.
func (e *Engine) tellServer(rs *realServer, mail, reason string) {
	e.tellPool(rs, mail, reason, rs.vs.pool())
}

func (e *Engine) tellPool(rs *realServer, mail, reason string, pool event.Pool) {
	rs.told, rs.reason = !rs.alive, reason
	if !rs.cfg.SMTPAlert || pool.OnlySNMP {
		mail = ""
	}
	e.tell(event.RealServerState{
		Time: e.now, VirtualServer: rs.vs.cfg.Name, RealServer: rs.cfg.Name,
		Up: rs.alive, Mail: mail, Reason: reason, Pool: pool,
	})
}

// mailVerdict mails a checker's change of mind; with no_checker_emails only
// when it moved the server.
func (e *Engine) mailVerdict(rs *realServer, changed bool, mail string) {
	if !rs.cfg.SMTPAlert || e.cfg.Global.NoCheckerEmails && !changed {
		return
	}
	e.tell(event.CheckerState{
		Time: e.now, VirtualServer: rs.vs.cfg.Name, RealServer: rs.cfg.Name,
		Up: rs.alive, ServerChanged: changed, Mail: mail,
	})
}
