package e2e

// recorder is the script of every keyword in the story of TestWatched: it
// writes what it was given and what it is. Its name of a call is its process
// id, so that the order of the names is the order in which they were started.
const recorder = `#!/bin/sh
mask=$(umask)
umask 0
call=/run/w/calls/$$
(ls -l /proc/$$/fd >$call.fds)
{
echo "argv $(tr '\0' '|' </proc/$$/cmdline)"
# The shell adds PWD, OLDPWD and _ to its own environment, not to this file.
tr '\0' '\n' </proc/$$/environ | sort | sed 's/^/env /'
# Of a child: the shell blocks signals itself now and then.
sed -n 's/^\(Uid\|Gid\|Groups\|NoNewPrivs\|SigBlk\|SigIgn\|CapEff\|CapBnd\|Cpus_allowed\|Seccomp\):\s*/\1 /p' /proc/self/status
set -- $(sed 's/.*) //' /proc/$$/stat)
parent=other
for name in vrrp checkers keepalived; do
	[ "$2" = "$(cat /run/$name.pid 2>/dev/null)" ] && parent=$name
done
echo "parent $parent, own group $([ $3 = $$ ] && echo yes), session of the daemon $([ $4 = "$(sed 's/.*) //' /proc/$2/stat | cut -d' ' -f4)" ] && echo yes)"
shift 16
echo "nice $1"; shift 22
echo "policy $1"
sed 's/  */ /g; s/^/limit /' /proc/$$/limits
echo "oom $(cat /proc/$$/oom_score_adj), cwd $(readlink /proc/$$/cwd), umask $mask"
sed -n 's/.* \([0-9]* -> .*\)/fd \1/p' $call.fds | sed 's/\[[0-9]*\]/[N]/' | grep -v /etc/keepalived/
} >$call.part 2>&1
rm $call.fds
mv $call.part $call
`

// fifoScript records its call, then passes on what comes through the FIFO.
const fifoScript = `#!/bin/sh
/etc/keepalived/rec "$@"
for fifo; do :; done
umask 0
exec cat "$fifo" >/run/w/fifo/$$
`

// accounts stands for /etc/passwd and /etc/group of the machine.
const (
	watchedPasswd = `root:x:0:0:root:/root:/bin/sh
kauser:x:1234:1234::/home/kauser:/bin/sh
other:x:1300:1300::/:/bin/sh
`
	watchedGroup = `root:x:0:
kagroup:x:1234:
extra:x:2345:kauser
other:x:1300:
`
)

// watchedGlobals are the global settings; the FIFO all.fifo was made by the
// administrator. Behind script_user, the start-up script would make 2.2.7 end
// itself at a reload.
const watchedGlobals = `global_defs {
	router_id RTR1
	notification_email {
		admin@example.com
		ops@example.com
	}
	notification_email_from ka@example.com
	smtp_server 127.0.0.1 2525
	smtp_helo_name helo.example
	smtp_alert_vrrp true
	enable_script_security
	startup_script "/etc/keepalived/rec startup" root
	shutdown_script "/etc/keepalived/rec shutdown" root
	script_user kauser
	max_auto_priority -1
	notify_fifo /run/w/all.fifo
	vrrp_notify_fifo /run/w/vrrp.fifo kauser extra
	vrrp_notify_fifo_script "/etc/keepalived/fifo 'a b'"
	vrrp_notify_priority_changes true
	%s
}
vrrp_script chk {
	script "/bin/test -e /run/w/good"
	user root
	interval 1
	timeout 1
	rise 1
	fall 1
}
vrrp_script light { # its result comes when the first changes are over
	script "/bin/sleep 2"
	user root
	interval 3
	weight 2
}
track_file level {
	file /run/w/level
	weight 1
}
vrrp_sync_group G1 {
	group {
		VI_1
		VI_2
	}
	notify_master "/etc/keepalived/rec G1 master"
	notify_backup "/etc/keepalived/rec G1 backup"
	notify_fault "/etc/keepalived/rec G1 fault"
	notify_stop "/etc/keepalived/rec G1 stop"
	notify "/etc/keepalived/rec G1" root
	track_script {
		chk
	}
}
vrrp_instance VI_1 {
	interface eth0
	virtual_router_id 51
	version 3
	priority 200
	advert_int 0.2
	notify_master "/etc/keepalived/rec VI_1 master 'two words' $HOME"
	notify_backup "/bin/sh /etc/keepalived/rec VI_1 backup" other
	notify_fault "/etc/keepalived/link VI_1 fault" kauser extra
	notify_stop "/etc/keepalived//rec VI_1 stop"
	notify "/etc/keepalived/rec VI_1" root
	virtual_ipaddress {
		10.9.0.101/24
	}
	virtual_ipaddress_excluded {
		10.9.0.111/24 dev eth2 label eth2:x
	}
	virtual_routes {
		10.1.0.0/24 via 10.9.0.2 dev eth0
	}
	virtual_rules {
		from 10.9.0.101 table 100 priority 1000
	}
}
vrrp_instance VI_2 {
	interface eth2
	virtual_router_id 52
	version 3
	priority 50
	advert_int 0.2
	notify "/etc/keepalived/rec VI_2"
	virtual_ipaddress {
		10.9.2.102/24
	}
	unicast_src_ip 10.9.2.1
	unicast_peer {
		10.9.2.9
	}
}
`

// watchedFirst are the instances of the first configuration only. With the
// reload VI_3 is DELETED and VI_4 is FAULT.
const watchedFirst = `vrrp_instance VI_3 {
	interface eth0
	virtual_router_id 53
	priority 150
	advert_int 1
	authentication {
		auth_type PASS
		auth_pass secret
	}
	notify_master "/etc/keepalived/rec VI_3 master"
	notify_backup "/etc/keepalived/rec VI_3 backup"
	notify_fault "/etc/keepalived/rec VI_3 fault"
	notify_master_rx_lower_pri "/etc/keepalived/rec VI_3 rx_lower"
	notify_deleted "/etc/keepalived/rec VI_3 deleted"
	notify "/etc/keepalived/rec VI_3"
	track_file {
		level
	}
	track_script {
		light
	}
	track_interface {
		eth2 weight 3
	}
	virtual_ipaddress {
		10.9.0.103/24
	}
}
vrrp_instance VI_4 {
	interface eth0
	use_vmac
	virtual_router_id 54
	version 3
	priority 140
	advert_int 0.2
	notify_fault "/etc/keepalived/rec VI_4 fault"
	notify "/etc/keepalived/rec VI_4"
	virtual_ipaddress {
		10.9.0.104/24
	}
}
`

// watchedSecond comes with the reload.
const watchedSecond = `vrrp_instance VI_5 {
	interface eth0
	virtual_router_id 55
	version 3
	priority 130
	advert_int 0.2
	smtp_alert off
	notify "/etc/keepalived/rec VI_5"
	virtual_ipaddress {
		fe80::105
		fd00:9::105/64
	}
}
vrrp_track_process tp {
	process "no such program"
	quorum 1 3
	weight 4
	delay 2
}
`

// serversGlobals are the global settings of TestWatchedServers.
const serversGlobals = `global_defs {
	router_id LB1
	notification_email {
		admin@example.com
		ops@example.com
	}
	notification_email_from ka@example.com
	smtp_server 127.0.0.1 2525
	smtp_helo_name helo.example
	smtp_alert_checker true
	enable_script_security
	script_user kauser
	max_auto_priority -1
	notify_fifo /run/w/all.fifo
	lvs_notify_fifo /run/w/lvs.fifo kauser extra
	lvs_notify_fifo_script "/etc/keepalived/fifo 'a b'"
}
virtual_server_group VSG {
	10.9.0.111-112 443
}
virtual_server 10.9.0.100 80 {
	delay_loop 1
	lb_algo wrr
	lb_kind NAT
	protocol TCP
	alpha
	omega
	quorum %[1]d
	quorum_up "/etc/keepalived/rec VS up"
	quorum_down "/etc/keepalived/rec VS down" root
	real_server 127.0.0.1 8081 {
		notify_up "/etc/keepalived/rec RS1 up"
		notify_down "/etc/keepalived/rec RS1 down"
		TCP_CHECK {
			connect_timeout 5
			retry 0
			warmup 0
		}
	}
	%[2]s
}
virtual_server fwmark 5 {
	delay_loop 1
	lb_algo rr
	lb_kind NAT
	protocol TCP
	quorum_up "/etc/keepalived/rec MARK up"
	quorum_down "/etc/keepalived/rec MARK down"
	real_server 127.0.0.1 0 {
		notify_down "/etc/keepalived/rec MARKRS down"
		MISC_CHECK {
			misc_path "/bin/test -e /run/w/marked"
			misc_timeout 10
			warmup 0
			user root
		}
	}
}
virtual_server group VSG {
	delay_loop 1
	lb_algo rr
	lb_kind NAT
	protocol TCP
	smtp_alert false
	real_server 127.0.0.1 8083 {
		weight 3
		inhibit_on_failure
		notify_down "/etc/keepalived/rec GRS down"
		MISC_CHECK {
			misc_path "/bin/test -e /run/w/grouped"
			misc_timeout 10
			warmup 0
			user root
		}
	}
}
`

// serversSecond is the server that the reload removes.
const serversSecond = `real_server 127.0.0.1 8082 {
		weight 2
		notify_up "/etc/keepalived/rec RS2 up" other
		notify_down "/etc/keepalived/rec RS2 down"
		MISC_CHECK {
			misc_path "/bin/test -e /run/w/good"
			misc_timeout 10
			warmup 0
			user root
		}
	}
`
