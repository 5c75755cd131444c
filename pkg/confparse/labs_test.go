package confparse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// TestLabs loads the configurations that operators published, and compares the
// exit status of -t with keepalived's.
func TestLabs(t *testing.T) {
	dir := confparse.SharedDir(t, "labs")
	for name, want := range map[string]int{
		"haproxy-pair/lb1": 0, "haproxy-pair/lb2": 0, "ldap-nat/node1": 0, "samba-dr/master": 0, "samba-dr/backup": 0,
		"haproxy-weight/master": 6, "haproxy-weight/backup": 6, "nginx-cloud/backup": 6,
		"ldap-nat/httpd-failover": 5, // there is no /usr/sbin/pidof
	} {
		cfg, _, found := confparse.Load(confparse.OSFiles(), name+".conf", corpusEnv(dir))
		m := corpusMachine(cfg)
		delete(m.Files, "/usr/sbin/pidof")
		var machine = preflight.Check(cfg, m)
		// Where security is off, 6 outranks the errors of the text.
		if got := append(found, machine...).ExitCode(); got != want {
			t.Errorf("%s: exit %d, keepalived %d: %v", name, got, want, found)
		}
	}
}

// routeLines and ruleLines use every word.
var (
	routeLines = []string{
		"10.0.0.0/8 via 10.1.1.1 dev eth0", "to 10.0.0.0/8 via inet 10.1.1.1 oif eth0 onlink", "default via 10.1.1.1 no_track", "default6 via fe80::1 dev eth0",
		"any dev eth0", "default dev eth0 inet6", "local 10.0.0.1 dev eth0", "6 10.0.0.0/8 no_track", "unreachable 2001:db8::/32 no_track",
		"10.0.0.0/8 dev eth0 src 10.0.0.1 tos 0x10 table 100 scope link metric 5", "10.0.0.0/8 dev eth0 priority 7 preference 8 protocol static no_track",
		"10.0.0.0/8 gw 10.1.1.1 or 10.1.1.2 dev eth0", "10.0.0.0/8 dev eth0 as to 10.0.0.9", "2001:db8::/32 from 2001::/16 dev eth0 expires 300 pref high",
		"10.0.0.0/8 dev eth0 mtu lock 1400 hoplimit 9 advmss 1300 rtt 300ms rttvar lock 1s rto_min 0.5sec reordering 3 window 9 cwnd 4 ssthresh lock 5",
		"10.0.0.0/8 dev eth0 initcwnd 3 initrwnd 4 quickack 1 fastopen_no_cookie 0 congctl lock cubic features ecn features sack realms 1/2",
		"10.0.0.0/8 dev eth0 ttl-propagate disabled append", "10.0.0.0/8 dev eth0 vrf blue add", "10.0.0.0/8 dev eth0 prepend 10.9.0.0/16",
		"10.0.0.0/8 nexthop via 10.1.1.1 dev eth0 weight 3 onlink realms 4 nexthop via 10.1.1.2 encap mpls 16/17 weight 300",
		"10.0.0.0/8 dev eth0 encap ip id 5 dst 10.0.0.1 src 10.0.0.2 tos 4 ttl 5 flags 6", "10.0.0.0/8 dev eth0 encap ip6 id 5 tc 4 hoplimit 5",
		"10.0.0.0/8 dev eth0 encap ila 1:2:3:4", "10.0.0.0/8 dev eth0 encap ip ttl 5", "10.0.0.0/33 dev eth0 rtt 1 rttvar 500s",
	}
	ruleLines = []string{
		"from 10.0.0.0/8 to all table 100 preference 1", "from 10.0.0.0/33 lookup main order 0x10", "to 2001:db8::/32 blackhole priority 010", "table 5 priority 3 inet6",
		"not iif eth0 oif eth1 unreachable preference 4", "dev eth0 tos 8 fwmark 0x1/0xff prohibit preference 5", "goto 10 preference 6", "type nop preference 7",
		"l3mdev preference 8 tunnel-id 5 uidrange 3-5", "table 5 preference 9 realms 3/4 suppress_prefixlength 8 sup_group 3", "table 5 preference 9 sup_pl 8 suppress_ifgroup default",
		"table 5 preference 9 ipproto tcp sport 80-90 dport 80 protocol 30 no_track", "table 5 preference 9 ipproto 6 protocol static", "table 5",
	}
)

// anyName knows every name of iproute2's tables.
type anyName struct{}

func (anyName) Number(iproute.Table, string) (uint32, bool) { return 7, true }

// TestRoutesAreUnderstood gives all routes and rules that Load accepts to the
// reader that makes netlink messages of them.
func TestRoutesAreUnderstood(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/config/*/in.conf")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	check := func(where string, cfg *config.Config) {
		routes, rules := cfg.StaticRoutes, cfg.StaticRules
		for _, v := range cfg.Instances {
			routes, rules = append(routes, v.Routes...), append(rules, v.Rules...)
		}
		for _, r := range routes {
			seen++
			if _, err := iproute.ParseRoute(r.Words, anyName{}); err != nil {
				t.Errorf("%s: route %q: %v", where, r.Words, err)
			}
		}
		for _, r := range rules {
			seen++
			if _, err := iproute.ParseRule(r.Words, anyName{}); err != nil {
				t.Errorf("%s: rule %q: %v", where, r.Words, err)
			}
		}
	}
	for _, in := range cases {
		dir, err := filepath.Abs(filepath.Dir(in))
		if err != nil {
			t.Fatal(err)
		}
		cfg, _, _ := confparse.Load(confparse.OSFiles(), "in.conf", corpusEnv(dir))
		check(in, cfg)
	}
	text := "static_routes {\n" + strings.Join(routeLines, "\n") + "\n}\nstatic_rules {\n" + strings.Join(ruleLines, "\n") + "\n}\n"
	tmp := t.TempDir()
	if err := os.WriteFile(filepath.Join(tmp, "k.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, _, _ := confparse.Load(confparse.OSFiles(), "k.conf", corpusEnv(tmp))
	if len(cfg.StaticRoutes) != len(routeLines) || len(cfg.StaticRules) != len(ruleLines) {
		t.Errorf("%d of %d routes, %d of %d rules", len(cfg.StaticRoutes), len(routeLines), len(cfg.StaticRules), len(ruleLines))
	}
	check("lines", cfg)
	if seen < 50 {
		t.Errorf("only %d lines", seen)
	}
	dir := confparse.SharedDir(t, "corpus")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		cfg, _, _ := confparse.Load(confparse.OSFiles(), f.Name(), corpusEnv(dir))
		check(f.Name(), cfg)
	}
}
