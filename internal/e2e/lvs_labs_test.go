package e2e

import (
	"strings"
	"testing"
)

// tableHas waits for the director's table to hold (or not hold) a destination.
func tableHas(node, dest string, want bool) func(*Run) bool {
	return func(r *Run) bool {
		out, err := r.Hosts[node].Try("ipvsadm", "-Sn")
		return err == nil && strings.Contains(out, " -r "+dest+" ") == want
	}
}

func greeters(port string, hosts ...string) func(*Run) {
	return func(r *Run) {
		for _, h := range hosts {
			StartGreeter(r, r.Hosts[h], ":"+port)
		}
	}
}

func noGreeters(port string, hosts ...string) func(*Run) {
	return func(r *Run) {
		for _, h := range hosts {
			StopGreeters(r.Hosts[h], port)
		}
	}
}

// ldapNAT: LDAPS over NAT with persistence and a sorry server; the mails go to
// a real server on the director. The second node is the first one's mirror.
func ldapNAT(t testing.TB) *Lab {
	conf := labFile(t, "ldap-nat", "node1.conf")
	mirror := strings.NewReplacer(
		"unicast_src_ip 192.168.0.1\n", "unicast_src_ip 192.168.0.2\n",
		"192.168.0.2\n", "192.168.0.1\n",
		"priority 100", "priority 90",
		"state MASTER", "state BACKUP").Replace(conf)
	director := func(r *Run, h *Host) { StartMail(r, h, "127.0.0.1:25") }
	server := func(r *Run, h *Host) { StartGreeter(r, h, ":636") }
	return &Lab{
		Name: "ldap-nat",
		VIP:  "192.168.0.10/32",
		IPVS: true,
		Nodes: []Node{
			{Name: "node1", Config: conf, Links: []Link{{"eth0", []string{"192.168.0.1/24"}}}, Setup: director},
			{Name: "node2", Config: mirror, Links: []Link{{"eth0", []string{"192.168.0.2/24"}}}, Setup: director},
		},
		Others: []Node{
			{Name: "ldap1", Links: []Link{{"eth0", []string{"192.168.0.11/24"}}}, Setup: server},
			{Name: "ldap2", Links: []Link{{"eth0", []string{"192.168.0.12/24"}}}, Setup: server},
			{Name: "sorry", Links: []Link{{"eth0", []string{"192.168.0.13/24"}}}, Setup: server},
		},
		Steps: []Step{
			{Name: "node1 starts", Do: start("node1"), Holder: "node1"},
			{Name: "node2 joins", Do: start("node2"), Holder: "node1", Until: tableHas("node1", "192.168.0.11:636", true)},
			{Name: "ldap1 dies", Do: noGreeters("636", "ldap1"), Holder: "node1", Until: tableHas("node1", "192.168.0.11:636", false)},
			{Name: "ldap2 dies", Do: noGreeters("636", "ldap2"), Holder: "node1", Until: tableHas("node1", "192.168.0.13:636", true)},
			{Name: "ldap1 is back", Do: greeters("636", "ldap1"), Holder: "node1", Until: tableHas("node1", "192.168.0.13:636", false)},
			{Name: "node1 stops", Do: stop("node1"), Holder: "node2", Until: tableHas("node2", "192.168.0.12:636", false)},
			{Name: "node2 stops", Do: stop("node2"), Holder: ""},
		},
	}
}

// sambaDR: two directors with separate service and heartbeat networks, direct
// routing, the address in its own prefix with a broadcast.
func sambaDR(t testing.TB) *Lab {
	server := func(r *Run, h *Host) {
		h.Run("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
		h.Run("ip", "addr", "add", "172.26.127.20/32", "dev", "lo")
		StartGreeter(r, h, ":445")
	}
	// The directors' interfaces share one wire here.
	director := func(r *Run, h *Host) {
		h.Run("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1")
	}
	asked := func(r *Run) bool {
		out, err := r.Hosts["client"].Try("timeout", "2", "bash", "-c", "cat </dev/tcp/172.26.127.20/445")
		return err == nil && strings.HasPrefix(out, "smb")
	}
	return &Lab{
		Name: "samba-dr",
		VIP:  "172.26.127.20/28",
		IPVS: true,
		Nodes: []Node{
			{Name: "master", Config: labFile(t, "samba-dr", "master.conf"), Setup: director, Links: []Link{
				{"ens3", []string{"172.26.127.18/28"}}, {"ens4", []string{"192.168.66.23/24"}}}},
			{Name: "backup", Config: labFile(t, "samba-dr", "backup.conf"), Setup: director, Links: []Link{
				{"ens3", []string{"172.26.127.19/28"}}, {"ens4", []string{"192.168.66.24/24"}}}},
		},
		Others: []Node{
			{Name: "smb1", Links: []Link{{"ens3", []string{"172.26.127.21/28"}}}, Setup: server},
			{Name: "smb2", Links: []Link{{"ens3", []string{"172.26.127.22/28"}}}, Setup: server},
			{Name: "client", Links: []Link{{"ens3", []string{"172.26.127.25/28"}}}},
		},
		Steps: []Step{
			{Name: "master starts", Do: start("master"), Holder: "master"},
			{Name: "backup joins", Do: start("backup"), Holder: "master", Until: asked},
			{Name: "the master's service link goes down", Do: func(r *Run) { r.Hosts["master"].Run("ip", "link", "set", "ens3", "down") }, Holder: "backup", Until: asked, TablesOpen: true},
			{Name: "the link is back", Do: func(r *Run) { r.Hosts["master"].Run("ip", "link", "set", "ens3", "up") }, Holder: "master", Until: asked, TablesOpen: true},
			{Name: "the master stops", Do: stop("master"), Holder: "backup", Until: asked},
			{Name: "the backup stops", Do: stop("backup"), Holder: ""},
		},
	}
}
