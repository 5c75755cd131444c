package eventloop

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestMailbox(t *testing.T) {
	var m Mailbox[string]
	if !m.Post("early") {
		t.Fatal("refused before it was opened")
	}
	woken := 0
	m.Open(func() { woken++ })
	if woken != 1 {
		t.Errorf("woken %d times for what came early", woken)
	}
	m.Post("second")
	if got := m.Take(nil); !slices.Equal(got, []string{"early", "second"}) {
		t.Errorf("took %v", got)
	}
	if woken != 1 {
		t.Errorf("woken %d times although items waited", woken)
	}
	m.Post("third")
	if woken != 2 {
		t.Errorf("woken %d times, want 2", woken)
	}
	if left := m.Close(); !slices.Equal(left, []string{"third"}) {
		t.Errorf("left %v", left)
	}
	if m.Post("late") {
		t.Error("accepted after Close")
	}
}

// blockedHandler writes nothing until it is let go.
type blockedHandler struct {
	slog.Handler
	gate chan struct{}
	mu   sync.Mutex
	got  []string
}

func (h *blockedHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *blockedHandler) Handle(_ context.Context, r slog.Record) error {
	<-h.gate
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, r.Message)
	return nil
}

// A log that hangs neither blocks add nor fills memory, and what was dropped
// is counted.
func TestLogQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &blockedHandler{gate: make(chan struct{})}
		q := StartLogQueue(slog.New(h))
		add := func(i int) { q.Add(time.Time{}, slog.LevelInfo, fmt.Sprint("line ", i)) }
		add(0)
		q.Flush()
		synctest.Wait() // the handler now hangs with line 0
		for i := 1; i <= LogQueueLines+10; i++ {
			add(i)
		}
		q.Flush()
		close(h.gate)
		q.Close()
		if len(h.got) != 1+LogQueueLines+1 {
			t.Fatalf("%d lines written", len(h.got))
		}
		for i, line := range h.got[:1+LogQueueLines] {
			if want := fmt.Sprint("line ", i); line != want {
				t.Fatalf("line %d is %q", i, line)
			}
		}
		if last := h.got[len(h.got)-1]; !strings.Contains(last, "10 lines were dropped") {
			t.Errorf("last line %q", last)
		}
	})
}
