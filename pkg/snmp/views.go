package snmp

import (
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
)

const (
	// viewAge is how old the state that managers see may be: a walk of
	// thousands of objects asks the engine a few times, not thousands of
	// times.
	viewAge = time.Second
	// viewKeep is how long a view that nobody uses is kept.
	viewKeep = 5 * time.Second
)

// views makes views out of snapshots and keeps the last one for a while.
type views struct {
	take   func() mib.View
	uptime uptime

	mu    sync.Mutex
	last  *mib.View
	taken time.Time
	idle  *time.Timer
}

// use calls f with a view that is not older than viewAge, for f alone.
func (c *views) use(f func(*mib.View)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || time.Since(c.taken) >= viewAge {
		v := c.take()
		v.SysUpTime = c.uptime.at
		c.last, c.taken = &v, time.Now()
		if c.idle == nil {
			c.idle = time.AfterFunc(viewKeep, c.forget)
		}
		c.idle.Reset(viewKeep)
	}
	f(c.last)
}

// forget makes the next view a new one.
func (c *views) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = nil
}

// uptime is the clock of the master.
type uptime struct {
	mu sync.Mutex
	// start is when the master's sysUpTime was 0, zero if not known.
	start time.Time
}

// heard notes the master's sysUpTime.
func (u *uptime) heard(ticks uint32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.start = time.Now().Add(-time.Duration(ticks) * 10 * time.Millisecond)
}

// at is the master's sysUpTime at t, 0 for what was before its start.
func (u *uptime) at(t time.Time) uint32 {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.start.IsZero() {
		return 0
	}
	return uint32(max(t.Sub(u.start)/(10*time.Millisecond), 0))
}
