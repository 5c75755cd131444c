package notify

import "log/slog"

// Lines of our own; the first %s is "", "vrrp_" or "lvs_".
const (
	lineCreateFailed = "Unable to create %snotify fifo %s: %v - its folder must be there and writable for us; nothing is written"
	lineOwnerFailed  = "Unable to set the owner of %snotify fifo %s: %v - it takes the capability CHOWN; its reader may be locked out"
	// These two go on after lines of keepalived.
	lineRefused = " (%v) - nothing is written to it; remove it, or make it a FIFO of the configured user"
	lineWhich   = " (%s)"
	lineFull    = "%snotify fifo %s is full, its reader is too slow: %d lines dropped"
)

// levelAlert is syslog's alert.
const levelAlert = slog.LevelError + 4
