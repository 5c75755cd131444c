//go:build linux

package snmp

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// Objects that tests ask for.
const (
	check      = ka + ".3"
	realServer = check + ".4.1"
)

const checkConf = `global_defs {
	router_id R1
	enable_snmp_checker
	enable_snmp_vrrp
	enable_traps
	snmp_socket unix:DIR/agentx
	script_user root
	lvs_timeouts tcp 100 tcpfin 50 udp 30
	lvs_sync_daemon v0 VI_1 id 7 maxlen 1400 port 8848 ttl 3 group 224.0.0.81
	smtp_alert_checker on
}

vrrp_instance VI_1 {
	interface v0
	virtual_router_id 51
	priority 200
	virtual_ipaddress {
		10.1.0.100/24
	}
}

virtual_server_group G {
	10.1.0.100 80
	10.1.0.110-115 81
	fwmark 9
}

virtual_server_group G6 {
	2001:db8::100 80
}

virtual_server 10.1.0.100 8080 {
	delay_loop 1.5
	lb_algo wrr
	lb_kind NAT
	persistence_timeout 60
	persistence_granularity 255.255.255.0
	protocol TCP
	alpha
	retry 3
	delay_before_retry 1.5
	warmup 1
	virtualhost www.example.com
	snmp_name vs_one
	quorum_up "/usr/bin/true up"
	quorum_down "/usr/bin/true down"
	sorry_server 10.1.0.9 80
	real_server 10.1.0.1 9001 {
		weight 3
		inhibit_on_failure
		snmp_name rs_one
		notify_up "/usr/bin/true rup"
		notify_down "/usr/bin/true rdown"
		uthreshold 100
		lthreshold 10
		TCP_CHECK {
			connect_timeout 1
			retry 0
		}
	}
	real_server 10.1.0.1 9002 {
		weight 5
		delay_loop 7
		TCP_CHECK {
			connect_timeout 1
			retry 0
		}
	}
}

virtual_server fwmark 7 {
	lb_algo sh
	lb_kind DR
	sh-port
	sh-fallback
	omega
	quorum 2
	real_server 10.1.0.3 0 {
	}
	real_server 10.1.0.4 0 {
		weight 2
		virtualhost rs.example.com
	}
}

virtual_server group G {
	lb_algo mh
	lb_kind TUN type gue port 6080
	mh-port
	ops
	ha_suspend
	protocol UDP
	real_server 10.1.0.5 80 {
	}
}

virtual_server 2001:db8::100 80 {
	lb_algo rr
	lb_kind NAT
	persistence_timeout 10
	persistence_granularity 64
	protocol UDP
	inhibit_on_failure
	weight 9
	connect_timeout 3
	real_server 2001:db8::1 80 {
	}
}
`

var checkExceptions = []exception{
	{`K\.1\.1\.0`, `STRING: "Keepalived v2\.2\.7.*`, `STRING: "Keepalived v2\.4\.3.*`, "the version"},
	{`K\.1\.3\.[12]\.0`, `.+`, ``, "2.2.7 shows an address of zeros when there is no mail server"},
	{`K\.1\.12\.0`, ``, `INTEGER: 2`, "came after 2.2.7"},
	{`K\.2\.3\.1\.36\.1`, ``, `INTEGER: 2`, "came after 2.2.7"},
	{`K\.3\.3\.1\.7[23]\.\d`, ``, `STRING: "/.*"`, "came after 2.2.7"},
	{`K\.3\.3\.1\.7[4-8]\.\d`, ``, `Counter64: \d+`, "came after 2.2.7"},
	{`K\.3\.4\.1\.5[67]\.\d\.\d`, ``, `STRING: "/.*"`, "came after 2.2.7"},
	{`K\.3\.4\.1\.(58|59|6[0-2])\.\d\.\d`, ``, `Counter64: \d+`, "came after 2.2.7"},
	{`K\.2\.3\.1\.11\.1`, `INTEGER: 2`, `INTEGER: 1`, "2.2.7 has tracked and notTracked the wrong way round"},
	{`K\.2\.3\.1\.27\.1`, `INTEGER: 0`, `INTEGER: 1`, "2.2.7 says 0 for version 2, which the MIB does not have"},
	{`K\.3\.3\.1\.8\.2`, ``, `INTEGER: 4`, "2.2.7 leaves out the protocol of a firewall mark, which the MIB calls none"},
	{`K\.3\.3\.1\.51\.[23]`, `Gauge32: 4294967295`, ``, "2.2.7 shows an IPv6 granularity of IPv4 services"},
}

// listen accepts connections on a port of a host until the test ends.
func listen(h *Host, port int) net.Listener {
	h.t.Helper()
	var l net.Listener
	var err error
	h.Do(func() { l, err = net.Listen("tcp", fmt.Sprintf("10.1.0.1:%d", port)) })
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	return l
}

// TestCheckers compares the objects and notifications of the checker process
// with the real keepalived's, and sets a weight.
func TestCheckers(t *testing.T) {
	nstest.Require(t, "ipvs")
	walks, traps := map[string][]string{}, map[string][]string{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for name, program := range map[string]string{"theirs": theirs(t), "ours": ours(t)} {
		h := NewHost(t, "check-"+name)
		server := listen(h, 9001)
		h.StartDaemon(program, checkConf)
		wait.Go(func() {
			h.Await(instance+".4.1", "INTEGER: 2")
			h.Await(realServer+".6.1.2", "INTEGER: 1")
			h.Await(realServer+".13.1.3", "Gauge32: 1")
			walk := h.Walk(ka)

			// Traffic is counted, for the server and for the service.
			const connections = 5
			for range connections {
				h.Do(func() {
					if c, err := net.DialTimeout("tcp", "10.1.0.100:8080", patience); err == nil {
						_ = c.Close()
					} else {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			h.Await(realServer+".14.1.2", fmt.Sprint("Gauge32: ", connections))
			h.Await(realServer+".27.1.2", fmt.Sprint("Counter64: ", connections))
			h.Await(check+".3.1.27.1", fmt.Sprint("Gauge32: ", connections))

			for _, c := range []struct{ name, typ, value, want string }{
				{".7.1.1", "i", "33", "notWritable"}, // the sorry server
				{".7.9.9", "i", "33", "notWritable"},
				{".8.1.2", "u", "1", "notWritable"},
				{".7.1.2", "u", "1", "wrongType"},
				{".7.1.2", "i", "44", "INTEGER: 44"},
				{".7.1.3", "i", "2", "INTEGER: 2"}, // a server that is down
			} {
				if got := h.Set(realServer+c.name, c.typ, c.value); got != c.want {
					t.Errorf("%s: %s %s %s: %s, want %s", name, c.name, c.typ, c.value, got, c.want)
				}
			}
			if name == "ours" {
				if got := h.Set(realServer+".7.1.2", "i", "-1"); got != "wrongValue" {
					t.Errorf("a weight of -1: %s", got)
				}
			}
			h.Await(realServer+".7.1.2", "INTEGER: 44")
			h.Await(realServer+".7.1.3", "INTEGER: 2")
			if out := h.Run("ipvsadm", "-Ln"); !strings.Contains(strings.Join(strings.Fields(out), " "), "10.1.0.1:9001 Masq 44 ") {
				t.Errorf("%s: the table does not have the weight:\n%s", name, out)
			}

			_ = server.Close()
			h.AwaitTrap(check+".5.0.1", check+".4.1.5 = Gauge32: 9001", check+".4.1.6 = INTEGER: 2")
			h.daemon.Signal(syscall.SIGTERM)
			h.AwaitTrap(check+".5.0.2", check+".3.1.6 = Hex-STRING: 20 01", check+".3.1.23 = INTEGER: 3")
			list := h.Traps(check)
			mu.Lock()
			walks[name], traps[name] = walk, list
			mu.Unlock()
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	compareWalks(t, walks["theirs"], walks["ours"], checkExceptions)

	// Whether a server is found up before or after the other is found down is
	// chance; 2.2.7 calls the protocol of a firewall mark udp.
	for name := range traps {
		for i, s := range traps[name] {
			if strings.Contains(s, "K.3.3.1.4 = Gauge32: 7;") {
				s = strings.Replace(s, "K.3.3.1.8 = INTEGER: 2", "K.3.3.1.8 = INTEGER: 4", 1)
			}
			if strings.Contains(s, "K.3.4.1.5 = Gauge32: 9002;") {
				s = strings.Replace(s, "K.3.3.1.21 = Gauge32: 1", "K.3.3.1.21 = Gauge32: 0", 1)
			}
			traps[name][i] = s
		}
		slices.Sort(traps[name])
	}
	if d := cmp.Diff(traps["theirs"], traps["ours"]); d != "" {
		t.Error("notifications, -keepalived +ours:\n" + d)
	}
}
