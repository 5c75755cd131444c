//go:build linux

package nstest

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

func TestRequired(t *testing.T) {
	for _, c := range []struct {
		list, name string
		want       bool
	}{
		{"", "netns", false},
		{"netns", "netns", true},
		{"ipvs, netns", "netns", true},
		{"netnsx", "netns", false},
	} {
		if got := required(c.list, c.name); got != c.want {
			t.Errorf("required(%q, %q) = %t, want %t", c.list, c.name, got, c.want)
		}
	}
}

// Two hosts on a LAN, gktest-1 and gktest-2.
func TestLAN(t *testing.T) {
	lan := NewLAN(t, "gktest", 2)
	a, b := lan.Hosts[0], lan.Hosts[1]

	before, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()

	wire := lan.Switch.Capture("br0")
	var conn net.PacketConn
	b.Do(func() {
		if conn, err = net.ListenPacket("udp4", "10.9.0.2:5000"); err != nil {
			t.Fatal(err)
		}
	})
	defer conn.Close()
	a.Do(func() {
		inside, err := netns.Get()
		if err != nil {
			t.Fatal(err)
		}
		defer inside.Close()
		if inside.Equal(before) {
			t.Fatal("Do did not change the namespace")
		}
		c, err := net.Dial("udp4", "10.9.0.2:5000")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	})
	after, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if !after.Equal(before) {
		t.Fatal("Do did not come back")
	}

	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	n, _, err := conn.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "hello" {
		t.Fatalf("received %q, %v", buf[:n], err)
	}
	frame, _ := wire.Wait(0, 30*time.Second, "the datagram", func(f Frame) bool {
		p, ok := f.IPv4()
		return ok && p[9] == unix.IPPROTO_UDP
	})
	if ip, _ := frame.IPv4(); !strings.HasSuffix(string(ip), "hello") {
		t.Errorf("captured % x", ip)
	}

	if got, want := a.Addresses("eth0"), netip.MustParsePrefix("10.9.0.1/24"); !slices.Contains(got, want) {
		t.Errorf("addresses %v lack %v", got, want)
	}
	lan.Cut(1)
	Eventually(t, 30*time.Second, "carrier lost", func() (bool, string) {
		flags := a.Link("eth0").Attrs().RawFlags
		return flags&unix.IFF_RUNNING == 0, a.Run("ip", "link", "show", "eth0")
	})
	lan.Join(1)
}

func TestProcess(t *testing.T) {
	n := New(t, "gktest-proc")
	p := n.Start("sh", "-c", "ip -o link; exec sleep 60")
	p.WaitOutput("lo:", 30*time.Second)
	p.Signal(unix.SIGTERM)
	if err := p.Wait(30 * time.Second); err == nil {
		t.Error("killed process ended without an error")
	}
}
