package track

import "log/slog"

// Log lines in keepalived's words, and the few of our own.
const (
	lineScriptRunning   = "Track script %s is already running, expect idle - skipping run"
	lineScriptEnding    = "Track script %s is being timed out, expect idle - skipping run"
	lineScriptStuck     = "Script %s child (PID %d) failed to terminate after kill"
	lineScriptNotExeced = "Error exec-ing command '%s' of track script %s: %v"

	lineFileInvalid   = "Invalid number %s read from %s - ignoring"
	lineFileNoWatch   = "Unable to watch %s for track file %s (%v) - it is read every second"
	lineFileNotInit   = "Unable to initialise track file %s: %v"
	lineFileUnwatched = "Folder %s of track files has gone, waiting for it to come back"

	lineProcessGained  = "Quorum gained for tracked process %s"
	lineProcessLost    = "Quorum lost for tracked process %s"
	lineProcessPolling = "WARNING - no process events from the kernel (%v) - tracked processes are counted every second"
	lineProcessBuffer  = "process_monitor_rcv_bufs %d: %v"
	lineProcessOverrun = "Process event buffer overrun - receive buffer now %d bytes, counting the processes again"
)

// levelAlert is syslog's alert.
const levelAlert = slog.LevelError + 4
