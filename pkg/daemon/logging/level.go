package logging

import "log/slog"

// Levels. slog.LevelInfo is what keepalived always logs.
const (
	// LevelDetail is logged with -D only.
	LevelDetail = slog.LevelDebug
	// LevelExtra is logged with -D given twice.
	LevelExtra = slog.LevelDebug - 4
	// LevelAlert is for the death of a process.
	LevelAlert = slog.LevelError + 4
)

// threshold is the lowest level that is logged for so many -D.
func threshold(detail int) slog.Level {
	switch {
	case detail >= 2:
		return LevelExtra
	case detail == 1:
		return LevelDetail
	}
	return slog.LevelInfo
}

// severity is the syslog severity (RFC 5424 6.2.1) of a level. keepalived
// logs nearly everything, -D lines too, as informational.
func severity(l slog.Level) int {
	switch {
	case l >= LevelAlert:
		return 1
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	}
	return 6
}

// levelName is the level in JSON lines.
func levelName(l slog.Level) string {
	switch {
	case l >= LevelAlert:
		return "alert"
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warning"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}
