//go:build linux

package vrrprun

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// peerCase is one way to speak VRRP, for us and for keepalived.
type peerCase struct {
	name    string
	version uint8
	ipv6    bool
	unicast bool
	pass    string
	ah      bool
}

func (c peerCase) vip() string {
	if c.ipv6 {
		return "fd00:9::100/64"
	}
	return "10.9.0.100/24"
}

func (c peerCase) host(i int) string {
	if c.ipv6 {
		return fmt.Sprintf("fd00:9::%d", i)
	}
	return fmt.Sprintf("10.9.0.%d", i)
}

// instance is the case as one of our instances on host i of 2.
func (c peerCase) instance(i int, priority uint8) *config.VRRPInstance {
	vips := []string{c.vip()}
	if c.ipv6 {
		vips = []string{"fe80::100/64", c.vip()}
	}
	v := newInstance("V1", 51, vips...)
	v.Version, v.Priority = c.version, priority
	v.AdvertInterval = c.interval()
	if c.unicast {
		v.SourceAddress = netip.MustParseAddr(c.host(i))
		v.Peers = []config.UnicastPeer{{Address: netip.MustParseAddr(c.host(3 - i)), MaxTTL: 255}}
	}
	switch {
	case c.ah:
		v.Auth = config.AuthAH
	case c.pass != "":
		v.Auth = config.AuthPass
	}
	copy(v.AuthPass[:], c.pass)
	return v
}

func (c peerCase) interval() time.Duration {
	if c.version == 2 {
		return time.Second
	}
	return 100 * time.Millisecond
}

// text is the case as keepalived's configuration on host i of 2.
func (c peerCase) text(i int, priority uint8) string {
	var b strings.Builder
	fmt.Fprintf(&b, "vrrp_instance V1 {\n interface eth0\n virtual_router_id 51\n version %d\n priority %d\n advert_int %v\n",
		c.version, priority, c.interval().Seconds())
	if c.unicast {
		fmt.Fprintf(&b, " unicast_src_ip %s\n unicast_peer { %s }\n", c.host(i), c.host(3-i))
	}
	switch {
	case c.ah:
		fmt.Fprintf(&b, " authentication { auth_type AH\n auth_pass %s }\n", c.pass)
	case c.pass != "":
		fmt.Fprintf(&b, " authentication { auth_type PASS\n auth_pass %s }\n", c.pass)
	}
	fmt.Fprintf(&b, " virtual_ipaddress {\n")
	if c.ipv6 {
		fmt.Fprintf(&b, "  fe80::100/64\n")
	}
	fmt.Fprintf(&b, "  %s\n }\n}\n", c.vip())
	return b.String()
}

// advert is the VRRP part of a frame with what is around it, false if the
// frame is none.
type advert struct {
	source   netip.Addr
	frame    nstest.Frame
	header   []byte // IP header
	payload  []byte // from the VRRP header on
	priority uint8
}

func parseAdvert(f nstest.Frame) (advert, bool) {
	a := advert{frame: f}
	if p, ok := f.IPv4(); ok && (p[9] == 112 || p[9] == 51) {
		a.header, a.payload = p[:20], p[20:]
		a.source, _ = netip.AddrFromSlice(p[12:16])
		if p[9] == 51 {
			a.payload = a.payload[24:]
		}
	} else if p, ok := f.IPv6(); ok && p[6] == 112 {
		a.header, a.payload = p[:40], p[40:]
		a.source, _ = netip.AddrFromSlice(p[8:24])
	} else {
		return a, false
	}
	a.priority = a.payload[2]
	return a, true
}

// adverts are all adverts that were captured.
func adverts(c *nstest.Capture) (out []advert) {
	for _, f := range c.Frames() {
		if a, ok := parseAdvert(f); ok {
			out = append(out, a)
		}
	}
	return out
}

// keepalived 2.2.7 as the peer, in both roles: it sees ours as master and as
// backup and the other way round, there is exactly one master, prio 0 hands
// over at once, and what both put on the wire is the same byte for byte except
// where it must differ.
func TestPeerKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	for i, c := range []peerCase{
		{name: "v2 multicast", version: 2},
		{name: "v2 multicast PASS", version: 2, pass: "secret"},
		{name: "v2 multicast AH", version: 2, pass: "secret", ah: true},
		{name: "v2 unicast PASS", version: 2, unicast: true, pass: "longpass"},
		{name: "v3 multicast", version: 3},
		{name: "v3 unicast", version: 3, unicast: true},
		{name: "v3 IPv6 multicast", version: 3, ipv6: true},
		{name: "v3 IPv6 unicast", version: 3, ipv6: true, unicast: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Run("we are better", func(t *testing.T) { t.Parallel(); c.run(t, fmt.Sprint("gkrun-a", i), true) })
			t.Run("it is better", func(t *testing.T) { t.Parallel(); c.run(t, fmt.Sprint("gkrun-b", i), false) })
		})
	}
}

func (c peerCase) run(t *testing.T, prefix string, weAreBetter bool) {
	lan := nstest.NewLAN(t, prefix, 2)
	ours, theirs := lan.Hosts[0], lan.Hosts[1]
	wire := lan.Switch.Capture("br0")
	ourPriority, theirPriority := uint8(150), uint8(100)
	master, backup := ours, theirs
	if !weAreBetter {
		ourPriority, theirPriority = 100, 150
		master, backup = theirs, ours
	}
	// The masters' addresses are learnt from the wire: IPv6 multicast uses
	// link-local ones.
	source := map[*nstest.NS]netip.Addr{}

	peer := theirs.Keepalived(c.text(2, theirPriority))
	us := startRouter(t, ours, newConfig(c.instance(1, ourPriority)))
	down := 3*c.interval() + c.interval() + 2*time.Second

	waitHolder(t, lan.Hosts, c.vip(), master, down)
	// Both settle: only the better one sends.
	next := 0
	for row := 0; row < 3; {
		var f nstest.Frame
		f, next = wire.Wait(next, down, "adverts", func(f nstest.Frame) bool { _, ok := parseAdvert(f); return ok })
		a, _ := parseAdvert(f)
		source[master] = a.source
		if row++; a.priority != 150 {
			row = 0
		}
	}

	// The master leaves in order: priority 0, and the other takes over.
	if weAreBetter {
		us.stop()
	} else {
		peer.Stop()
	}
	waitHolder(t, lan.Hosts, c.vip(), backup, down)
	wire.Wait(next, down, "adverts of the other", func(f nstest.Frame) bool {
		a, ok := parseAdvert(f)
		if ok && a.priority == 100 {
			source[backup] = a.source
		}
		return ok && a.priority == 100
	})

	all := adverts(wire)
	zero := slices.IndexFunc(all, func(a advert) bool { return a.priority == 0 })
	if zero < 0 || all[zero].source != source[master] {
		t.Fatalf("no advert of priority 0 from %v", source[master])
	}
	takeover := all[zero+1].frame.Time.Sub(all[zero].frame.Time)
	skew := time.Duration(256-100) * time.Second / 256
	if c.version == 3 {
		skew = time.Duration(256-100) * c.interval() / 256
	}
	// A busy machine may be late, but must not have waited for the master
	// down interval.
	if takeover < skew-5*time.Millisecond || takeover > skew+2*c.interval() {
		t.Errorf("takeover %v after priority 0, skew time is %v", takeover, skew)
	}
	c.compare(t, all, source[ours], source[theirs])
}

// compare checks that an advert of ours differs from one of keepalived's only
// in the fields that must differ.
func (c peerCase) compare(t *testing.T, all []advert, ours, theirs netip.Addr) {
	t.Helper()
	find := func(from netip.Addr) []byte {
		i := slices.IndexFunc(all, func(a advert) bool { return a.source == from && a.priority != 0 })
		if i < 0 {
			t.Fatalf("no advert from %v", from)
		}
		a := all[i]
		b := slices.Clone(a.frame.Data)
		clear(b[6:12]) // source MAC
		ip := b[14:]
		if c.ipv6 {
			ip[1] &= 0xf0 // keep the class, not the flow label
			clear(ip[2:4])
			clear(ip[8:24])
			ip = ip[40:]
		} else {
			clear(ip[4:6])   // id
			clear(ip[10:16]) // checksum, source
			ip = ip[20:]
			if c.ah {
				clear(ip[4:24]) // SPI, sequence, ICV
				ip = ip[24:]
			}
		}
		ip[2] = 0      // priority
		clear(ip[6:8]) // checksum
		if c.unicast { // each sends to the other
			clear(b[:6])
			if c.ipv6 {
				clear(b[14+24 : 14+40])
			} else {
				clear(b[14+16 : 14+20])
			}
		}
		return b
	}
	a, b := find(ours), find(theirs)
	if !bytes.Equal(a, b) {
		t.Errorf("adverts differ:\n ours   %s\n theirs %s", hex.EncodeToString(a), hex.EncodeToString(b))
	}
}
