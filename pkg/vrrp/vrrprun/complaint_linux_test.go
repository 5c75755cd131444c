package vrrprun

import (
	"fmt"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// TestComplaint: object, cause and remedy, behind keepalived's words.
func TestComplaint(t *testing.T) {
	address := vrrp.AddressSpec{
		Instance: "VI_1", Interface: "eth0",
		Address: &config.Address{Prefix: netip.MustParsePrefix("10.9.0.100/24")},
	}
	for _, tt := range []struct {
		action vrrp.Action
		err    error
		want   string
	}{
		{
			vrrp.AddAddress{AddressSpec: address},
			fmt.Errorf("x: %w", &netif.Error{Errno: unix.EPERM, Type: unix.RTM_NEWADDR, Seq: 7}),
			"x: Netlink: error: Operation not permitted(1), type=RTM_NEWADDR(20), seq=7, pid=0 - (VI_1) address 10.9.0.100/24 not added to eth0" +
				" - run as root, or with the capabilities NET_ADMIN and NET_RAW",
		},
		{
			vrrp.AddRoute{Route: &config.Route{Words: []string{"10.1.0.0/16", "via", "10.9.9.9"}}},
			&netif.Error{Errno: unix.ENETUNREACH, Type: unix.RTM_NEWROUTE, Seq: 8, Detail: "Nexthop has invalid gateway."},
			"Netlink: error: Network is unreachable(101), type=RTM_NEWROUTE(24), seq=8, pid=0 - static route 10.1.0.0/16 via 10.9.9.9 not added" +
				": Nexthop has invalid gateway - a gateway must be in a network of this machine",
		},
		{
			vrrp.OpenSocket{Spec: vrrp.SocketSpec{Family: config.IPv6, Local: netip.MustParseAddr("fd00::1")}},
			fmt.Errorf("open raw socket: %w", unix.EINVAL),
			"open raw socket: invalid argument - socket for IPv6 on address fd00::1",
		},
	} {
		if got := complaint(tt.action, tt.err); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
