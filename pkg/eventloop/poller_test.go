//go:build linux

package eventloop

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tokens is one wait.
func tokens(t *testing.T, p *Poller, timeout time.Duration) (out []int) {
	t.Helper()
	ready, err := p.Wait(timeout)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range ready {
		out = append(out, int(ev.Fd))
	}
	return out
}

func open(t *testing.T) *Poller {
	t.Helper()
	p, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestPoller(t *testing.T) {
	p := open(t)
	p.Wake()
	p.Wake()
	if got := tokens(t, p, -1); len(got) != 1 || got[0] != TokenWake {
		t.Errorf("woken by %v", got)
	}
	if got := tokens(t, p, 0); got != nil {
		t.Errorf("two wakes were not one: %v", got)
	}
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[1])
	if err := p.Add(fds[0], 7); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(fds[1], []byte("x")); err != nil {
		t.Fatal(err)
	}
	// What is not read is ready again.
	for range 2 {
		if got := tokens(t, p, -1); len(got) != 1 || got[0] != 7 {
			t.Errorf("ready %v", got)
		}
	}
	unix.Close(fds[0])
	if got := tokens(t, p, 0); got != nil {
		t.Errorf("ready after close: %v", got)
	}
}

// A wait ends at its own deadline, whatever was waited for before.
func TestPollerDeadlines(t *testing.T) {
	p := open(t)
	expire := func(timeout time.Duration) {
		t.Helper()
		start := time.Now()
		if got := tokens(t, p, timeout); got != nil {
			t.Errorf("ready %v", got)
		}
		if took := time.Since(start); took < timeout {
			t.Errorf("woke after %v instead of %v", took, timeout)
		}
	}
	interrupt := func(timeout time.Duration) {
		t.Helper()
		p.Wake()
		if got := tokens(t, p, timeout); len(got) != 1 || got[0] != TokenWake {
			t.Errorf("woken by %v", got)
		}
	}
	expire(300 * time.Microsecond)
	interrupt(10 * time.Millisecond) // leaves a timer that is too early for the next
	expire(20 * time.Millisecond)
	interrupt(time.Hour) // and one that is too late
	expire(time.Millisecond)
	interrupt(time.Millisecond)
	// A left timer does not end a wait without a deadline.
	time.AfterFunc(20*time.Millisecond, p.Wake)
	if got := tokens(t, p, -1); len(got) != 1 || got[0] != TokenWake {
		t.Errorf("woken by %v", got)
	}
}

func TestPollerAllocatesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which runs short tests, allocates by itself")
	}
	p := open(t)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = p.Wait(0)
		_, _ = p.Wait(10 * time.Microsecond)
		p.Wake()
		_, _ = p.Wait(time.Second)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
