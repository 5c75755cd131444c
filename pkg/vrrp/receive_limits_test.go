package vrrp_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// manyPackets are the ways to have a line written with a packet. once is a
// line that is written once, the others ten times at most.
var manyPackets = []struct {
	name   string
	line   string
	once   bool
	master bool
	change func(*config.VRRPInstance)
	// packet changes the nth packet.
	packet func(p *vrrp.Packet, n int)
}{
	{name: "too short", line: "too short", packet: func(p *vrrp.Packet, _ int) { p.Data = p.Data[:27] }},
	{name: "unknown VRID", line: "Unknown VRID(99)", packet: func(p *vrrp.Packet, _ int) { p.Data[21] = 99 }},
	{name: "TTL", line: "invalid TTL/HL", once: true, packet: func(p *vrrp.Packet, _ int) { p.Data[8] = 1 }},
	{name: "checksum", line: "checksum", once: true, packet: func(p *vrrp.Packet, _ int) { p.Data[26]++ }},
	{name: "interval", line: "interval mismatch", once: true, packet: func(p *vrrp.Packet, _ int) { p.Data[25]++; sum(p) }},
	{name: "count of addresses", line: "expected 2 VIPs", once: true, change: func(v *config.VRRPInstance) {
		v.VirtualAddresses = append(v.VirtualAddresses, &config.Address{Prefix: netip.MustParsePrefix("10.9.0.101/24")})
	}},
	{name: "address", line: "not present in advert", once: true, packet: func(p *vrrp.Packet, _ int) { p.Data[31]++; sum(p) }},
	{name: "AH digest", line: "HMAC-MD5", change: ah, packet: func(p *vrrp.Packet, _ int) { p.Data = ahPacket(7); p.Data[50]++ }},
	{name: "AH sequence", line: "already processed", change: ah, packet: func(p *vrrp.Packet, _ int) { p.Data = ahPacket(0) }},
	{name: "multicast for unicast", line: "discarding multicast", change: func(v *config.VRRPInstance) {
		v.Family, v.VirtualAddresses[0].Prefix = config.IPv6, netip.MustParsePrefix("fe80::99/64")
		v.Peers = []config.UnicastPeer{{Address: netip.MustParseAddr("fe80::9"), MaxTTL: 255}}
	}, packet: func(p *vrrp.Packet, _ int) { p.Data, p.Destination = p.Data[20:], netip.MustParseAddr("ff02::12") }},
	{name: "another source", line: "master set to", packet: func(p *vrrp.Packet, _ int) { p.Data[8] = 1 }},
	{name: "lower priority", line: "discarding", packet: func(p *vrrp.Packet, _ int) { p.Data[22] = 50; sum(p) }},
	{name: "priority 0", line: "priority 0", packet: func(p *vrrp.Packet, _ int) { p.Data[22] = 0; sum(p) }},
	{name: "lower priority, Master", line: "forcing new election", master: true, packet: func(p *vrrp.Packet, _ int) { p.Data[22] = 50; sum(p) }},
	{name: "priority 0, Master", line: "priority 0", master: true, packet: func(p *vrrp.Packet, _ int) { p.Data[22] = 0; sum(p) }},
	{name: "our address", line: "our IP address", master: true, packet: func(p *vrrp.Packet, _ int) { p.Data[15], p.Data[22] = 5, 100; sum(p) }},
	{name: "clock skew", line: "clock skew", once: true, change: hmac, packet: func(p *vrrp.Packet, n int) { p.Data = hmacPacket(4*time.Second + time.Duration(n)*time.Millisecond) }},
}

func ah(v *config.VRRPInstance) { v.Version, v.Auth, v.AuthPass = 2, config.AuthAH, [8]byte{'x'} }

func hmac(v *config.VRRPInstance) {
	v.HMAC = &config.AuthHMAC{Keys: map[uint8][]byte{1: bytes.Repeat([]byte{1}, 32)}, ActiveKey: 1, TimeWindow: 5 * time.Second}
}

// advert200 is an advert of 10.9.0.9 with priority 200; more is how much
// longer it gets.
func advert200(version, protocol uint8, more int) []byte {
	a := wire.Advert{Version: version, Type: 1, VRID: 51, Priority: 200, Count: 1, Interval: 100, Addresses: []byte{10, 9, 0, 100}}
	if version == 2 {
		a.Interval, a.AuthType = 1, config.AuthAH
	}
	n := wire.Len(version, config.IPv4, 1)
	h := wire.IPv4{TotalLen: wire.IPv4Len + n + more, TTL: 255, Protocol: protocol,
		Source: netip.MustParseAddr("10.9.0.9"), Destination: netip.MustParseAddr("224.0.0.18")}
	b := h.Append(nil)
	if protocol == wire.ProtocolAH {
		b = append(b, make([]byte, wire.AHLen)...)
	}
	return a.Append(b, config.IPv4)
}

func sum(p *vrrp.Packet) {
	wire.SetChecksum(p.Data[20:], wire.ChecksumPseudo, netip.AddrFrom4([4]byte(p.Data[12:])), netip.AddrFrom4([4]byte(p.Data[16:])))
}

func ahPacket(sequence uint32) []byte {
	b := advert200(2, wire.ProtocolAH, wire.AHLen)
	wire.SetChecksum(b[44:], wire.ChecksumPlain, netip.Addr{}, netip.Addr{})
	wire.NewAH([8]byte{'x'}).Sign(b, sequence, true)
	return b
}

func hmacPacket(skew time.Duration) []byte {
	v := &config.VRRPInstance{}
	hmac(v)
	p := vrrp.Packet{Data: advert200(3, wire.ProtocolVRRP, wire.TrailerLen)}
	sum(&p)
	p.Data = append(p.Data, make([]byte, wire.TrailerLen)...)
	wire.NewHMAC(v.HMAC, 1).Sign(scenario.Epoch.Add(skew), netip.MustParseAddr("10.9.0.9"), p.Data[20:])
	return p.Data
}

// TestManyPacketsWriteFewLines: whoever can send packets cannot fill the
// log with them.
func TestManyPacketsWriteFewLines(t *testing.T) {
	for _, tt := range manyPackets {
		c := oneInstance(100, tt.change)
		c.Global.VRRP.LogUnknownVRIDs = true
		r := &rfc{t: t, e: vrrp.New(c, vrrp.Options{Detail: true}), now: scenario.Epoch}
		r.step(vrrp.Start{Interfaces: []vrrp.Interface{eth0(5)}})
		if tt.master {
			r.advance(5 * time.Second)
			r.want(event.Master)
		}
		lines := 0
		for n := range 900 {
			p := vrrp.Packet{Socket: r.socket, Data: advert200(3, wire.ProtocolVRRP, 0), HopLimit: 255}
			sum(&p)
			if tt.packet != nil {
				tt.packet(&p, n)
			}
			r.step(&p)
			for _, a := range r.actions {
				if l, ok := a.(vrrp.Log); ok && strings.Contains(l.Text, tt.line) {
					lines++
				}
			}
		}
		if want := map[bool]int{true: 1, false: 10}[tt.once]; lines != want {
			t.Errorf("%s: %d lines, want %d", tt.name, lines, want)
		}
	}
}

// TestForeignVRIDsAreLoggedApart: one that floods does not hide another.
func TestForeignVRIDsAreLoggedApart(t *testing.T) {
	c := oneInstance(100, nil)
	c.Global.VRRP.LogUnknownVRIDs = true
	r := &rfc{t: t, e: vrrp.New(c, vrrp.Options{}), now: scenario.Epoch}
	r.step(vrrp.Start{Interfaces: []vrrp.Interface{eth0(5)}})
	for range 100 {
		r.hear("10.9.0.9", 100, func(b []byte) { b[21] = 99 })
	}
	r.hear("10.9.0.9", 100, func(b []byte) { b[21] = 98 })
	if len(r.actions) != 1 {
		t.Errorf("after 100 packets of one foreign VRID nothing is logged of another")
	}
	if n := r.e.Snapshot().UnknownVRID; n != 101 {
		t.Errorf("%d packets of unknown VRIDs counted", n)
	}
}

// TestRefusedPacketsOfAllInstances: what SNMP counts for the router.
func TestRefusedPacketsOfAllInstances(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.hear("10.9.0.9", 200, func(b []byte) { b[20] = 0x41 })
	r.hear("10.9.0.9", 200, func(b []byte) { b[20] = 0x41 })
	p := vrrp.Packet{Socket: r.socket, Data: advert200(3, wire.ProtocolVRRP, 0)}
	r.step(&p) // without checksum
	if s := r.e.Snapshot(); s.BadVersion != 2 || s.BadChecksum != 1 {
		t.Errorf("%d packets of another version, %d with a wrong checksum", s.BadVersion, s.BadChecksum)
	}
	r.step(vrrp.ClearStats{})
	if s := r.e.Snapshot(); s.BadVersion != 0 || s.BadChecksum != 0 {
		t.Errorf("after the statistics were cleared: %d and %d", s.BadVersion, s.BadChecksum)
	}
}

// TestUnknownDestinationAndHopLimit: what the kernel did not tell of an IPv6
// packet cannot be wrong.
func TestUnknownDestinationAndHopLimit(t *testing.T) {
	for _, v := range variants {
		if v.name != "v3 IPv6" {
			continue
		}
		p := newPair(t, v)
		p.advance()
		p.packet.Destination, p.packet.HopLimit = netip.Addr{}, -1
		p.deliver()
		if n := p.state(p.backup).Counters.AdvertReceived; n != 2 {
			t.Errorf("%d adverts accepted, want 2", n)
		}
	}
}

// TestPacketOfAClosedSocket: one that was read before the socket was closed.
func TestPacketOfAClosedSocket(t *testing.T) {
	r := newRFC(t, 100, nil)
	r.socket++
	r.hear("10.9.0.9", 200, nil)
	if len(r.actions) != 0 || r.state().Counters.AdvertReceived != 0 {
		t.Errorf("%v", r.actions)
	}
}
