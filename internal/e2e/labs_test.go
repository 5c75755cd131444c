package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// labFile reads a configuration of the published labs, which lie beside the
// source tree; without them those labs are skipped.
func labFile(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{root(t), "..", "shared", "labs"}, path...)...))
	if err != nil {
		t.Skipf("the published labs are not here: %v", err)
	}
	return string(b)
}

// ownFile reads a configuration of our own from testdata/e2e.
func ownFile(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{root(t), "testdata", "e2e"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// start starts one daemon. Two at a time would be a race: the down timers of
// priorities 100 and 101 end 4 ms apart.
func start(node string) func(*Run) { return func(r *Run) { r.StartDaemon(node) } }

func crash(node string) func(*Run) { return func(r *Run) { r.Crash(node) } }
func stop(node string) func(*Run)  { return func(r *Run) { r.Stop(node) } }

// plainPidof puts pidof into the host's /usr/sbin as a file of its own. One of
// the labs names that path; and where pidof is a link to another program, as
// on Debian, keepalived 2.2.7 runs that program under its own name, which then
// is not pidof.
func plainPidof(h *Host) {
	up := h.Dir + "/up"
	h.Run("sh", "-c", "mkdir -p "+up+" && mount -t tmpfs tmpfs "+up+" && mkdir "+up+"/u "+up+"/w && "+
		"mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir="+up+"/u,workdir="+up+"/w /usr/sbin && "+
		"cp -f $(readlink -f $(command -v pidof)) /usr/sbin/pidof")
}

// haproxyPair: equal priorities, unicast, password; whoever is master stays it.
func haproxyPair(t testing.TB) *Lab {
	return &Lab{
		Name: "haproxy-pair",
		VIP:  "192.168.50.30/32",
		Nodes: []Node{
			{Name: "lb1", Config: labFile(t, "haproxy-pair", "lb1.conf"), Links: []Link{{"enp0s3", []string{"192.168.50.21/24"}}}},
			{Name: "lb2", Config: labFile(t, "haproxy-pair", "lb2.conf"), Links: []Link{{"enp0s3", []string{"192.168.50.22/24"}}}},
		},
		Steps: []Step{
			{Name: "lb1 alone", Do: start("lb1"), Holder: "lb1"},
			{Name: "lb2 joins", Do: start("lb2"), Holder: "lb1"},
			{Name: "lb1 crashes", Do: crash("lb1"), Holder: "lb2"},
			{Name: "lb1 comes back", Do: start("lb1"), Holder: "lb2"},
			{Name: "lb2 stops", Do: stop("lb2"), Holder: "lb1"},
			{Name: "lb1 stops", Do: stop("lb1"), Holder: ""},
		},
	}
}

// haproxyWeight: multicast, a script with weight 2 decides.
func haproxyWeight(t testing.TB) *Lab {
	haproxy := func(r *Run, h *Host) { h.StartAs("haproxy") }
	return &Lab{
		Name: "haproxy-weight",
		VIP:  "172.18.0.6/32",
		Nodes: []Node{
			{Name: "master", Config: labFile(t, "haproxy-weight", "master.conf"), Links: []Link{{"eth0", []string{"172.18.0.2/16"}}}, Setup: haproxy},
			{Name: "backup", Config: labFile(t, "haproxy-weight", "backup.conf"), Links: []Link{{"eth0", []string{"172.18.0.3/16"}}}, Setup: haproxy},
		},
		Steps: []Step{
			{Name: "master starts", Do: start("master"), Holder: "master"},
			{Name: "backup joins", Do: start("backup"), Holder: "master"},
			{Name: "haproxy dies on the master", Do: func(r *Run) { r.Hosts["master"].KillAll("haproxy") }, Holder: "backup"},
			{Name: "haproxy is back", Do: func(r *Run) { r.Hosts["master"].StartAs("haproxy") }, Holder: "master"},
			{Name: "the master's link goes down", Do: func(r *Run) { r.Hosts["master"].Run("ip", "link", "set", "eth0", "down") }, Holder: "backup"},
			{Name: "the link is back", Do: func(r *Run) { r.Hosts["master"].Run("ip", "link", "set", "eth0", "up") }, Holder: "master"},
			{Name: "the master stops", Do: stop("master"), Holder: "backup"},
			{Name: "the backup stops", Do: stop("backup"), Holder: ""},
		},
	}
}

// httpdFailover: multicast with password and a label; a process check without
// weight makes FAULT. The published half is the master; the other node has the
// same file with a lower priority.
func httpdFailover(t testing.TB) *Lab {
	conf := labFile(t, "ldap-nat", "httpd-failover.conf")
	other := strings.NewReplacer("state MASTER", "state BACKUP", "priority 100", "priority 90").Replace(conf)
	setup := func(r *Run, h *Host) {
		plainPidof(h)
		h.StartAs("httpd")
	}
	return &Lab{
		Name: "httpd-failover",
		VIP:  "192.168.0.10/32",
		Nodes: []Node{
			{Name: "node1", Config: conf, Links: []Link{{"eth0", []string{"192.168.0.1/24"}}}, Setup: setup},
			{Name: "node2", Config: other, Links: []Link{{"eth0", []string{"192.168.0.2/24"}}}, Setup: setup},
		},
		Steps: []Step{
			{Name: "node1 starts", Do: start("node1"), Holder: "node1"},
			{Name: "node2 joins", Do: start("node2"), Holder: "node1"},
			{Name: "httpd dies on node1", Do: func(r *Run) { r.Hosts["node1"].KillAll("httpd") }, Holder: "node2"},
			{Name: "httpd is back", Do: func(r *Run) { r.Hosts["node1"].StartAs("httpd") }, Holder: "node1"},
			{Name: "node1 stops", Do: stop("node1"), Holder: "node2"},
		},
	}
}

// nginxCloud: no address at all; a notify script calls the provider, and a
// password of 13 characters is cut to 8.
func nginxCloud(t testing.TB) *Lab {
	setup := func(r *Run, h *Host) {
		script := "#!/bin/sh\necho \"$0 $*\" >>" + h.Dir + "/scripts.log\n"
		if err := os.WriteFile(filepath.Join(h.Etc, "master.sh"), []byte(script), 0o755); err != nil {
			r.Fatal(err)
		}
		plainPidof(h)
		h.StartAs("nginx")
	}
	return &Lab{
		Name: "nginx-cloud",
		Mark: "scripts.log",
		Nodes: []Node{
			{Name: "master", Config: labFile(t, "nginx-cloud", "master.conf"), Links: []Link{{"eth1", []string{"10.134.23.164/16"}}}, Setup: setup},
			{Name: "backup", Config: labFile(t, "nginx-cloud", "backup.conf"), Links: []Link{{"eth1", []string{"10.134.4.220/16"}}}, Setup: setup},
		},
		Steps: []Step{
			{Name: "master starts", Do: start("master"), Holder: "master"},
			{Name: "backup joins", Do: start("backup"), Holder: "master"},
			{Name: "nginx dies on the master", Do: func(r *Run) { r.Hosts["master"].KillAll("nginx") }, Holder: "backup"},
			{Name: "nginx is back", Do: func(r *Run) { r.Hosts["master"].StartAs("nginx") }, Holder: "master"},
			{Name: "the master's host goes", Do: crash("master"), Holder: "backup"},
			{Name: "the master's host is back", Do: start("master"), Holder: "master"},
		},
	}
}
