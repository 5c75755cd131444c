//go:build linux

package bfdrun

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// node is an engine that runs in a namespace until the test ends, with a
// consumer of its VRRP feed.
type node struct {
	t      *testing.T
	engine *Engine
	cancel context.CancelFunc
	wait   func()
	err    error
	lines  *lineLog
	states *consumer
}

// lineLog keeps log lines.
type lineLog struct {
	mu   sync.Mutex
	text []string
}

func (l *lineLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *lineLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lineLog) WithGroup(string) slog.Handler            { return l }
func (l *lineLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, r.Message)
	return nil
}

func (l *lineLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.text, "\n")
}

func startNode(t *testing.T, ns *nstest.NS, sessions ...*config.BFDInstance) *node {
	t.Helper()
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, lines: &lineLog{}, states: newConsumer()}
	ready := make(chan struct{})
	n.engine = New(configOf(sessions...), Options{
		Log: slog.New(n.lines), Detail: true, VRRP: feed.Sender, Ready: func() { close(ready) },
	})
	sub, err := Subscribe(feed.Receiver, slog.New(n.lines), n.states.received)
	if err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, n.cancel = context.WithCancel(context.Background())
	n.wait = ns.Go(func() { n.err = n.engine.Run(ctx) })
	t.Cleanup(func() {
		n.stop()
		sub.Close()
		if t.Failed() {
			t.Logf("log of %s:\n%s", ns.Name, n.lines)
		}
	})
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		t.Fatal("not ready")
	}
	return n
}

// stop ends the engine in order.
func (n *node) stop() {
	n.cancel()
	n.wait()
	if n.err != nil {
		n.t.Errorf("run: %v", n.err)
	}
}

func configOf(sessions ...*config.BFDInstance) *config.Config {
	return &config.Config{Global: config.NewGlobal(), BFD: sessions}
}

// newSession is a session to host i of a LAN with a detection time of
// 4 x 60 ms between two of its kind.
func newSession(name string, neighbor string) *config.BFDInstance {
	c := config.NewBFDInstance()
	c.Name, c.Neighbor, c.TTL = name, netip.MustParseAddr(neighbor), 255
	c.MinTx, c.MinRx, c.Multiplier = 60*time.Millisecond, 50*time.Millisecond, 4
	c.VRRP, c.Checker = true, true
	return c
}

// steady is a session that a busy machine does not bring down: its detection
// time is 20 x 60 ms.
func steady(name string, neighbor string) *config.BFDInstance {
	c := newSession(name, neighbor)
	c.Multiplier = 20
	return c
}

// waitState waits until a session is in a state.
func (n *node) waitState(name, state string, within time.Duration) status.BFDSession {
	n.t.Helper()
	var found status.BFDSession
	nstest.Eventually(n.t, within, name+" "+state, func() (bool, string) {
		for _, s := range n.engine.Snapshot().Sessions {
			if s.Config.Name == name {
				found = s
			}
		}
		return found.State == state, found.State
	})
	return found
}

// told is the last state that consumers were told of a session.
func (n *node) told(name string) string {
	n.states.mu.Lock()
	defer n.states.mu.Unlock()
	last := "nothing"
	for _, s := range n.states.got {
		if s.Session == name {
			last = map[bool]string{true: "Up", false: "Down"}[s.Up]
		}
	}
	return last
}

func (n *node) waitTold(name, state string, within time.Duration) {
	n.t.Helper()
	nstest.Eventually(n.t, within, name+" announced "+state, func() (bool, string) {
		told := n.told(name)
		return told == state, told
	})
}
