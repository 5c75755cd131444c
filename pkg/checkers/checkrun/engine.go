package checkrun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/track"
)

// Engine is the checker engine with its probes and the kernel's table. New,
// Run once, and from any goroutine Reload, Snapshot and Post.
type Engine struct {
	opt Options
	box *mailbox

	// What follows belongs to the goroutine of Run.

	cfg      *config.Config
	core     *health.Engine
	kernel   ipvs.Kernel // nil until there is one
	table    *ipvs.Programmer
	settings kernelSettings
	pool     *checkers.Pool
	probes   *prober
	files    *track.Files
	unwatch  func()      // ends the watching of addresses, nil when there is none
	reading  *time.Timer // for resync; nil before the first reload
	fresh    bool        // the next Program is the first
	finished bool
	ended    bool
	waiting  string // why there is no table yet
	refused  uint64 // requests that the kernel did not take
	// tried are the programs of results that came together, which the kernel
	// has been asked for already.
	tried   map[*health.Program]ipvs.Result
	arrived []health.Result // by deliver, until they are passed on

	last struct {
		sync.Mutex
		status.Checkers // after Run has ended
	}
}

// New returns an engine for cfg that does nothing until Run.
func New(cfg *config.Config, opt Options) *Engine {
	opt.setDefaults()
	return &Engine{
		opt: opt, box: newMailbox(), cfg: cfg, core: health.New(cfg, opt.Random), tried: map[*health.Program]ipvs.Result{},
	}
}

// Run makes the table and checks until ctx is cancelled, then takes the table
// down in order and returns nil. An error says why it could not start; those
// that wrap ErrConfig come from the configuration.
func (e *Engine) Run(ctx context.Context) error {
	defer e.closeMailbox()
	e.log(slog.LevelInfo, logtext.IPVSInitializing)
	ready := e.opt.Ready
	err := e.open()
	if e.opt.Await && errors.Is(err, ipvs.ErrNoIPVS) {
		ready = func() {} // that was said when the waiting began
		err = e.await(ctx, err)
	}
	if err != nil || e.kernel == nil {
		return err
	}
	defer e.close()
	if err := e.start(); err != nil {
		return err
	}
	ready()
	e.loop(ctx)
	return nil
}

// open gets everything that can fail before anything is changed.
func (e *Engine) open() (err error) {
	if e.kernel, err = e.opt.OpenKernel(&e.cfg.Global); err != nil {
		return err
	}
	e.table = ipvs.NewProgrammer(e.kernel)
	e.settings = newKernelSettings(e.kernel)
	if e.pool, err = checkers.NewPool(e.poolResults); err != nil {
		e.kernel.Close()
		return err
	}
	scripts := e.opt.Scripts
	if scripts == nil {
		scripts = script.NewRunner(script.RunnerOptions{})
	}
	e.probes = newProber(e.pool, scripts, e.box)
	e.probes.stuck = func(pid int) { e.log(slog.LevelInfo, fmt.Sprintf(logtext.ScriptStuck, pid)) }
	e.probes.crowded = func(limit int) { e.log(slog.LevelWarn, fmt.Sprintf(lineProbesWait, limit)) }
	e.files = track.NewFiles(track.FileOptions{Log: e.opt.Log, Changed: func(v track.FileValue) {
		e.Post(health.FileValue{File: v.Name, Value: int64(v.Value)})
	}})
	return nil
}

// start brings the kernel's settings and table to the configuration.
func (e *Engine) start() error {
	certificate, err := e.certificate(e.cfg)
	if err != nil {
		return err
	}
	e.probes.configure(e.cfg, certificate)
	e.setSettings(e.cfg)
	e.fresh = true
	e.step(health.Start{
		Files: e.fileValues(e.files.Start(usedFiles(e.cfg))), Addresses: e.watch(e.cfg),
	})
	e.setMarks(e.cfg)
	return nil
}

// watch begins to follow this host's addresses if cfg has an ha_suspend and
// that was not done before, and returns those that there are.
func (e *Engine) watch(cfg *config.Config) []netip.Addr {
	needed := slices.ContainsFunc(cfg.VirtualServers, func(vs *config.VirtualServer) bool { return vs.HASuspend })
	if !needed || e.unwatch != nil {
		return nil
	}
	present, stop, err := e.opt.WatchAddresses(&cfg.Global, e.Post)
	if err != nil {
		e.log(slog.LevelInfo, fmt.Sprintf("ha_suspend: watching addresses: %v", err))
		return nil
	}
	e.unwatch = stop
	return present
}

// timerGrain is the least time between two rounds of starting checks. With
// thousands of checkers each round then starts several, which halves the cost
// of a check.
const timerGrain = 5 * time.Millisecond

func (e *Engine) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	done := ctx.Done()
	var spare []letter
	var rung time.Time // when the timer last ended
	for !e.finished {
		wait := time.Hour
		if at, ok := earliest(e.core.Deadline, e.probes.slots.deadline); ok {
			if soonest := rung.Add(timerGrain); at.Before(soonest) {
				at = soonest
			}
			wait = time.Until(at)
		}
		timer.Reset(max(wait, 0))
		select {
		case <-e.box.wake:
			letters := e.box.take(spare)
			e.deliver(letters)
			e.probes.serve()
			clear(letters)
			spare = letters
		case <-timer.C:
			e.probes.serve()
			e.step(health.Timer{})
			rung = time.Now()
		case <-done:
			done = nil
			e.step(health.Stop{DontRelease: e.opt.DontRelease})
		}
	}
	e.restoreSettings()
}

// earliest is the first of the times that there are.
func earliest(deadlines ...func() (time.Time, bool)) (first time.Time, found bool) {
	for _, deadline := range deadlines {
		if at, ok := deadline(); ok && (!found || at.Before(first)) {
			first, found = at, true
		}
	}
	return first, found
}

// deliver passes letters on in order, and results that follow each other
// together.
func (e *Engine) deliver(letters []letter) {
	for _, l := range letters {
		if r, ok := l.event.(health.Result); ok {
			e.probes.ended(r)
			e.arrived = append(e.arrived, r)
			continue
		}
		e.flushResults()
		if l.call != nil {
			l.call()
		} else {
			e.step(l.event)
		}
	}
	e.flushResults()
}

func (e *Engine) flushResults() {
	e.results(e.arrived)
	clear(e.arrived)
	e.arrived = e.arrived[:0]
}

// Post hands an event to the health core: BFD states, above all. It never
// waits.
func (e *Engine) Post(ev health.Event) { e.box.post(letter{event: ev}) }

// call runs f on the loop's goroutine and waits for it; false if the loop has
// ended.
func (e *Engine) call(f func()) bool {
	done := make(chan struct{})
	if !e.box.post(letter{call: func() { f(); close(done) }}) {
		return false
	}
	<-done
	return true
}

// SetWeight gives a server of the last snapshot another configured weight,
// until the next reload. When it returns the kernel has it. An error leaves
// everything as it was; a reload may have come in between.
func (e *Engine) SetWeight(server *config.RealServer, weight int) error {
	err := errStopped
	e.call(func() {
		if e.ended || e.finished || e.kernel == nil {
			return
		}
		e.step(health.SetWeight{Server: server, Weight: weight})
		switch now, found := e.core.Weight(server); {
		case !found:
			err = errors.New("set weight: the real server is not configured any more")
		case now != weight:
			err = fmt.Errorf("set weight: the kernel refused %d for %s", weight, server.Name)
		default:
			err = nil
		}
	})
	return err
}

var errStopped = errors.New("the checker engine does not run")

// Reload goes over to cfg and returns when that is done. On an error the
// engine goes on with what it had.
func (e *Engine) Reload(cfg *config.Config) error {
	err := errStopped
	e.call(func() {
		if !e.ended {
			err = e.reload(cfg)
		}
	})
	return err
}

func (e *Engine) reload(cfg *config.Config) error {
	if e.kernel == nil {
		e.cfg, e.core = cfg, health.New(cfg, e.opt.Random)
		return nil
	}
	certificate, err := e.certificate(cfg)
	if err != nil {
		return err
	}
	e.log(slog.LevelInfo, logtext.IPVSReinitializing)
	e.cfg = cfg
	e.probes.configure(cfg, certificate)
	e.setSettings(cfg)
	for _, a := range e.watch(cfg) {
		e.step(health.AddressAdded{Address: a})
	}
	e.step(health.Reload{Config: cfg, Files: e.fileValues(e.files.Update(usedFiles(cfg)))})
	e.setMarks(cfg)
	if e.reading != nil {
		e.reading.Stop()
	}
	e.reading = time.AfterFunc(resyncDelay, func() { e.box.post(letter{call: e.resync}) })
	return nil
}

// resyncDelay is how long after a reload the table is read: when its answer has
// gone out and everybody has said what there was to say.
const resyncDelay = time.Second

// resync mends what an operator changed of ours. Reading the table takes a
// request for each service, for which nobody who reloads should have to wait.
func (e *Engine) resync() {
	if e.ended || e.finished {
		return
	}
	r, err := e.table.Resync()
	e.logRefused(r)
	if err != nil {
		e.log(slog.LevelInfo, fmt.Sprintf("reading the IPVS table: %v", err))
	}
}

// Snapshot is the present state, or the last one when Run has ended, without
// the counters of the kernel. Before Run it waits for the start.
func (e *Engine) Snapshot() status.Checkers {
	return e.snapshot(func() status.Checkers { return e.state() })
}

// SnapshotCounters is Snapshot with the counters of the kernel, which cost a
// request for each service.
func (e *Engine) SnapshotCounters() status.Checkers {
	return e.snapshot(func() status.Checkers {
		s := e.state()
		e.addCounters(&s)
		return s
	})
}

func (e *Engine) snapshot(take func() status.Checkers) status.Checkers {
	var s status.Checkers
	if e.call(func() { s = take() }) {
		return s
	}
	e.last.Lock()
	defer e.last.Unlock()
	return e.last.Checkers
}

func (e *Engine) state() status.Checkers {
	s := e.core.Snapshot(time.Now())
	s.KernelErrors, s.Waiting = e.refused, e.waiting
	return s
}

// close ends what Run started.
func (e *Engine) close() {
	if e.unwatch != nil {
		e.unwatch()
	}
	e.files.Stop()
	e.probes.close()
	e.kernel.Close()
}

// closeMailbox answers those who still wait and keeps the last state for those
// who come later.
func (e *Engine) closeMailbox() {
	e.ended = true
	e.last.Lock()
	e.last.Checkers = e.state()
	e.last.Unlock()
	for _, l := range e.box.close() {
		if l.call != nil {
			l.call()
		}
	}
}

func (e *Engine) log(level slog.Level, text string) {
	if level >= slog.LevelInfo || e.opt.Detail {
		e.opt.Log.Log(context.Background(), level, text)
	}
}
