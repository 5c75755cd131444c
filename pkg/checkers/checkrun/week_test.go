package checkrun

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// knock sends one packet that nobody need answer.
func knock(network, to string) {
	if c, err := net.DialTimeout(network, to, time.Second); err == nil {
		_, _ = c.Write([]byte("x"))
		c.Close()
	}
}

const (
	weekServices = 4
	weekServers  = 10
)

// weekConf is some of the virtual servers with some of their servers, which
// follow BFD sessions that the test plays.
func weekConf(r *rand.Rand, namespace string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "net_namespace_ipvs %s\n", namespace)
	for s := range weekServers {
		fmt.Fprintf(&b, "bfd_instance s%d {\n neighbor_ip 10.9.0.%d\n}\n", s, 11+s)
	}
	for _, v := range shuffled(r, weekServices) {
		fmt.Fprintf(&b, "virtual_server 10.9.1.%d 80 {\n protocol TCP\n lvs_sched %s\n lvs_method NAT\n", 1+v, []string{"rr", "wlc"}[r.IntN(2)])
		if r.IntN(2) == 0 {
			b.WriteString(" sorry_server 10.9.0.99 80\n")
		}
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, " quorum %d\n", 1+r.IntN(4))
		}
		for _, s := range shuffled(r, weekServers) {
			fmt.Fprintf(&b, " real_server 10.9.0.%d 80 {\n  weight %d\n", 11+s, r.IntN(4))
			if r.IntN(3) == 0 {
				b.WriteString("  inhibit_on_failure\n")
			}
			fmt.Fprintf(&b, "  BFD_CHECK {\n   name s%d\n  }\n }\n", s)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// countingSink counts the notifications of servers and keeps the last of each.
type countingSink struct {
	mu       sync.Mutex
	up, down int
	last     map[string]bool
}

func (c *countingSink) Send(ev event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	up := false
	switch ev := ev.(type) {
	case event.RealServerState:
		up = ev.Up
		c.last[ev.RealServer+" of "+ev.VirtualServer] = up
	case event.VirtualServerState:
		up = ev.Up
		c.last[ev.VirtualServer] = up
	default:
		return
	}
	if up {
		c.up++
	} else {
		c.down++
	}
}

// agrees compares what was announced with the state at the end, and how often
// since the snapshot before with the counters.
func (c *countingSink) agrees(t *testing.T, s status.Checkers, before status.Checkers, announced int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	said := func(name string, up bool) {
		if last, known := c.last[name]; known && last != up {
			t.Errorf("%s was announced as up: %v, and is up: %v", name, last, up)
		}
	}
	changes := uint64(0)
	for i, vs := range s.VirtualServers {
		said(vs.Config.Name, vs.QuorumUp)
		changes += vs.Transitions - before.VirtualServers[i].Transitions
		for j, rs := range vs.RealServers {
			said(rs.Config.Name+" of "+vs.Config.Name, rs.Up)
			changes += rs.Transitions - before.VirtualServers[i].RealServers[j].Transitions
		}
	}
	if n := c.up + c.down - announced; changes == 0 || uint64(n) != changes {
		t.Errorf("%d changes counted, %d announced", changes, n)
	}
}

func (c *countingSink) announced() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up + c.down
}

// TestWeek lets 10,000 random events pass, servers that go and come and
// reloads, and then compares the kernel's table, the engine's state and what
// the events add up to. Nothing may have grown.
func TestWeek(t *testing.T) {
	ns := balancer(t, "week", "lb0", "10.9.0.1/16")
	events := 10000
	if testing.Short() {
		events = 2000
	}
	r := rand.New(rand.NewPCG(7, 11))
	load := func() *config.Config { return loadText(t, weekConf(r, ns.Name)) }
	ready := make(chan struct{})
	sink := &countingSink{last: map[string]bool{}}
	cfg := load()
	e := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Events: sink, Ready: func() { close(ready) }})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("Run: %v", err)
	}
	up := map[string]bool{}
	for s := range weekServers {
		up[fmt.Sprint("s", s)] = true
		e.Post(health.BFDState{Session: fmt.Sprint("s", s), Up: true})
	}
	reader, err := ipvs.Open(ns.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	check := func(at int) {
		t.Helper()
		s := e.Snapshot()
		table, err := reader.Table()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := weekTable(table), weekWanted(s, up); got != want {
			t.Fatalf("after %d events: table:\n%s\nwanted:\n%s\nsessions up: %v", at, got, want, up)
		}
	}
	var goroutines, files int
	var heap uint64
	measure := func() (g, f int, h uint64) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return runtime.NumGoroutine(), len(entries), m.HeapAlloc
	}
	begin := time.Now()
	reloads, announced := 0, 0
	var atReload status.Checkers
	for i := range events {
		if i%50 == 49 && i < events-1 {
			if err := e.Reload(load()); err != nil {
				t.Fatal(err)
			}
			reloads++
			check(i + 1)
			atReload, announced = e.Snapshot(), sink.announced()
		} else {
			name := fmt.Sprint("s", r.IntN(weekServers))
			up[name] = !up[name]
			e.Post(health.BFDState{Session: name, Up: up[name]})
		}
		if i == events/10 {
			e.Snapshot()
			goroutines, files, heap = measure()
		}
	}
	check(events)
	sink.agrees(t, e.Snapshot(), atReload, announced)
	took := time.Since(begin)
	g, f, h := measure()
	t.Logf("%d events, %d of them reloads, in %v; goroutines %d -> %d, files %d -> %d, heap %d -> %d kB; notifications %d up, %d down; kernel errors %d",
		events, reloads, took.Round(time.Millisecond), goroutines, g, files, f, heap>>10, h>>10, sink.up, sink.down, e.Snapshot().KernelErrors)
	if g > goroutines+2 || f > files || h > heap+heap/2+2<<20 {
		t.Error("something has grown")
	}
	if sink.up == 0 || sink.down == 0 {
		t.Errorf("notifications: %+v", sink)
	}
	if n := e.Snapshot().KernelErrors; n != 0 {
		t.Errorf("the kernel refused %d requests", n)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	if left, _ := reader.Table(); len(left) != 0 {
		t.Errorf("after stop:\n%s", left)
	}
}

func weekTable(t ipvs.Table) string {
	var lines []string
	for _, s := range t {
		lines = append(lines, fmt.Sprintf("%s:%d %s", s.Key.Addr, s.Key.Port, s.Scheduler))
		for _, d := range s.Destinations {
			lines = append(lines, fmt.Sprintf("%s:%d -> %s %d", s.Key.Addr, s.Key.Port, d.Addr, d.Weight))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// weekWanted is what the table must be, from the configuration and the
// sessions alone. What the engine says about itself has to agree.
func weekWanted(s status.Checkers, up map[string]bool) string {
	var lines []string
	for i, vs := range s.Config.VirtualServers {
		head := fmt.Sprintf("%s:%d", vs.Address, vs.Port)
		lines = append(lines, head+" "+vs.Scheduler)
		weight := 0
		for j, rs := range vs.RealServers {
			alive := up[rs.Checkers[0].BFD]
			if alive {
				weight += int(rs.Weight)
			}
			if s.VirtualServers[i].RealServers[j].Up != alive {
				lines = append(lines, fmt.Sprintf("engine: %s of %s up: %v", rs.Name, vs.Name, !alive))
			}
		}
		quorum := weight > 0 && weight >= int(vs.Quorum)
		if v := s.VirtualServers[i]; v.QuorumUp != quorum || v.Weight != int64(weight) {
			lines = append(lines, fmt.Sprintf("engine: %s has quorum: %v, weight %d instead of %d", vs.Name, v.QuorumUp, v.Weight, weight))
		}
		sorry := !quorum && vs.SorryServer != nil
		if sorry {
			lines = append(lines, head+" -> 10.9.0.99 1")
		}
		for _, rs := range vs.RealServers {
			switch in := up[rs.Checkers[0].BFD] && !sorry; {
			case in:
				lines = append(lines, fmt.Sprintf("%s -> %s %d", head, rs.Address, rs.Weight))
			case rs.InhibitOnFailure:
				lines = append(lines, fmt.Sprintf("%s -> %s 0", head, rs.Address))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
