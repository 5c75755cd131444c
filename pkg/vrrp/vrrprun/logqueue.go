package vrrprun

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// logQueueLines is how many lines may wait for a slow log before lines are
// dropped: an outsider's packets can cause lines, and must not fill memory.
const logQueueLines = 4096

// logQueue hands lines to a logger on a goroutine of its own, in order, so
// that a log that blocks does not hold up the loop.
type logQueue struct {
	log  *slog.Logger
	done chan struct{}

	mu      sync.Mutex
	more    sync.Cond
	lines   []logLine
	dropped int
	closed  bool
}

type logLine struct {
	time  time.Time
	level slog.Level
	text  string
}

func startLogQueue(log *slog.Logger) *logQueue {
	q := &logQueue{log: log, done: make(chan struct{})}
	q.more.L = &q.mu
	go q.run()
	return q
}

// add queues a line and never blocks.
func (q *logQueue) add(now time.Time, level slog.Level, text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) >= logQueueLines {
		q.dropped++
		return
	}
	q.lines = append(q.lines, logLine{now, level, text})
	if len(q.lines) == 1 {
		q.more.Signal()
	}
}

// close waits until everything is written.
func (q *logQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.more.Signal()
	q.mu.Unlock()
	<-q.done
}

func (q *logQueue) run() {
	defer close(q.done)
	var batch []logLine
	for {
		q.mu.Lock()
		for len(q.lines) == 0 && !q.closed {
			q.more.Wait()
		}
		batch, q.lines = q.lines, batch[:0]
		dropped := q.dropped
		q.dropped = 0
		q.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for i, l := range batch {
			q.write(l)
			batch[i].text = ""
		}
		if dropped > 0 {
			q.write(logLine{time.Now(), slog.LevelWarn, fmt.Sprintf(logDropped, dropped)})
		}
	}
}

// write keeps the time at which the line was made.
func (q *logQueue) write(l logLine) {
	h, ctx := q.log.Handler(), context.Background()
	if !h.Enabled(ctx, l.level) {
		return
	}
	// There is nowhere to report a log that fails.
	_ = h.Handle(ctx, slog.NewRecord(l.time, l.level, l.text, 0))
}
