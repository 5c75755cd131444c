package checkrun

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

// recorder collects log lines and events in one list.
type recorder struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

func newRecorder() *recorder { return &recorder{news: make(chan struct{}, 1)} }

func (r *recorder) add(line string) {
	r.mu.Lock()
	r.lines = append(r.lines, line)
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// Send is event.Sink.
func (r *recorder) Send(ev event.Event) {
	word := map[bool]string{true: "UP", false: "DOWN"}
	switch ev := ev.(type) {
	case event.RealServerState:
		r.add("RS " + ev.RealServer + " " + ev.VirtualServer + " " + word[ev.Up])
	case event.VirtualServerState:
		r.add("VS " + ev.VirtualServer + " " + word[ev.Up])
	}
}

// Enabled, Handle, WithAttrs and WithGroup are slog.Handler.
func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	r.add("| " + rec.Message)
	return nil
}
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r *recorder) WithGroup(string) slog.Handler      { return r }

// wait returns when line has come, and forgets everything up to it.
func (r *recorder) wait(t *testing.T, line string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		i := slices.Index(r.lines, line)
		if i >= 0 {
			r.lines = r.lines[i+1:]
		}
		seen := strings.Join(r.lines, "\n")
		r.mu.Unlock()
		if i >= 0 {
			return
		}
		select {
		case <-r.news:
		case <-deadline:
			t.Fatalf("%q did not come, but:\n%s", line, seen)
		}
	}
}

// lab is an Engine on an IPVS in memory.
type lab struct {
	*recorder
	*Engine
	kernel *ipvstest.Kernel
	cancel context.CancelFunc
	ended  chan error
	// present and post are this host's addresses and who follows them.
	present []netip.Addr
	post    func(health.Event)
}

func startLab(t *testing.T, cfg *config.Config, kernel *ipvstest.Kernel) *lab {
	t.Helper()
	l := &lab{recorder: newRecorder(), kernel: kernel, ended: make(chan error, 1)}
	ready := make(chan struct{})
	l.Engine = New(cfg, Options{
		Log: slog.New(l.recorder), Detail: true, Events: l.recorder, Ready: func() { close(ready) },
		Random:     rand.New(rand.NewPCG(1, 1)),
		OpenKernel: func(*config.Global) (ipvs.Kernel, error) { return l.kernel, nil },
		WatchAddresses: func(_ *config.Global, post func(health.Event)) ([]netip.Addr, func(), error) {
			l.post = post
			return l.present, func() {}, nil
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go func() { l.ended <- l.Run(ctx) }()
	select {
	case <-ready:
	case err := <-l.ended:
		t.Fatalf("Run: %v", err)
	}
	t.Cleanup(cancel)
	return l
}

// table is what the kernel holds now.
func (l *lab) table() string {
	var s string
	if !l.call(func() { s = l.kernel.Mirror.Table().String() }) {
		s = l.kernel.Mirror.Table().String()
	}
	return s
}

func (l *lab) stop(t *testing.T) {
	t.Helper()
	l.cancel()
	if err := <-l.ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// tcpServer is a listener that can be closed and opened again.
func tcpServer(t *testing.T) *net.TCPListener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln.(*net.TCPListener)
}

func addressOf(ln net.Listener) netip.AddrPort { return netip.MustParseAddrPort(ln.Addr().String()) }

// oneServer is a virtual server 10.9.1.1:80 with TCP_CHECKs on servers.
func oneServer(servers ...netip.AddrPort) *config.Config {
	c := &config.Config{Global: config.NewGlobal()}
	vs := &config.VirtualServer{
		Family: config.IPv4, Address: netip.MustParseAddr("10.9.1.1"), Port: 80, Protocol: config.TCP, Scheduler: "rr",
		Forwarding: config.Forwarding{Method: config.NAT}, Quorum: 1, Name: "[10.9.1.1]:tcp:80",
	}
	for _, at := range servers {
		vs.RealServers = append(vs.RealServers, &config.RealServer{
			Address: at.Addr(), Port: at.Port(), Forwarding: vs.Forwarding, Weight: 1, Name: name(at),
			Checkers: []*config.Checker{{
				Kind: config.CheckTCP, Destination: at, ConnectTimeout: time.Second,
				DelayLoop: 100 * time.Millisecond, DelayBeforeRetry: 50 * time.Millisecond, Retry: 1,
			}},
		})
	}
	c.VirtualServers = append(c.VirtualServers, vs)
	return c
}

func name(at netip.AddrPort) string { return fmt.Sprintf("[%s]:tcp:%d", at.Addr(), at.Port()) }

func TestServersGoAndCome(t *testing.T) {
	t.Parallel()
	a, b := tcpServer(t), tcpServer(t)
	atA, atB := addressOf(a), addressOf(b)
	cfg := oneServer(atA, atB)
	cfg.VirtualServers[0].SorryServer = &config.SorryServer{
		Address: netip.MustParseAddr("10.9.0.10"), Port: 80, Forwarding: config.Forwarding{Method: config.NAT},
	}
	l := startLab(t, cfg, ipvstest.New())
	head := "-A -t 10.9.1.1:80 -s rr\n"
	lineA, lineB := "-a -t 10.9.1.1:80 -r "+atA.String()+" -m -w 1\n", "-a -t 10.9.1.1:80 -r "+atB.String()+" -m -w 1\n"
	check := func(want string) {
		t.Helper()
		if got := l.table(); got != want {
			t.Errorf("table:\n%swant:\n%s", got, want)
		}
	}
	reasons := func(quorum string, servers ...string) {
		t.Helper()
		vs := l.Snapshot().VirtualServers[0]
		got := []string{vs.Reason}
		for _, rs := range vs.RealServers {
			got = append(got, rs.Reason)
		}
		if want := append([]string{quorum}, servers...); !slices.Equal(got, want) {
			t.Errorf("reasons %q, want %q", got, want)
		}
	}
	check(head + lineA + lineB)
	gained := "Gained quorum 1+0=1 <= %d for VS [10.9.1.1]:tcp:80"
	reasons(fmt.Sprintf(gained, 2), "in service from the start", "in service from the start")
	l.wait(t, "| Activating BFD healthchecker")
	l.wait(t, "| TCP connection to "+name(atA)+" success.")
	a.Close()
	l.wait(t, "| TCP_CHECK on service "+name(atA)+" failed after 1 retries.")
	l.wait(t, "RS "+name(atA)+" [10.9.1.1]:tcp:80 DOWN")
	check(head + lineB)
	b.Close()
	l.wait(t, "| Lost quorum 1-0=1 > 0 for VS [10.9.1.1]:tcp:80")
	l.wait(t, "VS [10.9.1.1]:tcp:80 DOWN")
	check(head + "-a -t 10.9.1.1:80 -r 10.9.0.10:80 -m -w 1\n")
	failed := func(at netip.AddrPort) string { return "TCP_CHECK on service " + name(at) + " failed after 1 retries." }
	reasons("Lost quorum 1-0=1 > 0 for VS [10.9.1.1]:tcp:80", failed(atA), failed(atB))
	if ck := l.Snapshot().VirtualServers[0].RealServers[0].Checkers[0]; ck.LastText != "failed" || ck.LastDuration <= 0 || ck.LastRun.IsZero() {
		t.Errorf("last check: %q in %v at %v", ck.LastText, ck.LastDuration, ck.LastRun)
	}
	again, err := net.Listen("tcp", atA.String())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	l.wait(t, "VS [10.9.1.1]:tcp:80 UP")
	check(head + lineA)
	reasons(fmt.Sprintf(gained, 1), "TCP connection to "+name(atA)+" success.", failed(atB))
	l.stop(t)
	check("")
}
