package ipvs

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// TestSettings covers what Services needs beyond the golden cases.
func TestSettings(t *testing.T) {
	persistent := &config.VirtualServer{Scheduler: "wlc", PersistenceTimeout: 50 * time.Second, PersistenceEngine: "sip", PersistenceMask4: [4]byte{255, 255, 0, 0}, PersistenceMask6: 64}
	transient := &config.VirtualServer{Scheduler: "rr", Flags: config.ServiceOnePacket, PersistenceEngine: "sip", PersistenceMask4: [4]byte{255, 0, 0, 0}}
	for _, c := range []struct {
		name   string
		vs     *config.VirtualServer
		family config.Family
		want   ServiceSettings
	}{
		{"IPv4", persistent, config.IPv4, ServiceSettings{"wlc", FlagPersistent, 50 * time.Second, 0xffff0000, "sip"}},
		{"IPv6", persistent, config.IPv6, ServiceSettings{"wlc", FlagPersistent, 50 * time.Second, 64, "sip"}},
		{"without persistence engine and mask mean nothing", transient, config.IPv4, ServiceSettings{"rr", config.ServiceOnePacket, 0, 0xffffffff, ""}},
		{"no mask", &config.VirtualServer{PersistenceTimeout: time.Second}, config.IPv4, ServiceSettings{"", FlagPersistent, time.Second, 0xffffffff, ""}},
	} {
		if got := Settings(c.vs, c.family); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestServicesOfARange(t *testing.T) {
	a := netip.MustParseAddr
	g := &config.VirtualServerGroup{Name: "G", Entries: []config.GroupEntry{
		{IsFwmark: true, Fwmark: 3},
		{First: a("10.9.1.254"), Last: a("10.9.2.1"), Port: 80},
		{First: a("10.9.3.1"), Port: 80},
		{First: a("fd00:1::"), Last: a("fd00:1::ffff:ffff:ffff:ffff"), Port: 80},
		{First: a("10.0.0.0"), Last: a("10.255.255.255"), Port: 80},
		{First: a("255.255.255.254"), Last: a("255.255.255.255"), Port: 81},
		{First: a("fd00::ffff"), Last: a("fd00::1:0"), Port: 80},
		{IsFwmark: true, Fwmark: 3, Family: config.IPv6},
	}}
	var got []string
	for _, s := range Services(&config.VirtualServer{Group: "G", Protocol: config.UDP}, g, nil) {
		got = append(got, s.Key.String())
	}
	want := "10.9.1.254:udp:80 10.9.1.255:udp:80 10.9.2.0:udp:80 10.9.2.1:udp:80 10.9.3.1:udp:80 255.255.255.254:udp:81 255.255.255.255:udp:81 fd00::ffff:udp:80 fd00::1:0:udp:80 Fwm 3 Fwm 3 inet6"
	if strings.Join(got, " ") != want {
		t.Errorf("%v\nwant %s", got, want)
	}
	if Services(&config.VirtualServer{Group: "none"}, nil, nil) != nil {
		t.Error("services of an unknown group")
	}
	if !bytes.Equal(AddressKey(config.TCP, a("::ffff:10.0.0.1"), 1).Addr.AsSlice(), []byte{10, 0, 0, 1}) {
		t.Error("an IPv4 address in IPv6 form is not the IPv4 address")
	}
}
