package script

import (
	"syscall"
	"time"
)

// Steps of ending a script: TERM, then KILL after killAfter (Stop has its own
// wait), again after reportAfter, from then on every repeatEvery. All but
// the first KILL are preceded by a report that the script is still alive.
const (
	killAfter   = 2 * time.Second
	reportAfter = 2 * time.Second
	repeatEvery = 10 * time.Second
)

// ladder is how far the ending of a script has got.
type ladder struct{ rung int }

// begun reports whether the script has been told to end.
func (l *ladder) begun() bool { return l.rung > 0 }

// next is the signal that is due now, whether the script counts as stuck, and
// how long to wait before the step after it.
func (l *ladder) next() (sig syscall.Signal, stuck bool, wait time.Duration) {
	l.rung++
	switch l.rung {
	case 1:
		return syscall.SIGTERM, false, killAfter
	case 2:
		return syscall.SIGKILL, false, reportAfter
	}
	return syscall.SIGKILL, true, repeatEvery
}
