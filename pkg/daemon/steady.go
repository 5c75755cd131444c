package daemon

import (
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// An advert that leaves late is an advert lost: on a busy machine the kernel
// may hold back an ordinary thread longer than a backup waits. keepalived
// advises to set max_auto_priority and then raises itself after it has been
// late, when the harm is done. So where the configuration says nothing about
// the scheduling of the VRRP or BFD process, it takes the lowest real-time
// priority from the start. All its threads do, because the loop cannot go on
// while the garbage collector is held back.

const (
	// steadyPriority is the priority of the process (SCHED_RR).
	steadyPriority = 1
	// steadyStretch is how long a thread may compute without a pause before
	// the process loses its priority: longer than a takeover of a thousand
	// instances takes, and short enough for the rest of the machine.
	steadyStretch = 200 * time.Millisecond
)

// rest is how long a process goes without real-time priority after a thread
// has computed for too long, whoever wanted the priority.
const rest = 10 * time.Second

// wantsSteady reports whether the role takes real-time priority by itself:
// not if any keyword speaks about its scheduling.
func (r role) wantsSteady(g *config.Global) bool {
	if r != roleVRRP && r != roleBFD {
		return false
	}
	s := r.settings(g)
	return s.RTPriority == 0 && s.Nice == 0 && g.MaxAutoPriority == config.AutoPriorityUnset
}

// stretch is how long a thread may compute at a time.
func (s *scheduling) stretch() time.Duration {
	if s.steady {
		return steadyStretch
	}
	return s.current.RTTime
}

// exhausted takes note of SIGXCPU: a thread has computed for too long. The
// process goes on at ordinary priority for a while. It reports whether there
// is anything to say about it.
func (s *scheduling) exhausted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.RTPriority == 0 || s.resting {
		return false
	}
	s.log.Info(fmt.Sprintf(textResting, s.stretch().Milliseconds(), rest.Seconds()), "process", string(s.role))
	s.resting = true
	s.try("set the scheduling priority", s.reschedule())
	time.AfterFunc(rest, s.rested)
	return !s.steady
}

// rested ends the time without real-time priority.
func (s *scheduling) rested() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resting = false
	s.try("set the scheduling priority", s.reschedule())
}
