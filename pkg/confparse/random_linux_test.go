package confparse_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// TestRandomLikeKeepalived makes random configurations of keywords with good
// and bad values, and gives them to the installed keepalived 2.2.7 and to Load
// and preflight: the exit status is the same, and every line that keepalived
// names is named here too.
func TestRandomLikeKeepalived(t *testing.T) {
	nstest.Require(t, "netns")
	confparse.Keepalived227(t)
	ns := nstest.New(t, "gkrandom")
	for _, name := range []string{"eth0", "eth1"} {
		a := netlink.NewLinkAttrs()
		a.Name = name
		if err := ns.Netlink().LinkAdd(&netlink.Bridge{LinkAttrs: a}); err != nil {
			t.Fatal(err)
		}
	}
	g := &generator{keywords: map[string][]confparse.Spec{}}
	for _, s := range confparse.Keywords() {
		if g.takes(s) {
			g.keywords[s.Block] = append(g.keywords[s.Block], s)
		}
	}
	const configurations = 250
	dir, compared := t.TempDir(), 0
	for seed := range uint64(configurations) {
		g.Rand = rand.New(rand.NewPCG(7, seed))
		text := g.configuration()
		if err := os.WriteFile(filepath.Join(dir, "k.conf"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		theirs := runningKeepalived(t, ns, dir, "k.conf", "-i", "vm")
		if theirs.exit < 0 || theirs.exit > 128 {
			continue // it crashed
		}
		compared++
		ours, _ := ourVerdict(ns, corpusEnv(dir), "k.conf")
		if theirs.exit != ours.exit {
			t.Errorf("seed %d: exit %d, keepalived %d\n%s", seed, ours.exit, theirs.exit, numbered(text))
		}
		for text227, at := range theirs.texts {
			if at != "" && !ours.lines[at] && !only227.MatchString(text227) {
				t.Errorf("seed %d: keepalived only: %s %s\n%s", seed, at, text227, numbered(text))
			}
		}
	}
	if compared < configurations*3/4 {
		t.Errorf("only %d of %d compared", compared, configurations)
	}
}

// only227 are the complaints that have no counterpart here: of 2.2.7, as Debian
// built it, and about servers that were dropped before.
var only227 = regexp.MustCompile("iptables not supported|vrrp_ipsets|nftables already specified|" +
	"(VMAC|IPVLAN) interface (name )?already specified|is already using name|unicast with use_vmac requires|" +
	"does not match address family of connect_ip|virtual server and sorry server|max_hops exceeds")

func numbered(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		fmt.Fprintf(&b, "%4d %s\n", i+1, line)
	}
	return b.String()
}

// generator makes random configurations.
type generator struct {
	*rand.Rand
	b        strings.Builder
	keywords map[string][]confparse.Spec
}

// takes reports whether a keyword is one of 2.2.7 that needs nothing of the
// machine.
func (g *generator) takes(s confparse.Spec) bool {
	return !s.Item && s.Since == "" && !strings.Contains(s.Args, "{block}") && !strings.Contains(s.Keyword, "script") &&
		!strings.Contains(s.Args, "SCRIPT") && !strings.Contains(s.Args, "COMMAND") && !strings.HasSuffix(s.Keyword, "_file_location") &&
		!slices.Contains([]string{"smtp_server", "vrrp_skip_check_adv_addr", "vrrp_strict", "config_save_dir", "tmp_config_directory", "reload_time_file"}, s.Keyword)
}

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

// one is true once in n times.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func (g *generator) line(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

// value is what stands behind a keyword that takes args.
func (g *generator) value(args string) string {
	var out []string
	for w := range strings.FieldsSeq(args) {
		if w == "or" || strings.HasPrefix(w, "[") && g.one(2) {
			break
		}
		w = strings.Trim(w, "[]")
		switch {
		case !strings.HasPrefix(w, "<"):
			out = append(out, g.pick(strings.Split(w, "|")...))
		case g.one(12):
			out = append(out, g.pick("abc", "-1", "1.5", "99999999999", `""`, "0x10", "on", "10.0.0.7"))
		case w == "<BOOL>":
			out = append(out, g.pick("on", "off", "yes", "no", "true", "false"))
		case w == "<TIMER>":
			out = append(out, g.pick("1", "0.5", "3", "0", "10", "100", "0.001", "5.25"))
		case w == "<IP>":
			out = append(out, g.pick("10.0.0.7", "10.0.0.8", "10.0.0.9", "2001:db8::7", "224.0.0.18"))
		case w == "<IFNAME>":
			out = append(out, g.pick("eth0", "eth1"))
		default:
			out = append(out, g.pick("0", "1", "2", "3", "5", "10", "50", "100", "253", "254", "255", "256", "1000", "65535", "65536"))
		}
	}
	return strings.Join(out, " ")
}

// some are up to n lines of a block.
func (g *generator) some(block string, n int) {
	list := g.keywords[block]
	for range g.IntN(n) + 1 {
		s := list[g.IntN(len(list))]
		g.line("%s %s", s.Keyword, g.value(s.Args))
	}
}

func (g *generator) configuration() string {
	g.b.Reset()
	if g.one(3) {
		g.line("global_defs {")
		g.some("global_defs", 5)
		g.line("}")
	}
	if g.one(3) {
		g.virtualServer()
	} else {
		for i, name := range []string{"A", "B"}[:g.IntN(2)+1] {
			g.instance(name, i+1)
		}
		if g.one(3) {
			g.line("vrrp_sync_group G {\ngroup {\nA\n%s\n}", g.pick("B", "B", "C", "A"))
			g.some("vrrp_sync_group", 3)
			g.line("}")
		}
	}
	if g.one(5) {
		g.line("bfd_instance f {\nneighbor_ip 10.0.0.9")
		g.some("bfd_instance", 4)
		g.line("}")
	}
	return g.b.String()
}

func (g *generator) instance(name string, vrid int) {
	g.line("vrrp_instance %s {\ninterface eth%d\nvirtual_router_id %d", name, g.IntN(2), vrid)
	g.some("vrrp_instance", 8)
	if g.one(3) {
		g.line("unicast_peer {\n10.0.0.9\n}")
	}
	if g.one(4) {
		g.line("track_interface {\neth1 weight %s\n}", g.value("<N>"))
	}
	if g.one(4) {
		g.line("authentication {\nauth_type %s\nauth_pass secret\n}", g.pick("PASS", "AH", "NONE"))
	}
	g.line("virtual_ipaddress {")
	// Each once: 2.4.3 complains about repetitions, 2.2.7 does not.
	addresses := []string{"10.0.0.1", "10.0.0.2/24", "10.0.0.3/33", "2001:db8::1", "fe80::9/64", "10.0.0.300"}
	g.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	for _, a := range addresses[:g.IntN(3)+1] {
		g.line("%s %s", a, g.pick("", "", "dev eth0", "dev eth1", "label x", "scope link", "brd 10.0.0.255", "scope nosuch", "nosuch", "no_track", "label", "peer 10.0.0.5/32", "-nodad"))
	}
	g.line("}\n}")
}

func (g *generator) virtualServer() {
	g.line("virtual_server %s {", g.pick("10.0.0.1 80", "fwmark 5", "10.0.0.1 0", "2001:db8::1 80", "10.0.0.1", "10.0.0.1/24 70000", "fwmark x"))
	if !g.one(4) {
		g.line("lb_algo rr\nlb_kind %s", g.pick("NAT", "DR", "TUN", "FOO"))
	}
	g.some("virtual_server", 6)
	for range g.IntN(3) + 1 {
		g.line("real_server %s {", g.pick("10.0.0.5 80", "10.0.0.6 81", "10.0.0.6", "2001:db8::5 80", "10.0.0.x 80"))
		g.some("virtual_server/real_server", 4)
		if check := g.pick("TCP_CHECK", "UDP_CHECK", "DNS_CHECK", "HTTP_GET", "SMTP_CHECK", "PING_CHECK", ""); check != "" {
			g.line("%s {", check)
			g.some("virtual_server/real_server/"+check, 4)
			if check == "HTTP_GET" {
				g.line("url {\npath /")
				g.some("virtual_server/real_server/HTTP_GET/url", 2)
				g.line("}")
			}
			g.line("}")
		}
		g.line("}")
	}
	g.line("}")
}
