package logging

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
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
	// (LOG_CONS), at a limited rate.
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
	level slog.Level
	lanes []*lane
}

// lane is an output with its queue.
type lane struct {
	queue   *queue
	stopped chan struct{}
	out     output
}

// output is one place where lines go. Its methods are called by its lane's
// goroutine, and close when that has ended.
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
	l := &Log{level: threshold(opt.Detail)}
	var err error
	if opt.Syslog != "" {
		o := &syslogOutput{path: opt.Syslog, facility: opt.Facility, ident: opt.Ident, pid: opt.PID}
		if opt.SystemConsole {
			o.console.path = "/dev/console"
		}
		l.add(o)
	}
	if opt.Console != nil {
		l.add(&textOutput{w: opt.Console, ident: opt.Ident, pid: opt.PID, json: opt.JSON, stamp: consoleStamp})
	}
	if opt.File != "" {
		var f *fileOutput
		if f, err = openFile(opt); err == nil {
			l.add(f)
		}
	}
	return l, err
}

func (l *Log) add(o output) {
	n := &lane{queue: newQueue(queueLines), stopped: make(chan struct{}), out: o}
	l.lanes = append(l.lanes, n)
	go n.run()
}

// Discard is a log that goes nowhere.
func Discard() *Log { return &Log{level: LevelAlert + 1} }

// Logger returns a logger that writes to the log.
func (l *Log) Logger() *slog.Logger { return slog.New(handler{log: l}) }

// SetIdent changes the name in later lines.
func (l *Log) SetIdent(ident string) { l.each(func(o output) { o.setIdent(ident) }) }

// Reopen starts log files anew that were moved away, e.g. by logrotate.
func (l *Log) Reopen() { l.each(output.reopen) }

// each changes all outputs, after the lines up to now. One that takes nothing is
// changed when it does again.
func (l *Log) each(change func(output)) {
	for _, n := range l.lanes {
		n.queue.put(line{at: time.Now(), change: change})
	}
	l.Flush(flushLimit)
}

// flushLimit is how long a dead log daemon may hold us up.
const flushLimit = 2 * time.Second

// Flush waits until all lines are written, at most for limit.
func (l *Log) Flush(limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	written := true
	for _, n := range l.lanes {
		written = n.queue.flush(time.Until(deadline)) && written
	}
	return written
}

// Close writes what is left, at most for the flush limit, and ends the log.
// Later lines are lost.
func (l *Log) Close() {
	l.Flush(flushLimit)
	deadline := time.After(flushLimit)
	for _, n := range l.lanes {
		n.queue.close()
		select {
		case <-n.stopped:
			n.out.close()
		case <-deadline:
			return
		}
	}
}

func (n *lane) run() {
	defer close(n.stopped)
	for {
		lines := n.queue.take()
		if len(lines) == 0 {
			return
		}
		n.pass(lines)
		n.queue.done()
	}
}

// pass writes lines, and makes the changes between them.
func (n *lane) pass(lines []line) {
	for len(lines) > 0 {
		if lines[0].change != nil {
			lines[0].change(n.out)
			lines = lines[1:]
			continue
		}
		next := slices.IndexFunc(lines, func(l line) bool { return l.change != nil })
		if next < 0 {
			next = len(lines)
		}
		n.out.write(lines[:next])
		lines = lines[next:]
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
	for _, n := range h.log.lanes {
		n.queue.put(line{at: r.Time, level: r.Level, text: r.Message, attrs: attrs})
	}
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
