package genhash

import (
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
	"testing"
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
	// The last path counts, and is asked for as often as there are paths.
	*asked = nil
	_, twice, _ := runIt("-s", host, "-p", port, "-u", "/x", "-u", "/a")
	_, once, _ := runIt("-s", host, "-p", port, "-u", "/a")
	if twice != once || len(*asked) != 3 || !strings.Contains((*asked)[0], " /a ") {
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

// TestAgainstGenhash: the program itself prints the same.
func TestAgainstGenhash(t *testing.T) {
	path, err := exec.LookPath("genhash")
	if err != nil {
		t.Skip("genhash is not installed")
	}
	host, port, _ := site(t, false)
	usecs := regexp.MustCompile(`= \d+ usecs`)
	date := regexp.MustCompile(`(?s)-+\[    HTTP Header Buffer.*\[        HTML Buffer`)
	for _, args := range [][]string{
		{"-s", host, "-p", port, "-u", "/a"},
		{"-s", host, "-p", port, "-u", "/a", "-P", "1.0c"},
		{"-s", host, "-p", port, "-u", "/long/path/with/more/than/one/line", "-v"},
		{"-h"},
	} {
		cmd := exec.Command(path, args...)
		cmd.Args[0] = "genhash"
		var theirOut, theirErr strings.Builder
		cmd.Stdout, cmd.Stderr = &theirOut, &theirErr
		_ = cmd.Run()
		status, out, errOut := runIt(args...)
		clean := func(s string) string { return usecs.ReplaceAllString(date.ReplaceAllString(s, "HEAD"), "= N usecs") }
		if clean(out) != clean(theirOut.String()) || errOut != theirErr.String() || status != cmd.ProcessState.ExitCode() {
			t.Errorf("%v: %d\n%s%s\ngenhash: %d\n%s%s", args, status, out, errOut, cmd.ProcessState.ExitCode(), theirOut.String(), theirErr.String())
		}
	}
}
