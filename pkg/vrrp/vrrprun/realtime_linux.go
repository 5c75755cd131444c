package vrrprun

import (
	"fmt"
	"log/slog"

	"golang.org/x/sys/unix"
)

// raisePriority puts the loop's thread into the real-time class SCHED_RR, or
// one priority higher within it, up to limit.
func (e *Engine) raisePriority(limit int) error {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return fmt.Errorf("sched_getattr: %w", err)
	}
	next := 1
	if attr.Policy == unix.SCHED_RR || attr.Policy == unix.SCHED_FIFO {
		next = int(attr.Priority) + 1
	}
	if next > limit {
		return nil
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{
		Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: uint32(next),
		Flags: unix.SCHED_FLAG_RESET_ON_FORK,
	}, 0); err != nil {
		return fmt.Errorf("sched_setattr: %w", err)
	}
	e.log(slog.LevelInfo, fmt.Sprintf(logRealtime, next))
	return nil
}
