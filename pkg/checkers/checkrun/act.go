package checkrun

import (
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// step passes one event to the core and carries out the answer.
func (e *Engine) step(ev health.Event) { e.perform(e.core.Step(time.Now(), ev)) }

func (e *Engine) perform(actions []health.Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case health.StartProbe:
			e.probes.start(a)
		case health.CancelProbe:
			e.probes.cancel(a)
		case health.CancelAll:
			e.probes.cancelAll()
		case *health.Program:
			e.program(a)
		case health.Flush:
			e.logRefused(e.table.Flush())
		case health.Log:
			level := slog.LevelInfo
			if a.Level == health.Detail {
				level = slog.LevelDebug
			}
			e.log(level, a.Text)
		case health.Emit:
			e.opt.Events.Send(a.Event)
		case health.Finished:
			e.finished = true
		}
	}
}

// results passes the ends of probes that came together to the core. What they
// change in the table is one transaction, so far as it is about different
// services; the log lines and events of each come in order, after it.
func (e *Engine) results(list []health.Result) {
	for len(list) > 0 {
		n := e.core.Together(list)
		now := time.Now()
		var actions []health.Action
		for _, r := range list[:n] {
			actions = append(actions, e.core.Step(now, r)...)
		}
		e.tryTogether(actions)
		e.perform(actions)
		clear(e.tried)
		list = list[n:]
	}
}

// tryTogether carries out the programs among actions as one.
func (e *Engine) tryTogether(actions []health.Action) {
	var programs []*health.Program
	var groups [][]ipvs.Change
	for _, a := range actions {
		if p, ok := a.(*health.Program); ok && p.MustSucceed {
			programs, groups = append(programs, p), append(groups, p.Changes)
		}
	}
	if len(programs) < 2 {
		return
	}
	for i, r := range e.table.TryEach(groups) {
		e.tried[programs[i]] = r
	}
}

// program changes the table.
func (e *Engine) program(p *health.Program) {
	if p.MustSucceed {
		r, done := e.tried[p]
		if !done {
			r = e.table.Try(p.Changes)
		}
		e.logRefused(r)
		if len(r.Missing) > 0 {
			e.step(health.ProgramFailed{Program: p})
			return
		}
	} else {
		r := e.table.Apply(p.Changes)
		e.logRefused(r)
		// Leftovers are in services that exist already, which is an error.
		if e.fresh && len(r.Refused) > 0 {
			e.dropLeftovers(p.Changes)
		}
		e.fresh = false
	}
	e.perform(p.Then)
}

// dropLeftovers takes out of the table what an engine before us, that was
// killed, had in it and we don't want: servers that are configured but should
// not be there now, such as its sorry server. What is not configured is
// somebody else's.
func (e *Engine) dropLeftovers(changes []ipvs.Change) {
	table, err := e.kernel.Table()
	if err != nil {
		return
	}
	index := map[ipvs.ServiceKey]*ipvs.Service{}
	for i := range table {
		index[table[i].Key] = &table[i]
	}
	var ops []ipvs.Op
	for _, c := range changes {
		s := index[c.Key]
		if s == nil {
			continue
		}
		for _, key := range c.Drop {
			if d := s.Destination(key); d != nil {
				ops = append(ops, ipvs.Op{Kind: ipvs.DelDest, Key: c.Key, Dest: *d})
			}
		}
	}
	if len(ops) == 0 {
		return
	}
	for _, err := range e.kernel.Do(ops) {
		e.logKernel(err)
	}
}

func (e *Engine) logRefused(r ipvs.Result) {
	for _, err := range r.Refused {
		e.logKernel(err)
	}
}

func (e *Engine) logKernel(err error) {
	if err != nil {
		e.refused++
		e.log(slog.LevelInfo, err.Error()+ipvs.Remedy(err))
	}
}

func (e *Engine) poolResults(results []checkers.PoolResult) {
	letters := make([]letter, len(results))
	for i, r := range results {
		letters[i].event = health.Result{ID: r.ID, Run: r.Run, Outcome: r.Outcome}
	}
	e.box.post(letters...)
}
