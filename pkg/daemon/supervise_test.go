package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The supervisor alone: children are numbers, the clock is ours.

type fakeWorker struct {
	role    role
	number  int
	got     []string
	deaf    bool // does not take messages
	signals []syscall.Signal
}

func (w *fakeWorker) pid() int { return w.number }

func (w *fakeWorker) send(m message, attached *os.File) error {
	if w.deaf {
		return errors.New("resource temporarily unavailable")
	}
	text := string(m.Op)
	if attached != nil {
		text += " " + attached.Name()
	}
	if m.Signal != 0 {
		text += fmt.Sprint(" ", m.Signal)
	}
	w.got = append(w.got, text)
	return nil
}

func (w *fakeWorker) signal(s syscall.Signal) error {
	w.signals = append(w.signals, s)
	return nil
}

func (w *fakeWorker) lastWords() string { return "" }

// stage drives a supervisor.
type theatre struct {
	t       *testing.T
	s       *supervisor
	clock   time.Time
	timers  []*fakeTimer
	workers []*fakeWorker
	events  []string
	unhurt  map[role]bool // still wanted
	leaves  map[role]bool // something behind, when it is killed
	refuse  error         // of launch
}

type fakeTimer struct {
	at   time.Time
	f    func()
	dead bool
}

func newTheatre(t *testing.T, roles ...role) *theatre {
	th := &theatre{t: t, clock: time.Unix(1000, 0), unhurt: map[role]bool{roleVRRP: true, roleChecker: true, roleBFD: true}}
	th.s = &supervisor{
		log: slog.New(slog.DiscardHandler), wait: 5 * time.Second,
		launch: func(r role) (worker, error) {
			if th.refuse != nil {
				return nil, th.refuse
			}
			w := &fakeWorker{role: r, number: 100 + len(th.workers)}
			th.workers = append(th.workers, w)
			th.event("launch %s", r)
			return w, nil
		},
		wanted: func(r role) bool { return th.unhurt[r] },
		leaves: func(r role) bool { return th.leaves[r] },
		now:    func() time.Time { return th.clock },
		after: func(d time.Duration, f func()) func() {
			timer := &fakeTimer{at: th.clock.Add(d), f: f}
			th.timers = append(th.timers, timer)
			return func() { timer.dead = true }
		},
		started:   func() { th.event("started") },
		reloaded:  func(f []string) { th.event("reloaded %s", strings.Join(f, "; ")) },
		waiting:   func() { th.event("waiting %s", th.s.waitReason()) },
		permanent: func(status int) { th.event("permanent %d", status) },
		stopped:   func() { th.event("stopped") },
	}
	if err := th.s.start(roles); err != nil {
		t.Fatal(err)
	}
	return th
}

func (th *theatre) event(format string, args ...any) {
	th.events = append(th.events, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

// expect compares what happened since the last time.
func (th *theatre) expect(want ...string) {
	th.t.Helper()
	if !slices.Equal(th.events, want) {
		th.t.Errorf("happened: %q, want %q", th.events, want)
	}
	th.events = nil
}

// advance moves the clock and rings what is due.
func (th *theatre) advance(d time.Duration) {
	end := th.clock.Add(d)
	for {
		var next *fakeTimer
		for _, timer := range th.timers {
			if !timer.dead && !timer.at.After(end) && (next == nil || timer.at.Before(next.at)) {
				next = timer
			}
		}
		if next == nil {
			break
		}
		th.clock, next.dead = next.at, true
		next.f()
	}
	th.clock = end
}

// last is the present process of a role.
func (th *theatre) last(r role) *fakeWorker {
	for i := len(th.workers) - 1; i >= 0; i-- {
		if th.workers[i].role == r {
			return th.workers[i]
		}
	}
	th.t.Fatalf("no %s", r)
	return nil
}

func (th *theatre) say(r role, m message) { th.s.received(th.last(r).number, m) }
func (th *theatre) ready(r role)          { th.say(r, message{Op: opReady}) }

// answer is a child's answer to the present reload.
func (th *theatre) answer(r role, failure string) {
	th.say(r, message{Op: opReloaded, Seq: th.s.seq, Error: failure})
}

// Ends of processes.
func exitedWith(status int) syscall.WaitStatus { return syscall.WaitStatus(status << 8) }
func killedBy(s syscall.Signal) syscall.WaitStatus {
	return syscall.WaitStatus(s)
}

func (th *theatre) dies(r role, how syscall.WaitStatus) { th.s.exited(th.last(r).number, how) }

// handed is what a child was sent.
func (th *theatre) handed(r role, want ...string) {
	th.t.Helper()
	if got := th.last(r).got; !slices.Equal(got, want) {
		th.t.Errorf("%s was sent %q, want %q", r, got, want)
	}
}

// Files by name only: nothing reads them.
var bundleOld, bundleNew = os.NewFile(60001, "old"), os.NewFile(60002, "new")

func TestSupervisorStart(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.expect("launch checker", "launch vrrp")
	th.ready(roleVRRP)
	th.expect()
	th.ready(roleChecker)
	th.expect("started")
	th.s.received(4711, message{Op: opReady}) // no child of ours
	if th.s.exited(4711, exitedWith(0)) {
		t.Error("a foreign process counts as a child")
	}
	th.expect()
}

func TestSupervisorRespawns(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.expect("launch checker", "launch vrrp", "started")
	for _, delay := range []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60} {
		th.dies(roleVRRP, killedBy(syscall.SIGSEGV))
		if delay > 0 {
			th.expect()
			th.advance(delay*time.Second - 1)
			th.expect()
			th.advance(1)
		}
		th.expect("launch vrrp")
		th.ready(roleVRRP)
	}
	th.expect()
	// A long run forgives all, and the other child has a count of its own.
	th.advance(61 * time.Second)
	th.dies(roleVRRP, exitedWith(0))
	th.expect("launch vrrp")
	th.dies(roleChecker, exitedWith(3))
	th.expect("launch checker")
	th.dies(roleVRRP, exitedWith(0))
	th.advance(time.Second)
	th.expect("launch vrrp")
}

func TestSupervisorCannotRespawn(t *testing.T) {
	th := newTheatre(t, roleVRRP)
	th.ready(roleVRRP)
	th.refuse = errors.New("no more processes")
	th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	th.refuse = nil
	th.advance(time.Second)
	th.expect("launch vrrp", "started", "launch vrrp")
}

func TestSupervisorPermanentExits(t *testing.T) {
	for _, status := range []int{1, 2, 4} {
		th := newTheatre(t, roleVRRP)
		th.dies(roleVRRP, exitedWith(status))
		th.expect("launch vrrp", fmt.Sprintf("permanent %d", status))
		th.s.stop()
		th.expect("stopped")
	}
	th := newTheatre(t, roleVRRP)
	th.s.dontRespawn = true
	th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	th.expect("launch vrrp", "permanent 0")
}

// TestSupervisorWaits: what a child waits for is known until it is over, or the
// child is another.
func TestSupervisorWaits(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.say(roleChecker, message{Op: opWaiting, Error: "no IPVS"})
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.expect("launch checker", "launch vrrp", "waiting no IPVS", "started")
	th.say(roleChecker, message{Op: opWaiting})
	th.expect("waiting")
	th.say(roleChecker, message{Op: opWaiting, Error: "no IPVS"})
	th.dies(roleChecker, killedBy(syscall.SIGSEGV))
	if reason := th.s.waitReason(); reason != "" {
		t.Errorf("a new child waits for %s", reason)
	}
	th.expect("waiting no IPVS", "launch checker")
}

func TestSupervisorReload(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.events = nil
	th.s.pass(bundleNew, bundleOld, []role{roleBFD})
	th.expect("launch bfd")
	th.handed(roleVRRP, "reload new")
	th.answer(roleVRRP, "")
	th.answer(roleChecker, "")
	th.say(roleVRRP, message{Op: opReloaded, Seq: 99}) // of another round
	th.expect()
	th.ready(roleBFD)
	th.expect("reloaded")
	th.handed(roleBFD)
	// With nothing to wait for it is over at once.
	empty := newTheatre(t)
	empty.s.pass(bundleNew, bundleOld, nil)
	empty.expect("reloaded")
}

// TestSupervisorReloadWhileStarting: a child that was started with the old
// configuration gets the new one when it is ready.
func TestSupervisorReloadWhileStarting(t *testing.T) {
	th := newTheatre(t, roleVRRP)
	th.s.pass(bundleNew, bundleOld, nil)
	th.handed(roleVRRP)
	th.ready(roleVRRP)
	th.handed(roleVRRP, "reload new")
	th.expect("launch vrrp", "started")
	th.answer(roleVRRP, "")
	th.expect("reloaded")
}

// TestSupervisorDeathDuringReload: what is started next reads the new
// configuration by itself.
func TestSupervisorDeathDuringReload(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.events = nil
	th.s.pass(bundleNew, bundleOld, nil)
	th.answer(roleChecker, "")
	th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	th.expect("reloaded", "launch vrrp")
	th.ready(roleVRRP)
	th.handed(roleVRRP)
	th.expect()
}

func TestSupervisorTakesBackAReload(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.events = nil
	th.s.pass(bundleNew, bundleOld, nil)
	th.answer(roleVRRP, "")
	th.answer(roleChecker, "no such interface")
	th.handed(roleVRRP, "reload new", "reload old")
	th.handed(roleChecker, "reload new")
	th.expect()
	th.answer(roleVRRP, "")
	th.expect("reloaded Healthcheck: no such interface")
	if th.s.reloading() {
		t.Error("a reload is still under way")
	}
	// Even going back may fail; then that is how it is.
	th.s.pass(bundleNew, bundleOld, nil)
	th.answer(roleVRRP, "")
	th.answer(roleChecker, "first")
	th.answer(roleVRRP, "second")
	th.expect("reloaded Healthcheck: first; VRRP: second")
}

func TestSupervisorDeafChild(t *testing.T) {
	th := newTheatre(t, roleVRRP)
	th.ready(roleVRRP)
	th.last(roleVRRP).deaf = true
	th.s.pass(bundleNew, bundleOld, nil)
	th.expect("launch vrrp", "started", "reloaded VRRP: it does not answer")
}

func TestSupervisorUnwantedChild(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleVRRP)
	th.ready(roleChecker)
	th.events = nil
	th.unhurt[roleVRRP] = false // since a reload
	th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	th.advance(time.Hour)
	th.expect()
}

func TestSupervisorStop(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP, roleBFD)
	th.events = nil
	th.s.forward(syscall.SIGUSR1, childRoles[:]...)
	th.handed(roleVRRP, "signal 10")
	th.s.stop()
	for _, r := range childRoles {
		if got := th.last(r).signals; !slices.Equal(got, []syscall.Signal{syscall.SIGTERM}) {
			t.Errorf("%s got %v", r, got)
		}
	}
	th.dies(roleBFD, exitedWith(0))
	th.say(roleChecker, message{Op: opStopping})
	th.advance(5 * time.Second)
	// The one that did not answer is killed, the busy one gets more time.
	if got := th.last(roleVRRP).signals; !slices.Equal(got, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}) {
		t.Errorf("vrrp got %v", got)
	}
	if got := th.last(roleChecker).signals; len(got) != 1 {
		t.Errorf("checker got %v", got)
	}
	th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	th.expect()
	th.advance(time.Minute)
	if got := th.last(roleChecker).signals; !slices.Equal(got, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}) {
		t.Errorf("checker got %v", got)
	}
	th.dies(roleChecker, killedBy(syscall.SIGKILL))
	th.expect("stopped")
}

func TestSupervisorStopDuringRestartAndReload(t *testing.T) {
	th := newTheatre(t, roleChecker, roleVRRP)
	th.ready(roleChecker)
	for range 2 {
		th.dies(roleVRRP, killedBy(syscall.SIGKILL))
	}
	th.events = nil
	th.s.pass(bundleNew, bundleOld, nil)
	th.s.stop()
	th.answer(roleChecker, "")
	th.advance(time.Second) // when vrrp would have been started
	th.dies(roleChecker, exitedWith(0))
	th.expect("stopped")
}

// What a killed child left is removed before the end, by one more process: one
// that waits for its restart, one that TERM kills because it has only just
// been started, one that hangs.
func TestSupervisorStopClears(t *testing.T) {
	for name, before := range map[string]func(th *theatre){
		"waits for its restart": func(th *theatre) {
			th.dies(roleVRRP, killedBy(syscall.SIGKILL))
			th.dies(roleVRRP, killedBy(syscall.SIGKILL))
			th.events = nil
			th.s.stop()
		},
		"killed by TERM": func(th *theatre) {
			th.s.stop()
			th.dies(roleVRRP, killedBy(syscall.SIGTERM))
		},
		"hangs": func(th *theatre) {
			th.s.stop()
			th.advance(5 * time.Second)
			th.dies(roleVRRP, killedBy(syscall.SIGKILL))
		},
	} {
		t.Run(name, func(t *testing.T) {
			th := newTheatre(t, roleVRRP)
			th.leaves = map[role]bool{roleVRRP: true}
			th.events = nil
			before(th)
			th.expect("launch vrrp")
			// TERM would come before it could be caught.
			if got := th.last(roleVRRP).signals; len(got) > 0 {
				t.Errorf("the process that clears up got %v", got)
			}
			th.advance(5 * time.Second)
			if got := th.last(roleVRRP).signals; !slices.Equal(got, []syscall.Signal{syscall.SIGKILL}) {
				t.Errorf("after its time it got %v", got)
			}
			th.dies(roleVRRP, killedBy(syscall.SIGKILL))
			th.expect("stopped") // not again
		})
	}
}
