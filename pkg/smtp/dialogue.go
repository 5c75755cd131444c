package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// replyLimit bounds what a server may send during one dialogue.
const replyLimit = 64 * 1024

// outcome is what became of one attempt to deliver.
type outcome uint8

const (
	delivered outcome = iota
	// deferred may succeed later, for the recipients that are left.
	deferred
	// refused will not.
	refused
)

// dialogue is one connection to a server.
type dialogue struct {
	ctx     context.Context
	server  string // [ADDRESS]:PORT
	timeout time.Duration
	log     *slog.Logger
	conn    net.Conn
	text    *textproto.Conn
}

// deliver hands m to the server at addr, for the recipients in to only. It
// logs what goes wrong, and returns the recipients that may be tried again.
func deliver(ctx context.Context, addr netip.AddrPort, helo string, timeout time.Duration, m *message, to []string, log *slog.Logger) (outcome, []string) {
	d := &dialogue{ctx: ctx, server: serverName(addr), timeout: timeout, log: log}
	if err := d.connect(ctx, addr); err != nil {
		return deferred, to
	}
	defer d.conn.Close()
	// A cancelled context ends reads and writes at once.
	stop := context.AfterFunc(ctx, d.arm)
	defer stop()
	o, left := d.talk(helo, m, to)
	if ctx.Err() == nil {
		d.quit()
	}
	return o, left
}

// serverName is how log lines call a server.
func serverName(addr netip.AddrPort) string {
	return fmt.Sprintf("[%s]:%d", addr.Addr(), addr.Port())
}

func (d *dialogue) connect(ctx context.Context, addr netip.AddrPort) error {
	dialer := net.Dialer{Timeout: d.timeout}
	conn, err := dialer.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) || isTimeout(err) {
			d.log.Info(fmt.Sprintf(logtext.MailConnectTimeout, d.server))
		} else {
			d.log.Info(fmt.Sprintf(lineConnectFailed, d.server, rootCause(err)))
		}
		return err
	}
	d.conn = conn
	d.text = textproto.NewConn(struct {
		io.Reader
		io.Writer
		io.Closer
	}{io.LimitReader(conn, replyLimit), conn, conn})
	d.log.Debug(fmt.Sprintf(logtext.MailConnected, d.server))
	return nil
}

// talk is the dialogue from the greeting to the end of the data.
func (d *dialogue) talk(helo string, m *message, to []string) (outcome, []string) {
	type step struct{ word, command string }
	for _, s := range []step{
		{"(E)SMTP", ""},
		{"HELO", "HELO " + oneLine(helo)},
		{"MAIL", "MAIL FROM:<" + envelopeAddress(m.from) + ">"},
	} {
		if code := d.exchange(s.word, s.command, 2); code != 0 {
			return failure(code), to
		}
	}
	var later []string
	accepted := 0
	for _, recipient := range to {
		switch code := d.exchange("RCPT", "RCPT TO:<"+envelopeAddress(recipient)+">", 2); {
		case code == 0:
			accepted++
		case code == broken:
			return deferred, to // nothing has been sent yet
		case failure(code) == deferred:
			later = append(later, recipient)
		}
	}
	if accepted > 0 {
		if code := d.exchange("DATA", "DATA", 354); code != 0 {
			return failure(code), to
		}
		if code := d.body(m); code != 0 {
			return failure(code), to
		}
		d.log.Debug(logtext.MailSent)
	}
	switch {
	case len(later) > 0:
		return deferred, later
	case accepted > 0:
		return delivered, nil
	}
	return refused, nil
}

// broken is the code of a connection without an answer.
const broken = -1

// failure tells a permanent refusal (5xx) from everything else.
func failure(code int) outcome {
	if code >= 500 && code < 600 {
		return refused
	}
	return deferred
}

// arm gives the server the time for one reply; none after a cancel.
func (d *dialogue) arm() {
	_ = d.conn.SetDeadline(time.Now().Add(d.timeout))
	if d.ctx.Err() != nil {
		_ = d.conn.SetDeadline(time.Unix(1, 0))
	}
}

// exchange sends a command, "" for none, and takes the reply. It returns 0 if
// the reply code starts with the digits of want, else that code, or broken.
func (d *dialogue) exchange(word, command string, want int) int {
	d.arm()
	if command != "" {
		if err := d.text.PrintfLine("%s", command); err != nil {
			return d.fail(err)
		}
	}
	return d.reply(word, want)
}

// body sends the message and its final dot.
func (d *dialogue) body(m *message) int {
	d.arm()
	w := d.text.DotWriter()
	_, err := w.Write(m.bytes())
	if closeErr := w.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return d.fail(err)
	}
	return d.reply("BODY", 2)
}

func (d *dialogue) reply(word string, want int) int {
	_, _, err := d.text.ReadResponse(want)
	if err == nil {
		return 0
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		d.log.Info(fmt.Sprintf(logtext.MailBadReply, word, d.server, answer.Code))
		return answer.Code
	}
	return d.fail(err)
}

func (d *dialogue) fail(err error) int {
	var malformed textproto.ProtocolError
	switch {
	case errors.As(err, &malformed):
		// What the server wrote instead has no place in the log.
		d.log.Info(fmt.Sprintf(lineBroken, d.server, "malformed reply"))
	case errors.Is(err, os.ErrDeadlineExceeded):
		d.log.Info(fmt.Sprintf(logtext.MailReadTimeout, d.server))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		d.log.Info(fmt.Sprintf(logtext.MailClosed, d.server))
	default:
		d.log.Info(fmt.Sprintf(lineBroken, d.server, rootCause(err)))
	}
	return broken
}

// quit takes leave; what the server thinks of that changes nothing any more.
func (d *dialogue) quit() {
	d.arm()
	if err := d.text.PrintfLine("QUIT"); err != nil {
		return
	}
	_, _, err := d.text.ReadResponse(2)
	var answer *textproto.Error
	if errors.As(err, &answer) {
		d.log.Info(fmt.Sprintf(logtext.MailBadReply, "QUIT", d.server, answer.Code))
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// rootCause is the innermost error, which names no address twice.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
