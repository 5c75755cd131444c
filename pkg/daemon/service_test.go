package daemon

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"golang.org/x/sys/unix"
)

// serviceSocket is a service manager's end of NOTIFY_SOCKET.
type serviceSocket struct {
	t    *testing.T
	conn *net.UnixConn
	path string
}

func newServiceSocket(t *testing.T) *serviceSocket {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &serviceSocket{t, conn, path}
}

func (s *serviceSocket) next() string {
	s.t.Helper()
	buf := make([]byte, 4096)
	_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	n, err := s.conn.Read(buf)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(buf[:n])
}

// await reads until a message ends with text.
func (s *serviceSocket) await(text string) {
	s.t.Helper()
	for !strings.HasSuffix("\n"+s.next(), text) {
	}
}

func TestServiceManager(t *testing.T) {
	socket := newServiceSocket(t)
	r := newTrial(t, vrrpBlock)
	r.env = []string{"NOTIFY_SOCKET=" + socket.path}
	r.start()
	if got, want := socket.next(), fmt.Sprintf("READY=1\nMAINPID=%d\nSTATUS=Running", r.cmd.Process.Pid); got != want {
		t.Errorf("at start %q, want %q", got, want)
	}
	r.signal(syscall.SIGHUP)
	if got := socket.next(); !strings.HasPrefix(got, "RELOADING=1\nMONOTONIC_USEC=") {
		t.Errorf("at a reload %q", got)
	}
	if got := socket.next(); !strings.HasPrefix(got, "READY=1\n") {
		t.Errorf("after the reload %q", got)
	}
	if err := os.Remove(r.conf); err != nil {
		t.Fatal(err)
	}
	r.signal(syscall.SIGHUP)
	socket.next()
	if got := socket.next(); !strings.HasPrefix(got, "READY=1\n") || !strings.Contains(got, "; configuration refused: Config files missing") {
		t.Errorf("after a reload that failed %q", got)
	}
	for _, pid := range []int{r.cmd.Process.Pid, r.pid("v.pid")} {
		if pid != r.cmd.Process.Pid && strings.Contains(procText(pid, "environ"), "NOTIFY_SOCKET") {
			t.Error("the child has NOTIFY_SOCKET")
		}
	}
	r.stop()
	if got := socket.next(); !strings.HasPrefix(got, "STOPPING=1\n") {
		t.Errorf("at the stop %q", got)
	}
}

func TestServiceManagerLearnsErrors(t *testing.T) {
	for what, want := range map[string]string{
		"config-error": "ERRNO=22\nSTATUS=The configuration cannot be run on this machine, see the log",
		"permission":   "ERRNO=1\nSTATUS=A process lacks a privilege, see the log",
	} {
		socket := newServiceSocket(t)
		r := newTrial(t, globals("router_id vrrp:"+what)+vrrpBlock)
		r.env = []string{"NOTIFY_SOCKET=" + socket.path}
		r.run()
		if got := socket.next(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		r.wait()
	}
}

func TestServiceManagerWithNothingToRun(t *testing.T) {
	socket := newServiceSocket(t)
	r := newTrial(t, "")
	r.env = []string{"NOTIFY_SOCKET=" + socket.path}
	r.run()
	if got := socket.next(); !strings.HasPrefix(got, "READY=1\n") || !strings.HasSuffix(got, "STATUS=No configuration to run") {
		t.Errorf("got %q", got)
	}
	r.stop()
}

// script writes an executable shell script and returns its path.
func (r *trial) script(name, body string) string {
	r.t.Helper()
	r.write(name, "#!/bin/sh\n"+body)
	if err := os.Chmod(r.path(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	return r.path(name)
}

func TestStartupAndShutdownScripts(t *testing.T) {
	r := newTrial(t, "")
	up := r.script("up.sh", "env >"+r.path("env")+"; ls "+r.path("v.pid")+" >>"+r.path("order")+"; exit 3\n")
	down := r.script("down.sh", "cat "+r.path("v.pid")+" >"+r.path("pid-at-stop")+"; echo $* >>"+r.path("order")+"\n")
	r.env = []string{"NOTIFY_SOCKET=/nonexistent"}
	r.configure(globals("enable_script_security", "startup_script "+up+" root", `shutdown_script "`+down+` a 'b c'" root`) + vrrpBlock)
	r.start("-D")
	vrrp := r.pid("v.pid")
	for _, unwanted := range []string{"NOTIFY_SOCKET", handoffVariable} {
		if strings.Contains(r.read("env"), unwanted) {
			t.Errorf("the script has %s", unwanted)
		}
	}
	r.stop()
	if !gone(vrrp) {
		t.Error("the child is still there")
	}
	if got := r.read("order"); !strings.HasSuffix(got, "a b c\n") {
		t.Errorf("the shutdown script got %q", got)
	}
	if got := r.read("pid-at-stop"); got != strconv.Itoa(vrrp)+"\n" {
		t.Errorf("at the shutdown script v.pid had %q", got)
	}
	r.inOrder("Running startup script "+up, "startup script script failed, status 3", "Starting VRRP child process, pid=N", "Startup complete",
		"Stopping", "vrrp engine stopped", "Running shutdown script "+down+" a 'b c'", "shutdown script script succeeded", "Stopped Keepalived v2.4.3 (devel)")
}

func TestStopDuringStartupScript(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("enable_script_security", "startup_script "+r.script("up.sh", "exec sleep 100\n")+" root") + vrrpBlock)
	r.run("-D")
	r.await("Running startup script")
	r.stop()
	if strings.Contains(r.text(), "Starting VRRP child process") {
		t.Error("a child was started")
	}
	if r.exists("p.pid") || r.exists("v.pid") {
		t.Error("pid files were left behind")
	}
}

// TestSignalsDuringStart: none ends the daemon. A reload is made up for, dumps
// are not: there was nothing to write.
func TestSignalsDuringStart(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("enable_script_security", "startup_script "+r.script("up.sh", "until [ -e "+r.path("go")+" ]; do sleep 0.01; done\n")+" root") + vrrpBlock)
	r.run("-D")
	r.await("Running startup script")
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP, syscall.SIGUSR2, signalJSON, signalStatsClear, syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGQUIT} {
		r.signal(s)
	}
	r.write("go", "")
	r.await("Reload complete")
	r.stop()
	r.inOrder("Running startup script "+r.path("up.sh"), "Startup complete", "Reload complete", "Stopping")
	for _, name := range []string{"keepalived_parent.data", "keepalived.stats", "keepalived.json"} {
		if r.exists(name) {
			t.Errorf("%s was written", name)
		}
	}
}

func TestStartupScriptTimeout(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("enable_script_security", "startup_script "+r.script("up.sh", "exec sleep 100\n")+" root", "startup_script_timeout 1") + vrrpBlock)
	r.start("-D")
	r.stop()
	r.inOrder("startup script timed out", "Startup complete")
}

func TestUmask(t *testing.T) {
	for _, c := range []struct {
		config string
		args   []string
		want   string
	}{
		{"", nil, "0177"},
		{"umask 027", nil, "0027"},
		{"umask 027", []string{"-u", "0077"}, "0077"},
	} {
		r := newTrial(t, globals("router_id x", c.config)+vrrpBlock).start(c.args...)
		for _, pid := range []int{r.cmd.Process.Pid, r.pid("v.pid")} {
			if got := statusField(pid, "Umask"); got != c.want {
				t.Errorf("umask keyword %q, options %v: %s, want %s", c.config, c.args, got, c.want)
			}
		}
		r.stop()
	}
}

func statusField(pid int, name string) string {
	for _, l := range strings.Split(procText(pid, "status"), "\n") {
		if value, ok := strings.CutPrefix(l, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// threadsOf describes scheduling and CPU set of every thread of a process.
func threadsOf(t *testing.T, pid int) map[string]int {
	t.Helper()
	out := map[string]int{}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(tasks) == 0 {
		t.Fatalf("threads of %d: %v", pid, err)
	}
	for _, task := range tasks {
		tid, _ := strconv.Atoi(filepath.Base(task))
		a, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			continue // it has just ended
		}
		var cpus unix.CPUSet
		_ = unix.SchedGetaffinity(tid, &cpus)
		out[fmt.Sprintf("policy %d priority %d nice %d cpus %d", a.Policy, a.Priority, a.Nice, cpus.Count())]++
	}
	return out
}

// allThreads waits until every thread of a process has the scheduling.
func (r *trial) allThreads(pid int, want string) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("all threads of %d to have %s", pid, want), func() bool {
		got := threadsOf(r.t, pid)
		return len(got) == 1 && got[want] > 0
	})
}

// TestSteady: without a word about scheduling the processes whose timers
// matter are real-time ones; no more when a keyword says so, nor after a
// thread has computed without a pause.
func TestSteady(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "root", fmt.Errorf("only root may raise priorities"))
	}
	var all unix.CPUSet
	_ = unix.SchedGetaffinity(0, &all)
	plain := fmt.Sprintf("policy 0 priority 0 nice 0 cpus %d", all.Count())
	steady := fmt.Sprintf("policy 2 priority 1 nice 0 cpus %d", all.Count())
	r := newTrial(t, vrrpBlock+checkerBlock+bfdBlock).start()
	vrrp, checker, bfd := r.pid("v.pid"), r.pid("c.pid"), r.pid("b.pid")
	r.allThreads(vrrp, steady)
	r.allThreads(bfd, steady)
	r.allThreads(checker, plain)
	r.eventually("the limit", func() bool { return realtimeLimit(vrrp) == "200000 unlimited us" })
	for _, off := range []string{"max_auto_priority -1", "max_auto_priority 0", "vrrp_priority 0\n\tbfd_rt_priority 1\n\tmax_auto_priority 5"} {
		r.configure(globals(off) + vrrpBlock + checkerBlock + bfdBlock)
		mark := strings.Count(r.text(), "Reload complete")
		r.signal(syscall.SIGHUP)
		r.eventually("the reload", func() bool { return strings.Count(r.text(), "Reload complete") > mark })
		r.allThreads(vrrp, plain)
	}
	r.configure(vrrpBlock + checkerBlock + bfdBlock)
	r.signal(syscall.SIGHUP)
	r.allThreads(vrrp, steady)
	// What the kernel sends to a process with a thread that does not stop.
	if err := syscall.Kill(vrrp, syscall.SIGXCPU); err != nil {
		t.Fatal(err)
	}
	r.allThreads(vrrp, plain)
	r.await("A thread has computed for 200 ms without a pause: no real-time priority for 10 s")
	r.stop()
}

// realtimeLimit is RLIMIT_RTTIME of a process, soft, hard and unit.
func realtimeLimit(pid int) string {
	for _, l := range strings.Split(procText(pid, "limits"), "\n") {
		if strings.HasPrefix(l, "Max realtime timeout") {
			return strings.Join(strings.Fields(l)[3:], " ")
		}
	}
	return ""
}

func TestScheduling(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "root", fmt.Errorf("only root may raise priorities"))
	}
	var all unix.CPUSet
	_ = unix.SchedGetaffinity(0, &all)
	r := newTrial(t, globals("vrrp_rt_priority 7", "vrrp_rlimit_rttime 200000", "vrrp_cpu_affinity 0", "vrrp_no_swap", "checker_priority -5")+vrrpBlock+checkerBlock).start()
	vrrp, checker := r.pid("v.pid"), r.pid("c.pid")
	one := r.allThreads
	one(vrrp, "policy 2 priority 7 nice 0 cpus 1")
	one(checker, fmt.Sprintf("policy 0 priority 0 nice -5 cpus %d", all.Count()))
	// Work makes new threads: they inherit.
	for range 20 {
		r.state()
	}
	one(vrrp, "policy 2 priority 7 nice 0 cpus 1")
	r.eventually("the real-time limit", func() bool { return realtimeLimit(vrrp) == "200000 unlimited us" })
	// At the limit the priority goes, not the process.
	if err := syscall.Kill(vrrp, syscall.SIGXCPU); err != nil {
		t.Fatal(err)
	}
	one(vrrp, "policy 0 priority 0 nice 0 cpus 1")
	r.await("vrrp_rlimit_rttime may need to be increased")
	if locked := statusField(vrrp, "VmLck"); locked == "0 kB" {
		t.Error("the memory is not locked")
	} else if n, _ := strconv.Atoi(strings.Fields(locked)[0]); n == 0 {
		t.Errorf("VmLck is %q", locked)
	}
	// A reload takes it all back.
	r.configure(globals("checker_rt_priority 3", "max_auto_priority -1") + vrrpBlock + checkerBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	one(vrrp, fmt.Sprintf("policy 0 priority 0 nice 0 cpus %d", all.Count()))
	one(checker, fmt.Sprintf("policy 2 priority 3 nice 0 cpus %d", all.Count()))
	r.eventually("unlocked memory", func() bool { return statusField(vrrp, "VmLck") == "0 kB" })
	r.stop()
}

// TestNetworkNamespace: all processes are inside, and the pid files of the
// inside are visible outside below the namespace's name.
func TestNetworkNamespace(t *testing.T) {
	ns := nstest.New(t, "gkdmn-ns")
	inode := func(path string) string {
		out, err := os.Readlink(path)
		if err != nil {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("net:[%d]", info.Sys().(*syscall.Stat_t).Ino)
		}
		return out
	}
	want := inode("/run/netns/" + ns.Name)
	for _, mode := range []string{"keyword", "option", "background"} {
		r := newTrial(t, "net_namespace "+ns.Name+"\n"+vrrpBlock)
		args := []string{"keepalived", "-f", r.conf, "-G"}
		if mode == "option" {
			r.configure("net_namespace other\n" + vrrpBlock)
			args = append(args, "-s", ns.Name)
		}
		if mode != "background" {
			args = append(args, "-n", "-l", "-D")
		}
		cmd := r.command(args)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if mode == "background" {
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, r.text())
			}
		} else {
			r.await("Startup complete")
			r.await("Changing syslog ident to Keepalived_" + ns.Name)
		}
		outside := filepath.Join("/run/keepalived", ns.Name)
		pids := map[string]int{}
		for _, name := range []string{"keepalived.pid", "vrrp.pid"} {
			r.eventually(name, func() bool {
				text, _ := os.ReadFile(filepath.Join(outside, name))
				pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
				pids[name] = pid
				return err == nil
			})
			if got := inode(fmt.Sprintf("/proc/%d/ns/net", pids[name])); got != want {
				t.Errorf("%s: %s is in %s, want %s", mode, name, got, want)
			}
			if _, err := os.Stat(fmt.Sprintf("/proc/%d/root/run/keepalived/%s", pids[name], name)); err != nil {
				t.Errorf("%s: inside: %v", mode, err)
			}
		}
		if mode != "background" && pids["keepalived.pid"] != cmd.Process.Pid {
			t.Errorf("%s: the parent is %d, want the process that was started, %d", mode, pids["keepalived.pid"], cmd.Process.Pid)
		}
		kill(t, pids["keepalived.pid"], syscall.SIGTERM)
		if mode != "background" {
			if err := cmd.Wait(); err != nil {
				t.Errorf("%s: %v\n%s", mode, err, r.text())
			}
		}
		r.eventually("the end", func() bool { return gone(pids["keepalived.pid"]) && gone(pids["vrrp.pid"]) })
		if _, err := os.Stat(outside); err == nil {
			t.Errorf("%s: %s was left behind", mode, outside)
		}
	}
}

func TestConfigTest(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		args   string
		status int
		want   string
	}{
		"clean":             {config: globals("router_id x") + vrrpBlock, status: 0},
		"unknown keyword":   {config: globals("nonsense"), status: 5, want: "(FILE: Line 2) Unknown keyword 'nonsense'\n"},
		"missing parameter": {config: "vrrp_instance VI_1 {\n\tinterface\n}\n", status: 2, want: "(FILE: Line 2) *** Configuration line starting `interface` is missing a parameter after keyword `interface` at word position 2\n"},
		"missing include":   {config: "includem /nonexistent\n", status: 6, want: "(FILE: Line 1) Config files missing '/nonexistent'.\n"},
		"plain include":     {config: "include /nonexistent\n", status: 0, want: "(FILE: Line 1) Config files missing '/nonexistent'.\n"},
		"missing command":   {config: globals("enable_script_security\n\tscript_user root") + strings.Replace(vrrpBlock, "{\n", "{\n\tnotify_master /nonexistent\n", 1), status: 0},
		"missing file":      {args: "-f /nonexistent.conf", status: 4, want: "Config files missing '/nonexistent.conf'.\n"},
		"no match":          {args: "-f /nonexistent.*", status: 4, want: "No config files matched '/nonexistent.*'.\n"},
		"namespace":         {config: "net_namespace gkdmn-none\n" + vrrpBlock, status: 0},
	} {
		r := newTrial(t, c.config)
		cmd := r.command(append([]string{"keepalived", "-t", "-f", r.conf}, strings.Fields(c.args)...))
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != c.status {
			t.Errorf("%s: exit status %d, want %d", name, got, c.status)
		}
		// keepalived ends at the first fatal finding; we go on.
		if got := r.text(); !strings.HasPrefix(got, strings.ReplaceAll(c.want, "FILE", r.conf)) || c.want == "" && got != "" {
			t.Errorf("%s: printed %q, want %q", name, got, c.want)
		}
	}
}

func TestConfigTestIntoFile(t *testing.T) {
	r := newTrial(t, globals("nonsense"))
	for _, form := range []string{"-t" + r.path("out"), "--config-test=" + r.path("out")} {
		cmd := r.command([]string{"keepalived", "-f", r.conf, form})
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != 5 {
			t.Errorf("exit status %d", got)
		}
	}
	if got := r.read("out"); strings.Count(got, "Line 2) Unknown keyword 'nonsense'\n") != 2 {
		t.Errorf("the file has %q: each test appends", got)
	}
	if info, _ := os.Stat(r.path("out")); info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	if err := os.Symlink("out", r.path("link")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/nonexistent/x": "Unable to open config-test log file /nonexistent/x 2 - No such file or directory\n",
		r.path("link"):   "Unable to open config-test log file " + r.path("link") + " 40 - Too many levels of symbolic links\n",
	} {
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = []string{"keepalived", "-f", r.conf, "-t" + path}
		cmd.Env = append(os.Environ(), fakeVariable+"=1")
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != 1 || string(out) != want {
			t.Errorf("%s: exit status %d, %q", path, got, out)
		}
	}
}

func TestGenhashName(t *testing.T) {
	p := &Program{
		Genhash:  func(argv []string) int { return len(argv) },
		Commands: []Command{{Name: "check", Run: func(args []string) int { return 40 + len(args) }}},
	}
	for line, want := range map[string]int{
		"/usr/bin/genhash -s 1": 3, "keepalived --genhash -s 1 -p 2": 5, "gokeepalived check -v": 41,
		// A mistyped command must not start a daemon.
		"gokeepalived chek -v": ExitFatal,
	} {
		if got := p.Main(strings.Fields(line)); got != want {
			t.Errorf("%s: %d, want %d", line, got, want)
		}
	}
}
