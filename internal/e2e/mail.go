package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailEnv makes the test binary an SMTP server: DIR=ADDRESS.
const mailEnv = "GK_E2E_MAIL"

// StartMail runs an SMTP server inside the host; mail.log in the host's Dir
// gets one line per mail, dialogues.log one per connection: all that the
// client said.
func StartMail(t testing.TB, h *Host, addr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h.Start("mailserver.log", "env", mailEnv+"="+h.Dir+"="+addr, self)
	_, port, _ := strings.Cut(addr, ":")
	waitFor(t, "the mail server on "+h.Name, func() bool {
		out, err := h.Try("ss", "-ltn")
		return err == nil && strings.Contains(out, ":"+port+" ")
	})
}

// runMailServer is the server process.
func runMailServer(spec string) {
	dir, addr, _ := strings.Cut(spec, "=")
	log, err := os.OpenFile(filepath.Join(dir, "mail.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		s := smtp.NewServer(&mailBackend{log})
		s.Domain = "mail.example"
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err == nil {
			err = s.Serve(&dialogueListener{Listener: l, path: filepath.Join(dir, "dialogues.log")})
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// dialogueListener writes down what each client says.
type dialogueListener struct {
	net.Listener
	path string
}

// Accept implements net.Listener.
func (l *dialogueListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &dialogueConn{Conn: c, path: l.path}, err
}

type dialogueConn struct {
	net.Conn
	path string
	said []byte
}

// Read implements net.Conn.
func (c *dialogueConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.said = append(c.said, b[:n]...)
	return n, err
}

// Close implements net.Conn. The line has its line ends in Go's spelling.
func (c *dialogueConn) Close() error {
	if f, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err == nil && len(c.said) > 0 {
		fmt.Fprintf(f, "%q\n", c.said)
		f.Close()
		c.said = nil
	}
	return c.Conn.Close()
}

type mailBackend struct{ log *os.File }

// NewSession starts one dialogue.
func (b *mailBackend) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{log: b.log}, nil
}

type mailSession struct {
	log  *os.File
	from string
	to   []string
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = append(s.to, to); return nil }
func (s *mailSession) Reset()                                      { s.from, s.to = "", nil }
func (s *mailSession) Logout() error                               { return nil }

// Data writes the mail as one line, without the date.
func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var keep []string
	for _, l := range lines(string(b)) {
		if !strings.HasPrefix(l, "Date:") {
			keep = append(keep, l)
		}
	}
	_, err = fmt.Fprintf(s.log, "%s > %s: %s\n", s.from, strings.Join(s.to, ","), strings.Join(keep, " | "))
	return err
}
