package health

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// startDelay is the least time between the start or a reload and the first
// check; the random part of the warm-up comes on top.
const startDelay = time.Second

// Engine is the whole of the health core.
type Engine struct {
	cfg     *config.Config
	random  *rand.Rand
	servers []*virtualServer
	// checkers by CheckerID.
	checkers []*checker
	waiting  queue
	runs     uint64 // number of the last probe started

	files     map[string]int64
	bfd       map[string]bool // by session, once it is known
	addresses map[netip.Addr]int

	table *table
	marks ipvs.Marks
	// started is the time of Start, reloaded that of the last Reload.
	started, reloaded time.Time
	stopped           bool
	// reloading is set during Reload: a lost quorum is then worded as at
	// the start.
	reloading bool

	// now and out belong to the present Step.
	now time.Time
	out *[]Action
}

// virtualServer is the state of one virtual_server.
type virtualServer struct {
	cfg     *config.VirtualServer
	servers []*realServer
	// services are those of the kernel, without destinations.
	services []ipvs.Service
	// entries are the lines of the group, nil without one.
	entries []config.GroupEntry
	order   int
	// shares says that another virtual server wants one of the services too.
	shares bool

	quorumUp bool
	// settled is false until the quorum was looked at for the first time.
	settled bool
	// local counts the addresses of the server that this host has; it is
	// kept for ha_suspend only.
	local int

	transitions uint64
	since       time.Time
	reason      string // of the present quorumUp, in words
}

// realServer is the state of one real_server.
type realServer struct {
	cfg      *config.RealServer
	vs       *virtualServer
	order    int
	checkers []*checker
	// base is the configured weight, or that of SetWeight.
	base int
	// failed is how many of the checkers are failed.
	failed int
	alive  bool
	// told is true once the outside knows that the server is down.
	told bool

	transitions uint64
	since       time.Time
	reason      string // of the present alive, in words
}

// checker is the state of one checker.
type checker struct {
	id   CheckerID
	cfg  *config.Checker
	kind *kind
	rs   *realServer

	up, hasRun bool
	// failures in a row while it counted as up, or in this cycle of a kind
	// with allAttempts.
	failures     int
	contribution int64
	lastExit     int
	goodExit     int // that of the last success

	// url is the one to ask for next; recovering is set while a web checker
	// that is not up goes through its whole list.
	url        int
	recovering bool
	// lengthOff is the last wrong Content-Length that was logged, by url.
	lengthOff map[int]int64

	due   time.Time
	place int // in the queue, -1 when not waiting
	// run is the number of the running probe, 0 if there is none; begun is
	// when it started.
	run   uint64
	begun time.Time

	runCount, badCount uint64
	lastRun            time.Time
	lastDuration       time.Duration
	lastText           string
}

// New returns an engine for cfg. Nothing happens before Start. random spreads
// the first checks.
func New(cfg *config.Config, random *rand.Rand) *Engine {
	return &Engine{
		cfg: cfg, random: random,
		files: map[string]int64{}, bfd: map[string]bool{}, addresses: map[netip.Addr]int{},
		table: newTable(),
	}
}

// Step takes one event at the time now and returns what is to be done, in
// order. Everything that is due at now is done as well.
func (e *Engine) Step(now time.Time, ev Event) []Action {
	var out []Action
	e.now, e.out = now, &out
	if e.stopped {
		return out
	}
	switch ev := ev.(type) {
	case Start:
		e.start(ev)
	case Result:
		e.result(ev)
	case AddressAdded:
		e.addressChanged(ev.Address, true)
	case AddressRemoved:
		e.addressChanged(ev.Address, false)
	case FileValue:
		e.fileChanged(ev.File, ev.Value)
	case BFDState:
		e.bfdChanged(ev.Session, ev.Up)
	case SetWeight:
		e.setWeight(ev)
	case Reload:
		e.reload(ev)
	case Stop:
		e.stop(ev)
	case ProgramFailed:
		e.takeBack(ev.Program)
	case Timer:
	}
	e.startDue()
	return out
}

// Together is how many of results, from the first, may be stepped through
// before any of their Programs is carried out: those that concern different
// services of the kernel, so that each can fail without the others. It is 1 at
// least.
func (e *Engine) Together(results []Result) int {
	if len(results) < 2 {
		return len(results)
	}
	concerned := make(map[*virtualServer]bool, len(results))
	for i, r := range results {
		if r.ID < 0 || int(r.ID) >= len(e.checkers) {
			continue
		}
		vs := e.checkers[r.ID].rs.vs
		if vs.shares {
			vs = nil // stands for all that share a service with another
		}
		if concerned[vs] {
			return i
		}
		concerned[vs] = true
	}
	return len(results)
}

// Deadline is when the next check is due; false if none is waiting.
func (e *Engine) Deadline() (time.Time, bool) {
	if len(e.waiting) == 0 {
		return time.Time{}, false
	}
	return e.waiting[0].due, true
}

func (e *Engine) emit(a Action) { *e.out = append(*e.out, a) }

func (e *Engine) log(text string) {
	if text != "" {
		e.emit(Log{Info, text})
	}
}

func (e *Engine) detail(text string) { e.emit(Log{Detail, text}) }

func (e *Engine) tell(ev event.Event) { e.emit(Emit{ev}) }

// startDue starts every check whose time has come.
func (e *Engine) startDue() {
	for ck := e.waiting.take(e.now); ck != nil; ck = e.waiting.take(e.now) {
		if ck.rs.vs.suspended() {
			// keepalived's suspended checkers go on ticking, so that each
			// keeps its phase.
			e.waiting.schedule(ck, e.now.Add(atLeast(ck.cfg.DelayLoop)))
			continue
		}
		e.runs++
		ck.run = e.runs
		ck.begun = e.now
		e.emit(StartProbe{ID: ck.id, Run: ck.run, Checker: ck.cfg, URL: ck.url})
	}
}

// atLeast keeps a delay from being nothing, which would never let startDue
// end.
func atLeast(d time.Duration) time.Duration { return max(d, time.Microsecond) }

// index makes the flat list of checkers and gives them their numbers.
func (e *Engine) index() {
	e.checkers = e.checkers[:0]
	e.waiting = nil
	for _, vs := range e.servers {
		for _, rs := range vs.servers {
			for _, ck := range rs.checkers {
				ck.id = CheckerID(len(e.checkers))
				ck.place = -1
				ck.run = 0
				e.checkers = append(e.checkers, ck)
			}
		}
	}
}

// activate announces the checkers and gives each its first time: a second and
// a random part of the warm-up from now.
func (e *Engine) activate() {
	for _, ck := range e.checkers {
		if !ck.kind.timed {
			continue
		}
		if !ck.hasRun {
			verb := verbActivating
			if ck.rs.vs.suspended() {
				verb = verbDeactivating
			}
			e.log(lineChecker(verb, ck.rs.cfg.Name, ck.rs.vs.cfg.Name))
		}
		delay := startDelay
		if w := ck.cfg.Warmup; w > 0 {
			delay += time.Duration(e.random.Int64N(int64(w) + 1))
		}
		e.waiting.schedule(ck, e.now.Add(delay))
	}
	e.log(logtext.CheckerBFD)
}
