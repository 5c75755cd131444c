package logging

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"time"
)

// A machine without a log daemon has its lines on /dev/console (LOG_CONS), which
// may be a serial line. A thousand lines of a thousand instances kept a
// processor in that line's interrupts for 40 ms at a time, and adverts late by
// half a second. So the console gets what a person can read; syslog's count of
// lost lines has them all.
const (
	// consoleBurst is how many lines the console gets at once.
	consoleBurst = 200
	// consolePause is the time after which it gets one more.
	consolePause = 100 * time.Millisecond
)

// systemConsole writes to /dev/console, at a limited rate. The zero value
// writes nothing.
type systemConsole struct {
	path string
	// free is when the console has taken all lines so far, at its rate.
	free time.Time
}

// write writes one line, or leaves it out.
func (c *systemConsole) write(now time.Time, text []byte) {
	if c.path == "" || c.free.Sub(now) > (consoleBurst-1)*consolePause {
		return
	}
	if c.free.Before(now) {
		c.free = now
	}
	c.free = c.free.Add(consolePause)
	f, err := os.OpenFile(c.path, os.O_WRONLY|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	// One that is stopped (XOFF) would hold up the log for ever. It gets
	// nothing for a while.
	_ = f.SetWriteDeadline(time.Now().Add(consolePause))
	if _, err := f.Write(append(bytes.Clone(text), '\r', '\n')); errors.Is(err, os.ErrDeadlineExceeded) {
		c.free = now.Add(consoleBurst * consolePause)
	}
}
