package checkers

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func listenWithBacklog(t *testing.T, n int) netip.AddrPort {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, n); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	in := sa.(*unix.SockaddrInet4)
	return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
}

// tcpCases are what a TCP_CHECK can meet; both implementations must agree.
func tcpCases(t *testing.T) map[string]struct {
	check *config.Checker
	want  health.Verdict
	text  string
} {
	open := serve(t, silent)
	from := *check(config.CheckTCP, open, long)
	from.BindAddr = netip.MustParseAddr("127.0.0.5")
	notHere := *check(config.CheckTCP, open, long)
	notHere.BindAddr = netip.MustParseAddr("192.0.2.1")
	lo := *check(config.CheckTCP, open, long)
	lo.BindIf = "lo"
	noIf := *check(config.CheckTCP, open, long)
	noIf.BindIf = "gk-none0"
	return map[string]struct {
		check *config.Checker
		want  health.Verdict
		text  string
	}{
		"open":         {check(config.CheckTCP, open, long), health.Good, ""},
		"refused":      {check(config.CheckTCP, closedPort(t, "tcp"), long), health.Bad, "failed"},
		"no answer":    {check(config.CheckTCP, fullBacklog(t), short), health.Bad, "timeout"},
		"bindto":       {&from, health.Good, ""},
		"foreign":      {&notHere, health.LocalTrouble, "socket bind failed."},
		"bind_if":      {&lo, health.Good, ""},
		"no such if":   {&noIf, health.LocalTrouble, "socket bind failed."},
		"other family": {check(config.CheckTCP, netip.MustParseAddrPort("[::1]:1"), long), health.Bad, "failed"},
		"not unicast":  {check(config.CheckTCP, netip.MustParseAddrPort("255.255.255.255:1"), long), health.Bad, "failed"},
	}
}

func TestTCP(t *testing.T) {
	for name, tc := range tcpCases(t) {
		t.Run(name, func(t *testing.T) { expect(t, run(t, tc.check), tc.want, tc.text) })
	}
}

func TestPool(t *testing.T) {
	results := make(chan PoolResult, 100)
	pool, err := NewPool(func(batch []PoolResult) {
		for _, r := range batch {
			results <- r
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	cases := tcpCases(t)
	names := map[Token]string{}
	for name, tc := range cases {
		token := Token{ID: health.CheckerID(len(names)), Run: 7}
		names[token] = name
		pool.Start(token, tc.check)
	}
	for range cases {
		r := <-results
		tc := cases[names[r.Token]]
		if r.Verdict != tc.want || tc.want != health.Good && r.Text != tc.text {
			t.Errorf("%s: verdict %d %q, want %d %q", names[r.Token], r.Verdict, r.Text, tc.want, tc.text)
		}
		if tc.text == "timeout" && (r.Duration < short || r.Duration > 10*short) {
			t.Errorf("%s took %v, want %v", names[r.Token], r.Duration, short)
		}
	}
}

func TestPoolCancel(t *testing.T) {
	results := make(chan PoolResult, 100)
	pool, err := NewPool(func(batch []PoolResult) {
		for _, r := range batch {
			results <- r
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	full := fullBacklog(t)
	open := serve(t, silent)
	before := descriptors(t)
	for i := range 20 {
		pool.Start(Token{Run: uint64(i + 1)}, check(config.CheckTCP, full, long))
	}
	pool.Cancel(Token{Run: 3})
	pool.CancelAll()
	// Requests are carried out in order, so this one comes after.
	pool.Start(Token{Run: 99}, check(config.CheckTCP, open, long))
	if r := <-results; r.Run != 99 {
		t.Errorf("result of cancelled connection %d", r.Run)
	}
	if after := descriptors(t); after > before+1 { // the server may still hold its end
		t.Errorf("%d descriptors after cancelling, %d before", after, before)
	}
	pool.Close()
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestNoDescriptor: a check that gets no socket says nothing about the server.
func TestNoDescriptor(t *testing.T) {
	if os.Getenv("GK_NO_DESCRIPTORS") == "" {
		cmd := helperProcess(t, "TestNoDescriptor", "GK_NO_DESCRIPTORS=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	to := serve(t, silent)
	results := make(chan PoolResult, 1)
	pool, err := NewPool(func(batch []PoolResult) { results <- batch[0] })
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	used := 0
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			break
		}
		used = max(used, fd)
	}
	limit := unix.Rlimit{Cur: uint64(used), Max: uint64(used)}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	pool.Start(Token{Run: 1}, check(config.CheckTCP, to, long))
	o := (<-results).Outcome
	expect(t, o, health.LocalTrouble, "fail to create socket.")
	o = (&Target{Checker: check(config.CheckTCP, to, long)}).Run(context.Background())
	if o.Verdict != health.LocalTrouble {
		t.Errorf("verdict %d %q, want local trouble", o.Verdict, o.Text)
	}
}

func TestMark(t *testing.T) {
	c := check(config.CheckTCP, serve(t, silent), long)
	c.Fwmark = 7
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := prepare(fd, c, true); err != nil {
		if os.Geteuid() != 0 {
			nstest.Missing(t, "root", err)
		}
		t.Fatal(err)
	}
	if mark, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK); err != nil || mark != 7 {
		t.Errorf("mark %d, %v", mark, err)
	}
	expect(t, run(t, c), health.Good, "")
}

func TestBindPort(t *testing.T) {
	from := make(chan string, 1)
	to := serve(t, func(conn net.Conn) { from <- conn.RemoteAddr().String() })
	c := check(config.CheckTCP, to, long)
	c.BindAddr, c.BindPort = netip.MustParseAddr("127.0.0.6"), closedPort(t, "tcp").Port()
	expect(t, run(t, c), health.Good, "")
	want := netip.AddrPortFrom(c.BindAddr, c.BindPort).String()
	if got := <-from; got != want {
		t.Errorf("connected from %s, want %s", got, want)
	}
}

func TestClassify(t *testing.T) {
	for _, tc := range []struct {
		errno syscall.Errno
		local bool
	}{
		{unix.ECONNREFUSED, false}, {unix.ENETUNREACH, false}, {unix.EHOSTUNREACH, false}, {unix.EHOSTDOWN, false},
		{unix.ENETDOWN, false}, {unix.ECONNRESET, false}, {unix.ECONNABORTED, false}, {unix.ETIMEDOUT, false},
		{unix.EADDRNOTAVAIL, true}, {unix.EINVAL, true}, {unix.EACCES, true}, {unix.EMFILE, true},
	} {
		if _, local := classify(tc.errno); local != tc.local {
			t.Errorf("%v: local %v", tc.errno, local)
		}
	}
}

func TestCancelEndsProbe(t *testing.T) {
	for name, c := range map[string]*config.Checker{
		"tcp":  check(config.CheckTCP, fullBacklog(t), time.Hour),
		"http": webCheck(serve(t, silent), time.Hour),
		"smtp": smtpCheck(serve(t, silent), time.Hour),
		"dns":  dnsCheck(serveUDP(t, func([]byte) [][]byte { return nil }), time.Hour),
		"udp":  udpCheck(serveUDP(t, func([]byte) [][]byte { return nil }), time.Hour, true),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), short)
			defer cancel()
			begin := time.Now()
			(&Target{Checker: c}).Run(ctx)
			if took := time.Since(begin); took > 20*short {
				t.Errorf("took %v after being cancelled at %v", took, short)
			}
		})
	}
}

func TestProbesOfAllKinds(t *testing.T) {
	for kind := config.CheckTCP; !strings.HasPrefix(kind.String(), "unknown"); kind++ {
		timed := kind != config.CheckFILE && kind != config.CheckBFD
		if (Of(kind) != nil) != timed {
			t.Errorf("%v: probe %v", kind, !timed)
		}
	}
}
