package logging

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// queueLines is how many lines may wait for the outputs. A dump of a large
// configuration (-d) is tens of thousands of lines at once.
const queueLines = 65536

// line is one log line on its way to the outputs, or a change of the output
// between two lines.
type line struct {
	at     time.Time
	level  slog.Level
	text   string
	attrs  []slog.Attr
	change func(output)
}

// queue is the bounded buffer between the loggers and the writing goroutine.
type queue struct {
	mu    sync.Mutex
	wake  sync.Cond // something to write, or closed
	idle  sync.Cond // everything is written
	lines []line
	limit int
	// lost counts the lines that found the queue full since the last report.
	lost    uint64
	writing bool
	closed  bool
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit}
	q.wake.L = &q.mu
	q.idle.L = &q.mu
	return q
}

// put adds a line, or counts it as lost.
func (q *queue) put(l line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.lines) >= q.limit && l.change == nil {
		q.lost++
		return
	}
	q.lines = append(q.lines, l)
	q.wake.Signal()
}

// take waits for lines and returns all of them; none once the queue is closed
// and empty. The caller says done when they are written.
func (q *queue) take() []line {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.lines) == 0 && !q.closed {
		q.wake.Wait()
	}
	out := q.lines
	q.lines = nil
	q.writing = len(out) > 0
	if q.lost > 0 && q.writing {
		out = append(out, line{at: out[len(out)-1].at, level: slog.LevelWarn, text: fmt.Sprintf(textLost, q.lost)})
		q.lost = 0
	}
	return out
}

// done says that what take returned is written.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writing = false
	q.idle.Broadcast()
}

// flush waits until everything put so far is written, at most for limit, and
// reports whether it is.
func (q *queue) flush(limit time.Duration) bool {
	expired := false
	timer := time.AfterFunc(limit, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		expired = true
		q.idle.Broadcast()
	})
	defer timer.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for (q.writing || len(q.lines) > 0) && !expired {
		q.idle.Wait()
	}
	return !q.writing && len(q.lines) == 0
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}

// Lines that stand for others that were lost.
const (
	textLost     = "%d log messages lost: the log could not be written fast enough"
	textNotTaken = "%d log messages lost: %v"
)
