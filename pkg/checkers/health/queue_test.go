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
