package logging

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Log socket, and the facilities that -S can choose (RFC 5424 6.2.1).
const (
	SyslogSocket = "/dev/log"

	FacilityUser   = 1
	FacilityDaemon = 3
	FacilityLocal0 = 16
)

// syslogStamp is the time stamp of a local syslog line (RFC 3164 4.1.2).
const syslogStamp = time.Stamp

const (
	// syslogWait is how long one datagram may wait for a log daemon that does
	// not read, syslogPoll how long the following ones may. The lines behind
	// wait in the queue.
	syslogWait = time.Second
	syslogPoll = time.Millisecond
	// syslogRestart is how long a line waits for a log daemon to come back.
	syslogRestart = time.Second
	// syslogAbsent is how long a log daemon that is not there is not looked
	// for again by lines that came together: each would make a socket for
	// nothing.
	syslogAbsent = 20 * time.Millisecond
)

// syslogOutput writes what syslog(3) of the C library writes with LOG_PID:
// "<PRI>Nov 20 23:05:59 IDENT[PID]: TEXT", one datagram per line.
type syslogOutput struct {
	path     string
	facility int
	ident    string
	pid      int
	console  systemConsole
	conn     *net.UnixConn
	buf      bytes.Buffer
	// absent is the error of the last attempt to connect, until absentUntil.
	absent      error
	absentUntil time.Time
	// lost counts the lines that found no log daemon since one last took some,
	// why is the reason.
	lost int
	why  error
	// taken says that a log daemon was there; stuck that it does not read.
	taken, stuck bool
}

func (o *syslogOutput) setIdent(ident string) { o.ident = ident }
func (o *syslogOutput) reopen()               {}

func (o *syslogOutput) close() {
	if o.conn != nil {
		_ = o.conn.Close()
		o.conn = nil
	}
}

func (o *syslogOutput) write(lines []line) {
	o.absentUntil = time.Time{}
	for i := range lines {
		// The console has no use for a count of the lines that it has itself.
		if o.lost > 0 && o.put(&line{at: lines[i].at, level: slog.LevelWarn, text: fmt.Sprintf(textNotTaken, o.lost, o.why)}, &systemConsole{}) {
			o.lost = 0
		}
		if !o.put(&lines[i], &o.console) {
			o.lost++
		}
	}
}

// put writes one line, and reports whether a log daemon took it. If none did it
// goes to the console.
func (o *syslogOutput) put(l *line, console *systemConsole) bool {
	o.buf.Reset()
	o.buf.WriteByte('<')
	o.buf.WriteString(strconv.Itoa(o.facility<<3 | severity(l.level)))
	o.buf.WriteByte('>')
	o.buf.WriteString(l.at.Format(syslogStamp))
	o.buf.WriteByte(' ')
	head := o.buf.Len()
	o.buf.WriteString(o.ident)
	o.buf.WriteByte('[')
	o.buf.WriteString(strconv.Itoa(o.pid))
	o.buf.WriteString("]: ")
	appendPrintable(&o.buf, l.text)
	err := o.send(o.buf.Bytes())
	// One that was there may be starting anew; one that never was is not.
	if err != nil && o.taken {
		for end := time.Now().Add(syslogRestart); err != nil && !o.stuck && time.Now().Before(end); {
			time.Sleep(syslogRestart / 50)
			err = o.send(o.buf.Bytes())
		}
	}
	o.taken = err == nil
	if err != nil {
		o.why = err
		console.write(l.at, o.buf.Bytes()[head:])
	}
	return err == nil
}

// send writes one datagram, over a new connection if the log daemon was
// started anew since the last one.
func (o *syslogOutput) send(datagram []byte) (err error) {
	for range 2 {
		if o.conn == nil {
			if err = o.connect(); err != nil {
				return err
			}
		}
		wait := syslogWait
		if o.stuck {
			wait = syslogPoll
		}
		_ = o.conn.SetWriteDeadline(time.Now().Add(wait))
		_, err = o.conn.Write(datagram)
		o.stuck = errors.Is(err, os.ErrDeadlineExceeded)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EMSGSIZE) && len(datagram) > maxDatagram:
			datagram = datagram[:maxDatagram]
		case o.stuck:
			return errNotReading
		default:
			o.close()
		}
	}
	return err
}

func (o *syslogOutput) connect() (err error) {
	now := time.Now()
	if now.Before(o.absentUntil) {
		return o.absent
	}
	if o.conn, err = net.DialUnix("unixgram", nil, &net.UnixAddr{Name: o.path, Net: "unixgram"}); err != nil {
		o.conn, o.absent, o.absentUntil = nil, err, now.Add(syslogAbsent)
	}
	return err
}

var errNotReading = errors.New("the log daemon does not read")

// maxDatagram is what every log daemon takes (RFC 5424 6.1).
const maxDatagram = 2048
