package vrrprun

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
)

// everyOption uses each word of routes and rules at least once, as files write
// them.
const everyOption = `
track_group TG { group { V } }
static_routes {
  10.1.0.0/24 dev eth0 track_group TG
  default via 10.9.0.2
  default6 via fd00::1 inet6
}
static_rules {
  from 10.1.0.0/24 table 77
}
vrrp_instance V {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_routes {
    to 10.2.0.0/24 via 10.9.0.2 dev eth0 src 10.9.0.100 table main metric 10 tos 0x10 scope link protocol 99 no_track
    blackhole 10.4.0.0/24
    10.5.0.0/24 nexthop via 10.9.0.2 weight 3 nexthop via 10.9.0.3 dev eth0 onlink realms 3
    10.6.0.0/24 gw 10.9.0.2 mtu lock 1400 advmss 1300 rtt 1s rttvar 500ms rto_min 300 window 5000 cwnd lock 10 ssthresh 20 reordering 4 hoplimit 33 initcwnd 9 initrwnd 8 quickack 1 features ecn congctl lock reno fastopen_no_cookie 1
    10.12.0.0/24 via 10.9.0.2 or 10.9.0.3 append
    fd01::/64 via fd00:9::2 pref high expires 1000 add
    fd02::/64 via fd00:9::2 pref 3 from fd00::/8 priority 5 prepend
    10.13.0.0/24 dev eth0 encap ip id 77 dst 10.9.0.9 src 10.9.0.1 ttl 5 tos 4 flags 1
    10.14.0.0/24 encap mpls 100/200 via inet 10.9.0.2 ttl-propagate disabled
    fd04::/64 dev eth0 encap ip6 id 7 dst fd00:9::9 hoplimit 3 tc 1
    fd05::/64 dev eth0 encap ila 1:2:3:4
    10.15.0.0/24 dev eth0 vrf red
  }
  virtual_rules {
    to 10.2.0.0/24 lookup 77 preference 0x64
    not fwmark 5/0xff table 78 order 101 tos 0x10
    iif eth0 oif eth1 blackhole preference 102
    from all table 77 sup_pl 5 sup_group 7 realms 3/4 preference 103
    unreachable preference 104 inet6
    uidrange 0-99 table 77 preference 105 protocol 9 no_track
    sport 80-90 dport 443-443 ipproto tcp table 77 preference 106
    l3mdev preference 107
    from 10.0.0.0/8 type goto 200 preference 108
    nop preference 200
    dsfield 4 tunnel-id 55 prohibit preference 201
  }
}
`

// memoryFiles is one file.
type memoryFiles struct{ text string }

func (m memoryFiles) ReadFile(string) ([]byte, error)         { return []byte(m.text), nil }
func (m memoryFiles) Stat(string) (confparse.FileKind, error) { return confparse.FileRegular, nil }
func (m memoryFiles) ReadDir(string) ([]string, error)        { return nil, nil }

// countRouting reads every route and rule of cfg and says how many there are.
func countRouting(cfg *config.Config, t *testing.T, file string) (n int) {
	t.Helper()
	r := newRouting(netif.SystemNames())
	r.load(cfg)
	routes, rules := cfg.StaticRoutes, cfg.StaticRules
	for _, v := range cfg.Instances {
		routes = append(routes, v.Routes...)
		rules = append(rules, v.Rules...)
	}
	for _, c := range routes {
		n++
		if _, err := r.route(c); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, c := range rules {
		n++
		if _, err := r.rule(c); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	return n
}

// What confparse accepts as a route or a rule can be given to the kernel.
func TestWordsOfConfiguration(t *testing.T) {
	cfg, _, found := confparse.Load(memoryFiles{everyOption}, "/keepalived.conf", confparse.Env{})
	if n := countRouting(cfg, t, "everyOption"); n != 3+1+12+11 {
		t.Errorf("%d routes and rules of 27; findings: %+v", n, found)
	}
}

// The same for published files.
func TestWordsOfPublishedFiles(t *testing.T) {
	root, err := os.Getwd()
	for err == nil {
		if _, statErr := os.Stat(filepath.Join(root, "go.mod")); statErr == nil {
			break
		}
		root = filepath.Dir(root)
	}
	var files []string
	for _, pattern := range []string{"corpus/*.conf", "spec/config-cases/*.conf"} {
		more, err := filepath.Glob(filepath.Join(root, "..", "shared", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		t.Skip("no folder of published configurations beside the source")
	}
	total := 0
	for _, file := range files {
		cfg, _, _ := confparse.Load(confparse.OSFiles(), file, confparse.Env{WorkDir: filepath.Dir(file)})
		total += countRouting(cfg, t, filepath.Base(file))
	}
	if total == 0 {
		t.Errorf("no route or rule in %d files", len(files))
	}
}
