package eventloop

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// LogQueueLines is how many lines may wait for a slow log before lines are
// dropped: an outsider's packets can cause lines, and must not fill memory.
const LogQueueLines = 4096

// LogQueue hands lines to a logger on a goroutine of its own, in order, so
// that a log that blocks does not hold up the loop. Add, Flush and Close are
// for the loop's goroutine.
type LogQueue struct {
	log  *slog.Logger
	done chan struct{}

	added []logLine // since the last Flush

	mu      sync.Mutex
	more    sync.Cond
	lines   []logLine
	dropped int
	closed  bool
}

// textDropped is logged when a slow log lost lines.
const textDropped = "The log was too slow: %d lines were dropped"

type logLine struct {
	time  time.Time
	level slog.Level
	text  string
}

// StartLogQueue starts the goroutine that writes to log.
func StartLogQueue(log *slog.Logger) *LogQueue {
	q := &LogQueue{log: log, done: make(chan struct{})}
	q.more.L = &q.mu
	go q.run()
	return q
}

// Add keeps a line for Flush.
func (q *LogQueue) Add(now time.Time, level slog.Level, text string) {
	q.added = append(q.added, logLine{now, level, text})
	if len(q.added) == LogQueueLines {
		q.Flush()
	}
}

// Flush hands over what was added and never blocks. It wakes another thread,
// which takes longer than sending a packet: call it when the loop has done its
// work, before it waits.
func (q *LogQueue) Flush() {
	if len(q.added) == 0 {
		return
	}
	q.mu.Lock()
	fit := min(len(q.added), LogQueueLines-len(q.lines))
	q.dropped += len(q.added) - fit
	idle := len(q.lines) == 0
	q.lines = append(q.lines, q.added[:fit]...)
	if idle {
		q.more.Signal()
	}
	q.mu.Unlock()
	clear(q.added)
	q.added = q.added[:0]
}

// Close waits until everything is written.
func (q *LogQueue) Close() {
	q.Flush()
	q.mu.Lock()
	q.closed = true
	q.more.Signal()
	q.mu.Unlock()
	<-q.done
}

func (q *LogQueue) run() {
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
			q.write(logLine{time.Now(), slog.LevelWarn, fmt.Sprintf(textDropped, dropped)})
		}
	}
}

// write keeps the time at which the line was made.
func (q *LogQueue) write(l logLine) {
	h, ctx := q.log.Handler(), context.Background()
	if !h.Enabled(ctx, l.level) {
		return
	}
	// There is nowhere to report a log that fails.
	_ = h.Handle(ctx, slog.NewRecord(l.time, l.level, l.text, 0))
}
