package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// One test for each rule of RFC 5798 (RFC 9568 where it differs), named by
// section. Where keepalived, and so we, differ from the RFC, the comment says
// so.

// rfc is one engine under test with what it did last.
type rfc struct {
	t       *testing.T
	e       *vrrp.Engine
	now     time.Time
	actions []vrrp.Action
	// adverts are copies of the packets sent, oldest first.
	adverts [][]byte
	socket  vrrp.SocketID
	waited  time.Duration // of the packets that arrive
}

// newRFC starts a router of address 10.9.0.5.
func newRFC(t *testing.T, priority uint8, change func(*config.VRRPInstance)) *rfc {
	r := &rfc{t: t, e: vrrp.New(oneInstance(priority, change), vrrp.Options{}), now: scenario.Epoch}
	r.step(vrrp.Start{Interfaces: []vrrp.Interface{eth0(5)}})
	return r
}

func (r *rfc) step(ev vrrp.Event) {
	r.actions = append([]vrrp.Action(nil), r.e.Step(r.now, ev)...)
	for _, a := range r.actions {
		switch a := a.(type) {
		case *vrrp.SendAdvert:
			r.adverts = append(r.adverts, append([]byte(nil), a.Data...))
		case vrrp.OpenSocket:
			r.socket = a.ID
		}
	}
}

func (r *rfc) advance(d time.Duration) {
	end := r.now.Add(d)
	for {
		at, ok := r.e.Deadline()
		if !ok || at.After(end) {
			r.now = end
			return
		}
		r.now = at
		r.step(vrrp.Timer{})
	}
}

// hear lets an advert of version 3 from another router arrive.
func (r *rfc) hear(from string, priority uint8, change func([]byte)) {
	src, dst := netip.MustParseAddr(from), netip.MustParseAddr("224.0.0.18")
	a := wire.Advert{Version: 3, Type: 1, VRID: 51, Priority: priority, Count: 1, Interval: 100, Addresses: []byte{10, 9, 0, 100}}
	h := wire.IPv4{TotalLen: 32, TTL: 255, Protocol: wire.ProtocolVRRP, Source: src, Destination: dst}
	b := a.Append(h.Append(nil), config.IPv4)
	if change != nil {
		change(b)
	}
	wire.SetChecksum(b[20:], wire.ChecksumPseudo, src, dst)
	r.step(&vrrp.Packet{Socket: r.socket, Data: b, Waited: r.waited})
}

func (r *rfc) state() status.VRRPInstance { return r.e.Snapshot().Instances[0] }

func (r *rfc) want(s event.State) {
	r.t.Helper()
	if got := r.state().State; got != s {
		r.t.Fatalf("state %v, want %v", got, s)
	}
}

// timer is how long until the advert or master down timer ends.
func (r *rfc) timer() time.Duration { return r.state().NextTimer.Sub(r.now) }

func (r *rfc) wantTimer(d time.Duration) {
	r.t.Helper()
	if got := r.timer(); got != d {
		r.t.Errorf("timer ends in %v, want %v", got, d)
	}
}

func (r *rfc) sent() int { return len(r.adverts) }

// 5.1.1.1, 5.1.1.2, 5.1.1.3, 5.1.1.4: source, group, TTL 255, protocol 112.
func TestRFC5798_5_1_1_IPv4Fields(t *testing.T) {
	r := newRFC(t, 255, nil)
	r.advance(time.Millisecond)
	var h wire.IPv4
	if r.sent() == 0 || !h.Decode(r.adverts[0]) {
		t.Fatal("no advert")
	}
	want := wire.IPv4{HeaderLen: 20, TotalLen: 32, ID: 1, TTL: 255, Protocol: 112,
		Source: netip.MustParseAddr("10.9.0.5"), Destination: netip.MustParseAddr("224.0.0.18")}
	if h != want {
		t.Errorf("header %+v, want %+v", h, want)
	}
}

// 5.1.2.1, 5.1.2.2, 5.1.2.3: the source is the link-local address, the group
// ff02::12, the hop limit 255.
func TestRFC5798_5_1_2_IPv6Fields(t *testing.T) {
	r := newRFC(t, 255, variants[6].change)
	r.advance(time.Microsecond)
	for _, a := range r.actions {
		if s, ok := a.(*vrrp.SendAdvert); ok {
			if s.Source != netip.MustParseAddr("fe80::5") || s.Destination != netip.MustParseAddr("ff02::12") || s.HopLimit != 255 {
				t.Errorf("from %v to %v hop limit %d", s.Source, s.Destination, s.HopLimit)
			}
			return
		}
	}
	t.Error("no advert")
}

// 5.2: the fields of an advert.
func TestRFC5798_5_2_Advert(t *testing.T) {
	r := newRFC(t, 255, func(v *config.VRRPInstance) { v.AdvertInterval = 40950 * time.Millisecond })
	r.advance(time.Millisecond)
	var a wire.Advert
	if d := a.Decode(r.adverts[0][20:], config.IPv4); d != wire.Accepted {
		t.Fatal(d)
	}
	a.Checksum = 0
	if a.Version != 3 || a.Type != 1 || a.VRID != 51 || a.Priority != 255 || a.Count != 1 || a.Interval != 4095 || !a.Has(netip.MustParseAddr("10.9.0.100")) {
		t.Errorf("%+v", a)
	}
}

// 5.2.4: priority 0 says that the Master stops taking part.
func TestRFC5798_5_2_4_PriorityZeroOnShutdown(t *testing.T) {
	r := newRFC(t, 255, nil)
	r.advance(time.Millisecond)
	r.step(vrrp.Stop{})
	last := r.adverts[len(r.adverts)-1]
	if last[22] != 0 {
		t.Errorf("priority %d in the last advert", last[22])
	}
}

// 5.2.8: the checksum covers the pseudo header. RFC 9568 5.2.8 leaves it out
// for IPv4: v3_checksum_as_v2.
func TestRFC5798_5_2_8_Checksum(t *testing.T) {
	src, dst := netip.MustParseAddr("10.9.0.5"), netip.MustParseAddr("224.0.0.18")
	for _, plain := range []bool{false, true} {
		r := newRFC(t, 255, func(v *config.VRRPInstance) { v.V3ChecksumAsV2 = plain })
		r.advance(time.Millisecond)
		pdu := r.adverts[0][20:]
		if wire.ChecksumOK(pdu, wire.ChecksumPseudo, src, dst) == plain || wire.ChecksumOK(pdu, wire.ChecksumPlain, src, dst) != plain {
			t.Errorf("v3_checksum_as_v2 %v: checksum of the other form", plain)
		}
	}
}

// 6.1: Skew_Time and Master_Down_Interval.
func TestRFC5798_6_1_Intervals(t *testing.T) {
	r := newRFC(t, 120, nil)
	s := r.state()
	if s.SkewTime != 531250*time.Microsecond || s.MasterDownInterval != 3531250*time.Microsecond {
		t.Errorf("skew %v, master down %v", s.SkewTime, s.MasterDownInterval)
	}
	r.wantTimer(3531250 * time.Microsecond)
}

// 6.4.1 (100): the owner sends an advert, gratuitous ARPs, and is Master.
func TestRFC5798_6_4_1_StartupOwner(t *testing.T) {
	r := newRFC(t, 255, nil)
	r.advance(time.Microsecond)
	r.want(event.Master)
	r.wantTimer(time.Second)
	order := ""
	for _, a := range r.actions {
		switch a.(type) {
		case *vrrp.SendAdvert:
			order += "advert "
		case vrrp.AddAddress:
			order += "address "
		case vrrp.SendGARP:
			order += "garp "
		}
	}
	if order != "advert address garp " {
		t.Errorf("order of effects: %s", order)
	}
}

// 6.4.1 (135): others are Backup with the Master_Down_Timer running.
func TestRFC5798_6_4_1_StartupBackup(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.want(event.Backup)
	r.wantTimer(3609375 * time.Microsecond)
	if r.sent() != 0 {
		t.Error("a Backup has sent an advert")
	}
}

// 6.4.2 (360): the timer ends: advert, gratuitous ARP, Master.
func TestRFC5798_6_4_2_MasterDownTimer(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.advance(3609374 * time.Microsecond)
	r.want(event.Backup)
	r.advance(time.Microsecond)
	r.want(event.Master)
	if r.sent() != 1 {
		t.Errorf("%d adverts", r.sent())
	}
}

// 6.4.2 (420): priority 0 sets the timer to Skew_Time.
func TestRFC5798_6_4_2_PriorityZero(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.hear("10.9.0.9", 0, nil)
	r.wantTimer(609375 * time.Microsecond)
}

// 6.4.2 (450): an advert of at least our priority sets the timer, and the
// Master_Adver_Interval from the packet.
func TestRFC5798_6_4_2_Accept(t *testing.T) {
	for _, priority := range []uint8{100, 101, 255} {
		r := newRFC(t, 100, nil)
		r.advance(time.Second)
		r.hear("10.9.0.9", priority, func(b []byte) { b[24], b[25] = 0, 200 })
		r.wantTimer(6*time.Second + 1218750*time.Microsecond)
	}
}

// 6.4.2 (450): with Preempt_Mode false lower priorities are accepted too.
func TestRFC5798_6_4_2_PreemptModeFalse(t *testing.T) {
	r := newRFC(t, 100, func(v *config.VRRPInstance) { v.NoPreempt = true })
	r.advance(time.Second)
	r.hear("10.9.0.9", 1, nil)
	r.wantTimer(3609375 * time.Microsecond)
}

// 6.4.2 (465): else the advert is discarded.
func TestRFC5798_6_4_2_Discard(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.advance(time.Second)
	r.hear("10.9.0.9", 99, nil)
	r.wantTimer(2609375 * time.Microsecond)
}

// 6.4.2 (345): a Backup that shuts down says nothing.
func TestRFC5798_6_4_2_Shutdown(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.step(vrrp.Stop{})
	if r.sent() != 0 {
		t.Error("a Backup has sent an advert")
	}
	r.want(event.Stop)
}

// 6.4.3 (640): the Adver_Timer ends: an advert, the timer starts again.
func TestRFC5798_6_4_3_AdverTimer(t *testing.T) {
	r := newRFC(t, 255, nil)
	r.advance(time.Microsecond)
	r.advance(10 * time.Second)
	if r.sent() != 11 {
		t.Errorf("%d adverts in 10 s", r.sent())
	}
	r.wantTimer(time.Second)
}

// 6.4.3 (635): priority 0: an advert at once, the timer starts again.
func TestRFC5798_6_4_3_PriorityZero(t *testing.T) {
	r := newRFC(t, 200, nil)
	r.advance(3500 * time.Millisecond)
	before := r.sent()
	r.hear("10.9.0.9", 0, nil)
	r.want(event.Master)
	if r.sent() != before+1 {
		t.Errorf("%d adverts", r.sent()-before)
	}
	r.wantTimer(time.Second)
}

// 6.4.3 (725): a greater priority, or an equal one and a greater address:
// Backup, with the interval of the packet.
func TestRFC5798_6_4_3_Yield(t *testing.T) {
	for _, tt := range []struct {
		from     string
		priority uint8
	}{{"10.9.0.1", 201}, {"10.9.0.9", 201}, {"10.9.0.6", 200}} {
		r := newRFC(t, 200, nil)
		r.advance(4 * time.Second)
		r.want(event.Master)
		r.hear(tt.from, tt.priority, func(b []byte) { b[24], b[25] = 0, 10 })
		r.want(event.Backup)
		r.wantTimer(300*time.Millisecond + 21875*time.Microsecond)
		removed := false
		for _, a := range r.actions {
			if _, ok := a.(vrrp.RemoveAddress); ok {
				removed = true
			}
			if _, ok := a.(*vrrp.SendAdvert); ok {
				t.Error("an advert was sent while yielding")
			}
		}
		if !removed {
			t.Error("the address stays")
		}
	}
}

// 6.4.3 (755): else the advert is discarded and we stay Master. RFC 9568
// 6.4.3 has the Active router answer at once, which keepalived does too.
func TestRFC9568_6_4_3_AssertRole(t *testing.T) {
	for _, tt := range []struct {
		from     string
		priority uint8
	}{{"10.9.0.9", 199}, {"10.9.0.4", 200}, {"10.9.0.9", 1}} {
		r := newRFC(t, 200, nil)
		r.advance(3500 * time.Millisecond)
		before := r.sent()
		r.hear(tt.from, tt.priority, nil)
		r.want(event.Master)
		if r.sent() != before+1 {
			t.Errorf("from %s priority %d: %d adverts", tt.from, tt.priority, r.sent()-before)
		}
	}
}

// 6.4.3 (655): a Master that shuts down sends priority 0 and gives everything
// back.
func TestRFC5798_6_4_3_Shutdown(t *testing.T) {
	r := newRFC(t, 255, nil)
	r.advance(time.Millisecond)
	before := r.sent()
	r.step(vrrp.Stop{})
	if r.sent() != before+1 || r.adverts[before][22] != 0 {
		t.Errorf("%d adverts", r.sent()-before)
	}
	if _, ok := r.actions[1].(vrrp.RemoveAddress); !ok {
		t.Errorf("after priority 0 comes %T", r.actions[1])
	}
}

// 7.1: packets that fail a check are discarded.
func TestRFC5798_7_1_Receiving(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func([]byte)
		want   string
	}{
		{"TTL", func(b []byte) { b[8] = 254 }, "TTL"},
		{"version", func(b []byte) { b[20] = 0x41 }, "version"},
		{"type", func(b []byte) { b[20] = 0x32 }, "packet type"},
		{"count", func(b []byte) { b[23] = 2 }, "too short"},
	} {
		r := newRFC(t, 100, nil)
		r.advance(time.Second)
		r.hear("10.9.0.9", 200, tt.change)
		r.wantTimer(2609375 * time.Microsecond)
		for _, d := range r.state().Drops {
			if (d.Reason == tt.want) != (d.Count == 1) {
				t.Errorf("%s: %d packets dropped for %q", tt.name, d.Count, d.Reason)
			}
		}
	}
	r := newRFC(t, 100, nil)
	r.hear("10.9.0.9", 200, func(b []byte) { b[21] = 52 })
	if n := r.e.Snapshot().UnknownVRID; n != 1 {
		t.Errorf("%d packets of an unknown VRID", n)
	}
}

// 7.1: a list of addresses that is not ours is logged. The RFC lets a Backup
// drop the packet unless it comes from the owner; keepalived accepts it, which
// is what keeps a pair together while its configuration changes.
func TestRFC5798_7_1_AddressList(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.advance(time.Second)
	r.hear("10.9.0.9", 200, func(b []byte) { b[31] = 101 })
	r.wantTimer(3609375 * time.Microsecond)
	if n := r.state().Counters.AddressListErrors; n != 1 {
		t.Errorf("%d address list errors", n)
	}
}

// 7.3: the virtual router MAC address.
func TestRFC5798_7_3_VirtualMAC(t *testing.T) {
	for family, want := range map[config.Family][6]byte{
		config.IPv4: {0, 0, 0x5e, 0, 1, 51},
		config.IPv6: {0, 0, 0x5e, 0, 2, 51},
	} {
		r := newRFC(t, 100, func(v *config.VRRPInstance) {
			if family == config.IPv6 {
				variants[6].change(v)
			}
			v.VMAC = &config.VMAC{}
		})
		made := false
		for _, a := range r.actions {
			if m, ok := a.(vrrp.EnsureVMAC); ok {
				made = true
				if m.MAC != want {
					t.Errorf("%v: MAC %x, want %x", family, m.MAC, want)
				}
			}
		}
		if !made {
			t.Errorf("%v: no VMAC", family)
		}
	}
}

// 6.1: Accept_Mode false: packets to the addresses are dropped, except by the
// owner.
func TestRFC5798_6_1_AcceptMode(t *testing.T) {
	for _, tt := range []struct {
		priority uint8
		drops    bool
	}{{200, true}, {255, false}} {
		r := newRFC(t, tt.priority, func(v *config.VRRPInstance) { v.Accept = false })
		r.advance(4 * time.Second)
		r.want(event.Master)
		if got := r.state().DropTraffic; got != tt.drops {
			t.Errorf("priority %d: drop rules %v", tt.priority, got)
		}
	}
}

// 6.4.2: the Master_Down_Timer is set when an advertisement is received, which
// is when it arrived, however late the process gets to read it.
func TestRFC5798_6_4_2_TimerCountsFromArrival(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.advance(time.Second)
	r.waited = 200 * time.Millisecond
	r.hear("10.9.0.9", 200, nil)
	r.waited = 0
	down := 3*time.Second + 156*time.Second/256
	at, ok := r.e.Deadline()
	if want := r.now.Add(down - 200*time.Millisecond); !ok || at.Sub(want).Abs() > time.Millisecond {
		t.Errorf("the timer ends %v after the packet was read, want %v", at.Sub(r.now), want.Sub(r.now))
	}
	// Nothing else counts from then.
	r.step(vrrp.BFDState{})
	r.hear("10.9.0.9", 200, nil)
	if at, _ := r.e.Deadline(); at.Sub(r.now.Add(down)).Abs() > time.Millisecond {
		t.Errorf("the next timer ends after %v, want %v", at.Sub(r.now), down)
	}
}
