package peercheck

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// pieces are lines that instances of a random pair are made of.
var pieces = []string{
	"state MASTER", "state BACKUP", "priority 255", "priority 90", "priority 150", "-priority", "nopreempt", "version 3", "advert_int 2", "interface eth1",
	"virtual_router_id 52", "-virtual_ipaddress", "virtual_ipaddress { 10.0.0.10 ; 10.0.0.11 }", "virtual_ipaddress { 2001:db8::1 dev eth2 }",
	"virtual_ipaddress_excluded { 10.3.0.1 dev eth3 }", "authentication { auth_type PASS ; auth_pass x }", "authentication { auth_type AH ; auth_pass y }",
	"auth_hmac { " + key1 + " ; active_key 1 }", "auth_hmac { " + key2 + " ; active_key 1 ; mode receive-only }", "mcast_dst_ip 224.0.0.19", fromA, fromB,
	"unicast_peer { 10.0.0.1 ; 10.0.0.2 }", "mcast_src_ip 10.0.0.1", "old_unicast_checksum", "old_unicast_checksum never", "v3_checksum_as_v2",
	"virtual_routes { 192.0.2.0/24 via 10.0.0.254 }", "track_interface { eth1 weight -8 ; eth2 weight 20 reverse }", "track_script { chk }",
}

var blocks = []string{
	"vrrp_script chk { script /bin/true ; weight 5 }", "vrrp_script chk { script /bin/true ; weight -60 reverse }", groups("VI", "VJ"), groups("VJ", "VK"),
	group("track_interface { eth4 weight -5 }"), vs + rs1 + "}", vs + rs1 + rs2 + "}", strings.Replace(vs, "rr", "wrr", 1) + rs1 + "}",
	serverGroup("G"), "global_defs { router_id x }", "global_defs { vrrp_version 3 ; lvs_sync_daemon eth0 VI id 3 }",
}

func randomNode(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(3) {
		b.WriteString(block(blocks[r.IntN(len(blocks))]))
	}
	lines := func() string {
		var l []string
		for range r.IntN(5) {
			l = append(l, pieces[r.IntN(len(pieces))])
		}
		return strings.Join(l, "\n")
	}
	for i := range r.IntN(4) {
		switch i {
		case 0:
			b.WriteString(instance(lines()))
		case 1:
			b.WriteString(second(lines()))
		case 2:
			b.WriteString(third(lines()))
		}
	}
	return b.String()
}

// TestRandomNodes compares clusters that are put together by chance: every
// finding has its places, and two nodes disagree about the same in either
// order.
func TestRandomNodes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]bool{}
	for range 1500 {
		texts := []string{randomNode(r), randomNode(r), randomNode(r)}
		files, nodes, _ := load(texts...)
		valid(t, files, Check(nodes))
		pair := Check(nodes[:2])
		for _, d := range pair {
			kinds[d.Code] = true
		}
		if back := Check([]Node{nodes[1], nodes[0]}); codes(back) != codes(pair) {
			t.Errorf("found %s, in the other order %s", codes(pair), codes(back))
		}
		if t.Failed() {
			t.Fatalf("a.conf:\n%s\nb.conf:\n%s\nc.conf:\n%s", texts[0], texts[1], texts[2])
		}
	}
	if len(kinds) < 25 {
		t.Errorf("only %d kinds of findings came up", len(kinds))
	}
}
