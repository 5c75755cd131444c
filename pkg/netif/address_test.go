package netif

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }

func TestFromConfig(t *testing.T) {
	lifetime := func(d time.Duration) *time.Duration { return &d }
	for _, c := range []struct {
		name string
		in   config.Address
		want Address
	}{
		{"plain IPv4", config.Address{Prefix: prefix("10.9.0.100/32")},
			Address{Prefix: prefix("10.9.0.100/32")}},
		{"IPv4 /24 with brd +", config.Address{Prefix: prefix("10.9.0.100/24"), BroadcastAuto: '+', Label: "eth0:1"},
			Address{Prefix: prefix("10.9.0.100/24"), Broadcast: addr("10.9.0.255"), Label: "eth0:1"}},
		{"brd + in the middle of a byte", config.Address{Prefix: prefix("10.9.0.100/28"), BroadcastAuto: '+'},
			Address{Prefix: prefix("10.9.0.100/28"), Broadcast: addr("10.9.0.111")}},
		{"brd -", config.Address{Prefix: prefix("10.9.0.100/28"), BroadcastAuto: '-'},
			Address{Prefix: prefix("10.9.0.100/28"), Broadcast: addr("10.9.0.96")}},
		{"brd written out, scope, peer", config.Address{Prefix: prefix("10.9.0.100/32"), Broadcast: addr("10.9.0.1"), Scope: config.ScopeLink, Peer: addr("10.9.0.2")},
			Address{Prefix: prefix("10.9.0.100/32"), Broadcast: addr("10.9.0.1"), Scope: 253, Peer: addr("10.9.0.2")}},
		{"IPv6 /128 is deprecated", config.Address{Prefix: prefix("fd00::1/128"), Scope: config.ScopeLink},
			Address{Prefix: prefix("fd00::1/128"), Flags: FlagNoDAD, Lifetimes: true, Preferred: 0, Valid: Forever}},
		{"IPv6 /64", config.Address{Prefix: prefix("fd00::1/64")},
			Address{Prefix: prefix("fd00::1/64"), Flags: FlagNoDAD}},
		{"IPv6 with DAD, forever", config.Address{Prefix: prefix("fd00::1/128"), DAD: true, PreferredLifetime: lifetime(-1)},
			Address{Prefix: prefix("fd00::1/128"), Lifetimes: true, Preferred: Forever, Valid: Forever}},
		{"preferred_lft 30", config.Address{Prefix: prefix("fd00::1/64"), PreferredLifetime: lifetime(30 * time.Second)},
			Address{Prefix: prefix("fd00::1/64"), Flags: FlagNoDAD, Lifetimes: true, Preferred: 30, Valid: Forever}},
		{"preferred_lft of IPv4", config.Address{Prefix: prefix("10.9.0.100/32"), PreferredLifetime: lifetime(30 * time.Second)},
			Address{Prefix: prefix("10.9.0.100/32")}},
		{"all flags", config.Address{Prefix: prefix("fd00::1/64"), Home: true, MngTmpAddr: true, NoPrefixRoute: true, AutoJoin: true},
			Address{Prefix: prefix("fd00::1/64"), Flags: FlagHome | FlagNoDAD | FlagManageTemp | FlagNoPrefixRoute | FlagMCAutoJoin}},
	} {
		c.want.Index = 7
		if got := FromConfig(&c.in, 7); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestPlanAddresses(t *testing.T) {
	a := Address{Index: 1, Prefix: prefix("10.0.0.1/24")}
	longer := Address{Index: 1, Prefix: prefix("10.0.0.1/32")}
	elsewhere := Address{Index: 2, Prefix: prefix("10.0.0.1/24")}
	other := Address{Index: 1, Prefix: prefix("fd00::1/64"), Flags: FlagNoDAD}
	for _, c := range []struct {
		name                         string
		present, wanted, remove, add []Address
	}{
		{"nothing", nil, nil, nil, nil},
		{"all new, order kept, twice is once", nil, []Address{other, a, other}, nil, []Address{other, a}},
		{"all old", []Address{a, other}, nil, []Address{a, other}, nil},
		{"what stays is left alone", []Address{a, {Index: 1, Prefix: other.Prefix}}, []Address{other, a}, nil, nil},
		{"another length is another address", []Address{a}, []Address{longer}, []Address{a}, []Address{longer}},
		{"another interface", []Address{a}, []Address{elsewhere}, []Address{a}, []Address{elsewhere}},
	} {
		remove, add := PlanAddresses(c.present, c.wanted)
		if !reflect.DeepEqual(remove, c.remove) || !reflect.DeepEqual(add, c.add) {
			t.Errorf("%s: remove %v, add %v; want %v, %v", c.name, remove, add, c.remove, c.add)
		}
	}
}

// Whatever is present, carrying out the plan leaves what is wanted, and
// planning again does nothing.
func TestPlanAddressesReachesItsGoal(t *testing.T) {
	pool := []Address{
		{Index: 1, Prefix: prefix("10.0.0.1/24")},
		{Index: 1, Prefix: prefix("10.0.0.1/32")},
		{Index: 1, Prefix: prefix("10.0.0.2/32"), Peer: addr("10.0.0.3")},
		{Index: 2, Prefix: prefix("fd00::1/64")},
	}
	subset := func(bits int) (list []Address) {
		for i, a := range pool {
			if bits>>i&1 == 1 {
				list = append(list, a)
			}
		}
		return list
	}
	for from := range 1 << len(pool) {
		for to := range 1 << len(pool) {
			remove, add := PlanAddresses(subset(from), subset(to))
			have := map[netip.Prefix]bool{}
			for _, a := range subset(from) {
				have[a.Prefix] = true
			}
			for _, a := range remove {
				if !have[a.Prefix] {
					t.Fatalf("%b to %b: removes %v, which is not there", from, to, a)
				}
				delete(have, a.Prefix)
			}
			for _, a := range add {
				if have[a.Prefix] {
					t.Fatalf("%b to %b: adds %v twice", from, to, a)
				}
				have[a.Prefix] = true
			}
			want := map[netip.Prefix]bool{}
			for _, a := range subset(to) {
				want[a.Prefix] = true
			}
			if !reflect.DeepEqual(have, want) {
				t.Fatalf("%b to %b: ends with %v", from, to, have)
			}
		}
	}
}

func TestFindName(t *testing.T) {
	const text = `# comment
0	unspec
18 keepalived   # ours
0x13	hex
bad
20 two words
18446744073709551616 huge
`
	for _, c := range []struct {
		name string
		want uint32
		ok   bool
	}{
		{"keepalived", 18, true},
		{"hex", 19, true},
		{"two", 0, false},
		{"huge", 0, false},
		{"nothing", 0, false},
	} {
		if got, ok := findName(text, c.name); got != c.want || ok != c.ok {
			t.Errorf("%s: %d %t, want %d %t", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestConfiguredNames(t *testing.T) {
	usr, etc := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(usr+"/rt_tables", "100 wan\n101 lan\n")
	write(etc+"/rt_tables", "200 wan\n")
	write(etc+"/rt_tables.d/vpn.conf", "300 vpn\n")
	write(etc+"/rt_tables.d/ignored", "400 other\n")
	n := ConfiguredNames(&config.VRRPGlobal{IPRouteUsrDir: usr, IPRouteEtcDir: etc})
	for name, want := range map[string]uint32{"wan": 200, "lan": 101, "vpn": 300, "main": 254, "other": 0} {
		if got, ok := n.Number(iproute.Tables, name); got != want || ok != (want != 0) {
			t.Errorf("%s: %d %t, want %d", name, got, ok, want)
		}
	}
	if got := ConfiguredNames(&config.VRRPGlobal{}); !reflect.DeepEqual(got, SystemNames()) {
		t.Errorf("nothing configured: %v", got)
	}
}
