package netif

import (
	"encoding/hex"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"
)

func TestGratuitousARP(t *testing.T) {
	mac, _ := net.ParseMAC("02:00:00:00:00:01")
	got, err := gratuitousARP(mac, addr("10.9.0.100"))
	if err != nil {
		t.Fatal(err)
	}
	// hardware type 1, protocol 0x800, lengths 6 and 4, request; sender;
	// target with a hardware address of all ones.
	want := "0001" + "0800" + "06" + "04" + "0001" +
		"020000000001" + "0a090064" + "ffffffffffff" + "0a090064"
	if hex.EncodeToString(got) != want {
		t.Errorf("got  %x\nwant %s", got, want)
	}
}

func TestGratuitousARPInfiniband(t *testing.T) {
	mac := make(net.HardwareAddr, 20)
	mac[19] = 9
	got, err := gratuitousARP(mac, addr("10.9.0.100"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 8+2*20+2*4 || hex.EncodeToString(got[:8]) != "0020080014040001" {
		t.Errorf("got % x", got)
	}
}

func TestGratuitousARPNeedsIPv4(t *testing.T) {
	if _, err := gratuitousARP(make(net.HardwareAddr, 6), addr("fd00::1")); err == nil {
		t.Error("an IPv6 address was accepted")
	}
}

func TestUnsolicitedNA(t *testing.T) {
	mac, _ := net.ParseMAC("02:00:00:00:00:01")
	for _, router := range []bool{false, true} {
		p := unsolicitedNA(mac, addr("fd00:9::64"), router)
		if len(p) != 40+32 {
			t.Fatalf("%d bytes", len(p))
		}
		if p[6] != 58 || p[7] != 255 {
			t.Errorf("next header %d, hop limit %d", p[6], p[7])
		}
		src, _ := netip.AddrFromSlice(p[8:24])
		dst, _ := netip.AddrFromSlice(p[24:40])
		if src != addr("fd00:9::64") || dst != addr("ff02::1") {
			t.Errorf("from %v to %v", src, dst)
		}
		flags := byte(0x20)
		if router {
			flags = 0xa0
		}
		if p[44] != flags {
			t.Errorf("flags %#x, want %#x", p[44], flags)
		}
		want := "fd0000090000000000000000000000640201020000000001"
		if got := hex.EncodeToString(p[48:]); got != want {
			t.Errorf("target and option %s, want %s", got, want)
		}
		// An independent marshaller must come to the same checksum.
		body := &icmp.RawBody{Data: p[44:]}
		msg := icmp.Message{Type: ipv6.ICMPTypeNeighborAdvertisement, Body: body}
		b, err := msg.Marshal(icmp.IPv6PseudoHeader(src.AsSlice(), dst.AsSlice()))
		if err != nil {
			t.Fatal(err)
		}
		if b[2] != p[42] || b[3] != p[43] {
			t.Errorf("checksum %x, want %x", p[42:44], b[2:4])
		}
	}
}
