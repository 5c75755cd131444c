package checkers

import (
	"bytes"
	"crypto/md5"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

func webCheck(to netip.AddrPort, timeout time.Duration, urls ...*config.HTTPURL) *config.Checker {
	c := check(config.CheckHTTP, to, timeout)
	if len(urls) == 0 {
		urls = []*config.HTTPURL{{Path: "/"}}
	}
	c.HTTP = &config.HTTPCheck{URLs: urls}
	return c
}

// answering serves a fixed answer after the request, then closes.
func answering(t *testing.T, answer string) netip.AddrPort {
	return serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, answer)
	})
}

func digestOf(s string) []byte {
	sum := md5.Sum([]byte(s))
	return sum[:]
}

func TestHTTPRequest(t *testing.T) {
	at := netip.MustParseAddrPort("10.9.0.11:80")
	six := netip.MustParseAddrPort("[fd00:9::11]:8080")
	for _, tc := range []struct {
		name  string
		check *config.Checker
		want  string
	}{
		{"1.0", webCheck(at, 0, &config.HTTPURL{Path: "/a b"}),
			"GET /a b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.9.0.11:80\r\n\r\n"},
		{"1.1", webCheck(six, 0),
			"GET / HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: [fd00:9::11]:8080\r\n\r\n"},
		{"1.0C", webCheck(at, 0, &config.HTTPURL{Path: "/", VirtualHost: "www.x.example"}),
			"GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.x.example\r\n\r\n"},
	} {
		tc.check.HTTP.Protocol = map[string]config.HTTPProtocol{"1.0": config.HTTP10, "1.0C": config.HTTP10Close, "1.1": config.HTTP11}[tc.name]
		if got := string(httpRequest(tc.check, tc.check.HTTP.URLs[0])); got != tc.want {
			t.Errorf("%s:\n%q want\n%q", tc.name, got, tc.want)
		}
	}
	long := webCheck(at, 0, &config.HTTPURL{Path: "/" + strings.Repeat("x", 5000)})
	if got := httpRequest(long, long.HTTP.URLs[0]); len(got) != 2047 {
		t.Errorf("long request has %d bytes, want 2047", len(got))
	}
}

func TestHTTPAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n\r\n"
	noMatch := &config.HTTPRegex{Pattern: "down", NoMatch: true}
	for name, tc := range map[string]struct {
		answer string
		url    config.HTTPURL
		want   string // reason, "" for success
	}{
		"200":                  {ok + "hello", config.HTTPURL{}, ""},
		"299":                  {"HTTP/1.0 299 x\r\n\r\n", config.HTTPURL{}, ""},
		"no body":              {ok, config.HTTPURL{}, ""},
		"301":                  {"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"301 wanted":           {"HTTP/1.1 301 Moved\r\n\r\n", config.HTTPURL{StatusCodes: []config.StatusRange{{First: 300, Last: 302}}}, ""},
		"200 not wanted":       {ok, config.HTTPURL{StatusCodes: []config.StatusRange{{First: 404, Last: 404}}}, logtext.ReasonWebStatus},
		"no reason":            {"HTTP/1.1 200\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"empty reason":         {"HTTP/1.1 200 \r\n\r\n", config.HTTPURL{}, ""},
		"two digits":           {"HTTP/1.1 20 x\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"four digits":          {"HTTP/1.1 2000 x\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"letters":              {"HTTP/1.1 2oo x\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"no status":            {"hello\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebStatus},
		"LF only":              {"HTTP/1.1 200 OK\n\nhello", config.HTTPURL{}, logtext.ReasonWebNoData},
		"nothing":              {"", config.HTTPURL{}, logtext.ReasonWebNoData},
		"header cut":           {"HTTP/1.1 200 OK\r\nA: b\r\n", config.HTTPURL{}, logtext.ReasonWebNoData},
		"long header":          {"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 5000) + "\r\n\r\n", config.HTTPURL{}, logtext.ReasonWebNoData},
		"header of 4095":       {"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 4095-24) + "\r\n\r\nb", config.HTTPURL{Digest: digestOf("b")}, ""},
		"header of 4096":       {"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 4096-24) + "\r\n\r\nb", config.HTTPURL{}, logtext.ReasonWebNoData},
		"digest":               {ok + "hello", config.HTTPURL{Digest: digestOf("hello")}, ""},
		"digest wrong":         {ok + "hallo", config.HTTPURL{Digest: digestOf("hello")}, logtext.ReasonWebDigest},
		"digest of length":     {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world", config.HTTPURL{Digest: digestOf("hello")}, ""},
		"other spelling":       {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello world", config.HTTPURL{Digest: digestOf("hello world")}, ""},
		"length too long":      {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello", config.HTTPURL{Digest: digestOf("hello")}, ""},
		"digest of chunks":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", config.HTTPURL{Digest: digestOf("hello")}, logtext.ReasonWebDigest},
		"status before digest": {"HTTP/1.1 500 x\r\n\r\nhello", config.HTTPURL{Digest: digestOf("hello")}, logtext.ReasonWebStatus},
		"regex":                {ok + "all is up", config.HTTPURL{Regex: &config.HTTPRegex{Pattern: `is\s+up$`}}, ""},
		"regex in header":      {ok + "x", config.HTTPURL{Regex: &config.HTTPRegex{Pattern: `^HTTP/1\.1 200`}}, ""},
		"regex fails":          {ok + "x", config.HTTPURL{Regex: &config.HTTPRegex{Pattern: "up"}}, logtext.ReasonWebRegex},
		"regex_no_match":       {ok + "up", config.HTTPURL{Regex: noMatch}, ""},
		"regex_no_match hits":  {ok + "down", config.HTTPURL{Regex: noMatch}, logtext.ReasonWebRegex},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.url.Path = "/"
			o := run(t, webCheck(answering(t, tc.answer), long, &tc.url))
			if tc.want == "" {
				expect(t, o, health.Good, "")
			} else {
				expect(t, o, health.Bad, tc.want)
			}
		})
	}
}

func TestRegex(t *testing.T) {
	for _, tc := range []struct {
		r       config.HTTPRegex
		subject string
		want    bool
	}{
		{config.HTTPRegex{Pattern: `(?<=a)b`}, "ab", true}, // look-behind: not in RE2
		{config.HTTPRegex{Pattern: `(x)\1`}, "axxa", true}, // back reference
		{config.HTTPRegex{Pattern: "ABC"}, "abc", false},
		{config.HTTPRegex{Pattern: "ABC", Options: []string{"caseless"}}, "abc", true},
		{config.HTTPRegex{Pattern: "a.b"}, "a\nb", false},
		{config.HTTPRegex{Pattern: "a.b", Options: []string{"dotall"}}, "a\nb", true},
		{config.HTTPRegex{Pattern: "^b"}, "a\nb", false},
		{config.HTTPRegex{Pattern: "^b", Options: []string{"multiline"}}, "a\nb", true},
		{config.HTTPRegex{Pattern: "a b", Options: []string{"extended", "unheard_of"}}, "ab", true},
		{config.HTTPRegex{Pattern: `\Gb`}, "ab", false},
		{config.HTTPRegex{Pattern: `\Gb`, MinOffset: 1}, "ab", true},
		{config.HTTPRegex{Pattern: `(a)?\1b`}, "b", false},
		{config.HTTPRegex{Pattern: `(a)?\1b`, Options: []string{"match_unset_backref"}}, "b", true},
		{config.HTTPRegex{Pattern: `^$`, Options: []string{"multiline"}}, "a\n", false},
		{config.HTTPRegex{Pattern: `^$`, Options: []string{"multiline", "alt_circumflex"}}, "a\n", true},
		{config.HTTPRegex{Pattern: `\u0062`, Options: []string{"alt_bsux"}}, "b", true},
		{config.HTTPRegex{Pattern: `^\w$`}, "\xe9", false},
		{config.HTTPRegex{Pattern: `^\w$`, Options: []string{"ucp"}}, "\xe9", true},
		{config.HTTPRegex{Pattern: `^\w$`, Options: []string{"utf"}}, "é", false},
		{config.HTTPRegex{Pattern: `^\w$`, Options: []string{"utf", "ucp"}}, "é", true},
		{config.HTTPRegex{Pattern: `aa\Kb`, MaxOffset: 1}, "aab", false}, // the match starts at b
		{config.HTTPRegex{Pattern: `aa\Kb`, MaxOffset: 2}, "aab", true},
		{config.HTTPRegex{Pattern: `aaaa++a`}, "aaaaaa", false},
		{config.HTTPRegex{Pattern: "b", Options: []string{"firstline"}}, "a\nb", false},
		{config.HTTPRegex{Pattern: "b\nc", Options: []string{"firstline"}}, "ab\nc", true},
		{config.HTTPRegex{Pattern: "a$"}, "a\n", true},
		{config.HTTPRegex{Pattern: "a$", Options: []string{"dollar_endonly"}}, "a\n", false},
		{config.HTTPRegex{Pattern: "a$", Options: []string{"dollar_endonly"}}, "a", true},
		{config.HTTPRegex{Pattern: `\$[$]$`, Options: []string{"dollar_endonly"}}, "$$", true},
		{config.HTTPRegex{Pattern: "a$", Options: []string{"dollar_endonly", "multiline"}}, "a\nb", true},
		{config.HTTPRegex{Pattern: "[]a]"}, "]", true},
		{config.HTTPRegex{Pattern: "[]a]", Options: []string{"allow_empty_class"}}, "a]", false},
		{config.HTTPRegex{Pattern: "x[^]y", Options: []string{"allow_empty_class"}}, "x\ny", true},
		{config.HTTPRegex{Pattern: "b", MaxOffset: 1}, "aab", false},
		{config.HTTPRegex{Pattern: "b", MaxOffset: 2}, "aab", true},
		{config.HTTPRegex{Pattern: "a", MinOffset: 1}, "ab", false},
		{config.HTTPRegex{Pattern: "a", MinOffset: 9}, "ab", false},
		{config.HTTPRegex{Pattern: "^.$"}, "é", false}, // two bytes
		{config.HTTPRegex{Pattern: "^.$", Options: []string{"utf"}}, "é", true},
		{config.HTTPRegex{Pattern: "é"}, "né", true},
		{config.HTTPRegex{Pattern: "b", Options: []string{"utf"}, MinOffset: 2}, "éb", true},
		{config.HTTPRegex{Pattern: `(a+)+$`}, strings.Repeat("a", 50000) + "b", false}, // would take for ever
	} {
		c, err := compileRegex(&tc.r)
		if err != nil {
			t.Errorf("%+v: %v", tc.r, err)
			continue
		}
		if got, _ := c.matches([]byte(tc.subject)); got != tc.want {
			t.Errorf("%+v on %.20q: %v", tc.r, tc.subject, got)
		}
	}
	// What takes too long is a failure, with regex_no_match too.
	slow := config.HTTPURL{Path: "/", Regex: &config.HTTPRegex{Pattern: `(a+)+$`, NoMatch: true}}
	regex, err := compileRegex(slow.Regex)
	if err != nil {
		t.Fatal(err)
	}
	a := newAnswer(&slow, regex)
	a.add([]byte("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("a", 50000) + "b"))
	expect(t, a.judge(), health.Bad, logtext.ReasonWebRegex)
	if _, err := compileRegex(&config.HTTPRegex{Pattern: "("}); err == nil {
		t.Error("unclosed group compiles")
	}
}

func TestHTTPMisbehaviour(t *testing.T) {
	drip := func(conn net.Conn) {
		readRequest(conn)
		for _, b := range []byte("HTTP/1.1 200 OK\r\n\r\nslow") {
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(short / 10)
		}
	}
	keepOpen := func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		silent(conn)
	}
	endlessHeader := func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Header: "+strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	}
	resetMiddle := func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\nhal")
		time.Sleep(short / 5)
		reset(conn)
	}
	for name, tc := range map[string]struct {
		server  func(net.Conn)
		timeout time.Duration
		want    health.Verdict
		text    string
	}{
		"silent":         {silent, short, health.Bad, logtext.ReasonWebFirstByte},
		"one byte each":  {drip, short, health.Good, ""},
		"keeps open":     {keepOpen, short, health.Bad, logtext.ReasonWebReadTime},
		"endless header": {endlessHeader, long, health.Bad, logtext.ReasonWebNoData},
		"reset":          {resetMiddle, long, health.Bad, logtext.ReasonWebRead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, run(t, webCheck(serve(t, tc.server), tc.timeout)), tc.want, tc.text)
		})
	}
	t.Run("refused", func(t *testing.T) {
		expect(t, run(t, webCheck(closedPort(t, "tcp"), long)), health.Bad, logtext.ReasonWebRefused)
	})
	t.Run("no answer", func(t *testing.T) {
		expect(t, run(t, webCheck(fullBacklog(t), short)), health.Bad, logtext.ReasonWebConnectTime)
	})
}

// TestRedirectCircle: a redirect is an answer as any other, not a way to go.
func TestRedirectCircle(t *testing.T) {
	var asked atomic.Int32
	to := serve(t, func(conn net.Conn) {
		asked.Add(1)
		readRequest(conn)
		fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: http://%s/\r\n\r\n", conn.LocalAddr())
	})
	expect(t, run(t, webCheck(to, long)), health.Bad, logtext.ReasonWebStatus)
	expect(t, run(t, webCheck(to, long, &config.HTTPURL{Path: "/", StatusCodes: []config.StatusRange{{First: 300, Last: 399}}})), health.Good, "")
	if n := asked.Load(); n != 2 {
		t.Errorf("two checks asked %d times", n)
	}
}

// TestHTTPEndless: an answer that drips for ever ends the check at last.
func TestHTTPEndless(t *testing.T) {
	timeout := 10 * time.Millisecond
	to := serve(t, func(conn net.Conn) {
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		for err == nil {
			_, err = conn.Write([]byte("x"))
		}
	})
	begin := time.Now()
	expect(t, run(t, webCheck(to, timeout)), health.Bad, logtext.ReasonWebReadTime)
	if took := time.Since(begin); took > 20*patience*timeout {
		t.Errorf("ended after %v", took)
	}
}

// TestHTTPHugeBody: what a server sends is not kept.
func TestHTTPHugeBody(t *testing.T) {
	const size = 512 << 20
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	to := serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n")
		for sent := 0; sent < size; sent += len(chunk) {
			if _, err := conn.Write(chunk); err != nil {
				return
			}
		}
	})
	url := &config.HTTPURL{Path: "/", Digest: make([]byte, 16), Regex: &config.HTTPRegex{Pattern: "never"}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o := run(t, webCheck(to, long, url))
	runtime.ReadMemStats(&after)
	expect(t, o, health.Bad, logtext.ReasonWebDigest)
	if o.Received != size {
		t.Errorf("received %d, want %d", o.Received, size)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("allocated %d bytes for an answer of %d", used, size)
	}
}

func TestHTTPLengths(t *testing.T) {
	o := run(t, webCheck(answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhello"), long))
	if !o.HasLength || o.ContentLength != 7 || o.Received != 5 {
		t.Errorf("length %v %d, received %d", o.HasLength, o.ContentLength, o.Received)
	}
}

func tlsServer(t *testing.T, handler http.HandlerFunc, change func(*tls.Config)) (*httptest.Server, netip.AddrPort) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.TLS = &tls.Config{}
	if change != nil {
		change(s.TLS)
	}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s, netip.MustParseAddrPort(s.Listener.Addr().String())
}

func sslCheck(to netip.AddrPort, timeout time.Duration, url *config.HTTPURL) *config.Checker {
	c := webCheck(to, timeout, url)
	c.Kind = config.CheckSSL
	return c
}

func TestSSL(t *testing.T) {
	names := make(chan string, 10)
	_, to := tlsServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "secret") }, func(c *tls.Config) {
		c.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			names <- h.ServerName
			return nil, nil
		}
	})
	// The certificate is the test server's own, which nobody knows.
	o := run(t, sslCheck(to, long, &config.HTTPURL{Path: "/", Digest: digestOf("secret")}))
	expect(t, o, health.Good, "")
	if name := <-names; name != "" {
		t.Errorf("server name %q without sni_name", name)
	}
	for _, compliant := range []bool{false, true} {
		o = run(t, sslCheck(to, long, &config.HTTPURL{Path: "/", SNIName: "www.x.example", TLSCompliant: compliant}))
		expect(t, o, health.Good, "")
		if name := <-names; name != "www.x.example" {
			t.Errorf("server name %q", name)
		}
	}
}

func TestSSLMisbehaviour(t *testing.T) {
	url := &config.HTTPURL{Path: "/"}
	expect(t, run(t, sslCheck(serve(t, silent), short, url)), health.Bad, logtext.ReasonWebConnectTime)
	expect(t, run(t, sslCheck(serve(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.0 400 Bad\r\n\r\n")
		silent(conn)
	}), long, url)), health.Bad, logtext.ReasonWebHandshake)
	expect(t, run(t, sslCheck(serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 10))
		reset(conn)
	}), long, url)), health.Bad, logtext.ReasonWebHandshake)
	expect(t, run(t, sslCheck(serve(t, func(conn net.Conn) {
		_, _ = conn.Write(bytes.Repeat([]byte{0x16, 3, 1, 0, 4, 1, 2, 3, 4}, 10))
	}), long, url)), health.Bad, logtext.ReasonWebHandshake)

	// The whole body has one timeout.
	_, to := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		for range 100 {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(short / 4):
			}
		}
	}, nil)
	expect(t, run(t, sslCheck(to, short, url)), health.Bad, logtext.ReasonWebReadTimeSSL)
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 3)
	f.Add([]byte("HTTP/1.1 200\r\n\r\n"), 1)
	f.Add([]byte("\r\n\r\n"), 2)
	url := &config.HTTPURL{Digest: digestOf("hello"), Regex: &config.HTTPRegex{Pattern: "hello"}}
	regex, err := compileRegex(url.Regex)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		// However it is cut into reads, the verdict is the same.
		whole := newAnswer(url, regex)
		wholeOK := whole.add(data)
		parts := newAnswer(url, regex)
		partsOK := true
		size := max(cut%64, 1)
		for rest := data; len(rest) > 0 && partsOK; {
			n := min(size, len(rest))
			partsOK = parts.add(rest[:n])
			rest = rest[n:]
		}
		if len(data) >= readSize {
			return // a single read is never that long
		}
		a, b := whole.judge(), parts.judge()
		if wholeOK != partsOK || a != b {
			t.Errorf("whole %v %+v, in pieces of %d %v %+v", wholeOK, a, size, partsOK, b)
		}
	})
}
