package peercheck

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// texts is a FileSystem of files in the folder /.
type texts map[string]string

func (t texts) ReadFile(path string) ([]byte, error) {
	if s, ok := t[path]; ok {
		return []byte(s), nil
	}
	return nil, fs.ErrNotExist
}

func (t texts) Stat(path string) (confparse.FileKind, error) {
	_, err := t.ReadFile(path)
	return confparse.FileRegular, err
}

func (t texts) ReadDir(string) ([]string, error) { return nil, fs.ErrNotExist }

// Text implements diag.Source.
func (t texts) Text(file string) (string, bool) {
	s, ok := t["/"+file]
	return s, ok
}

// load reads the configurations as nodes a.conf, b.conf and so on.
func load(configs ...string) (texts, []Node, diag.List) {
	files := texts{}
	var nodes []Node
	var found diag.List
	for i, text := range configs {
		name := string(rune('a'+i)) + ".conf"
		files["/"+name] = text
		cfg, _, l := confparse.Load(files, name, confparse.Env{HostName: "host", WorkDir: "/"})
		nodes = append(nodes, Node{name, cfg})
		found = append(found, l...)
	}
	return files, nodes, found
}

// instance is a vrrp_instance: its lines may replace those of the same keyword
// here; a line that starts with - takes the keyword out.
func instance(lines string) string {
	defaults := []string{"interface eth0", "virtual_router_id 51", "priority 100", "virtual_ipaddress { 10.0.0.10/24 }"}
	var out []string
	for _, d := range defaults {
		keyword, _, _ := strings.Cut(d, " ")
		if !slices.ContainsFunc(strings.Split(lines, "\n"), func(l string) bool {
			first, _, _ := strings.Cut(strings.TrimSpace(l), " ")
			return strings.TrimPrefix(first, "-") == keyword
		}) {
			out = append(out, d)
		}
	}
	for _, l := range strings.Split(lines, "\n") {
		if l = strings.TrimSpace(l); l != "" && l[0] != '-' {
			out = append(out, l)
		}
	}
	text := strings.Join(out, "\n")
	text = strings.ReplaceAll(text, "{ ", "{\n")
	text = strings.ReplaceAll(text, " }", "\n}")
	text = strings.ReplaceAll(text, " ; ", "\n")
	return "vrrp_instance VI {\n" + text + "\n}\n"
}

func block(s string) string {
	return strings.NewReplacer("{ ", "{\n", " }", "\n}", " ; ", "\n").Replace(s) + "\n"
}

const (
	fromA = "unicast_src_ip 10.0.0.1\nunicast_peer { 10.0.0.2 }\n"
	fromB = "unicast_src_ip 10.0.0.2\nunicast_peer { 10.0.0.1 }\npriority 90\n"
	low   = "priority 90\n"
	// keys of auth_hmac have 32 bytes at least.
	key1 = "key 1 0123456789abcdef0123456789abcdef"
	key2 = "key 1 fedcba9876543210fedcba9876543210"
	vs   = "virtual_server 10.0.0.10 80 { protocol TCP ; lb_algo rr ; lb_kind DR ; "
	rs1  = "real_server 10.0.0.21 80 { weight 1 } ; "
	rs2  = "real_server 10.0.0.22 80 { weight 1 } ; "
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name string
		// nodes are the configurations, want the codes with E, W or N.
		nodes []string
		want  string
		// summary is part of the first finding, effect of its effect.
		summary, effect string
	}{
		{"agree", []string{instance("state MASTER"), instance(low)}, "", "", ""},
		{"agree by unicast", []string{instance(fromA), instance(fromB)}, "", "", ""},
		{"same number on two links", []string{
			instance("") + strings.Replace(instance("interface eth1\nvirtual_ipaddress { 10.1.0.10/24 }"), "VI", "VJ", 1),
			strings.Replace(instance("interface eth1\nvirtual_ipaddress { 10.1.0.10/24 }\n"+low), "VI", "VJ", 1) + instance(low)}, "", "", ""},
		{"other names of interfaces", []string{instance(""), instance("interface ens3\n" + low)}, "", "", ""},
		{"order of addresses", []string{instance("virtual_ipaddress { 10.0.0.10 ; 10.0.0.11 }"), instance("virtual_ipaddress { 10.0.0.11 ; 10.0.0.10 }\n" + low)}, "", "", ""},
		{"nopreempt on the preferred node", []string{instance("state BACKUP\nnopreempt"), instance(low)}, "", "", ""},
		{"equal priorities wanted", []string{instance("state BACKUP\nnopreempt"), instance("state BACKUP\nnopreempt")}, "", "", ""},
		{"nothing to compare", []string{"", ""}, "", "", ""},

		{"alone", []string{instance(""), ""}, "KA1200W", "vrrp_instance VI (virtual_router_id 51, IPv4) is not in b.conf", "no other node"},
		{"one of three without", []string{instance(""), instance(low), ""}, "KA1200N", "not in c.conf", "never take over"},
		{"nothing in common", []string{instance("") + "vrrp_instance X { interface eth9 \n virtual_router_id 7 \n virtual_ipaddress { \n 10.9.0.1\n}\n}\n",
			instance(low) + block("vrrp_instance Y { interface eth8 ; virtual_router_id 7 ; virtual_ipaddress { 10.8.0.1 } }")}, "KA1200W KA1200W", "", ""},
		{"number differs", []string{instance(""), instance("virtual_router_id 52\n" + low)}, "KA1201E", "virtual_router_id is 52, in a.conf it is 51", "both nodes become MASTER"},
		{"number differs, unicast without addresses", []string{instance("-virtual_ipaddress\n" + fromA), instance("-virtual_ipaddress\nvirtual_router_id 52\n" + fromB)}, "KA1201E", "", ""},

		{"number differs, and more", []string{instance("version 3"), instance("virtual_router_id 52\nversion 2\nvirtual_ipaddress { 10.0.0.10/24 ; 10.0.0.11/24 }")}, "KA1201E KA1210E KA1230E KA1240N", "virtual_router_id is 52", ""},
		{"number differs on one of three", []string{instance("priority 150"), instance(low), instance("virtual_router_id 52\npriority 80")}, "KA1201E", "virtual_router_id is 52", ""},
		{"version", []string{instance("version 3"), instance(low)}, "KA1210E", "VRRP version is 2, in a.conf it is 3", "dropped"},
		{"odd one of three", []string{instance("version 3"), instance("version 2\n" + low), instance("version 2\npriority 80")}, "KA1210E", "VRRP version is 3, in b.conf it is 2", ""},
		{"interval, version 2", []string{instance(""), instance("advert_int 2\n" + low)}, "KA1211E", "advert_int is 2, in a.conf it is 1", "both nodes become MASTER"},
		{"interval, version 3", []string{instance("version 3"), instance("version 3\nadvert_int 0.2\n" + low)}, "KA1211W", "advert_int is 0.2, in a.conf it is 1", "follows"},
		{"authentication", []string{instance("authentication { auth_type PASS ; auth_pass x }"), instance(low)}, "KA1212E", "no authentication, in a.conf auth_type PASS", ""},
		{"AH", []string{instance("authentication { auth_type PASS ; auth_pass x }"), instance("authentication { auth_type AH ; auth_pass x }\n" + low)}, "KA1212E", "auth_type AH", ""},
		{"password", []string{instance("authentication { auth_type PASS ; auth_pass x }"), instance("authentication { auth_type PASS ; auth_pass y }\n" + low)}, "KA1213E", "auth_pass is not that of a.conf", ""},
		{"password beyond eight letters", []string{instance("authentication { auth_type PASS ; auth_pass 12345678a }"), instance("authentication { auth_type PASS ; auth_pass 12345678b }\n" + low)}, "", "", ""},
		{"no password in version 3", []string{instance("version 3"), instance("version 3\nauthentication { auth_type PASS ; auth_pass y }\n" + low)}, "", "", ""},
		{"same keys", []string{instance("auth_hmac { " + key1 + " ; active_key 1 }"), instance("auth_hmac { " + key1 + " ; active_key 1 }\n" + low)}, "", "", ""},
		{"other key", []string{instance("auth_hmac { " + key1 + " ; active_key 1 }"), instance("auth_hmac { " + key2 + " ; active_key 1 }\n" + low)}, "KA1214E", "key 1 is another one here", ""},
		{"unknown key", []string{instance("auth_hmac { " + key1 + " ; active_key 1 }"), instance("auth_hmac { " + strings.Replace(key1, "1", "2", 1) + " ; active_key 2 }\n" + low)}, "KA1214E", "there is no key 1 here", ""},
		{"no key", []string{instance("auth_hmac { " + key1 + " ; active_key 1 }"), instance(low)}, "KA1214E", "they have a trailer", ""},
		{"enforced", []string{instance("auth_hmac { " + key1 + " ; active_key 1 ; mode receive-only }"), instance("auth_hmac { " + key1 + " ; active_key 1 }\n" + low)}, "KA1214E", "they have no trailer", ""},
		{"introduced", []string{instance("auth_hmac { " + key1 + " ; active_key 1 ; mode receive-only }"), instance(low)}, "", "", ""},
		{"transport", []string{instance(fromA), instance(low)}, "KA1215E", "adverts go out by multicast, in a.conf by unicast", ""},
		{"multicast group", []string{instance(""), instance("mcast_dst_ip 224.0.0.19\n" + low)}, "KA1216E", "224.0.0.19, in a.conf to 224.0.0.18", ""},
		{"global multicast group", []string{instance(""), "global_defs {\nvrrp_mcast_group4 224.0.0.19\n}\n" + instance(low)}, "KA1216E", "", ""},
		{"not a peer", []string{instance(fromA), instance(strings.Replace(fromB, "{ 10.0.0.1 }", "{ 10.0.0.3 }", 1))}, "KA1217E", "10.0.0.1, the address of a.conf, is not in unicast_peer", "a.conf never hears its adverts"},
		{"not a peer in either direction", []string{instance(strings.Replace(fromA, "{ 10.0.0.2 }", "{ 10.0.0.4 }", 1)), instance(strings.Replace(fromB, "{ 10.0.0.1 }", "{ 10.0.0.3 }", 1))}, "KA1217E KA1217E", "", ""},
		{"same peer", []string{instance("unicast_peer { 10.0.0.1 }"), instance("unicast_peer { 10.0.0.1 }\n" + low)}, "KA1217E", "10.0.0.1 is the only peer here and in a.conf", ""},
		{"one more peer", []string{instance(strings.Replace(fromA, "{ 10.0.0.2 }", "{ 10.0.0.2 ; 10.0.0.3 }", 1)), instance(fromB)}, "KA1218N", "peer 10.0.0.3", ""},
		{"same source", []string{instance(fromA), instance(fromA + low)}, "KA1220E", "source address 10.0.0.1 is that of a.conf, too", ""},
		{"same source, multicast", []string{instance("mcast_src_ip 10.0.0.1"), instance("mcast_src_ip 10.0.0.1\n" + low)}, "KA1220E", "", ""},
		{"checksum without pseudo header", []string{instance("version 3\nv3_checksum_as_v2"), instance("version 3\n" + low)}, "KA1221E", "v3_checksum_as_v2 is set, in b.conf it is not", "b.conf drops its adverts"},
		{"old checksum", []string{instance("version 3\n" + fromA), instance("version 3\nold_unicast_checksum\n" + fromB)}, "KA1221W", "old_unicast_checksum is set, in a.conf it is not", "for a moment"},
		{"old checksum never", []string{instance("version 3\nold_unicast_checksum never\n" + fromA), instance("version 3\nold_unicast_checksum\n" + fromB)}, "KA1221E", "in a.conf it is never", ""},
		{"auto and never", []string{instance("version 3\nold_unicast_checksum never\n" + fromA), instance("version 3\n" + fromB)}, "", "", ""},

		{"number of addresses", []string{instance("virtual_ipaddress { 10.0.0.10/24 ; 10.0.0.11/24 }"), instance(low)}, "KA1230E", "virtual_ipaddress differs: 10.0.0.11 of a.conf missing", "2.2.7"},
		{"other address", []string{instance("virtual_ipaddress { 10.0.0.10/24 ; 10.0.0.11/24 }"), instance("virtual_ipaddress { 10.0.0.10/24 ; 10.0.0.12/24 }\n" + low)}, "KA1231E", "10.0.0.11 of a.conf missing; 10.0.0.12 not in a.conf", ""},
		{"no address in common", []string{instance(""), instance("virtual_ipaddress { 10.0.0.12/24 }\n" + low)}, "KA1231E", "", ""},
		{"excluded", []string{instance("virtual_ipaddress_excluded { 2001:db8::1/64 }"), instance(low)}, "KA1232W", "virtual_ipaddress_excluded differs", ""},
		{"prefix", []string{instance(""), instance("virtual_ipaddress { 10.0.0.10 }\n" + low)}, "KA1233W", "10.0.0.10/32 is 10.0.0.10/24 in a.conf", ""},
		{"routes", []string{instance("virtual_routes { 192.0.2.0/24 via 10.0.0.254 }"), instance(low)}, "KA1234W", "0 lines in virtual_routes, in a.conf 1", ""},
		{"rules", []string{instance("virtual_rules { from 192.0.2.0/24 table 10 }"), instance(low)}, "KA1234W", "virtual_rules", ""},

		{"equal priorities", []string{instance(""), instance("")}, "KA1240N", "priority is 100 here and in a.conf", ""},
		{"two owners", []string{instance("priority 255"), instance("priority 255")}, "KA1241E", "address owner", ""},
		{"two owners by state", []string{instance("-priority\nstate MASTER"), instance("-priority\nstate MASTER")}, "KA1241E", "", ""},
		{"two masters", []string{instance("state MASTER"), instance("state MASTER\n" + low)}, "KA1242W", "state is MASTER here and in a.conf", ""},
		{"master below", []string{instance("state MASTER\n" + low), instance("state BACKUP")}, "KA1243W", "its priority 90 is below the 100 of b.conf", "b.conf becomes MASTER"},
		{"preempts", []string{instance(""), instance("state BACKUP\nnopreempt\n" + low)}, "KA1244W", "nopreempt is not set, in b.conf it is", ""},
		{"weight too small", []string{tracking(5, ""), tracking(5, low)}, "KA1245W", "script chk fails, the priority goes from 105 to 100, and b.conf has 95", "stays on the failing node"},
		{"weight just reaches", []string{tracking(10, ""), tracking(10, low)}, "KA1245W", "", ""},
		{"weight suffices", []string{tracking(11, ""), tracking(11, low)}, "", "", ""},
		{"negative weight", []string{tracking(-20, ""), tracking(-20, low)}, "", "", ""},
		{"negative weight too small", []string{tracking(-5, ""), tracking(-5, low)}, "KA1245W", "from 100 to 95, and b.conf has 90", ""},
		{"reversed weight", []string{tracking(20, "track_interface { eth1 weight 5 reverse }"), tracking(20, low)}, "", "", ""},
		{"two small weights", []string{instance("track_interface { eth1 weight -8 ; eth2 weight -8 }"), instance(low)}, "KA1245N KA1245N", "", "more of its trackers"},
		{"weights of a group", []string{instance("") + group("track_interface { eth1 weight -5 }"), instance(low) + group("")}, "KA1245W", "interface eth1", ""},
		{"weight 0", []string{instance("track_interface { eth1 }"), instance(low)}, "", "", ""},
		{"nopreempt is deaf", []string{tracking(-20, "state BACKUP\nnopreempt"), tracking(-20, "state BACKUP\nnopreempt\n"+low)}, "KA1246W", "nopreempt keeps this node from taking over", ""},

		{"links swapped", []string{instance("") + second("interface eth1"), instance(low) + second("interface eth0\n"+low)}, "KA1250W", "uses eth0 where a.conf has eth1", ""},
		{"links of addresses", []string{instance("") + second("interface eth1\nvirtual_ipaddress { 10.1.0.10/24 dev eth2 }"),
			instance("interface ens0\n"+low) + second("interface ens1\nvirtual_ipaddress { 10.1.0.10/24 dev ens2 }\n"+low)}, "", "", ""},
		{"no group", []string{instance("") + second("") + groups("VI", "VJ"), instance(low) + second(low)}, "KA1251W", "in no sync group, in a.conf it is in G", "one by one"},
		{"other members", []string{instance("") + second("") + third("") + groups("VI", "VJ", "VK"), instance(low) + second(low) + third(low) + groups("VI", "VJ")}, "KA1251W", "", ""},
		{"same group, other name", []string{instance("") + second("") + groups("VI", "VJ"), instance(low) + second(low) + strings.Replace(groups("VJ", "VI"), "G", "H", 1)}, "", "", ""},
		{"router_id", []string{"global_defs {\nrouter_id x\n}\n", "global_defs {\nrouter_id x\n}\n"}, "KA1252N", "router_id is x here and in a.conf", ""},

		{"no virtual server", []string{block(vs + rs1 + "}"), ""}, "KA1260W", "b.conf has no virtual_server at all", ""},
		{"one virtual server less", []string{block(vs+rs1+"}") + block(strings.Replace(vs, " 80", " 81", 1)+rs1+"}"), block(vs + rs1 + "}")}, "KA1260W", "virtual_server [10.0.0.10]:tcp:81 is not in b.conf", ""},
		{"scheduler", []string{block(vs + rs1 + "}"), block(strings.Replace(vs, "rr", "wrr", 1) + rs1 + "}")}, "KA1261W", "lvs_sched is wrr, in a.conf it is rr", ""},
		{"persistence", []string{block(vs + "persistence_timeout 60 ; " + rs1 + "}"), block(vs + rs1 + "}")}, "KA1261W KA1261W", "", ""},
		{"sorry server", []string{block(vs + "sorry_server 10.0.0.29 80 ; " + rs1 + "}"), block(vs + rs1 + "}")}, "KA1261W", "sorry_server is none, in a.conf it is 10.0.0.29:80", ""},
		{"real server missing", []string{block(vs + rs1 + rs2 + "}"), block(vs + rs1 + "}")}, "KA1262W", "real_server [10.0.0.22]:tcp:80 of a.conf is missing", ""},
		{"weight of a server", []string{block(vs + rs1 + "}"), block(vs + strings.Replace(rs1, "weight 1", "weight 2", 1) + "}")}, "KA1262W", "weight 2, in a.conf 1", ""},
		{"method", []string{block(vs + rs1 + "}"), block(strings.Replace(vs, "DR", "NAT", 1) + rs1 + "}")}, "KA1262W", "by NAT, in a.conf by DR", ""},
		{"group by another name", []string{serverGroup("G"), serverGroup("H")}, "", "", ""},
		{"sync daemon", []string{"global_defs {\nlvs_sync_daemon eth0 VI id 1\n}\n" + instance("") + block(vs+rs1+"}"), "global_defs {\nlvs_sync_daemon eth0 VI id 2\n}\n" + instance(low) + block(vs+rs1+"}")}, "KA1263W", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, nodes, found := load(tt.nodes...)
			for _, d := range found {
				if d.Severity == diag.Error && !strings.Contains(d.Summary, "does not support authentication") {
					t.Errorf("the configuration is wrong: %s %s", d.Subject, d.Summary)
				}
			}
			got := Check(nodes)
			valid(t, files, got)
			if codes(got) != tt.want {
				t.Errorf("found %q, want %q", codes(got), tt.want)
			}
			if len(got) > 0 && (!strings.Contains(got[0].Summary, tt.summary) || !strings.Contains(got[0].Effect, tt.effect)) {
				t.Errorf("first finding %q: %q, want %q: %q", got[0].Summary, got[0].Effect, tt.summary, tt.effect)
			}
			if t.Failed() {
				var b strings.Builder
				if err := diag.WriteText(&b, got, diag.TextOptions{Source: files}); err != nil {
					t.Error(err)
				}
				t.Log(b.String())
			}
		})
	}
}

func tracking(weight int, lines string) string {
	w := map[int]string{5: "5", 10: "10", 11: "11", 20: "20", -20: "-20", -5: "-5"}[weight]
	return block("vrrp_script chk { script /bin/true ; weight "+w+" }") + instance("track_script { chk }\n"+lines)
}

func group(lines string) string { return block("vrrp_sync_group G { group { VI } ; " + lines + " }") }

func groups(members ...string) string {
	return block("vrrp_sync_group G { group { " + strings.Join(members, " ; ") + " } }")
}

func second(lines string) string { return another("VJ", "52", "10.1.0.10", lines) }
func third(lines string) string  { return another("VK", "53", "10.2.0.10", lines) }

func another(name, vrid, address, lines string) string {
	text := instance("virtual_router_id " + vrid + "\n" + lines)
	return strings.NewReplacer("VI", name, "10.0.0.10", address).Replace(text)
}

func serverGroup(name string) string {
	return block("virtual_server_group "+name+" { 10.0.0.10 80 ; fwmark 7 }") + block(strings.Replace(vs, "10.0.0.10 80", "group "+name, 1)+rs1+"}")
}

// codes are the codes with the first letter of their severity, in order of the
// code.
func codes(l diag.List) string {
	var out []string
	for _, d := range l {
		out = append(out, d.Code+strings.ToUpper(d.Severity.String()[:1]))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// valid checks what every finding has to have.
func valid(t *testing.T, files texts, l diag.List) {
	t.Helper()
	for _, d := range l {
		if _, ok := diag.Explain(d.Code, Codes()); !ok {
			t.Errorf("%s is not explained", d.Code)
		}
		if d.Summary == "" || d.Effect == "" || d.Hint == "" || d.Class != diag.ClassOwn || d.Machine {
			t.Errorf("unfinished finding %+v", d)
		}
		places := []diag.Range{d.Subject}
		for _, f := range d.Chain {
			places = append(places, f.Range)
		}
		for _, r := range places {
			text, ok := files.Text(r.File)
			if r.IsZero() && ok || !r.IsZero() && (!ok || r.Start.Byte > r.End.Byte || r.End.Byte > len(text)) {
				t.Errorf("%s %s: no such place %+v", d.Code, d.Summary, r)
			}
		}
	}
}

func TestEveryCodeIsMade(t *testing.T) {
	source, err := os.ReadFile("check_test.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.Code] || c.Title == "" || c.Meaning == "" || c.Mend == "" {
			t.Errorf("entry %+v", c)
		}
		seen[c.Code] = true
		if !strings.Contains(string(source), c.Code) {
			t.Errorf("no case makes %s %s", c.Code, c.Title)
		}
	}
}

// sharedDir is a folder of test inputs beside the repository.
func sharedDir(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no test input %s", path)
	}
	return path
}

// TestLabs compares pairs that operators run. Only what is true and harmless
// is noted.
func TestLabs(t *testing.T) {
	dir := sharedDir(t, "labs")
	for _, tt := range []struct{ a, b, want string }{
		{"haproxy-pair/lb1.conf", "haproxy-pair/lb2.conf", "KA1240N"},
		{"haproxy-weight/master.conf", "haproxy-weight/backup.conf", ""},
		{"nginx-cloud/master.conf", "nginx-cloud/backup.conf", ""},
		{"samba-dr/master.conf", "samba-dr/backup.conf", "KA1252N"},
	} {
		t.Run(tt.a, func(t *testing.T) {
			var configs []string
			for _, name := range []string{tt.a, tt.b} {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				configs = append(configs, string(text))
			}
			files, nodes, _ := load(configs...)
			got := Check(nodes)
			valid(t, files, got)
			if codes(got) != tt.want {
				t.Errorf("found %q, want %q: %+v", codes(got), tt.want, got)
			}
		})
	}
}

// TestLabWithPartner makes the other node of labs that have one file only.
func TestLabWithPartner(t *testing.T) {
	dir := sharedDir(t, "labs")
	for name, change := range map[string][]string{
		"ldap-nat/node1.conf":          {"192.168.0.1\n", "192.168.0.X\n", "192.168.0.2\n", "192.168.0.1\n", "192.168.0.X\n", "192.168.0.2\n", "priority 100", "priority 90", "state MASTER", "state BACKUP", "noeud1", "noeud2"},
		"ldap-nat/httpd-failover.conf": {"priority 100", "priority 90", "state MASTER", "state BACKUP"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		other := string(text)
		for i := 0; i < len(change); i += 2 {
			other = strings.ReplaceAll(other, change[i], change[i+1])
		}
		_, nodes, _ := load(string(text), other)
		if got := Check(nodes); len(got) > 0 {
			t.Errorf("%s: found %+v", name, got)
		}
	}
}

// TestSameFile compares every published configuration with itself: the nodes
// agree in all but what each must have of its own.
func TestSameFile(t *testing.T) {
	dir := sharedDir(t, "corpus")
	paths, err := filepath.Glob(filepath.Join(dir, "*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	own := []string{CodeEqualPriority, CodeOwners, CodeTwoMasters, CodeSameSource, CodeRouterID, CodePeerMissing, CodeWeight, CodeWeightNoPreempt}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files, nodes, _ := load(string(text), string(text))
		got := Check(nodes)
		valid(t, files, got)
		for _, d := range got {
			if !slices.Contains(own, d.Code) {
				t.Errorf("%s: %s %s", filepath.Base(path), d.Code, d.Summary)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(instance(fromA)+groups("VI", "VJ")+second(""), instance(fromB), "")
	f.Add(block(vs+rs1+"}"), serverGroup("G"), tracking(5, ""))
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if len(a)+len(b)+len(c) > 4000 {
			t.Skip("long")
		}
		files, nodes, _ := load(a, b, c)
		valid(t, files, Check(nodes))
		valid(t, files, Check(nodes[:2]))
		if l := Check(nodes[:1]); l != nil {
			t.Errorf("one node disagrees: %v", l)
		}
	})
}
