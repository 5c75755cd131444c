package notify

import "log/slog"

// Lines of our own; the first %s is "", "vrrp_" or "lvs_".
const (
	lineCreateFailed = "Unable to create %snotify fifo %s: %v"
	lineOwnerFailed  = "Unable to set the owner of %snotify fifo %s: %v"
	lineFull         = "%snotify fifo %s is full, its reader is too slow: %d lines dropped"
)

// levelAlert is syslog's alert.
const levelAlert = slog.LevelError + 4
