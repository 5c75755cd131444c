//go:build linux

package vrrprun

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"golang.org/x/sys/unix"
)

// attacker sends raw packets of protocol 112 to the group from a host.
type attacker struct {
	fd    int
	batch *mmsg.Sender
	name  []byte // struct sockaddr_in of the group
}

func newAttacker(t *testing.T, n *nstest.NS) *attacker {
	a := &attacker{batch: mmsg.NewSender(attackBatch), name: make([]byte, unix.SizeofSockaddrInet4)}
	binary.NativeEndian.PutUint16(a.name, unix.AF_INET)
	copy(a.name[4:], []byte{224, 0, 0, 18})
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

// burst sends packets in one system call. Those that do not leave do no harm.
func (a *attacker) burst(packets [][]byte) {
	for len(packets) > 0 {
		n := min(len(packets), attackBatch)
		for _, p := range packets[:n] {
			a.batch.Add(p, a.name, nil)
		}
		a.batch.Send(a.fd, 0, func(int, unix.Errno) {})
		packets = packets[n:]
	}
}

const attackBatch = 64

// sealed is a payload with the right checksum, whatever else is wrong with it.
func sealed(payload []byte) []byte {
	p := append([]byte(nil), payload...)
	p[6], p[7] = 0, 0
	pseudo := append([]byte{10, 9, 0, 2, 224, 0, 0, 18, 0, 112, 0, byte(len(p))}, p...)
	binary.BigEndian.PutUint16(p[6:], ^uint16(headerSum(pseudo)))
	return p
}

// hostileRate is how many packets a second attack.
const hostileRate = 50000

// A host on the LAN that sends every kind of bad packet, and noise, and good
// ones again that it has heard, neither silences a master nor keeps a backup
// from taking over, nor moves an address, nor fills memory or the log.
func TestHostilePackets(t *testing.T) {
	lan := nstest.NewLAN(t, "gkrun-evil", 3)
	wire := lan.Switch.Capture("br0")
	// Without authentication, with a password, AH and auth_hmac.
	names := []string{"V1", "PASS", "AH", "HMAC"}
	instances := func(priority uint8) *config.Config {
		plain := fast(newInstance("V1", 7, "10.9.0.100/32"))
		pass := newInstance("PASS", 8, "10.9.0.101/32")
		pass.Auth, pass.AuthPass = config.AuthPass, [8]byte{'s', 'e', 'c', 'r', 'e', 't'}
		ah := newInstance("AH", 9, "10.9.0.102/32")
		ah.Auth, ah.AuthPass = config.AuthAH, pass.AuthPass
		hmac := fast(newInstance("HMAC", 10, "10.9.0.103/32"))
		hmac.HMAC = &config.AuthHMAC{Keys: map[uint8][]byte{5: bytes.Repeat([]byte{7}, 32)}, ActiveKey: 5, TimeWindow: 5 * time.Second}
		all := []*config.VRRPInstance{plain, pass, ah, hmac}
		for _, v := range all {
			v.Priority = priority
		}
		return newConfig(all...)
	}
	quiet := func(o *Options) { o.Detail = false }
	master := startRouter(t, lan.Hosts[0], instances(200), quiet)
	for _, name := range names {
		master.waitState(name, event.Master, 20*time.Second)
	}
	backup := startRouter(t, lan.Hosts[2], instances(100), quiet)
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
	old := func(vrid, auth byte, password string) []byte { // version 2, priority 255
		p := append([]byte{0x21, vrid, 255, 1, auth, 1, 0, 0, 10, 9, 0, 101}, password...)
		binary.BigEndian.PutUint16(p[6:], ^uint16(headerSum(p)))
		return packet(p)
	}
	bad := [][]byte{
		badTTL, badSum,
		packet(change(0, 0x21)), packet(change(0, 0x41)), packet(change(0, 0x32)), packet(change(0, 0)),
		packet(change(1, 11)), packet(change(3, 2)), packet(change(3, 255)), packet(change(3, 0)),
		packet(good[:7]), packet(good[:1]), packet(nil),
		packet(append(sealed(good), 1, 2, 3)),
		packet(append(sealed(good), make([]byte, 1400)...)),
		old(8, 1, "wrong\x00\x00\x00"), old(8, 0, "\x00\x00\x00\x00\x00\x00\x00\x00"), old(9, 2, "secret\x00\x00"),
		packet(change(1, 10)), packet(append(change(1, 10), make([]byte, 28)...)),
	}
	// Good adverts with AH and auth_hmac, as they were; and with the highest
	// priority, which spoils their signature.
	for _, vrid := range []byte{9, 10} {
		f, _ := wire.Wait(0, 30*time.Second, "an advert to replay", func(f nstest.Frame) bool {
			a, ok := parseAdvert(f)
			return ok && a.payload[1] == vrid
		})
		a, _ := parseAdvert(f)
		replay := bytes.Clone(f.Data[14:])
		spoilt := bytes.Clone(replay)
		spoilt[len(spoilt)-len(a.payload)+2] = 255
		bad = append(bad, replay, spoilt)
	}

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	mark := len(wire.Frames())
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200)
	sent, began := 0, time.Now()
	const length = 1500 * time.Millisecond
	for now := began; now.Sub(began) < length; now = time.Now() {
		if due := int(now.Sub(began).Seconds() * hostileRate * 1.2); sent >= due {
			time.Sleep(200 * time.Microsecond)
			continue
		}
		n := random.IntN(len(noise))
		for i := range noise[:n] {
			noise[i] = byte(random.Uint32())
		}
		evil.burst(append(bad, packet(noise[:n])))
		sent += len(bad) + 1
	}
	rate := int(float64(sent) / time.Since(began).Seconds())
	t.Logf("%d packets, %d a second", sent, rate)
	// Times and rates say something on a machine that has nothing else to do.
	alone := os.Getenv("GK_LONG") != ""
	if rate < hostileRate && alone {
		t.Errorf("%d packets a second show too little", rate)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)

	var gaps []time.Duration
	last := time.Time{}
	theirs := netip.MustParseAddr("10.9.0.1")
	for _, f := range wire.Frames()[mark:] {
		a, ok := parseAdvertOf(f, theirs)
		if !ok || a.payload[1] != 7 {
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
		if g > 250*time.Millisecond && alone {
			t.Errorf("the master was silent for %v", g)
		}
	}
	for _, r := range []*router{master, backup} {
		var drops uint64
		for _, s := range r.engine.Snapshot().Instances {
			for _, d := range s.Drops {
				drops += d.Count
			}
			if n := len(r.rec.states(s.Name)); n > 2 {
				t.Errorf("%s: states of %s: %v", r.ns.Name, s.Name, r.rec.states(s.Name))
			}
		}
		if drops < uint64(sent)/4 {
			t.Errorf("%s: %d drops of %d packets", r.ns.Name, drops, sent)
		}
		if lines := strings.Count(r.rec.log(), "\n"); lines > 400 {
			t.Errorf("%s: %d lines in the log", r.ns.Name, lines)
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
				evil.burst(bad)
			}
		}
	}()
	lan.Cut(1)
	for _, name := range names {
		backup.waitState(name, event.Master, 20*time.Second)
	}
	close(stop)
	<-attack
}

// parseAdvertOf is an advert without AH from one host.
func parseAdvertOf(f nstest.Frame, from netip.Addr) (advert, bool) {
	p, ok := f.IPv4()
	if !ok || len(p) < 28 || p[9] != 112 || netip.AddrFrom4([4]byte(p[12:16])) != from {
		return advert{}, false
	}
	return parseAdvert(f)
}
