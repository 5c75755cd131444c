//go:build linux

package vrrprun

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"golang.org/x/sys/unix"
)

// attacker sends raw packets of protocol 112 to the group from a host.
type attacker struct {
	t  *testing.T
	fd int
	to unix.SockaddrInet4
}

func newAttacker(t *testing.T, n *nstest.NS) *attacker {
	a := &attacker{t: t, to: unix.SockaddrInet4{Addr: [4]byte{224, 0, 0, 18}}}
	n.Do(func() {
		var err error
		if a.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW); err != nil {
			t.Fatal(err)
		}
		if err := unix.SetsockoptString(a.fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "eth0"); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() { unix.Close(a.fd) })
	return a
}

func (a *attacker) send(p []byte) {
	a.t.Helper()
	if err := unix.Sendto(a.fd, p, 0, &a.to); err != nil && err != unix.ENOBUFS {
		a.t.Fatal(err)
	}
}

// sealed is a payload with the right checksum, whatever else is wrong with it.
func sealed(payload []byte) []byte {
	p := append([]byte(nil), payload...)
	p[6], p[7] = 0, 0
	pseudo := append([]byte{10, 9, 0, 2, 224, 0, 0, 18, 0, 112, 0, byte(len(p))}, p...)
	binary.BigEndian.PutUint16(p[6:], ^uint16(headerSum(pseudo)))
	return p
}

// A host on the LAN that sends every kind of bad packet, and noise, neither
// silences a master nor keeps a backup from taking over, nor fills memory or
// the log.
func TestHostilePackets(t *testing.T) {
	lan := nstest.NewLAN(t, "gkrun-evil", 3)
	wire := lan.Switch.Capture("br0")
	instance := func(priority uint8) *config.Config {
		v := fast(newInstance("V1", 7, "10.9.0.100/32"))
		v.Priority = priority
		return newConfig(v)
	}
	quiet := func(o *Options) { o.Detail = false }
	master := startRouter(t, lan.Hosts[0], instance(200), quiet)
	master.waitState("V1", event.Master, 5*time.Second)
	backup := startRouter(t, lan.Hosts[2], instance(100), quiet)
	evil := newAttacker(t, lan.Hosts[1])

	good := []byte{0x31, 7, 255, 1, 0, 10, 0, 0, 10, 9, 0, 100}
	change := func(at int, value byte) []byte {
		p := append([]byte(nil), good...)
		p[at] = value
		return sealed(p)
	}
	packet := func(payload []byte) []byte { return ipv4Packet("10.9.0.2", "224.0.0.18", 255, 112, payload) }
	badTTL := packet(sealed(good))
	badTTL[8] = 254
	badSum := packet(sealed(good))
	badSum[26] ^= 0xff
	bad := [][]byte{
		badTTL, badSum,
		packet(change(0, 0x21)), packet(change(0, 0x41)), packet(change(0, 0x32)), packet(change(0, 0)),
		packet(change(1, 8)), packet(change(3, 2)), packet(change(3, 255)), packet(change(3, 0)),
		packet(good[:7]), packet(good[:1]), packet(nil),
		packet(append(sealed(good), 1, 2, 3)),
		packet(append(sealed(good), make([]byte, 1400)...)),
	}

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	mark := len(wire.Frames())
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200)
	sent := 0
	// Some 30,000 packets a second: more than the receivers can read would
	// crowd good adverts out of their buffers, whoever reads them.
	pace := time.NewTicker(500 * time.Microsecond)
	defer pace.Stop()
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); <-pace.C {
		for _, p := range bad {
			evil.send(p)
			sent++
		}
		n := random.IntN(len(noise))
		for i := range noise[:n] {
			noise[i] = byte(random.Uint32())
		}
		evil.send(packet(noise[:n]))
		sent++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)

	var gaps []time.Duration
	last := time.Time{}
	theirs := netip.MustParseAddr("10.9.0.1")
	for _, f := range wire.Frames()[mark:] {
		a, ok := parseAdvertOf(f, theirs)
		if !ok {
			continue
		}
		if !last.IsZero() {
			gaps = append(gaps, a.frame.Time.Sub(last))
		}
		last = a.frame.Time
	}
	if len(gaps) < 10 {
		t.Fatalf("only %d adverts of the master during the attack of %d packets", len(gaps), sent)
	}
	for _, g := range gaps {
		if g > 250*time.Millisecond {
			t.Errorf("the master was silent for %v", g)
		}
	}
	for _, r := range []*router{master, backup} {
		s := r.engine.Snapshot().Instances[0]
		var drops uint64
		for _, d := range s.Drops {
			drops += d.Count
		}
		if drops < uint64(sent)/4 {
			t.Errorf("%s: %d drops of %d packets", r.ns.Name, drops, sent)
		}
		if lines := strings.Count(r.rec.log(), "\n"); lines > 200 {
			t.Errorf("%s: %d lines in the log", r.ns.Name, lines)
		}
		if n := len(r.rec.states("V1")); n > 2 {
			t.Errorf("%s: states %v", r.ns.Name, r.rec.states("V1"))
		}
	}
	// The recorders' and the capture's own memory is in this too.
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 200<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}

	// The attack goes on while the master leaves.
	stop := make(chan struct{})
	attack := make(chan struct{})
	go func() {
		defer close(attack)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, p := range bad {
				_ = unix.Sendto(evil.fd, p, 0, &evil.to)
			}
		}
	}()
	lan.Cut(1)
	backup.waitState("V1", event.Master, 5*time.Second)
	close(stop)
	<-attack
}

// parseAdvertOf is a version 3 advert for VRID 7 from one host.
func parseAdvertOf(f nstest.Frame, from netip.Addr) (advert, bool) {
	p, ok := f.IPv4()
	if !ok || len(p) < 28 || p[9] != 112 || netip.AddrFrom4([4]byte(p[12:16])) != from {
		return advert{}, false
	}
	return parseAdvert(f)
}
