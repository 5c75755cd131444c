package daemon

import "time"

const (
	// steadyRun is how long a child must have run for its death to count as
	// the first one.
	steadyRun = time.Minute
	// maxRespawnDelay bounds the wait before a child is started again.
	maxRespawnDelay = time.Minute
)

// backoff spaces the restarts of a child that keeps dying: 0, 1, 2, 4, 8, 16,
// 32, 60, 60 ... seconds.
type backoff struct{ next time.Duration }

// delay is how long to wait before a child that ran so long is started again.
func (b *backoff) delay(ran time.Duration) time.Duration {
	if ran > steadyRun {
		b.next = 0
	}
	wait := b.next
	b.next = min(max(2*wait, time.Second), maxRespawnDelay)
	return wait
}
