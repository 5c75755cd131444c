package health

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestQueueOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	base := time.Unix(1000, 0)
	var q queue
	all := make([]*checker, 200)
	for i := range all {
		all[i] = &checker{id: CheckerID(i), place: -1}
		q.schedule(all[i], base.Add(time.Duration(rnd.IntN(20))*time.Second))
	}
	for i := 0; i < 500; i++ {
		ck := all[rnd.IntN(len(all))]
		if rnd.IntN(4) == 0 {
			q.remove(ck)
		} else {
			q.schedule(ck, base.Add(time.Duration(rnd.IntN(20))*time.Second))
		}
	}
	want := 0
	for _, ck := range all {
		if ck.place >= 0 {
			want++
		}
	}
	if early := q.take(base.Add(-time.Second)); early != nil {
		t.Fatalf("took checker %d before it was due", early.id)
	}
	var last *checker
	n := 0
	for ck := q.take(base.Add(time.Hour)); ck != nil; ck = q.take(base.Add(time.Hour)) {
		if last != nil && (ck.due.Before(last.due) || ck.due.Equal(last.due) && ck.id < last.id) {
			t.Errorf("checker %d at %v came after %d at %v", ck.id, ck.due, last.id, last.due)
		}
		last = ck
		n++
	}
	if n != want {
		t.Errorf("took %d checkers, want %d", n, want)
	}
}

// TestDelayFromTheEnd: the next check comes delay_loop after the last one ended,
// however late we heard of it, and never in the past.
func TestDelayFromTheEnd(t *testing.T) {
	s := newScenario()
	s.cfg = parseConfig(t, "vs 10.9.1.1:80\n rs 10.9.0.11:80\n  tcp every=10s\n rs 10.9.0.12:80\n  misc name=/s every=10s\n")
	s.e = New(s.cfg, rand.New(rand.NewPCG(1, 1)))
	s.step(Start{})
	s.advance(time.Second)
	for _, tc := range []struct {
		took, next time.Duration // from the start of the check; heard of after 3 s
	}{
		{2 * time.Second, 12 * time.Second}, {0, 13 * time.Second}, {5 * time.Second, 13 * time.Second}, {3 * time.Second, 13 * time.Second},
	} {
		began := s.now
		s.advance(3 * time.Second)
		p := s.running[0]
		delete(s.running, 0)
		s.step(Result{ID: 0, Run: p.Run, Outcome: Outcome{Duration: tc.took}})
		if next := s.e.checkers[0].due.Sub(began); next != tc.next {
			t.Errorf("a check of %v is followed after %v, want %v", tc.took, next, tc.next)
		}
		s.advance(s.e.checkers[0].due.Sub(s.now))
	}
}
