package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// logStory is two instances in a group and one alone, with a script and a file.
const logStory = `vrrp_script chk {
	script "/usr/bin/test -e DIR/good"
	interval 1
	fall 1
	rise 1
	weight 0
}
vrrp_script heavy {
	script "/usr/bin/test -e DIR/heavy"
	interval 1
	fall 1
	rise 1
	weight 20
}
vrrp_sync_group G {
	group {
		VI_1
		VI_2
	}
}
vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	priority 200
	advert_int 0.2
	virtual_ipaddress {
		10.9.0.100/24
	}
	track_script {
		chk
	}
}
vrrp_instance VI_2 {
	version 3
	interface eth0
	virtual_router_id 52
	priority 150
	advert_int 0.2
	virtual_ipaddress {
		10.9.0.101/24
	}
}
vrrp_instance VI_3 {
	version 3
	interface eth0
	virtual_router_id 53
	priority 100
	advert_int 0.2
	virtual_ipaddress {
		10.9.0.102/24
	}
	track_script {
		heavy
	}
}
`

// logDifference is a line that stands in only one of the two logs, by its
// beginning, with the reason. detail says that it takes -D.
type logDifference struct {
	line, why string
	detail    bool
}

var theirVersion = []logDifference{
	{"Starting Keepalived v2.2.7", "the version", false},
	{"Stopped Keepalived v2.2.7", "the version", false},
	{"Running on ", "the kernel that it was built for", false},
}

var ourVersion = []logDifference{
	{"Starting Keepalived v2.4.3", "the version, and our own", false},
	{"Stopped Keepalived v2.4.3", "the version", false},
	{"Running on ", "the kernel that it was built for", false},
}

var onlyTheirs = append(slices.Clone(theirVersion), []logDifference{
	{"  Please log an issue at ", "where to report the death of a child", false},
	{"  and include a full copy ", "where to report the death of a child", false},
	{"  copies of the keepalived system log ", "where to report the death of a child", false},
	{"read eventfd count 1, num_reloading 0", "how 2.2.7 is made inside", false},
	{"Registering ", "how 2.2.7 is made inside", true},
	{"Assigned address 10.9.0.1 ", "2.2.7 tells the addresses that are there at a start; we tell changes", true},
}...)

var onlyOurs = append(slices.Clone(ourVersion), []logDifference{
	{"  Please report this at ", "where to report the death of a child", false},
	{"  with your configuration files ", "where to report the death of a child", false},
	{"  lines of the dead process itself ", "where to report the death of a child", false},
	{"Another process has pid file DIR/p.pid locked", "newer than 2.2.7", false},
	{"(VI_1) MASTER: sync group G follows VI_2", "the reason of every change of state", false},
	{"(VI_1) FAULT: script chk failed", "the reason of every change of state", false},
	{"(VI_1) FAULT: interface eth0 down", "the reason of every change of state", false},
	{"(VI_1) BACKUP: ", "the reason of every change of state", false},
	{"(VI_2) MASTER: ", "the reason of every change of state", false},
	{"(VI_2) FAULT: sync group G: ", "the reason of every change of state", false},
	{"(VI_2) BACKUP: ", "the reason of every change of state", false},
	{"(VI_3) MASTER: ", "the reason of every change of state", false},
	{"(VI_3) FAULT: ", "the reason of every change of state", false},
	{"(VI_3) BACKUP: ", "the reason of every change of state", false},
	{"Deassigned address 10.9.0.102 ", "a virtual address that a reload has taken out", true},
}...)

// TestLogAgainstKeepalived tells the same story to keepalived and to us and
// compares the lines: all of them, and for each instance their order.
func TestLogAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	var logs [4]toldLog // keepalived and we, without and with -D
	t.Run("stories", func(t *testing.T) {
		for i := range logs {
			t.Run([]string{"keepalived", "ours", "keepalived-D", "ours-D"}[i], func(t *testing.T) {
				t.Parallel()
				logs[i] = tell(t, fmt.Sprintf("gkdmn-log%d", i), i%2 == 0, i >= 2)
			})
		}
	})
	for name, detail := range map[string]bool{"plain": false, "detail": true} {
		t.Run(name, func(t *testing.T) {
			theirs, ours := logs[0], logs[1]
			if detail {
				theirs, ours = logs[2], logs[3]
			}
			if theirs.lines == nil || ours.lines == nil {
				t.Skip("a story did not come to its end; see there")
			}
			compareLogs(t, "keepalived", theirs.lines, ours.lines, onlyTheirs, detail)
			compareLogs(t, "ours", ours.lines, theirs.lines, onlyOurs, detail)
			compareLabels(t, theirs.labels, ours.labels)
			for _, instance := range []string{"(VI_1) ", "(VI_2) ", "(VI_3) "} {
				if a, b := course(theirs.lines, instance), course(ours.lines, instance); !slices.Equal(a, b) {
					t.Errorf("course of %s\nkeepalived: %s\n      ours: %s", instance, strings.Join(a, " | "), strings.Join(b, " | "))
				}
			}
		})
	}
}

// compareLogs finds lines that only one log has, and differences that do not
// occur.
func compareLogs(t *testing.T, whose string, list, other []string, known []logDifference, detail bool) {
	t.Helper()
	used := map[string]bool{}
	for _, l := range list {
		if slices.Contains(other, l) {
			continue
		}
		i := slices.IndexFunc(known, func(d logDifference) bool { return strings.HasPrefix(l, d.line) })
		if i < 0 {
			t.Errorf("only in the log of %s: %s", whose, l)
			continue
		}
		used[known[i].line] = true
	}
	for _, d := range known {
		if !used[d.line] && (detail || !d.detail) {
			t.Errorf("not only in the log of %s: %s", whose, d.line)
		}
	}
}

// course are the lines of an instance in their order, without those about
// reasons, and without those about addresses that are set already, which
// keepalived repeats at a reload.
func course(list []string, instance string) []string {
	reason := regexp.MustCompile(`^\(VI_\d\) (MASTER|BACKUP|FAULT): |setting VIPs\.$`)
	return slices.DeleteFunc(slices.Clone(list), func(l string) bool { return !strings.HasPrefix(l, instance) || reason.MatchString(l) })
}

// toldLog is what was logged in a story: the lines, and for each what the
// system log got with it.
type toldLog struct {
	lines  []string
	labels map[string][]string
}

// tell runs the story.
func tell(t *testing.T, name string, keepalived, detail bool) toldLog {
	ns := newNetwork(t, name)
	r := newTrial(t, "")
	r.withSystemLog()
	if keepalived {
		r.program = "keepalived"
	}
	r.env = append(r.env, fakeVariable+"="+realEngines)
	configuration := globals("script_user root", "max_auto_priority -1") + strings.ReplaceAll(logStory, "DIR", r.dir)
	r.configure(configuration)
	r.write("good", "")
	var more []string
	if detail {
		more = append(more, "-D")
	}
	dumps := 0
	// settled returns when the instances have done all that belongs to what
	// they last said: after that they dump.
	settled := func() {
		dumps++
		r.signal(syscall.SIGUSR1)
		r.awaitN("Printing VRRP data", dumps)
	}
	ns.Do(func() { r.run(more...) })
	r.await("(VI_1) Entering MASTER STATE")
	r.await("(VI_3) Entering MASTER STATE")
	r.write("heavy", "")
	r.await("(VI_3) Changing effective priority from 100 to 120")
	if err := syscall.Unlink(r.path("good")); err != nil {
		t.Fatal(err)
	}
	r.await("(VI_2) Entering FAULT STATE")
	r.write("good", "")
	r.awaitN("(VI_1) Entering MASTER STATE", 2)
	r.awaitN("(VI_2) Entering MASTER STATE", 2)
	settled()
	ns.Down("eth0")
	r.awaitN("(VI_3) Entering FAULT STATE", 1)
	ns.Up("eth0")
	r.awaitN("(VI_3) Entering MASTER STATE", 2)
	r.awaitN("(VI_2) Entering MASTER STATE", 3)
	r.signal(syscall.SIGUSR2)
	r.await("Printing VRRP stats")
	r.configure(strings.ReplaceAll(configuration, "10.9.0.102", "10.9.0.103"))
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	ns.WaitAddress("eth0", "10.9.0.103/24", true, patience)
	second := r.command(r.args("-n", "-l"))
	ns.Do(func() { _ = second.Run() })
	r.await("daemon is already running")
	if err := syscall.Kill(r.pid("v.pid"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await("died: Respawning")
	r.awaitN("(VI_1) Entering MASTER STATE", 4)
	r.awaitN("(VI_2) Entering MASTER STATE", 4)
	r.awaitN("(VI_3) Entering MASTER STATE", 3)
	settled()
	r.signal(syscall.SIGTERM)
	r.wait()
	return r.toldLog()
}

func (r *trial) toldLog() toldLog { return toldLog{r.normal(r.lines()), r.labels()} }

// normal are the lines without what differs from run to run.
func (r *trial) normal(lines []string) []string {
	// Times of children are there if a script has ended.
	times := regexp.MustCompile(`^(Stopped - used) .*`)
	numbers := regexp.MustCompile(`fd\(\d+,\d+\)|\d+ ms \(\d+ usec overdue\)|delivered in \d+ usec|\d+\.\d{6}|fe80::[0-9a-f:]+`)
	var list []string
	for _, l := range lines {
		l = strings.ReplaceAll(numbers.ReplaceAllString(times.ReplaceAllString(l, "$1 TIMES"), "N"), r.dir, "DIR")
		// The last one is something that 2.2.7 says by chance when a script ends.
		if strings.HasPrefix(l, "Command line:") || strings.HasPrefix(l, "              ") || strings.HasPrefix(l, "Child process 0 in ") {
			continue
		}
		list = append(list, l)
	}
	return list
}
