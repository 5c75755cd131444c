package vrrp

import (
	"testing"
	"time"
)

func TestLineBudget(t *testing.T) {
	var b lineBudget
	now := time.Unix(1000, 0)
	burst := func() (n int) {
		for range 100 {
			if b.take(now) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 10}, {0, 0}, {900 * time.Millisecond, 0}, {100 * time.Millisecond, 1}, {3 * time.Second, 3}, {time.Hour, 10}} {
		now = now.Add(c.after)
		if got := burst(); got != c.want {
			t.Errorf("%v later: %d lines, want %d", c.after, got, c.want)
		}
	}
}
