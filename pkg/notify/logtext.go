package notify

import "log/slog"

// Log lines in keepalived's words; the first %s is "", "vrrp_" or "lvs_". The
// last three are ours.
const (
	lineNotOurs     = "%snotify fifo %s is not a fifo we own - not using"
	lineOpenFailed  = "Unable to open %snotify fifo %s - errno %d"
	lineWriteError  = "%s write error: %s"
	lineScriptEnded = "%s notify fifo script terminated"
	lineNotExeced   = "Error exec-ing command '%s': %v"

	lineCreateFailed = "Unable to create %snotify fifo %s: %v"
	lineOwnerFailed  = "Unable to set the owner of %snotify fifo %s: %v"
	lineFull         = "%snotify fifo %s is full, its reader is too slow: %d lines dropped"
)

// levelAlert is syslog's alert.
const levelAlert = slog.LevelError + 4
