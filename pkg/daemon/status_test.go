package daemon

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/statuscmd"
)

// ask runs the status command against the daemon.
func (r *trial) ask(args ...string) (exit int, stdout, stderr string) {
	r.t.Helper()
	var out, bad bytes.Buffer
	exit = statuscmd.Run(append([]string{"--pid", r.path("p.pid")}, args...), &out, &bad)
	return exit, out.String(), bad.String()
}

// report is the answer as data.
func (r *trial) report(names ...string) *status.Report {
	r.t.Helper()
	exit, out, bad := r.ask(append([]string{"--json"}, names...)...)
	if exit != 0 {
		r.t.Fatalf("exit status %d: %s", exit, bad)
	}
	answer := &status.Report{}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		r.t.Fatalf("%v in %s", err, out)
	}
	return answer
}

// TestStatus asks a whole daemon why it is master, then why it is not any
// more.
func TestStatus(t *testing.T) {
	ns := newNetwork(t, "gkdmn-status")
	r := newTrial(t, "")
	script := r.script("good.sh", "exit 0\n")
	configuration := globals("script_user root") + "vrrp_script good {\n\tscript " + script + "\n\tinterval 1\n\tweight 10\n}\n" +
		strings.Replace(quickInstance, "version 3", "version 3\n\ttrack_script {\n\t\tgood\n\t}\n\ttrack_interface {\n\t\teth1\n\t}", 1)
	r.configure(configuration)
	r.inside(ns)
	ns.WaitAddress("eth0", address, true, patience)
	r.await("(VI_1) Changing effective priority from 100 to 110")

	answer := r.report()
	if len(answer.Instances) != 1 {
		t.Fatalf("%d instances", len(answer.Instances))
	}
	v := answer.Instances[0]
	if v.Name != "VI_1" || v.State != "MASTER" || !v.Self || v.Priority != 110 || v.BasePriority != 100 || !strings.HasPrefix(v.Reason, "no advert for ") {
		t.Errorf("VI_1 is %+v", v)
	}
	if len(v.Addresses) != 1 || !v.Addresses[0].Set || v.Addresses[0].Address != address {
		t.Errorf("addresses %+v", v.Addresses)
	}
	last := v.Transitions[len(v.Transitions)-1]
	if last.From != "BACKUP" || last.To != "MASTER" || last.Reason != v.Reason || last.Time.Before(answer.Daemon.Started) || time.Since(last.Time) > patience {
		t.Errorf("the last transition is %+v", last)
	}
	trackers := map[string]status.TrackerReport{}
	for _, tr := range v.Trackers {
		trackers[tr.Kind+" "+tr.Name] = tr
	}
	if s := trackers["script good"]; s.State != "good" || s.Contribution != 10 {
		t.Errorf("the script is %+v", s)
	}
	if d := answer.Daemon; d.PID != r.cmd.Process.Pid || d.ConfigFile != r.conf || d.Refused != "" || len(d.Processes) != 1 || d.Processes[0].PID != r.pid("v.pid") {
		t.Errorf("the daemon is %+v", d)
	}
	if _, text, _ := r.ask("VI_1"); !strings.Contains(text, "\nVI_1: MASTER for ") || !strings.Contains(text, "\n  priority:   110 = base 100 +10 (script good)\n") {
		t.Errorf("for people:\n%s", text)
	}

	r.configure(configuration + strings.NewReplacer("VI_1", "VI_2", "eth0", "eth9", "51", "52").Replace(quickInstance))
	r.signal(syscall.SIGHUP)
	r.await("The running configuration stays in force: ")
	ns.Down("eth1")
	r.await("(VI_1) Entering FAULT STATE")
	answer = r.report("VI_1")
	v = answer.Instances[0]
	if v.State != "FAULT" || v.Self || len(v.Faults) == 0 || v.Addresses[0].Set || !strings.Contains(v.Reason, "eth") {
		t.Errorf("after the failure VI_1 is %+v", v)
	}
	if answer.Daemon.Refused == "" {
		t.Error("nothing says that the reload was refused")
	}

	// A process that hangs is said to, and the rest is told.
	vrrp := r.pid("v.pid")
	kill(t, vrrp, syscall.SIGSTOP)
	if got := r.report(); len(got.Instances) != 0 || !strings.HasPrefix(got.Daemon.Processes[0].Problem, "no answer: ") {
		t.Errorf("with a hung process: %+v", got)
	}
	kill(t, vrrp, syscall.SIGCONT)

	if exit, out, bad := r.ask("NOBODY"); exit != 1 || strings.Contains(out, "VI_1") || !strings.HasSuffix(bad, "the daemon does not know NOBODY\n") {
		t.Errorf("exit status %d: %s%s", exit, out, bad)
	}
	r.stop()
	if r.exists("p.sock") {
		t.Error("the socket is left behind")
	}
	if exit, _, bad := r.ask(); exit != 2 || !strings.HasSuffix(bad, "p.sock: is it running?\n") {
		t.Errorf("exit status %d without a daemon: %s", exit, bad)
	}
}

// TestStatusSocket: the socket is for root, whatever the umask, is found again
// after a kill, and its absence is no reason not to run.
func TestStatusSocket(t *testing.T) {
	r := newTrial(t, globals("umask 022")+vrrpBlock).start()
	info, err := os.Stat(r.path("p.sock"))
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Fatalf("the socket: %v, %v", info, err)
	}
	child := r.pid("v.pid") // which it removes when it ends
	r.signal(syscall.SIGKILL)
	r.eventually("the end of the child", func() bool { return gone(child) })
	again := &trial{t: t, dir: r.dir, conf: r.conf, argv0: r.argv0, program: r.program}
	again.start()
	if exit, _, bad := again.ask(); exit != 0 {
		t.Errorf("after a kill: %s", bad)
	}
	// A client that does not read is no trouble.
	conn, err := net.Dial("unix", r.path("p.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	again.stop()

	blocked := newTrial(t, vrrpBlock)
	if err := os.MkdirAll(blocked.path("p.sock/x"), 0o755); err != nil {
		t.Fatal(err)
	}
	blocked.start()
	blocked.await("Cannot open the socket for the status command: ")
	blocked.stop()
}

// TestStatusIsForRoot asks as another user.
func TestStatusIsForRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "netns", os.ErrPermission)
	}
	r := newTrial(t, vrrpBlock).start()
	// Even one who can open the socket gets nothing.
	for p := r.dir; p != "/tmp" && p != "/"; p = p[:strings.LastIndexByte(p, '/')] {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(r.path("p.sock"), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := r.command([]string{"gokeepalived", "status", "--pid", r.path("p.pid")})
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Dir = "/"
	cmd.Env = append(cmd.Env, fakeVariable+"="+realEngines)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := cmd.Run(); err == nil || !strings.Contains(out.String(), "does not answer") {
		t.Errorf("nobody was told: %v %s", err, out.String())
	}
	r.stop()
}
