package bfdrun

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"golang.org/x/sys/unix"
)

func TestStateMessage(t *testing.T) {
	for _, s := range []State{
		{"S", true, time.Unix(1, 2)},
		{"a name of thirty-one characters", false, time.Unix(1795226796, 444922000)},
	} {
		got, err := decodeState(appendState(nil, s))
		if err != nil || got != s {
			t.Errorf("%+v became %+v, %v", s, got, err)
		}
	}
	for _, b := range [][]byte{nil, {kindRepeat}, {kindState, 1, 0, 0, 0, 0, 0, 0, 0, 0}, {kindState, 2, 0, 0, 0, 0, 0, 0, 0, 0, 'x'}} {
		if s, err := decodeState(b); !errors.Is(err, errMessage) {
			t.Errorf("% x became %+v, %v", b, s, err)
		}
	}
}

func FuzzState(f *testing.F) {
	f.Add(appendState(nil, State{"S", true, time.Unix(1, 2)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeState(b)
		if err == nil && string(appendState(nil, s)) != string(b) {
			t.Fatalf("% x became %+v", b, s)
		}
	})
}

// consumer collects what a subscription passes on.
type consumer struct {
	mu   sync.Mutex
	got  []State
	news []State // of got
	new  chan struct{}
}

func newConsumer() *consumer { return &consumer{new: make(chan struct{}, 10000)} }

func (c *consumer) received(s State, news bool) {
	c.mu.Lock()
	c.got = append(c.got, s)
	if news {
		c.news = append(c.news, s)
	}
	c.mu.Unlock()
	c.new <- struct{}{}
}

// wait waits for n states.
func (c *consumer) wait(t *testing.T, n int) []State {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		c.mu.Lock()
		got := slices.Clone(c.got)
		c.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-c.new:
		case <-timeout:
			t.Fatalf("%d states, want %d: %v", len(got), n, got)
		}
	}
}

func dup(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// Either end may be replaced, as when a process dies: the consumer throws away
// what was meant for the one before, and asks again.
func TestFeedOutlivesItsEnds(t *testing.T) {
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Sender.Close()
	defer feed.Receiver.Close()
	now := time.Unix(100, 0)

	// Nobody listens yet.
	out := newOutlet(bfd.VRRP, dup(t, feed.Sender))
	out.send(now, State{"old", true, now})
	log := slog.New(slog.DiscardHandler)
	first := newConsumer()
	sub, err := Subscribe(dup(t, feed.Receiver), log, first.received)
	if err != nil {
		t.Fatal(err)
	}
	if !out.requested() {
		t.Error("the consumer asks for nothing")
	}
	if out.requested() {
		t.Error("the request is still there")
	}
	out.send(now, State{"S", true, now})
	if got := first.wait(t, 1); !slices.Equal(got, []State{{"S", true, now}}) {
		t.Errorf("got %v", got)
	}
	sub.Close()

	// The bfd process is another one; then the consumer, too.
	out.close()
	out = newOutlet(bfd.VRRP, dup(t, feed.Sender))
	out.send(now, State{"lost", true, now})
	second := newConsumer()
	if sub, err = Subscribe(dup(t, feed.Receiver), log, second.received); err != nil {
		t.Fatal(err)
	}
	sub.Refresh()
	if !out.requested() {
		t.Error("the new consumer asks for nothing")
	}
	out.send(now, State{"S", false, now})
	if got := second.wait(t, 1); !slices.Equal(got, []State{{"S", false, now}}) {
		t.Errorf("got %v", got)
	}
	sub.Close()
}

// A state that was told already is passed on, as the consumer may not have
// known the session then, but is no news.
func TestRepeatedStateIsNoNews(t *testing.T) {
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	out := newOutlet(bfd.VRRP, feed.Sender)
	defer out.close()
	c := newConsumer()
	sub, err := Subscribe(feed.Receiver, slog.New(slog.DiscardHandler), c.received)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	now := time.Unix(100, 0)
	down, up, other := State{"S", false, now}, State{"S", true, now}, State{"T", false, now}
	for _, s := range []State{down, down, other, up, up, down} {
		out.send(now, s)
	}
	c.wait(t, 6)
	if want := []State{down, other, up, down}; !slices.Equal(c.news, want) {
		t.Errorf("news: %v, want %v", c.news, want)
	}
}

// What does not fit is repeated later.
func TestFullFeed(t *testing.T) {
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Receiver.Close()
	out := newOutlet(bfd.Checker, feed.Sender)
	defer out.close()
	now := time.Unix(100, 0)
	sent := 0
	for out.again.IsZero() {
		if sent++; sent > 100000 {
			t.Fatal("the feed never fills")
		}
		out.send(now, State{fmt.Sprint("S", sent), true, now})
	}
	if want := now.Add(repeatAfter); !out.again.Equal(want) {
		t.Errorf("repeated at %v, want %v", out.again, want)
	}
}

// When everybody else is gone the outlet is silent, and does not keep its
// loop busy.
func TestOutletAlone(t *testing.T) {
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	out := newOutlet(bfd.VRRP, feed.Sender)
	_ = feed.Receiver.Close()
	if out.requested() || out.fd >= 0 {
		t.Error("still open")
	}
	out.send(time.Unix(1, 0), State{"S", true, time.Unix(1, 0)})
	if !out.again.IsZero() {
		t.Error("would try again")
	}
}
