//go:build linux

package netif

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"golang.org/x/sys/unix"
)

// finderIn finds interfaces in a namespace, as they are at the time.
func finderIn(t *testing.T, n *nstest.NS, k *Kernel) LinkFinder {
	t.Helper()
	links, err := k.Links()
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) *Link {
		for i := range links {
			if links[i].Name == name {
				return &links[i]
			}
		}
		return nil
	}
}

// routeWords is a line as the configuration has it, after tokenising.
func routeWords(line string) []string { return strings.Fields(line) }

// fold makes one line of what ip says about a route.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// What ip-route(8) shows for each line is what it shows when keepalived 2.2.7
// has added the same line.
func TestRoutes(t *testing.T) {
	n := nstest.New(t, "gknet-route")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Run("ip", "link", "add", "red", "type", "veth", "peer", "name", "red1")
	n.Up("eth0", "eth1", "red")
	n.AddAddress("eth0", "10.9.0.1/24", "10.9.0.100/24", "fd00:9::1/64")
	k := openIn(t, n)
	find := finderIn(t, n, k)

	for _, c := range []struct{ line, want string }{
		{"10.1.0.0/24 dev eth0", "unicast 10.1.0.0/24 dev eth0 table main scope global"},
		{"10.2.0.0/24 via 10.9.0.2", "unicast 10.2.0.0/24 via 10.9.0.2 dev eth0 table main scope global"},
		{"to 10.3.0.0/24 gw 10.9.0.2 oif eth0 src 10.9.0.100 table 77 metric 10 tos 0x10",
			"unicast 10.3.0.0/24 tos 0x10 via 10.9.0.2 dev eth0 table 77 scope global src 10.9.0.100 metric 10"},
		{"10.3.1.0/24 dev eth0 table 70000", "unicast 10.3.1.0/24 dev eth0 table 70000 scope global"},
		{"blackhole 10.4.0.0/24", "blackhole 10.4.0.0/24 table main scope global"},
		{"default via 10.9.0.2", "unicast default via 10.9.0.2 dev eth0 table main scope global"},
		{"10.5.0.0/24 nexthop via 10.9.0.2 weight 3 nexthop via 10.9.0.3 dev eth0 onlink",
			"unicast 10.5.0.0/24 table main scope global nexthop via 10.9.0.2 dev eth0 weight 3 nexthop via 10.9.0.3 dev eth0 weight 1 onlink"},
		{"10.6.0.0/24 via 10.9.0.2 mtu lock 1400 advmss 1300 rtt 1s rttvar 500ms rto_min 300ms window 5000 cwnd 10 ssthresh 20 reordering 4 hoplimit 33 initcwnd 9 initrwnd 8 quickack 1 features ecn congctl lock reno",
			"unicast 10.6.0.0/24 via 10.9.0.2 dev eth0 table main scope global mtu lock 1400 window 5000 rtt 1s rttvar 500ms ssthresh 20 cwnd 10 advmss 1300 reordering 4 hoplimit 33 initcwnd 9 features ecn rto_min 300ms initrwnd 8 quickack 1 congctl lock reno"},
		{"10.7.0.0/24 via inet6 fd00:9::2 dev eth0", "unicast 10.7.0.0/24 via inet6 fd00:9::2 dev eth0 table main scope global"},
		{"10.10.0.0/24 dev eth0 scope link", "unicast 10.10.0.0/24 dev eth0 table main scope link"},
		{"10.11.0.0/24 via 10.9.0.2 realms 3/4", "unicast 10.11.0.0/24 via 10.9.0.2 dev eth0 table main scope global realms 3/4"},
		{"10.12.0.0/24 via 10.9.0.2 or 10.9.0.3",
			"unicast 10.12.0.0/24 table main scope global nexthop via 10.9.0.2 dev eth0 weight 1 nexthop via 10.9.0.3 dev eth0 weight 1"},
		{"fd01::/64 via fd00:9::2 pref high", "unicast fd01::/64 via fd00:9::2 dev eth0 table main scope global metric 1024 pref high"},
		{"fd02::/64 dev eth0 metric 7", "unicast fd02::/64 dev eth0 table main scope global metric 7 pref medium"},
		{"fd03::/64 from fd00:9::/64 via fd00:9::2", "unicast fd03::/64 from fd00:9::/64 via fd00:9::2 dev eth0 table main scope global metric 1024 pref medium"},
		{"10.13.0.0/24 encap ip id 77 dst 10.9.0.9 ttl 5 tos 4 dev eth0",
			"unicast 10.13.0.0/24 encap ip id 77 src 0.0.0.0 dst 10.9.0.9 ttl 5 tos 4 dev eth0 table main scope global"},
		{"fd04::/64 encap ip6 id 7 dst fd00:9::9 hoplimit 3 dev eth0",
			"unicast fd04::/64 encap ip6 id 7 src :: dst fd00:9::9 hoplimit 3 tc 0 dev eth0 table main scope global metric 1024 pref medium"},
		{"unreachable fd05::/64", "unreachable fd05::/64 dev lo table main scope global metric 1024 pref medium"},
		{"fd06::/64 nexthop via fd00:9::2 weight 3 nexthop via fd00:9::3 dev eth0",
			"unicast fd06::/64 table main scope global metric 1024 pref medium nexthop via fd00:9::2 dev eth0 weight 3 nexthop via fd00:9::3 dev eth0 weight 1"},
		{"10.16.0.0/24 via 10.9.0.2 fastopen_no_cookie 1", "unicast 10.16.0.0/24 via 10.9.0.2 dev eth0 table main scope global fastopen_no_cookie 1"},
		{"10.18.0.0/24 via 10.9.0.77 dev eth0 onlink add", "unicast 10.18.0.0/24 via 10.9.0.77 dev eth0 table main scope global onlink"},
	} {
		t.Run(c.line, func(t *testing.T) {
			r, err := iproute.ParseRoute(routeWords(c.line), SystemNames())
			if err != nil {
				t.Fatal(err)
			}
			for _, again := range []string{"first", "second"} {
				if err := k.AddRoute(&r, find); err != nil {
					t.Fatalf("%s time: %v", again, err)
				}
			}
			family := "-4"
			if r.Family == config.IPv6 {
				family = "-6"
			}
			if got := fold(n.Run("ip", family, "-d", "route", "show", "table", "all", "proto", "18")); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			have, err := k.Routes(r.Family, 18)
			if err != nil || len(have) != 1 || !SameRoute(&have[0], &r, find) {
				t.Errorf("not recognised: %+v, %v", have, err)
			}
			if err := k.DeleteRoute(&r, find); err != nil {
				t.Fatal(err)
			}
			if err := k.DeleteRoute(&r, find); !errors.Is(err, unix.ESRCH) {
				t.Errorf("deleting what is gone: %v", err)
			}
			if got := fold(n.Run("ip", family, "-d", "route", "show", "table", "all", "proto", "18")); got != "" {
				t.Errorf("left over: %s", got)
			}
		})
	}

	t.Run("expires", func(t *testing.T) {
		r, err := iproute.ParseRoute(routeWords("fd07::/64 via fd00:9::2 expires 1000"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.AddRoute(&r, find); err != nil {
			t.Fatal(err)
		}
		got := fold(n.Run("ip", "-6", "-d", "route", "show", "proto", "18"))
		if !strings.Contains(got, "expires 999sec") && !strings.Contains(got, "expires 1000sec") {
			t.Errorf("got %s", got)
		}
	})
	t.Run("order", func(t *testing.T) {
		for _, line := range []string{"10.15.0.0/24 via 10.9.0.2", "10.15.0.0/24 via 10.9.0.3 append", "10.15.0.0/24 via 10.9.0.4"} {
			r, err := iproute.ParseRoute(routeWords(line), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.AddRoute(&r, find); err != nil {
				t.Fatal(err)
			}
		}
		got := fold(n.Run("ip", "-4", "route", "show", "proto", "18"))
		want := "10.15.0.0/24 via 10.9.0.4 dev eth0 10.15.0.0/24 via 10.9.0.2 dev eth0 10.15.0.0/24 via 10.9.0.3 dev eth0"
		if got != want {
			t.Errorf("got %s", got)
		}
		// One of three that look alike is told from the others.
		first, _ := iproute.ParseRoute(routeWords("10.15.0.0/24 via 10.9.0.2"), nil)
		have, err := k.Routes(config.IPv4, 18)
		if err != nil || len(have) != 3 {
			t.Fatalf("%v, %v", have, err)
		}
		for i := range have {
			if SameRoute(&have[i], &first, find) != (have[i].Hops[0].Via == addr("10.9.0.2")) {
				t.Errorf("mistaken for another: %+v", have[i])
			}
		}
	})
	// Among many routes of others only ours are listed, by the kernel itself.
	t.Run("filter", func(t *testing.T) {
		var batch strings.Builder
		for i := range 500 {
			fmt.Fprintf(&batch, "route add 10.77.%d.%d/32 via 10.9.0.2 proto bird\n", i/250, i%250)
		}
		cmd := n.Command("ip", "-batch", "-")
		cmd.Stdin = strings.NewReader(batch.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for protocol, want := range map[uint8]int{18: 3, 12: 500, 99: 0} {
			if list, err := k.Routes(config.IPv4, protocol); err != nil || len(list) != want {
				t.Errorf("%d routes of protocol %d, want %d; %v", len(list), protocol, want, err)
			}
		}
	})
	t.Run("no such interface", func(t *testing.T) {
		r, err := iproute.ParseRoute(routeWords("10.1.0.0/24 dev eth9"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.AddRoute(&r, find); !errors.Is(err, unix.ENODEV) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRules(t *testing.T) {
	n := nstest.New(t, "gknet-rule")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	k := openIn(t, n)
	for _, c := range []struct{ line, want string }{
		{"to 10.2.0.0/24 lookup 77 preference 100", "100: from all to 10.2.0.0/24 lookup 77 proto keepalived"},
		{"fwmark 5/0xff table 78 priority 101 tos 0x10", "101: from all tos 0x10 fwmark 0x5/0xff lookup 78 proto keepalived"},
		{"iif eth0 oif eth1 blackhole preference 102", "102: from all iif eth0 oif eth1 blackhole proto keepalived"},
		{"from 10.1.0.5/24 table 77 suppress_prefixlength 5 preference 103", "103: from 10.1.0.5/24 lookup 77 suppress_prefixlength 5 proto keepalived"},
		{"from fd00::/64 unreachable preference 104", "104: from fd00::/64 unreachable proto keepalived"},
		{"uidrange 0-99 table 77 preference 105", "105: from all uidrange 0-99 lookup 77 proto keepalived"},
		{"sport 80-90 dport 443-443 ipproto tcp table 77 preference 106", "106: from all ipproto tcp sport 80-90 dport 443 lookup 77 proto keepalived"},
		{"l3mdev preference 107", "107: from all lookup [l3mdev-table] proto keepalived"},
		{"from 10.0.0.0/8 goto 200 preference 108", "108: from 10.0.0.0/8 goto 200 proto keepalived"},
		{"type nop preference 200", "200: from all nop proto keepalived"},
		{"not from 10.0.0.0/8 prohibit preference 201", "201: not from 10.0.0.0/8 prohibit proto keepalived"},
		{"tunnel-id 55 table 77 preference 202", "202: from all tun_id 55 lookup 77 proto keepalived"},
		{"realms 3/4 table 77 preference 203", "203: from all lookup 77 realms 3/4 proto keepalived"},
		{"suppress_ifgroup 7 table 70000 preference 204", "204: from all lookup 70000 suppress_ifgroup 7 proto keepalived"},
		{"from 10.1.0.0/24 table main order 0x4000", "16384: from 10.1.0.0/24 lookup main proto keepalived"},
		{"fwmark 7 table 1 preference 205", "205: from all fwmark 0x7 lookup 1 proto keepalived"},
	} {
		t.Run(c.line, func(t *testing.T) {
			r, err := iproute.ParseRule(strings.Fields(c.line), SystemNames())
			if err != nil {
				t.Fatal(err)
			}
			for _, again := range []string{"first", "second"} {
				if err := k.AddRule(&r); err != nil {
					t.Fatalf("%s time: %v", again, err)
				}
			}
			family := "-4"
			if r.Family == config.IPv6 {
				family = "-6"
			}
			show := func() (ours []string) {
				for line := range strings.Lines(n.Run("ip", family, "-d", "rule")) {
					if strings.Contains(line, "proto keepalived") {
						ours = append(ours, fold(strings.Replace(line, "[unresolved]", "", 1)))
					}
				}
				return ours
			}
			if got := show(); len(got) != 1 || got[0] != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
			have, err := k.Rules(r.Family)
			if err != nil {
				t.Fatal(err)
			}
			same := 0
			for i := range have {
				if SameRule(&have[i], &r) {
					same++
				}
			}
			if same != 1 {
				t.Errorf("recognised %d times in %+v", same, have)
			}
			if err := k.DeleteRule(&r); err != nil {
				t.Fatal(err)
			}
			if err := k.DeleteRule(&r); !errors.Is(err, unix.ENOENT) {
				t.Errorf("deleting what is gone: %v", err)
			}
			if got := show(); len(got) != 0 {
				t.Errorf("left over: %q", got)
			}
		})
	}
}

func TestMonitorRoutes(t *testing.T) {
	n := nstest.New(t, "gknet-mroute")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Up("eth0", "eth1")
	n.AddAddress("eth0", "10.9.0.1/24")
	k := openIn(t, n)
	find := finderIn(t, n, k)
	var m *Monitor
	n.Do(func() {
		var err error
		if m, err = OpenMonitor(MonitorOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	defer m.Close()
	if err := m.WatchRoutes(); err != nil {
		t.Fatal(err)
	}
	route, err := iproute.ParseRoute(routeWords("10.1.0.0/24 via 10.9.0.2 dev eth0 metric 5"), nil)
	if err != nil {
		t.Fatal(err)
	}
	rule, err := iproute.ParseRule([]string{"from", "10.1.0.0/24", "table", "77", "priority", "5"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.AddRoute(&route, find); err != nil {
		t.Fatal(err)
	}
	if err := k.AddRule(&rule); err != nil {
		t.Fatal(err)
	}
	n.Run("ip", "route", "del", "10.1.0.0/24")
	n.Run("ip", "rule", "del", "priority", "5")
	changes, err := m.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	var route1, rule1 bool
	for i := range changes {
		c := &changes[i]
		route1 = route1 || c.Kind == RouteRemoved && SameRoute(&c.Route, &route, find)
		rule1 = rule1 || c.Kind == RuleRemoved && SameRule(&c.Rule, &rule)
	}
	if !route1 || !rule1 {
		t.Errorf("route %t, rule %t in %+v", route1, rule1, changes)
	}
}
