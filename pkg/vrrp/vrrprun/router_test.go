//go:build linux

package vrrprun

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// router is an engine that runs in a namespace until the test ends.
type router struct {
	t      *testing.T
	ns     *nstest.NS
	engine *Engine
	cancel context.CancelFunc
	wait   func()
	err    error
	rec    *recorder
}

// recorder keeps what an engine said.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
	lines  []string
}

func (r *recorder) Send(ev event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, ev)
}

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *recorder) WithGroup(string) slog.Handler            { return r }

func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, rec.Message)
	return nil
}

// log is every line so far.
func (r *recorder) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// states are the states that an instance announced, in order.
func (r *recorder) states(instance string) (out []event.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.events {
		if s, ok := ev.(event.InstanceState); ok && s.Instance == instance {
			out = append(out, s.State)
		}
	}
	return out
}

// newConfig is a configuration of the given instances with the defaults that
// confparse would apply.
func newConfig(instances ...*config.VRRPInstance) *config.Config {
	return &config.Config{Global: config.NewGlobal(), Instances: instances}
}

// newInstance is an instance on eth0 with a virtual address.
func newInstance(name string, vrid uint8, vips ...string) *config.VRRPInstance {
	v := config.NewVRRPInstance()
	g := config.NewGlobal().VRRP
	v.Name, v.Interface, v.VirtualRouterID = name, "eth0", vrid
	v.Priority = 100
	for _, vip := range vips {
		v.VirtualAddresses = append(v.VirtualAddresses, &config.Address{Prefix: netip.MustParsePrefix(vip)})
	}
	v.Family, v.Version, v.MulticastGroup = config.IPv4, 2, g.MulticastGroup4
	if len(vips) > 0 && v.VirtualAddresses[0].Prefix.Addr().Is6() {
		v.Family, v.Version, v.MulticastGroup = config.IPv6, 3, g.MulticastGroup6
	}
	v.GARP = config.GARPSettings{
		MasterDelay: g.GARPMasterDelay, MasterRepeat: g.GARPMasterRepeat,
		MasterRefreshRepeat: g.GARPMasterRefreshRepeat,
		LowerPrioDelay:      g.GARPMasterDelay, LowerPrioRepeat: g.GARPMasterRepeat,
	}
	return v
}

// fast makes version 3 with adverts every 100 ms of an instance.
func fast(v *config.VRRPInstance) *config.VRRPInstance {
	v.Version, v.AdvertInterval = 3, 100*time.Millisecond
	return v
}

// startRouter runs an engine in a namespace and waits until it is set up.
func startRouter(t *testing.T, n *nstest.NS, cfg *config.Config, change ...func(*Options)) *router {
	t.Helper()
	r := newRouter(t, n, cfg, change...)
	ready := make(chan struct{})
	r.engine.opt.Ready = func() { close(ready) }
	r.run()
	ended := make(chan struct{})
	go func() { r.wait(); close(ended) }()
	select {
	case <-ready:
	case <-ended:
		t.Fatalf("%s: not started: %v\n%s", n.Name, r.err, r.rec.log())
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: not ready; log:\n%s", n.Name, r.rec.log())
	}
	return r
}

func newRouter(t *testing.T, n *nstest.NS, cfg *config.Config, change ...func(*Options)) *router {
	r := &router{t: t, ns: n, rec: &recorder{}}
	opt := Options{Log: slog.New(r.rec), Detail: true, Events: r.rec}
	for _, c := range change {
		c(&opt)
	}
	r.engine = New(cfg, opt)
	return r
}

func (r *router) run() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.wait = r.ns.Go(func() { r.err = r.engine.Run(ctx) })
	r.t.Cleanup(func() {
		cancel()
		r.wait()
		if r.t.Failed() {
			r.t.Logf("log of %s:\n%s", r.ns.Name, r.rec.log())
		}
	})
}

// stop stops the engine in order and waits for its end.
func (r *router) stop() {
	r.t.Helper()
	r.cancel()
	r.wait()
	if r.err != nil {
		r.t.Errorf("%s: stopped with %v", r.ns.Name, r.err)
	}
}

// waitState waits until an instance of the router is in a state.
func (r *router) waitState(instance string, want event.State, within time.Duration) {
	r.t.Helper()
	nstest.Eventually(r.t, within, fmt.Sprintf("%s: %s in state %v", r.ns.Name, instance, want), func() (bool, string) {
		for _, v := range r.engine.Snapshot().Instances {
			if v.Name == instance {
				return v.State == want, v.State.String()
			}
		}
		return false, "no such instance"
	})
}

// waitLog waits for a line of the log that contains text.
func (r *router) waitLog(text string, within time.Duration) {
	r.t.Helper()
	nstest.Eventually(r.t, within, fmt.Sprintf("%s: log line %q", r.ns.Name, text), func() (bool, string) {
		return strings.Contains(r.rec.log(), text), r.rec.log()
	})
}

// holders are the hosts that have an address now.
func holders(hosts []*nstest.NS, dev, prefix string) (out []string) {
	for _, h := range hosts {
		if h.HasAddress(dev, prefix) {
			out = append(out, h.Name)
		}
	}
	return out
}

// waitHolder waits until exactly one host has the address.
func waitHolder(t *testing.T, hosts []*nstest.NS, prefix string, want *nstest.NS, within time.Duration) {
	t.Helper()
	nstest.Eventually(t, within, prefix+" on "+want.Name+" alone", func() (bool, string) {
		have := holders(hosts, "eth0", prefix)
		return slices.Equal(have, []string{want.Name}), fmt.Sprint(have)
	})
}
