//go:build linux

package daemon

import (
	"regexp"
	"strings"
	"testing"
)

// badPlaces are machines on which the daemon cannot have what it needs. Each
// try prints what it says beyond a normal start, and the exit status; a daemon
// that runs all the same is stopped when it has its address.
const badPlaces = `
usual='Starting |Running on |Command line:|              |Configuration file |NOTICE: |Startup complete|Stopp|Printing |A thread has computed |VRRP process has used '
try() { # title command...
	echo "$1:"
	shift
	"$@" -n -l >/tmp/said 2>&1 &
	p=$!
	n=0
	until ! alive $p 2>/dev/null || has_address || [ $n -gt 1000 ]; do n=$((n + 1)); sleep 0.01; done
	if alive $p 2>/dev/null; then
		echo "  runs"
		[ -z "$then" ] || eval "$then"
		kill $p
	fi
	wait $p && s=0 || s=$?
	sed 's/^... ... .. ..:..:.. ....: //' /tmp/said | grep -Ev "^($usual|\(VI_1\) )" | sed 's/^/  /; s/pid [0-9][0-9]*/pid N/' | LC_ALL=C sort || true
	echo "  exit $s"
	wait_for 2000 eval '! pgrep keepalived'
}
without() { # capability options...
	dropped=$1
	shift
	ulimit -l 64
	ulimit -r 0
	exec setpriv --bounding-set "-$dropped" keepalived "$@"
}
then=
for c in net_admin net_raw sys_nice ipc_lock setuid chown; do try "without $c" without $c; done
ip netns add gkbad
try "without sys_admin, in a namespace" without sys_admin -s gkbad

mount -t tmpfs tmpfs /run
mount -o remount,ro /run
try "read-only /run" keepalived
umount /run
mkdir /run/vrrp.pid
try "a directory for a pid file" keepalived
rmdir /run/vrrp.pid
echo 4194300 | tee /run/keepalived.pid >/run/vrrp.pid
try "stale pid files" keepalived
mkdir /etc/closed
mount -t tmpfs tmpfs /etc/closed
mount -o remount,ro /etc/closed
written() { [ "$(grep -c 'read-only file system' /tmp/said)" = "$1" ]; }
then='for s in 10:2 12:3 36:4; do kill -${s%:*} $p; wait_for 500 written ${s#*:}; done; alive $p && has_address && echo "  goes on"'
TMPDIR=/etc/closed try "read-only folder for dumps" keepalived
then=
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
try "read-only /proc/sys" keepalived
`

// featured asks for what takes capabilities.
const featured = `global_defs {
	enable_script_security
	script_user nobody
	vrrp_rt_priority 5
	vrrp_no_swap
	vrrp_notify_fifo /run/fifo nobody
	max_auto_priority -1
}
`

// TestBadPlaces: each is one clear line, and the documented exit status.
func TestBadPlaces(t *testing.T) {
	t.Parallel()
	m := newPrivateHost(t, false)
	m.Write("/usr/local/bin/told", "#!/bin/sh\n", 0o755)
	m.Write("/etc/keepalived/keepalived.conf", featured+strings.Replace(quickInstance, "interface", "notify_master /usr/local/bin/told\n\tinterface", 1), 0o600)
	random := regexp.MustCompile(`\.[0-9a-f]{12}:`)
	got := random.ReplaceAllString(m.run(badPlaces), ".X:")
	const want = `without net_admin:
  pid N exited with permanent error missing permission. Terminating
  the capability NET_ADMIN is missing, for addresses, routes and rules: operation not permitted - run as root, or with at least the capabilities NET_ADMIN, NET_RAW, KILL, SETUID, SETGID and SYS_NICE
  exit 4
without net_raw:
  pid N exited with permanent error missing permission. Terminating
  the capability NET_RAW is missing, for the sockets of VRRP: operation not permitted - run as root, or with at least the capabilities NET_ADMIN, NET_RAW, KILL, SETUID, SETGID and SYS_NICE
  exit 4
without sys_nice:
  runs
  Cannot set the scheduling priority (capability SYS_NICE): operation not permitted - run as root, or give us that
  exit 0
without ipc_lock:
  runs
  Cannot lock the memory (capability IPC_LOCK, or a higher limit of locked memory): cannot allocate memory - run as root, or give us that
  exit 0
without setuid:
  runs
  Error exec-ing command '/usr/local/bin/told': as uid 65534, gid 65534, which takes the capabilities SETUID and SETGID: exec /usr/local/bin/told: operation not permitted
  exit 0
without chown:
  runs
  Unable to set the owner of vrrp_notify fifo /run/fifo: operation not permitted - it takes the capability CHOWN; its reader may be locked out
  exit 0
without sys_admin, in a namespace:
  Changing syslog ident to Keepalived_gkbad
  Unable to set network namespace gkbad - exiting
  setns /run/netns/gkbad: operation not permitted
  exit 0
read-only /run:
  Cannot use pid file /run/keepalived.pid: open /run/keepalived.pid: read-only file system - choose another place with the option for it (-p, -r, -c, -b)
  exit 0
a directory for a pid file:
  Cannot use pid file /run/vrrp.pid: open /run/vrrp.pid: is a directory - choose another place with the option for it (-p, -r, -c, -b)
  exit 0
stale pid files:
  runs
  exit 0
read-only folder for dumps:
  runs
  goes on
  Cannot write the dump file: open /etc/closed/keepalived.data.X: read-only file system - choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file
  Cannot write the dump file: open /etc/closed/keepalived.json.X: read-only file system - choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file
  Cannot write the dump file: open /etc/closed/keepalived.stats.X: read-only file system - choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file
  Cannot write the dump file: open /etc/closed/keepalived_parent.data.X: read-only file system - choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file
  exit 0
read-only /proc/sys:
  runs
  exit 0
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
