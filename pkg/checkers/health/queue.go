package health

import (
	"container/heap"
	"time"
)

// queue holds the checkers that wait for their next check, earliest first;
// those due at the same time keep the order of the configuration.
type queue []*checker

// schedule sets the time of ck's next check.
func (q *queue) schedule(ck *checker, at time.Time) {
	ck.due = at
	if ck.place < 0 {
		heap.Push(q, ck)
		return
	}
	heap.Fix(q, ck.place)
}

// remove takes ck off the queue; nothing happens if it is not on it.
func (q *queue) remove(ck *checker) {
	if ck.place >= 0 {
		heap.Remove(q, ck.place)
	}
}

// take removes and returns the first checker that is due at now, or nil.
func (q *queue) take(now time.Time) *checker {
	if len(*q) == 0 || (*q)[0].due.After(now) {
		return nil
	}
	return heap.Pop(q).(*checker)
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].id < q[j].id
	}
	return q[i].due.Before(q[j].due)
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push is part of heap.Interface.
func (q *queue) Push(x any) {
	ck := x.(*checker)
	ck.place = len(*q)
	*q = append(*q, ck)
}

// Pop is part of heap.Interface.
func (q *queue) Pop() any {
	old := *q
	ck := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	ck.place = -1
	return ck
}
