package checkers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

const (
	// smtpLine is the longest line of an answer that is taken, without its
	// end (RFC 5321 4.5.3.1.5: 512 with it).
	smtpLine = 511
	// smtpLines is how many lines an answer may have.
	smtpLines = 100
)

// errBadAnswer is an answer that is not the expected one.
var errBadAnswer = errors.New("unexpected answer")

// probeSMTP goes through greeting, HELO and QUIT; each step has the connection
// timeout to itself. Answers of several lines are accepted, which keepalived
// does not do.
func probeSMTP(ctx context.Context, t *Target) health.Outcome {
	c := t.Checker
	server := bracketed(c)
	conn, err := dial(ctx, c, "tcp")
	if err != nil {
		return smtpConnectOutcome(c, err)
	}
	defer conn.Close()
	defer closeWith(ctx, conn)()
	in := bufio.NewReaderSize(conn, smtpLine+1)
	steps := []struct{ send, want, wrong string }{
		{"", "220", logtext.ReasonSMTPGreeting},
		{"HELO " + c.SMTP.HELOName + "\r\n", "250", logtext.ReasonSMTPHELO},
		{"QUIT\r\n", "", ""},
	}
	for _, s := range steps {
		within(conn, c.ConnectTimeout)
		if s.send != "" {
			if _, err := conn.Write([]byte(s.send)); err != nil {
				if isTimeout(err) {
					return timedOut(fmt.Sprintf(logtext.ReasonSMTPWriteTime, server))
				}
				return bad(logtext.ReasonSMTPWrite, server)
			}
		}
		switch err := readReply(conn, c, in, s.want); {
		case err == nil:
		case errors.Is(err, errBadAnswer):
			return bad(s.wrong, server)
		case isTimeout(err):
			return timedOut(fmt.Sprintf(logtext.ReasonSMTPReadTime, server))
		default:
			return bad(logtext.ReasonSMTPRead, server)
		}
	}
	return good()
}

// readReply reads one answer and compares its code with want, "" for any line.
func readReply(conn net.Conn, c *config.Checker, in *bufio.Reader, want string) error {
	for range smtpLines {
		within(conn, c.ConnectTimeout)
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return errBadAnswer
		}
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case want == "":
			return nil
		case !bytes.HasPrefix(line, []byte(want)):
			return errBadAnswer
		case len(line) == 3 || line[3] == ' ':
			return nil
		case line[3] != '-':
			return errBadAnswer
		}
	}
	return errBadAnswer
}

func smtpConnectOutcome(c *config.Checker, err error) health.Outcome {
	server := bracketed(c)
	if isTimeout(err) {
		return timedOut(fmt.Sprintf(logtext.ReasonSMTPConnectTime, server))
	}
	if o, local := classify(err); local {
		return o
	}
	if isUnreachable(err) {
		return bad(logtext.ReasonSMTPUnreachable, c.Destination.Addr(), server)
	}
	return bad(logtext.ReasonSMTPConnect, server)
}
