package netif

import (
	"maps"
	"reflect"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func TestFirewallElements(t *testing.T) {
	vmacs := []FirewallVMAC{
		{Name: "vrrp.51", Index: 4, Base: 2, IPv4: true},
		{Name: "vrrp.52", Index: 5, Base: 2, IPv6: true, LinkLocal: addr("fe80::1")},
	}
	addresses := []FirewallAddress{
		{IP: addr("10.9.0.100"), Name: "vrrp.51", Index: 4},
		{IP: addr("169.254.0.1"), Name: "vrrp.51", Index: 4},
		{IP: addr("fd00::1"), Name: "vrrp.52", Index: 5},
		{IP: addr("fe80::64"), Name: "vrrp.52", Index: 5},
		{IP: addr("fe80::65"), Name: "vrrp.52", Index: 5, ByName: true},
	}
	key := func(parts ...string) map[string]string {
		out := map[string]string{}
		for _, p := range parts {
			out[p] = ""
		}
		return out
	}
	four := elements{
		setVMACMap: {indexKey(4): indexKey(2)},
		setVIPs:    key(addrKey(addr("10.9.0.100")), addrKey(addr("169.254.0.1"))),
	}
	six := elements{
		setVMACMap:         {indexKey(5): indexKey(2)},
		setVMACs:           key(indexKey(5)),
		setParentLinkLocal: key(addrKey(addr("fe80::1")) + nameKey("vrrp.52")),
		setVIPs:            key(addrKey(addr("fd00::1"))),
		setVIPsLinkLocal:   key(addrKey(addr("fe80::64")) + indexKey(5)),
		setVIPsByName:      key(addrKey(addr("fe80::65")) + nameKey("vrrp.52")),
	}
	if got := firewallElements(config.IPv4, vmacs, addresses); !reflect.DeepEqual(got, four) {
		t.Errorf("ip: %q", got)
	}
	if got := firewallElements(config.IPv6, vmacs, addresses); !reflect.DeepEqual(got, six) {
		t.Errorf("ip6: %q", got)
	}
	if got := firewallElements(config.IPv6, vmacs[:1], addresses[:1]); len(got) != 0 {
		t.Errorf("nothing of IPv6: %q", got)
	}
}

func TestPlanElements(t *testing.T) {
	have := map[string]string{"stays": "1", "goes": "", "moves": "1"}
	want := map[string]string{"stays": "1", "comes": "", "moves": "2"}
	remove, add := planElements(have, want)
	for key := range remove {
		delete(have, key)
	}
	for key, value := range add {
		if _, there := have[key]; there {
			t.Errorf("%s added over another", key)
		}
		have[key] = value
	}
	if !maps.Equal(have, want) {
		t.Errorf("ends with %v", have)
	}
	if _, touched := remove["stays"]; touched {
		t.Error("what stays was removed")
	}
}
