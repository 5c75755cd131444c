package bus

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// slow is a sink that takes its time over every event.
type slow struct {
	each time.Duration
	mu   sync.Mutex
	got  []uint8
}

func (s *slow) Send(e event.Event) {
	time.Sleep(s.each)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e.(event.PriorityChange).Priority)
}

func numbered(n int) event.Event { return event.PriorityChange{Priority: uint8(n)} }

func TestOrderForEverySink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(slog.New(slog.DiscardHandler))
		quick, lazy := &slow{}, &slow{each: time.Second}
		b.Attach("quick", quick, 0)
		b.Attach("lazy", lazy, 0)
		begun := time.Now()
		for n := range 100 {
			b.Send(numbered(n))
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("the sender waited for %v", waited)
		}
		synctest.Wait()
		if len(quick.got) != 100 {
			t.Errorf("the quick sink waits for the lazy one: %d events", len(quick.got))
		}
		b.Close(t.Context())
		if waited := time.Since(begun); waited != 100*time.Second {
			t.Errorf("closed after %v", waited)
		}
		for _, s := range []*slow{quick, lazy} {
			for n := range 100 {
				if s.got[n] != uint8(n) {
					t.Fatalf("event %d came as number %d", s.got[n], n)
				}
			}
		}
		b.Send(numbered(1)) // too late, and no harm
	})
}

func TestOldestAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := New(slog.New(slog.NewTextHandler(&out, nil)))
		s := &slow{each: time.Second}
		b.Attach("FIFO", s, 3)
		b.Send(numbered(0))
		synctest.Wait() // the sink has taken 0
		for n := 1; n <= 9; n++ {
			b.Send(numbered(n))
		}
		time.Sleep(1500 * time.Millisecond)
		b.Send(numbered(10))
		b.Send(numbered(11))
		b.Close(t.Context())
		if got, want := s.got, []uint8{0, 7, 9, 10, 11}; !bytes.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		st := b.Stats()[0]
		if want := (Stat{Name: "FIFO", Sent: 5, Dropped: 7}); st != want {
			t.Errorf("statistics %+v, want %+v", st, want)
		}
		if text := out.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "FIFO cannot keep up: 6 events dropped") {
			t.Errorf("logged %q, want one line", text)
		}
	})
}

func TestCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(slog.New(slog.DiscardHandler))
		s := &slow{each: time.Minute}
		b.Attach("stuck", s, 0)
		for n := range 5 {
			b.Send(numbered(n))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		b.Close(ctx)
		if waited := time.Since(begun); waited != time.Second {
			t.Errorf("waited for %v", waited)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(s.got) != 1 || b.Stats()[0].Dropped != 4 {
			t.Errorf("the sink got %v after Close, %+v", s.got, b.Stats())
		}
	})
}

func BenchmarkSend(b *testing.B) {
	bus := New(slog.New(slog.DiscardHandler))
	bus.Attach("a", event.Discard, 0)
	bus.Attach("b", event.Discard, 0)
	e := numbered(1)
	b.ReportAllocs()
	for b.Loop() {
		bus.Send(e)
	}
}
