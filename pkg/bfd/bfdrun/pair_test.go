//go:build linux

package bfdrun

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

// slack is what a busy machine may add to a deadline. With the slow timers of a
// session that is not Up a failure would take 4 s: that it was noticed with the
// fast ones shows all the same.
const slack = 2 * time.Second

// Two engines on a LAN, by both families and with several hops: the sessions
// come up and negotiate, are gone within the detection time when the cable is
// cut, come back, and an orderly stop alarms nobody.
func TestTwoEngines(t *testing.T) {
	lan := nstest.NewLAN(t, "gkbfd-two", 2)
	sessions := func(to string) []*config.BFDInstance {
		v4, v6, far := newSession("v4", "10.9.0."+to), newSession("v6", "fd00:9::"+to), newSession("far", "10.9.0."+to)
		v6.Source, v6.TTL = netip.MustParseAddr("fd00:9::"+map[string]string{"1": "2", "2": "1"}[to]), 64
		far.MultiHop, far.TTL, far.MaxHops, far.Passive = true, 64, 5, to == "1"
		return []*config.BFDInstance{v4, v6, far}
	}
	a := startNode(t, lan.Hosts[0], sessions("2")...)
	b := startNode(t, lan.Hosts[1], sessions("1")...)
	names := []string{"v4", "v6", "far"}
	for _, n := range []*node{a, b} {
		for _, name := range names {
			n.waitState(name, "Up", 10*time.Second)
			n.waitTold(name, "Up", time.Second)
		}
	}
	nstest.Eventually(t, 30*time.Second, "fast timers", func() (bool, string) {
		for _, s := range a.engine.Snapshot().Sessions {
			if s.Polling || s.TxInterval != 60*time.Millisecond || s.DetectionTime != 240*time.Millisecond {
				return false, s.TxInterval.String() + " " + s.DetectionTime.String()
			}
		}
		return true, ""
	})

	cut := time.Now()
	lan.Cut(2)
	for _, name := range names {
		s := a.waitState(name, "Down", 5*time.Second)
		if s.Diag != "Control Detection Time Expired" {
			t.Errorf("%s: %s", name, s.Diag)
		}
		a.waitTold(name, "Down", time.Second)
	}
	// The last packet before the cut is at most one interval old.
	if took := time.Since(cut); took < 170*time.Millisecond || took > 240*time.Millisecond+slack {
		t.Errorf("noticed after %v", took)
	}
	lan.Join(2)
	for _, n := range []*node{a, b} {
		for _, name := range names {
			n.waitTold(name, "Up", 10*time.Second)
		}
	}

	a.stop()
	for _, name := range names {
		s := b.waitState(name, "Down", 2*time.Second)
		if s.RemoteDiag != "Administratively Down" {
			t.Errorf("%s: remote diagnostic %s", name, s.RemoteDiag)
		}
		if told := b.told(name); told != "Up" {
			t.Errorf("%s: consumers were told %s after an orderly stop", name, told)
		}
	}
}

// A reload keeps what it can, and renames, adds and removes.
func TestReload(t *testing.T) {
	lan := nstest.NewLAN(t, "gkbfd-rel", 2)
	a := startNode(t, lan.Hosts[0], steady("S", "10.9.0.2"))
	b := startNode(t, lan.Hosts[1], steady("S", "10.9.0.1"))
	b.waitState("S", "Up", 10*time.Second)
	a.waitState("S", "Up", 10*time.Second)
	slower := steady("S", "10.9.0.2")
	slower.MinTx, slower.MinRx = 150*time.Millisecond, 200*time.Millisecond
	if err := a.engine.Reload(configOf(slower, newSession("T", "fd00:9::2"))); err != nil {
		t.Fatal(err)
	}
	nstest.Eventually(t, 30*time.Second, "slower", func() (bool, string) {
		s := b.engine.Snapshot().Sessions[0]
		return s.TxInterval == 200*time.Millisecond && s.DetectionTime == 3*time.Second, s.TxInterval.String() + " " + s.DetectionTime.String()
	})
	if s := b.waitState("S", "Up", time.Second); s.Transitions != 1 {
		t.Errorf("%d transitions over a reload of the neighbor", s.Transitions)
	}
	a.waitTold("T", "Down", time.Second)
	if err := a.engine.Reload(configOf()); err != nil {
		t.Fatal(err)
	}
	if got := a.engine.Snapshot().Sessions; len(got) != 0 {
		t.Errorf("sessions left: %v", got)
	}
	b.waitState("S", "Down", 2*time.Second)
	a.stop()
	if err := a.engine.Reload(configOf()); err == nil {
		t.Error("reload after the end succeeds")
	}
}

// send sends a datagram to the host's BFD port with a TTL.
func send(t *testing.T, ns *nstest.NS, to [4]byte, ttl int, payload []byte) {
	t.Helper()
	ns.Do(func() {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TTL, ttl); err != nil {
			t.Fatal(err)
		}
		if err := unix.Sendto(fd, payload, 0, &unix.SockaddrInet4{Port: 3784, Addr: to}); err != nil {
			t.Fatal(err)
		}
	})
}

// Packets of others do not disturb a session, and are counted.
func TestStrangers(t *testing.T) {
	lan := nstest.NewLAN(t, "gkbfd-bad", 3)
	a := startNode(t, lan.Hosts[0], steady("S", "10.9.0.2"))
	b := startNode(t, lan.Hosts[1], steady("S", "10.9.0.1"))
	a.waitState("S", "Up", 10*time.Second)
	discr := a.waitState("S", "Up", time.Second).Discriminator
	down := []byte{0x20, 0x40, 3, 24, 0, 0, 0, 1, byte(discr >> 24), byte(discr >> 16), byte(discr >> 8), byte(discr), 0, 15, 0x42, 0x40, 0, 15, 0x42, 0x40, 0, 0, 0, 0}
	to := [4]byte{10, 9, 0, 1}
	send(t, lan.Hosts[1], to, 254, down)                                    // from far away with the neighbor's address
	send(t, lan.Hosts[2], to, 255, append([]byte{0x20, 0x40}, down...))     // nonsense
	send(t, lan.Hosts[2], to, 255, down[:10])                               // cut
	send(t, lan.Hosts[2], to, 255, append(down[:8:8], make([]byte, 16)...)) // a session that we do not have
	want := map[string]uint64{"TTL": 1, "packet too short": 1, "unknown session": 1, "length": 1}
	nstest.Eventually(t, 30*time.Second, "four refusals", func() (bool, string) {
		snap := a.engine.Snapshot()
		got := map[string]uint64{}
		text := ""
		for _, d := range append(snap.Drops, snap.Sessions[0].Drops...) {
			got[d.Reason] = d.Count
			text += d.Reason + ", "
		}
		for reason, n := range want {
			if got[reason] != n {
				return false, text
			}
		}
		return true, text
	})
	if s := a.waitState("S", "Up", time.Second); s.Transitions != 1 {
		t.Errorf("%d transitions", s.Transitions)
	}
	if !strings.Contains(a.lines.String(), "Discarding packet from [10.9.0.3]") {
		t.Error("nothing in the log")
	}
	b.stop()
}

// The source address appears later: the session waits in AdminDown.
func TestLateAddress(t *testing.T) {
	lan := nstest.NewLAN(t, "gkbfd-late", 2)
	s := newSession("S", "10.9.0.2")
	s.Source = netip.MustParseAddr("10.9.0.100")
	a := startNode(t, lan.Hosts[0], s)
	a.waitState("S", "AdminDown", time.Second)
	lan.Hosts[0].AddAddress("eth0", "10.9.0.100/24")
	b := startNode(t, lan.Hosts[1], newSession("S", "10.9.0.100"))
	a.waitState("S", "Up", 10*time.Second)
	b.waitTold("S", "Up", 10*time.Second)
}

// Each consumer hears of the sessions that are meant for it, and of all of them
// again when it starts or asks.
func TestConsumers(t *testing.T) {
	n := nstest.New(t, "gkbfd-cons")
	all, vrrpOnly, checkerOnly := newSession("all", "10.9.0.2"), newSession("vrrp", "10.9.0.3"), newSession("checker", "10.9.0.4")
	vrrpOnly.Checker, checkerOnly.VRRP = false, false
	feeds := [2]*Feed{}
	for i := range feeds {
		var err error
		if feeds[i], err = NewFeed(); err != nil {
			t.Fatal(err)
		}
	}
	e := New(configOf(all, vrrpOnly, checkerOnly), Options{VRRP: feeds[0].Sender, Checker: feeds[1].Sender})
	ctx, cancel := context.WithCancel(context.Background())
	wait := n.Go(func() {
		if err := e.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct {
		feed *Feed
		want []string
	}{{feeds[0], []string{"all", "vrrp"}}, {feeds[1], []string{"all", "checker"}}, {feeds[0], []string{"all", "vrrp"}}} {
		c := newConsumer()
		s, err := Subscribe(dup(t, tt.feed.Receiver), slog.New(slog.DiscardHandler), c.received)
		if err != nil {
			t.Fatal(err)
		}
		c.wait(t, 2)
		s.Refresh()
		for i, state := range c.wait(t, 4) {
			if state.Up || state.Session != tt.want[i%2] {
				t.Errorf("state %d is %+v, want %s Down", i, state, tt.want[i%2])
			}
		}
		s.Close()
	}
	cancel()
	wait()
}

// The port is taken: the session cannot come up, and everything else goes on.
func TestPortTaken(t *testing.T) {
	lan := nstest.NewLAN(t, "gkbfd-port", 2)
	var fd int
	lan.Hosts[0].Do(func() {
		var err error
		if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err == nil {
			err = unix.Bind(fd, &unix.SockaddrInet4{Port: 3784})
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	a := startNode(t, lan.Hosts[0], newSession("S", "10.9.0.2"))
	startNode(t, lan.Hosts[1], newSession("S", "10.9.0.1"))
	nstest.Eventually(t, 30*time.Second, "a line", func() (bool, string) {
		log := a.lines.String()
		return strings.Contains(log, "Unable to listen for BFD on UDP port 3784 of IPv4"), log
	})
	unix.Close(fd)
	a.waitState("S", "Up", 10*time.Second)
}

func TestSourcePorts(t *testing.T) {
	n := nstest.New(t, "gkbfd-range")
	for _, tt := range []struct {
		sysctl      string
		first, last int
	}{
		{"32768 60999", 49152, 60999},
		{"50000 50010", 50000, 50010},
		{"1024 20000", 49152, 65535},
	} {
		n.Sysctl("ipv4/ip_local_port_range", tt.sysctl)
		n.Do(func() {
			if first, last := sourcePorts(); first != tt.first || last != tt.last {
				t.Errorf("%s: %d-%d, want %d-%d", tt.sysctl, first, last, tt.first, tt.last)
			}
		})
	}
}

// The parent's descriptors are not left open in what it starts.
func TestFeedIsNotInherited(t *testing.T) {
	feed, err := NewFeed()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{feed.Sender, feed.Receiver} {
		flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("flags %x, %v", flags, err)
		}
		_ = f.Close()
	}
}
