package snmp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
)

// Times between attempts to reach the master: the first, doubled up to the
// last, which is net-snmp's.
const (
	retryFirst = time.Second
	retryLast  = 15 * time.Second
)

const (
	// maxQueue is how many notifications wait for the master; the oldest go
	// first.
	maxQueue = 4096
	// maxTries is how often a notification is sent to a master that does not
	// answer.
	maxTries = 2
)

// agent keeps a session with a master and sends what is queued.
type agent struct {
	socket string
	dial   func(ctx context.Context, socket string) (net.Conn, error)
	log    *slog.Logger
	tree   *mib.Tree
	views  *views
	apply  func(mib.Change) error

	mu      sync.Mutex
	queue   []mib.Notification
	tries   int // of the first
	lost    int
	closing bool

	wake   chan struct{}
	cancel context.CancelFunc
	ended  chan struct{}
}

func startAgent(a *agent) *agent {
	ctx, cancel := context.WithCancel(context.Background())
	a.wake, a.cancel, a.ended = make(chan struct{}, 1), cancel, make(chan struct{})
	go a.run(ctx)
	return a
}

// notify queues a notification.
func (a *agent) notify(n mib.Notification) {
	a.mu.Lock()
	if len(a.queue) == maxQueue {
		a.drop()
	}
	a.queue = append(a.queue, n)
	a.mu.Unlock()
	a.poke()
}

func (a *agent) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// drop forgets the first notification. a.mu is held.
func (a *agent) drop() {
	a.queue[0] = nil
	a.queue, a.tries = a.queue[1:], 0
	a.lost++
}

// close ends the session when what is queued is sent, or when ctx is done.
func (a *agent) close(ctx context.Context) {
	a.mu.Lock()
	a.closing = true
	a.mu.Unlock()
	a.poke()
	stop := context.AfterFunc(ctx, a.cancel)
	defer stop()
	<-a.ended
}

func (a *agent) isClosing() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closing
}

func (a *agent) run(ctx context.Context) {
	defer close(a.ended)
	defer a.cancel()
	wait := retryFirst
	told := false
	for !a.isClosing() && ctx.Err() == nil {
		opened := time.Time{}
		err := a.attempt(ctx, func() { opened, told = time.Now(), false })
		// A master that breaks off one session after the other is not asked
		// every second.
		if !opened.IsZero() && time.Since(opened) >= retryLast {
			wait = retryFirst
		}
		switch {
		case err == nil || ctx.Err() != nil || a.isClosing():
			return
		case !told:
			told = true
			a.complain(err, wait)
		}
		a.pause(ctx, wait)
		wait = min(2*wait, retryLast)
	}
}

// brokenOff is the end of a session that was open.
type brokenOff struct{ error }

func (b brokenOff) Unwrap() error { return b.error }

func (a *agent) complain(err error, wait time.Duration) {
	var refused refusal
	switch {
	case errors.As(err, &brokenOff{}):
		a.log.Info(fmt.Sprintf(logtext.SNMPDisconnected+": %v", int(wait/time.Second), err))
	case errors.As(err, &refused):
		a.log.Error(fmt.Sprintf(textRefused, a.socket, err))
	default:
		a.log.Warn(fmt.Sprintf(logtext.SNMPUnreachable+"%v", a.socket, err))
	}
}

// pause waits for the next attempt; notifications do not shorten it.
func (a *agent) pause(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	for !a.isClosing() {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			return
		case <-a.wake:
		}
	}
}

// attempt holds one session until it breaks, or returns nil after an orderly
// end. opened is called when the session is open.
func (a *agent) attempt(ctx context.Context, opened func()) error {
	dialing, cancel := context.WithTimeout(ctx, requestTime)
	conn, err := a.dial(dialing, a.socket)
	cancel()
	if err != nil {
		return err
	}
	r := &responder{tree: a.tree, use: a.views.use, apply: a.change, log: func(f string, args ...any) { a.log.Error(fmt.Sprintf(f, args...)) }}
	s := newSession(conn, r.serve, a.views.uptime.heard)
	if err := s.open(ctx, a.tree.Subtrees); err != nil {
		s.shut(agentx.ReasonOther)
		return err
	}
	a.log.Info(fmt.Sprintf(textConnected, a.socket))
	opened()
	err = a.hold(ctx, s)
	reason := agentx.ReasonShutdown
	if errors.Is(err, errTimeout) {
		reason = agentx.ReasonTimeouts
	}
	s.shut(reason)
	if err != nil {
		return brokenOff{err}
	}
	return nil
}

// change carries out a change; what is read next shows it.
func (a *agent) change(c mib.Change) error {
	defer a.views.forget()
	return a.apply(c)
}

// hold sends notifications and pings.
func (a *agent) hold(ctx context.Context, s *session) error {
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	for {
		if err := a.sendQueued(ctx, s); err != nil {
			return err
		}
		if a.isClosing() {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.done:
			return s.err
		case <-a.wake:
		case <-ping.C:
			if _, err := s.request(ctx, &agentx.PDU{Type: agentx.TypePing}); err != nil {
				return err
			}
		}
	}
}

// sendQueued sends what is queued, each when the master has taken the one
// before. One that the master refuses is dropped.
func (a *agent) sendQueued(ctx context.Context, s *session) error {
	for {
		a.mu.Lock()
		if len(a.queue) == 0 {
			lost := a.lost
			a.lost = 0
			a.mu.Unlock()
			if lost > 0 {
				a.log.Warn(fmt.Sprintf(textLost, lost))
			}
			return nil
		}
		n := a.queue[0]
		a.tries++
		a.mu.Unlock()
		_, err := s.request(ctx, &agentx.PDU{Type: agentx.TypeNotify, VarBinds: n})
		var refused refusal
		a.mu.Lock()
		// The queue may have moved on while we waited.
		if len(a.queue) > 0 && &a.queue[0][0] == &n[0] {
			switch {
			case err == nil:
				a.queue[0] = nil
				a.queue, a.tries = a.queue[1:], 0
			case errors.As(err, &refused) || a.tries >= maxTries:
				a.drop()
			}
		}
		a.mu.Unlock()
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
}
