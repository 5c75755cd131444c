package vrrp

import "time"

// timer is one deadline. It belongs to a queue and is armed and stopped
// without allocating.
type timer struct {
	queue *timerQueue
	fire  func()
	at    time.Time
	// place is the index in the heap plus one, 0 while stopped.
	place int
	// armed orders timers of the same deadline: first armed, first fired.
	armed uint64
}

// timerQueue is a heap of deadlines: the engine wants to be woken for the
// first of them only.
type timerQueue struct {
	heap  []*timer
	count uint64
}

// add makes a stopped timer.
func (q *timerQueue) add(fire func()) *timer { return &timer{queue: q, fire: fire} }

// set arms t for at, whether it was running or not.
func (t *timer) set(at time.Time) {
	q := t.queue
	q.count++
	t.at, t.armed = at, q.count
	if t.place == 0 {
		q.heap = append(q.heap, t)
		t.place = len(q.heap)
		q.up(t.place - 1)
		return
	}
	q.down(t.place - 1)
	q.up(t.place - 1)
}

// stop disarms t.
func (t *timer) stop() {
	if t.place == 0 {
		return
	}
	q, i, last := t.queue, t.place-1, len(t.queue.heap)-1
	q.swap(i, last)
	q.heap[last] = nil
	q.heap = q.heap[:last]
	t.place = 0
	if i < last {
		q.down(i)
		q.up(i)
	}
}

// running reports whether t is armed.
func (t *timer) running() bool { return t.place != 0 }

// until is the deadline, zero while stopped.
func (t *timer) until() time.Time {
	if t.place == 0 {
		return time.Time{}
	}
	return t.at
}

// stopAll disarms everything.
func (q *timerQueue) stopAll() {
	for _, t := range q.heap {
		t.place = 0
	}
	clear(q.heap)
	q.heap = q.heap[:0]
}

// next is the first deadline.
func (q *timerQueue) next() (time.Time, bool) {
	if len(q.heap) == 0 {
		return time.Time{}, false
	}
	return q.heap[0].at, true
}

// due takes the first timer whose deadline is not after now, nil if there is
// none.
func (q *timerQueue) due(now time.Time) *timer {
	if len(q.heap) == 0 || q.heap[0].at.After(now) {
		return nil
	}
	t := q.heap[0]
	t.stop()
	return t
}

func (q *timerQueue) less(i, j int) bool {
	a, b := q.heap[i], q.heap[j]
	if c := a.at.Compare(b.at); c != 0 {
		return c < 0
	}
	return a.armed < b.armed
}

func (q *timerQueue) swap(i, j int) {
	h := q.heap
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (q *timerQueue) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !q.less(i, parent) {
			return
		}
		q.swap(i, parent)
		i = parent
	}
}

func (q *timerQueue) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(q.heap) {
			return
		}
		if child+1 < len(q.heap) && q.less(child+1, child) {
			child++
		}
		if !q.less(child, i) {
			return
		}
		q.swap(i, child)
		i = child
	}
}
