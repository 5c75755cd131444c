package vrrprun

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

func TestMailbox(t *testing.T) {
	var m mailbox
	events := func(list []letter) (out []vrrp.Event) {
		for _, l := range list {
			out = append(out, l.event)
		}
		return out
	}
	if !m.post(letter{event: vrrp.Timer{}}) {
		t.Fatal("refused before it was opened")
	}
	woken := 0
	m.open(func() { woken++ })
	if woken != 1 {
		t.Errorf("woken %d times for what came early", woken)
	}
	m.post(letter{event: vrrp.ClearStats{}})
	got := m.take(nil)
	if want := []vrrp.Event{vrrp.Timer{}, vrrp.ClearStats{}}; !reflect.DeepEqual(events(got), want) {
		t.Errorf("took %v", got)
	}
	if woken != 1 {
		t.Errorf("woken %d times although letters waited", woken)
	}
	m.post(letter{event: vrrp.Stop{}})
	if woken != 2 {
		t.Errorf("woken %d times, want 2", woken)
	}
	if left := m.close(); !reflect.DeepEqual(events(left), []vrrp.Event{vrrp.Stop{}}) {
		t.Errorf("left %v", left)
	}
	if m.post(letter{event: vrrp.Timer{}}) {
		t.Error("accepted after close")
	}
}

func TestRotate(t *testing.T) {
	ev := func(names ...string) (list []vrrp.Event) {
		for _, n := range names {
			list = append(list, vrrp.FileValue{File: n})
		}
		return list
	}
	list := ev("a", "b", "c", "d", "e")
	rotate(list, 2)
	if want := ev("d", "e", "a", "b", "c"); !reflect.DeepEqual(list, want) {
		t.Errorf("got %v", list)
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
		q := startLogQueue(slog.New(h))
		add := func(i int) { q.add(time.Time{}, slog.LevelInfo, fmt.Sprint("line ", i)) }
		add(0)
		synctest.Wait() // the handler now hangs with line 0
		for i := 1; i <= logQueueLines+10; i++ {
			add(i)
		}
		close(h.gate)
		q.close()
		if len(h.got) != 1+logQueueLines+1 {
			t.Fatalf("%d lines written", len(h.got))
		}
		for i, line := range h.got[:1+logQueueLines] {
			if want := fmt.Sprint("line ", i); line != want {
				t.Fatalf("line %d is %q", i, line)
			}
		}
		if last := h.got[len(h.got)-1]; !strings.Contains(last, "10 lines were dropped") {
			t.Errorf("last line %q", last)
		}
	})
}
