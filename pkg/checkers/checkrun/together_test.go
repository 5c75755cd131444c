package checkrun

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

// failTogether lets the first check of 5 servers, each of a virtual server of
// its own, fail at once.
func failTogether(t *testing.T, kernel *ipvstest.Kernel) *lab {
	t.Helper()
	var conf strings.Builder
	for i := range 5 {
		fmt.Fprintf(&conf, `virtual_server 10.8.0.%d 80 {
 delay_loop 60
 lvs_sched rr
 lvs_method NAT
 protocol TCP
 real_server 10.9.0.%d 80 {
  TCP_CHECK {
   warmup 0
  }
 }
}
`, i+1, i+1)
	}
	l := startLab(t, loadText(t, conf.String()), kernel)
	l.call(func() {
		kernel.Calls, kernel.Log = 0, nil
		var letters []letter
		// In an hour all are due; their probes are never run.
		for _, a := range l.core.Step(time.Now().Add(time.Hour), health.Timer{}) {
			p := a.(health.StartProbe)
			letters = append(letters, letter{event: health.Result{ID: p.ID, Run: p.Run, Outcome: health.Outcome{Verdict: health.Bad, Text: "failed"}}})
		}
		l.Engine.deliver(letters)
	})
	return l
}

// TestResultsTogether: what comes together is one transaction, and is told in
// order.
func TestResultsTogether(t *testing.T) {
	t.Parallel()
	kernel := ipvstest.New()
	l := failTogether(t, kernel)
	l.call(func() {
		if kernel.Calls != 1 || len(kernel.Log) != 5 {
			t.Errorf("%d calls for\n%s", kernel.Calls, strings.Join(kernel.Log, "\n"))
		}
	})
	for i := range 5 {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 0, byte(i + 1)}), 80)
		l.wait(t, "RS "+name(at)+fmt.Sprintf(" [10.8.0.%d]:tcp:80 DOWN", i+1))
	}
	l.stop(t)
}

// TestOneOfManyRefused: the kernel refuses one of several changes that come
// together. That server stays as it was, the others go.
func TestOneOfManyRefused(t *testing.T) {
	t.Parallel()
	kernel := ipvstest.New()
	kernel.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.DelDest && op.Dest.Addr == netip.MustParseAddr("10.9.0.3") {
			return syscall.ENOMEM
		}
		return 0
	}
	l := failTogether(t, kernel)
	for i, vs := range l.Snapshot().VirtualServers {
		if up := vs.RealServers[0].Up; up != (i == 2) {
			t.Errorf("server %d up: %v", i+1, up)
		}
	}
	l.call(func() {
		for _, s := range kernel.Mirror.Table() {
			if n := len(s.Destinations); n != 0 != (s.Key.Addr == netip.MustParseAddr("10.8.0.3")) {
				t.Errorf("%s has %d destinations", s.Key, n)
			}
		}
	})
	l.stop(t)
}

// TestTogether: two results about the same service are not one transaction,
// because the second builds on the first.
func TestTogether(t *testing.T) {
	t.Parallel()
	const text = `virtual_server %s {
 lvs_sched rr
 lvs_method NAT
 protocol TCP
 real_server 10.9.0.1 80 {
  TCP_CHECK {
   warmup 50
  }
 }
 real_server 10.9.0.2 80 {
  TCP_CHECK {
   warmup 50
  }
 }
}
`
	const groups = "virtual_server_group A {\n 10.8.0.3 80\n}\nvirtual_server_group B {\n 10.8.0.3 80\n 10.8.0.4 80\n}\n"
	conf := groups
	for _, head := range []string{"10.8.0.1 80", "10.8.0.2 80", "group A", "group B"} {
		conf += fmt.Sprintf(text, head)
	}
	l := startLab(t, loadText(t, conf), ipvstest.New())
	for _, c := range []struct {
		ids  []health.CheckerID
		want int
	}{
		{[]health.CheckerID{0}, 1},
		{[]health.CheckerID{0, 1}, 1},
		{[]health.CheckerID{0, 2, 4}, 3},
		{[]health.CheckerID{0, 2, 4, 6}, 3}, // both groups have 10.8.0.3
		{[]health.CheckerID{77, 1, -1, 1}, 3},
	} {
		l.call(func() {
			var results []health.Result
			for _, id := range c.ids {
				results = append(results, health.Result{ID: id})
			}
			if n := l.core.Together(results); n != c.want {
				t.Errorf("%d of %v together, want %d", n, c.ids, c.want)
			}
		})
	}
	l.stop(t)
}
