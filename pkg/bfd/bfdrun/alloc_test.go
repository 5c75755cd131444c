//go:build linux

package bfdrun

import (
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"golang.org/x/sys/unix"
)

// The path of a packet, from the socket to the answer, and of a timer, from
// the poller to the packet, allocates nothing.
func TestNoAllocation(t *testing.T) {
	n := nstest.New(t, "gkbfd-alloc")
	for _, family := range []string{"IPv4", "IPv6"} {
		t.Run(family, func(t *testing.T) {
			s := newSession("S", "127.0.0.1")
			var to unix.Sockaddr = &unix.SockaddrInet4{Port: 3784, Addr: [4]byte{127, 0, 0, 1}}
			token, domain := tokenListener, unix.AF_INET
			if family == "IPv6" {
				s.Neighbor, s.TTL = netip.MustParseAddr("::1"), 64
				to, token, domain = &unix.SockaddrInet6{Port: 3784, Addr: [16]byte{15: 1}}, tokenListener+1, unix.AF_INET6
			}
			// The neighbor is the test: the session's own packets go there.
			n.Do(func() { checkNoAllocation(t, s, to, token, domain) })
		})
	}
}

func checkNoAllocation(t *testing.T, s *config.BFDInstance, to unix.Sockaddr, token, domain int) {
	s.MaxHops = 255
	e := New(configOf(s), Options{})
	e.logs = eventloop.StartLogQueue(slog.New(slog.DiscardHandler))
	defer e.logs.Close()
	defer e.closeAll()
	if err := e.open(); err != nil {
		t.Fatal(err)
	}
	e.step(bfd.Start{})
	fd, err := unix.Socket(domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, to); err != nil {
		t.Fatal(err)
	}
	c := wire.Control{Version: 1, State: wire.Down, DetectMult: 255, MyDiscr: 9, DesiredMinTx: 1000000, RequiredMinRx: 1}
	say := func() {
		if _, err := unix.Write(fd, c.Append(nil)); err != nil {
			t.Fatal(err)
		}
		e.receive(token)
	}
	say()
	c.State, c.YourDiscr, c.Final = wire.Init, e.core.Snapshot().Sessions[0].Discriminator, true
	say()
	say()
	c.State, c.Final, c.Poll = wire.Up, false, true
	say()
	before := e.core.Snapshot().Sessions[0]
	if !before.Up {
		t.Fatalf("%+v", before)
	}
	question := c.Append(nil)
	if binary.BigEndian.Uint32(question[8:]) == 0 {
		t.Fatal("no discriminator")
	}
	clock := time.Now()
	e.now = func() time.Time { return clock }
	if n := testing.AllocsPerRun(200, func() {
		_, _ = unix.Write(fd, question)
		if _, err := e.poller.Wait(time.Second); err != nil {
			t.Fatal(err)
		}
		e.receive(token)
		clock = clock.Add(60 * time.Millisecond)
		e.expire()
		// Our own packet comes to the listener, too: it is the neighbor's
		// address. It is read and refused.
		e.receive(token)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	after := e.core.Snapshot().Sessions[0]
	if after.Received < before.Received+200 || after.Sent < before.Sent+400 {
		t.Errorf("%d packets in, %d out", after.Received-before.Received, after.Sent-before.Sent)
	}
}
