package confparse

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// loadText loads text as the file k.conf of a directory without others.
func loadText(text string, test bool) (*decoder, diag.List) {
	lines, _, diags := Read(mapFiles{"/etc/k.conf": text}, "k.conf", Env{HostName: "node1", WorkDir: "/etc", Test: test})
	d := decode(lines, nil, Env{HostName: "node1", Test: test})
	return d, append(diags, d.diags...)
}

const (
	walkInstance = "vrrp_script s {\n script /bin/true\n}\ntrack_file f {\n file /tmp/f\n}\nvrrp_track_process p {\n process x\n}\nbfd_instance b {\n neighbor_ip 10.1.1.1\n}\n" +
		"vrrp_instance v {\n interface eth0\n virtual_router_id 9\n priority 77\n%s\n%s\n}\n"
	walkVIP = "virtual_ipaddress {\n 10.0.0.9\n}"
)

// walkBlocks are files with a place for a line of each block.
func walkBlocks() map[string]string {
	instance := func(body string) string { return fmt.Sprintf(walkInstance, walkVIP, body) }
	rs := func(body string) string {
		return "track_file f {\n file /tmp/f\n}\nbfd_instance b {\n neighbor_ip 10.1.1.1\n}\n" +
			"virtual_server 10.0.0.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.2 80 {\n" + body + "\n}\n}\n"
	}
	blocks := map[string]string{
		"":                                "%s\n",
		"global_defs":                     "global_defs {\n%s\n}\n",
		"global_defs/notification_email":  "global_defs {\nnotification_email {\n%s\n}\n}\n",
		"global_defs/lvs_timeouts":        "global_defs {\nlvs_timeouts %s\n}\n",
		"global_defs/lvs_sync_daemon":     "global_defs {\nlvs_sync_daemon eth0 inst v %s\n}\n",
		"SSL":                             "SSL {\n%s\n}\n",
		"bfd_instance":                    "bfd_instance b {\n neighbor_ip 10.1.1.1\n%s\n}\n",
		"garp_group":                      "garp_group {\n garp_interval 1\n%s\n}\n",
		"track_file":                      "track_file f {\n file /tmp/f\n%s\n}\n",
		"vrrp_track_file":                 "vrrp_track_file f {\n file /tmp/f\n%s\n}\n",
		"track_group":                     "track_group g {\n group {\n v\n }\n%s\n}\n",
		"vrrp_script":                     "vrrp_script s {\n script /bin/true\n%s\n}\n",
		"vrrp_track_process":              "vrrp_track_process p {\n process x\n%s\n}\n",
		"vrrp_sync_group":                 fmt.Sprintf(walkInstance, walkVIP, "") + "vrrp_instance w {\n interface eth0\n virtual_router_id 10\n virtual_ipaddress {\n 10.0.0.10\n }\n}\nvrrp_sync_group g {\n group {\n v w\n }\n%s\n}\n",
		"vrrp_instance":                   instance("%s"),
		"vrrp_instance/authentication":    instance("authentication {\n auth_type PASS\n auth_pass x\n%s\n}"),
		"vrrp_instance/auth_hmac":         instance("auth_hmac {\n key 1 12345678901234567890123456789012\n active_key 1\n%s\n}"),
		"vrrp_instance/use_vmac":          instance("use_vmac %s"),
		"vrrp_instance/use_ipvlan":        instance("use_ipvlan 10.0.0.3 %s"),
		"vrrp_instance/unicast_peer":      instance("unicast_peer {\n 10.0.0.2 %s\n}"),
		"vrrp_instance/virtual_ipaddress": instance("virtual_ipaddress {\n 10.0.0.8 %s\n}"),
		"vrrp_instance/virtual_ipaddress_excluded":   instance("virtual_ipaddress_excluded {\n 10.0.0.8 %s\n}"),
		"static_ipaddress":                           "static_ipaddress {\n 10.0.0.8 %s\n}\n",
		"static_routes":                              "static_routes {\n 10.1.0.0/16 dev eth0 no_track %s\n}\n",
		"static_routes/nexthop":                      "static_routes {\n 10.1.0.0/16 dev eth0 nexthop via 10.0.0.1 %s\n}\n",
		"static_routes/encap":                        "static_routes {\n 10.1.0.0/16 dev eth0 encap ip dst 10.0.0.1 %s\n}\n",
		"static_rules":                               "static_rules {\n table 5 preference 7 no_track %s\n}\n",
		"vrrp_instance/virtual_routes":               instance("virtual_routes {\n 10.1.0.0/16 dev eth0 no_track %s\n}"),
		"vrrp_instance/virtual_routes/nexthop":       instance("virtual_routes {\n 10.1.0.0/16 dev eth0 nexthop via 10.0.0.1 %s\n}"),
		"vrrp_instance/virtual_routes/encap":         instance("virtual_routes {\n 10.1.0.0/16 dev eth0 encap ip dst 10.0.0.1 %s\n}"),
		"vrrp_instance/virtual_rules":                instance("virtual_rules {\n table 5 preference 7 no_track %s\n}"),
		"interface_up_down_delays":                   "interface_up_down_delays {\n%s\n}\n",
		"linkbeat_interfaces":                        "linkbeat_interfaces {\n eth0 %s\n}\n",
		"virtual_server_group":                       "virtual_server_group g {\n%s\n}\n",
		"virtual_server":                             "virtual_server 10.0.0.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n weight 2147483647\n%s\nreal_server 10.0.0.2 80 {\n}\nreal_server 10.0.0.3 80 {\n}\nreal_server 10.0.0.4 80 {\n}\n}\n",
		"virtual_server/real_server":                 rs("%s"),
		"virtual_server/lvs_method":                  "virtual_server 10.0.0.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method TUN type gue %s\nreal_server 10.0.0.2 80 {\n}\n}\n",
		"virtual_server/sorry_server_lvs_method":     "virtual_server 10.0.0.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method TUN\n sorry_server 10.0.0.9\n sorry_server_lvs_method TUN type gue %s\nreal_server 10.0.0.2 80 {\n}\n}\n",
		"virtual_server/real_server/lvs_method":      rs("lvs_method TUN type gue %s"),
		"virtual_server/real_server/MISC_CHECK":      rs("MISC_CHECK {\n misc_path /bin/true\n%s\n}"),
		"virtual_server/real_server/FILE_CHECK":      rs("FILE_CHECK {\n track_file f\n%s\n}"),
		"virtual_server/real_server/BFD_CHECK":       rs("BFD_CHECK {\n%s\n}"),
		"virtual_server/real_server/SMTP_CHECK/host": rs("SMTP_CHECK {\nhost {\n%s\n}\n}"),
	}
	for _, kind := range []string{"track_interface", "track_script", "track_file", "track_process", "track_bfd"} {
		name := map[string]string{"track_interface": "eth9", "track_script": "s", "track_file": "f", "track_process": "p", "track_bfd": "b"}[kind]
		blocks["vrrp_instance/"+kind] = instance(kind + " {\n " + name + " %s\n}")
		blocks["vrrp_sync_group/"+kind] = strings.Replace(blocks["vrrp_sync_group"], "%s", kind+" {\n "+name+" %s\n}", 1)
	}
	for _, kind := range []string{"TCP_CHECK", "SMTP_CHECK", "PING_CHECK", "UDP_CHECK", "DNS_CHECK"} {
		blocks["virtual_server/real_server/"+kind] = rs(kind + " {\n%s\n}")
	}
	for _, kind := range []string{"HTTP_GET", "SSL_GET"} {
		blocks["virtual_server/real_server/"+kind] = rs(kind + " {\n url {\n path /\n }\n%s\n}")
		blocks["virtual_server/real_server/"+kind+"/url"] = rs(kind + " {\n url {\n path /a\n regex x\n%s\n}\n}")
	}
	return blocks
}

// walker tries lines of one block.
type walker struct {
	t      *testing.T
	file   string
	line   int
	before map[string]bool
}

func newWalker(t *testing.T, file string) *walker {
	w := &walker{t: t, file: file, line: 1 + strings.Count(file[:strings.Index(file, "%s")], "\n"), before: map[string]bool{}}
	_, found := w.load("", true)
	for _, f := range found {
		w.before[f.Summary] = true
	}
	return w
}

func (w *walker) load(statement string, test bool) (*decoder, diag.List) {
	return loadText(strings.Replace(w.file, "%s", statement, 1), test)
}

// findings are those that statement makes, our own left out.
func (w *walker) findings(statement string, test bool) diag.List {
	var out diag.List
	_, found := w.load(statement, test)
	for _, f := range found {
		if f.Class != diag.ClassOwn && !w.before[f.Summary] {
			out = append(out, f)
		}
	}
	return out
}

// class is the highest class that statement brings.
func (w *walker) class(statement string, test bool) (diag.Class, string) {
	worst, text := diag.ClassOwn, ""
	for _, f := range w.findings(statement, test) {
		if f.Class > worst {
			worst, text = f.Class, f.Summary
		}
	}
	return worst, text
}

var (
	rangeText = regexp.MustCompile(`^(-?[0-9.]+)(?:-| to )(-?[0-9.]+)`)
	orMore    = regexp.MustCompile(`^([0-9.]+) or more`)
)

// bounds reads the numbers of a range column.
func bounds(limits string) (lo, hi string, ok bool) {
	if m := rangeText.FindStringSubmatch(limits); m != nil {
		return m[1], m[2], true
	}
	if m := orMore.FindStringSubmatch(limits); m != nil {
		return m[1], "", true
	}
	return "", "", false
}

// beyond is the number one step outside of a bound.
func beyond(bound string, up bool) string {
	whole, frac, decimal := strings.Cut(bound, ".")
	if decimal {
		n, _ := strconv.ParseInt(whole+frac, 10, 64)
		if n--; up {
			n += 2
		}
		s := fmt.Sprintf("%0*d", len(frac)+1, n)
		return s[:len(s)-len(frac)] + "." + s[len(s)-len(frac):]
	}
	n, err := strconv.ParseInt(bound, 10, 64)
	if err != nil {
		return "18446744073709551616"
	}
	if up {
		return strconv.FormatInt(n+1, 10)
	}
	return strconv.FormatInt(n-1, 10)
}

// samples are good arguments of keywords whose syntax does not say one.
var samples = map[string]string{
	"<IP>": "10.0.0.7", "<IFNAME>": "eth5", "<STRING>": "x", "<NAME>": "x", "<PATH>": "/tmp/x", "<SCRIPT>": "/bin/true",
	"<SCRIPT> [<USER> [[:]<GROUP>]]": `"/bin/true a" root`, "<USER> [[:]<GROUP>]": "root :root", "<ADDR>": "a@b", "<IP|HOST> [<PORT>]": "10.0.0.7 25",
	"<PATH> [<USER> [<GROUP>]]": "/run/x root root", "<SOCKET>": "tcp:1", "<DIR>": "/tmp/x", "<SCHED>": "sh", "<EMAIL>": "a@b",
	"<HEX>": "0123456789abcdef0123456789abcdef", "<HEX>...": "01 02", "<PATTERN>": `"a b"`, "<OPTION>...": "caseless dotall", "<START> <MAX>": "1 2",
	"<NETMASK> or <PREFIX>": "255.255.255.0", "<TYPE>": "a", "<CPU>...": "0 1", "<NUMBER> or <BIT>[|<BIT>]...": "IRUSR|IWUSR",
	"<N>|<N>-<N>...": "200 300-399", "NAT|DR|TUN [options]": "DR", "<NAME> [<PARAM>...]": "x y", "<ID> <VALUE>": "2 hex:" + strings.Repeat("0f", 32),
	"<INTERFACE> [[inst] <INSTANCE>] [id <ID>] [maxlen <N>] [port <N>] [ttl <N>] [group <IP>]": "eth0 inst v id 3 maxlen 1000 port 9 ttl 3 group 224.0.0.81",
	"[tcp <SECS>] [tcpfin <SECS>] [udp <SECS>]":                                                "tcp 5 udp 6", "[all] <SECS>": "all 5", "[MTU|ADVERT|<BYTES>]...": "mtu",
	"[[name] <IFNAME>] [<MAC>] [netlink_notify_msg] [group <GROUP>]": "name vr 02:00:00:00:00:01 netlink_notify_msg group 5",
	"[[name] <IFNAME>] [<IP>] [bridge|private|vepa] [group <GROUP>]": "iv 10.0.0.5/24 vepa group 5",
	"<IP>|+|-": "+", "<SCOPE>": "link", "<LABEL>": "eth0:1", "<SECS>|forever": "forever", "<GROUP>": "5", "<INSTANCE>": "v",
	"<IP> [<PORT>]": "10.0.0.7 80",
}

// sample is a good argument of a row, and whether there is one.
func sample(r row) (string, bool) {
	if strings.HasSuffix(r.block, "routes") || strings.HasSuffix(r.block, "rules") || strings.HasSuffix(r.block, "nexthop") || strings.HasSuffix(r.block, "encap") {
		if s, ok := routeSamples[strings.TrimPrefix(r.keyword, "[to] ")]; ok {
			if r.keyword == "from" && strings.HasSuffix(r.block, "routes") {
				s = "2001:db8::/48"
			}
			return s, true
		}
	}
	switch r.block + "/" + r.keyword {
	case "global_defs/lvs_sync_daemon/group":
		return "224.0.0.82", true
	case "global_defs/vrrp_mcast_group4", "vrrp_instance/mcast_dst_ip":
		return "224.0.0.19", true
	case "global_defs/vrrp_mcast_group6":
		return "ff02::13", true
	case "virtual_server/sorry_server":
		return "10.0.0.7", true
	case "virtual_server/real_server/HTTP_GET/sni_name", "virtual_server/real_server/SSL_GET/sni_name":
		return "x", true
	case "virtual_server/real_server/BFD_CHECK/name":
		return "b", true
	case "virtual_server/real_server/FILE_CHECK/track_file":
		return "f", true
	case "vrrp_instance/virtual_ipaddress/brd", "vrrp_instance/virtual_ipaddress/broadcast", "vrrp_instance/virtual_ipaddress_excluded/brd",
		"vrrp_instance/virtual_ipaddress_excluded/broadcast", "static_ipaddress/brd", "static_ipaddress/broadcast":
		return "10.0.0.255", true
	case "vrrp_instance/virtual_ipaddress/peer":
		return "10.0.0.6", true
	}
	if s, ok := samples[r.args]; ok {
		return s, true
	}
	if lo, hi, ok := bounds(r.limits); ok && (numeric(r.args) || r.args == "<N> [reverse]" || r.args == "<N> [reverse|noreverse]") {
		if hi == "" {
			return lo, true
		}
		if beyond(lo, true) == "1" && hi != "1" {
			return "2", true
		}
		return lo, true
	}
	switch {
	case r.args == "", strings.HasPrefix(r.args, "["):
		return "", true
	case strings.ContainsAny(r.args, "<{[. ") && !strings.Contains(r.args, "1.0"):
		return "", false
	}
	word, _, _ := strings.Cut(r.args, "|")
	return word, true
}

// routeSamples are arguments in lines of routes and rules.
var routeSamples = map[string]string{
	"via": "10.0.0.1", "gw": "10.0.0.1", "or": "10.0.0.2", "as": "to 10.0.0.2", "from": "10.0.0.0/8", "to": "10.0.0.0/8",
	"src": "10.0.0.3", "mtu": "lock 1400", "advmss": "lock 1400", "rtt": "lock 300ms", "rttvar": "1s", "rto_min": "0.5sec", "reordering": "3", "cwnd": "lock 3", "ssthresh": "3",
	"realms": "1/2", "congctl": "lock cubic", "encap": "ip id 3", "ip": "dst 10.0.0.1", "ip6": "id 3", "mpls": "16/17", "ila": "1:2:3:4", "table": "main", "lookup": "main",
	"protocol": "18", "scope": "link", "features": "ecn", "tunnel-id": "5", "uidrange": "3-5", "sport": "80-80", "dport": "80-90", "ipproto": "tcp", "type": "nop", "goto": "9",
	"fwmark": "0x5/0xff", "suppress_ifgroup": "default", "sup_group": "5", "nexthop": "via 10.0.0.2 weight 3", "dev": "eth1", "weight": "3", "vrf": "blue", "id": "3", "dst": "10.0.0.1",
	"<DEST>[/<PREFIX>]": "10.3.0.0/16",
}

// walkFile is the file of a row: that of its block, or one in which the row
// makes sense.
func walkFile(r row, file string) string {
	routes := strings.Contains(r.block, "routes")
	switch {
	case r.block == "static_rules" && r.keyword == "track_group":
		return "track_group 5 {\n group {\n v\n }\n}\n" + strings.Replace(file, "%s", "iif eth0 %s", 1)
	case routes && r.keyword == "[to] <DEST>[/<PREFIX>]":
		return strings.Replace(file, "10.1.0.0/16 ", "", 1)
	case routes && r.keyword == "from":
		return strings.Replace(file, "10.1.0.0/16", "2001:db8::/32", 1)
	case strings.HasSuffix(r.block, "lvs_method") && (r.keyword == "NAT" || r.keyword == "DR" || r.keyword == "TUN"):
		return strings.Replace(file, "TUN type gue", "", 1)
	case r.block == "virtual_server" && strings.HasPrefix(r.keyword, "sorry_server_"):
		return strings.Replace(file, "%s", "sorry_server 10.0.0.9\n%s", 1)
	case strings.HasSuffix(r.block, "/url"):
		return strings.Replace(strings.Replace(file, " path /a\n", cond(r.keyword == "path", "", " path /a\n"), 1), " regex x\n", cond(r.keyword == "regex", "", " regex x\n"), 1)
	case routes && (strings.Contains(r.limits, "IPv6 only") || r.keyword == "inet6"):
		return strings.Replace(file, "10.1.0.0/16", "2001:db8::/32", 1)
	case routes && strings.HasSuffix(r.block, "encap"):
		switch r.keyword {
		case "tc", "hoplimit":
			return strings.Replace(file, "encap ip dst 10.0.0.1", "encap ip6 id 3", 1)
		case "ip", "ip6", "mpls", "ila":
			return strings.Replace(file, "encap ip dst 10.0.0.1", "encap", 1)
		}
	case strings.HasSuffix(r.block, "rules"):
		switch r.keyword {
		case "table", "lookup", "l3mdev", "goto", "nop", "blackhole", "unreachable", "prohibit", "type":
			return strings.Replace(file, "table 5 ", "", 1)
		}
	case strings.Contains(r.block, "/track_") && strings.HasSuffix(r.keyword, "reverse"):
		return strings.Replace(file, "%s", "weight 3 %s", 1)
	case r.block == "global_defs/lvs_sync_daemon" && r.keyword == "inst":
		return strings.Replace(file, "inst v ", "", 1)
	case r.keyword == "file" || r.keyword == "process":
		return strings.Replace(strings.Replace(file, "file /tmp/f\n%s", "%s", 1), "process x\n%s", "%s", 1)
	case r.keyword == "track_group":
		return "track_group 5 {\n group {\n v\n }\n}\n" + file
	}
	return file
}

func cond(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// takesName reports whether a row takes a name in place of a number.
func takesName(r row) bool { return strings.Contains(r.limits, " name") }

func numeric(args string) bool {
	switch args {
	case "<N>", "[<N>]", "<SECS>", "<USECS>", "<TIMER>", "<DECIMAL>", "<MS>", "<PORT>", "<BYTES>", "<NICE>", "<ID>", "2|3", "1|2":
		return true
	}
	return false
}

// alwaysSaid are keywords that keepalived complains about whenever they
// stand there.
func alwaysSaid(r row) bool {
	return strings.Contains(r.bad, "always a config error") || strings.Contains(r.status, "counts as config error") ||
		strings.HasPrefix(r.bad, "config error message, then") || r.status == "removed-but-accepted"
}

// oddRows are rows whose good argument brings a finding from somewhere else in
// the file, or whose row says so.
var oddRows = map[string]string{
	"virtual_server hashed":                    "needs the scheduler sh",
	"virtual_server sh-port":                   "needs the scheduler sh",
	"virtual_server sh-fallback":               "needs the scheduler sh",
	"virtual_server mh-port":                   "needs the scheduler mh",
	"virtual_server mh-fallback":               "needs the scheduler mh",
	"virtual_server ops":                       "needs UDP",
	"virtual_server sorry_server_inhibit":      "needs sorry_server",
	"virtual_server sorry_server_lvs_method":   "needs sorry_server",
	"virtual_server ip_family":                 "fits the address",
	"virtual_server quorum":                    "bounded by the weights",
	"virtual_server hysteresis":                "bounded by the quorum",
	"vrrp_instance native_ipv6":                "the addresses are IPv4",
	"vrrp_instance unicast_ttl":                "needs unicast_peer",
	"vrrp_instance check_unicast_src":          "needs unicast_peer",
	"vrrp_instance old_unicast_checksum":       "needs unicast_peer",
	"vrrp_instance unicast_src_ip":             "needs unicast_peer",
	"vrrp_instance unicast_fault_no_peer":      "needs unicast_peer",
	"vrrp_instance vmac_xmit_base":             "needs use_vmac",
	"vrrp_instance owner_ignore_adverts":       "needs priority 255",
	"vrrp_instance timer_expired_backup":       "needs nopreempt",
	"vrrp_instance vrf":                        "excludes interface",
	"vrrp_instance version":                    "said twice below",
	"vrrp_instance advert_int":                 "version 2 wants whole seconds",
	"vrrp_instance use_vmac":                   "no finding of its own",
	"vrrp_track_process quorum":                "bounded by quorum_max",
	"virtual_server/real_server/SSL_GET alpha": "",
}

// TestWalk proves of every row: the keyword is accepted in its block, the
// ends of its range are, one step beyond is refused as the row says; what a
// missing argument, junk behind a number and a bad boolean do; and whether a
// second line is refused.
func TestWalk(t *testing.T) {
	blocks := walkBlocks()
	tried, numbers := 0, 0
	for _, r := range tsvRows(t) {
		if r.block == "(parser)" || strings.HasPrefix(r.keyword, "<") || strings.Contains(r.args, "{block}") {
			continue
		}
		file, ok := blocks[r.block]
		if !ok {
			continue
		}
		name := r.block + " " + r.keyword
		keyword := r.keyword
		if keyword == "[to] <DEST>[/<PREFIX>]" {
			keyword = "to"
		}
		good, ok := sample(r)
		if !ok {
			continue
		}
		w := newWalker(t, walkFile(r, file))
		tried++
		t.Run(name, func(t *testing.T) {
			w.t = t
			class, text := w.class(keyword+" "+good, true)
			if class >= diag.ClassConfig && !alwaysSaid(r) && oddRows[name] == "" {
				t.Errorf("%s %s: %s", keyword, good, text)
			}
			for _, f := range w.findings(keyword+" "+good, true) {
				if f.Code == codeUnknownKeyword {
					t.Errorf("unknown")
				}
			}
			w.missing(t, r, keyword)
			w.booleans(t, r, keyword)
			if w.numbers(t, r, keyword, name) {
				numbers++
			}
			w.repeat(t, r, keyword, good, name)
		})
	}
	if tried < 600 || numbers < 250 {
		t.Errorf("only %d rows tried, %d of them with numbers", tried, numbers)
	}
}

func (w *walker) missing(t *testing.T, r row, keyword string) {
	class, text := w.class(keyword, true)
	want := diag.ClassOwn
	switch {
	case strings.Contains(r.bad, "missing: error(exit 2)"):
		want = diag.ClassMissingParameter
	case strings.Contains(r.bad, "missing: warn"), strings.Contains(r.bad, "missing or extra words: warn"), strings.Contains(r.bad, "missing: No"):
		want = diag.ClassConfig
	default:
		return
	}
	if class != want {
		t.Errorf("%s without argument: class %d (%s), want %d", keyword, class, text, want)
	}
}

func (w *walker) booleans(t *testing.T, r row, keyword string) {
	if r.args != "[<BOOL>]" {
		return
	}
	for _, good := range []string{"on", "off", "true", "false", "yes", "no"} {
		for _, f := range w.findings(keyword+" "+good, true) {
			if f.Code == codeBadValue {
				t.Errorf("%s %s: %s", keyword, good, f.Summary)
			}
		}
	}
	for _, bad := range []string{"TRUE", "1", "enabled"} {
		if class, _ := w.class(keyword+" "+bad, true); class != diag.ClassConfig {
			t.Errorf("%s %s: class %d", keyword, bad, class)
		}
	}
}

// softEnds are rows whose upper or lower end brings a finding of another kind:
// by the other settings of the block, or because the row says so.
var softEnds = map[string]bool{
	"vrrp_instance/auth_hmac active_key 255": true,
	"vrrp_instance priority 255":             true, "vrrp_instance advert_int 0.01": true, "vrrp_instance preempt_delay 0": true,
	"virtual_server quorum 4294967295": true, "virtual_server hysteresis 4294967295": true,
	"virtual_server/real_server weight 0":                         true,
	"virtual_server/real_server/UDP_CHECK min_reply_length 65535": true,
	"static_rules goto 0":                                         true, "vrrp_instance/virtual_rules goto 0": true,
}

func (w *walker) numbers(t *testing.T, r row, keyword, name string) bool {
	lo, hi, ok := bounds(r.limits)
	args := strings.TrimPrefix(r.args, "[lock] ")
	withOption := strings.HasPrefix(r.args, "<N> [reverse")
	if !ok || !numeric(args) && !withOption {
		return false
	}
	zero := strings.Contains(r.limits, "0 becomes 1")
	for _, end := range []string{lo, hi} {
		if end == "" || zero && end == "0" {
			continue
		}
		for _, f := range w.findings(keyword+" "+end, true) {
			if f.Class == diag.ClassConfig && f.Code == codeBadValue || f.Class > diag.ClassConfig {
				t.Errorf("%s %s: %s", keyword, end, f.Summary)
			} else if f.Class == diag.ClassConfig && !alwaysSaid(r) && !softEnds[name+" "+end] && oddRows[name] == "" {
				t.Errorf("%s %s: %s", keyword, end, f.Summary)
			}
		}
	}
	if zero {
		if found := w.findings(keyword+" 0", true); len(found) == 0 || found[0].Code != codeAdjusted {
			t.Errorf("%s 0: %v", keyword, found)
		}
	}
	for _, outside := range []string{beyond(lo, false), beyond(hi, true), "99999999999999999999999", "x", "1e3"} {
		if hi == "" && outside == beyond(hi, true) || outside == "x" && takesName(r) {
			continue
		}
		if class, _ := w.class(keyword+" "+outside, true); class < diag.ClassConfig {
			t.Errorf("%s %s is accepted", keyword, outside)
		}
	}
	inside := hi
	if inside == "" || len(inside) > 6 {
		inside = lo
	}
	if inside == "0" {
		inside = "1"
	}
	switch {
	case strings.Contains(r.bad, "junk: lenient"):
		w.junk(t, keyword+" "+inside+"x", true)
	case strings.Contains(r.bad, "junk: strict"):
		w.junk(t, keyword+" "+inside+"x", false)
	}
	if strings.Contains(r.bad, "extra decimals: warn") && !strings.HasPrefix(r.limits, "1000") {
		found := w.findings(keyword+" 2.00000049", true)
		if len(found) == 0 || found[0].Code != codeAdjusted && found[0].Code != codeConflict {
			t.Errorf("%s 2.00000049: %v", keyword, found)
		}
	}
	return true
}

// junk looks at a number with junk behind it: -t refuses it; a daemon takes
// it when lenient, with a warning.
func (w *walker) junk(t *testing.T, statement string, lenient bool) {
	if class, _ := w.class(statement, true); class < diag.ClassConfig {
		t.Errorf("-t accepts %s", statement)
	}
	refused, warned := false, false
	for _, f := range w.findings(statement, false) {
		refused = refused || f.Code == codeBadValue || f.Code == codeEntry
		warned = warned || strings.HasPrefix(f.Summary, "WARNING - ")
	}
	if refused == lenient || warned != lenient {
		t.Errorf("daemon, %s: refused %v, warned %v, lenient %v", statement, refused, warned, lenient)
	}
}

func (w *walker) repeat(t *testing.T, r row, keyword, good, name string) {
	if oddRows[name] != "" || spec(r).Item {
		return
	}
	statement := keyword + " " + good
	class, text := w.class(statement+"\n"+statement, true)
	complains := class >= diag.ClassConfig && !alwaysSaid(r)
	for _, f := range w.findings(statement+"\n"+statement, true) {
		complains = complains || f.Code == codeDuplicate
	}
	switch {
	case name == "vrrp_instance state", strings.HasSuffix(name, "BFD_CHECK name"), strings.Contains(r.bad, "duplicate pair"):
		// Only BACKUP after MASTER is refused; two sessions with the same pair.
	case strings.Contains(r.bad, "duplicate"), r.repeat == "first-wins" && !strings.Contains(r.status, "accepted if the first was"):
		if !complains {
			t.Errorf("a second %s is not mentioned", keyword)
		}
	case r.repeat == "last-wins", r.repeat == "once", r.repeat == "merge":
		if complains {
			t.Errorf("a second %s: %s", keyword, text)
		}
	}
}

func spec(r row) Spec { return specIndex()[[2]string{r.block, r.keyword}] }

// TestDefaults compares the defaults that the table names with the values of
// blocks in which nothing else is written.
func TestDefaults(t *testing.T) {
	text := "global_defs {\n}\n" + strings.Replace(walkBlocks()["vrrp_sync_group"], "%s", "", 1) +
		"virtual_server 10.0.0.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.2 80 {\n"
	kinds := []string{"TCP_CHECK {", "HTTP_GET {\nurl {\npath /\n}", "SSL_GET {\nurl {\npath /\n}", "SMTP_CHECK {", "DNS_CHECK {", "MISC_CHECK {\nmisc_path /bin/true", "PING_CHECK {", "UDP_CHECK {"}
	for _, k := range kinds {
		text += k + "\n}\n"
	}
	text += "}\n}\n"
	text = strings.Replace(text, " priority 77\n", "", 1)
	d, found := loadText(text, true)
	for _, f := range found {
		if f.Class != diag.ClassOwn {
			t.Errorf("%s", f.Summary)
		}
	}
	r := &d.drafts
	server := r.servers[0]
	values := map[string]map[string]string{
		"":                           topLevel.values(r),
		"global_defs":                globalDefs.values(&r.global),
		"vrrp_instance":              vrrpInstance.values(r.instances[0]),
		"vrrp_sync_group":            syncGroup.values(r.groups[0]),
		"vrrp_script":                vrrpScript.values(r.scripts[0]),
		"vrrp_track_process":         trackProcess.values(r.processes[0]),
		"track_file":                 trackFile.values(r.files[0]),
		"bfd_instance":               bfdInstance.values(r.bfd[0]),
		"virtual_server":             virtualServer.values(server),
		"virtual_server/real_server": realServer.values(server.real[0]),
	}
	for i, tab := range []*table[checkerDraft]{tcpCheck, httpGet, sslGet, smtpCheck, dnsCheck, miscCheck, pingCheck, udpCheck} {
		c := server.real[0].checkers[i]
		values["virtual_server/real_server/"+c.Kind.String()] = tab.values(c)
	}
	compared := 0
	for block, list := range values {
		for keyword, got := range list {
			s := spec(row{block: block, keyword: keyword})
			want, ok := defaultValue(block, s)
			if !ok || textDefaults[block+" "+keyword] {
				continue
			}
			compared++
			if got != want {
				t.Errorf("%s %s: default %q is %q", block, keyword, s.Default, got)
			}
		}
	}
	if compared < 140 {
		t.Errorf("only %d defaults compared", compared)
	}
}

// textDefaults are defaults that are told in words.
var textDefaults = map[string]bool{
	"bfd_instance hoplimit":                           true, // 255 here, the neighbour is IPv4
	"vrrp_instance thread_timer_expired":              true, // 0 is off
	"vrrp_instance timer_expired_backup":              true,
	"global_defs vrrp_version":                        true, // 0 until resolve
	"virtual_server warmup":                           true, // in the checkers
	"virtual_server/real_server/HTTP_GET virtualhost": true, // in the urls
	"virtual_server/real_server/SSL_GET virtualhost":  true,
}

// defaultValue is the value that the default of a row stands for, if it is
// more than a description.
func defaultValue(block string, s Spec) (string, bool) {
	index := specIndex()
	word, rest, _ := strings.Cut(s.Default, " ")
	switch {
	case word == "off":
		return "no", true
	case word == "no" || word == "yes":
		return word, true
	case s.Default == "none" || s.Default == "unset":
		return "", false
	}
	if _, err := strconv.ParseFloat(word, 64); err == nil && (rest == "" || rest[0] == '(') {
		return word, true
	}
	if other, ok := index[[2]string{block, s.Default}]; ok {
		return defaultValue(block, other)
	}
	if other, ok := index[[2]string{"global_defs", word}]; ok && (rest == "" || rest[0] == '(') {
		return defaultValue("global_defs", other)
	}
	if text, ok := strings.CutPrefix(s.Default, "RS value, else "); ok {
		if text == "delay_loop" {
			return "60", true
		}
		if i := strings.IndexByte(text, '('); i >= 0 {
			return strings.Trim(text[i:], "()"), true
		}
		return text, true
	}
	return "", false
}
