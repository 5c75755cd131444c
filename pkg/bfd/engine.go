package bfd

import (
	"container/heap"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Options are what the engine is told besides its configuration.
type Options struct {
	// Detail is -D: debug lines are wanted. Without it they are not made.
	Detail bool
	// Random gives discriminators and jitter; nil is a fixed sequence, for
	// tests. A daemon must pass one that outsiders cannot predict.
	Random *rand.Rand
}

// Engine is all sessions of one process. It is not safe for use by several
// goroutines.
type Engine struct {
	cfg    *config.Config
	detail bool
	random *rand.Rand

	now     time.Time
	actions []Action

	started, stopped bool

	sessions  []*session
	byDiscr   map[uint32]*session
	byAddress map[addresses]*session
	timers    queue

	listeners  map[Listener]*listener
	lastSocket SocketID

	control wire.Control // scratch of receive
	// drops are packets that belong to no session.
	drops drops
}

// drops counts refused packets by reason.
type drops [wire.DropCount]uint64

// addresses is how a packet finds its session as long as it has no
// discriminator of ours.
type addresses struct {
	remote, local netip.Addr
	multiHop      bool
}

// listener is a receiving socket that sessions need.
type listener struct {
	open  bool
	retry retry
	at    time.Time // of the next attempt, zero: none
}

// New returns an engine for cfg; its first event must be Start.
func New(cfg *config.Config, opt Options) *Engine {
	if opt.Random == nil {
		opt.Random = rand.New(rand.NewPCG(1, 2))
	}
	return &Engine{
		cfg: cfg, detail: opt.Detail, random: opt.Random,
		byDiscr: map[uint32]*session{}, byAddress: map[addresses]*session{},
		listeners: map[Listener]*listener{},
	}
}

// Step takes one event at time now and returns what is to be done, in order.
// now must not go back. The actions are valid until the next Step.
func (e *Engine) Step(now time.Time, ev Event) []Action {
	e.now = now
	clear(e.actions)
	e.actions = e.actions[:0]
	if e.stopped {
		return nil
	}
	if !e.started {
		e.handleFirst(ev)
		return e.actions
	}
	switch ev := ev.(type) {
	case *Packet:
		e.receive(ev)
	case Timer:
		e.expire()
	case SocketOpened:
		if s := e.bySocket(ev.ID); s != nil {
			s.opened()
		}
	case ActionFailed:
		e.actionFailed(ev)
	case Repeat:
		for _, s := range e.sessions {
			s.announce(ev.To)
		}
	case Reload:
		e.reload(ev.Config)
	case Stop:
		e.stop()
	case Start:
	}
	return e.actions
}

func (e *Engine) handleFirst(ev Event) {
	switch ev.(type) {
	case Start:
		e.started = true
		e.load(e.cfg)
	case Stop:
		e.stop()
	}
}

// expire does everything that is due.
func (e *Engine) expire() {
	for len(e.timers) > 0 && !e.timers[0].next.After(e.now) {
		e.timers[0].due()
	}
	for l, state := range e.listeners {
		if !state.at.IsZero() && !state.at.After(e.now) {
			e.listen(l, state)
		}
	}
}

// Deadline is when the engine wants Timer, false if only another event can
// change anything.
func (e *Engine) Deadline() (time.Time, bool) {
	if e.stopped {
		return time.Time{}, false
	}
	var at time.Time
	if len(e.timers) > 0 {
		at = e.timers[0].next
	}
	for _, l := range e.listeners {
		at = earlier(at, l.at)
	}
	return at, !at.IsZero()
}

// earlier is the first of two moments; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (e *Engine) do(a Action) { e.actions = append(e.actions, a) }

func (e *Engine) info(text string) { e.do(Log{slog.LevelInfo, text}) }

func (e *Engine) warn(text string) { e.do(Log{slog.LevelWarn, text}) }

func (e *Engine) error(text string) { e.do(Log{slog.LevelError, text}) }

// debug logs a line that is wanted with -D. On hot paths ask e.detail before
// making the text.
func (e *Engine) debug(text string) {
	if e.detail {
		e.do(Log{slog.LevelDebug, text})
	}
}

func (e *Engine) bySocket(id SocketID) *session {
	for _, s := range e.sessions {
		if s.socket == id {
			return s
		}
	}
	return nil
}

// actionFailed turns the failure of an action into what follows from it.
func (e *Engine) actionFailed(f ActionFailed) {
	switch a := f.Action.(type) {
	case OpenSocket:
		if s := e.bySocket(a.ID); s != nil {
			s.openFailed(f.Text)
		}
	case *SendControl:
		a.session.sendFailed()
	case Listen:
		if l := e.listeners[a.Listener]; l != nil && a.On {
			wait := l.retry.next()
			l.at, l.open = e.now.Add(wait), false
			e.error(textNoListener(a.Listener, f.Text, wait))
		}
	case CloseSocket, Announce, Log, Finished:
	}
}

// listen asks for a receiving socket.
func (e *Engine) listen(l Listener, state *listener) {
	state.open, state.at = true, time.Time{}
	e.do(Listen{l, true})
}

// stop tells the neighbors that this end goes away on purpose.
func (e *Engine) stop() {
	for _, s := range e.sessions {
		s.leave()
	}
	e.do(Finished{})
	e.stopped = true
}

// newDiscriminator is a random number that no session uses.
func (e *Engine) newDiscriminator() uint32 {
	for {
		if d := e.random.Uint32(); d != 0 && e.byDiscr[d] == nil {
			return d
		}
	}
}

// queue orders sessions by their next deadline (container/heap).
type queue []*session

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].next.Before(q[j].next) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}
func (q *queue) Push(x any) {
	s := x.(*session)
	s.place = len(*q)
	*q = append(*q, s)
}
func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	s.place = -1
	return s
}

// arm puts a session where its next deadline belongs; a zero time takes it
// out.
func (e *Engine) arm(s *session, at time.Time) {
	s.next = at
	switch {
	case at.IsZero() && s.place >= 0:
		heap.Remove(&e.timers, s.place)
	case at.IsZero():
	case s.place >= 0:
		heap.Fix(&e.timers, s.place)
	default:
		heap.Push(&e.timers, s)
	}
}

// retry is how long to wait after failures in a row: 1, 2, 4 ... 60 s.
// keepalived always waits 60 s, also for an IPv6 address whose duplicate
// address detection takes one.
type retry struct{ failures int }

const retryLimit = 60 * time.Second

func (r *retry) next() time.Duration {
	wait := min(retryLimit, time.Second<<min(r.failures, 6))
	r.failures++
	return wait
}
