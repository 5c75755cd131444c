package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/daemon/logging"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// worker is a running child process.
type worker interface {
	pid() int
	send(message, *os.File) error
	signal(syscall.Signal) error
	// lastWords is what the runtime said when it died of a panic.
	lastWords() string
}

// supervisor starts children, starts them again when they die, passes reloads
// on and stops them. It knows nothing of real processes: its owner calls it
// with what happens, from one goroutine, and gives it a clock.
type supervisor struct {
	log         *slog.Logger
	dontRespawn bool
	// wait is child_wait_time.
	wait time.Duration
	// launch starts a child.
	launch func(role) (worker, error)
	// wanted says whether a child that died is still needed.
	wanted func(role) bool
	// leaves says whether a child that is killed leaves what must be removed
	// before the end, by a process that launch starts while stopping.
	leaves func(role) bool
	now    func() time.Time
	// after calls f on the owner's goroutine.
	after func(time.Duration, func()) (cancel func())

	// started is called when all children have read their configuration,
	// reloaded when all have answered a reload.
	started  func()
	reloaded func(failures []string)
	// waiting is called when what children wait for, or their census, has
	// changed.
	waiting func()
	// permanent is called when a child ended with a status that says that it
	// can never run, or with 0 when it died and must not be restarted.
	permanent func(status int)
	// stopped is called when the last child has gone after stop.
	stopped func()

	children map[role]*child
	startup  bool // started was not called yet
	stopping bool
	reload   *reloadRound
	seq      int
}

// child is one child process over all its lives.
type child struct {
	role    role
	worker  worker // nil while it waits for its restart
	started time.Time
	ready   bool
	// launched is the number of the last reload when it was started: it has
	// read that configuration.
	launched int
	// waits is why it does not do its work yet, "" when it does.
	waits string
	// census is its last line for the service manager.
	census string
	// pinged is when it was asked for a sign of life that it owes, zero if it
	// owes none; hangs says that it was said to owe one for too long.
	pinged time.Time
	hangs  bool
	// clearing is true for a process that only removes what the one before it
	// left.
	clearing bool
	// stopSeen is set when the child has answered the stop.
	stopSeen bool
	back     backoff
	cancel   func() // of the restart or the kill timer
}

// reloadRound is one reload under way.
type reloadRound struct {
	seq      int
	waiting  map[role]bool
	done     []role
	failures []string
	undo     bool // goes back to the old configuration
	// bundle is the configuration of this round, old the one before.
	bundle, old *os.File
}

// stubbornLimit is how long a child may take to stop that has answered and is
// at work: a table of thousands of IPVS entries takes its time, and a
// half-removed one is worse.
const stubbornLimit = time.Minute

// start starts the children of roles.
func (s *supervisor) start(roles []role) error {
	s.children = map[role]*child{}
	s.startup = len(roles) > 0
	for _, r := range roles {
		if err := s.add(r); err != nil {
			return err
		}
	}
	return nil
}

// add starts a child that does not exist yet.
func (s *supervisor) add(r role) error {
	c := &child{role: r}
	if err := s.run(c); err != nil {
		return err
	}
	s.children[r] = c
	return nil
}

func (s *supervisor) run(c *child) error {
	w, err := s.launch(c.role)
	if err != nil {
		return fmt.Errorf("start %s child process: %w", c.role.trait().name, err)
	}
	s.log.Info(fmt.Sprintf(logtext.StartingChild, c.role.trait().name, w.pid()))
	*c = child{role: c.role, worker: w, started: s.now(), launched: s.seq, back: c.back}
	return nil
}

// received handles a message of the child with this number.
func (s *supervisor) received(pid int, m message) {
	c := s.byPID(pid)
	if c == nil {
		return
	}
	switch m.Op {
	case opReady:
		c.ready = true
		if s.startup && s.allReady() {
			s.startup = false
			s.started()
		}
		if s.reload != nil && c.launched < s.reload.seq {
			s.hand(c)
		} else {
			s.answered(c.role, "")
		}
	case opReloaded:
		if s.reload != nil && m.Seq == s.reload.seq {
			s.answered(c.role, m.Error)
		}
	case opWaiting:
		c.waits = m.Error
		s.waiting()
	case opStopping:
		c.stopSeen = true
	case opAlive:
		s.alive(c)
	case opCensus:
		c.census = m.Text
		s.waiting()
	case opReload, opSignal, opReport, opPing, opWantReload:
	}
}

func (s *supervisor) allReady() bool {
	for _, c := range s.children {
		if !c.ready {
			return false
		}
	}
	return true
}

// waitReason is why a child does not do its work yet, "" when all do.
func (s *supervisor) waitReason() string {
	for _, r := range childRoles {
		if c := s.children[r]; c != nil && c.waits != "" {
			return c.waits
		}
	}
	return ""
}

// byPID finds a child that is alive, nil for processes that are not ours.
func (s *supervisor) byPID(pid int) *child {
	for _, c := range s.children {
		if c.worker != nil && c.worker.pid() == pid {
			return c
		}
	}
	return nil
}

// exited handles the end of a process. It reports whether it was a child.
func (s *supervisor) exited(pid int, status syscall.WaitStatus) bool {
	c := s.byPID(pid)
	if c == nil {
		return false
	}
	w := c.worker
	c.worker = nil
	if c.cancel != nil {
		c.cancel()
		c.cancel = nil
	}
	if s.stopping {
		// One that has only just been started cannot catch TERM yet; one that
		// hung was killed.
		if !status.Signaled() || !s.clear(c) {
			s.gone(c)
		}
		return true
	}
	s.explain(pid, status, w)
	if word := permanentExit(status); word != "" {
		s.log.Info(fmt.Sprintf(logtext.Permanent, pid, word))
		delete(s.children, c.role)
		s.permanent(status.ExitStatus())
		return true
	}
	s.died(c, pid)
	return true
}

// permanentExit is the word for an exit status that a restart cannot mend, ""
// for any other end.
func permanentExit(status syscall.WaitStatus) string {
	if !status.Exited() {
		return ""
	}
	switch status.ExitStatus() {
	case ExitFatal:
		return "FATAL"
	case ExitConfig:
		return "CONFIG"
	case ExitNoPermission:
		return "missing permission"
	}
	return ""
}

// explain logs how a child ended.
func (s *supervisor) explain(pid int, status syscall.WaitStatus, w worker) {
	switch {
	case status.Signaled():
		hint := ""
		if status.Signal() == syscall.SIGKILL {
			hint = logtext.EndKilled
		}
		s.log.Info(fmt.Sprintf(logtext.Signalled, pid, int(status.Signal()), signalName(status.Signal())) + hint)
	case status.ExitStatus() != 0:
		if permanentExit(status) == "" {
			s.log.Info(fmt.Sprintf(logtext.Exited, pid, status.ExitStatus()))
		}
	}
	if words := strings.TrimSpace(w.lastWords()); words != "" {
		for _, l := range strings.Split(words, "\n") {
			s.alert(fmt.Sprintf(textLastWords, pid, l))
		}
	}
}

func (s *supervisor) alert(text string) {
	s.log.Log(context.Background(), logging.LevelAlert, text)
}

// died starts a child again, after a while when it keeps dying.
func (s *supervisor) died(c *child, pid int) {
	name := c.role.trait().name
	if s.dontRespawn {
		s.alert(fmt.Sprintf(logtext.DiedExiting, name, pid))
		s.permanent(0) // which stops us, and clears up after c
		return
	}
	// A reload that waits for the dead child goes on without it: what is
	// started next reads the new configuration.
	s.answered(c.role, "")
	if !s.wanted(c.role) {
		delete(s.children, c.role)
		return
	}
	s.alert(fmt.Sprintf(logtext.DiedRespawning, name, pid))
	for _, l := range textPlea {
		s.log.Info(l)
	}
	delay := c.back.delay(s.now().Sub(c.started))
	s.log.Info(fmt.Sprintf(logtext.RespawnDelayed, name, int(delay/time.Second)))
	if delay == 0 {
		s.again(c)
		return
	}
	c.cancel = s.after(delay, func() { s.again(c) })
}

func (s *supervisor) again(c *child) {
	if s.stopping {
		return
	}
	if err := s.run(c); err != nil {
		s.alert(err.Error())
		c.cancel = s.after(c.back.delay(0), func() { s.again(c) })
	}
}

// forward passes a signal for dumps on.
func (s *supervisor) forward(sig syscall.Signal, to ...role) {
	for _, r := range to {
		if c := s.children[r]; c != nil && c.worker != nil {
			s.tell(c, message{Op: opSignal, Signal: int(sig)}, nil)
		}
	}
}

func (s *supervisor) tell(c *child, m message, attached *os.File) bool {
	if err := c.worker.send(m, attached); err != nil {
		s.log.Info(fmt.Sprintf(textNoAnswer, c.role.trait().name, c.worker.pid(), m.Op, err))
		return false
	}
	return true
}

// pass hands a new configuration to the children that run; those of add are
// started with it. When a child cannot use it, the others go back to old.
func (s *supervisor) pass(bundle, old *os.File, add []role) {
	s.seq++
	s.reload = &reloadRound{seq: s.seq, waiting: map[role]bool{}, bundle: bundle, old: old}
	for r, c := range s.children {
		if c.worker != nil {
			s.reload.waiting[r] = true
		}
	}
	for _, r := range add {
		if err := s.add(r); err != nil {
			s.alert(err.Error())
			continue
		}
		s.reload.waiting[r] = true
	}
	s.ask()
}

// ask sends the configuration of the present round to those who wait for it.
// A child that is still starting gets it once it is ready, unless it was
// started with it.
func (s *supervisor) ask() {
	round := s.reload
	for r := range round.waiting {
		if c := s.children[r]; c.ready {
			s.hand(c)
		}
		if s.reload != round {
			return
		}
	}
	s.settle()
}

// hand sends the configuration of the present round to one child.
func (s *supervisor) hand(c *child) {
	if !s.tell(c, message{Op: opReload, Seq: s.reload.seq}, s.reload.bundle) {
		s.answered(c.role, "it does not answer")
	}
}

// answered notes that a child is done with the present reload.
func (s *supervisor) answered(r role, failure string) {
	if s.reload == nil || !s.reload.waiting[r] {
		return
	}
	delete(s.reload.waiting, r)
	if failure != "" {
		s.reload.failures = append(s.reload.failures, r.trait().name+": "+failure)
	} else {
		s.reload.done = append(s.reload.done, r)
	}
	s.settle()
}

// settle ends a reload that nobody is awaited for any more.
func (s *supervisor) settle() {
	round := s.reload
	if round == nil || len(round.waiting) > 0 {
		return
	}
	if len(round.failures) > 0 && len(round.done) > 0 && !round.undo && round.old != nil {
		s.seq++
		back := &reloadRound{seq: s.seq, waiting: map[role]bool{}, failures: round.failures, undo: true, bundle: round.old}
		for _, r := range round.done {
			if c := s.children[r]; c != nil && c.worker != nil && c.ready {
				back.waiting[r] = true
			}
		}
		s.reload = back
		s.ask()
		return
	}
	s.reload = nil
	s.reloaded(round.failures)
}

// reloading reports whether a reload is under way.
func (s *supervisor) reloading() bool { return s.reload != nil }

// stop ends all children; stopped is called when they are gone.
func (s *supervisor) stop() {
	s.stopping, s.reload = true, nil
	for _, c := range s.children {
		if c.cancel != nil {
			c.cancel()
			c.cancel = nil
		}
		if c.worker == nil {
			if !s.clear(c) {
				delete(s.children, c.role)
			}
			continue
		}
		// A process that is gone is about to be reported.
		_ = c.worker.signal(syscall.SIGTERM)
		c.cancel = s.after(s.wait, func() { s.insist(c) })
	}
	if len(s.children) == 0 {
		s.stopped()
	}
}

// insist kills a child that did not even begin to stop, and gives more time
// to one that is at it.
func (s *supervisor) insist(c *child) {
	if c.worker == nil {
		return
	}
	if c.stopSeen && s.wait < stubbornLimit {
		s.log.Info(fmt.Sprintf(textStillStopping, c.role, s.wait))
		c.stopSeen = false
		c.cancel = s.after(stubbornLimit-s.wait, func() { s.insist(c) })
		return
	}
	s.log.Info(fmt.Sprintf(logtext.Forcing, c.role))
	_ = c.worker.signal(syscall.SIGKILL)
}

// clear starts a process that removes what a killed child left, once; it ends
// by itself. false if there is none.
func (s *supervisor) clear(c *child) bool {
	if c.clearing || !s.leaves(c.role) || s.run(c) != nil {
		return false
	}
	c.clearing = true
	c.cancel = s.after(s.wait, func() { s.insist(c) })
	return true
}

func (s *supervisor) gone(c *child) {
	delete(s.children, c.role)
	if len(s.children) == 0 {
		s.stopped()
	}
}
