package track

import "log/slog"

// Lines of our own.
const (
	lineFileNoWatch   = "Unable to watch %s for track file %s (%v) - it is read every second"
	lineFileNotInit   = "Unable to initialise track file %s: %v - its folder must be there and writable for us"
	lineFileUnwatched = "Folder %s of track files has gone, waiting for it to come back"

	lineProcessPolling = "WARNING - no process events from the kernel (%v) - tracked processes are counted every second"
	lineProcessBuffer  = "Cannot set process_monitor_rcv_bufs to %d: %v - the buffer of process events stays as it is"
	lineProcessOverrun = "Process event buffer overrun - receive buffer now %d bytes, counting the processes again"
)

// levelAlert is syslog's alert.
const levelAlert = slog.LevelError + 4
