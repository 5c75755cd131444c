package checkrun

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// descriptors is how many open files a checker takes: while a probe runs, for a
// connection or the pipes and the process of a script; and for good, for the
// socket that a PING_CHECK keeps.
func descriptors(ck *config.Checker) (probe, kept int) {
	switch ck.Kind {
	case config.CheckFILE, config.CheckBFD:
		return 0, 0
	case config.CheckPING:
		return 0, 1
	case config.CheckMISC:
		return 4, 0
	case config.CheckTCP, config.CheckHTTP, config.CheckSSL, config.CheckSMTP,
		config.CheckDNS, config.CheckUDP:
	}
	return 1, 0
}

// slots bounds what the running probes take of the limit of open files. A probe
// that finds no room waits for those before it, but no longer than its own
// timeout: then it is late, and says nothing about its server.
type slots struct {
	limit, used int
	running     map[health.CheckerID]runningProbe
	waiting     []waitingProbe // the first came first
}

type runningProbe struct {
	run  uint64
	cost int
}

type waitingProbe struct {
	health.StartProbe
	until time.Time
}

// lineProbesWait says that the limit is too low, with what it leaves.
const lineProbesWait = "Checks wait for one another: the limit of open files leaves %d for them - raise LimitNOFILE= of the service"

// take reports whether a probe may start at now. If not it waits.
func (s *slots) take(now time.Time, a health.StartProbe) bool {
	if len(s.waiting) == 0 && s.occupy(a) {
		return true
	}
	s.waiting = append(s.waiting, waitingProbe{a, now.Add(patience(a.Checker))})
	return false
}

func (s *slots) occupy(a health.StartProbe) bool {
	cost, _ := descriptors(a.Checker)
	// One at a time runs whatever the limit is.
	if s.used > 0 && cost > 0 && s.used+cost > s.limit {
		return false
	}
	s.release(a.ID, 0)
	s.used += cost
	s.running[a.ID] = runningProbe{a.Run, cost}
	return true
}

// release gives back what a probe took; run 0 stands for any.
func (s *slots) release(id health.CheckerID, run uint64) {
	if r, ok := s.running[id]; ok && (run == 0 || r.run == run) {
		s.used -= r.cost
		delete(s.running, id)
	}
}

// forget lets a probe wait no longer.
func (s *slots) forget(id health.CheckerID, run uint64) {
	for i := range s.waiting {
		if w := &s.waiting[i]; w.ID == id && w.Run == run {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			return
		}
	}
}

// next returns the probes that may start at now, and those that have waited
// for too long.
func (s *slots) next(now time.Time) (start, late []health.StartProbe) {
	kept := s.waiting[:0]
	full := false
	for _, w := range s.waiting {
		switch {
		case !w.until.After(now):
			late = append(late, w.StartProbe)
		case !full && s.occupy(w.StartProbe):
			start = append(start, w.StartProbe)
		default:
			full = true
			kept = append(kept, w)
		}
	}
	clear(s.waiting[len(kept):])
	s.waiting = kept
	return start, late
}

// deadline is when the next one has waited for too long; false if none waits.
func (s *slots) deadline() (at time.Time, ok bool) {
	for i := range s.waiting {
		if u := s.waiting[i].until; !ok || u.Before(at) {
			at, ok = u, true
		}
	}
	return at, ok
}

// reset makes an empty one with another limit.
func (s *slots) reset(limit int) {
	*s = slots{limit: limit, running: map[health.CheckerID]runningProbe{}}
}

// patience is the timeout of a check.
func patience(ck *config.Checker) time.Duration {
	if ck.Kind == config.CheckMISC {
		return ck.Misc.Timeout
	}
	return ck.ConnectTimeout
}
