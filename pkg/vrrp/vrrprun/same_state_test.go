//go:build linux

package vrrprun

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// sameState are configurations of one instance V that must leave a machine in
// the same state whether keepalived or we run them. without is a part of the
// state that is left out, because 2.4.3, which we follow, differs from the
// installed 2.2.7 there.
var sameState = []struct {
	name, config string
	without      *regexp.Regexp
}{
	{"addresses", `
  virtual_ipaddress {
    10.9.0.100/24
    10.9.0.101 label eth0:7
    10.9.0.102/28 brd + scope link
    10.9.0.103/28 brd - noprefixroute
    10.9.0.104/24 broadcast 10.9.0.255 dev eth2
    10.9.0.105 peer 10.9.0.205
    10.9.0.106/24 preferred_lft 0
    10.9.0.107/24 preferred_lft forever
  }
  virtual_ipaddress_excluded {
    fd00:9::100
    fd00:9::101/64
    fd00:9::102/64 preferred_lft 0 noprefixroute
    fd00:9::103/64 home
    fd00:9::104/128 preferred_lft forever
    fd00:9::105/64 mngtmpaddr dev eth2
  }`, nil},
	{"routes", `
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_routes {
    10.1.0.0/24 dev eth0
    10.2.0.0/24 via 10.9.0.2
    10.3.0.0/24 via 10.9.0.2 dev eth0 src 10.9.0.100 table 77 metric 10 tos 0x10
    blackhole 10.4.0.0/24
    10.5.0.0/24 nexthop via 10.9.0.2 weight 3 nexthop via 10.9.0.3 dev eth0 onlink
    10.6.0.0/24 via 10.9.0.2 mtu lock 1400 advmss 1300 rtt 1s rttvar 500ms rto_min 300ms window 5000 cwnd 10 ssthresh 20 reordering 4 hoplimit 33 initcwnd 9 initrwnd 8 quickack 1 features ecn congctl lock reno
    10.7.0.0/24 via 10.9.0.2 rtt 2400 rttvar 1000 rto_min 250
    10.10.0.0/24 dev eth0 scope link
    10.11.0.0/24 via 10.9.0.2 realms 3/4
    10.12.0.0/24 via 10.9.0.2 or 10.9.0.3
    10.13.0.0/24 encap ip id 77 dst 10.9.0.9 ttl 5 tos 4 dev eth0
    10.15.0.0/24 via 10.9.0.2 append
    10.15.0.0/24 via 10.9.0.3 append
    10.16.0.0/24 via 10.9.0.2 fastopen_no_cookie 1 ttl-propagate disabled
    10.17.0.0/24 via 10.9.0.2 protocol 99 no_track
    fd01::/64 via fd00:9::2 pref high
    fd02::/64 dev eth0 metric 7
    fd03::/64 from fd00:9::/64 via fd00:9::2
    fd04::/64 encap ip6 id 7 dst fd00:9::9 hoplimit 3 dev eth0
    unreachable fd05::/64
    fd06::/64 nexthop via fd00:9::2 weight 3 nexthop via fd00:9::3 dev eth0
    default via 10.9.0.2 metric 50
  }`, nil},
	{"rules", `
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_rules {
    from 10.1.0.0/24 table 77
    from 10.1.1.0/24 table 77
    to 10.2.0.0/24 lookup 77 preference 100
    fwmark 5/0xff table 78 priority 101 tos 0x10
    iif eth0 oif eth1 blackhole preference 102
    from 10.1.0.5/24 table 77 suppress_prefixlength 5 preference 103
    from fd00::/64 unreachable preference 104
    uidrange 0-99 table 77 preference 105
    sport 80-90 dport 443-443 ipproto tcp table 77 preference 106
    l3mdev preference 107
    from 10.0.0.0/8 goto 200 preference 108
    nop preference 200
    not from 10.0.0.0/8 prohibit preference 201
    tunnel-id 55 table 77 preference 202
    realms 3/4 table 77 preference 203
    suppress_ifgroup 7 table 77 preference 204
  }`, nil},
	{"VMAC", `
  use_vmac
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_ipaddress_excluded { 10.9.0.101/24 }`, otherFilters},
	{"VMAC with name, MAC and adverts on the base", `
  use_vmac virt0 02:00:00:00:07
  vmac_xmit_base
  virtual_ipaddress {
    10.9.0.100/24
    10.9.2.100/24 dev eth2
  }`, otherFilters},
	{"VMAC for other interfaces", `
  use_vmac
  use_vmac_addr
  virtual_ipaddress {
    10.9.0.100/24
    10.9.2.100/24 dev eth2
  }`, otherFilters},
	{"VMAC for one address", `
  virtual_ipaddress {
    10.9.0.100/24
    10.9.2.100/24 dev eth2 use_vmac
  }`, otherFilters},
	{"no_accept", `
  no_accept
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_ipaddress_excluded {
    fd00:9::100/64
    fe80::100/64
  }`, nil},
	{"VMAC and no_accept, IPv6", `
  use_vmac
  no_accept
  virtual_ipaddress {
    fe80::100/64
    fd00:9::100/64
  }`, regexp.MustCompile(`(?s)table ip6 .*`)},
	{"promote_secondaries", `
  promote_secondaries
  virtual_ipaddress { 10.9.0.100/24 }`, nil},
}

// 2.2.7 does not keep rp_filter as strict as it was on interfaces that have
// addresses and no VMAC, when it sets that of "all" to 0.
var otherFilters = regexp.MustCompile(`(?m)^/proc/sys/net/ipv4/conf/(lo|eth0|eth2)/rp_filter.*\n`)

const sameStateHead = `vrrp_instance V {
  interface eth0
  virtual_router_id 51
  version 3
  priority 200
  advert_int 0.1
`

// machineState is everything that a configuration can change, without what
// differs from one machine to the next.
func machineState(n *nstest.NS) string {
	var b strings.Builder
	for _, command := range []string{
		"ip -d link show", "ip addr show", "ip -d -4 route show table all", "ip -d -6 route show table all",
		"ip -d -4 rule show", "ip -d -6 rule show", "nft list ruleset",
		"grep -r . /proc/sys/net/ipv4/conf --include=arp_ignore --include=arp_filter --include=rp_filter --include=accept_local --include=promote_secondaries",
		"grep -r . /proc/sys/net/ipv6/conf --include=disable_ipv6 --include=addr_gen_mode",
	} {
		out := n.Run(strings.Fields(command)...)
		if strings.HasPrefix(command, "grep") || strings.Contains(command, "route") {
			// The kernel lists tables by their hash.
			out = sorted(strings.ReplaceAll(out, "\n\t", " "))
		}
		b.WriteString("# " + command + "\n" + out)
	}
	s := b.String()
	for _, r := range []struct{ from, to string }{
		{`(?m)^\d+: `, ""}, // interface and rule numbers stay comparable without
		{`link/ether ([0-9a-f:]+)`, "link/ether $1"},
		{`expires \d+sec`, "expires"},
		{`(valid|preferred)_lft \d+sec`, "${1}_lft N"},
	} {
		s = regexp.MustCompile(r.from).ReplaceAllString(s, r.to)
	}
	return s
}

func sorted(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// sameMachine is a namespace that is the same each time it is made:
//
//	eth0 10.9.0.1, fd00:9::1 ── eth1    eth2 10.9.2.1 ── eth3
func sameMachine(t *testing.T, name string) *nstest.NS {
	n := nstest.New(t, name)
	for i, pair := range [][2]string{{"eth0", "eth1"}, {"eth2", "eth3"}} {
		n.Run("ip", "link", "add", pair[0], "type", "veth", "peer", "name", pair[1])
		for j, dev := range pair {
			n.Sysctl("ipv6/conf/"+dev+"/accept_dad", "0")
			n.Run("ip", "link", "set", dev, "address", "02:00:00:00:00:0"+string(rune('0'+2*i+j)))
			n.Up(dev)
		}
	}
	n.AddAddress("eth0", "10.9.0.1/24", "fd00:9::1/64")
	n.AddAddress("eth2", "10.9.2.1/24")
	n.Sysctl("ipv4/conf/all/rp_filter", "1")
	return n
}

// A machine is in the same state while we are master as while keepalived is,
// and afterwards as it was before.
func TestSameStateAsKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "nftables", "keepalived")
	for i, c := range sameState {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := sameStateHead + c.config + "\n}\n"
			suffix := string(rune('a' + i))

			theirs := sameMachine(t, "gkrun-st"+suffix)
			peer := theirs.Keepalived(text)
			peer.WaitOutput("Entering MASTER STATE", 30*time.Second)
			peer.WaitOutput("ending/queueing", 30*time.Second) // after all is set
			want := machineState(theirs)

			ours := sameMachine(t, "gkrun-so"+suffix)
			before := machineState(ours)
			cfg, _, found := confparse.Load(memoryFiles{text}, "/keepalived.conf", confparse.Env{})
			for _, d := range found {
				if d.Severity == diag.Error {
					t.Fatalf("%+v", d)
				}
			}
			r := startRouter(t, ours, cfg)
			r.waitState("V", event.Master, 10*time.Second)
			got := machineState(ours)
			if c.without != nil {
				got, want = c.without.ReplaceAllString(got, ""), c.without.ReplaceAllString(want, "")
			}
			if got != want {
				t.Errorf("differs:\n%s", difference(want, got))
			}
			r.stop()
			if after := machineState(ours); after != before {
				t.Errorf("not as before:\n%s", difference(before, after))
			}
		})
	}
}

// difference shows the lines that are in only one of two texts.
func difference(want, got string) string {
	count := map[string]int{}
	for line := range strings.Lines(want) {
		count[line]++
	}
	for line := range strings.Lines(got) {
		count[line]--
	}
	var b strings.Builder
	for line := range strings.Lines(want) {
		if count[line] > 0 {
			b.WriteString("- " + line)
			count[line]--
		}
	}
	for line := range strings.Lines(got) {
		if count[line] < 0 {
			b.WriteString("+ " + line)
			count[line]++
		}
	}
	if b.Len() == 0 {
		return "only the order:\n" + want + "\nagainst\n" + got
	}
	return b.String()
}
