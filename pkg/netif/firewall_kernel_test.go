//go:build linux

package netif

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// The text of each step is what keepalived makes; where 2.2.7 has the same
// objects they were compared with its own listing.
func TestFirewall(t *testing.T) {
	nstest.Require(t, "nftables")
	n := nstest.New(t, "gknet-fw")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	for _, name := range []string{"vrrp.51", "vrrp.52"} {
		n.Run("ip", "link", "add", "link", "eth0", "name", name, "type", "macvlan", "mode", "private")
	}
	index := func(name string) int { return n.Link(name).Attrs().Index }
	n.Run("nft", "add table ip keepalived; add chain ip keepalived old")

	var notices []string
	f := NewFirewall(FirewallOptions{Table: "keepalived", Priority: -1, Log: func(text string) { notices = append(notices, text) }})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ruleset := func(parts ...string) {
		t.Helper()
		want := strings.Join(parts, "")
		if got := n.Run("nft", "list", "ruleset"); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	if notices != nil {
		t.Errorf("before anything: %q", notices)
	}

	n.Do(func() {
		must(f.AddVMAC(FirewallVMAC{Name: "vrrp.51", Index: index("vrrp.51"), Base: index("eth0"), IPv4: true}))
	})
	if len(notices) != 1 || notices[0] != "Deleting old ip keepalived table" {
		t.Errorf("notices %q", notices)
	}
	ruleset(`table ip keepalived {
	map vmac_map {
		type iface_index : iface_index
		elements = { "vrrp.51" : "eth0" }
	}

	chain out {
		type filter hook output priority filter - 1; policy accept;
		ip protocol igmp meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop
	}
}
`)

	const ip4 = `table ip keepalived {
	map vmac_map {
		type iface_index : iface_index
		elements = { "vrrp.51" : "eth0" }
	}

	set vips {
		type ipv4_addr
		elements = { 10.9.0.100 }
	}

	chain out {
		type filter hook output priority filter - 1; policy accept;
		ip protocol igmp meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop
		ip saddr @vips drop
	}

	chain in {
		type filter hook input priority filter - 1; policy accept;
		ip daddr @vips drop
	}
}
`
	n.Do(func() {
		must(f.Drop("V1", []FirewallAddress{{IP: addr("10.9.0.100"), Name: "vrrp.51", Index: index("vrrp.51")}}))
	})
	ruleset(ip4)

	// The drop rules of IPv6 are there first: the report rules go in front.
	n.Do(func() {
		must(f.Drop("V2", []FirewallAddress{
			{IP: addr("fd00:9::100"), Name: "vrrp.52", Index: index("vrrp.52")},
			{IP: addr("fe80::64"), Name: "vrrp.52", Index: index("vrrp.52")},
		}))
		must(f.Drop("V3", []FirewallAddress{{IP: addr("fe80::65"), Name: "vrrp.52", Index: index("vrrp.52"), ByName: true}}))
		must(f.AddVMAC(FirewallVMAC{Name: "vrrp.52", Index: index("vrrp.52"), Base: index("eth0"), IPv6: true, LinkLocal: addr("fe80::1")}))
	})
	ruleset(ip4, `table ip6 keepalived {
	set vips {
		type ipv6_addr
		elements = { fd00:9::100 }
	}

	set neighbor-discovery {
		type icmpv6_type
		flags constant
		elements = { nd-neighbor-solicit,
			     nd-neighbor-advert }
	}

	set vips_link_local {
		type ipv6_addr . iface_index
		elements = { fe80::64 . "vrrp.52" }
	}

	set vips_link_local_name {
		type ipv6_addr . ifname
		elements = { fe80::65 . "vrrp.52" }
	}

	map vmac_map {
		type iface_index : iface_index
		elements = { "vrrp.52" : "eth0" }
	}

	set vmac_set {
		type iface_index
		elements = { "vrrp.52" }
	}

	set parent_link_local {
		type ipv6_addr . ifname
		elements = { fe80::1 . "vrrp.52" }
	}

	set mld-report {
		type icmpv6_type
		flags constant
		elements = { mld-listener-report,
			     mld2-listener-report }
	}

	chain out {
		type filter hook output priority filter - 1; policy accept;
		icmpv6 type nd-neighbor-advert meta oifkind "macvlan" ip6 saddr . oifname @parent_link_local drop
		icmpv6 type @mld-report meta oifkind "macvlan" dup to ip6 daddr device oif map @vmac_map drop
		icmpv6 type nd-router-solicit meta oifkind "macvlan" oif @vmac_set drop
		icmpv6 type @neighbor-discovery accept
		ip6 saddr fe80::/10 goto out_link_local
		ip6 saddr @vips drop
	}

	chain in {
		type filter hook input priority filter - 1; policy accept;
		icmpv6 type @neighbor-discovery accept
		ip6 daddr fe80::/10 goto in_link_local
		ip6 daddr @vips drop
	}

	chain in_link_local {
		ip6 daddr . iif @vips_link_local drop
		ip6 daddr . iifname @vips_link_local_name drop
	}

	chain out_link_local {
		ip6 saddr . oif @vips_link_local drop
		ip6 saddr . oifname @vips_link_local_name drop
	}
}
`)

	n.Do(func() {
		must(f.Drop("V1", nil))
		must(f.Drop("V1", nil))
		must(f.RemoveVMAC("vrrp.51"))
		must(f.RemoveVMAC("nothing"))
	})
	if got := n.Run("nft", "list", "table", "ip", "keepalived"); strings.Contains(got, "elements") {
		t.Errorf("elements left:\n%s", got)
	}
	if ok, err := f.Intact(); !ok || err != nil {
		t.Errorf("intact %t, %v", ok, err)
	}
	before := n.Run("nft", "list", "table", "ip6", "keepalived")
	n.Run("nft", "flush", "ruleset")
	if ok, err := f.Intact(); ok || err != nil {
		t.Errorf("intact after a flush: %t, %v", ok, err)
	}
	n.Do(func() { must(f.Rebuild()) })
	after := n.Run("nft", "list", "table", "ip6", "keepalived")
	if strings.Count(before, "fe80::6") != strings.Count(after, "fe80::6") || !strings.Contains(after, "@parent_link_local drop") {
		t.Errorf("rebuilt:\n%s", after)
	}
	must(f.Close())
	ruleset("")
}

func TestFirewallCounters(t *testing.T) {
	nstest.Require(t, "nftables")
	n := nstest.New(t, "gknet-fwc")
	f := NewFirewall(FirewallOptions{Table: "other", Priority: 7, Counters: true, Log: func(string) {}})
	n.Do(func() {
		if err := f.Drop("V1", []FirewallAddress{{IP: addr("10.9.0.100")}}); err != nil {
			t.Fatal(err)
		}
	})
	defer f.Close()
	got := n.Run("nft", "list", "ruleset")
	for _, want := range []string{"table ip other {", "priority filter + 7;", "ip saddr @vips counter packets 0 bytes 0 drop"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// gknet-fwa eth0 10.9.0.1, VIP 10.9.0.100 ── eth0 10.9.0.2 gknet-fwb
func TestFirewallDropsTraffic(t *testing.T) {
	nstest.Require(t, "nftables")
	a, b := nstest.New(t, "gknet-fwa"), nstest.New(t, "gknet-fwb")
	nstest.Veth(t, a, "eth0", b, "eth0")
	a.AddAddress("eth0", "10.9.0.1/24", "10.9.0.100/24")
	b.AddAddress("eth0", "10.9.0.2/24")
	a.Do(func() {
		l, err := net.Listen("tcp4", ":80")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
	})
	reaches := func(ip string) (ok bool) {
		b.Do(func() {
			d := net.Dialer{Timeout: 200 * time.Millisecond}
			if c, err := d.Dial("tcp4", ip+":80"); err == nil {
				c.Close()
				ok = true
			}
		})
		return ok
	}
	f := NewFirewall(FirewallOptions{Table: "keepalived", Priority: -1, Log: func(string) {}})
	defer f.Close()
	if !reaches("10.9.0.100") {
		t.Fatal("the virtual address does not answer at all")
	}
	a.Do(func() {
		if err := f.Drop("V1", []FirewallAddress{{IP: addr("10.9.0.100")}}); err != nil {
			t.Fatal(err)
		}
	})
	if reaches("10.9.0.100") || !reaches("10.9.0.1") {
		t.Error("dropped the wrong traffic")
	}
	a.Do(func() {
		if err := f.Drop("V1", nil); err != nil {
			t.Fatal(err)
		}
	})
	if !reaches("10.9.0.100") {
		t.Error("still dropped")
	}
}
