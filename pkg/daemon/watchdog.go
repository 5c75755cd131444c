package daemon

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Variables of a service manager that wants to hear from us regularly
// (sd_watchdog_enabled(3)).
const (
	watchdogVariable    = "WATCHDOG_USEC"
	watchdogPIDVariable = "WATCHDOG_PID"
)

// takeWatchdog removes the variables from the environment and returns the
// longest time between two signs of life, 0 if none are wanted from us.
func takeWatchdog() time.Duration {
	period, pid := os.Getenv(watchdogVariable), os.Getenv(watchdogPIDVariable)
	_ = os.Unsetenv(watchdogVariable)
	_ = os.Unsetenv(watchdogPIDVariable)
	if pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	usec, err := strconv.ParseInt(period, 10, 63)
	if err != nil || usec <= 0 || usec > int64(time.Hour*24*365/time.Microsecond) {
		return 0
	}
	return time.Duration(usec) * time.Microsecond
}

// pingable is an engine whose loop can be asked whether it still turns.
type pingable interface{ Ping() }

// answerPing tells the parent that the engine's loop turns, once it has. While
// one question is open others are not asked.
func (c *childProcess) answerPing() {
	if !c.pinging.CompareAndSwap(false, true) {
		return
	}
	go func() {
		if e, ok := c.engine.(pingable); ok {
			e.Ping()
		}
		c.pinging.Store(false)
		_ = c.control.send(message{Op: opAlive}, nil)
	}()
}

// orphanLimit is how long the loop of a child without parent may take to show
// that it turns. It is less than a new daemon waits for our pid file.
const orphanLimit = 2 * time.Second

// answerOrDie ends a child whose parent is gone and whose loop hangs: nobody
// else will, and it is in the way of the next daemon.
func (c *childProcess) answerOrDie() {
	e, ok := c.engine.(pingable)
	if !ok {
		return
	}
	hangs := time.AfterFunc(orphanLimit, func() {
		c.log.Error(fmt.Sprintf(textHangsAlone, c.role.trait().name, os.Getpid()))
		c.logs.Flush(orderLimit)
		os.Exit(ExitFatal)
	})
	go func() {
		e.Ping()
		hangs.Stop()
	}()
}

// watchEngines asks every child for a sign of life and passes one on to the
// service manager, unless a child owes one for too long: then the manager is
// to find out and start everything anew.
func (m *parent) watchEngines() {
	if m.manager.watchdog == 0 || m.done {
		return
	}
	if m.sup.stopping || m.sup.pingAll(m.manager.watchdog/2) {
		m.manager.tell("WATCHDOG=1")
	}
	m.after(m.manager.watchdog/3, m.watchEngines)
}

// pingAll asks the children that run, and reports whether all have answered
// within the limit. One that is about to start again is no reason to complain.
func (s *supervisor) pingAll(limit time.Duration) bool {
	alive := true
	for _, r := range childRoles {
		c := s.children[r]
		if c == nil || c.worker == nil || !c.ready {
			continue
		}
		switch {
		case c.pinged.IsZero():
			c.pinged = s.now()
			s.tell(c, message{Op: opPing}, nil)
		case s.now().Sub(c.pinged) >= limit:
			alive = false
			if !c.hangs {
				c.hangs = true
				s.alert(fmt.Sprintf(textHangs, r.trait().name, c.worker.pid(), s.now().Sub(c.pinged).Round(time.Millisecond)))
			}
		}
	}
	return alive
}

// alive notes an answer.
func (s *supervisor) alive(c *child) {
	if c.hangs {
		s.log.Info(fmt.Sprintf(textHangsNoMore, c.role.trait().name, c.worker.pid()))
	}
	c.pinged, c.hangs = time.Time{}, false
}
