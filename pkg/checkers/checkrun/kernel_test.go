package checkrun

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// The balancer and all servers are one namespace: a dummy interface has the
// addresses of the servers, and a server is up while somebody listens there.
//
//	+--------------- gkcheck-NAME ---------------+
//	| engine --- ip_vs                           |
//	|   |                                        |
//	|   +--- checks ---> dev: .11 .12 .13 (dummy)|
//	+--------------------------------------------+
func balancer(t *testing.T, name, dev string, addrs ...string) *nstest.NS {
	t.Helper()
	nstest.Require(t, "netns", "ipvs")
	ns := nstest.New(t, "gkcheck-"+name)
	ns.Run("ip", "link", "add", dev, "type", "dummy")
	ns.AddAddress(dev, addrs...)
	ns.Up(dev)
	return ns
}

func listen(t *testing.T, ns *nstest.NS, at string) net.Listener {
	t.Helper()
	var ln net.Listener
	ns.Do(func() {
		var err error
		if ln, err = net.Listen("tcp", at); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() { ln.Close() })
	return ln
}

// labFile is one of the configurations that operators published, found beside
// the repository.
func labFile(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir + "/go.mod"); err == nil {
			break
		}
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "shared/labs", name))
	if err != nil {
		t.Skip("the published configurations (../shared/labs) are not here")
	}
	return string(text)
}

const patient = 40 * time.Second

// TestLabLDAP: LDAPS by NAT with persistence and a sorry server; the checks
// run only while the address is here.
func TestLabLDAP(t *testing.T) {
	conf := labFile(t, "ldap-nat/node1.conf")
	conf = strings.ReplaceAll(conf, "delay_loop 10", "delay_loop 1")
	ns := balancer(t, "ldap", "eth0", "192.168.0.1/24", "192.168.0.11/24", "192.168.0.12/24", "192.168.0.13/24")
	a, b := listen(t, ns, "192.168.0.11:636"), listen(t, ns, "192.168.0.12:636")
	d := startDaemon(t, ns, conf)

	const head = "-A -t 192.168.0.10:636 -s wrr -p 7200\n"
	const lineA, lineB = "-a -t 192.168.0.10:636 -r 192.168.0.11:636 -m -w 100\n", "-a -t 192.168.0.10:636 -r 192.168.0.12:636 -m -w 100\n"
	const vs = "[192.168.0.10]:tcp:636"
	waitTable(t, ns, patient, head+lineA+lineB)
	d.WaitOutput("Deactivating healthchecker for service [192.168.0.11]:tcp:636 for VS "+vs+"\n", patient)
	// BACKUP: a server that dies is not noticed.
	a.Close()
	time.Sleep(4 * time.Second)
	if got := table(ns); got != head+lineA+lineB {
		t.Errorf("checked while suspended:\n%s", got)
	}
	ns.AddAddress("eth0", "192.168.0.10/32")
	d.WaitOutput("Netlink reflector reports IP 192.168.0.10 added\nActivating healthchecker for service [192.168.0.11]:tcp:636 for VS "+vs+"\n", patient)
	d.WaitOutput("Removing service [192.168.0.11]:tcp:636 from VS "+vs+"\n", patient)
	waitTable(t, ns, patient, head+lineB)
	b.Close()
	waitTable(t, ns, patient, head+"-a -t 192.168.0.10:636 -r 192.168.0.13:636 -m -w 1\n")
	ns.Run("ip", "addr", "del", "192.168.0.10/32", "dev", "eth0")
	d.WaitOutput("Suspending healthchecker for service [192.168.0.12]:tcp:636 for VS "+vs+"\n", patient)
	listen(t, ns, "192.168.0.11:636")
	ns.AddAddress("eth0", "192.168.0.10/32")
	waitTable(t, ns, patient, head+lineA)
	d.stop()
	if got := table(ns); got != "" {
		t.Errorf("after stop:\n%s", got)
	}
}

// TestLabSamba: direct routing, the table flushed at start and at stop.
func TestLabSamba(t *testing.T) {
	conf := strings.ReplaceAll(labFile(t, "samba-dr/master.conf"), "connect_timeout 1", "connect_timeout 1\n delay_loop 1")
	ns := balancer(t, "samba", "ens3", "172.26.127.18/28", "172.26.127.21/28", "172.26.127.22/28")
	ns.Run("ipvsadm", "-A", "-t", "172.26.127.99:99", "-s", "rr")
	a := listen(t, ns, "172.26.127.21:445")
	listen(t, ns, "172.26.127.22:445")
	d := startDaemon(t, ns, conf)
	service := func(port, server string) string {
		return "-a -t 172.26.127.20:" + port + " -r 172.26.127." + server + ":" + port + " -g -w 1\n"
	}
	head139, head445 := "-A -t 172.26.127.20:139 -s rr\n", "-A -t 172.26.127.20:445 -s rr\n"
	waitTable(t, ns, patient, head139+service("139", "21")+service("139", "22")+head445+service("445", "21")+service("445", "22"))
	a.Close()
	waitTable(t, ns, patient, head139+service("139", "22")+head445+service("445", "22"))
	d.stop()
	if got := table(ns); got != "" {
		t.Errorf("after stop:\n%s", got)
	}
}

const plainConf = `
virtual_server 10.9.1.1 80 {
    delay_loop 1
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    real_server 10.9.0.11 80 {
        weight 3
        TCP_CHECK { }
    }
    real_server 10.9.0.12 80 {
        TCP_CHECK { }
    }
}
`

// TestTakeOver: an engine that finds a table of another brings its own entries
// to what is configured and leaves the rest alone. Keepalived's would say the
// same, but change nothing.
func TestTakeOver(t *testing.T) {
	ns := balancer(t, "takeover", "lb0", "10.9.0.1/16", "10.9.0.11/16", "10.9.0.12/16")
	listen(t, ns, "10.9.0.11:80")
	listen(t, ns, "10.9.0.12:80")
	for _, args := range []string{
		"-A -t 10.9.1.1:80 -s wlc", "-a -t 10.9.1.1:80 -r 10.9.0.11:80 -g -w 9", "-a -t 10.9.1.1:80 -r 10.9.0.99:80 -m -w 1",
		"-A -t 10.9.1.9:80 -s wlc", "-a -t 10.9.1.9:80 -r 10.9.0.11:80 -m -w 4",
	} {
		ns.Run(append([]string{"ipvsadm"}, strings.Fields(args)...)...)
	}
	foreign := "-A -t 10.9.1.9:80 -s wlc\n-a -t 10.9.1.9:80 -r 10.9.0.11:80 -m -w 4\n"
	d := startDaemon(t, ns, plainConf)
	waitTable(t, ns, patient, "-A -t 10.9.1.1:80 -s rr\n-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n"+
		"-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 1\n-a -t 10.9.1.1:80 -r 10.9.0.99:80 -m -w 1\n"+foreign)
	d.WaitOutput("IPVS cmd IP_VS_SO_SET_ADD(1154) error: Service already exists(17) (10.9.1.1:tcp:80)\n", patient)
	d.WaitOutput("IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17) (10.9.1.1:tcp:80 -> 10.9.0.11:80)\n", patient)
	d.stop()
	if got := table(ns); got != foreign {
		t.Errorf("after stop:\n%s", got)
	}
}

// TestReloadOnKernel: what stays is not touched, what an operator changed
// meanwhile is mended.
func TestReloadOnKernel(t *testing.T) {
	ns := balancer(t, "reload", "lb0", "10.9.0.1/16", "10.9.0.11/16", "10.9.0.12/16")
	listen(t, ns, "10.9.0.11:80")
	d := startDaemon(t, ns, plainConf)
	d.WaitOutput("Removing service [10.9.0.12]:tcp:80 from VS [10.9.1.1]:tcp:80\n", patient)
	d.reload(strings.Replace(plainConf, "weight 3", "weight 5\n uthreshold 100", 1))
	waitTable(t, ns, patient, "-A -t 10.9.1.1:80 -s rr\n-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 5\n")
	if limits := ns.Run("ipvsadm", "-Ln", "--thresholds"); !strings.Contains(limits, "100") {
		t.Errorf("threshold was not sent:\n%s", limits)
	}
	d.WaitOutput("Changing weight from 3 to 5 for active service [10.9.0.11]:tcp:80 of VS [10.9.1.1]:tcp:80\n", patient)
	ns.Run("ipvsadm", "-d", "-t", "10.9.1.1:80", "-r", "10.9.0.11:80")
	d.reload(strings.Replace(plainConf, "lvs_sched rr", "lvs_sched wlc", 1))
	waitTable(t, ns, patient, "-A -t 10.9.1.1:80 -s wlc\n-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n")
	d.stop()
}

// TestSettingsOnKernel: timeouts and sync daemons come and go with us.
func TestSettingsOnKernel(t *testing.T) {
	ns := balancer(t, "settings", "lb0", "10.9.0.1/16")
	before := ns.Run("ipvsadm", "-L", "--timeout")
	conf := "global_defs {\n lvs_timeouts tcp 700 udp 90\n lvs_sync_daemon lb0 id 7\n}\n" + plainConf
	d := startDaemon(t, ns, conf)
	if got := ns.Run("ipvsadm", "-L", "--timeout"); !strings.Contains(got, "700 120 90") {
		t.Errorf("timeouts: %s", got)
	}
	if got := ns.Run("ipvsadm", "-L", "--daemon"); !strings.Contains(got, "master sync daemon (mcast=lb0, syncid=7") || !strings.Contains(got, "backup sync daemon") {
		t.Errorf("daemons: %s", got)
	}
	d.reload(conf)
	if strings.Contains(d.Output(), "Daemon has already run") {
		t.Errorf("an unchanged reload starts the daemons again:\n%s", d.Output())
	}
	d.stop()
	if got := ns.Run("ipvsadm", "-L", "--timeout"); got != before {
		t.Errorf("timeouts after stop: %s, before: %s", got, before)
	}
	if got := ns.Run("ipvsadm", "-L", "--daemon"); strings.Contains(got, "daemon") {
		t.Errorf("daemons after stop: %s", got)
	}
}

// TestKeep: --dont-release-ipvs leaves the table, and the next engine takes
// out of it what it does not want there.
func TestKeep(t *testing.T) {
	ns := balancer(t, "keep", "lb0", "10.9.0.1/16", "10.9.0.11/16", "10.9.0.12/16")
	conf := strings.Replace(plainConf, "protocol TCP", "protocol TCP\n sorry_server 10.9.0.10 80", 1)
	d := startDaemon(t, ns, conf, "GK_CHECKRUN_KEEP=1")
	const head = "-A -t 10.9.1.1:80 -s rr\n"
	waitTable(t, ns, patient, head+"-a -t 10.9.1.1:80 -r 10.9.0.10:80 -m -w 1\n")
	d.stop()
	if got := table(ns); got != head+"-a -t 10.9.1.1:80 -r 10.9.0.10:80 -m -w 1\n" {
		t.Errorf("after stop:\n%s", got)
	}
	listen(t, ns, "10.9.0.11:80")
	listen(t, ns, "10.9.0.12:80")
	d = startDaemon(t, ns, conf)
	waitTable(t, ns, patient, head+"-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 1\n")
	d.stop()
}

// TestPingOnKernel: sockets for echo requests are allowed while they are
// needed, and only then.
func TestPingOnKernel(t *testing.T) {
	const groups = "ipv4/ping_group_range"
	ns := balancer(t, "ping", "lb0", "10.9.0.1/16", "10.9.0.11/16", "fd00:9::1/64", "fd00:9::11/64")
	ns.Sysctl(groups, "1 0")
	before := ns.ReadSysctl(groups)
	conf := strings.ReplaceAll(plainConf, "TCP_CHECK { }", "PING_CHECK {\n connect_timeout 1\n }")
	conf = strings.Replace(conf, "real_server 10.9.0.12 80 {", "real_server 10.9.0.12 80 {\n PING_CHECK {\n connect_ip fd00:9::11\n warmup 0\n }", 1)
	d := startDaemon(t, ns, conf)
	d.WaitOutput("ICMP connection to [10.9.0.11]:tcp:80 success.\n", patient)
	d.WaitOutput("ICMP connection to [10.9.0.12]:tcp:80 success.\n", patient) // by IPv6
	d.WaitOutput("ICMP CHECK on service [10.9.0.12]:tcp:80 failed.\n", patient)
	waitTable(t, ns, patient, "-A -t 10.9.1.1:80 -s rr\n-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n")
	d.stop()
	if after := ns.ReadSysctl(groups); after != before {
		t.Errorf("%s is %q after stop, was %q", groups, after, before)
	}
}

// TestNoIPVS: a kernel without IPVS is one clear error, not of the
// configuration.
func TestNoIPVS(t *testing.T) {
	if k, err := ipvs.Open(""); err == nil {
		k.Close()
		t.Skip("this kernel has IPVS")
	}
	err := New(oneServer(), Options{}).Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "IPVS: Can't initialize ipvs: ") {
		t.Errorf("Run: %v", err)
	}
}
