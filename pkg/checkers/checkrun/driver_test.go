package checkrun

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// nowhere is a server that answers nothing and need not.
var nowhere = netip.MustParseAddrPort("10.9.0.11:80")

// with replaces the checkers of every server of cfg.
func with(cfg *config.Config, checkers ...*config.Checker) *config.Config {
	for _, rs := range cfg.VirtualServers[0].RealServers {
		rs.Checkers = checkers
	}
	return cfg
}

func (l *lab) expectTable(t *testing.T, want string) {
	t.Helper()
	if got := l.table(); got != want {
		t.Errorf("table:\n%swant:\n%s", got, want)
	}
}

// eventually waits for what reading the table back brings about.
func (l *lab) eventually(t *testing.T, good func(table string) bool) {
	t.Helper()
	for end := time.Now().Add(patient); !good(l.table()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("table:\n%s", l.table())
		}
	}
}

const (
	headLine   = "-A -t 10.9.1.1:80 -s rr\n"
	serverLine = "-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w "
)

func TestBFDEvents(t *testing.T) {
	t.Parallel()
	l := startLab(t, with(oneServer(nowhere), &config.Checker{Kind: config.CheckBFD, BFD: "s"}), ipvstest.New())
	l.Post(health.BFDState{Session: "s", Up: false})
	l.wait(t, "| BFD check of [s] RS([10.9.0.11]:tcp:80) is DOWN")
	l.wait(t, "RS [10.9.0.11]:tcp:80 [10.9.1.1]:tcp:80 DOWN")
	l.expectTable(t, headLine)
	l.Post(health.BFDState{Session: "s", Up: true})
	l.wait(t, "RS [10.9.0.11]:tcp:80 [10.9.1.1]:tcp:80 UP")
	l.expectTable(t, headLine+serverLine+"1\n")
	if s := l.Snapshot(); len(s.BFD) != 1 || s.BFD[0] != (status.CheckerBFD{Name: "s", Known: true, Up: true}) {
		t.Errorf("snapshot %+v", s.BFD)
	}
	l.stop(t)
}

func TestFileWeight(t *testing.T) {
	t.Parallel()
	// Not the host's files that a kernel in user mode sees, which it cannot
	// watch.
	dir, err := os.MkdirTemp("/dev/shm", "gkcheck")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "load")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("4\n")
	cfg := with(oneServer(nowhere), &config.Checker{Kind: config.CheckFILE, File: &config.FileCheck{TrackFile: "load", Weight: 2}})
	cfg.Files = []*config.TrackFile{{Name: "load", Path: path, Weight: 1}, {Name: "unused", Path: path + "2"}}
	l := startLab(t, cfg, ipvstest.New())
	l.expectTable(t, headLine+serverLine+"9\n")
	write("1\n")
	l.wait(t, "| Changing weight from 9 to 3 for active service [10.9.0.11]:tcp:80 of VS [10.9.1.1]:tcp:80")
	l.expectTable(t, headLine+serverLine+"3\n")
	if s := l.Snapshot(); len(s.Files) != 1 || s.Files[0].Value != 1 {
		t.Errorf("snapshot %+v", s.Files)
	}
	l.stop(t)
}

func TestMiscDynamic(t *testing.T) {
	t.Parallel()
	code := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(code, []byte("12"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := config.Script{Args: []string{"/bin/sh", "-c", "exit $(cat " + code + ")"}, Text: "sh"}
	cfg := with(oneServer(nowhere), &config.Checker{
		Kind: config.CheckMISC, DelayLoop: 100 * time.Millisecond, DelayBeforeRetry: 50 * time.Millisecond,
		Misc: &config.MiscCheck{Script: script, Timeout: time.Minute, Dynamic: true},
	})
	l := startLab(t, cfg, ipvstest.New())
	l.wait(t, "| Changing weight from 1 to 10 for active service [10.9.0.11]:tcp:80 of VS [10.9.1.1]:tcp:80")
	l.wait(t, "| Misc check for [[10.9.0.11]:tcp:80 VS [10.9.1.1]:tcp:80] by [/bin/sh] succeeded.")
	l.expectTable(t, headLine+serverLine+"10\n")
	if err := os.WriteFile(code, []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.wait(t, "| Misc check for [[10.9.0.11]:tcp:80 VS [10.9.1.1]:tcp:80] by [/bin/sh] failed with retry disabled (exited with status 1).")
	l.wait(t, "VS [10.9.1.1]:tcp:80 DOWN")
	l.expectTable(t, headLine)
	l.stop(t)
}

// TestStopEndsScripts: the end does not wait for a script that hangs.
func TestStopEndsScripts(t *testing.T) {
	t.Parallel()
	started := filepath.Join(t.TempDir(), "started")
	cfg := with(oneServer(nowhere), &config.Checker{
		Kind: config.CheckMISC, DelayLoop: time.Minute,
		Misc: &config.MiscCheck{Script: config.Script{Args: []string{"/bin/sh", "-c", "echo $$ >" + started + "; exec sleep 600"}}, Timeout: time.Hour},
	})
	l := startLab(t, cfg, ipvstest.New())
	var pid int
	for pid == 0 {
		time.Sleep(20 * time.Millisecond)
		text, err := os.ReadFile(started)
		if err == nil && strings.HasSuffix(string(text), "\n") {
			for _, d := range strings.TrimSpace(string(text)) {
				pid = pid*10 + int(d-'0')
			}
		}
	}
	begin := time.Now()
	l.stop(t)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("stop took %v", took)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("script %d: %v", pid, err)
	}
}

func TestSuspend(t *testing.T) {
	t.Parallel()
	ln := tcpServer(t)
	accepted := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
			accepted <- struct{}{}
		}
	}()
	cfg := oneServer(addressOf(ln))
	cfg.VirtualServers[0].HASuspend = true
	l := startLab(t, cfg, ipvstest.New())
	rs := name(addressOf(ln))
	l.wait(t, "| Deactivating healthchecker for service "+rs+" for VS [10.9.1.1]:tcp:80")
	l.post(health.AddressAdded{Address: netip.MustParseAddr("10.9.1.1")})
	l.wait(t, "| Activating healthchecker for service "+rs+" for VS [10.9.1.1]:tcp:80")
	l.wait(t, "| TCP connection to "+rs+" success.")
	l.post(health.AddressRemoved{Address: netip.MustParseAddr("10.9.1.1")})
	l.wait(t, "| Suspending healthchecker for service "+rs+" for VS [10.9.1.1]:tcp:80")
	if s := l.Snapshot(); !s.VirtualServers[0].Suspended {
		t.Error("snapshot does not say suspended")
	}
	time.Sleep(50 * time.Millisecond) // what was under way arrives
	for len(accepted) > 0 {
		<-accepted
	}
	time.Sleep(400 * time.Millisecond) // four periods
	if n := len(accepted); n > 0 {
		t.Errorf("%d checks while suspended", n)
	}
	l.stop(t)
}

// TestSuspendByReload: addresses are looked at only when somebody asks.
func TestSuspendByReload(t *testing.T) {
	t.Parallel()
	l := startLab(t, oneServer(nowhere), ipvstest.New())
	if l.post != nil {
		t.Error("addresses are watched without ha_suspend")
	}
	l.present = []netip.Addr{netip.MustParseAddr("10.9.1.1")}
	cfg := oneServer(nowhere)
	cfg.VirtualServers[0].HASuspend = true
	if err := l.Reload(cfg); err != nil {
		t.Fatal(err)
	}
	if l.Snapshot().VirtualServers[0].Suspended {
		t.Error("suspended although the address is here")
	}
	l.post(health.AddressRemoved{Address: netip.MustParseAddr("10.9.1.1")})
	l.wait(t, "| Suspending healthchecker for service [10.9.0.11]:tcp:80 for VS [10.9.1.1]:tcp:80")
	l.stop(t)
}

func TestReload(t *testing.T) {
	t.Parallel()
	a, b := tcpServer(t), tcpServer(t)
	kernel := ipvstest.New()
	l := startLab(t, oneServer(addressOf(a)), kernel)
	l.wait(t, "| TCP connection to "+name(addressOf(a))+" success.")
	// The operator takes away what is ours; the reload mends it.
	l.call(func() {
		kernel.Apply(ipvs.Op{Kind: ipvs.DelService, Key: ipvs.AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)})
	})
	cfg := oneServer(addressOf(a), addressOf(b))
	cfg.VirtualServers[0].Scheduler = "wlc"
	if err := l.Reload(cfg); err != nil {
		t.Fatal(err)
	}
	l.wait(t, "| Reinitializing ipvs")
	const want = "-A -t 10.9.1.1:80 -s wlc\n-a -t 10.9.1.1:80 -r %v -m -w 1\n-a -t 10.9.1.1:80 -r %v -m -w 1\n"
	l.eventually(t, func(table string) bool { return table == fmt.Sprintf(want, addressOf(a), addressOf(b)) })
	l.wait(t, "| TCP connection to "+name(addressOf(b))+" success.")
	s := l.Snapshot()
	if s.Reloaded.IsZero() || s.Config != cfg || s.VirtualServers[0].RealServers[0].Checkers[0].Runs == 0 {
		t.Errorf("snapshot after reload: %+v", s)
	}
	l.stop(t)
	if err := l.Reload(cfg); err == nil {
		t.Error("a stopped engine reloads")
	}
	if s := l.Snapshot(); len(s.VirtualServers) != 0 {
		t.Errorf("snapshot after stop has %d servers", len(s.VirtualServers))
	}
}

// TestReloadBadCertificate: what cannot be run is refused, the old goes on.
func TestReloadBadCertificate(t *testing.T) {
	t.Parallel()
	l := startLab(t, oneServer(nowhere), ipvstest.New())
	cfg := with(oneServer(nowhere), &config.Checker{Kind: config.CheckSSL, HTTP: &config.HTTPCheck{URLs: []*config.HTTPURL{{Path: "/"}}}})
	cfg.SSL = &config.SSL{Certificate: "/no/such/file"}
	if err := l.Reload(cfg); !errors.Is(err, ErrConfig) {
		t.Errorf("Reload: %v", err)
	}
	if s := l.Snapshot(); s.VirtualServers[0].RealServers[0].Checkers[0].Config.Kind != config.CheckTCP {
		t.Error("the old configuration does not go on")
	}
	l.stop(t)
	l2 := New(cfg, Options{OpenKernel: func(*config.Global) (ipvs.Kernel, error) { return ipvstest.New(), nil }})
	if err := l2.Run(t.Context()); !errors.Is(err, ErrConfig) {
		t.Errorf("Run: %v", err)
	}
}

// TestKernelRefuses: the state does not change while the kernel refuses, and
// the next check tries again.
func TestKernelRefuses(t *testing.T) {
	t.Parallel()
	ln := tcpServer(t)
	at := addressOf(ln)
	kernel := ipvstest.New()
	var refuse sync.Map
	kernel.Fail = func(op ipvs.Op) syscall.Errno {
		if _, on := refuse.Load(op.Kind); on {
			return syscall.EPERM
		}
		return 0
	}
	l := startLab(t, oneServer(at), kernel)
	l.wait(t, "| TCP connection to "+name(at)+" success.")
	refuse.Store(ipvs.DelDest, true)
	ln.Close()
	for range 2 {
		l.wait(t, "| Removing service "+name(at)+" from VS [10.9.1.1]:tcp:80")
		l.wait(t, "| IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: Permission denied (you must be root)(1) (10.9.1.1:tcp:80 -> "+at.String()+")")
	}
	s := l.Snapshot()
	if !s.VirtualServers[0].RealServers[0].Up || s.KernelErrors < 2 {
		t.Errorf("up %v, %d kernel errors", s.VirtualServers[0].RealServers[0].Up, s.KernelErrors)
	}
	refuse.Delete(ipvs.DelDest)
	l.wait(t, "RS "+name(at)+" [10.9.1.1]:tcp:80 DOWN")
	l.expectTable(t, headLine)
	l.stop(t)
}

func TestSetWeight(t *testing.T) {
	t.Parallel()
	kernel := ipvstest.New()
	var refuse atomic.Bool
	kernel.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.SetDest && refuse.Load() {
			return syscall.EPERM
		}
		return 0
	}
	l := startLab(t, with(oneServer(nowhere)), kernel)
	server := func() status.RealServer { return l.Snapshot().VirtualServers[0].RealServers[0] }
	old := server().Config
	if err := l.SetWeight(old, 7); err != nil {
		t.Error(err)
	}
	l.expectTable(t, headLine+serverLine+"7\n")
	if s := server(); s.Base != 7 || s.Effective != 7 {
		t.Errorf("snapshot: base %d, effective %d", s.Base, s.Effective)
	}
	refuse.Store(true)
	if err := l.SetWeight(old, 8); err == nil || server().Base != 7 {
		t.Errorf("refused by the kernel: %v, base %d", err, server().Base)
	}
	refuse.Store(false)
	if err := l.Reload(with(oneServer(nowhere))); err != nil {
		t.Fatal(err)
	}
	l.expectTable(t, headLine+serverLine+"1\n")
	if err := l.SetWeight(old, 5); err == nil {
		t.Error("a server of an old configuration was taken")
	}
	l.stop(t)
	if err := l.SetWeight(old, 5); err == nil {
		t.Error("an engine that has stopped took a weight")
	}
}

func TestStopModes(t *testing.T) {
	t.Parallel()
	foreign := ipvs.Op{Kind: ipvs.NewService, Key: ipvs.AddressKey(config.TCP, netip.MustParseAddr("10.9.1.9"), 80), Settings: ipvs.ServiceSettings{Scheduler: "rr"}}
	for _, tc := range []struct {
		mode config.LVSFlush
		want string
	}{
		{config.FlushServers, "-A -t 10.9.1.9:80 -s rr\n"},
		{config.FlushVS, "-A -t 10.9.1.9:80 -s rr\n"},
		{config.FlushAll, ""},
	} {
		kernel := ipvstest.New()
		kernel.Apply(foreign)
		cfg := oneServer(nowhere)
		cfg.Global.LVS.FlushOnStop = tc.mode
		l := startLab(t, cfg, kernel)
		l.stop(t)
		l.expectTable(t, tc.want)
		if !kernel.Closed() {
			t.Error("the kernel is not closed")
		}
	}
	kernel := ipvstest.New()
	kernel.Apply(foreign)
	cfg := oneServer(nowhere)
	cfg.Global.LVS.Flush = true
	l := startLab(t, cfg, kernel)
	l.expectTable(t, headLine+serverLine+"1\n")
	l.stop(t)
}

func TestCounters(t *testing.T) {
	t.Parallel()
	kernel := ipvstest.New()
	key := ipvs.AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)
	sorry := netip.MustParseAddrPort("10.9.0.10:80")
	kernel.Counters = map[ipvs.ServiceKey]ipvs.ServiceStats{key: {
		Stats: ipvs.Stats{Connections: 7},
		Destinations: map[netip.AddrPort]ipvs.Stats{
			nowhere: {Connections: 5, ActiveConnections: 2}, sorry: {Connections: 2},
		},
	}}
	cfg := oneServer(nowhere)
	cfg.VirtualServers[0].SorryServer = &config.SorryServer{Address: sorry.Addr(), Port: 80, Forwarding: config.Forwarding{Method: config.NAT}}
	l := startLab(t, cfg, kernel)
	s := l.SnapshotCounters()
	vs := s.VirtualServers[0]
	if vs.Stats.Connections != 7 || vs.Services[0].Name != "10.9.1.1:tcp:80" || vs.RealServers[0].Stats.Connections != 5 ||
		vs.RealServers[0].Stats.ActiveConnections != 2 || vs.SorryStats.Connections != 2 {
		t.Errorf("%+v", vs)
	}
	if s.Timeouts == nil || s.Timeouts.TCP != 900*time.Second {
		t.Errorf("timeouts %+v", s.Timeouts)
	}
	if l.Snapshot().VirtualServers[0].Stats.Connections != 0 {
		t.Error("a plain snapshot has counters")
	}
	l.stop(t)
	l.SnapshotCounters() // of an engine that has ended
}

// TestManyCheckers: thousands of checks, each at its time.
func TestManyCheckers(t *testing.T) {
	t.Parallel()
	ln := tcpServer(t)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	at := addressOf(ln)
	var servers []netip.AddrPort
	for i := range 1000 {
		servers = append(servers, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)}), 80))
	}
	cfg := oneServer(servers...)
	for _, rs := range cfg.VirtualServers[0].RealServers {
		ck := rs.Checkers[0]
		ck.Destination, ck.ConnectTimeout, ck.DelayLoop, ck.Warmup = at, 10*time.Second, time.Second, time.Second
	}
	l := startLab(t, cfg, ipvstest.New())
	deadline := time.Now().Add(20 * time.Second)
	for {
		var runs, bad, fewest uint64 = 0, 0, 1 << 60
		for _, rs := range l.Snapshot().VirtualServers[0].RealServers {
			c := rs.Checkers[0]
			runs, bad, fewest = runs+c.Runs, bad+c.Bad, min(fewest, c.Runs)
		}
		if bad > 0 {
			t.Fatalf("%d of %d checks failed", bad, runs)
		}
		if fewest >= 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 s a checker ran only %d times", fewest)
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.stop(t)
}
