package vrrp

import "time"

// lineBudget bounds the log lines that anybody on the link can cause with
// packets of no instance: ten at once, then one a second. Lines about an
// instance have their own limits.
type lineBudget struct {
	spent int
	last  time.Time
}

const (
	budgetLines  = 10
	budgetRefill = time.Second
)

// take reports whether a line may be written now.
func (b *lineBudget) take(now time.Time) bool {
	if n := int(now.Sub(b.last) / budgetRefill); n > 0 {
		b.spent = max(0, b.spent-n)
		b.last = now
	}
	if b.spent == budgetLines {
		return false
	}
	b.spent++
	return true
}
