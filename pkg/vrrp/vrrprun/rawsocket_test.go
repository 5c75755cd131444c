//go:build linux

package vrrprun

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// socketLink is two hosts on one cable, their socket pairs, and an ear:
//
//	gkrun-sa eth0 10.9.0.1, fd00:9::1 ── eth0 10.9.0.2, fd00:9::2 gkrun-sb
type socketLink struct {
	a, b *nstest.NS
	wire *nstest.Capture
	next int
}

func newSocketLink(t *testing.T) *socketLink {
	l := &socketLink{a: nstest.New(t, "gkrun-sa"), b: nstest.New(t, "gkrun-sb")}
	nstest.Veth(t, l.a, "eth0", l.b, "eth0")
	l.a.AddAddress("eth0", "10.9.0.1/24", "fd00:9::1/64", "fe80::a/64")
	l.b.AddAddress("eth0", "10.9.0.2/24", "fd00:9::2/64", "fe80::b/64")
	l.wire = l.b.Capture("eth0")
	return l
}

func openPairIn(t testing.TB, n *nstest.NS, spec vrrp.SocketSpec) *socketPair {
	t.Helper()
	if spec.Interface != "" {
		spec.Index = n.Link(spec.Interface).Attrs().Index
	}
	var p *socketPair
	n.Do(func() {
		var err error
		if p, err = openSocketPair(1, spec, 0); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(p.close)
	return p
}

// ipv4Packet is an advert as the engine hands it over.
func ipv4Packet(src, dst string, ttl byte, protocol byte, payload []byte) []byte {
	p := make([]byte, 20, 20+len(payload))
	p[0], p[1] = 0x45, 0xc0
	binary.BigEndian.PutUint16(p[2:], uint16(20+len(payload)))
	p[5] = 7 // id
	p[8], p[9] = ttl, protocol
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	copy(p[12:], s[:])
	copy(p[16:], d[:])
	return append(p, payload...)
}

// send sends one advert through p and returns what was on the wire.
func (l *socketLink) send(t *testing.T, p *socketPair, a *vrrp.SendAdvert, marker byte) []byte {
	t.Helper()
	e := &Engine{sockets: map[vrrp.SocketID]*socketPair{1: p}, sender: mmsg.NewSender(sendBatch)}
	e.onAdvertFailed = e.advertFailed
	a.Socket = 1
	e.queueAdvert(a)
	e.flushAdverts()
	if len(e.queue) != 0 {
		t.Fatalf("send failed: %+v", e.queue)
	}
	f, next := l.wire.Wait(l.next, 30*time.Second, "advert", func(f nstest.Frame) bool {
		if p, ok := f.IPv4(); ok {
			return len(p) > 27 && (p[9] == 112 || p[9] == 51) && p[21] == marker
		}
		p, ok := f.IPv6()
		return ok && len(p) > 47 && p[6] == 112 && p[41] == marker
	})
	l.next = next
	return f.Data
}

// heard returns the adverts that wait in the receiving socket.
func heard(t *testing.T, p *socketPair) []vrrp.Packet {
	t.Helper()
	r := mmsg.NewReceiver(receiveCount, receiveSize)
	n, err := r.Receive(p.receive)
	if err == unix.EAGAIN {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []vrrp.Packet
	for i := range n {
		packet := vrrp.Packet{Data: append([]byte(nil), r.Data(i)...), HopLimit: -1}
		if p.spec.Family == config.IPv6 {
			fillSource(&packet, r.Name(i))
		}
		fill(&packet, r.Control(i), time.Now().UnixNano())
		if packet.Waited <= 0 || packet.Waited > time.Minute {
			t.Errorf("a packet that waited %v", packet.Waited)
		}
		out = append(out, packet)
	}
	return out
}

func TestRawSocketsIPv4(t *testing.T) {
	l := newSocketLink(t)
	group := netip.MustParseAddr("224.0.0.18")
	multicast := vrrp.SocketSpec{Family: config.IPv4, Protocol: 112, Interface: "eth0", Group: group}
	unicast := func(ip string) vrrp.SocketSpec {
		return vrrp.SocketSpec{Family: config.IPv4, Protocol: 112, Local: netip.MustParseAddr(ip)}
	}
	ma, mb := openPairIn(t, l.a, multicast), openPairIn(t, l.b, multicast)
	ua, ub := openPairIn(t, l.a, unicast("10.9.0.1")), openPairIn(t, l.b, unicast("10.9.0.2"))
	ah := multicast
	ah.Protocol = 51
	aa, ab := openPairIn(t, l.a, ah), openPairIn(t, l.b, ah)
	_ = openPairIn(t, l.a, unicast("10.9.0.77")) // an address nobody has

	for _, c := range []struct {
		name   string
		from   *socketPair
		to     *socketPair
		dst    string
		ttl    byte
		marker byte
		mac    string
	}{
		{"multicast", ma, mb, "224.0.0.18", 255, 1, "01005e000012"},
		{"unicast", ua, ub, "10.9.0.2", 255, 2, ""},
		{"unicast with a TTL of its own", ua, ub, "10.9.0.2", 7, 3, ""},
		{"AH", aa, ab, "224.0.0.18", 255, 4, "01005e000012"},
	} {
		payload := []byte{0x21, c.marker, 100, 0, 0, 1, 0, 0}
		data := ipv4Packet("10.9.0.1", c.dst, c.ttl, c.from.spec.Protocol, payload)
		frame := l.send(t, c.from, &vrrp.SendAdvert{
			Destination: netip.MustParseAddr(c.dst), Data: data, Index: c.from.spec.Index}, c.marker)
		if c.mac != "" && hex.EncodeToString(frame[:6]) != c.mac {
			t.Errorf("%s: to %x", c.name, frame[:6])
		}
		ip := frame[14:]
		if ip[1] != 0xc0 || ip[8] != c.ttl || binary.BigEndian.Uint16(ip[4:]) != 7 || binary.BigEndian.Uint16(ip[6:]) != 0 {
			t.Errorf("%s: header % x", c.name, ip[:20])
		}
		if headerSum(ip[:20]) != 0xffff {
			t.Errorf("%s: header checksum % x", c.name, ip[:20])
		}
		got := heard(t, c.to)
		if len(got) != 1 || hex.EncodeToString(got[0].Data[20:]) != hex.EncodeToString(payload) {
			t.Errorf("%s: heard %v", c.name, got)
		}
	}
	for name, p := range map[string]*socketPair{"multicast a": ma, "multicast b": mb, "unicast a": ua, "unicast b": ub, "AH a": aa} {
		if got := heard(t, p); got != nil {
			t.Errorf("%s heard what was not for it: %v", name, got)
		}
		if n, err := mmsg.NewReceiver(1, 100).Receive(p.send); err != unix.EAGAIN {
			t.Errorf("%s: sending socket received %d, %v", name, n, err)
		}
	}
}

// headerSum is the one's complement sum of a header, 0xffff if its checksum
// is right.
func headerSum(b []byte) uint32 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	return sum&0xffff + sum>>16
}

func TestRawSocketsIPv6(t *testing.T) {
	l := newSocketLink(t)
	group := netip.MustParseAddr("ff02::12")
	multicast := vrrp.SocketSpec{Family: config.IPv6, Protocol: 112, Interface: "eth0", Group: group}
	ma, mb := openPairIn(t, l.a, multicast), openPairIn(t, l.b, multicast)
	unicast := func(ip string) vrrp.SocketSpec {
		return vrrp.SocketSpec{Family: config.IPv6, Protocol: 112, Interface: "eth0", Local: netip.MustParseAddr(ip)}
	}
	ua, ub := openPairIn(t, l.a, unicast("fd00:9::1")), openPairIn(t, l.b, unicast("fd00:9::2"))
	la, lb := openPairIn(t, l.a, unicast("fe80::a")), openPairIn(t, l.b, unicast("fe80::b"))

	for _, c := range []struct {
		name     string
		from, to *socketPair
		src, dst string
		hops     int
		wantHops byte
		marker   byte
	}{
		{"multicast", ma, mb, "fe80::a", "ff02::12", 255, 255, 1},
		{"multicast from an address nobody has", ma, mb, "fe80::77", "ff02::12", 255, 255, 2},
		{"unicast", ua, ub, "fd00:9::1", "fd00:9::2", -1, 64, 3},
		{"unicast with a hop limit of its own", ua, ub, "fd00:9::1", "fd00:9::2", 77, 77, 4},
		{"unicast between link-local addresses", la, lb, "fe80::a", "fe80::b", -1, 64, 5},
	} {
		payload := []byte{0x31, c.marker, 100, 0, 0, 100, 0, 0}
		frame := l.send(t, c.from, &vrrp.SendAdvert{
			Source: netip.MustParseAddr(c.src), Destination: netip.MustParseAddr(c.dst),
			Index: c.from.spec.Index, Data: payload, HopLimit: c.hops}, c.marker)
		ip := frame[14:]
		if class := byte(binary.BigEndian.Uint16(ip) >> 4); class != 0xc0 || ip[7] != c.wantHops {
			t.Errorf("%s: header % x", c.name, ip[:40])
		}
		if src := netip.AddrFrom16([16]byte(ip[8:24])); src.String() != c.src {
			t.Errorf("%s: from %v", c.name, src)
		}
		if ip[46] == 0 && ip[47] == 0 {
			t.Errorf("%s: no checksum: % x", c.name, ip[40:])
		}
		got := heard(t, c.to)
		if len(got) != 1 {
			t.Errorf("%s: heard %v", c.name, got)
			continue
		}
		if g := got[0]; g.Source.String() != c.src || g.Destination.String() != c.dst || g.HopLimit != int(c.wantHops) || g.Data[1] != c.marker {
			t.Errorf("%s: heard %+v", c.name, g)
		}
	}
	for name, p := range map[string]*socketPair{"multicast a": ma, "multicast b": mb, "unicast a": ua, "unicast b": ub, "link-local b": lb} {
		if got := heard(t, p); got != nil {
			t.Errorf("%s heard what was not for it: %v", name, got)
		}
	}
}

func TestRawSocketErrors(t *testing.T) {
	n := nstest.New(t, "gkrun-err")
	for name, spec := range map[string]vrrp.SocketSpec{
		"no such device": {Family: config.IPv4, Protocol: 112, Interface: "eth9", Index: 99, Group: netip.MustParseAddr("224.0.0.18")},
		"no such zone":   {Family: config.IPv6, Protocol: 112, Index: 99, Local: netip.MustParseAddr("fe80::1")},
	} {
		n.Do(func() {
			if p, err := openSocketPair(1, spec, 0); err == nil {
				p.close()
				t.Errorf("%s: opened", name)
			}
		})
	}
	n.Do(func() {
		spec := vrrp.SocketSpec{Family: config.IPv4, Protocol: 112, Local: netip.MustParseAddr("127.0.0.1")}
		p, err := openSocketPair(1, spec, 5<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		if size, err := unix.GetsockoptInt(p.receive, unix.SOL_SOCKET, unix.SO_RCVBUF); err != nil || size != 10<<20 {
			t.Errorf("receive buffer %d (the kernel doubles), %v", size, err)
		}
	})
}

func TestSockpoolText(t *testing.T) {
	for want, spec := range map[string]vrrp.SocketSpec{
		"VRRP sockpool: [ifindex(  3), family(IPv4), proto(112), fd(14,15) , unicast, address(10.9.0.1)]": {
			Family: config.IPv4, Protocol: 112, Index: 3, Local: netip.MustParseAddr("10.9.0.1")},
		"VRRP sockpool: [ifindex(  3), family(IPv6), proto(112), fd(14,15) multicast, address(ff02::12)]": {
			Family: config.IPv6, Protocol: 112, Index: 3, Group: netip.MustParseAddr("ff02::12")},
	} {
		if got := sockpoolText(&socketPair{spec: spec, receive: 14, send: 15}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
