package health

import (
	"math"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// threshold is the weight that a virtual server needs now, with the numbers
// it comes from.
type threshold struct{ quorum, hysteresis, value int64 }

// threshold is what gains the quorum when it is lost, and what keeps it when
// it is held.
func (vs *virtualServer) threshold() threshold {
	q, h := int64(vs.cfg.Quorum), int64(vs.cfg.Hysteresis)
	if vs.quorumUp {
		return threshold{q, h, q - h}
	}
	return threshold{q, h, q + h}
}

// weight is what the server counts and what the kernel gets: the base weight
// with what the checkers add, within the kernel's limits.
func (rs *realServer) weight() int64 { return clampWeight(rs.effective()) }

func clampWeight(w int64) int64 { return min(max(w, 0), math.MaxInt32) }

func (rs *realServer) effective() int64 {
	w := int64(rs.base)
	for _, ck := range rs.checkers {
		w += ck.contribution
	}
	return w
}

// liveWeight is the sum over the servers that are up.
func (vs *virtualServer) liveWeight() int64 {
	var w int64
	for _, rs := range vs.servers {
		if rs.alive {
			w += rs.weight()
		}
	}
	return w
}

// sorryInUse reports whether the sorry server takes the traffic.
func (vs *virtualServer) sorryInUse() bool {
	return vs.settled && !vs.quorumUp && vs.cfg.SorryServer != nil
}

// quorumWanted is what quorumUp should be for a live weight of w: held until
// the weight is 0 or below quorum - hysteresis, gained at quorum +
// hysteresis. Nothing is no quorum, even where all weights are 0 and the
// quorum was lowered to that.
func (vs *virtualServer) quorumWanted(w int64) bool {
	return w != 0 && w >= vs.threshold().value
}

// turnQuorum sets quorumUp for the present weight and returns the
// announcement of the change, nil if there is none. The announcement is
// separate because the kernel comes in between.
func (e *Engine) turnQuorum(vs *virtualServer) func() {
	w := vs.liveWeight()
	if !vs.settled {
		return e.firstQuorum(vs, w)
	}
	up := vs.quorumWanted(w)
	if up == vs.quorumUp {
		return nil
	}
	t := vs.threshold()
	e.setQuorum(vs, up)
	if up {
		return func() {
			e.log(lineGained(t, w, vs.cfg.Name))
			e.logSorryOut(vs)
			e.tellQuorum(vs, lineGained(t, w, vs.cfg.Name), mailQuorum(mailGained, t, w))
		}
	}
	line, mail := lineLost(t, w, vs.cfg.Name), mailQuorum(mailLost, t, w)
	if e.reloading && vs.cfg.SorryServer != nil {
		line, mail = lineStartDown(t, w, vs.cfg.Name), mailQuorum(mailStartDown, t, w)
	}
	return func() {
		e.log(line)
		e.logSorryIn(vs)
		e.tellQuorum(vs, line, mail)
	}
}

// firstQuorum is turnQuorum for a server that is new. One that starts without
// quorum is only worth a word when its sorry server goes in.
func (e *Engine) firstQuorum(vs *virtualServer, w int64) func() {
	t := vs.threshold()
	vs.settled = true
	up := vs.quorumWanted(w)
	vs.reason = lineStartDown(t, w, vs.cfg.Name)
	e.setQuorum(vs, up)
	switch {
	case up:
		return func() {
			e.log(lineGained(t, w, vs.cfg.Name))
			e.tellQuorum(vs, lineGained(t, w, vs.cfg.Name), mailQuorum(mailStartUp, t, w))
		}
	case vs.cfg.SorryServer != nil:
		return func() {
			e.log(lineStartDown(t, w, vs.cfg.Name))
			e.logSorryIn(vs)
			e.tellQuorum(vs, lineStartDown(t, w, vs.cfg.Name), mailQuorum(mailStartDown, t, w))
		}
	}
	return nil
}

func (e *Engine) setQuorum(vs *virtualServer, up bool) {
	vs.quorumUp = up
	vs.transitions++
	vs.since = e.now
}

func (e *Engine) logSorryIn(vs *virtualServer) {
	if s := vs.cfg.SorryServer; s != nil {
		e.log(lineSorryIn(sorryName(vs.cfg), vs.cfg.Name, s.Inhibit))
		e.log(linePoolOut(vs.cfg.Name))
	}
}

func (e *Engine) logSorryOut(vs *virtualServer) {
	if s := vs.cfg.SorryServer; s != nil {
		e.log(lineSorryOut(sorryName(vs.cfg), vs.cfg.Name, s.Inhibit))
		e.log(linePoolIn(vs.cfg.Name))
	}
}

func (e *Engine) tellQuorum(vs *virtualServer, reason, mail string) {
	vs.reason = reason
	if !vs.cfg.SMTPAlert {
		mail = ""
	}
	e.tell(event.VirtualServerState{
		Time: e.now, VirtualServer: vs.cfg.Name, Up: vs.quorumUp, Mail: mail, Reason: reason, Pool: vs.pool(),
	})
}

// pool counts the servers.
func (vs *virtualServer) pool() event.Pool {
	p := event.Pool{Servers: len(vs.servers)}
	for _, rs := range vs.servers {
		if rs.alive {
			p.ServersUp++
		}
	}
	return p
}
