package ipvs

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// The bytes are worked out by hand from <linux/ip_vs.h>, for a little-endian
// machine.
func TestMessages(t *testing.T) {
	if hexOf(message{}.uint16(1, 1)) != "06000100 01000000" {
		t.Skip("needs a little-endian machine")
	}
	tunnel := Destination{
		Addr: netip.MustParseAddr("fd00:9::11"), Port: 80, Weight: 70000, UpperThreshold: 5, LowerThreshold: 4,
		Forwarding: config.Forwarding{Method: config.TUN, Tunnel: config.TunnelGUE, Port: 6080, Checksum: config.TunnelRemoteChecksum},
	}
	for _, c := range []struct {
		name string
		got  message
		want string
	}{
		{"service by address", message{}.serviceKey(AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)), `
			30000180
			06000100 02000000
			06000200 06000000
			14000300 0a090101 00000000 00000000 00000000
			06000400 00500000`},
		{"service by mark", message{}.serviceKey(FwmarkKey(config.IPv6, 7)), `
			14000180
			06000100 0a000000
			08000500 07000000`},
		{"whole service", message{}.service(FwmarkKey(config.IPv4, 7), ServiceSettings{
			Scheduler: "rr", Flags: 1, Timeout: 50 * time.Second, Netmask: 0xffffff00, PersistenceEngine: "sip",
		}), `
			48000180
			06000100 02000000
			08000500 07000000
			07000600 72720000
			08000b00 73697000
			0c000700 01000000 ffffffff
			08000800 32000000
			08000900 ffffff00`},
		{"destination", message{}.destination(Destination{Addr: netip.MustParseAddr("10.9.0.11"), Port: 8080, Weight: 1, Forwarding: config.Forwarding{Method: config.DR}}), `
			48000280
			06000b00 02000000
			14000100 0a09000b 00000000 00000000 00000000
			06000200 1f900000
			08000300 03000000
			08000400 01000000
			08000500 00000000
			08000600 00000000`},
		{"tunnel", message{}.destination(tunnel), `
			60000280
			06000b00 0a000000
			14000100 fd000009 00000000 00000000 00000011
			06000200 00500000
			08000300 02000000
			08000400 70110100
			08000500 05000000
			08000600 04000000
			05000d00 01000000
			06000e00 17c00000
			06000f00 02000000`},
		{"sync daemon", message{}.syncDaemon(SyncDaemon{Role: SyncBackup, Interface: "eth0", ID: 5, MaxLen: 1000, Group: netip.MustParseAddr("224.0.0.90"), Port: 8900, TTL: 3}), `
			40000380
			08000100 02000000
			09000200 65746830 00000000
			08000300 05000000
			06000400 e8030000
			08000500 e000005a
			06000700 c4220000
			05000800 03000000`},
	} {
		if want := strings.Join(strings.Fields(c.want), " "); hexOf(c.got) != want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, hexOf(c.got), want)
		}
	}
	m, start := message{}.begin(0x1c, cmdFlush, 5, 9)
	m.end(start)
	if got := hexOf(m); got != "14000000 1c000500 09000000 00000000 11010000" {
		t.Errorf("header: %s", got)
	}
}

func hexOf(b []byte) string {
	var words []string
	for len(b) >= 4 {
		words = append(words, hex.EncodeToString(b[:4]))
		b = b[4:]
	}
	return strings.Join(append(words, hex.EncodeToString(b)), " ")
}

// reply is what the kernel would send for a request body.
func reply(m message) []byte { return append([]byte{cmdNewService, genlVersion, 0, 0}, m...) }

func TestRepliesReadWhatRequestsWrite(t *testing.T) {
	for _, d := range []Destination{
		{Addr: netip.MustParseAddr("10.9.0.11"), Port: 80, Weight: 1, Forwarding: config.Forwarding{Method: config.NAT}},
		{Addr: netip.MustParseAddr("fd00::1"), Port: 65535, Weight: 1<<31 - 1, Forwarding: config.Forwarding{Method: config.DR}, UpperThreshold: 1<<32 - 1},
		{Addr: netip.MustParseAddr("fd00::1"), Forwarding: config.Forwarding{Method: config.TUN, Tunnel: config.TunnelGUE, Port: 6080, Checksum: config.TunnelChecksumOn}},
	} {
		got, _, err := parseDestination(reply(message{}.destination(d)), config.IPv4)
		if err != nil || got != d {
			t.Errorf("%+v, %v, want %+v", got, err, d)
		}
	}
	for _, key := range []ServiceKey{
		AddressKey(config.SCTP, netip.MustParseAddr("10.9.1.1"), 0), AddressKey(config.UDP, netip.MustParseAddr("fd00::2"), 53),
		FwmarkKey(config.IPv4, 1<<32-1), FwmarkKey(config.IPv6, 1),
	} {
		got, _, err := parseService(reply(message{}.serviceKey(key)))
		if err != nil || got.Key != key {
			t.Errorf("%+v, %v, want %+v", got.Key, err, key)
		}
	}
	d := SyncDaemon{Role: SyncMaster, Interface: "eth0", ID: 5, MaxLen: 1000, Group: netip.MustParseAddr("ff02::51"), Port: 8900, TTL: 3}
	if got, err := parseSyncDaemon(reply(message{}.syncDaemon(d))); err != nil || got != d {
		t.Errorf("%+v, %v, want %+v", got, err, d)
	}
}

// statsMessage is a nested statistics attribute.
func statsMessage(m message, kind uint16, values ...uint64) message {
	m, start := m.nest(kind)
	for i, v := range values {
		m = m.attr(uint16(i+1), 8)
		for range 8 {
			m = append(m, byte(v))
			v >>= 8
		}
	}
	m.endNest(start)
	return m
}

func TestStatsOf64BitsCount(t *testing.T) {
	m, start := message{}.nest(attrDest)
	m = m.uint16(destFamily, afInet)
	m = m.addr(destAddr, netip.MustParseAddr("10.9.0.11"))
	m = m.uint32(destActive, 7)
	m = statsMessage(m, destStats64, 1<<40, 2, 3, 4, 5<<33, 6, 7, 8, 9, 10)
	m = statsMessage(m, destStats, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	m.endNest(start)
	_, got, err := parseDestination(reply(m), config.IPv4)
	want := Stats{
		Connections: 1 << 40, InPackets: 2, OutPackets: 3, InBytes: 4, OutBytes: 5 << 33,
		ConnectionRate: 6, InPacketRate: 7, OutPacketRate: 8, InByteRate: 9, OutByteRate: 10, ActiveConnections: 7,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

// FuzzReply feeds whatever to the readers: they must not panic, and what they
// accept must survive being written and read again.
func FuzzReply(f *testing.F) {
	f.Add(reply(message{}.serviceKey(AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80))))
	f.Add(reply(message{}.serviceKey(FwmarkKey(config.IPv6, 7))))
	f.Add(reply(message{}.destination(Destination{Addr: netip.MustParseAddr("fd00::1"), Port: 80, Weight: 3, Forwarding: config.Forwarding{Method: config.TUN, Tunnel: config.TunnelGRE}})))
	f.Add(reply(message{}.syncDaemon(SyncDaemon{Role: SyncMaster, Interface: "lo", Group: netip.MustParseAddr("224.0.0.81")})))
	f.Add(reply(message{}.uint32(infoVersion, 0x010201)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, _, err := parseService(b); err == nil {
			again, _, err := parseService(reply(message{}.serviceKey(s.Key)))
			if err != nil || again.Key != s.Key {
				t.Errorf("%+v, read again: %+v, %v", s.Key, again.Key, err)
			}
		}
		if d, _, err := parseDestination(b, config.IPv6); err == nil {
			d.Forwarding.Tunnel %= 3
			again, _, err := parseDestination(reply(message{}.destination(d)), config.IPv6)
			if err != nil || again != d {
				t.Errorf("%+v, read again: %+v, %v", d, again, err)
			}
		}
		_, _ = parseSyncDaemon(b)
		_, _ = parseVersion(b)
	})
}
