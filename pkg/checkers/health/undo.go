package health

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// undo is the state that a transition started from, to go back to when the
// kernel refuses it: the next check then finds the same news again.
type undo struct {
	rs *realServer
	ck *checker // nil when no checker was the cause

	up, hasRun, recovering bool
	failures, url          int
	contribution           int64

	base, failed int
	alive, told  bool
	transitions  uint64
	since        time.Time
	reason       string

	quorumUp, settled bool
	quorumTransitions uint64
	quorumSince       time.Time
	quorumReason      string
}

func remember(rs *realServer, ck *checker) undo {
	vs := rs.vs
	u := undo{
		rs: rs, ck: ck,
		base: rs.base, failed: rs.failed, alive: rs.alive, told: rs.told, transitions: rs.transitions, since: rs.since, reason: rs.reason,
		quorumUp: vs.quorumUp, settled: vs.settled, quorumTransitions: vs.transitions, quorumSince: vs.since, quorumReason: vs.reason,
	}
	if ck != nil {
		u.up, u.hasRun, u.failures, u.contribution = ck.up, ck.hasRun, ck.failures, ck.contribution
		u.recovering, u.url = ck.recovering, ck.url
	}
	return u
}

// takeBack undoes the transition of p, whose changes the kernel has not.
func (e *Engine) takeBack(p *Program) {
	u := p.undo
	if u == nil || !p.MustSucceed {
		return
	}
	p.undo = nil
	ck, rs, vs := u.ck, u.rs, u.rs.vs
	if ck != nil {
		ck.up, ck.hasRun, ck.failures, ck.contribution = u.up, u.hasRun, u.failures, u.contribution
		ck.recovering, ck.url = u.recovering, u.url
	} else {
		rs.setBase(u.base)
	}
	rs.failed, rs.alive, rs.told, rs.transitions, rs.since = u.failed, u.alive, u.told, u.transitions, u.since
	rs.reason, vs.reason = u.reason, u.quorumReason
	vs.quorumUp, vs.settled, vs.transitions, vs.since = u.quorumUp, u.settled, u.quorumTransitions, u.quorumSince
	e.table.wantAll(vs)
}

// program asks for the table that the present state of u's server wants, then
// for what then adds. whole says that its neighbours are concerned too.
func (e *Engine) program(u undo, whole bool, then func()) {
	rs := u.rs
	var changes []ipvs.Change
	if whole {
		changes = e.table.wantAll(rs.vs)
	} else {
		changes = e.table.want(rs)
	}
	if len(changes) == 0 {
		then()
		return
	}
	// A tracked file or BFD session has no next check that would try again;
	// its verdict stands whatever the kernel says.
	p := &Program{Changes: changes, MustSucceed: u.ck == nil || u.ck.kind.timed, undo: &u}
	outer := e.out
	e.out = &p.Then
	then()
	e.out = outer
	e.emit(p)
}
