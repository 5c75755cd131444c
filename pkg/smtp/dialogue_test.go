package smtp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// server is an SMTP server that answers as a test says and keeps what it got.
type server struct {
	addr netip.AddrPort
	// reply answers a command, "" with silence, "close" by hanging up; the
	// greeting is the reply to "", the one after the data that to ".".
	reply func(command string) string
	got   bytes.Buffer
	done  chan struct{}
}

func polite(command string) string {
	switch word, _, _ := strings.Cut(command, " "); word {
	case "":
		return "220-welcome\r\n220 here"
	case "DATA":
		return "354 go on"
	case "QUIT":
		return "221 bye"
	}
	return "250 fine"
}

func serve(t *testing.T, reply func(string) string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &server{addr: netip.MustParseAddrPort(l.Addr().String()), reply: reply, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		s.talk(conn)
	}()
	return s
}

func (s *server) talk(conn net.Conn) {
	in := bufio.NewReader(conn)
	answer := func(command string) bool {
		text := s.reply(command)
		if text == "close" {
			return false
		}
		if text != "" {
			io.WriteString(conn, text+"\r\n")
		}
		return true
	}
	if !answer("") {
		return
	}
	data := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		s.got.WriteString(line)
		line = strings.TrimRight(line, "\r\n")
		if data && line != "." {
			continue
		}
		data = line == "DATA" && strings.HasPrefix(s.reply(line), "354")
		if !answer(line) || line == "QUIT" {
			return
		}
	}
}

// transcript is what the client sent, once it has left.
func (s *server) transcript(t *testing.T) string {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		t.Fatal("the client doesn't leave")
	}
	return s.got.String()
}

func example() *message {
	return &message{
		date: time.Date(2026, 11, 20, 23, 3, 42, 0, time.UTC), from: "Keep A. Lived <ka@example.com>",
		to: []string{"admin@example.com", "Ops Team, Inc. <ops@example.com>"}, subject: "[R] s", body: ". b",
	}
}

func TestDialogue(t *testing.T) {
	s := serve(t, polite)
	var log bytes.Buffer
	m := example()
	o, left := deliver(t.Context(), s.addr, "vm", 5*time.Second, m, m.to, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	want := strings.ReplaceAll(`HELO vm
MAIL FROM:<ka@example.com>
RCPT TO:<admin@example.com>
RCPT TO:<ops@example.com>
DATA
Date: Fri, 20 Nov 2026 23:03:42 +0000
From: "Keep A. Lived" <ka@example.com>
Subject: [R] s
X-Mailer: Keepalived
To: admin@example.com,
 "Ops Team, Inc." <ops@example.com>

.. b

.
QUIT
`, "\n", "\r\n")
	if got := s.transcript(t); got != want || o != delivered || left != nil {
		t.Errorf("outcome %d, left %q, sent\n%q\nwant\n%q", o, left, got, want)
	}
	for _, line := range []string{
		fmt.Sprintf("Remote SMTP server [127.0.0.1]:%d connected.", s.addr.Port()), "SMTP alert successfully sent.",
	} {
		if !strings.Contains(log.String(), "level=DEBUG msg=\""+line) {
			t.Errorf("%q is not in the log %s", line, log.String())
		}
	}
}

func TestMisbehavingServers(t *testing.T) {
	// on answers one command in a special way.
	on := func(command, reply string) func(string) string {
		return func(c string) string {
			if strings.HasPrefix(c, command) && (command != "" || c == "") {
				return reply
			}
			return polite(c)
		}
	}
	const patience = 150 * time.Millisecond
	tests := map[string]struct {
		reply   func(string) string
		outcome outcome
		left    string
		log     string // SERVER stands for the server
		last    string // the last line sent
	}{
		"busy greeting":          {on("", "421 later"), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Error processing (E)SMTP cmd on SMTP server SERVER. SMTP status code = 421", "QUIT"},
		"no service":             {on("", "554 no"), refused, "", "Error processing (E)SMTP cmd on SMTP server SERVER. SMTP status code = 554", "QUIT"},
		"HELO refused":           {on("HELO", "501 what"), refused, "", "Error processing HELO cmd on SMTP server SERVER. SMTP status code = 501", "QUIT"},
		"sender refused":         {on("MAIL", "550 no"), refused, "", "Error processing MAIL cmd on SMTP server SERVER. SMTP status code = 550", "QUIT"},
		"sender deferred":        {on("MAIL", "450 no"), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Error processing MAIL cmd on SMTP server SERVER. SMTP status code = 450", "QUIT"},
		"one recipient refused":  {on("RCPT TO:<admin", "550 no"), delivered, "", "Error processing RCPT cmd on SMTP server SERVER. SMTP status code = 550", "QUIT"},
		"one recipient deferred": {on("RCPT TO:<admin", "451 greylisted"), deferred, "admin@example.com", "Error processing RCPT cmd on SMTP server SERVER. SMTP status code = 451", "QUIT"},
		"all recipients refused": {on("RCPT", "550 no"), refused, "", "Error processing RCPT cmd on SMTP server SERVER. SMTP status code = 550", "QUIT"},
		"DATA refused":           {on("DATA", "554 no"), refused, "", "Error processing DATA cmd on SMTP server SERVER. SMTP status code = 554", "QUIT"},
		"message deferred":       {on(".", "452 full"), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Error processing BODY cmd on SMTP server SERVER. SMTP status code = 452", "QUIT"},
		"message refused":        {on(".", "552 spam"), refused, "", "Error processing BODY cmd on SMTP server SERVER. SMTP status code = 552", "QUIT"},
		"rude goodbye":           {on("QUIT", "500 no"), delivered, "", "Error processing QUIT cmd on SMTP server SERVER. SMTP status code = 500", "QUIT"},
		"silent":                 {on("", ""), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Timeout reading data to remote SMTP server SERVER.", "QUIT"},
		"silent in the middle":   {on("RCPT", ""), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Timeout reading data to remote SMTP server SERVER.", "QUIT"},
		"hangs up at once":       {on("", "close"), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Remote SMTP server SERVER has closed the connection.", ""},
		"hangs up later":         {on("DATA", "close"), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Remote SMTP server SERVER has closed the connection.", "DATA"},
		"talks for ever":         {on("", strings.Repeat("220-x\r\n", 20000)), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Remote SMTP server SERVER has closed the connection.", ""},
		"one endless line":       {on("HELO", strings.Repeat("2", 1<<20)), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Error talking to remote SMTP server SERVER: malformed reply", ""},
		"speaks no SMTP":         {on("", "Password: "), deferred, "admin@example.com,Ops Team, Inc. <ops@example.com>", "Error talking to remote SMTP server SERVER: malformed reply", "QUIT"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.reply)
			var log bytes.Buffer
			m := example()
			begun := time.Now()
			o, left := deliver(t.Context(), s.addr, "vm", patience, m, m.to, slog.New(slog.NewTextHandler(&log, nil)))
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			if o == refused {
				left = nil
			}
			if o != test.outcome || strings.Join(left, ",") != test.left {
				t.Errorf("outcome %d, left %q; want %d, %q", o, left, test.outcome, test.left)
			}
			want := strings.ReplaceAll(test.log, "SERVER", fmt.Sprintf("[127.0.0.1]:%d", s.addr.Port()))
			if !strings.Contains(log.String(), want) {
				t.Errorf("log %.300s\nwants %s", log.String(), want)
			}
			if log.Len() > 1000 {
				t.Errorf("%d bytes of log", log.Len())
			}
			lines := strings.Split(strings.TrimSpace(s.transcript(t)), "\r\n")
			if last := lines[len(lines)-1]; test.last != "" && last != test.last {
				t.Errorf("the last line sent is %q, want %q", last, test.last)
			}
		})
	}
}

func TestUnreachableServers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	var log bytes.Buffer
	m := example()
	o, left := deliver(t.Context(), closed, "vm", time.Second, m, m.to, slog.New(slog.NewTextHandler(&log, nil)))
	if o != deferred || len(left) != 2 || !strings.Contains(log.String(), "Error opening connection to remote SMTP server "+serverName(closed)+": connection refused") {
		t.Errorf("outcome %d, log %s", o, log.String())
	}
	log.Reset()
	d := &dialogue{ctx: t.Context(), server: "[192.0.2.1]:25", timeout: time.Nanosecond, log: slog.New(slog.NewTextHandler(&log, nil))}
	if err := d.connect(t.Context(), closed); err == nil || !strings.Contains(log.String(), "Timeout opening connection to remote SMTP server [192.0.2.1]:25.") {
		t.Errorf("error %v, log %s", err, log.String())
	}
}

// A cancelled delivery ends at once, wherever it is.
func TestCancelledDelivery(t *testing.T) {
	reached := make(chan struct{})
	s := serve(t, func(c string) string {
		if strings.HasPrefix(c, "RCPT") {
			close(reached)
			return ""
		}
		return polite(c)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	m := example()
	begun := time.Now()
	o, _ := deliver(ctx, s.addr, "vm", time.Minute, m, m.to, slog.New(slog.DiscardHandler))
	if took := time.Since(begun); took > 5*time.Second || o != deferred {
		t.Errorf("outcome %d after %v", o, took)
	}
}

// mailbox is a backend of a real SMTP server.
type mailbox struct {
	mu    sync.Mutex
	mails []received
}

type received struct {
	from string
	to   []string
	text string
}

type session struct {
	box  *mailbox
	mail received
}

func (b *mailbox) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{box: b}, nil }

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.mail.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &gosmtp.SMTPError{Code: 550, Message: "no such user"}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.text = string(text)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mails = append(s.box.mails, s.mail)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// The whole way: events into a sink, mails out of a real server, those of the
// shutdown within the time of Close.
func TestRealServer(t *testing.T) {
	box := &mailbox{}
	srv := gosmtp.NewServer(box)
	srv.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; err != nil && !errors.Is(err, gosmtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	cfg := alertConfig()
	cfg.Global.SMTP = config.SMTP{
		Server: "localhost", Port: netip.MustParseAddrPort(l.Addr().String()).Port(), ConnectTimeout: 5 * time.Second,
		HELOName: "vm", From: "ka@example.com", To: []string{"Ops <ops@example.com>", "nobody@example.com"},
	}
	const many = 40
	cfg.Instances = nil
	for n := range many {
		cfg.Instances = append(cfg.Instances, &config.VRRPInstance{Name: fmt.Sprint("VI_", n), SMTPAlert: true})
	}
	s := New(cfg, Options{Log: slog.New(slog.DiscardHandler), HostName: "h", UserName: "u"})
	for _, state := range []event.State{event.Master, event.Stop} {
		for _, v := range cfg.Instances {
			s.Send(event.InstanceState{Instance: v.Name, State: state})
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s.Close(ctx)
	box.mu.Lock()
	defer box.mu.Unlock()
	subjects := map[string]int{}
	for _, m := range box.mails {
		if m.from != "ka@example.com" || len(m.to) != 1 || m.to[0] != "ops@example.com" {
			t.Errorf("envelope %q -> %q", m.from, m.to)
		}
		_, subject, _ := strings.Cut(m.text, "Subject: [RTR1] VRRP Instance ")
		subject, _, _ = strings.Cut(subject, "\r\n")
		subjects[subject]++
	}
	for n := range many {
		for _, ending := range []string{"Entering MASTER state", "Stopping"} {
			if got := subjects[fmt.Sprintf("VI_%d - %s", n, ending)]; got != 1 {
				t.Errorf("VI_%d - %s came %d times", n, ending, got)
			}
		}
	}
}

// A name that cannot be resolved is reported in keepalived's words.
func TestUnknownServerName(t *testing.T) {
	cfg := alertConfig()
	cfg.Global.SMTP.Server = "no-such-host.invalid"
	cfg.Global.SMTP.ConnectTimeout = 2 * time.Second
	var log bytes.Buffer
	s := New(cfg, Options{Log: slog.New(slog.NewTextHandler(&log, nil)), HostName: "h"})
	s.Send(event.InstanceState{Instance: "VI_1", State: event.Master})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s.Close(ctx)
	if !strings.Contains(log.String(), "Invalid smtp server no-such-host.invalid 25") {
		t.Errorf("log %s", log.String())
	}
}
