package vrrp

import "time"

// skewTime is how much earlier than others a backup of high priority takes
// over (RFC 3768 6.1, RFC 5798 6.1). In version 3 it scales with the master's
// advertisement interval, in version 2 it does not.
func skewTime(version, priority uint8, masterAdver time.Duration) time.Duration {
	n := time.Duration(256 - int(priority))
	if version == 2 {
		return n * time.Second / 256
	}
	centiseconds := masterAdver / (10 * time.Millisecond)
	return n * centiseconds * 625 / 16 * time.Microsecond
}

// masterDownInterval is how long a backup waits without an advert before it
// takes over: adverts (normally 3, down_timer_adverts) times the master's
// interval, plus the skew time (RFC 5798 6.1).
func masterDownInterval(adverts uint8, masterAdver, skew time.Duration) time.Duration {
	return time.Duration(adverts)*masterAdver + skew
}
