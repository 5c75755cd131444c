//go:build linux

package snmp

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// Objects that tests ask for.
const (
	ka           = ".1.3.6.1.4.1.9586.100.5"
	instance     = ka + ".2.3.1"
	instanceTrap = ka + ".2.10.0.2"
)

const vrrpConf = `global_defs {
	router_id R1
	enable_snmp_vrrp
	enable_snmp_rfc
	enable_traps
	snmp_socket unix:DIR/agentx
	notification_email {
		a@example.com
		b@example.com
	}
	smtp_server 192.0.2.25
	notification_email_from k@example.com
	smtp_alert_vrrp off
	script_user root
	vrrp_garp_master_delay 3
}

vrrp_script chk {
	script "/usr/bin/true 'a b' c"
	interval 2
	weight 5
	rise 2
	fall 3
}

vrrp_script bad {
	script "/usr/bin/false"
	interval 1
	weight -5 reverse
}

track_file tf {
	file DIR/tracked
	weight 2
}

vrrp_track_process tp {
	process no-such-program 100 200
	weight 3
	quorum 2
	quorum_max 4
	fork_delay 2
}

bfd_instance B1 {
	neighbor_ip 10.1.0.9
	source_ip 10.1.0.1
	weight -7
}

vrrp_sync_group G1 {
	group {
		VI_1
		VI_2
	}
	notify_master "/usr/bin/true gm"
	notify "/usr/bin/true g"
	smtp_alert
	track_script {
		chk
	}
}

vrrp_instance VI_1 {
	state MASTER
	interface v0
	virtual_router_id 51
	priority 200
	authentication {
		auth_type PASS
		auth_pass secret
	}
	notify_master "/usr/bin/true m"
	notify "/usr/bin/true n"
	notify_stop "/usr/bin/true s"
	virtual_ipaddress {
		10.1.0.100/24 dev v0 label v0:1
		10.1.0.101/24 brd 10.1.0.255
	}
	virtual_ipaddress_excluded {
		10.1.0.102
	}
	virtual_routes {
		10.9.0.0/24 via 10.1.0.2 dev v0 metric 10 table 100
		10.10.0.0/16 nexthop via 10.1.0.2 dev v0 weight 2 nexthop via 10.1.0.3 dev v0
		blackhole 10.11.0.0/16
		10.12.0.0/16 dev v0 mtu 1400 src 10.1.0.1 advmss 1000 rtt 300ms initcwnd 10 features ecn
	}
	virtual_rules {
		from 10.2.0.0/16 table 100 priority 1000
		to 10.3.0.0/16 fwmark 7/255 iif v0 lookup 200 tos 4
		from all table 300
		from 10.2.0.0/16 blackhole priority 2000
	}
}

vrrp_instance VI_2 {
	interface v1
	virtual_router_id 52
	version 3
	nopreempt
	advert_int 0.5
	no_accept
	virtual_ipaddress {
		10.2.0.100/24
	}
}

vrrp_instance VI_6 {
	interface v2
	virtual_router_id 66
	priority 90
	notify_deleted
	notify_master_rx_lower_pri "/usr/bin/true rx"
	preempt_delay 7
	track_interface {
		v0 weight 4 reverse
		v1 weight 5
	}
	track_file {
		tf
	}
	track_process {
		tp
	}
	track_bfd {
		B1
	}
	track_script {
		chk weight 7
		bad
	}
	virtual_ipaddress {
		fe80::66
		2001:db8::66/64
	}
}

vrrp_instance VI_U {
	interface v2
	virtual_router_id 5
	version 3
	unicast_src_ip 10.3.0.1
	unicast_peer {
		10.3.0.9
	}
	dont_track_primary
	virtual_ipaddress {
		10.3.0.200
	}
}

vrrp_instance VI_V {
	interface v2
	virtual_router_id 77
	version 3
	use_vmac
	virtual_ipaddress {
		10.3.0.77/24
		10.3.0.78/24 dev v0
	}
}
`

// vrrpExceptions are the differences from keepalived 2.2.7 that are meant.
var vrrpExceptions = []exception{
	{`K\.1\.1\.0`, `STRING: "Keepalived v2\.2\.7.*`, `STRING: "Keepalived v2\.4\.3.*`, "the version"},
	{`K\.1\.12\.0`, ``, `INTEGER: 2`, "came after 2.2.7"},
	{`K\.2\.3\.1\.36\.\d`, ``, `INTEGER: 2`, "came after 2.2.7"},
	{`K\.2\.9\.1\.10\.\d`, ``, `STRING: "/.*"`, "came after 2.2.7"},
	{`K\.2\.9\.1\.1[12]\.\d`, ``, `Gauge32: \d+`, "came after 2.2.7"},
	{`K\.2\.3\.1\.11\.\d`, `INTEGER: [12]`, `INTEGER: [12]`, "2.2.7 has tracked and notTracked the wrong way round"},
	{`K\.2\.3\.1\.27\.\d`, `INTEGER: 0`, `INTEGER: 1`, "2.2.7 says 0 for version 2, which the MIB does not have"},
	{`K\.2\.6\.1\.11\.\d\.\d`, `INTEGER: 2`, `INTEGER: 1`, "2.2.7 calls the addresses of all instances but the first not advertised"},
	{`K\.2\.8\.1\.([2-5]|12|13|14)\.1\.3`, `.+`, ``, "\"from all\" is shown like a rule without a selector"},
	{`K\.2\.7\.1\.25\.1\.4`, ``, `Gauge32: 1000`, "2.2.7 leaves advmss out"},
	{`68\.1\.3\.1\.7\.\d+\.51`, `IpAddress: 0\.0\.0\.0`, `IpAddress: 10\.1\.0\.1`, "2.2.7 names no master when it is the master itself"},
	{`68\.1\.3\.1\.13\.\d+\.51`, anyTime, anyTime, "a moment"},
	{`207\.1\.1\.1\.1\.12\..*`, anyTime, anyTime, "a duration"},
}

// TestWalk compares all objects of the vrrp process with the real keepalived's.
func TestWalk(t *testing.T) {
	t.Parallel()
	var wait sync.WaitGroup
	walks := map[string][]string{}
	var mu sync.Mutex
	programs := map[string]string{"theirs": theirs(t), "ours": ours(t)}
	for name, program := range programs {
		h := NewHost(t, "walk-"+name)
		h.write("tracked", "3\n")
		h.StartDaemon(program, vrrpConf)
		wait.Go(func() {
			for i := 1; i <= 5; i++ {
				h.Await(fmt.Sprintf("%s.4.%d", instance, i), "INTEGER: 2")
			}
			h.Await(ka+".2.9.1.6.1", "INTEGER: 3")
			h.Await(ka+".2.9.1.6.2", "INTEGER: 2")
			h.Await(instance+".8.3", "INTEGER: 102")
			lines := slices.Concat(h.Walk(ka), h.Walk(".1.3.6.1.2.1.68"), h.Walk(".1.3.6.1.2.1.207"))
			mu.Lock()
			walks[name] = lines
			mu.Unlock()
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	compareWalks(t, walks["theirs"], walks["ours"], vrrpExceptions)
}

const smallConf = `global_defs {
	router_id R1
	enable_snmp_vrrp
	enable_snmp_rfc
	enable_traps
	snmp_socket unix:DIR/agentx
}

vrrp_sync_group G {
	group {
		VI_1
	}
}

vrrp_instance VI_1 {
	state MASTER
	interface v0
	virtual_router_id 51
	priority 200
	advert_int 1
	virtual_ipaddress {
		10.1.0.100/24
	}
}
`

// TestSet tries every object of the vrrp process that can be written.
func TestSet(t *testing.T) {
	t.Parallel()
	h := NewHost(t, "set")
	h.StartDaemon(ours(t), smallConf)
	h.Await(instance+".4.1", "INTEGER: 2")
	for _, c := range []struct{ name, typ, value, want string }{
		{instance + ".7.1", "i", "0", "wrongValue"},
		{instance + ".7.1", "i", "255", "wrongValue"},
		{instance + ".7.1", "i", "300", "wrongValue"},
		{instance + ".7.1", "i", "-1", "wrongValue"},
		{instance + ".7.1", "u", "100", "wrongType"},
		{instance + ".7.1", "s", "x", "wrongType"},
		{instance + ".7.2", "i", "100", "notWritable"},
		{instance + ".13.1", "i", "3", "wrongValue"},
		{instance + ".27.1", "i", "0", "wrongValue"},
		{instance + ".8.1", "i", "1", "notWritable"},
		{instance + ".28.1", "i", "1", "notWritable"},
		{instance + ".29.1", "i", "1", "notWritable"},
		{instance + ".33.1", "i", "1", "notWritable"},
		{".1.3.6.1.2.1.68.1.2.0", "i", "2", "notWritable"},
		{fmt.Sprintf(".1.3.6.1.2.1.68.1.3.1.5.%d.51", h.index("v0")), "i", "5", "notWritable"},
		{fmt.Sprintf(".1.3.6.1.2.1.207.1.1.1.1.7.%d.51.1", h.index("v0")), "u", "5", "notWritable"},
		{instance + ".7.1", "i", "150", "INTEGER: 150"},
		{instance + ".13.1", "i", "2", "INTEGER: 2"},
		{instance + ".13.1", "i", "1", "INTEGER: 1"},
		{instance + ".13.1", "i", "2", "INTEGER: 2"},
		{instance + ".27.1", "i", "2", "INTEGER: 2"},
	} {
		if got := h.Set(c.name, c.typ, c.value); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.name, c.typ, c.value, got, c.want)
		}
	}
	// Of two objects at once both are changed or none.
	if out, err := h.Try("snmpset", "-v2c", "-cpublic", "-m", "", "127.0.0.1:1161", instance+".7.1", "i", "99", instance+".13.1", "i", "3"); err == nil {
		t.Errorf("a half wrong Set passes: %s", out)
	}
	// What was set is there at once, and in force.
	for name, want := range map[string]string{".7.1": "INTEGER: 150", ".8.1": "INTEGER: 150", ".13.1": "INTEGER: 2", ".27.1": "INTEGER: 2"} {
		if got := h.answer(instance + name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, line := range []string{"(VI_1) base priority changed from 200 to 150 via SNMP.", "(VI_1) preemption disabled with SNMP", "(VI_1) preemption enabled with SNMP"} {
		h.daemon.WaitOutput(line, patience)
	}
	// A reload brings the configuration back.
	h.daemon.Signal(syscall.SIGHUP)
	for name, want := range map[string]string{".7.1": "INTEGER: 200", ".8.1": "INTEGER: 200", ".13.1": "INTEGER: 1", ".27.1": "INTEGER: 1"} {
		h.Await(instance+name, want)
	}
}

// TestTraps compares the notifications of a start, a failover and a stop with
// keepalived's, variables included.
func TestTraps(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for name, program := range map[string]string{"theirs": theirs(t), "ours": ours(t)} {
		h := NewHost(t, "traps-"+name)
		h.StartDaemon(program, smallConf)
		wait.Go(func() {
			h.AwaitTrap(".1.3.6.1.2.1.207.0.1")
			h.AwaitTrap(ka+".2.10.0.1", ka+".2.1.1.3 = INTEGER: 2")
			h.Down("v0")
			h.AwaitTrap(ka+".2.10.0.1", ka+".2.1.1.3 = INTEGER: 3")
			h.Up("v0")
			nstest.Eventually(h.t, patience, "master again", func() (bool, string) {
				return len(h.Traps(".1.3.6.1.2.1.207.0.1")) == 2, h.daemon.Output()
			})
			h.AwaitTrap(ka+".2.10.0.1", ka+".2.1.1.3 = INTEGER: 2")
			h.daemon.Signal(syscall.SIGTERM)
			h.AwaitTrap(ka+".2.10.0.1", ka+".2.1.1.3 = INTEGER: 5")
			lines := h.Traps(".1.3.6.1")
			for i := range lines {
				// The namespace has interfaces of its own numbers.
				lines[i] = strings.NewReplacer(fmt.Sprintf(".%d.51", h.index("v0")), ".IF.51").Replace(lines[i])
			}
			mu.Lock()
			got[name] = lines
			mu.Unlock()
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	if d := cmp.Diff(got["theirs"], got["ours"]); d != "" {
		t.Error("-keepalived +ours:\n" + d)
	}
}

// TestMasterRestarts: snmpd is killed and started, and stopped for a while;
// VRRP goes on, and the session comes back.
func TestMasterRestarts(t *testing.T) {
	t.Parallel()
	h := NewHost(t, "restart")
	h.StartDaemon(ours(t), strings.Replace(smallConf, "virtual_router_id 51", "virtual_router_id 51\n\tversion 3", 1))
	h.Await(instance+".4.1", "INTEGER: 2")

	h.master.Signal(syscall.SIGKILL)
	_ = h.master.Wait(patience)
	h.daemon.WaitOutput("AgentX master disconnected us, reconnecting in", patience)
	h.Down("v0") // to fault while nobody listens
	h.daemon.WaitOutput("Entering FAULT STATE", patience)
	h.StartMaster()
	h.Await(instance+".4.1", "INTEGER: 3")
	h.AwaitTrap(instanceTrap, ka+".2.3.1.4 = INTEGER: 3")
	h.Up("v0")
	h.Await(instance+".4.1", "INTEGER: 2")

	// A master that hangs: adverts go on in their time.
	seen := h.Capture("v1")
	h.master.Signal(syscall.SIGSTOP)
	h.Down("v2") // something to tell
	from := 0
	last := time.Time{}
	for range 5 {
		f, next := seen.Wait(from, patience, "an advert", func(f nstest.Frame) bool {
			b, ok := f.IPv4()
			return ok && len(b) > 9 && b[9] == 112
		})
		if gap := f.Time.Sub(last); !last.IsZero() && gap > 2500*time.Millisecond {
			t.Errorf("%v between two adverts of a second", gap)
		}
		last, from = f.Time, next
	}
	h.Down("v0")
	h.Up("v0")
	h.daemon.WaitOutput("the master agent does not answer", patience)
	h.master.Signal(syscall.SIGCONT)
	h.Await(instance+".4.1", "INTEGER: 2")
}

// TestReload: SNMP is switched on, changed and off by reloads.
func TestReload(t *testing.T) {
	t.Parallel()
	h := NewHost(t, "reload")
	off := strings.NewReplacer("enable_snmp_vrrp\n", "\n", "enable_snmp_rfc\n", "\n").Replace(smallConf)
	h.StartDaemon(ours(t), off)
	h.daemon.WaitOutput("Entering MASTER STATE", patience)
	if out := h.daemon.Output(); strings.Contains(out, "SNMP") {
		t.Errorf("SNMP is mentioned though it is off:\n%s", out)
	}
	if got := h.answer(instance + ".4.1"); !strings.HasPrefix(got, "No Such") {
		t.Errorf("without SNMP the state is %q", got)
	}
	h.write("keepalived.conf", smallConf)
	h.daemon.Signal(syscall.SIGHUP)
	h.Await(instance+".4.1", "INTEGER: 2")
	// Another router instead, and no group.
	other := strings.NewReplacer("VI_1", "VI_2", "51", "52").Replace(smallConf[strings.Index(smallConf, "vrrp_instance"):])
	h.write("keepalived.conf", smallConf[:strings.Index(smallConf, "vrrp_sync_group")]+other)
	h.daemon.Signal(syscall.SIGHUP)
	h.Await(instance+".2.1", `STRING: "VI_2"`)
	h.AwaitTrap(instanceTrap, `STRING: "VI_1"`, ka+".2.3.1.4 = INTEGER: 3") // deleted, told as a fault
	h.write("keepalived.conf", off)
	h.daemon.Signal(syscall.SIGHUP)
	nstest.Eventually(t, patience, "no objects", func() (bool, string) {
		got := h.answer(instance + ".4.1")
		return strings.HasPrefix(got, "No Such"), got
	})
}

// TestCommandLine: -x and -A are enough. Scripts get an empty MIBS.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	h := NewHost(t, "x")
	conf := smallConf[:strings.Index(smallConf, "enable_snmp_vrrp")] + "\tscript_user root\n}\n" +
		strings.Replace(smallConf[strings.Index(smallConf, "vrrp_instance"):], "interface v0", "interface v0\n\tnotify_master DIR/script", 1)
	script := h.write("script", "#!/bin/sh\nenv >DIR/env.new\nmv DIR/env.new DIR/env\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	h.StartDaemon(ours(t), conf, "-x", "-A", "tcp:127.0.0.1:1705")
	h.Await(instance+".4.1", "INTEGER: 2")
	nstest.Eventually(t, patience, "MIBS in the environment of a script", func() (bool, string) {
		env, _ := os.ReadFile(filepath.Join(h.dir, "env"))
		return slices.Contains(strings.Split(string(env), "\n"), "MIBS="), string(env)
	})
	h.Await(".1.3.6.1.2.1.68.1.2.0", "INTEGER: 2") // no enable_traps
	h.Await(".1.3.6.1.2.1.207.1.2.1.0", "Counter64: 0")
	if traps := h.Traps(".1.3.6.1.4.1.9586"); len(traps) > 0 {
		t.Errorf("traps nobody asked for: %v", traps)
	}
}
