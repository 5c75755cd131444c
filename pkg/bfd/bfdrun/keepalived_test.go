//go:build linux

package bfdrun

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// peerCase is one way to have a session, for us and for keepalived 2.2.7.
type peerCase struct {
	name                   string
	ipv6                   bool
	wePassive, theyPassive bool
	ourTx, ourRx           int // ms
	theirTx, theirRx       int
	ourMult, theirMult     int
	ourDetect, theirDetect time.Duration
}

func (c peerCase) host(i int) string {
	if c.ipv6 {
		return fmt.Sprintf("fd00:9::%d", i)
	}
	return fmt.Sprintf("10.9.0.%d", i)
}

// session is ours on host 1.
func (c peerCase) session() *config.BFDInstance {
	s := newSession("S", c.host(2))
	s.Source = netip.MustParseAddr(c.host(1))
	if c.ipv6 {
		s.TTL = 64
	}
	s.Passive, s.Multiplier = c.wePassive, uint8(c.ourMult)
	s.MinTx, s.MinRx = time.Duration(c.ourTx)*time.Millisecond, time.Duration(c.ourRx)*time.Millisecond
	return s
}

// keepalived starts the peer on host 2, with a virtual router that needs the
// session.
func (c peerCase) keepalived(t *testing.T, n *nstest.NS) *nstest.Process {
	t.Helper()
	nstest.Require(t, "keepalived")
	passive := ""
	if c.theyPassive {
		passive = " passive\n"
	}
	text := fmt.Sprintf("bfd_instance S {\n neighbor_ip %s\n source_ip %s\n min_tx %d\n min_rx %d\n multiplier %d\n%s}\n"+
		"vrrp_instance V {\n interface eth0\n virtual_router_id 9\n virtual_ipaddress { 10.9.0.200 }\n track_bfd { S }\n}\n",
		c.host(1), c.host(2), c.theirTx, c.theirRx, c.theirMult, passive)
	return startKeepalived(t, n, text)
}

func startKeepalived(t *testing.T, n *nstest.NS, text string) *nstest.Process {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := n.Start("keepalived", "-n", "-l", "-D", "-f", file, "-p", dir+"/p", "-r", dir+"/r", "-b", dir+"/b", "-c", dir+"/c")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of keepalived:\n%s", p.Output())
		}
	})
	return p
}

// keepalived 2.2.7 is the neighbor: either side may start first and either may
// be passive; both negotiate the same, both notice the loss of the link in
// their detection time, and each takes the other's end as it is meant.
func TestPeerKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	for i, c := range []peerCase{
		{name: "both active", ourTx: 60, ourRx: 50, theirTx: 60, theirRx: 50, ourMult: 4, theirMult: 4, ourDetect: 240 * time.Millisecond, theirDetect: 240 * time.Millisecond},
		{name: "we are passive", wePassive: true, ourTx: 60, ourRx: 150, theirTx: 40, theirRx: 80, ourMult: 3, theirMult: 5, ourDetect: 750 * time.Millisecond, theirDetect: 240 * time.Millisecond},
		{name: "it is passive", theyPassive: true, ourTx: 100, ourRx: 50, theirTx: 60, theirRx: 50, ourMult: 4, theirMult: 3, ourDetect: 180 * time.Millisecond, theirDetect: 400 * time.Millisecond},
		{name: "IPv6", ipv6: true, ourTx: 60, ourRx: 50, theirTx: 60, theirRx: 50, ourMult: 4, theirMult: 4, ourDetect: 240 * time.Millisecond, theirDetect: 240 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, fmt.Sprint("gkbfd-k", i))
		})
	}
}

func (c peerCase) run(t *testing.T, prefix string) {
	lan := nstest.NewLAN(t, prefix, 2)
	frames := lan.Switch.Capture("br0")
	peer := c.keepalived(t, lan.Hosts[1])
	us := startNode(t, lan.Hosts[0], c.session())

	us.waitTold("S", "Up", 10*time.Second)
	peer.WaitOutput("(S) Entering Up state", 30*time.Second)
	peer.WaitOutput("VRRP_Instance(V) Tracked BFD instance S is UP", 30*time.Second)
	nstest.Eventually(t, 30*time.Second, "negotiated", func() (bool, string) {
		s := us.engine.Snapshot().Sessions[0]
		return s.DetectionTime == c.ourDetect && s.RemoteDetectionTime == c.theirDetect && !s.Polling,
			fmt.Sprint(s.DetectionTime, s.RemoteDetectionTime, s.Polling)
	})
	peer.WaitOutput(fmt.Sprintf("Detection time is %d us", c.theirDetect.Microseconds()), 30*time.Second)
	c.compare(t, frames)

	// The link fails for us alone: its host still has a carrier. On a busy
	// machine it may take us for lost just before, and say so; then once more.
	for try := 1; ; try++ {
		cut := time.Now()
		lan.Cut(1)
		us.waitTold("S", "Down", 5*time.Second)
		took := time.Since(cut)
		peer.WaitOutput("(S) Expired after ", 30*time.Second)
		peer.WaitOutput("VRRP_Instance(V) Tracked BFD instance S is DOWN", 30*time.Second)
		expired := expiredLine.MatchString(us.lines.String())
		if expired && took > c.ourDetect+slack {
			t.Errorf("we noticed after %v", took)
		}
		lan.Join(1)
		us.waitTold("S", "Up", 10*time.Second)
		if expired {
			break
		}
		if try == 5 {
			t.Fatalf("our log has no line %v", expiredLine)
		}
	}
	count(t, peer, "(S) Entering Up state", 2)

	// It ends: it says nothing, so we expire. It comes back.
	peer.Stop()
	us.waitTold("S", "Down", 5*time.Second)
	peer = c.keepalived(t, lan.Hosts[1])
	us.waitTold("S", "Up", 10*time.Second)
	peer.WaitOutput("VRRP_Instance(V) Tracked BFD instance S is UP", 30*time.Second)

	// We end in order: it sees why, and its virtual router goes on. On a busy
	// machine it may take us for lost just before, or we it; then once more.
	for try := 1; ; try++ {
		us.stop()
		if sawEnd(peer) {
			break
		}
		said := peer.Output()
		if try == 5 || strings.LastIndex(said, "(S) Entering Down state") < strings.LastIndex(said, "(S) Entering Up state") {
			t.Fatalf("it did not see our orderly end (attempt %d)", try)
		}
		us = startNode(t, lan.Hosts[0], c.session())
		us.waitTold("S", "Up", 10*time.Second)
	}
	said := peer.Output()
	if strings.LastIndex(said, "Tracked BFD instance S is DOWN") > strings.LastIndex(said, "Tracked BFD instance S is UP") {
		t.Error("its virtual router was told of our orderly end")
	}
}

// sawEnd waits for the peer to log an orderly end of the session.
func sawEnd(peer *nstest.Process) bool {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(peer.Output(), "Remote diagnostic - Administratively Down") {
			return true
		}
	}
	return false
}

// expiredLine is keepalived's, with the time since the last packet.
var expiredLine = regexp.MustCompile(`\(S\) Expired after \d+ ms \(\d+ usec overdue\)`)

func count(t *testing.T, p *nstest.Process, text string, n int) {
	t.Helper()
	nstest.Eventually(t, 30*time.Second, fmt.Sprintf("%q %d times", text, n), func() (bool, string) {
		out := p.Output()
		return strings.Count(out, text) >= n, out
	})
}

// control is the BFD part of a frame with the source port.
func control(f nstest.Frame) (source netip.Addr, port uint16, ip, payload []byte, ok bool) {
	var udp []byte
	if p, is := f.IPv4(); is && p[9] == 17 {
		source, _ = netip.AddrFromSlice(p[12:16])
		ip, udp = p[:20], p[20:]
	} else if p, is := f.IPv6(); is && p[6] == 17 {
		source, _ = netip.AddrFromSlice(p[8:24])
		ip, udp = p[:40], p[40:]
	}
	if len(udp) < 8+wire.Len || binary.BigEndian.Uint16(udp[2:]) != 3784 {
		return source, 0, nil, nil, false
	}
	return source, binary.BigEndian.Uint16(udp), ip, udp[8:], true
}

// compare checks that our packets differ from keepalived's only where they
// must: addresses, ids and sums, discriminators and configured timers.
func (c peerCase) compare(t *testing.T, frames *nstest.Capture) {
	t.Helper()
	ours, theirs := netip.MustParseAddr(c.host(1)), netip.MustParseAddr(c.host(2))
	var last map[netip.Addr]string
	nstest.Eventually(t, 30*time.Second, "periodic packets of both", func() (bool, string) {
		last = c.periodic(t, frames.Frames())
		return last[ours] != "" && last[theirs] != "", fmt.Sprint(last)
	})
	if last[ours] != last[theirs] {
		t.Errorf("packets in Up differ:\n ours   %s\n theirs %s", last[ours], last[theirs])
	}
}

// periodic is the last periodic packet in Up of each side, without what must
// differ.
func (c peerCase) periodic(t *testing.T, frames []nstest.Frame) map[netip.Addr]string {
	last := map[netip.Addr]string{}
	for _, f := range frames {
		source, port, ip, payload, ok := control(f)
		if !ok {
			continue
		}
		if port < firstPort {
			t.Errorf("%v sends from port %d", source, port)
		}
		var p wire.Control
		if d := p.Decode(payload); d != wire.Accepted {
			t.Errorf("%v sends a packet that is %v", source, d)
		}
		if p.State != wire.Up || p.Poll || p.Final {
			continue
		}
		ip, payload = bytes.Clone(ip), bytes.Clone(payload)
		if c.ipv6 {
			clear(ip[1:4]) // flow label
			clear(ip[8:40])
		} else {
			clear(ip[4:6])
			clear(ip[10:20])
		}
		payload[2] = 0
		clear(payload[4:20])
		last[source] = hex.EncodeToString(ip) + " " + hex.EncodeToString(payload)
	}
	return last
}
