package bfd

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
)

// timing is what a session has negotiated (RFC 5880 6.8.2, 6.8.3).
type timing struct {
	// desiredTx and requiredRx are advertised. usedTx and usedRx are in
	// force: they differ while a poll sequence runs that is to tell the
	// neighbor of a slower rate of ours, or of a faster one of its own.
	desiredTx, requiredRx time.Duration
	usedTx, usedRx        time.Duration
	polling               bool
	// pollAgain: something changed during the poll.
	pollAgain bool
	// jitter is what of the next interval is used, in 1/1024.
	jitter int64
}

// setTimers changes what is advertised. In Up the neighbor must agree by a
// poll sequence, and until then nothing changes that could make either side
// expire; in other states it is in force at once.
func (s *session) setTimers(tx, rx time.Duration) {
	changed := tx != s.desiredTx || rx != s.requiredRx
	s.desiredTx, s.requiredRx = tx, rx
	if s.state != wire.Up {
		s.usedTx, s.usedRx, s.polling, s.pollAgain = tx, rx, false, false
		return
	}
	s.usedTx, s.usedRx = min(s.usedTx, tx), max(s.usedRx, rx)
	switch {
	case !changed:
	case s.polling:
		s.pollAgain = true
	default:
		s.polling = true
		s.e.debug(textPolling(s.cfg.Name))
	}
}

// pollAnswered ends a poll sequence: the neighbor knows our timers.
func (s *session) pollAnswered() {
	if s.pollAgain {
		// The answer may be to what we said before the change.
		s.pollAgain = false
		return
	}
	s.polling = false
	s.usedTx, s.usedRx = s.desiredTx, s.requiredRx
}

// txInterval is how often we send, before jitter (RFC 5880 6.8.7).
func (s *session) txInterval() time.Duration { return max(s.usedTx, s.remoteMinRx) }

// detectionTime is how long the neighbor may be silent (RFC 5880 6.8.4).
func (s *session) detectionTime() time.Duration {
	return time.Duration(s.remoteMult) * s.remoteTxInterval()
}

// remoteTxInterval is how often the neighbor sends.
func (s *session) remoteTxInterval() time.Duration { return max(s.usedRx, s.remoteMinTx) }

// remoteDetectionTime is how long we may be silent.
func (s *session) remoteDetectionTime() time.Duration {
	return time.Duration(s.cfg.Multiplier) * max(s.remoteMinRx, s.desiredTx)
}

// newJitter is between 75 and 90 percent, which suits every multiplier: RFC
// 5880 6.8.7 wants at most 90 when it is 1, and 100 otherwise.
func (e *Engine) newJitter() int64 { return 768 + e.random.Int64N(922-768) }

func (s *session) jittered(d time.Duration) time.Duration {
	// Intervals are at most 71 minutes: no overflow.
	return d * time.Duration(s.jitter) / 1024
}

// micros is a duration as it is sent.
func micros(d time.Duration) uint32 { return uint32(d / time.Microsecond) }

func duration(micros uint32) time.Duration { return time.Duration(micros) * time.Microsecond }
