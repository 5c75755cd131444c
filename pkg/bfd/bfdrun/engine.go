package bfdrun

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Engine is the BFD engine with its sockets. New, Run once, and from any
// goroutine Reload and Snapshot.
type Engine struct {
	opt  Options
	box  eventloop.Mailbox[letter]
	logs *eventloop.LogQueue

	// What follows belongs to the goroutine of Run.

	now       func() time.Time
	random    *rand.Rand
	core      *bfd.Engine
	poller    *eventloop.Poller
	listeners map[bfd.Listener]int // descriptors
	senders   map[bfd.SocketID]*sender
	outlets   [2]*outlet // nil for nobody

	receiver *mmsg.Receiver
	sender   *mmsg.Sender
	onFailed func(int, errno)
	failed   errno // of the packet just sent
	packet   bfd.Packet
	queue    []bfd.Event
	letters  []letter
	finished bool
	ended    bool

	last struct {
		sync.Mutex
		status.BFD // after Run has ended
	}
}

// letter is an event for the engine, or a function for the loop to
// call.
type letter struct {
	event bfd.Event
	call  func()
}

// New returns an engine for cfg that does nothing until Run.
func New(cfg *config.Config, opt Options) *Engine {
	opt.setDefaults()
	random := newRandom()
	e := &Engine{
		opt: opt, now: time.Now, random: random,
		core:      bfd.New(cfg, bfd.Options{Detail: opt.Detail, Random: random}),
		listeners: map[bfd.Listener]int{}, senders: map[bfd.SocketID]*sender{},
		receiver: mmsg.NewReceiver(receiveCount, receiveSize), sender: mmsg.NewSender(1),
	}
	e.onFailed = func(_ int, err errno) { e.failed = err }
	if opt.VRRP != nil {
		e.outlets[0] = newOutlet(bfd.VRRP, opt.VRRP)
	}
	if opt.Checker != nil {
		e.outlets[1] = newOutlet(bfd.Checker, opt.Checker)
	}
	return e
}

// Run runs the engine in the network namespace of the calling thread (lock it
// where threads differ in that) until ctx is cancelled, then tells the
// neighbors and returns nil.
func (e *Engine) Run(ctx context.Context) error {
	e.logs = eventloop.StartLogQueue(e.opt.Log)
	defer e.logs.Close()
	defer e.closeMailbox()
	defer e.closeAll()
	if err := e.open(); err != nil {
		return err
	}
	e.step(bfd.Start{})
	e.logs.Flush()
	e.opt.Ready()
	cancel := context.AfterFunc(ctx, func() { e.box.Post(letter{event: bfd.Stop{}}) })
	defer cancel()
	return e.loop()
}

// closeMailbox answers those who still wait and keeps the last state for
// those who come later.
func (e *Engine) closeMailbox() {
	e.ended = true
	e.last.Lock()
	e.last.BFD = e.core.Snapshot()
	e.last.Unlock()
	for _, l := range e.box.Close() {
		if l.call != nil {
			l.call()
		}
	}
}

// call lets the loop run f and waits for it; false if the loop has
// ended.
func (e *Engine) call(f func()) bool {
	done := make(chan struct{})
	if !e.box.Post(letter{call: func() { f(); e.logs.Flush(); close(done) }}) {
		return false
	}
	<-done
	return true
}

// Snapshot is the present state, or the last one when Run has ended. Before
// Run it waits for the start.
func (e *Engine) Snapshot() status.BFD {
	var s status.BFD
	if e.call(func() { s = e.core.Snapshot() }) {
		return s
	}
	e.last.Lock()
	defer e.last.Unlock()
	return e.last.BFD
}

// Reload goes over to cfg and returns when that is done.
func (e *Engine) Reload(cfg *config.Config) error {
	err := errors.New("reload: the bfd engine has stopped")
	e.call(func() {
		if !e.ended && !e.finished {
			err = nil
			e.step(bfd.Reload{Config: cfg})
		}
	})
	return err
}
