package vrrp

import (
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Options are what the engine is told besides its configuration.
type Options struct {
	// Detail is -D: debug lines are wanted. Without it they are not made.
	Detail bool
}

// Engine is all virtual routers of one process. It is not safe for use by
// several goroutines.
type Engine struct {
	cfg    *config.Config
	detail bool

	now     time.Time
	waited  time.Duration // Packet.Waited of the packet at hand
	step    uint64
	actions []Action
	timers  timerQueue

	started  bool
	startAt  time.Time // the Step of Start
	delayEnd time.Time // end of vrrp_startup_delay, zero: none
	delay    *timer
	stopping *timer // armed by Stop until Finished
	stopped  bool
	// putOffSince is when the first timer that is put off could have fired.
	putOffSince time.Time
	// keepVMACs is --dont-release-vrrp.
	keepVMACs bool
	// settling is true while Start or Reload collects causes of Fault: no
	// instance changes state before all are known.
	settling bool

	instances []*instance
	byName    map[string]*instance
	groups    []*syncGroup
	// vips are the virtual addresses: never a source on their interface.
	vips map[vip]bool
	// lateLimit is the least lateness that timer_expired_backup looks at, 0
	// for none.
	lateLimit time.Duration

	links   map[string]*link
	byIndex map[int]*link
	pacers  []*pacer

	// removed and added are the places of addresses that this Step has
	// removed, and those it has added again; see echo.go.
	removed []place
	again   map[place]time.Time

	sockets    map[SocketID]*socket
	bySpec     map[SocketSpec]*socket
	lastSocket SocketID
	retry      *timer // asks again for sockets and VMACs that could not be made
	// socketsChanged says that some may have lost their last user.
	socketsChanged bool

	scripts   map[string]*script
	files     map[string]*object
	processes map[string]*object
	sessions  map[string]*object

	static staticItems

	packet packet // scratch of receive
	// Packets that were refused, of all instances together.
	unknownVRID, badVersion, badChecksum uint64
	// What is told about packets that no instance has limits for: lines about
	// those that are too short, lines about foreign VRIDs, events.
	shortLines   lineBudget
	unknownLines [256]lineBudget
	traps        lineBudget
}

// New returns an engine for cfg; its first event must be Start.
func New(cfg *config.Config, opt Options) *Engine {
	e := &Engine{
		cfg:       cfg,
		detail:    opt.Detail,
		byName:    map[string]*instance{},
		vips:      map[vip]bool{},
		links:     map[string]*link{},
		byIndex:   map[int]*link{},
		again:     map[place]time.Time{},
		sockets:   map[SocketID]*socket{},
		bySpec:    map[SocketSpec]*socket{},
		scripts:   map[string]*script{},
		files:     map[string]*object{},
		processes: map[string]*object{},
		sessions:  map[string]*object{},
	}
	e.delay = e.timers.add(func() { e.info(logtext.DelayedStartDone) })
	e.stopping = e.timers.add(e.finish)
	e.retry = e.timers.add(e.retryFailed)
	return e
}

// Step takes one event at time now and returns what is to be done, in order.
//
// A packet is judged before the deadlines that have passed by now, every other
// event after them: a process that was held up must not take over before it
// has read what its sockets hold. So after a late wake-up read the sockets
// first, with Packet.More on all but the last packet, and pass Timer last.
//
// now must not go back (pass what time.Now gives: its monotonic reading is
// compared, its wall clock is signed by auth_hmac). The actions are valid
// until the next Step.
func (e *Engine) Step(now time.Time, ev Event) []Action {
	e.now = now
	e.step++
	clear(e.actions)
	e.actions = e.actions[:0]
	e.removed = e.removed[:0]
	if e.stopped {
		return nil
	}
	e.checkLate()
	if p, ok := ev.(*Packet); ok {
		e.waited = p.Waited
		e.receive(p)
		e.waited = 0
		if !p.More || !e.putOff() {
			e.expire()
		}
		return e.actions
	}
	e.expire()
	switch {
	case e.started && !e.stopping.running():
		e.handle(ev)
	case !e.started:
		e.handleFirst(ev)
	}
	e.expire()
	e.sweepSockets()
	return e.actions
}

// handleFirst takes the event that begins, or ends before it began.
func (e *Engine) handleFirst(ev Event) {
	switch ev := ev.(type) {
	case Start:
		e.start(ev)
	case Stop:
		e.do(Finished{})
		e.stopped = true
	}
}

func (e *Engine) handle(ev Event) {
	switch ev := ev.(type) {
	case InterfaceChanged:
		e.interfaceChanged(&ev.Interface)
	case InterfaceRemoved:
		e.interfaceRemoved(ev.Index)
	case AddressAdded:
		e.addressAdded(ev.Index, ev.Address)
	case AddressRemoved:
		e.addressRemoved(ev.Index, ev.Prefix)
	case RouteRemoved:
		e.routeRemoved(ev.Route)
	case RuleRemoved:
		e.ruleRemoved(ev.Rule)
	case Resync:
		e.resync(ev)
	case ScriptResult:
		e.scriptResult(ev)
	case FileValue:
		e.fileValue(ev)
	case ProcessQuorum:
		e.processQuorum(ev)
	case BFDState:
		e.bfdState(ev)
	case ActionFailed:
		e.actionFailed(ev)
	case Reload:
		e.reload(ev)
	case Stop:
		e.stop(ev)
	case ClearStats:
		e.clearStats()
	case AnnounceAddresses:
		if v := e.byName[ev.Instance]; v != nil && v.state == event.Master {
			v.burst(1)
		}
	case SetBasePriority:
		e.setBasePriority(ev)
	case SetPreempt:
		e.setPreempt(ev)
	case SetAccept:
		if v := e.byName[ev.Instance]; v != nil {
			v.accept = ev.Accept
		}
	case Timer, Start, *Packet:
	}
}

// maxPutOff is how long packets can keep timers from firing. It is time enough
// to read what gathers while a process is held up, and short against any
// interval that a backup waits for.
const maxPutOff = 100 * time.Millisecond

// putOff reports whether timers may wait a little longer.
func (e *Engine) putOff() bool {
	at, ok := e.timers.next()
	if !ok || at.After(e.now) {
		return true
	}
	if e.putOffSince.IsZero() {
		e.putOffSince = e.now
	}
	return e.now.Sub(e.putOffSince) < maxPutOff
}

// expire does everything that is due.
func (e *Engine) expire() {
	e.putOffSince = time.Time{}
	for {
		t := e.timers.due(e.now)
		if t == nil {
			return
		}
		t.fire()
	}
}

// Deadline is when the engine wants its next Step at the latest, false if only
// an event can change anything.
func (e *Engine) Deadline() (time.Time, bool) {
	if e.stopped {
		return time.Time{}, false
	}
	return e.timers.next()
}

// origin is when timers start to count: when the packet at hand arrived, now,
// or the end of the startup delay.
func (e *Engine) origin() time.Time {
	if e.now.Before(e.delayEnd) {
		return e.delayEnd
	}
	return e.now.Add(-e.waited)
}

func (e *Engine) do(a Action) { e.actions = append(e.actions, a) }

func (e *Engine) emit(ev event.Event) { e.do(Emit{ev}) }

// info logs a line that is always wanted.
func (e *Engine) info(text string) { e.do(Log{slog.LevelInfo, text}) }

// debug logs a line that is wanted with -D. On hot paths ask e.detail before
// making the text.
func (e *Engine) debug(text string) {
	if e.detail {
		e.do(Log{slog.LevelDebug, text})
	}
}

// interfaceName is the name of l, "" for routed unicast, which has none.
func interfaceName(l *link) string {
	if l == nil {
		return ""
	}
	return l.name
}

func (e *Engine) clearStats() {
	for _, v := range e.instances {
		v.counters = counters{}
		v.drops = dropCounts{}
	}
	e.unknownVRID, e.badVersion, e.badChecksum = 0, 0, 0
}

// actionFailed turns the failure of an action into what follows from it.
func (e *Engine) actionFailed(f ActionFailed) {
	switch a := f.Action.(type) {
	case *SendAdvert:
		if v := e.byName[a.Instance]; v != nil {
			v.sendFailed(a, f)
		}
	case OpenSocket:
		e.socketFailed(a, f)
	case EnsureVMAC:
		e.vmacFailed(a)
	case AddAddress:
		if v := e.byName[a.Instance]; v != nil {
			v.addressFailed(a.Address)
		}
	case AddRoute:
		if v := e.byName[a.Instance]; v != nil {
			v.routeFailed(a.Route)
		}
	case AddRule:
		if v := e.byName[a.Instance]; v != nil {
			v.ruleFailed(a.Rule)
		}
	case RemoveAddress, RemoveRoute, RemoveRule, CloseSocket, ResizeSocket, DropTraffic,
		SendGARP, SendNA, RemoveVMAC, PromoteSecondaries, SetSyncDaemon, RaisePriority, Emit, Log, Finished:
		// The driver has logged it; nothing follows for the protocol.
	}
}

func (e *Engine) setBasePriority(ev SetBasePriority) {
	v := e.byName[ev.Instance]
	if v == nil || v.owner() || ev.Priority == 0 || ev.Priority == 255 || ev.Priority == v.base {
		return
	}
	e.info(textSNMPPriority(v.cfg.Name, v.base, ev.Priority))
	v.base = ev.Priority
	v.updatePriority()
}

func (e *Engine) setPreempt(ev SetPreempt) {
	if v := e.byName[ev.Instance]; v != nil && v.noPreempt == ev.Preempt {
		v.noPreempt = !ev.Preempt
		e.info(textSNMPPreempt(v.cfg.Name, ev.Preempt))
	}
}
