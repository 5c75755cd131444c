//go:build linux

package vrrprun

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// ipLink is what "ip -d -j link" says about an interface.
type ipLink struct {
	Name     string `json:"ifname"`
	Base     string `json:"link"`
	Address  string `json:"address"`
	Flags    []string
	LinkInfo struct {
		Kind string `json:"info_kind"`
		Data struct {
			Mode string `json:"mode"`
		} `json:"info_data"`
	} `json:"linkinfo"`
}

func ipLinks(t *testing.T, n *nstest.NS) map[string]ipLink {
	t.Helper()
	var list []ipLink
	if err := json.Unmarshal([]byte(n.Run("ip", "-d", "-j", "link", "show")), &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]ipLink{}
	for _, l := range list {
		out[l.Name] = l
	}
	return out
}

// settings are the sysctls that a VMAC changes on a machine.
func settings(n *nstest.NS) string {
	var out []string
	for _, path := range []string{
		"all/rp_filter", "default/rp_filter", "eth0/rp_filter", "eth0/arp_ignore", "eth0/arp_filter",
	} {
		out = append(out, path+"="+n.ReadSysctl("ipv4/conf/"+path))
	}
	return strings.Join(out, " ")
}

// An instance with use_vmac has a macvlan with the virtual router's MAC: what
// it sends comes from there, except IGMP. Afterwards the machine is as before.
func TestVMAC(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables")
	n, lan := alone(t, "gkrun-vmac")
	n.Sysctl("ipv4/conf/all/rp_filter", "1")
	before, beforeLinks := settings(n), len(ipLinks(t, n))
	wire := lan.Switch.Capture("br0")

	four := fast(newInstance("V4", 7, "10.9.0.100/24"))
	four.VMAC = &config.VMAC{}
	six := fast(newInstance("V6", 7, "fe80::100/64", "fd00:9::100/64"))
	six.VMAC = &config.VMAC{}
	r := startRouter(t, n, newConfig(four, six))
	r.waitState("V4", event.Master, 5*time.Second)
	r.waitState("V6", event.Master, 5*time.Second)

	links := ipLinks(t, n)
	for name, mac := range map[string]string{"vrrp.7": "00:00:5e:00:01:07", "vrrp6.7": "00:00:5e:00:02:07"} {
		l := links[name]
		if l.Address != mac || l.Base != "eth0" || l.LinkInfo.Kind != "macvlan" || l.LinkInfo.Data.Mode != "private" || !slices.Contains(l.Flags, "LOWER_UP") {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if got := n.Addresses("vrrp.7"); !slices.Equal(got, []netip.Prefix{netip.MustParsePrefix("10.9.0.100/24")}) {
		t.Errorf("vrrp.7 has %v", got)
	}
	base := n.Addresses("eth0")
	local := base[slices.IndexFunc(base, func(p netip.Prefix) bool { return p.Addr().IsLinkLocalUnicast() })]
	for _, want := range []netip.Prefix{local, netip.MustParsePrefix("fe80::100/64"), netip.MustParsePrefix("fd00:9::100/64")} {
		if got := n.Addresses("vrrp6.7"); !slices.Contains(got, want) {
			t.Errorf("vrrp6.7 has %v without %v", got, want)
		}
	}
	if got, want := settings(n), "all/rp_filter=0 default/rp_filter=1 eth0/rp_filter=1 eth0/arp_ignore=1 eth0/arp_filter=1"; got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	r.waitLog("(V4): Success creating VMAC interface vrrp.7", time.Second)
	r.waitLog("NOTICE: setting sysctl net.ipv4.conf.all.rp_filter from 1 to 0", time.Second)
	if got := n.Run("nft", "list", "ruleset"); !strings.Contains(got, `"vrrp.7" : "eth0"`) || !strings.Contains(got, `"vrrp6.7" : "eth0"`) {
		t.Errorf("firewall:\n%s", got)
	}

	r.stop()
	if after := settings(n); after != before {
		t.Errorf("settings left: %s, were %s", after, before)
	}
	if links := ipLinks(t, n); len(links) != beforeLinks {
		t.Errorf("interfaces left: %v", links)
	}
	if left := n.Run("nft", "list", "ruleset"); left != "" {
		t.Errorf("firewall left:\n%s", left)
	}

	adverts, reports := 0, 0
	hostMAC := n.Link("eth0").Attrs().HardwareAddr
	for _, f := range wire.Frames() {
		if a, ok := parseAdvert(f); ok {
			adverts++
			want := "00005e000107"
			if a.source.Is6() {
				want = "00005e000207"
			}
			if got := hex.EncodeToString(f.Data[6:12]); got != want {
				t.Errorf("advert from %v with MAC %s", a.source, got)
			}
		}
		if ip, ok := f.IPv4(); ok && ip[9] == 2 {
			reports++
			if !bytes.Equal(f.Data[6:12], hostMAC) {
				t.Errorf("IGMP report with MAC %x", f.Data[6:12])
			}
		}
	}
	if adverts == 0 || reports == 0 {
		t.Errorf("%d adverts, %d IGMP reports captured", adverts, reports)
	}
}

// A VMAC that a dead engine left is taken over, one that somebody deletes is
// made again.
func TestVMACAgain(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables")
	n, _ := alone(t, "gkrun-vmac2")
	n.Run("ip", "link", "add", "link", "eth0", "name", "vrrp.7", "type", "macvlan", "mode", "private")
	n.Run("ip", "link", "set", "vrrp.7", "address", "00:00:5e:00:01:07")
	n.Up("vrrp.7")
	n.AddAddress("vrrp.7", "10.9.0.100/24")
	index := n.Link("vrrp.7").Attrs().Index
	v := fast(newInstance("V4", 7, "10.9.0.100/24"))
	v.VMAC = &config.VMAC{}
	r := startRouter(t, n, newConfig(v))
	if n.HasAddress("vrrp.7", "10.9.0.100/24") {
		t.Error("the address left on the VMAC is still there in BACKUP")
	}
	r.waitLog("(V4) Found matching interface vrrp.7", time.Second)
	n.WaitAddress("vrrp.7", "10.9.0.100/24", true, 30*time.Second)
	if now := n.Link("vrrp.7").Attrs().Index; now != index {
		t.Errorf("the VMAC was made anew: index %d, was %d", now, index)
	}
	n.Run("ip", "link", "del", "vrrp.7")
	n.WaitAddress("vrrp.7", "10.9.0.100/24", true, 30*time.Second)
	r.stop()
	if got := settings(n); strings.Contains(got, "=1") {
		t.Errorf("settings left: %s", got)
	}
}

// Adverts go out on the base interface with vmac_xmit_base.
func TestVMACXmitBase(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables")
	n, lan := alone(t, "gkrun-vmac3")
	wire := lan.Switch.Capture("br0")
	v := fast(newInstance("V4", 7, "10.9.0.100/24"))
	v.VMAC = &config.VMAC{Name: "virt0", XmitBase: true}
	startRouter(t, n, newConfig(v)).waitState("V4", event.Master, 5*time.Second)
	if !n.HasAddress("virt0", "10.9.0.100/24") {
		t.Errorf("virt0 has %v", n.Addresses("virt0"))
	}
	f, _ := wire.Wait(0, 30*time.Second, "advert", func(f nstest.Frame) bool { _, ok := parseAdvert(f); return ok })
	if hostMAC := n.Link("eth0").Attrs().HardwareAddr; !bytes.Equal(f.Data[6:12], hostMAC) {
		t.Errorf("advert with MAC %x, want %v", f.Data[6:12], hostMAC)
	}
}

// Two engines with use_vmac, and the real keepalived as one of them: the
// switch learns the virtual MAC where the master is.
func TestVMACWithKeepalived(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables", "keepalived")
	lan := nstest.NewLAN(t, "gkrun-vmac4", 2)
	v := fast(newInstance("V4", 7, "10.9.0.100/24"))
	v.VMAC = &config.VMAC{}
	v.Priority = 200
	r := startRouter(t, lan.Hosts[0], newConfig(v))
	lan.Hosts[1].Keepalived(`vrrp_instance V4 {
	interface eth0
	virtual_router_id 7
	version 3
	advert_int 0.1
	priority 100
	use_vmac
	virtual_ipaddress { 10.9.0.100/24 }
}
`)
	holder := func(want *nstest.NS) {
		t.Helper()
		nstest.Eventually(t, 30*time.Second, "address on "+want.Name, func() (bool, string) {
			have := holders(lan.Hosts, "vrrp.7", "10.9.0.100/24")
			return slices.Equal(have, []string{want.Name}), strings.Join(have, ",")
		})
	}
	learnt := func(port string) {
		t.Helper()
		nstest.Eventually(t, 30*time.Second, "virtual MAC behind "+port, func() (bool, string) {
			out := lan.Switch.Run("bridge", "fdb", "show", "br", "br0")
			return strings.Contains(out, "00:00:5e:00:01:07 dev "+port), out
		})
	}
	holder(lan.Hosts[0])
	learnt("p1")
	r.stop()
	holder(lan.Hosts[1])
	learnt("p2")
}

// no_accept: the address is there, pings to it are not answered.
func TestNoAccept(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables")
	lan := nstest.NewLAN(t, "gkrun-noacc", 2)
	n, client := lan.Hosts[0], lan.Hosts[1]
	v := fast(newInstance("V1", 51, "10.9.0.100/24"))
	v.Accept = false
	r := startRouter(t, n, newConfig(v))
	r.waitState("V1", event.Master, 5*time.Second)
	if got := n.Run("nft", "list", "ruleset"); !strings.Contains(got, "elements = { 10.9.0.100 }") {
		t.Errorf("firewall:\n%s", got)
	}
	ping := func(ip string) error {
		_, err := client.Try("ping", "-c", "1", "-W", "1", ip)
		return err
	}
	if err := ping("10.9.0.1"); err != nil {
		t.Error(err)
	}
	if ping("10.9.0.100") == nil {
		t.Error("the virtual address answers")
	}
	accepting := *v
	accepting.Accept = true
	if err := r.engine.Reload(newConfig(&accepting)); err != nil {
		t.Fatal(err)
	}
	if err := ping("10.9.0.100"); err != nil {
		t.Errorf("after the reload: %v", err)
	}
	r.stop()
	if left := n.Run("nft", "list", "ruleset"); left != "" {
		t.Errorf("firewall left:\n%s", left)
	}
}

// promote_secondaries is set while the instance runs, and put back.
func TestPromoteSecondaries(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-prom")
	v := fast(newInstance("V1", 51, "10.9.0.100/24"))
	v.PromoteSecondaries = true
	r := startRouter(t, n, newConfig(v))
	const path = "ipv4/conf/eth0/promote_secondaries"
	if got := n.ReadSysctl(path); got != "1" {
		t.Errorf("set to %s", got)
	}
	r.stop()
	if got := n.ReadSysctl(path); got != "0" {
		t.Errorf("left at %s", got)
	}
}

// An ipvlan has no MAC of its own and brings the source address; virtual
// addresses go onto the configured interface.
func TestIPVLAN(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-ipvl")
	if _, err := n.Try("ip", "link", "add", "link", "eth0", "name", "probe", "type", "ipvlan", "mode", "l2"); err != nil {
		nstest.Missing(t, "ipvlan", err)
	}
	n.Run("ip", "link", "del", "probe")
	wire := lan.Switch.Capture("br0")
	v := fast(newInstance("V1", 51, "10.9.0.100/24"))
	v.IPVLAN = &config.IPVLAN{Name: "vip0", Address: netip.MustParsePrefix("10.9.0.51/24"), Mode: config.IPVLANPrivate}
	r := startRouter(t, n, newConfig(v))
	r.waitState("V1", event.Master, 20*time.Second)
	l := ipLinks(t, n)["vip0"]
	if l.LinkInfo.Kind != "ipvlan" || l.LinkInfo.Data.Mode != "l2" || l.Base != "eth0" {
		t.Errorf("vip0: %+v", l)
	}
	if !n.HasAddress("vip0", "10.9.0.51/24") || !n.HasAddress("eth0", "10.9.0.100/24") {
		t.Errorf("vip0 %v, eth0 %v", n.Addresses("vip0"), n.Addresses("eth0"))
	}
	f, _ := wire.Wait(0, 20*time.Second, "advert", func(f nstest.Frame) bool { _, ok := parseAdvert(f); return ok })
	if a, _ := parseAdvert(f); a.source != netip.MustParseAddr("10.9.0.51") {
		t.Errorf("advert from %v", a.source)
	}
	r.stop()
	if _, left := ipLinks(t, n)["vip0"]; left {
		t.Error("vip0 was left")
	}
}

// A VMAC joins the VRF of its base interface, and adverts are heard there.
func TestVMACInVRF(t *testing.T) {
	t.Parallel()
	lan := nstest.NewLAN(t, "gkrun-vrf", 2)
	var routers []*router
	for i, n := range lan.Hosts {
		if _, err := n.Try("ip", "link", "add", "red", "type", "vrf", "table", "10"); err != nil {
			nstest.Missing(t, "vrf", err)
		}
		n.Up("red")
		n.Run("ip", "link", "set", "eth0", "master", "red")
		n.WaitAddress("eth0", []string{"10.9.0.1/24", "10.9.0.2/24"}[i], true, 30*time.Second)
		v := fast(newInstance("V1", 51, "10.9.0.100/24"))
		v.VMAC, v.VRF, v.Priority = &config.VMAC{}, "red", uint8(200-50*i)
		v.Routes = []*config.Route{{Words: []string{"10.50.0.0/24", "dev", "vrrp.51", "vrf", "red"}}}
		routers = append(routers, startRouter(t, n, newConfig(v)))
	}
	holder := func(want *nstest.NS) {
		t.Helper()
		nstest.Eventually(t, 30*time.Second, "address on "+want.Name, func() (bool, string) {
			have := holders(lan.Hosts, "vrrp.51", "10.9.0.100/24")
			return slices.Equal(have, []string{want.Name}), strings.Join(have, ",")
		})
	}
	holder(lan.Hosts[0])
	if got := lan.Hosts[0].Run("ip", "link", "show", "dev", "vrrp.51"); !strings.Contains(got, "master red") {
		t.Errorf("VMAC outside the VRF: %s", got)
	}
	if got := lan.Hosts[0].Run("ip", "route", "show", "table", "10", "proto", "18"); !strings.Contains(got, "10.50.0.0/24 dev vrrp.51") {
		t.Errorf("routes of the VRF: %q", got)
	}
	routers[0].stop()
	holder(lan.Hosts[1])
}

// With its base interface a VMAC goes and comes back, settings included.
func TestVMACBaseGone(t *testing.T) {
	nstest.Require(t, "netns", "nftables")
	t.Parallel()
	n := nstest.New(t, "gkrun-vmac5")
	v := fast(newInstance("V4", 7, "10.9.0.100/24"))
	v.VMAC = &config.VMAC{}
	cfg := newConfig(v)
	cfg.Global.VRRP.DynamicInterfaces = true
	r := startRouter(t, n, cfg)
	for range 2 {
		n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
		n.Up("eth0", "eth1")
		n.AddAddress("eth0", "10.9.0.1/24")
		n.WaitAddress("vrrp.7", "10.9.0.100/24", true, 30*time.Second)
		if got := n.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" {
			t.Errorf("arp_ignore of the base is %s", got)
		}
		if got := n.Run("nft", "list", "ruleset"); !strings.Contains(got, `"vrrp.7" : "eth0"`) {
			t.Errorf("firewall:\n%s", got)
		}
		n.Run("ip", "link", "del", "eth0")
		r.waitState("V4", event.Fault, 5*time.Second)
	}
	r.stop()
}

// netlink_notify_msg: a bridge that a VMAC makes promiscuous is announced, and
// again when it no longer is, one message more each than the kernel sends by
// itself (old ones send none).
func TestVMACNotifiesAboutItsBase(t *testing.T) {
	t.Parallel()
	nstest.Require(t, "netns", "nftables")
	n, _ := alone(t, "gkrun-note")
	n.Run("ip", "link", "add", "base", "type", "bridge")
	n.Run("ip", "link", "set", "base", "up")
	n.AddAddress("base", "10.8.0.1/24")
	inside, err := netns.GetFromName(n.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	var without int
	for _, on := range []bool{false, true} {
		updates, done := make(chan netlink.LinkUpdate, 1000), make(chan struct{})
		if err := netlink.LinkSubscribeAt(inside, updates, done); err != nil {
			t.Fatal(err)
		}
		v := fast(newInstance("V", 7, "10.8.0.100/24"))
		v.Interface, v.VMAC = "base", &config.VMAC{NetlinkMsg: on}
		r := startRouter(t, n, newConfig(v))
		r.waitLog("Success creating VMAC interface vrrp.7", 5*time.Second)
		r.stop()
		// What comes last says that all before it has come.
		n.Run("ip", "link", "add", "last", "type", "bridge")
		n.Run("ip", "link", "del", "last")
		var told []int
		for u := range updates {
			if a := u.Attrs(); a.Name == "base" {
				told = append(told, a.Promisc)
			} else if a.Name == "last" {
				break
			}
		}
		close(done)
		if !on {
			without = len(told)
			continue
		}
		if len(told) != without+2 || !slices.Contains(told, 1) || told[len(told)-1] != 0 {
			t.Errorf("told of promiscuity %v; without the keyword %d times", told, without)
		}
	}
}
