package track

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// ScriptResult is the end of one run of a track script.
type ScriptResult struct {
	// Name is that of the vrrp_script block.
	Name string
	script.Result
}

// ScriptOptions are what Scripts needs.
type ScriptOptions struct {
	Log    *slog.Logger
	Runner *script.Runner
	// Result gets every result, in the order in which runs of one script
	// ended. Scripts that Stop or Update ends give none.
	Result func(ScriptResult)
}

// updateGrace is how long a script that an Update ends has between TERM and
// KILL.
const updateGrace = time.Second

// run is what Scripts needs of a script.Process.
type run interface {
	Running() bool
	Ending() bool
	Stop(grace time.Duration)
	Gone() <-chan struct{}
}

// Scripts runs track scripts at their intervals, counted from start to start.
// A script that is still running when its time comes again is not started a
// second time. A script that cannot be resolved any more, although it could
// when the configuration was checked, fails at its intervals.
type Scripts struct {
	opt   ScriptOptions
	start func(script.Command, script.Options) run

	// telling serialises callbacks; it is taken before mu.
	telling sync.Mutex
	mu      sync.Mutex
	entries map[string]*tracked
	stopped bool
}

// tracked is one vrrp_script block that is being run.
type tracked struct {
	block   *config.TrackScript
	command script.Command
	// broken is why the script cannot be run at all, nil if it can.
	broken error
	// due is when it is started next.
	due   time.Time
	timer *time.Timer
	last  run
	// dropped entries tell nothing any more.
	dropped bool
	// complaint is the last reason logged for not executing it.
	complaint string
}

// NewScripts returns a scheduler that runs nothing yet.
func NewScripts(opt ScriptOptions) *Scripts {
	return &Scripts{
		opt: opt,
		start: func(c script.Command, o script.Options) run {
			return opt.Runner.Start(c, o)
		},
		entries: map[string]*tracked{},
	}
}

// Start begins with all of list at once.
func (s *Scripts) Start(list []*config.TrackScript, resolver *script.Resolver) {
	s.Update(list, resolver)
}

// Update goes on with list: unchanged scripts keep their phase, new and
// changed ones start at once (a changed one when its old run has ended), those
// missing are ended (TERM, KILL 1 s later) in the background.
func (s *Scripts) Update(list []*config.TrackScript, resolver *script.Resolver) {
	next := make(map[string]*tracked, len(list))
	order := make([]*tracked, 0, len(list))
	for _, block := range list {
		if next[block.Name] == nil {
			e := s.resolve(block, resolver)
			next[block.Name] = e
			order = append(order, e)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	old := s.entries
	s.entries = next
	for name, e := range old {
		if n := next[name]; n == nil || !e.same(n) {
			e.drop(updateGrace)
		}
	}
	for _, e := range order {
		was := old[e.block.Name]
		switch {
		case was != nil && was.same(e):
			was.block = e.block
			next[e.block.Name] = was
		case was != nil && was.last != nil && was.last.Running():
			e.last = was.last
			e.due = time.Now()
			go s.startAfter(e, was.last)
		default:
			e.due = time.Now()
			s.runLocked(e)
		}
	}
}

func (s *Scripts) resolve(block *config.TrackScript, resolver *script.Resolver) *tracked {
	e := &tracked{block: block}
	var verdict script.Verdict
	e.command, verdict = resolver.Resolve(&block.Script)
	if verdict.Disabled {
		last := verdict.Findings[len(verdict.Findings)-1]
		e.broken = errors.New(last.Line)
	}
	return e
}

// same reports whether n asks for the same runs as e.
func (e *tracked) same(n *tracked) bool {
	return e.block.Interval == n.block.Interval && e.block.Timeout == n.block.Timeout &&
		e.command.Path == n.command.Path && e.command.ReadFile == n.command.ReadFile &&
		slices.Equal(e.command.Args, n.command.Args) &&
		e.command.Credentials.UID == n.command.Credentials.UID &&
		e.command.Credentials.GID == n.command.Credentials.GID &&
		slices.Equal(e.command.Credentials.Groups, n.command.Credentials.Groups) &&
		(e.broken == nil) == (n.broken == nil)
}

// drop ends e. Scripts.mu is held.
func (e *tracked) drop(grace time.Duration) {
	e.dropped = true
	if e.timer != nil {
		e.timer.Stop()
	}
	if e.last != nil {
		e.last.Stop(grace)
	}
}

// startAfter begins with e when the run of what it replaces has ended.
func (s *Scripts) startAfter(e *tracked, old run) {
	<-old.Gone()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.dropped {
		e.due = time.Now()
		s.runLocked(e)
	}
}

// runLocked starts e, unless it is still running, and arms its timer.
func (s *Scripts) runLocked(e *tracked) {
	now := time.Now()
	e.due = e.due.Add(max(e.block.Interval, time.Millisecond))
	if e.due.Before(now) {
		e.due = now // we were stopped or very late: don't catch up
	}
	e.timer = time.AfterFunc(e.due.Sub(now), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !e.dropped {
			s.runLocked(e)
		}
	})
	if e.broken != nil {
		go s.tell(e, script.Result{Outcome: script.NotExecuted, Err: e.broken, Started: now})
		return
	}
	name := e.block.Name
	if e.last != nil && e.last.Running() {
		line := logtext.TrackScriptRunning
		if e.last.Ending() {
			line = logtext.TrackScriptEnding
		}
		s.opt.Log.Info(fmt.Sprintf(line, name))
		return
	}
	e.last = s.start(e.command, script.Options{
		Timeout: e.block.Timeout,
		Stuck:   func(pid int) { s.opt.Log.Info(fmt.Sprintf(logtext.TrackScriptStuck, name, pid)) },
		Done:    func(r script.Result) { s.tell(e, r) },
	})
}

// tell passes a result on.
func (s *Scripts) tell(e *tracked, r script.Result) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.mu.Lock()
	name, dropped := e.block.Name, e.dropped
	reason := ""
	if r.Outcome == script.NotExecuted {
		reason = r.Reason()
	}
	complain := reason != "" && reason != e.complaint
	e.complaint = reason
	s.mu.Unlock()
	if dropped || r.Outcome == script.Stopped {
		return
	}
	if complain {
		s.opt.Log.Log(context.Background(), levelAlert, fmt.Sprintf(logtext.ScriptNotExeced+" of track script %s: %v", e.command.Text, name, r.Err))
	}
	s.opt.Result(ScriptResult{Name: name, Result: r})
}

// Stop ends all scripts, TERM and after grace KILL, and waits for that, one
// second longer than grace at most.
func (s *Scripts) Stop(grace time.Duration) {
	// With telling held no callback is under way, and none starts after.
	s.telling.Lock()
	s.mu.Lock()
	s.stopped = true
	var last []run
	for _, e := range s.entries {
		e.drop(grace)
		if e.last != nil {
			last = append(last, e.last)
		}
	}
	s.mu.Unlock()
	s.telling.Unlock()
	patience := time.NewTimer(grace + time.Second)
	defer patience.Stop()
	for _, r := range last {
		select {
		case <-r.Gone():
		case <-patience.C:
			return
		}
	}
}
