// Package bus carries the events of one engine to all sinks of its process:
// one queue and one goroutine per sink, so that each sees the one true order
// and none delays the engine or another sink.
package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// DefaultCapacity is how many events wait for a slow sink.
const DefaultCapacity = 4096

// reportEvery limits the lines about dropped events, per sink.
const reportEvery = 10 * time.Second

// lineDropped tells that a sink is too slow.
const lineDropped = "%s cannot keep up: %d events dropped"

// Bus is an event.Sink that passes everything on to the sinks attached.
type Bus struct {
	log *slog.Logger

	mu     sync.Mutex
	lanes  []*lane
	closed bool
}

// Stat is how a sink is doing.
type Stat struct {
	Name string
	// Queued events wait, Sent were taken by the sink, Dropped were not.
	Queued        int
	Sent, Dropped uint64
}

// lane is the queue of one sink: a ring of cap(ring) events.
type lane struct {
	name string
	sink event.Sink
	log  *slog.Logger

	mu       sync.Mutex
	more     *sync.Cond
	ring     []event.Event
	head     int
	size     int
	sent     uint64
	dropped  uint64
	reported uint64
	closed   bool
	idle     chan struct{} // closed when a closed lane is empty
}

// New returns a bus without sinks.
func New(log *slog.Logger) *Bus { return &Bus{log: log} }

// Attach adds a sink, which gets every event that is sent from now on. Its
// Send is called by one goroutine and may take its time: when more than
// capacity events wait (0: DefaultCapacity), the oldest is dropped, so that a
// sink that has fallen behind still learns the last state.
func (b *Bus) Attach(name string, sink event.Sink, capacity int) {
	if capacity <= 0 {
		capacity = DefaultCapacity
	}
	l := &lane{name: name, sink: sink, log: b.log, ring: make([]event.Event, capacity), idle: make(chan struct{})}
	l.more = sync.NewCond(&l.mu)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.lanes = append(b.lanes, l)
	go l.run()
}

// Send queues e for every sink and returns at once.
func (b *Bus) Send(e event.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	for _, l := range b.lanes {
		l.push(e)
	}
}

// Close refuses further events and waits until the sinks have taken those that
// are queued, or until ctx is done; what is left then is not passed on.
func (b *Bus) Close(ctx context.Context) {
	b.mu.Lock()
	b.closed = true
	lanes := b.lanes
	b.mu.Unlock()
	for _, l := range lanes {
		l.close()
	}
	for _, l := range lanes {
		select {
		case <-l.idle:
		case <-ctx.Done():
			l.abandon()
		}
	}
}

// Stats tells about every sink, in the order of Attach.
func (b *Bus) Stats() []Stat {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Stat, 0, len(b.lanes))
	for _, l := range b.lanes {
		l.mu.Lock()
		list = append(list, Stat{Name: l.name, Queued: l.size, Sent: l.sent, Dropped: l.dropped})
		l.mu.Unlock()
	}
	return list
}

func (l *lane) push(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size == len(l.ring) {
		l.take()
		l.dropped++
	}
	l.ring[(l.head+l.size)%len(l.ring)] = e
	l.size++
	l.more.Signal()
}

// take removes the oldest event. l.mu is held.
func (l *lane) take() event.Event {
	e := l.ring[l.head]
	l.ring[l.head] = nil
	l.head = (l.head + 1) % len(l.ring)
	l.size--
	return e
}

func (l *lane) run() {
	var report time.Time
	for {
		l.mu.Lock()
		for l.size == 0 && !l.closed {
			l.more.Wait()
		}
		if l.size == 0 {
			l.mu.Unlock()
			close(l.idle)
			return
		}
		e := l.take()
		dropped := l.dropped - l.reported
		if dropped > 0 && !time.Now().Before(report) {
			l.reported = l.dropped
			report = time.Now().Add(reportEvery)
		} else {
			dropped = 0
		}
		l.mu.Unlock()
		if dropped > 0 {
			l.log.Warn(fmt.Sprintf(lineDropped, l.name, dropped))
		}
		l.sink.Send(e)
		l.mu.Lock()
		l.sent++
		l.mu.Unlock()
	}
}

func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.more.Signal()
}

// abandon forgets what is queued; the goroutine ends when the sink lets go.
func (l *lane) abandon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.size > 0 {
		l.take()
		l.dropped++
	}
}
