package checkrun

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// stopGrace is how long the end waits for probes: scripts have a second
// between TERM and KILL.
const stopGrace = 1500 * time.Millisecond

// prober runs the probes that the core asks for. TCP_CHECK goes to the pool,
// every other kind gets a goroutine while it runs.
type prober struct {
	pool    *checkers.Pool
	scripts *script.Runner
	box     *mailbox
	stuck   func(pid int)

	// base is how many files were open before there were probes; slots is
	// what is left for them. crowded is told once for a configuration that
	// they do not suffice.
	base    int
	slots   slots
	told    bool
	crowded func(limit int)

	certificate *tls.Certificate
	resolver    *script.Resolver
	ping        pingGroups

	targets map[health.CheckerID]*target
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// target is a checkers.Target with its present run.
type target struct {
	mu sync.Mutex // held while a probe runs
	checkers.Target
	cancel context.CancelFunc
}

func newProber(pool *checkers.Pool, scripts *script.Runner, box *mailbox) *prober {
	p := &prober{pool: pool, scripts: scripts, box: box, targets: map[health.CheckerID]*target{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.base = openFiles()
	return p
}

// configure prepares for the checkers of cfg.
func (p *prober) configure(cfg *config.Config, certificate *tls.Certificate) {
	p.certificate = certificate
	p.slots.reset(raiseDescriptorLimit(cfg, p.base))
	p.told = false
	p.resolver = script.NewResolver(&cfg.Global, script.Host{})
	for ck := range allCheckers(cfg) {
		if ck.Kind == config.CheckPING {
			p.ping.open()
			break
		}
	}
}

// start runs one probe, or lets it wait for others to end.
func (p *prober) start(a health.StartProbe) {
	if p.slots.take(time.Now(), a) {
		p.run(a)
		return
	}
	if !p.told {
		p.told = true
		p.crowded(p.slots.limit)
	}
}

// ended gives back what a probe took.
func (p *prober) ended(r health.Result) { p.slots.release(r.ID, r.Run) }

// serve starts the probes that have waited, so far as there is room. One that
// has waited for too long ends without a verdict.
func (p *prober) serve() {
	start, late := p.slots.next(time.Now())
	for _, a := range start {
		p.run(a)
	}
	for _, a := range late {
		p.box.post(letter{event: health.Result{ID: a.ID, Run: a.Run, Outcome: health.Outcome{
			Verdict: health.LocalTrouble, TimedOut: true, Text: "no free descriptor",
		}}})
	}
}

func (p *prober) run(a health.StartProbe) {
	if a.Checker.Kind == config.CheckTCP {
		p.pool.Start(checkers.Token{ID: a.ID, Run: a.Run}, a.Checker)
		return
	}
	t := p.targets[a.ID]
	if t == nil {
		t = p.newTarget(a.Checker)
		p.targets[a.ID] = t
	}
	ctx, cancel := context.WithCancel(p.ctx)
	t.cancel = cancel
	p.running.Go(func() {
		defer cancel()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.URL = a.URL
		o := t.Run(ctx)
		p.box.post(letter{event: health.Result{ID: a.ID, Run: a.Run, Outcome: o}})
	})
}

func (p *prober) newTarget(ck *config.Checker) *target {
	t := &target{Target: checkers.Target{
		Checker: ck, Certificate: p.certificate, Scripts: p.scripts, Stuck: p.stuck,
	}}
	if ck.Kind == config.CheckMISC {
		command, verdict := p.resolver.Resolve(&ck.Misc.Script)
		t.Command = command
		switch {
		case !verdict.Found:
			t.NotRunnable = "not found"
		case verdict.Disabled:
			t.NotRunnable = "not allowed to run"
		}
	}
	return t
}

func (p *prober) cancel(a health.CancelProbe) {
	p.slots.forget(a.ID, a.Run)
	p.pool.Cancel(checkers.Token{ID: a.ID, Run: a.Run})
	if p.targets[a.ID] == nil {
		p.slots.release(a.ID, a.Run) // no result may come; of others there is one
	}
	if t := p.targets[a.ID]; t != nil && t.cancel != nil {
		t.cancel()
	}
}

// cancelAll ends all probes and forgets their targets.
func (p *prober) cancelAll() {
	p.slots.reset(p.slots.limit)
	p.pool.CancelAll()
	p.stop()
	p.ctx, p.stop = context.WithCancel(context.Background())
	for _, t := range p.targets {
		p.running.Go(func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.Close()
		})
	}
	p.targets = map[health.CheckerID]*target{}
}

// close ends everything and waits for it, scripts included, but not for ever.
func (p *prober) close() {
	p.cancelAll()
	p.pool.Close()
	p.ping.restore()
	gone := make(chan struct{})
	go func() {
		p.running.Wait()
		close(gone)
	}()
	timer := time.NewTimer(stopGrace)
	defer timer.Stop()
	select {
	case <-gone:
	case <-timer.C:
	}
}
