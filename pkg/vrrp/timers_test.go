package vrrp

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestTimers compares the heap with a list that is searched from end to end.
func TestTimers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q timerQueue
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	type model struct {
		at    time.Time
		order int
		on    bool
	}
	const n = 40
	timers := make([]*timer, n)
	want := make([]model, n)
	fired := -1
	for i := range timers {
		timers[i] = q.add(func() { fired = i })
	}
	now, order := base, 0
	for range 20000 {
		i := random.IntN(n)
		switch random.IntN(4) {
		case 0, 1:
			at := now.Add(time.Duration(random.IntN(50)) * time.Millisecond)
			order++
			timers[i].set(at)
			want[i] = model{at, order, true}
		case 2:
			timers[i].stop()
			want[i].on = false
		case 3:
			now = now.Add(time.Duration(random.IntN(10)) * time.Millisecond)
		}
		for {
			first := -1
			for j, m := range want {
				if !m.on {
					continue
				}
				if first < 0 || m.at.Before(want[first].at) || m.at.Equal(want[first].at) && m.order < want[first].order {
					first = j
				}
			}
			at, ok := q.next()
			if ok != (first >= 0) || ok && !at.Equal(want[first].at) {
				t.Fatalf("next %v %v, want timer %d", at, ok, first)
			}
			due := q.due(now)
			if due == nil {
				if ok && !at.After(now) {
					t.Fatalf("timer of %v not due at %v", at, now)
				}
				break
			}
			due.fire()
			if fired != first {
				t.Fatalf("timer %d fired, want %d", fired, first)
			}
			want[first].on = false
			if due.running() {
				t.Fatal("a timer that has fired is running")
			}
		}
		for j := range timers {
			if timers[j].running() != want[j].on {
				t.Fatalf("timer %d running: %v", j, timers[j].running())
			}
		}
	}
	q.stopAll()
	if _, ok := q.next(); ok || timers[0].running() {
		t.Error("something runs after stopAll")
	}
}
