package preflight_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/preflight/preflighttest"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// load reads text as keepalived.conf. The text itself must be without
// findings, or these are returned.
func load(t *testing.T, text string) (*config.Config, diag.List) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, _, found := confparse.Load(confparse.OSFiles(), path, confparse.Env{
		HostName: "node1", WorkDir: filepath.Dir(path), Now: time.Unix(0, 0), Test: true,
	})
	return cfg, found
}

// machine has scripts in the states that matter.
func machine() *preflighttest.Machine {
	m := preflighttest.New()
	exe := scripttest.File{Mode: 0o755, Head: "#!/bin/sh\n"}
	m.Add("/bin/sh", scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	m.Add("/usr/bin/true", scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	m.Add("/s/ok", exe)
	m.Add("/s/plain", scripttest.File{Mode: 0o644})
	m.Add("/s/world", scripttest.File{Mode: 0o757, Head: "#!/bin/sh\n"})
	m.Add("/s/bad", scripttest.File{Mode: 0o755, Head: "#!/no/such\n"})
	m.Add("/s/nobang", scripttest.File{Mode: 0o755, Head: "exit\n"})
	m.Add("/run/x", scripttest.File{Mode: 0o644})
	m.Add("/run/link", scripttest.File{Target: "x"})
	m.Add("/proc/x", scripttest.File{Mode: 0o644})
	m.Mounts["/proc"] = "proc"
	return m
}

const (
	security = "global_defs {\n enable_script_security\n script_user root\n}\n"
	noScript = "global_defs {\n script_user root\n}\n"
)

// instance is a vrrp_instance V1 on eth0 with further lines.
func instance(lines string) string {
	return "vrrp_instance V1 {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  10.1.1.9\n }\n" + lines + "}\n"
}

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		conf    string
		machine func(m *preflighttest.Machine)
		// want are the lines as logged, with code and class. exit is that of
		// -t.
		want []string
		exit int
	}{
		"clean": {conf: security + instance(" notify /s/ok\n")},
		"missing interface": {
			conf: "vrrp_instance V1 {\n interface eth00\n virtual_router_id 1\n virtual_ipaddress {\n 10.1.1.9\n }\n}\n",
			want: []string{
				"KA1000 config (Line 2) WARNING - interface eth00 for vrrp_instance V1 doesn't exist | did you mean eth0?",
				"KA1001 fatal Non-existent interface specified in configuration",
			},
			exit: 5,
		},
		"interfaces everywhere": {
			conf: `linkbeat_interfaces {
 no1
}
interface_up_down_delays {
 no2 2 3
}
garp_group {
 garp_interval 1
 interfaces {
  no3
 }
}
static_ipaddress {
 10.7.0.9/24 dev no4
}
static_routes {
 10.7.0.0/24 via 10.1.1.1 dev no5
}
static_rules {
 from 10.0.0.0/8 iif no6 table 100
}
vrrp_instance V1 {
 interface eth0
 virtual_router_id 1
 virtual_ipaddress {
  10.1.1.9/24 dev no7
  10.1.1.10 dev lo
 }
 virtual_ipaddress_excluded {
  10.1.1.11 dev no8
 }
 virtual_routes {
  10.8.0.0/24 via 10.1.1.1 dev no9
 }
 virtual_rules {
  from 10.0.0.0/8 oif no10 table 100
 }
 track_interface {
  no11
 }
}
vrrp_sync_group G {
 group {
  V1
 }
 track_interface {
  no12
 }
}
`,
			want: []string{
				"KA1009 fatal (Line 2) unknown interface no1 specified for linkbeat interface | this machine has lo, eth0",
				"KA1009 fatal (Line 5) unknown interface no2 specified for up/down delay | this machine has lo, eth0",
				"KA1010 config (Line 10) WARNING - interface no3 specified for garp_group doesn't exist | this machine has lo, eth0",
				"KA1005 config (Line 14) WARNING - interface no4 for ip address 10.7.0.9/24 doesn't exist | this machine has lo, eth0",
				"KA1007 config (Line 17) WARNING - interface no5 for VROUTE nexthop doesn't exist | this machine has lo, eth0",
				"KA1008 config (Line 20) WARNING - interface no6 for rule doesn't exist | this machine has lo, eth0",
				"KA1004 config (Line 39) (V1) tracked interface no11 doesn't exist | this machine has lo, eth0",
				"KA1005 config (Line 26) WARNING - interface no7 for ip address 10.1.1.9/24 doesn't exist | this machine has lo, eth0",
				"KA1005 config (Line 30) WARNING - interface no8 for ip address 10.1.1.11 doesn't exist | this machine has lo, eth0",
				"KA1007 config (Line 33) WARNING - interface no9 for VROUTE nexthop doesn't exist | this machine has lo, eth0",
				"KA1008 config (Line 36) WARNING - interface no10 for rule doesn't exist | this machine has lo, eth0",
				"KA1004 config (Line 47) (G) tracked interface no12 doesn't exist | this machine has lo, eth0",
				"KA1001 fatal Non-existent interface specified in configuration",
			},
			exit: 5,
		},
		"only fatal": {
			conf: "interface_up_down_delays {\n no2 2 3\n}\n" + instance(""),
			want: []string{"KA1009 fatal (Line 2) unknown interface no2 specified for up/down delay | this machine has lo, eth0"},
			exit: 4,
		},
		"only fatal, without VRRP": {
			conf: "linkbeat_interfaces {\n no1\n}\n",
			want: []string{"KA1009 fatal (Line 2) unknown interface no1 specified for linkbeat interface | this machine has lo, eth0"},
			exit: 4,
		},
		"interfaces may come": {
			conf: "global_defs {\n dynamic_interfaces\n}\nlinkbeat_interfaces {\n no1\n}\nstatic_ipaddress {\n 10.7.0.9/24 dev no4\n}\n" +
				"vrrp_instance V1 {\n interface no3\n virtual_router_id 1\n virtual_ipaddress {\n 10.1.1.9\n }\n track_interface {\n no2\n }\n}\n",
		},
		"a VMAC of this file": {
			conf: instance(" use_vmac vm1\n") + "vrrp_instance V2 {\n interface vm1\n virtual_router_id 2\n virtual_ipaddress {\n 10.1.1.10\n }\n}\n",
			want: []string{
				"KA1000 config (Line 10) WARNING - interface vm1 for vrrp_instance V2 doesn't exist | vm1 is made by vrrp_instance V1, but not before the file is read",
				"KA1001 fatal Non-existent interface specified in configuration",
			},
			exit: 5,
		},
		"VMAC name taken": {
			conf: instance(" use_vmac eth0\n"),
			want: []string{"KA1011 config (Line 7) (V1) interface eth0 already exists and is not a private macvlan; ignoring vmac if_name"},
			exit: 5,
		},
		"VMAC left from before": {
			conf: instance(" use_vmac vm1\n"),
			machine: func(m *preflighttest.Machine) {
				m.Links = append(m.Links, preflight.Interface{Name: "vm1", PrivateMACVLAN: true})
			},
		},
		"loopback": {
			conf: "vrrp_instance V1 {\n interface lo\n virtual_router_id 1\n virtual_ipaddress {\n 10.1.1.9\n }\n}\n",
			want: []string{
				"KA1002 config (Line 2) (V1) cannot use a loopback interface (lo) for vrrp - ignoring",
				"KA1003 fatal (V1) Unknown interface!",
			},
			exit: 5,
		},
		"static address without interface": {
			conf: "global_defs {\n default_interface no1\n}\nstatic_ipaddress {\n 10.8.8.8/24\n}\n",
			want: []string{
				"KA1006 fatal (Line 5) Static address 10.8.8.8/24 requires either an interface or default interface must exist | this machine has lo, eth0",
				"KA1001 fatal Non-existent interface specified in configuration",
			},
			exit: 4,
		},
		"no multicast": {
			conf: "vrrp_instance V1 {\n interface tun0\n virtual_router_id 1\n virtual_ipaddress {\n 10.1.1.9\n }\n}\n" +
				"vrrp_instance V2 {\n interface tun0\n virtual_router_id 2\n unicast_peer {\n 10.1.1.3\n }\n virtual_ipaddress {\n 10.1.1.10\n }\n}\n",
			machine: func(m *preflighttest.Machine) {
				m.Links = append(m.Links, preflight.Interface{Name: "tun0", Addresses: m.Links[1].Addresses})
			},
			want: []string{"KA1015 config (V1) interface tun0 does not support multicast, specify unicast peers - disabling"},
			exit: 5,
		},
		"address of another net": {
			conf: "vrrp_instance V1 {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  10.1.1.9\n  10.1.2.9\n  192.168.7.1/24 dev lo\n }\n}\n",
			want: []string{"KA1020 own (Line 6) (V1) virtual address 10.1.2.9 is in no subnet of eth0 (10.1.1.0/24)"},
		},
		"no source address": {
			conf: "vrrp_instance V1 {\n interface eth1\n virtual_router_id 1\n virtual_ipaddress {\n 10.1.1.9\n }\n}\n" +
				"vrrp_instance V2 {\n interface eth0\n virtual_router_id 2\n unicast_src_ip 10.1.1.77\n unicast_peer {\n 10.1.1.3\n }\n virtual_ipaddress {\n 10.1.1.10\n }\n}\n",
			machine: func(m *preflighttest.Machine) {
				m.Links = append(m.Links, preflight.Interface{Name: "eth1", Multicast: true})
			},
			want: []string{
				"KA1021 own (Line 2) (V1) interface eth1 has no IPv4 address to send from",
				"KA1022 own (Line 11) (V2) no interface has the source address 10.1.1.77 | it must be an address of this node",
			},
		},
		"interfaces cannot be listed": {
			conf:    instance(""),
			machine: func(m *preflighttest.Machine) { m.LinkError = errors.New("no netlink here") },
			want:    []string{"KA1014 own interfaces were not checked: no netlink here"},
		},
		"checker's interface": {
			conf: "virtual_server 10.1.1.9 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 10.1.1.3 80 {\n  TCP_CHECK {\n   bind_if eth9\n  }\n }\n}\n",
			want: []string{"KA1012 own (Line 7) interface eth9 for TCP_CHECK of [10.1.1.3]:tcp:80 doesn't exist | did you mean eth0?"},
		},
		"sync daemon's interface": {
			conf: "global_defs {\n lvs_sync_daemon no1 V1\n}\n" + instance(""),
			want: []string{"KA1013 own (Line 2) interface no1 of lvs_sync_daemon doesn't exist | this machine has lo, eth0"},
		},

		"track scripts": {
			conf: security + `vrrp_script ok {
 script /s/ok
}
vrrp_script gone {
 script "/no/such a b"
}
vrrp_script plain {
 script /s/plain
}
vrrp_script world {
 script /s/world
}
vrrp_script folder {
 script /s
}
vrrp_script bare {
 script "true x"
}
vrrp_script bareuser {
 script "true x"
 user nobody
}
vrrp_script bad {
 script /s/bad
}
vrrp_script nobang {
 script /s/nobang
}
vrrp_script file {
 script </no/such
}
` + instance(" track_script {\n ok\n gone\n plain\n world\n folder\n bare\n bareuser\n bad\n nobang\n file\n }\n"),
			want: []string{
				"KA1053 log Script /no/such cannot be accessed - No such file or directory",
				"KA1051 config Disabling track script gone since not found/accessible",
				"KA1054 log WARNING - script '/s/plain' is not executable for uid:gid 0:0 - disabling. | chmod +x /s/plain",
				"KA1051 config Disabling track script plain since not found/accessible",
				"KA1056 log Unsafe permissions found for script '/s/world' - disabling. | make root the owner of /s/world and let nobody else write to it, or run the script as another user",
				"KA1051 config Disabling track script world due to insecure",
				"KA1055 log Wrong file type found in script path '/s'.",
				"KA1051 config Disabling track script folder due to insecure",
				"KA1057 log WARNING - script `true` resolved by path search to `/usr/bin/true`. Please specify full path. | write /usr/bin/true",
				"KA1053 log Permissions failure for script true in path - disabling | write the full path of true",
				"KA1051 config Disabling track script bareuser since not found/accessible",
				"KA1059 own Script /s/bad cannot be executed - its interpreter /no/such does not exist | install /no/such or mend the first line of /s/bad",
				"KA1058 log Please add a #! shebang to script /s/nobang",
			},
			exit: 5,
		},
		"without security": {
			conf: noScript + "vrrp_script world {\n script /s/world\n}\n" + instance(" track_script {\n world\n }\n"),
			want: []string{
				"KA1056 log Unsafe permissions found for script '/s/world'. | make root the owner of /s/world and let nobody else write to it, or run the script as another user",
				"KA1050 security SECURITY VIOLATION - scripts are being executed but script_security not enabled. There are insecure scripts. | add enable_script_security to global_defs, and script_user with an ordinary user where that will do",
			},
			exit: 6,
		},
		"only a file test": {
			conf: noScript + "vrrp_script f {\n script </etc/passwd\n}\n" + instance(" track_script {\n f\n }\n"),
		},
		"missing scripts are no violation": {
			conf: noScript + instance(" notify /no/such\n"),
			want: []string{"KA1053 log Script /no/such cannot be accessed - No such file or directory"},
		},
		"violation of each process": {
			conf: "global_defs {\n script_user root\n startup_script /s/ok\n}\n" + instance(" notify_master /s/ok\n") +
				"virtual_server 10.1.1.9 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n quorum_up /s/ok\n real_server 10.1.1.3 80 {\n }\n}\n",
			want: []string{
				"KA1050 security SECURITY VIOLATION - start/shutdown scripts are being executed but script_security not enabled. | add enable_script_security to global_defs, and script_user with an ordinary user where that will do",
				"KA1050 security SECURITY VIOLATION - check scripts are being executed but script_security not enabled. | add enable_script_security to global_defs, and script_user with an ordinary user where that will do",
				"KA1050 security SECURITY VIOLATION - scripts are being executed but script_security not enabled. | add enable_script_security to global_defs, and script_user with an ordinary user where that will do",
			},
			exit: 6,
		},
		"no instance, no violation": {conf: noScript + "vrrp_script x {\n script /s/ok\n}\nstatic_ipaddress {\n 10.1.1.9/24\n}\n"},
		"unknown users": {
			conf: `global_defs {
 enable_script_security
 script_user root
 notify_fifo /run/f1 whoever
 vrrp_notify_fifo /run/f2
 vrrp_notify_fifo_script /s/ok whoever
 shutdown_script /s/ok whoever
}
vrrp_script s {
 script "/s/ok a"
 user root whoever
}
` + instance(" track_script {\n s\n }\n notify \"/s/ok n\" whoever\n") + `virtual_server 10.1.1.9 80 {
 lb_algo rr
 lb_kind NAT
 protocol TCP
 real_server 10.1.1.3 80 {
  MISC_CHECK {
   misc_path "/s/ok m"
   user whoever
  }
 }
}
`,
			want: []string{
				"KA1060 config (Line 7) Invalid shutdown script | create the account, or name another one",
				"KA1060 log Invalid user/group for fifo /run/f1 - ignoring",
				"KA1060 config (Line 31) Failed to set uid/gid for misc checker script '/s/ok' 'm' - removing | create the account, or name another one",
				"KA1060 log Invalid user/group for vrrp_notify_fifo script /s/ok - ignoring | create the account, or name another one",
				"KA1060 config (Line 11) Unable to set uid/gid for script '/s/ok' 'a' | create the account, or name another one",
				"KA1062 config (Line 20) (V1) track script s not found, ignoring...",
				"KA1060 log Invalid user/group for notify script /s/ok - ignoring | create the account, or name another one",
			},
			exit: 5,
		},
		"no default user": {
			conf: "global_defs {\n enable_script_security\n}\nvrrp_script s {\n script /s/ok\n}\n" +
				instance(" track_script {\n s\n }\n notify /s/ok\n"),
			want: []string{
				"KA1061 config (Line 6) Unable to set default user keepalived_script for script | create the user keepalived_script or set script_user",
				"KA1061 config (Line 6) Unable to set default user for vrrp script s - removing | create the user keepalived_script or set script_user",
				"KA1062 config (Line 14) (V1) track script s not found, ignoring...",
				"KA1061 log Failed to set default user for notify script /s/ok - ignoring | create the user keepalived_script or set script_user",
			},
			exit: 5,
		},
		"unknown script_user": {
			conf: "global_defs {\n script_user whoever\n}\n" + instance(" notify /s/ok\n"),
			want: []string{
				"KA1061 config (Line 2) Error setting global script uid/gid | create the account, or name another one",
				"KA1061 log Failed to set default user for notify script /s/ok - ignoring",
			},
			exit: 5,
		},
		"MISC_CHECK": {
			conf: security + "virtual_server 10.1.1.9 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 10.1.1.3 80 {\n  MISC_CHECK {\n   misc_path \"/no/such a\"\n  }\n }\n}\n",
			want: []string{
				"KA1053 log Script /no/such cannot be accessed - No such file or directory",
				"KA1052 log Disabling misc script '/no/such' 'a' since not found/accessible",
			},
		},
		"FIFOs": {
			conf: "global_defs {\n vrrp_notify_fifo /run/x\n notify_fifo /run/link\n lvs_notify_fifo /run/x\n}\n" + instance(""),
			want: []string{
				"KA1070 log Unable to open notify fifo /run/link - errno 40 | remove /run/link or make it a FIFO of the right owner",
				"KA1070 log vrrp_notify fifo /run/x is not a fifo we own - not using | remove /run/x or make it a FIFO of the right owner",
			},
		},
		"track files": {
			conf: "track_file a {\n file /run/x\n}\ntrack_file b {\n file /no/such/x\n}\ntrack_file c {\n file /proc/x\n}\n" +
				instance(" track_file {\n a\n b\n c\n }\n"),
			want: []string{
				"KA1071 log Track file directory for b does not exist - removing",
				"KA1072 own (Line 8) track file c: /proc/x is on a file system (proc) that does not report changes | put it below /run",
			},
		},
		"processors": {
			conf: "global_defs {\n vrrp_cpu_affinity 0 1\n checker_cpu_affinity 1 2\n}\n",
			want: []string{"KA1076 config (Line 3) Invalid cpu_id:2 specified for checker process"},
			exit: diag.ExitConfig,
		},
		"names of routes and rules": {
			conf: "static_routes {\n 198.51.100.0/24 dev eth0 table main scope link\n 198.51.100.0/24 dev eth0 realms 5/red\n 198.51.100.0/24 dev eth0 vrf eth0\n 198.51.100.0/24 dev eth0 vrf blue\n 198.51.100.0/24 dev eth0 vrf red\n}\n" +
				"static_rules {\n table main preference 5\n table blue preference 6\n}\n",
			machine: func(m *preflighttest.Machine) { m.Links = append(m.Links, preflight.Interface{Name: "red", VRF: true}) },
			want: []string{
				"KA1016 config (Line 3) Invalid realms 5/red for route | write the number, or add the name to iproute2's tables (/etc/iproute2)",
				"KA1017 config (Line 4) Route specified VRF eth0 is not a VRF",
				"KA1017 config (Line 5) VRF blue not found for route | this machine has lo, eth0, red",
				"KA1016 config (Line 10) Routing table blue not found for rule | write the number, or add the name to iproute2's tables (/etc/iproute2)",
			},
			exit: diag.ExitConfig,
		},
		"user of a script without an instance": {
			conf: noScript + "vrrp_script s {\n script /s/ok\n user nosuch\n}\n",
			want: []string{"KA1060 config (Line 6) Unable to set uid/gid for script '/s/ok' | create the account, or name another one"},
			exit: diag.ExitConfig,
		},
		"folder for copies": {
			conf: "global_defs {\n config_save_dir /no/such\n}\n",
			want: []string{"KA1077 config (Line 2) Unable to create config_save_dir /no/such (error 2 - No such file or directory)"},
			exit: diag.ExitConfig,
		},
		"mail server": {
			conf: "global_defs {\n smtp_server mail.example 2525\n notification_email {\n  a@b.example\n }\n notification_email_from c@b.example\n}\n",
			want: []string{"KA1075 config (Line 2) Invalid smtp server mail.example 2525 | mend the name, or write the address"},
			exit: diag.ExitConfig,
		},
		"mail server found": {
			conf:    "global_defs {\n smtp_server mail.example\n notification_email {\n  a@b.example\n }\n notification_email_from c@b.example\n}\n",
			machine: func(m *preflighttest.Machine) { m.Hosts = map[string]bool{"mail.example": true} },
		},
		"namespaces": {
			conf: "net_namespace blue\nnet_namespace_ipvs green\n" + instance(""),
			want: []string{
				"KA1074 own network namespace blue doesn't exist | ip netns add blue",
				"KA1074 own network namespace green doesn't exist | ip netns add green",
			},
		},
		"FIFO script without instance": {
			conf: noScript + "global_defs {\n notify_fifo /run/f\n notify_fifo_script /s/ok\n}\nstatic_ipaddress {\n 10.1.1.9/24 dev eth0\n}\n",
		},
		"track_process in a namespace": {
			conf:    "net_namespace blue\nvrrp_track_process p {\n process httpd\n}\n" + instance(" track_process {\n p\n }\n"),
			machine: func(m *preflighttest.Machine) { m.Add("/run/netns/blue", scripttest.File{}) },
			want:    []string{"KA1073 own (Line 2) the kernel reports no process events inside network namespace blue"},
		},
	}
	classes := map[diag.Class]string{
		diag.ClassOwn: "own", diag.ClassLog: "log", diag.ClassConfig: "config", diag.ClassFatal: "fatal", diag.ClassSecurity: "security",
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, found := load(t, test.conf)
			for _, d := range found {
				if d.Severity == diag.Error {
					t.Errorf("the text itself: %s", diag.LogLine(d, "", nil))
				}
			}
			m := machine()
			if test.machine != nil {
				test.machine(m)
			}
			list := preflight.Check(cfg, m)
			var got []string
			for _, d := range list {
				line := d.Code + " " + classes[d.Class] + " " + diag.LogLine(d, d.Subject.File, nil)
				if d.Hint != "" {
					line += " | " + d.Hint
				}
				got = append(got, line)
				if !d.Machine {
					t.Errorf("%s is not marked as a fact of the machine", line)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if exit := list.ExitCode(); exit != test.exit {
				t.Errorf("exit status %d, want %d", exit, test.exit)
			}
		})
	}
}

// What cannot run is taken out of the copy, and only out of it.
func TestApply(t *testing.T) {
	conf := `global_defs {
 enable_script_security
 script_user root
 notify_fifo /run/f1 whoever
 notify_fifo_script /s/ok
 vrrp_notify_fifo /run/f2
 vrrp_notify_fifo_script /no/such
 startup_script /no/such
}
vrrp_script good {
 script /s/ok
}
vrrp_script gone {
 script /no/such
}
` + instance(" track_script {\n good\n gone\n }\n notify_master /s/ok\n notify_backup /no/such\n") + `vrrp_sync_group G {
 group {
  V1
 }
 track_script {
  gone
 }
 notify /no/such
}
virtual_server 10.1.1.9 80 {
 lb_algo rr
 lb_kind NAT
 protocol TCP
 quorum_up /no/such
 quorum_down /s/ok
 real_server 10.1.1.3 80 {
  notify_up /no/such
  notify_down /s/ok
  MISC_CHECK {
   misc_path /no/such
  }
  MISC_CHECK {
   misc_path /s/ok
  }
 }
}
`
	cfg, _ := load(t, conf)
	before := describe(cfg)
	for part, want := range map[preflight.Part]string{
		preflight.All: "startup=- fifo=-:- vrrp=/run/f2:- scripts=good V1:good master=/s/ok backup=- G: any=- " +
			"up=- down=/s/ok rs-up=- rs-down=/s/ok misc=/s/ok",
		preflight.Parent: "startup=- fifo=/run/f1:/s/ok vrrp=/run/f2:/no/such scripts=good,gone V1:good,gone master=/s/ok backup=/no/such G:gone any=/no/such " +
			"up=/no/such down=/s/ok rs-up=/no/such rs-down=/s/ok misc=/no/such,/s/ok",
		preflight.VRRP: "startup=/no/such fifo=/run/f1:/s/ok vrrp=/run/f2:- scripts=good V1:good master=/s/ok backup=- G: any=- " +
			"up=/no/such down=/s/ok rs-up=/no/such rs-down=/s/ok misc=/no/such,/s/ok",
		preflight.Checkers: "startup=/no/such fifo=-:- vrrp=/run/f2:/no/such scripts=good,gone V1:good,gone master=/s/ok backup=/no/such G:gone any=/no/such " +
			"up=- down=/s/ok rs-up=- rs-down=/s/ok misc=/s/ok",
	} {
		got, findings := preflight.Apply(cfg, machine(), part)
		if diff := cmp.Diff(want, describe(got)); diff != "" {
			t.Errorf("part %d (-want +got):\n%s", part, diff)
		}
		if len(findings) == 0 {
			t.Errorf("part %d has no findings", part)
		}
		if after := describe(cfg); after != before {
			t.Fatalf("part %d changed its argument:\n%s\nfrom\n%s", part, after, before)
		}
	}
}

// describe is what Apply may change.
func describe(cfg *config.Config) string {
	name := func(s *config.Script) string {
		if s == nil {
			return "-"
		}
		return s.Args[0]
	}
	tracks := func(list []config.Track) string {
		var names []string
		for _, t := range list {
			names = append(names, t.Name)
		}
		return strings.Join(names, ",")
	}
	path := func(f config.FIFO) string {
		if f.Path == "" {
			return "-:" + name(f.Script)
		}
		return f.Path + ":" + name(f.Script)
	}
	var scripts, misc []string
	for _, s := range cfg.Scripts {
		scripts = append(scripts, s.Name)
	}
	g, v, s, vs := &cfg.Global, cfg.Instances[0], cfg.SyncGroups[0], cfg.VirtualServers[0]
	rs := vs.RealServers[0]
	for _, k := range rs.Checkers {
		misc = append(misc, name(&k.Misc.Script))
	}
	return fmt.Sprintf("startup=%s fifo=%s vrrp=%s scripts=%s V1:%s master=%s backup=%s G:%s any=%s up=%s down=%s rs-up=%s rs-down=%s misc=%s",
		name(g.StartupScript), path(g.NotifyFIFO), path(g.VRRPNotifyFIFO), strings.Join(scripts, ","),
		tracks(v.TrackScripts), name(v.Notify.Master), name(v.Notify.Backup), tracks(s.TrackScripts), name(s.Notify.Any),
		name(vs.QuorumUp), name(vs.QuorumDown), name(rs.NotifyUp), name(rs.NotifyDown), strings.Join(misc, ","))
}

// Every code is explained, once, and used.
func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range preflight.Codes() {
		if seen[c.Code] || c.Code < "KA1000" || c.Code > "KA1199" || c.Title == "" || c.Meaning == "" || c.Mend == "" {
			t.Errorf("code %+v", c)
		}
		seen[c.Code] = true
	}
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		if _, code, found := strings.Cut(line, `= "KA`); found && !seen["KA"+strings.TrimSpace(code)[:4]] {
			t.Errorf("not explained: %s", line)
		}
	}
}

// The real machine answers without privilege, and knows itself.
func TestHost(t *testing.T) {
	var m preflight.Machine = preflight.Host{}
	list, err := m.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	loopback := false
	for _, i := range list {
		loopback = loopback || i.Name == "lo" && i.Loopback
	}
	if !loopback {
		t.Errorf("no loopback interface in %+v", list)
	}
	if name, _, err := m.FileSystem("/proc"); err != nil || name != "proc" {
		t.Errorf("/proc is on %q, %v", name, err)
	}
	if _, _, err := m.FileSystem("/no/such"); err == nil {
		t.Error("/no/such has a file system")
	}
	if self := m.Self(); int(self.UID) != os.Geteuid() {
		t.Errorf("we are %+v", self)
	}
}

// Routes and rules with names that this machine lacks are left out of what
// runs, also those of instances; the configuration itself keeps them.
func TestApplyDropsUnknownNames(t *testing.T) {
	const lines = " virtual_routes {\n  198.51.100.0/24 dev eth0 table nosuch\n  198.51.100.0/24 dev eth0 table main\n }\n" +
		" virtual_rules {\n  table nosuch preference 5\n  table main preference 6\n }\n"
	cfg, _ := load(t, instance(lines))
	can, _ := preflight.Apply(cfg, machine(), preflight.VRRP)
	for _, tt := range []struct {
		name          string
		of            *config.VRRPInstance
		routes, rules int
	}{{"Apply", can.Instances[0], 1, 1}, {"the configuration", cfg.Instances[0], 2, 2}} {
		if len(tt.of.Routes) != tt.routes || len(tt.of.Rules) != tt.rules {
			t.Errorf("%s has %d routes and %d rules, want %d and %d", tt.name, len(tt.of.Routes), len(tt.of.Rules), tt.routes, tt.rules)
		}
	}
}
