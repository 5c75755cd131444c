package confparse

import (
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// ordinary is a file as most of them are.
const ordinary = `global_defs {
    router_id lb1
}
vrrp_script chk {
    script "/usr/bin/killall -0 haproxy"
    interval 2
    weight -20
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass secret
    }
    virtual_ipaddress {
        192.0.2.10/24
    }
    track_script {
        chk
    }
}
virtual_server 192.0.2.10 80 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.0.2.11 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
`

// TestMistakes makes one mistake of those that operators make in an ordinary
// file. There is one finding that does not follow from another one: at the
// right line, with the remedy.
func TestMistakes(t *testing.T) {
	const command = `"/usr/bin/killall -0 haproxy"`
	const vip = "        192.0.2.10/24"
	tests := []struct {
		name, old, new string
		line           int
		code, hint     string
	}{
		{"equals sign", "priority 100", "priority = 100", 13, codeBadValue, "without ="},
		{"equals sign without blanks", "priority 100", "priority=100", 13, codeUnknownKeyword, "write priority 100"},
		{"colon", "priority 100", "priority: 100", 13, codeUnknownKeyword, "without the colon"},
		{"list of YAML", vip, "        - 192.0.2.10/24", 20, codeEntry, "without -"},
		{"typographic quotes", command, "“/usr/bin/killall -0 haproxy”", 5, codeOwnDropped, "typographic quotes"},
		{"HTML", command, "&quot;/usr/bin/killall -0 haproxy&quot;", 5, codeOwnDropped, "HTML"},
		{"HTML tag", "priority 100", "priority 100<br>", 13, codeBadValue, "HTML"},
		{"typographic minus", "weight -20", "weight −20", 7, codeBadValue, "typographic dash"},
		{"no-break space inside", "priority 100", "priority\u00a0100", 13, codeUnknownKeyword, "no-break space"},
		{"no-break space in front", "    priority 100", "\u00a0\u00a0priority 100", 13, diag.CodeNoBreakSpace, "ordinary ones"},
		{"byte order mark", "global_defs", "\ufeffglobal_defs", 1, diag.CodeByteOrderMark, "byte order mark"},
		{"semicolon", "priority 100", "priority 100;", 13, codeBadValue, "remove the ;"},
		{"unit", "advert_int 1", "advert_int 1s", 14, codeBadValue, "write 1, without a unit"},
		{"milliseconds", "advert_int 1", "advert_int 100ms", 14, codeBadValue, "write 0.1, without a unit"},
		{"two statements on a line", "BACKUP\n    interface eth0", "BACKUP interface eth0", 10, codeOwnDropped, "on a line of its own"},
		{"command without quotes", command, "/usr/bin/killall -0 haproxy", 5, codeOwnDropped, "double quotes"},
		{"open quote", command, `"/usr/bin/killall -0 haproxy`, 5, diag.CodeUnterminatedQuote, "add the missing"},
		{"quote only at the end", command, `/usr/bin/killall -0 haproxy"`, 5, diag.CodeUnterminatedQuote, "add the missing"},
		{"continued line", command, "killall \\\n      -0 haproxy", 6, codeUnknownKeyword, "on one line"},
		{"comment of C", "    priority 100", "    // ours\n    priority 100", 13, codeUnknownKeyword, "# or !"},
		{"comment of INI", "    priority 100", "    ; ours\n    priority 100", 13, codeUnknownKeyword, "# or !"},
		{"capitals", "vrrp_instance VI_1", "VRRP_INSTANCE VI_1", 9, codeUnknownKeyword, "did you mean vrrp_instance"},
		{"misspelt block", "virtual_ipaddress", "virtual_ipadress", 19, codeUnknownKeyword, "did you mean virtual_ipaddress"},
		{"misspelt keyword that is needed", "virtual_router_id", "virtual_route_id", 12, codeUnknownKeyword, "did you mean virtual_router_id"},
		{"misspelt script", "        chk", "        chck", 23, codeReference, "did you mean chk"},
		{"opening brace missing", "vrrp_instance VI_1 {", "vrrp_instance VI_1", 10, codeMissingOpen, ""},
		{"closing brace missing", "secret\n    }", "secret", 18, codeUnknownKeyword, "here authentication of line 15 is open"},
		{"closing brace too many", "secret\n    }", "secret\n    }\n    }", 20, codeUnknownKeyword, "} of line 19 has closed vrrp_instance"},
		{"block of a server without its opening brace", "192.0.2.11 80 {", "192.0.2.11 80", 32, codeMissingOpen, ""},
		{"closing brace of a checker missing", "connect_timeout 3\n        }", "connect_timeout 3", 35, codeMissingClose, "the } of line 34 closes TCP_CHECK of line 32"},
		{"closing brace of a list missing", "192.0.2.10/24\n    }", "192.0.2.10/24", 21, codeEntry, "virtual_ipaddress of line 19 is open here"},
		{"quote in a head", "vrrp_instance VI_1 {", "vrrp_instance \"VI 1 {", 9, diag.CodeUnterminatedQuote, "add the missing"},
		{"brace in a comment", "vrrp_instance VI_1 {", "vrrp_instance VI_1 # {", 10, codeMissingOpen, ""},
		{"blank in a definition", "global_defs {", "$X = y\nglobal_defs {", 1, codeUnknownKeyword, "no blank before the ="},
		{"definition without its sign", "global_defs {", "VIP=192.0.2.9\nglobal_defs {", 1, codeUnknownKeyword, "$VIP=192.0.2.9"},
		{"part of a keyword", "connect_timeout 3", "port 80", 33, codeUnknownKeyword, "connect_port or bind_port"},
		{"unfilled definition in a list", vip, "        ${VIP}/24", 20, diag.CodeUnknownDefinition, "define it"},
		{"unfilled definition as an entry", vip, "        $VIP", 20, diag.CodeUnknownDefinition, "define it"},
		{"block without its head", "vrrp_instance VI_1 {\n", "", 9, codeUnknownKeyword, "belongs in vrrp_instance"},
		{"block in a block", "    advert_int 1", "    vrrp_script x {\n    script /bin/true\n    }\n    advert_int 1", 14, codeUnknownKeyword, "here vrrp_instance of line 9 is open"},
		{"list without braces", "virtual_ipaddress {\n        192.0.2.10/24\n    }", "virtual_ipaddress 192.0.2.10/24", 19, codeExtraParameters, "{ 192.0.2.10/24 }"},
		{"unfilled definition", "interface eth0", "interface ${IFACE}", 11, diag.CodeUnknownDefinition, "define it"},
		{"unfilled definition without braces", "interface eth0", "interface $IFACE", 11, diag.CodeUnknownDefinition, "define it"},
		{"netmask", vip, "        192.0.2.10/255.255.255.0", 20, codeBadValue, "/24"},
		{"netmask as a word", vip, "        192.0.2.10 255.255.255.0", 20, codeEntry, "/24"},
		{"two addresses on a line", vip, "        192.0.2.10/24 192.0.2.12/24", 20, codeEntry, "one address per line"},
		{"interface behind an address", vip, vip + " eth0", 20, codeEntry, "dev eth0"},
		{"label as interface", vip, vip + " dev eth0:1", 20, codeAliasName, "label eth0:1"},
		{"IPv6 in brackets", vip, "        [2001:db8::1]/64", 20, codeEntry, "without brackets"},
		{"other family", vip, vip + "\n        2001:db8::1/64", 21, codeEntry, "virtual_ipaddress_excluded"},
		{"port behind a colon", "virtual_server 192.0.2.10 80", "virtual_server 192.0.2.10:80", 26, codeBlock, "192.0.2.10 80"},
		{"port of a server behind a colon", "192.0.2.11 80", "192.0.2.11:80", 31, codeBlock, "192.0.2.11 80"},
		{"host name", "192.0.2.11 80", "web1.example 80", 31, codeBlock, "write the address"},
		{"small letters of a checker", "TCP_CHECK", "tcp_check", 32, codeUnknownKeyword, "in capitals"},
		{"unknown scheduler", "lb_algo rr", "lb_algo round-robin", 28, codeBadValue, "rr wrr lc"},
		{"url with its path", "TCP_CHECK {\n            connect_timeout 3", "HTTP_GET {\n            url / {\n            }", 33, codeOwnDropped, "write path /"},
		{"peer behind the keyword", "    track_script", "    unicast_peer 192.0.2.2\n    track_script", 22, codeExtraParameters, "{ 192.0.2.2 }"},
		{"peers with commas", "    track_script", "    unicast_peer {\n    192.0.2.2,\n    }\n    track_script", 23, codeEntry, "remove the ,"},
		{"password without quotes", "auth_pass secret", "auth_pass my secret", 17, codeOwnDropped, "double quotes"},
		{"method in small letters", "auth_type PASS", "auth_type pass", 16, codeBadValue, "AH|PASS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(ordinary, tt.old, tt.new, 1)
			if text == ordinary {
				t.Fatalf("%q does not stand in the file", tt.old)
			}
			_, _, found := Load(mapFiles{"/k.conf": text}, "k.conf", Env{HostName: "node1", WorkDir: "/", Test: true})
			roots := found.Independent()
			if len(roots) != 1 || roots[0].Subject.Start.Line != tt.line || roots[0].Code != tt.code || !strings.Contains(roots[0].Hint, tt.hint) {
				t.Errorf("want one finding, %s at line %d with %q:\n%s", tt.code, tt.line, tt.hint, findingLines(roots))
			}
			for _, f := range found {
				if !f.CausedBy.IsZero() && f.CausedBy != roots[0].Subject {
					t.Errorf("%s follows from %v, which nobody reports", f.Summary, f.CausedBy)
				}
			}
		})
	}
	if _, _, found := Load(mapFiles{"/k.conf": ordinary}, "k.conf", Env{HostName: "node1", WorkDir: "/", Test: true}); len(found) > 0 {
		t.Errorf("without a mistake:\n%s", findingLines(found))
	}
}
