//go:build linux

package vrrprun

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPoller(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprintf("oldKernel=%t", old), func(t *testing.T) {
			p, err := openPoller()
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			p.oldKernel = old
			tokens := func(timeout time.Duration) (out []int) {
				t.Helper()
				ready, err := p.wait(timeout)
				if err != nil {
					t.Fatal(err)
				}
				for _, ev := range ready {
					out = append(out, int(ev.Fd))
				}
				return out
			}
			start := time.Now()
			if got := tokens(300 * time.Microsecond); got != nil {
				t.Errorf("ready %v", got)
			}
			if took := time.Since(start); took < 300*time.Microsecond {
				t.Errorf("woke after %v", took)
			}
			p.wake()
			p.wake()
			for range 2 {
				if got := tokens(-1); len(got) != 1 || got[0] != tokenWake {
					t.Errorf("woken by %v", got)
				}
			}
			p.awake()
			if got := tokens(0); got != nil {
				t.Errorf("two wakes were not one: %v", got)
			}
			var fds [2]int
			if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fds[1])
			if err := p.add(fds[0], 7); err != nil {
				t.Fatal(err)
			}
			if _, err := unix.Write(fds[1], []byte("x")); err != nil {
				t.Fatal(err)
			}
			if got := tokens(-1); len(got) != 1 || got[0] != 7 {
				t.Errorf("ready %v", got)
			}
			unix.Close(fds[0])
			if got := tokens(0); got != nil {
				t.Errorf("ready after close: %v", got)
			}
			if n := testing.AllocsPerRun(100, func() { _, _ = p.wait(0) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}
