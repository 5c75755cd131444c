package genhash

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

func runIt(args ...string) (status int, out, errOut string) {
	var stdout, stderr strings.Builder
	status = Run(append([]string{"genhash"}, args...), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// site serves body with a status and counts requests by their first line and
// Host.
func site(t *testing.T, secure bool) (host, port string, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, fmt.Sprintf("%s %s %s %s", r.Proto, r.URL.Path, r.Host, r.Header.Get("User-Agent")))
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, "hello "+r.URL.Path)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	at := netip.MustParseAddrPort(s.Listener.Addr().String())
	return at.Addr().String(), fmt.Sprint(at.Port()), asked
}

func TestDigest(t *testing.T) {
	host, port, asked := site(t, false)
	for _, tc := range []struct {
		args []string

		line string
	}{
		{[]string{"-s", host, "-p", port, "-u", "/a"}, "HTTP/1.0 /a " + host + ":" + port + " KeepAliveClient"},
		{[]string{"--server=" + host, "--port", port, "--url", "/a", "-P", "1.1", "-Vwww.x.example"}, "HTTP/1.1 /a www.x.example KeepAliveClient"},
		{[]string{"-vs", host, "-p" + port, "--ur", "/missing", "-P1.0c"}, "HTTP/1.0 /missing " + host + ":" + port + " KeepAliveClient"},
	} {
		*asked = nil
		status, out, errOut := runIt(tc.args...)
		if status != 0 || errOut != "" {
			t.Errorf("%v: %d %q", tc.args, status, errOut)
		}
		if len(*asked) != 1 || (*asked)[0] != tc.line {
			t.Errorf("%v: asked %v, want %s", tc.args, *asked, tc.line)
		}
		if !regexp.MustCompile(`(?m)^[0-9a-f]{32}$`).MatchString(out) {
			t.Errorf("%v: %q", tc.args, out)
		}
	}
	// The last path counts.
	*asked = nil
	_, twice, _ := runIt("-s", host, "-p", port, "-u", "/x", "-u", "/a")
	_, once, _ := runIt("-s", host, "-p", port, "-u", "/a")
	if twice != once || len(*asked) != 2 || !strings.Contains((*asked)[0], " /a ") {
		t.Errorf("%q and %q, asked %v", twice, once, *asked)
	}
}

func TestTLS(t *testing.T) {
	host, port, _ := site(t, true)
	_, plain, _ := runIt("-s", host, "-p", port, "-u", "/a")
	status, out, _ := runIt("-S", "-I", "-V", "www.x.example", "-s", host, "-p", port, "-u", "/a")
	if status != 0 || len(out) != 33 || out == plain {
		t.Errorf("%d %q, without TLS %q", status, out, plain)
	}
}

func TestFailures(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(ln.Addr().String())
	ln.Close()
	port := fmt.Sprint(at.Port())
	if status, out, _ := runIt("-s", "127.0.0.1", "-p", port, "-u", "/"); status != 0 || out != "Connection failed\n" {
		t.Errorf("refused: %d %q", status, out)
	}
	host, port, _ := site(t, false)
	if status, out, _ := runIt("-S", "-s", host, "-p", port, "-u", "/"); status != 0 || out != "SSL handshake/communication error connecting to\n" {
		t.Errorf("no TLS there: %d %q", status, out)
	}
}

func TestUsage(t *testing.T) {
	all := []string{"-s", "127.0.0.1", "-p", "1", "-u", "/"}
	for _, tc := range []struct {
		args    []string
		message string
	}{
		{nil, ""},
		{[]string{"-h"}, ""},
		{append([]string{"-h"}, all...), ""},
		{all[:4], ""},
		{all[2:], ""},
		{[]string{"-s", "www.x.example", "-p", "1", "-u", "/"}, "server should be an IP, not www.x.example\n"},
		{[]string{"-s", "127.0.0.1", "-p", "0", "-u", "/"}, "invalid port number '0'\n"},
		{[]string{"-s", "127.0.0.1", "-p", "65536", "-u", "/"}, "invalid port number '65536'\n"},
		{append([]string{"-P", "2"}, all...), "invalid HTTP protocol version '2'\n"},
		{append([]string{"-t", "x"}, all...), "invalid timeout 'x'\n"},
		{append([]string{"-m", "x"}, all...), "invalid fwmark 'x'\n"},
		{append([]string{"-q"}, all...), "Unknown option -q\n"},
		{append([]string{"--use"}, all...), "Unknown option --use\n"},
		{append([]string{"--verbose=1"}, all...), "Unknown option --verbose\n"},
		{append(all, "more"), "Unexpected argument(s): more\n"},
		{append(all, "-t"), "Missing parameter for option -t\n"},
	} {
		status, out, errOut := runIt(tc.args...)
		if status != 1 || out != "" || !strings.HasPrefix(errOut, tc.message+"Usage: genhash COMMAND [OPTIONS]\n") {
			t.Errorf("%v: %d %q %q", tc.args, status, out, errOut)
		}
	}
	var stderr strings.Builder
	Run([]string{"keepalived --genhash"}, &stderr, &stderr)
	if !strings.HasPrefix(stderr.String(), "Usage: keepalived --genhash COMMAND [OPTIONS]\n") {
		t.Errorf("%q", stderr.String())
	}
}

// recorder answers every request with the same bytes and remembers what it was
// asked, with the server name of TLS in front.
type recorder struct {
	host, port string

	mu    sync.Mutex
	asked []string
}

func newRecorder(t *testing.T, network, at string, secure *tls.Config, answer string) *recorder {
	t.Helper()
	ln, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	to := netip.MustParseAddrPort(ln.Addr().String())
	r := &recorder{host: to.Addr().String(), port: fmt.Sprint(to.Port())}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go r.serve(conn, secure, answer)
		}
	}()
	return r
}

func (r *recorder) serve(conn net.Conn, secure *tls.Config, answer string) {
	defer conn.Close()
	name := ""
	if secure != nil {
		s := tls.Server(conn, secure)
		if s.Handshake() != nil {
			return
		}
		defer s.Close() // says close_notify
		name = s.ConnectionState().ServerName + " "
		conn = s
	}
	in := bufio.NewReader(conn)
	text := name
	for !strings.HasSuffix(text, "\r\n\r\n") {
		line, err := in.ReadString('\n')
		text += line
		if err != nil {
			break
		}
	}
	r.mu.Lock()
	r.asked = append(r.asked, text)
	r.mu.Unlock()
	if answer == "" {
		_, _ = io.Copy(io.Discard, conn) // until the peer has had enough
		return
	}
	_, _ = io.WriteString(conn, answer)
}

// take is what was asked since the last time.
func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.Join(r.asked, "|")
	r.asked = nil
	return text
}

// TestAgainstGenhash: the program itself asks and prints the same.
func TestAgainstGenhash(t *testing.T) {
	nstest.Require(t, "keepalived")
	path, err := exec.LookPath("genhash")
	if err != nil {
		nstest.Missing(t, "keepalived", err)
	}
	const head = "HTTP/1.1 200 OK\r\nServer: test\r\nContent-Type: text/plain\r\n\r\n"
	body := head + "hello, \x00\x7f\x80\xff world, more than a line of sixteen\n"
	v4 := newRecorder(t, "tcp4", "127.0.0.1:0", nil, body)
	v6 := newRecorder(t, "tcp6", "[::1]:0", nil, body)
	none := newRecorder(t, "tcp4", "127.0.0.1:0", nil, head)
	wrong := newRecorder(t, "tcp4", "127.0.0.1:0", nil, "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabcdef")
	empty := newRecorder(t, "tcp4", "127.0.0.1:0", nil, "HTTP/1.1 200 OK\r\n")
	lower := newRecorder(t, "tcp4", "127.0.0.1:0", nil, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef")
	long := newRecorder(t, "tcp4", "127.0.0.1:0", nil, head+strings.Repeat("0123456789", 30000))
	mute := newRecorder(t, "tcp4", "127.0.0.1:0", nil, "")
	borrowed := httptest.NewUnstartedServer(nil)
	borrowed.StartTLS()
	t.Cleanup(borrowed.Close)
	secure := newRecorder(t, "tcp4", "127.0.0.1:0", &tls.Config{Certificates: borrowed.TLS.Certificates}, body)
	to := func(r *recorder, more ...string) []string {
		return append([]string{"-s", r.host, "-p", r.port, "-u", "/a"}, more...)
	}
	usecs := regexp.MustCompile(`= \d+ usecs`)
	for name, tc := range map[string]struct {
		server *recorder
		args   []string
	}{
		"plain":         {v4, to(v4)},
		"verbose":       {v4, to(v4, "-v")},
		"1.0":           {v4, to(v4, "-P", "1.0")},
		"1.0c":          {v4, to(v4, "-P", "1.0c")},
		"1.1":           {v4, to(v4, "--protocol", "1.1", "--verbose")},
		"virtual host":  {v4, to(v4, "-V", "www.x.example", "-v")},
		"long names":    {v4, []string{"--server", v4.host, "--port", v4.port, "--url", "/long/path?with=more", "--use-virtualhost", "x", "--timeout", "3"}},
		"two paths":     {v4, to(v4, "-u", "/b")},
		"mark":          {v4, to(v4, "-m", "7")},
		"six":           {v6, to(v6, "-v")},
		"no body":       {none, to(none, "-v")},
		"404":           {wrong, to(wrong, "-v")},
		"no header":     {empty, to(empty)},
		"no header, -v": {empty, to(empty, "-v")},
		"lower case":    {lower, to(lower, "-v")},
		"large":         {long, to(long)},
		"mute":          {mute, to(mute, "-t", "1")},
		"TLS":           {secure, to(secure, "-S", "-v")},
		"server name":   {secure, to(secure, "-S", "-I", "-V", "www.x.example")},
		"help":          {v4, []string{"-h"}},
		"nothing":       {v4, nil},
		"no path":       {v4, to(v4)[:4]},
		"bad port":      {v4, to(v4, "-p", "0")},
		"bad server":    {v4, to(v4, "-s", "www.x.example")},
		"bad protocol":  {v4, to(v4, "-P", "3")},
		"surplus":       {v4, to(v4, "more")},
	} {
		t.Run(name, func(t *testing.T) {
			tc.server.take()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, path, tc.args...)
			cmd.Args[0] = "genhash"
			var theirOut, theirErr strings.Builder
			cmd.Stdout, cmd.Stderr = &theirOut, &theirErr
			_ = cmd.Run()
			theirs := tc.server.take()
			status, out, errOut := runIt(tc.args...)
			if asked := tc.server.take(); asked != theirs {
				t.Errorf("we ask\n%q\ngenhash asks\n%q", asked, theirs)
			}
			clean := func(s string) string { return usecs.ReplaceAllString(s, "= N usecs") }
			if clean(out) != clean(theirOut.String()) || errOut != theirErr.String() || status != cmd.ProcessState.ExitCode() {
				t.Errorf("%d\n%s%s\ngenhash: %d\n%s%s", status, out, errOut, cmd.ProcessState.ExitCode(), theirOut.String(), theirErr.String())
			}
		})
	}
}
