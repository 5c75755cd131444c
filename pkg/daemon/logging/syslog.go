package logging

import (
	"bytes"
	"errors"
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

// syslogWait is how long one datagram may wait for a log daemon that does not
// read. The lines behind it wait in the queue.
const syslogWait = time.Second

// syslogOutput writes what syslog(3) of the C library writes with LOG_PID:
// "<PRI>Nov 20 23:05:59 IDENT[PID]: TEXT", one datagram per line.
type syslogOutput struct {
	path          string
	facility      int
	ident         string
	pid           int
	systemConsole bool
	conn          *net.UnixConn
	buf           bytes.Buffer
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
	for i := range lines {
		l := &lines[i]
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
		if !o.send(o.buf.Bytes()) && o.systemConsole {
			writeConsole(o.buf.Bytes()[head:])
		}
	}
}

// send writes one datagram, over a new connection if the log daemon was
// started anew since the last one.
func (o *syslogOutput) send(datagram []byte) bool {
	for attempt := 0; attempt < 2; attempt++ {
		if o.conn == nil {
			conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: o.path, Net: "unixgram"})
			if err != nil {
				return false
			}
			o.conn = conn
		}
		_ = o.conn.SetWriteDeadline(time.Now().Add(syslogWait))
		_, err := o.conn.Write(datagram)
		switch {
		case err == nil:
			return true
		case errors.Is(err, syscall.EMSGSIZE) && len(datagram) > maxDatagram:
			datagram = datagram[:maxDatagram]
		case errors.Is(err, os.ErrDeadlineExceeded):
			return false
		default:
			o.close()
		}
	}
	return false
}

// maxDatagram is what every log daemon takes (RFC 5424 6.1).
const maxDatagram = 2048

// writeConsole is LOG_CONS.
func writeConsole(text []byte) {
	f, err := os.OpenFile("/dev/console", os.O_WRONLY|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.Write(append(bytes.Clone(text), '\r', '\n'))
}
