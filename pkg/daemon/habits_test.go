//go:build linux

package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// What scripts, exporters and roles in the field do with a keepalived. The
// privateHost is a private one: its own files, processes and network.

// privateHost is what runs one of the programs as /usr/sbin/keepalived.
type privateHost struct {
	*nstest.Root
	t *testing.T
}

// newPrivateHost has our whole program as keepalived, or the real one.
func newPrivateHost(t *testing.T, real bool) *privateHost {
	t.Helper()
	nstest.Require(t, "netns", "keepalived")
	m := &privateHost{nstest.NewRoot(t), t}
	if !real {
		m.CopyIn(ownExecutable, "/usr/sbin/keepalived", 0o755)
	}
	m.Write("/etc/keepalived/keepalived.conf", quickInstance, 0o600)
	return m
}

// run runs a shell script in a network with eth0 and with processes of its own,
// which end with it. Functions for waiting are at hand.
func (m *privateHost) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		m.t.Fatalf("%v\n%s", err, out)
	}
	return out
}

func (m *privateHost) try(script string) (string, error) {
	m.Write("/tmp/script", hostStart+script, 0o755)
	cmd := m.Command("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e", "/tmp/script")
	cmd.Env = append(os.Environ(), fakeVariable+"="+realEngines)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

const hostStart = `
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 up
ip addr add 10.9.0.1/24 dev eth0
wait_for() { # seconds/100 command...
	n=$1
	shift
	until "$@" >/dev/null 2>&1; do
		n=$((n - 1))
		[ $n -gt 0 ] || { echo "waited in vain for: $*"; exit 1; }
		sleep 0.01
	done
}
alive() { grep -q '^State:[[:space:]]*[^Z]' /proc/$1/status; }
dead() { ! alive "$1"; }
has_address() { ip -o addr show dev eth0 | grep -q 10.9.0.100/24; }
no_address() { ! has_address; }
start() {
	keepalived "$@"
	wait_for 2000 test -s /run/keepalived.pid
	wait_for 2000 test -s /run/vrrp.pid
	wait_for 2000 has_address
}
`

const habits = `
start
parent=$(cat /run/keepalived.pid)
vrrp=$(cat /run/vrrp.pid)
name() { [ "$1" = "$parent" ] && echo parent || { [ "$1" = "$vrrp" ] && echo vrrp || echo "process $1"; }; }

# The first of ps whose argv[0] is keepalived.
first=$(ps -eo pid=,args= | awk '{ n = $2; sub(".*/", "", n) } n == "keepalived" { print $1; exit }')
echo "first in ps: $(name "$first")"
echo "pgrep -o: $(name "$(pgrep -o keepalived)")"
echo "pgrep -ox: $(name "$(pgrep -ox keepalived)")"
echo "pidof: $(pidof keepalived | wc -w) processes"
echo "session leader: $(ps -o sess= -p "$parent" | grep -qw "$parent" && echo yes)"
echo "parent of vrrp: $(name "$(ps -o ppid= -p "$vrrp" | tr -d ' ')")"
start-stop-daemon --status --pidfile /run/keepalived.pid --exec /usr/sbin/keepalived && echo "start-stop-daemon knows it"

# Signals by number, as exporters send them.
for signal in 10:keepalived.data 12:keepalived.stats 36:keepalived.json; do
	file=/tmp/${signal#*:}
	rm -f $file
	kill -${signal%:*} "$first"
	wait_for 500 test -s $file
	echo "signal ${signal%:*} makes $(stat -c '%U %a' $file)"
done
for name in STOP RELOAD DATA STATS STATS_CLEAR JSON; do echo "$name is $(keepalived --signum=$name)"; done

# Files that others have put there, and hold open, are not written to.
rm -f /tmp/keepalived.json /tmp/keepalived.data
echo theirs >/tmp/keepalived.json
chown nobody /tmp/keepalived.json
chmod 666 /tmp/keepalived.json
echo target >/tmp/target
ln -s /tmp/target /tmp/keepalived.data
exec 3</tmp/keepalived.json
kill -36 "$first"
kill -10 "$first"
wait_for 500 test -O /tmp/keepalived.json
wait_for 500 test ! -L /tmp/keepalived.data
echo "the open file has: $(cat <&3)"
echo "the target has: $(cat /tmp/target)"
echo "json is $(stat -c '%U %a' /tmp/keepalived.json), data $(stat -c '%U %a' /tmp/keepalived.data)"

# A configuration is tested before it is put in place, from a private file.
conf=$(mktemp)
cat /etc/keepalived/keepalived.conf >$conf
keepalived --use-file=$conf --check --all-config --config-test && echo "good: 0"
echo nonsense >>$conf
keepalived --use-file=$conf --check --all-config --config-test 2>/dev/null || echo "bad: $?"
echo 'includea /etc/nothing' >>$conf
keepalived --use-file=$conf --check --all-config --config-test 2>/dev/null || echo "no include: $?"

# Reload, by the pid file.
printf 'global_defs {\n\trouter_id two\n}\n' >>/etc/keepalived/keepalived.conf
kill -HUP "$(cat /run/keepalived.pid)"
reloaded() {
	kill -10 "$parent"
	grep -q 'Router ID = two' /tmp/keepalived.data
}
wait_for 500 reloaded
alive "$parent" && alive "$vrrp" && has_address && echo "reloaded in place"

# Signals to all processes of the name. keepalived may lose one that comes
# during a reload, and a second reload on the heels of the first costs it the
# address for a moment.
rm -f /tmp/keepalived.data
killall -HUP keepalived
dumped() {
	kill -10 $(pidof keepalived)
	test -s /tmp/keepalived.data
}
wait_for 500 dumped
killall -USR2 keepalived
wait_for 500 has_address
alive "$parent" && alive "$vrrp" && [ "$(cat /run/vrrp.pid)" = "$vrrp" ] && echo "all of them may get it"

# A second one.
keepalived 2>/dev/null
echo "second: $?"
alive "$parent" && echo "the first goes on"

# The child dies with its parent, and takes the address along.
kill -9 "$parent"
wait_for 1000 dead "$vrrp"
wait_for 500 no_address
echo "vrrp went with its parent"
`

// TestHabits does all that with the real keepalived and with us: the answers
// are the same.
func TestHabits(t *testing.T) {
	t.Parallel()
	theirs := newPrivateHost(t, true).run(habits)
	ours := newPrivateHost(t, false).run(habits)
	if theirs != ours {
		t.Errorf("we\n%s\nkeepalived\n%s", ours, theirs)
	}
	for _, want := range []string{"first in ps: parent\n", "pgrep -o: parent\n", "JSON is 36\n", "the open file has: theirs\n", "the target has: target\n",
		"json is root 600", "good: 0\n", "reloaded in place\n", "all of them may get it\n", "vrrp went with its parent\n"} {
		if !strings.Contains(ours, want) {
			t.Errorf("no %q in\n%s", want, ours)
		}
	}
}

// TestDumpsAreWhole: who opens a dump file, whenever, sees a complete one.
func TestDumpsAreWhole(t *testing.T) {
	const instances = 100
	ns := newNetwork(t, "gkdmn-dumps")
	var conf strings.Builder
	for i := range instances {
		conf.WriteString(strings.NewReplacer("VI_1", fmt.Sprint("VI_", i), "51", fmt.Sprint(i+1), "10.9.0.100", fmt.Sprint("10.9.1.", i+1), "advert_int 0.1", "advert_int 1").Replace(quickInstance))
	}
	r := newTrial(t, conf.String()).inside(ns)
	whole := map[string]func([]byte) bool{
		"keepalived.data":  func(b []byte) bool { return bytes.Count(b, []byte("\n VRRP Instance = ")) == instances },
		"keepalived.stats": func(b []byte) bool { return bytes.Count(b, []byte("VRRP Instance: ")) == instances },
		"keepalived.json": func(b []byte) bool {
			var list []any
			return json.Unmarshal(b, &list) == nil && len(list) == instances
		},
	}
	seen := map[string]map[time.Time]bool{"keepalived.data": {}, "keepalived.stats": {}, "keepalived.json": {}}
	signals := []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, signalJSON}
	last, deadline := time.Time{}, time.Now().Add(patience)
	for round := 0; len(seen["keepalived.data"]) < 10 || len(seen["keepalived.stats"]) < 10 || len(seen["keepalived.json"]) < 10; round++ {
		// Reading goes on without a pause, signals come in between.
		if time.Since(last) > time.Millisecond {
			last = time.Now()
			r.signal(signals[round%len(signals)])
		}
		for name, ok := range whole {
			f, err := os.Open(r.path(name))
			if err != nil {
				continue
			}
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if _, err := text.ReadFrom(f); err != nil {
				t.Fatal(err)
			}
			_ = f.Close()
			if !ok(text.Bytes()) {
				t.Fatalf("round %d: %s has %d bytes, the end is %.200q", round, name, text.Len(), text.Bytes()[max(0, text.Len()-200):])
			}
			seen[name][info.ModTime()] = true
		}
		if time.Now().After(deadline) {
			t.Fatalf("only %d, %d and %d files in %d rounds", len(seen["keepalived.data"]), len(seen["keepalived.stats"]), len(seen["keepalived.json"]), round)
		}
	}
	r.stop()
}

const pidPlaces = `
ip netns add gkplace
ip netns exec gkplace ip link set lo up
ip -n gkplace link add eth0 type veth peer name eth1
ip -n gkplace link set eth0 up
ip -n gkplace link set eth1 up
ip -n gkplace addr add 10.9.0.1/24 dev eth0
both=$(cat /etc/keepalived/bfd /etc/keepalived/vrrp)
none() { ! pgrep keepalived >/dev/null; }
files() { find /run -name '*.pid' -o -path '/run/keepalived*' -type d | sort | tr '\n' ' '; }
try() { # title options...; the configuration is the input
	echo "$1:"
	shift
	cat >/etc/keepalived/keepalived.conf
	keepalived "$@"
	# All processes have written their numbers.
	wait_for 1000 eval '[ "$(find /run -name "*.pid" -size +0 | wc -l)" = '"$children"' ]'
	for f in $(find /run -name '*.pid' | sort); do
		echo "  $f $(stat -c %a $f) $(readlink /proc/$(cat $f)/ns/net | grep -Fqx "$(readlink /proc/self/ns/net)" || echo inside)"
	done
	kill "$(pgrep -o keepalived)"
	wait_for 2000 none
	echo "  left: $(files)"
}
children=3
echo "$both" | try default
printf 'use_pid_dir\n%s' "$both" | try use_pid_dir
printf 'instance one\n%s' "$both" | try instance
echo "$both" | try options -p /run/a.pid -r /run/b.pid -b /run/c.pid
children=2
printf 'net_namespace gkplace\n%s' "$(cat /etc/keepalived/vrrp)" | try net_namespace
cat /etc/keepalived/vrrp | try -s -s gkplace
`

// TestPIDFilePlaces: where the pid files are, that they go, and that both
// programs agree.
func TestPIDFilePlaces(t *testing.T) {
	t.Parallel()
	const want = `default:
  /run/bfd.pid 644 
  /run/keepalived.pid 644 
  /run/vrrp.pid 644 
  left: 
use_pid_dir:
  /run/keepalived/bfd.pid 644 
  /run/keepalived/keepalived.pid 644 
  /run/keepalived/vrrp.pid 644 
  left: 
instance:
  /run/keepalived/bfd_one.pid 644 
  /run/keepalived/keepalived_one.pid 644 
  /run/keepalived/vrrp_one.pid 644 
  left: 
options:
  /run/a.pid 644 
  /run/b.pid 644 
  /run/c.pid 644 
  left: 
net_namespace:
  /run/keepalived/gkplace/keepalived.pid 644 inside
  /run/keepalived/gkplace/vrrp.pid 644 inside
  left: 
-s:
  /run/keepalived/gkplace/keepalived.pid 644 inside
  /run/keepalived/gkplace/vrrp.pid 644 inside
  left: 
`
	for _, real := range []bool{false, true} {
		m := newPrivateHost(t, real)
		m.Write("/etc/keepalived/vrrp", quickInstance, 0o600)
		m.Write("/etc/keepalived/bfd", "bfd_instance B {\n\tneighbor_ip 10.9.0.2\n}\n", 0o600)
		if got := m.run(pidPlaces); got != want {
			t.Errorf("real %v: got\n%s\nwant\n%s", real, got, want)
		}
	}
}

// TestOtherKeepalivedRuns: 2.2.7 does not lock its pid files, but is found all
// the same, also after its file was replaced by ours.
func TestOtherKeepalivedRuns(t *testing.T) {
	t.Parallel()
	m := newPrivateHost(t, true)
	m.CopyIn(ownExecutable, "/usr/sbin/gokeepalived", 0o755)
	const want = `says: daemon is already running
the other goes on
now we run
says: daemon is already running
we go on
`
	got := m.run(`
start
parent=$(cat /run/keepalived.pid)
cp /usr/sbin/keepalived /tmp/copy
mv /tmp/copy /usr/sbin/keepalived
gokeepalived -n -l >/tmp/said 2>&1
sed -n 's/.*: daemon is/says: daemon is/p' /tmp/said
alive "$parent" && [ "$(cat /run/keepalived.pid)" = "$parent" ] && echo "the other goes on"
kill "$parent"
wait_for 1000 dead "$parent"
wait_for 500 no_address
gokeepalived
wait_for 2000 has_address
echo "now we run"
ours=$(cat /run/keepalived.pid)
keepalived -n -l >/tmp/said 2>&1
sed -n 's/.*: daemon is/says: daemon is/p' /tmp/said
alive "$ours" && [ "$(cat /run/keepalived.pid)" = "$ours" ] && echo "we go on"
kill "$(cat /run/keepalived.pid)"
`)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
