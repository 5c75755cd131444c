package confparse

import (
	"slices"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// checkInstance is an instance that nothing is wrong with; %s takes more.
const checkInstance = "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\npriority 100\nvirtual_ipaddress {\n10.0.0.1/24\n}\n%s}\n"

// checkServer is a virtual server that nothing is wrong with; %s takes more.
const checkServer = "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n%sreal_server 10.0.0.8 80 {\nTCP_CHECK {\n}\n}\n}\n"

func instanceWith(more string) string { return strings.Replace(checkInstance, "%s", more, 1) }

func serverWith(more string) string { return strings.Replace(checkServer, "%s", more, 1) }

func scriptWith(more string) string {
	return "vrrp_script s {\nscript /bin/x\n" + more + "}\n"
}

const tracked = "track_script {\ns\n}\n"

// TestOwnChecks has, for each finding that keepalived does not make, a
// configuration that has it and one that is nearly the same and has not.
func TestOwnChecks(t *testing.T) {
	tests := []struct {
		code string
		line int
		bad  string
		good string
	}{
		{codeOwnDropped, 9, instanceWith("unicast_peer {\n10.0.0.9/24\n}\n"), instanceWith("unicast_peer {\n10.0.0.9\n}\n")},
		{codeOwnDropped, 8, instanceWith("state MASTER priority 100\n"), instanceWith("state MASTER\n")},
		{codeOwnDropped, 8, instanceWith("nopreempt no\n"), instanceWith("nopreempt on\n")},
		{codeOwnDropped, 8, instanceWith("nopreempt 0\n"), instanceWith("nopreempt 1\n")},
		{codeOwnDropped, 8, instanceWith("use_vmac off\n"), instanceWith("use_vmac vrrp.1\n")},
		{codeOwnDropped, 2, "vrrp_script s {\nscript killall -0 haproxy\n}\n" + instanceWith(tracked), "vrrp_script s {\nscript \"killall -0 haproxy\"\n}\n" + instanceWith(tracked)},
		{codeOwnDropped, 8, instanceWith("notify_master /s a b c\n"), instanceWith("notify_master /s a b\n")},
		{codeOwnDropped, 5, strings.Replace(serverWith(""), "80 {\nTCP", "80 weight 3 {\nTCP", 1), serverWith("")},
		{codeOwnDropped, 2, "global_defs {\nsmtp_server mail.example:25\n}\n", "global_defs {\nsmtp_server mail.example 25\n}\n"},
		{codeOwnDropped, 3, "global_defs {\nnotification_email {\na@b.example, c@b.example\n}\n}\n", "global_defs {\nnotification_email {\na@b.example c@b.example\n}\n}\n"},
		{codeOwnDropped, 2, "static_routes {\n10.0.0.0/8 192.0.2.1 dev eth0\n}\n", "static_routes {\n10.0.0.0/8 via 192.0.2.1 dev eth0\n}\n"},
		{codeOwnDropped, 5, serverWith("persistence_granularity 24\n"), serverWith("persistence_granularity 255.255.255.0\n")},
		{codeOwnDropped, 7, strings.Replace(serverWith(""), "TCP_CHECK {\n", "UDP_CHECK {\nrequire_reply 0x01\n", 1), strings.Replace(serverWith(""), "TCP_CHECK {\n", "UDP_CHECK {\nrequire_reply 01\n", 1)},
		{codeOwnOrder, 2, "global_defs {\nnftables_priority 5\nnftables\n}\n", "global_defs {\nnftables\nnftables_priority 5\n}\n"},
		{codeOwnOrder, 9, instanceWith("") + "global_defs {\nvrrp_garp_master_delay 3\n}\n", "global_defs {\nvrrp_garp_master_delay 3\n}\n" + instanceWith("")},
		{codeOwnOrder, 2, "global_defs {\nstartup_script /bin/x\nscript_user nobody\n}\n", "global_defs {\nscript_user nobody\nstartup_script /bin/x\n}\n"},
		{codeOwnOrder, 2, "static_routes {\ninet default dev eth0\n}\n", "static_routes {\ndefault dev eth0 inet\n}\n"},
		{codeCutByComment, 10, instanceWith("authentication {\nauth_type PASS\nauth_pass ab#c\n}\n"), instanceWith("authentication {\nauth_type PASS\nauth_pass \"ab#c\"\n}\n")},
		{codeAliasName, 2, strings.Replace(instanceWith(""), "eth0", "eth0:1", 1), instanceWith("")},
		{codeOwnRepeated, 8, instanceWith("priority 50\n"), instanceWith("preempt_delay 5\n")},
		{codeOwnRepeated, 5, serverWith("lvs_sched wrr\n"), serverWith("delay_loop 6\n")},
		{codeOwnRepeated, 3, "global_defs {\nrouter_id a\nrouter_id b\n}\n", "global_defs {\nrouter_id a\n}\nglobal_defs {\nlvs_flush\nlvs_flush\n}\n"},
		{codeSharedAddress, 14, instanceWith("") + strings.NewReplacer(" A ", " B ", "id 1", "id 2").Replace(instanceWith("")),
			instanceWith("") + strings.NewReplacer(" A ", " B ", "id 1", "id 2", "0.1/", "0.2/").Replace(instanceWith(""))},
		{codeRepeatedAddress, 7, strings.Replace(instanceWith(""), "24\n", "24\n10.0.0.1/24\n", 1), strings.Replace(instanceWith(""), "24\n", "24\n10.0.0.1/24 dev eth1\n", 1)},
		{codeWeightIgnored, 13, scriptWith("") + instanceWith("nopreempt\ntrack_script {\ns weight -20\n}\n"), scriptWith("") + instanceWith("nopreempt\ntrack_script {\ns weight 0\n}\n")},
		{codeUnusedScript, 1, scriptWith("") + instanceWith(""), scriptWith("") + instanceWith(tracked)},
		{codeTimeout, 4, scriptWith("interval 2\ntimeout 3\n") + instanceWith(tracked), scriptWith("interval 3\ntimeout 3\n") + instanceWith(tracked)},
		{codeSlowDetection, 1, scriptWith("interval 3\nfall 10\n") + instanceWith(tracked), scriptWith("interval 3\nfall 5\n") + instanceWith(tracked)},
		{codeSlowDetection, 4, scriptWith("interval 5\ntimeout 5\n") + instanceWith(tracked), scriptWith("interval 5\ntimeout 3\n") + instanceWith(tracked)},
		{codeOwnPeer, 10, instanceWith("unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.8\n}\n"), instanceWith("unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.9\n}\n")},
		{codePeerIsVIP, 10, instanceWith("unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.1\n}\n"), instanceWith("unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.9\n}\n")},
		{codeSourceIsVIP, 8, instanceWith("mcast_src_ip 10.0.0.1\n"), instanceWith("mcast_src_ip 10.0.0.8\n")},
		{codeOneVRID, 14, instanceWith("") + "vrrp_instance B {\ninterface eth0\nunicast_peer {\n10.0.0.9\n}\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n",
			instanceWith("") + "vrrp_instance B {\ninterface eth1\nunicast_peer {\n10.0.0.9\n}\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n"},
		{codeStrictDrops, 8, instanceWith("strict_mode on\nversion 3\n"), instanceWith("strict_mode on\nversion 3\naccept\n")},
		{codeAccidentalOwner, 7, strings.Replace(instanceWith("state MASTER\n"), "priority 100\n", "", 1), instanceWith("state MASTER\n")},
		{codeWeightClamped, 12, scriptWith("") + strings.Replace(instanceWith("track_script {\ns weight 60\n}\n"), "100", "200", 1), scriptWith("") + instanceWith("track_script {\ns weight 60\n}\n")},
		{codeShellSyntax, 2, "vrrp_script s {\nscript \"pidof nginx | wc\"\n}\n" + instanceWith(tracked), "vrrp_script s {\nscript \"/bin/sh -c 'pidof nginx | wc'\"\n}\n" + instanceWith(tracked)},
		{codeRepeatedScript, 4, scriptWith("") + scriptWith("") + instanceWith(tracked), scriptWith("") + instanceWith(tracked)},
		{codeNetworkAddress, 6, strings.Replace(instanceWith(""), "0.1/24", "0.0/24", 1), strings.Replace(instanceWith(""), "0.1/24", "0.0/31", 1)},
		{codeNetworkAddress, 6, strings.Replace(instanceWith(""), "0.1/24", "0.127/25", 1), strings.Replace(instanceWith(""), "0.1/24", "0.127/24", 1)},
		{codeUnusedPassword, 8, instanceWith("authentication {\nauth_pass x\n}\n"), instanceWith("authentication {\nauth_type PASS\nauth_pass x\n}\n")},
		{codeNoLength, 6, strings.Replace(instanceWith(""), "0.1/24", "0.1/", 1), strings.Replace(instanceWith(""), "0.1/24", "0.1", 1)},
		{codeNoMail, 8, instanceWith("smtp_alert\n"), "global_defs {\nsmtp_server 127.0.0.1\nnotification_email {\na@b.example\n}\n}\n" + instanceWith("smtp_alert\n")},
		{codeNoChecker, 1, strings.Replace(serverWith(""), "TCP_CHECK {\n}\n", "", 1), serverWith("")},
		{codeRepeatedService, 10, serverWith("") + serverWith(""), serverWith("") + strings.Replace(serverWith(""), "TCP\n", "UDP\n", 1)},
		{codeNoQuorum, 6, serverWith("quorum 2\nhysteresis 1\nweight 2\n"), serverWith("quorum 2\nhysteresis 1\nweight 3\n")},
		{codeSorryIsReal, 5, serverWith("sorry_server 10.0.0.8 80\n"), serverWith("sorry_server 10.0.0.9 80\n")},
		{codeRealIsVirtual, 5, strings.Replace(serverWith(""), "10.0.0.8", "10.0.0.1", 1), strings.NewReplacer("10.0.0.8", "10.0.0.1", "DR", "NAT").Replace(serverWith(""))},
		{codeRealIsVirtual, 5, serverWith("sorry_server 10.0.0.1 80\n"), serverWith("sorry_server 10.0.0.9 80\n")},
		{codeSlowCheck, 8, strings.Replace(serverWith("delay_loop 3\n"), "CHECK {\n", "CHECK {\nconnect_timeout 4\n", 1), strings.Replace(serverWith("delay_loop 4\n"), "CHECK {\n", "CHECK {\nconnect_timeout 4\n", 1)},
		{codeRegex, 9, webServerWith(`regex "a(b"`), webServerWith(`regex "a(b)"`)},
		{codeRegex, 9, webServerWith(`regex "(a(?1)?b)"`), webServerWith(`regex "(?<x>a)(?&x)"`)},
		{codeRegex, 9, webServerWith(`regex "\\C"` + "\nregex_options utf"), webServerWith(`regex "\\C"`)},
		{codeUnusedGroup, 1, "virtual_server_group g {\n10.0.0.1 80\n}\n", "virtual_server_group g {\n10.0.0.1 80\n}\n" + groupServer},
		{codeSuspended, 13, strings.Replace(instanceWith(""), "10.0.0.1/", "10.0.0.2/", 1) + serverWith("ha_suspend\n"), instanceWith("") + serverWith("ha_suspend\n")},
		{codeNoInstance, 18, instanceWith("") + serverWith("") + strings.Replace(serverWith(""), "10.0.0.1", "10.0.0.2", 1), instanceWith("") + serverWith("")},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		seen[tt.code] = true
		found := ownFindings(tt.bad)
		at := slices.IndexFunc(found, func(d diag.Diagnostic) bool { return d.Code == tt.code })
		if at < 0 {
			t.Errorf("%s: not found in\n%s%s", tt.code, tt.bad, printFindings("k", found))
			continue
		}
		if d := found[at]; d.Subject.Start.Line != tt.line || d.Effect == "" || d.Class != diag.ClassOwn && tt.code != codeRepeatedAddress {
			t.Errorf("%s: want it at line %d with an effect, not counted:\n%s", tt.code, tt.line, printFindings("k", diag.List{d}))
		}
		for _, d := range ownFindings(tt.good) {
			if d.Code == tt.code {
				t.Errorf("%s: found in\n%s%s", tt.code, tt.good, printFindings("k", diag.List{d}))
			}
		}
	}
	for _, c := range Codes() {
		if strings.HasPrefix(c.Code, "KA06") && !seen[c.Code] {
			t.Errorf("%s (%s) has no test", c.Code, c.Title)
		}
	}
}

func webServerWith(more string) string {
	return strings.Replace(serverWith(""), "TCP_CHECK {\n", "HTTP_GET {\nurl {\npath /\n"+more+"\n}\n", 1)
}

const groupServer = "virtual_server group g {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.0.0.8 80 {\nTCP_CHECK {\n}\n}\n}\n"

func ownFindings(text string) diag.List {
	_, _, found := Load(mapFiles{"/k": text}, "k", Env{HostName: "node1", WorkDir: "/"})
	return found
}
