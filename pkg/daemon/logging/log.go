package logging

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options say where the log goes.
type Options struct {
	// Detail counts the -D options.
	Detail int
	// Ident starts the syslog lines, e.g. "Keepalived_vrrp"; PID follows it.
	Ident string
	PID   int

	// Syslog is the path of the log socket, "" for no syslog.
	Syslog   string
	Facility int
	// SystemConsole writes to /dev/console what syslog does not take
	// (LOG_CONS).
	SystemConsole bool

	// Console gets every line too, nil for none.
	Console io.Writer
	// File is the path of the log file, "" for none.
	File string
	// JSON makes console and file lines JSON objects.
	JSON bool
}

// Log is the log of one process.
type Log struct {
	level   slog.Level
	queue   *queue
	stopped chan struct{}

	mu      sync.Mutex // guards the outputs
	outputs []output
}

// output is one place where lines go. Its methods are called by one goroutine
// at a time.
type output interface {
	write([]line)
	// setIdent changes the name of the process in later lines.
	setIdent(string)
	// reopen starts a file that was moved away anew.
	reopen()
	close()
}

// Open starts the log. A file that cannot be opened is an error; the log then
// works without it.
func Open(opt Options) (*Log, error) {
	if opt.PID == 0 {
		opt.PID = os.Getpid()
	}
	l := &Log{level: threshold(opt.Detail), queue: newQueue(queueLines), stopped: make(chan struct{})}
	var err error
	if opt.Syslog != "" {
		l.outputs = append(l.outputs, &syslogOutput{
			path: opt.Syslog, facility: opt.Facility, ident: opt.Ident, pid: opt.PID, systemConsole: opt.SystemConsole,
		})
	}
	if opt.Console != nil {
		l.outputs = append(l.outputs, &textOutput{w: opt.Console, ident: opt.Ident, pid: opt.PID, json: opt.JSON, stamp: consoleStamp})
	}
	if opt.File != "" {
		var f *fileOutput
		if f, err = openFile(opt); err == nil {
			l.outputs = append(l.outputs, f)
		}
	}
	go l.run()
	return l, err
}

// Discard is a log that goes nowhere.
func Discard() *Log {
	l := &Log{level: LevelAlert + 1, queue: newQueue(0), stopped: make(chan struct{})}
	close(l.stopped)
	return l
}

// Logger returns a logger that writes to the log.
func (l *Log) Logger() *slog.Logger { return slog.New(handler{log: l}) }

// SetIdent changes the name in later lines.
func (l *Log) SetIdent(ident string) { l.each(func(o output) { o.setIdent(ident) }) }

// Reopen starts log files anew that were moved away, e.g. by logrotate.
func (l *Log) Reopen() { l.each(output.reopen) }

func (l *Log) each(f func(output)) {
	l.Flush(flushLimit)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.outputs {
		f(o)
	}
}

// flushLimit is how long a dead log daemon may hold us up.
const flushLimit = 2 * time.Second

// Flush waits until all lines are written, at most for limit.
func (l *Log) Flush(limit time.Duration) bool { return l.queue.flush(limit) }

// Close writes what is left, at most for the flush limit, and ends the log.
// Later lines are lost.
func (l *Log) Close() {
	l.Flush(flushLimit)
	l.queue.close()
	select {
	case <-l.stopped:
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, o := range l.outputs {
			o.close()
		}
		l.outputs = nil
	case <-time.After(flushLimit):
	}
}

func (l *Log) run() {
	defer close(l.stopped)
	for {
		lines := l.queue.take()
		if len(lines) == 0 {
			return
		}
		l.mu.Lock()
		for _, o := range l.outputs {
			o.write(lines)
		}
		l.mu.Unlock()
		l.queue.done()
	}
}

// handler puts slog records into the queue.
type handler struct {
	log   *Log
	group string
	attrs []slog.Attr
}

func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.log.level }

func (h handler) Handle(_ context.Context, r slog.Record) error {
	attrs := h.attrs
	if n := r.NumAttrs(); n > 0 {
		attrs = make([]slog.Attr, len(h.attrs), len(h.attrs)+n)
		copy(attrs, h.attrs)
		r.Attrs(func(a slog.Attr) bool {
			attrs = append(attrs, h.qualify(a))
			return true
		})
	}
	h.log.queue.put(line{at: r.Time, level: r.Level, text: r.Message, attrs: attrs})
	return nil
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	all := make([]slog.Attr, len(h.attrs), len(h.attrs)+len(attrs))
	copy(all, h.attrs)
	for _, a := range attrs {
		all = append(all, h.qualify(a))
	}
	h.attrs = all
	return h
}

func (h handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

func (h handler) qualify(a slog.Attr) slog.Attr {
	a.Key = h.group + a.Key
	return a
}
