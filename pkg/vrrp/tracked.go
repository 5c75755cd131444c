package vrrp

import (
	"fmt"
	"reflect"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// script is a vrrp_script with its results.
type script struct {
	object
	cfg *config.TrackScript
	// result counts from 0 to rise+fall-1; from rise on the script is good.
	result int
	// fresh is true until the first result, which decides alone.
	fresh    bool
	lastExit int
	lastRun  time.Time
	last     ScriptResult
	failures int // in a row
}

// newTracked makes the objects of the configuration; those that were there
// keep their results. On reload a new or changed script counts as good until
// its first result.
func (e *Engine) newTracked(reload bool) {
	scripts := make(map[string]*script, len(e.cfg.Scripts))
	for _, cfg := range e.cfg.Scripts {
		s := &script{cfg: cfg, fresh: true, object: object{kind: trackScript, name: cfg.Name}}
		if old := e.scripts[cfg.Name]; old != nil && sameScript(old.cfg, cfg) {
			if old.known && reload {
				e.info(textScriptReload(cfg.Name, old.good))
			}
			old.cfg, old.users, s = cfg, nil, old
		} else if cfg.InitFail {
			s.known, s.fresh = true, false
		} else if reload {
			s.known, s.good, s.result = true, true, cfg.Rise
		}
		scripts[cfg.Name] = s
	}
	e.scripts = scripts
	files := make(map[string]*object, len(e.cfg.Files))
	for _, cfg := range e.cfg.Files {
		files[cfg.Name] = keep(e.files, trackFile, cfg.Name)
	}
	e.files = files
	processes := make(map[string]*object, len(e.cfg.Processes))
	for _, cfg := range e.cfg.Processes {
		processes[cfg.Name] = keep(e.processes, trackProcess, cfg.Name)
	}
	e.processes = processes
	sessions := make(map[string]*object, len(e.cfg.BFD))
	for _, cfg := range e.cfg.BFD {
		sessions[cfg.Name] = keep(e.sessions, trackBFD, cfg.Name)
	}
	e.sessions = sessions
}

func keep(old map[string]*object, kind objectKind, name string) *object {
	if o := old[name]; o != nil {
		o.users = nil
		return o
	}
	return &object{kind: kind, name: name, known: true}
}

// sameScript reports whether the results of a script still stand after a
// reload: where it is written and how much it weighs do not matter.
func sameScript(a, b *config.TrackScript) bool {
	x, y := *a, *b
	x.Block, y.Block = config.Block{}, config.Block{}
	x.Weight, x.Reverse = y.Weight, y.Reverse
	return reflect.DeepEqual(x, y)
}

// setReadings takes over the first values of files, processes and sessions.
func (e *Engine) setReadings(files map[string]int64, processes map[string]ProcessCount, up map[string]bool) {
	for name, o := range e.files {
		if n, ok := files[name]; ok {
			o.value = n
		}
	}
	for name, o := range e.processes {
		if p, ok := processes[name]; ok {
			o.count, o.good = p.Count, p.OK
		}
	}
	for name, o := range e.sessions {
		if good, ok := up[name]; ok {
			o.good = good
		}
	}
}

// scriptResult counts one run: rise successes in a row make a script good,
// fall failures make it bad, the first result decides alone.
func (e *Engine) scriptResult(r ScriptResult) {
	s := e.scripts[r.Script]
	if s == nil {
		return
	}
	ok := r.OK()
	if r.Signal == 0 && !r.TimedOut && r.NotRun == "" && r.Exit != s.lastExit {
		e.info(textScriptReturns(r.Script, r.Exit))
		s.lastExit = r.Exit
	}
	s.last, s.lastRun = r, e.now
	if ok {
		s.failures = 0
	} else {
		s.failures++
	}
	top := s.cfg.Rise + s.cfg.Fall - 1
	switch {
	case s.fresh && ok:
		s.result = top
	case s.fresh:
		s.result = 0
	case ok && s.result < s.cfg.Rise-1:
		s.result++
	case ok:
		s.result = top
	case s.result > s.cfg.Rise:
		s.result--
	default:
		s.result = 0
	}
	s.fresh = false
	good := s.result >= s.cfg.Rise
	if s.known && good == s.good {
		return
	}
	s.known, s.good = true, good
	switch {
	case good:
		e.info(textScriptGood(r.Script))
	case r.TimedOut:
		e.info(textScriptTimedOut(r.Script))
	case r.NotRun != "":
		e.info(textScriptNotRun(r.Script, r.NotRun))
	case r.Signal != 0:
		e.info(textScriptSignal(r.Script, r.Signal))
	default:
		e.info(textScriptExited(r.Script, r.Exit))
	}
	s.changed()
}

// failure says in words why the script is bad: "script chk_nginx failed 3
// times: exit 1".
func (s *script) failure() string {
	if s.good {
		return "script " + s.name + " succeeded"
	}
	var how string
	switch r := s.last; {
	case s.failures == 0:
		return "script " + s.name + " has not succeeded yet"
	case r.TimedOut:
		how = "timed out"
	case r.NotRun != "":
		how = r.NotRun
	case r.Signal != 0:
		how = fmt.Sprintf("signal %d", r.Signal)
	default:
		how = fmt.Sprintf("exit %d", r.Exit)
	}
	if s.failures == 1 {
		return "script " + s.name + " failed: " + how
	}
	return fmt.Sprintf("script %s failed %d times: %s", s.name, s.failures, how)
}

func (e *Engine) fileValue(ev FileValue) {
	if o := e.files[ev.File]; o != nil && o.value != ev.Value {
		o.value = ev.Value
		o.changed()
	}
}

func (e *Engine) processQuorum(ev ProcessQuorum) {
	o := e.processes[ev.Process]
	if o == nil {
		return
	}
	o.count = ev.Count
	if o.good != ev.OK {
		o.good = ev.OK
		o.changed()
	}
}

func (e *Engine) bfdState(ev BFDState) {
	o := e.sessions[ev.Session]
	if o == nil {
		return
	}
	if e.detail && !ev.Sent.IsZero() {
		e.debug(textBFDEvent(ev.Session, ev.Up, e.now.Sub(ev.Sent)))
	}
	if o.good == ev.Up {
		return
	}
	o.good = ev.Up
	for _, t := range o.users {
		e.info(textBFD(t.v.cfg.Name, ev.Session, ev.Up))
	}
	o.changed()
}
