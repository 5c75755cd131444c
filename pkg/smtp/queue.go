package smtp

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// capacity is how many mails may wait.
	capacity = 500
	// parallel is how many connections there are at once, closingParallel
	// during Close.
	parallel        = 4
	closingParallel = 16
)

// retries are the waits before a mail is tried again; then it is given up.
var retries = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute}

// mail is a message on its way.
type mail struct {
	message message
	// left are the recipients that it has not reached.
	left     []string
	attempts int
	due      time.Time
}

// queue delivers mails with a few connections at a time, in the order in which
// they came as far as the server takes them.
type queue struct {
	log *slog.Logger
	// deliver tries once; injected for tests.
	deliver func(ctx context.Context, m *mail) (outcome, []string)

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	waiting []*mail
	active  int
	timer   *time.Timer
	closing bool
	idle    chan struct{} // closed when closing and nothing is left
}

func newQueue(log *slog.Logger, deliver func(context.Context, *mail) (outcome, []string)) *queue {
	q := &queue{log: log, deliver: deliver, idle: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	return q
}

// add queues a message. When too many wait, the oldest goes.
func (q *queue) add(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing {
		return
	}
	if len(q.waiting) >= capacity {
		q.log.Info(fmt.Sprintf(lineQueueFull, q.waiting[0].message.subject, len(q.waiting)))
		q.waiting = q.waiting[1:]
	}
	q.waiting = append(q.waiting, &mail{message: m, left: m.to, due: m.date})
	q.pump()
}

// pump starts attempts that are due. q.mu is held.
func (q *queue) pump() {
	now := time.Now()
	limit := parallel
	if q.closing {
		limit = closingParallel
	}
	var next time.Time
	kept := q.waiting[:0]
	for _, m := range q.waiting {
		due := q.closing || !m.due.After(now)
		if due && q.active < limit {
			q.active++
			go q.attempt(m)
			continue
		}
		kept = append(kept, m)
		if !due && (next.IsZero() || m.due.Before(next)) {
			next = m.due
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
	if q.timer != nil {
		q.timer.Stop()
		q.timer = nil
	}
	if !next.IsZero() {
		q.timer = time.AfterFunc(next.Sub(now), func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.pump()
		})
	}
	if q.closing && q.active == 0 && len(q.waiting) == 0 {
		select {
		case <-q.idle:
		default:
			close(q.idle)
		}
	}
}

// attempt tries to deliver m once.
func (q *queue) attempt(m *mail) {
	o, left := q.deliver(q.ctx, m)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	m.attempts++
	m.left = left
	switch {
	case o == deferred && !q.closing && m.attempts <= len(retries):
		m.due = time.Now().Add(retries[m.attempts-1])
		q.waiting = append(q.waiting, m)
	case o != delivered:
		q.log.Info(fmt.Sprintf(lineGivenUp, m.message.subject, m.attempts))
	}
	q.pump()
}

// close tries everything that waits once more, without further retries, and
// returns when that is done, or cut short when ctx is done.
func (q *queue) close(ctx context.Context) {
	q.mu.Lock()
	q.closing = true
	q.pump()
	q.mu.Unlock()
	select {
	case <-q.idle:
	case <-ctx.Done():
		q.mu.Lock()
		for _, m := range q.waiting {
			q.log.Info(fmt.Sprintf(lineGivenUp, m.message.subject, m.attempts))
		}
		q.waiting = nil
		q.mu.Unlock()
		q.cancel()
		<-q.finished()
	}
	q.cancel()
}

// finished is closed when the last attempt has noticed that it is cancelled.
func (q *queue) finished() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pump()
	return q.idle
}
