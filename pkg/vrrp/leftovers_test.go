package vrrp_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// What a killed process had is removed, except what the next one wants, too:
// static items, and VMACs, which it takes over as they are.
func TestLeftovers(t *testing.T) {
	was := scenario.ParseConf(`
		global_defs { lvs_sync_daemon eth0 GONE }
		static_ipaddress { 10.8.0.1/24 dev eth0
			10.8.0.2/24 dev eth0 }
		static_routes { 10.50.0.0/24 dev eth0
			10.51.0.0/24 dev eth0 }
		static_rules { from 10.50.0.0/24 lookup 50 }
		vrrp_instance GONE { interface eth0
			virtual_router_id 51
			use_vmac
			virtual_ipaddress { 10.9.0.100/24 }
			virtual_ipaddress_excluded { 10.9.0.101/24 dev eth0
				10.9.0.102/24 dev eth0
				10.9.0.103/24 dev eth7 }
			virtual_routes { 10.77.0.0/24 dev eth0 }
			virtual_rules { from 10.9.0.100 lookup 100 }
		}
		vrrp_instance KEPT { interface eth0
			virtual_router_id 52
			use_vmac
			virtual_ipaddress { 10.9.0.110/24 }
		}`)
	is := scenario.ParseConf(`
		static_ipaddress { 10.8.0.2/24 dev eth0 }
		static_routes { 10.51.0.0/24 dev eth0 }
		vrrp_instance KEPT { interface eth0
			virtual_router_id 52
			use_vmac
			virtual_ipaddress { 10.9.0.110/24 }
		}`)
	base := eth0(1)
	for _, a := range []string{"10.9.0.101/24", "10.8.0.1/24", "10.8.0.2/24"} {
		base.Addresses = append(base.Addresses, vrrp.InterfaceAddress{Prefix: netip.MustParsePrefix(a)})
	}
	vmac := func(vrid, index int, kind string) vrrp.Interface {
		f := vrrp.Interface{Name: fmt.Sprintf("vrrp.%d", vrid), Index: index, Kind: kind, BaseIndex: base.Index, MAC: [6]byte{0, 0, 0x5e, 0, 1, byte(vrid)}, Up: true, Running: true}
		f.Addresses = []vrrp.InterfaceAddress{{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.9.0.%d/24", 100+10*(vrid-51)))}}
		return f
	}
	describe := func(list []vrrp.Action) (text []string) {
		for _, a := range list {
			switch a := a.(type) {
			case vrrp.RemoveAddress:
				text = append(text, fmt.Sprintf("address %s dev %s", a.Address.Prefix, a.Interface))
			case vrrp.RemoveRoute:
				text = append(text, fmt.Sprint("route ", a.Route.Words))
			case vrrp.RemoveRule:
				text = append(text, fmt.Sprint("rule ", a.Rule.Words))
			case vrrp.SetSyncDaemon:
				text = append(text, fmt.Sprint("sync daemon ", a.Role, " ", a.Daemon.ID))
			case vrrp.RemoveVMAC:
				text = append(text, fmt.Sprint("vmac ", a.Name, " ", a.Leftover))
			default:
				text = append(text, fmt.Sprintf("%T", a))
			}
		}
		return text
	}
	got := describe(vrrp.Leftovers(was, is, []vrrp.Interface{base, vmac(51, 7, "macvlan"), vmac(52, 8, "macvlan")}))
	want := []string{
		"rule [from 10.9.0.100 table 100]", "route [to 10.77.0.0/24 dev eth0]",
		"address 10.9.0.100/24 dev vrrp.51", "address 10.9.0.101/24 dev eth0", "sync daemon 0 51",
		"address 10.9.0.110/24 dev vrrp.52",
		"rule [from 10.50.0.0/24 table 50]", "route [to 10.50.0.0/24 dev eth0]", "address 10.8.0.1/24 dev eth0",
		"vmac vrrp.51 true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("leftovers\n%q, want\n%q", got, want)
	}
	// An interface of that name which is not ours stays.
	got = describe(vrrp.Leftovers(was, is, []vrrp.Interface{eth0(1), vmac(51, 7, "dummy")}))
	if slices.Contains(got, "vmac vrrp.51 true") {
		t.Errorf("somebody else's interface is removed: %q", got)
	}
}

// What a killed process had made is removed unless it is static or a VMAC that
// is still wanted; what only the next process would not have looked for is
// worth a line.
func TestAbandoned(t *testing.T) {
	made := scenario.ParseConf(`
		static_ipaddress { 10.8.0.1/24 dev eth0
			10.9.0.100/24 dev eth0
			10.9.0.101/24 dev eth0 }
		static_routes { 10.50.0.0/24 dev eth0
			10.77.0.0/24 dev eth0
			10.78.0.0/24 dev eth0 }
		static_rules { from 10.50.0.0/24 lookup 50 priority 50
			from 10.77.0.0/24 lookup 77 priority 77
			from 10.78.0.0/24 lookup 78 priority 78 }`)
	is := scenario.ParseConf(`
		static_ipaddress { 10.8.0.1/24 dev eth0 }
		static_routes { 10.50.0.0/24 dev eth0 }
		static_rules { from 10.50.0.0/24 lookup 50 priority 50 }
		vrrp_instance V { interface eth0
			virtual_router_id 51
			virtual_ipaddress { 10.9.0.100/24 }
			virtual_routes { 10.77.0.0/24 dev eth0 }
			virtual_rules { from 10.77.0.0/24 lookup 77 priority 77 }
		}
		vrrp_instance W { interface eth0
			virtual_router_id 52
			use_vmac
			virtual_ipaddress { 10.9.0.110/24 }
		}`)
	describe := func(list []vrrp.Action) (text []string) {
		for _, a := range list {
			switch a := a.(type) {
			case vrrp.Log:
				text = append(text, a.Text)
			case vrrp.RemoveAddress:
				text = append(text, fmt.Sprint("address ", a.Address.Prefix, " ", a.Leftover))
			case vrrp.RemoveRoute:
				text = append(text, fmt.Sprint("route ", a.Route.Words[1], " ", a.Leftover))
			case vrrp.RemoveRule:
				text = append(text, fmt.Sprint("rule ", a.Rule.Words[1], " ", a.Leftover))
			case vrrp.RemoveVMAC:
				text = append(text, fmt.Sprint("vmac ", a.Name, " ", a.Leftover))
			}
		}
		return text
	}
	got := describe(vrrp.Abandoned(made, []string{"vrrp.52", "vrrp.53"}, is, []vrrp.Interface{eth0(1)}))
	want := []string{
		"Removing addresses, routes, rules and interfaces of a killed process that are not configured any more: 4",
		"rule 10.77.0.0/24 true", "rule 10.78.0.0/24 true", "route 10.77.0.0/24 true", "route 10.78.0.0/24 true",
		"address 10.9.0.100/24 true", "address 10.9.0.101/24 true", "vmac vrrp.53 true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want\n%q", got, want)
	}
	// Everything is configured: not a word.
	made = scenario.ParseConf(`static_ipaddress { 10.9.0.100/24 dev eth0 }`)
	if got := describe(vrrp.Abandoned(made, []string{"vrrp.52"}, is, []vrrp.Interface{eth0(1)})); !slices.Equal(got, []string{"address 10.9.0.100/24 true"}) {
		t.Errorf("%q", got)
	}
}
