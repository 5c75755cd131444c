package notify

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Part is the half of the daemon that a Sink serves.
type Part uint8

// Parts.
const (
	VRRP Part = iota
	Checkers
)

// Options are what a Sink needs.
type Options struct {
	Log    *slog.Logger
	Runner *script.Runner
	// Machine resolves scripts and FIFO owners.
	Machine script.Machine
	Part    Part
}

const (
	// stopTime is how long scripts of the STOP state of instances may run.
	stopTime = time.Second
	// launchTime bounds the wait for one script to be started before the next
	// is, which keeps their order.
	launchTime = time.Second
)

// Sink runs notify scripts and writes notify FIFOs. Its methods must not be
// called at the same time, except that Send may come from another goroutine
// than the others, as from a bus.
type Sink struct {
	opt Options

	mu  sync.Mutex
	cfg *config.Config
	// book has the scripts in force, last those of the configuration before,
	// which instances and servers that were removed still use.
	book, last *book
	outlets    []*outlet
	// stopping are the STOP scripts of instances.
	stopping []*script.Process
	closed   bool
}

// outlet is a FIFO with its script.
type outlet struct {
	fifo   *fifo
	reader *reader
}

// New returns a sink for cfg: it creates and opens the FIFOs and starts their
// scripts.
func New(cfg *config.Config, opt Options) *Sink {
	s := &Sink{opt: opt, last: &book{}}
	s.Update(cfg)
	return s
}

// Update goes on with cfg. FIFOs that are unchanged stay open, so that their
// readers need not reopen them; FIFO scripts are started again.
func (s *Sink) Update(cfg *config.Config) {
	resolver := script.NewResolver(&cfg.Global, s.opt.Machine)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.book != nil {
		s.last = s.book
	}
	s.book = newBook(cfg, s.last, s.opt.Part, resolver, s.opt.Log)
	old := s.outlets
	s.outlets = nil
	for _, plan := range s.plan(cfg) {
		s.outlets = append(s.outlets, s.open(plan, resolver, &old))
	}
	for _, o := range old {
		o.fifo.close()
		if o.reader != nil {
			o.reader.stop()
		}
	}
	s.cfg = cfg
}

// outletPlan is a FIFO that the configuration wants of us.
type outletPlan struct {
	prefix, spoken string
	config         config.FIFO
	script         bool
}

// plan lists our FIFOs: the global one and that of our part, unless it has the
// same path. Only the checkers run the global FIFO's script when both parts
// are there.
func (s *Sink) plan(cfg *config.Config) []outletPlan {
	g := &cfg.Global
	special := outletPlan{prefix: "vrrp_", spoken: "vrrp notify fifo", config: g.VRRPNotifyFIFO, script: true}
	ours := true
	if s.opt.Part == Checkers {
		special = outletPlan{prefix: "lvs_", spoken: "lvs notify fifo", config: g.LVSNotifyFIFO, script: true}
		if g.LVSNotifyFIFO.Path == g.VRRPNotifyFIFO.Path && g.VRRPNotifyFIFO.Script != nil && cfg.WantsVRRP() {
			special.script = false
		}
	} else if cfg.WantsCheckers() {
		ours = false
	}
	var list []outletPlan
	if g.NotifyFIFO.Path != "" {
		list = append(list, outletPlan{spoken: "notify fifo", config: g.NotifyFIFO, script: ours})
	}
	if special.config.Path != "" && special.config.Path != g.NotifyFIFO.Path {
		list = append(list, special)
	}
	return list
}

// open makes the outlet, with the descriptor of an unchanged one in old, which
// it takes from there.
func (s *Sink) open(plan outletPlan, resolver *script.Resolver, old *[]*outlet) *outlet {
	o := &outlet{}
	owner, bad := resolver.Credentials(plan.config.Owner())
	if bad != nil {
		s.opt.Log.Info(bad.Line)
		o.fifo = &fifo{fd: -1}
		return o
	}
	var before *reader
	for i, was := range *old {
		if was.fifo.same(plan.prefix, plan.config.Path, owner) {
			o.fifo, before = was.fifo, was.reader
			*old = append((*old)[:i:i], (*old)[i+1:]...)
			break
		}
	}
	if o.fifo == nil {
		o.fifo = openFIFO(plan.prefix, plan.spoken, plan.config.Path, owner, s.opt.Log)
	}
	if plan.config.Script == nil || !plan.script {
		if before != nil {
			before.stop()
		}
		return o
	}
	c, verdict := resolver.Resolve(plan.config.Script)
	if verdict.Disabled {
		for _, f := range verdict.Findings {
			s.opt.Log.Info(f.Line)
		}
		if before != nil {
			before.stop()
		}
		return o
	}
	o.reader = startReader(s.opt.Runner, c, plan.config.Path, s.who(), before, s.opt.Log)
	return o
}

// who is the word for our part in lines about FIFO scripts.
func (s *Sink) who() string {
	if s.opt.Part == Checkers {
		return "lvs"
	}
	return "vrrp"
}

// Send acts on one event. It waits for scripts to be started, not to end.
func (s *Sink) Send(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	switch e := e.(type) {
	case event.InstanceState:
		s.instance(e)
	case event.GroupState:
		scripts, _ := find(s.book.groups, s.last.groups, e.Group)
		s.states(scripts, e.State, stateArgs("GROUP", e.Group, e.State, 0))
		s.write(groupLine(e))
	case event.MasterRxLowerPriority:
		scripts, _ := find(s.book.instances, s.last.instances, e.Instance)
		s.start(scripts.rxLower)
		s.write(lowerPriorityLine(e))
	case event.PriorityChange:
		s.write(priorityLine(e))
	case event.StatesOnReload:
		s.statesOnReload(e)
	case event.RealServerState:
		if e.OnlySNMP {
			return
		}
		scripts, _ := find(s.book.reals, s.last.reals, realServer{e.VirtualServer, e.RealServer})
		s.start(scripts.command(e.Up))
		s.write(realServerLine(e))
	case event.VirtualServerState:
		if e.OnlySNMP {
			return
		}
		scripts, _ := find(s.book.virtuals, s.last.virtuals, e.VirtualServer)
		s.start(scripts.command(e.Up))
		s.write(virtualServerLine(e))
	}
}

// find looks key up in the present configuration, then in the one before;
// retired tells that it is only there.
func find[K comparable, V any](now, before map[K]V, key K) (v V, retired bool) {
	v, found := now[key]
	if found {
		return v, false
	}
	v, retired = before[key]
	return v, retired
}

func (s *Sink) instance(e event.InstanceState) {
	scripts, retired := find(s.book.instances, s.last.instances, e.Instance)
	if retired && e.State == event.Fault {
		// An instance that a reload removes is reported as FAULT, but not to
		// notify_fault.
		scripts.byState = nil
	}
	for _, p := range s.states(scripts, e.State, stateArgs("INSTANCE", e.Instance, e.State, e.Priority)) {
		if e.State == event.Stop {
			s.stopping = append(s.stopping, p)
		}
	}
	s.write(instanceLine(e))
}

// states starts the script of a state, then the generic one.
func (s *Sink) states(scripts stateScripts, state event.State, args []string) []*script.Process {
	var started []*script.Process
	if c, found := scripts.byState[state]; found {
		started = append(started, s.start(&c))
	}
	if scripts.any != nil {
		started = append(started, s.start(scripts.any, args...))
	}
	return started
}

// start starts c, if there is one, and returns when it has been executed.
func (s *Sink) start(c *script.Command, args ...string) *script.Process {
	if c == nil {
		return nil
	}
	p := s.opt.Runner.Start(*c, script.Options{
		Extra: args,
		Done: func(res script.Result) {
			if res.Outcome == script.NotExecuted {
				s.opt.Log.Log(context.Background(), levelAlert, fmt.Sprintf(logtext.ScriptNotExeced+": %v", c.Text, res.Err))
			}
		},
	})
	patience := time.NewTimer(launchTime)
	defer patience.Stop()
	select {
	case <-p.Launched():
	case <-patience.C:
	}
	return p
}

func (s *Sink) statesOnReload(e event.StatesOnReload) {
	if !s.cfg.Global.FIFOWriteStatesOnReload {
		return
	}
	for _, i := range e.Instances {
		s.write(instanceLine(i))
	}
	for _, g := range e.Groups {
		s.write(groupLine(g))
	}
}

func (s *Sink) write(line string) {
	for _, o := range s.outlets {
		o.fifo.write(line)
	}
}

// Dropped is how many lines found no room in their FIFO.
func (s *Sink) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n uint64
	for _, o := range s.outlets {
		o.fifo.mu.Lock()
		n += o.fifo.dropped
		o.fifo.mu.Unlock()
	}
	return n
}

// Close gives the STOP scripts of instances one second, then KILL; it ends the
// FIFO scripts (TERM, KILL 1 s later) and removes the FIFOs that we made. It
// returns when that is done, or when ctx is.
func (s *Sink) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	stopping, outlets := s.stopping, s.outlets
	s.mu.Unlock()
	var gone []<-chan struct{}
	for _, o := range outlets {
		if o.reader != nil {
			gone = append(gone, o.reader.stop())
		}
	}
	limit := time.NewTimer(stopTime)
	defer limit.Stop()
	for _, p := range stopping {
		select {
		case <-p.Gone():
			continue
		case <-limit.C:
		case <-ctx.Done():
		}
		for _, p := range stopping {
			p.Kill()
		}
		break
	}
	for _, p := range stopping {
		gone = append(gone, p.Gone())
	}
	patience := time.NewTimer(stopTime)
	defer patience.Stop()
	for _, g := range gone {
		select {
		case <-g:
			continue
		case <-ctx.Done():
		case <-patience.C:
		}
		break
	}
	for _, o := range outlets {
		o.fifo.close()
	}
}
