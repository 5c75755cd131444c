package confparse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

const (
	later      = "a message that 2.2.7 does not have"
	groupName  = "2.2.7 takes name and group for names"
	brokenHere = "2.2.7 prints memory that it has freed"
	listTwice  = "keepalived reads the second list as lines of the group, here it is skipped"
)

// statementExceptions are statements about which 2.2.7 says something else
// than we do, and why.
var statementExceptions = map[string]string{
	"helo_name a; helo_name b": later, "virtualhost a; virtualhost b": later, "path /b": later, "regex a b": later, "regex y": later, "regex": later,
	"notification_email_from a b": later, "persistence_engine abcdefghijklmnop": later, "unicast_peer {; 10.0.0.2; 10.0.0.2; x; 2001:db8::1; }": later,
	"vrrp_iptables": noIPTables, "vrrp_iptables A": noIPTables, "vrrp_iptables A B; vrrp_iptables C D": noIPTables,
	"script_user root :root": "2.2.7 takes :root for a group",
	"include_check readable": "accepted, as the manual has it",
	"weight 0":               "2.2.7 makes a hysteresis of 4294967295 for a quorum of 0",
	"static_routes {; 10.1.0.0/16 dev eth0 table foo; 10.1.0.0/16 dev eth0 table 4294967296; 10.1.0.0/16 dev eth0 table main; 10.1.0.0/16 dev eth0 table 0; }":                                                                                       "2.2.7 does not look at the size of numbers of tables",
	"static_routes {; 10.1.0.0/16 dev eth0 rtt 1s; 10.1.0.0/16 dev eth0 rtt 100ms; 10.1.0.0/16 dev eth0 rtt 121s; 10.1.0.0/16 dev eth0 rtt 1e1; 10.1.0.0/16 dev eth0 rtt 8000; 10.1.0.0/16 dev eth0 rtt lock 5sec; 10.1.0.0/16 dev eth0 rtt 5min; }": later,
	"static_routes {; 10.1.0.0/16 dev eth0 rttvar 4000; 10.1.0.0/16 dev eth0 rto_min 300; 10.1.0.0/16 dev eth0 rto_min 300ms; 10.1.0.0/16 dev eth0 rto_min 0.1s; }":                                                                                  later,
	"static_rules {; table 5 preference 1 sport 80-90; table 5 preference 1 sport 80; table 5 preference 1 dport 90-80; table 5 preference 1 dport 80-65536; }":                                                                                      "2.2.7 does not look at the size of ports",
	"group {; v; }": listTwice, "vrrp_sync_group g {; group {; v; }; group {; v; }; }": listTwice, "track_group a {; group {; v; }; group {; w; }; }": listTwice,
	"virtual_server fwmark 0 {; real_server 10.0.0.2 80 {; }; }": brokenHere,
	"user nosuchuser; user root":                                 "keepalived complains about the first line too, here the last one counts",
	"use_vmac name group":                                        groupName, "use_vmac name": groupName, "use_vmac vr netlink_notify_msg group 5": groupName, "use_vmac group": groupName, "use_vmac group default": groupName,
	"use_ipvlan iv 10.0.0.3 vepa group 5": groupName,
}

// ambiguous are exceptions of one block that other blocks have, too.
var ambiguous = map[string]bool{"virtualhost a; virtualhost b": true, "weight 0": true, "regex": true}

// TestStatementsAgainstKeepalived gives the cases of TestStatements to the
// running keepalived 2.2.7 in a network namespace that has their interfaces,
// and compares the exit status and the lines complained about. Every twentieth
// unless GK_LONG is set: a run takes some 10 ms.
func TestStatementsAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns")
	confparse.Keepalived227(t)
	ns := nstest.New(t, "gkstatements")
	for _, name := range []string{"eth0", "eth1", "eth5", "eth9"} {
		ns.Run("ip", "link", "add", name, "type", "veth", "peer", "name", "p"+name)
		ns.Run("ip", "link", "set", name, "up")
	}
	ns.Run("ip", "address", "add", "10.0.0.250/24", "dev", "eth0")
	dir := t.TempDir()
	step := 20
	if os.Getenv("GK_LONG") != "" {
		step = 1
	}
	compared := 0
	for i, c := range confparse.StatementCases(t) {
		if i%step != 0 || strings.Contains(c.Text, ".invalid") {
			continue // or a name that only the network can look up
		}
		path := filepath.Join(dir, "k.conf")
		if err := os.WriteFile(path, []byte(c.Text), 0o644); err != nil {
			t.Fatal(err)
		}
		theirs := runningKeepalived(t, ns, dir, path)
		if theirs.exit < 0 || newer(theirs) {
			continue
		}
		compared++
		ours, counted := ourVerdict(ns, confparse.Env{HostName: "node1", WorkDir: dir, Test: true, Now: time.Now()}, path)
		diffs := differences(theirs, ours, counted)
		if theirs.exit != ours.exit {
			diffs = append(diffs, fmt.Sprintf("exit %d, keepalived %d", ours.exit, theirs.exit))
		}
		what := strings.Join(c.Lines, "; ")
		switch why, exception := statementExceptions[what]; {
		case len(diffs) > 0 && !exception:
			t.Errorf("%s: %s\n %s", c.Block, what, strings.Join(diffs, "\n "))
		case len(diffs) == 0 && exception && step == 1 && !ambiguous[what]:
			t.Errorf("%s: %s: as keepalived; no longer an exception (%s)", c.Block, what, why)
		}
	}
	t.Logf("%d statements compared", compared)
	if compared < 900/step {
		t.Errorf("only %d statements compared", compared)
	}
}

// newer reports whether 2.2.7 does not know a keyword that we do.
func newer(v verdict) bool {
	for text := range v.texts {
		word, ok := strings.CutPrefix(text, "Unknown keyword '")
		word, _, _ = strings.Cut(word, "'")
		if ok && word != "}" && known(word) {
			return true
		}
	}
	return false
}

func known(word string) bool {
	for _, s := range confparse.Keywords() {
		if s.Keyword == word && (s.Since != "" || word == "vrrp_ipsets") {
			return true
		}
	}
	return false
}
