package vrrp

import "time"

// lineBudget bounds the log lines that anybody on the link can cause with
// packets: ten at once, then one a second. It is for those lines that are not
// logged once until something changes (see limits).
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
