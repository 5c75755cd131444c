package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestStartAndStop(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		r := newTrial(t, vrrpBlock+checkerBlock).start("-D")
		for name, pid := range map[string]int{"p.pid": r.cmd.Process.Pid, "v.pid": r.pid("v.pid"), "c.pid": r.pid("c.pid")} {
			if got := r.pid(name); got != pid || gone(pid) {
				t.Errorf("%s has %d, want a living %d", name, got, pid)
			}
			if info, _ := os.Stat(r.path(name)); info.Mode().Perm() != 0o644 {
				t.Errorf("%s has mode %v", name, info.Mode())
			}
			if got := procText(pid, "comm"); got != "keepalived" {
				t.Errorf("%s: the process is called %q", name, got)
			}
			if got, want := procText(pid, "cmdline"), procText(r.cmd.Process.Pid, "cmdline"); got != want {
				t.Errorf("%s: command line %q, want %q", name, got, want)
			}
		}
		if r.exists("b.pid") {
			t.Error("there is a pid file for bfd, which does not run")
		}
		children := []int{r.pid("v.pid"), r.pid("c.pid")}
		r.signal(sig)
		if status := r.wait(); status != 0 {
			t.Errorf("%v: exit status %d", sig, status)
		}
		for _, pid := range children {
			if !gone(pid) {
				t.Errorf("%v: child %d is still there", sig, pid)
			}
		}
		for _, name := range []string{"p.pid", "v.pid", "c.pid", "b.pid"} {
			if r.exists(name) {
				t.Errorf("%v: %s was left behind", sig, name)
			}
		}
		r.inOrder(
			"Starting Keepalived v2.4.3 (devel), gokeepalived devel",
			"Running on "+runningOn()+" (built for Linux "+builtForKernel+")",
			"Opening file '"+r.conf+"'.",
			"Configuration file "+r.conf,
			"Starting Healthcheck child process, pid=N",
			"Starting VRRP child process, pid=N",
			"Startup complete",
			"Stopping",
			"Stopped Keepalived v2.4.3 (devel)",
		)
		for _, want := range []string{"checker engine stopped", "vrrp engine stopped", "Stopped - used ", "CPU usage (self/children) user: "} {
			if !strings.Contains(r.text(), want) {
				t.Errorf("no line %q", want)
			}
		}
	}
}

func TestCommandLineText(t *testing.T) {
	long := strings.Repeat("x", 120)
	for _, c := range []struct {
		argv []string
		want []string
	}{
		{[]string{"keepalived", "-n"}, []string{"Command line: 'keepalived' '-n'"}},
		{
			strings.Fields("keepalived -n -l -D -f /tmp/gkdmn/a.conf -p /tmp/gkdmn/p.pid -r /tmp/gkdmn/v.pid -c c.pid -b b.pid"),
			[]string{
				"Command line: 'keepalived' '-n' '-l' '-D' '-f' '/tmp/gkdmn/a.conf' '-p' '/tmp/gkdmn/p.pid' '-r'",
				"              '/tmp/gkdmn/v.pid' '-c' 'c.pid' '-b' 'b.pid'",
			},
		},
		{
			strings.Fields("keepalived -n -l --all -f empty.conf -p p.pid -r v.pid -b b.pid -c c.pid"),
			[]string{
				"Command line: 'keepalived' '-n' '-l' '--all' '-f' 'empty.conf' '-p' 'p.pid' '-r' 'v.pid' '-b' 'b.pid'",
				"              '-c' 'c.pid'",
			},
		},
		{[]string{long, "-n"}, []string{"Command line: '" + long + "'", "              '-n'"}},
	} {
		if got := commandLineText(c.argv); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestBackground(t *testing.T) {
	r := newTrial(t, vrrpBlock)
	cmd := r.command(r.args())
	if err := cmd.Run(); err != nil {
		t.Fatalf("the first process: %v\n%s", err, r.text())
	}
	// The pid file is there when the first process has gone.
	pid := r.pid("p.pid")
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	if pid == cmd.Process.Pid {
		t.Error("the daemon is the first process")
	}
	r.eventually("the vrrp child", func() bool { return r.exists("v.pid") && r.read("v.pid") != "" })
	if cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); cwd != "/" {
		t.Errorf("the daemon works in %s", cwd)
	}
	for fd := range 3 {
		if to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); to != "/dev/null" {
			t.Errorf("descriptor %d is %s", fd, to)
		}
	}
	// Fields 5 and 6 behind the name are process group and session.
	stat := procText(pid, "stat")
	fields := strings.Fields(stat[strings.LastIndex(stat, ")"):])
	if fields[3] != fmt.Sprint(pid) {
		t.Errorf("the daemon is in session %s, want one of its own", fields[3])
	}
	vrrp := r.pid("v.pid")
	// A name relative to the first process still means the same file.
	r.configure(vrrpBlock + globals("router_id second"))
	kill(t, pid, syscall.SIGHUP)
	r.eventually("the reload", func() bool {
		kill(t, pid, syscall.SIGUSR1)
		text, _ := os.ReadFile(r.path("keepalived.data"))
		return strings.Contains(string(text), "router_id second, 1 reloads")
	})
	kill(t, pid, syscall.SIGTERM)
	r.eventually("the end", func() bool { return gone(pid) && gone(vrrp) && !r.exists("p.pid") && !r.exists("v.pid") })
}

func kill(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

func TestBackgroundWithRelativeNames(t *testing.T) {
	r := newTrial(t, vrrpBlock)
	cmd := r.command([]string{"keepalived", "-f", "keepalived.conf", "-p", "p.pid", "-r", "v.pid", "-G"})
	if err := cmd.Run(); err != nil {
		t.Fatalf("the first process: %v\n%s", err, r.text())
	}
	pid := r.pid("p.pid")
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	r.configure(vrrpBlock + globals("router_id second"))
	kill(t, pid, syscall.SIGHUP)
	r.eventually("the reload", func() bool {
		kill(t, pid, syscall.SIGUSR1)
		text, _ := os.ReadFile(r.path("keepalived.data"))
		return strings.Contains(string(text), "router_id second, 1 reloads")
	})
	kill(t, pid, syscall.SIGTERM)
	r.eventually("the end", func() bool { return gone(pid) && !r.exists("p.pid") && !r.exists("v.pid") })
}

// TestFailedStarts are starts that must end with a clear line, the right
// status and nothing left behind.
func TestFailedStarts(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		args   []string
		before func(*trial)
		status int
		want   string
		left   []string
	}{
		"missing file":       {args: []string{"-f", "/nonexistent.conf"}, status: 6, want: "Config files missing '/nonexistent.conf'."},
		"missing include":    {config: "includem /nonexistent\n" + vrrpBlock, status: 6, want: "Config files missing '/nonexistent'."},
		"missing parameter":  {config: "vrrp_instance VI_1 {\n\tinterface\n}\n", status: 2, want: "keepalived.conf: Line 2) *** Configuration line starting `interface` is missing a parameter"},
		"no VRID":            {config: "vrrp_instance VI_1 {\n\tinterface eth0\n}\n", status: 2, want: "(VI_1) the virtual router id must be set"},
		"config at start":    {config: globals("router_id vrrp:config-error") + vrrpBlock, status: 2, want: "exited with permanent error CONFIG. Terminating"},
		"fatal at start":     {config: globals("router_id vrrp:fatal") + vrrpBlock, status: 1, want: "exited with permanent error FATAL. Terminating"},
		"engine not made":    {config: globals("router_id checker:no-start") + vrrpBlock + checkerBlock, status: 1, want: "the fake engine cannot be made"},
		"no permission":      {config: globals("router_id checker:permission") + checkerBlock, status: 4, want: "exited with permanent error missing permission. Terminating"},
		"strict check":       {config: globals("reload_check_config", "nonsense") + vrrpBlock, status: 2, want: "Unknown keyword 'nonsense'"},
		"namespace":          {config: "net_namespace gkdmn-none\n" + vrrpBlock, status: 0, want: "Unable to set network namespace gkdmn-none - exiting"},
		"pid folder":         {config: vrrpBlock, args: []string{"-p", "/nonexistent/p.pid"}, status: 0, want: "Cannot use pid file /nonexistent/p.pid: open /nonexistent/p.pid: no such file or directory"},
		"pid file is a link": {config: vrrpBlock, before: func(r *trial) { os.Symlink("x", r.path("p.pid")) }, status: 0, want: "too many levels of symbolic links", left: []string{"p.pid"}},
		"pid file is text":   {config: vrrpBlock, before: func(r *trial) { r.write("v.pid", "precious\n") }, status: 0, want: "holds something else than a process number", left: []string{"v.pid"}},
		"pid file is a fifo": {config: vrrpBlock, before: func(r *trial) { syscall.Mkfifo(r.path("v.pid"), 0o600) }, status: 0, want: "not a regular file", left: []string{"v.pid"}},
	} {
		for _, mode := range []string{"foreground", "background"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				if mode == "background" && (c.status == 1 || c.status == 4 || name == "config at start") {
					t.Skip("ends after the first process has")
				}
				r := newTrial(t, c.config)
				if c.before != nil {
					c.before(r)
				}
				if mode == "foreground" {
					r.run(c.args...)
					if status := r.wait(); status != c.status {
						t.Errorf("exit status %d, want %d", status, c.status)
					}
					r.inOrder("Stopped Keepalived v2.4.3 (devel)")
				} else {
					cmd := r.command(r.args(c.args...))
					_ = cmd.Run()
					if status := cmd.ProcessState.ExitCode(); status != c.status {
						t.Errorf("exit status %d, want %d", status, c.status)
					}
				}
				if !strings.Contains(r.text(), c.want) {
					t.Errorf("no line %q in\n%s", c.want, r.text())
				}
				files, _ := filepath.Glob(r.path("*.pid"))
				for i := range files {
					files[i] = filepath.Base(files[i])
				}
				if strings.Join(files, " ") != strings.Join(c.left, " ") {
					t.Errorf("pid files left: %v, want %v", files, c.left)
				}
				if name == "pid file is text" && r.read("v.pid") != "precious\n" {
					t.Error("the file was changed")
				}
			})
		}
	}
}

// TestOptionsAreReadAloudOnce: children read the command line again, but only
// the first process complains.
func TestOptionsAreReadAloudOnce(t *testing.T) {
	r := newTrial(t, vrrpBlock+checkerBlock).start("-S", "kern", "stray")
	r.stop()
	for _, want := range []string{"Invalid log facility 'kern'", "Unexpected argument(s): stray"} {
		if n := strings.Count(r.text(), want); n != 1 {
			t.Errorf("%q is printed %d times", want, n)
		}
	}
}

func TestAlreadyRunning(t *testing.T) {
	r := newTrial(t, vrrpBlock).start()
	for _, mode := range [][]string{{"-n", "-l"}, nil} {
		second := &trial{t: t, dir: r.dir, conf: r.conf, argv0: "keepalived", program: ownExecutable}
		cmd := second.command(second.args(mode...))
		if err := cmd.Run(); err != nil {
			t.Errorf("the second daemon: %v", err)
		}
		if !strings.Contains(second.text(), "daemon is already running") {
			t.Errorf("the second daemon says\n%s", second.text())
		}
		if mode != nil && !strings.Contains(second.text(), "Another process has pid file "+r.path("p.pid")+" locked") {
			t.Errorf("the second daemon says\n%s", second.text())
		}
	}
	if r.pid("p.pid") != r.cmd.Process.Pid || gone(r.pid("v.pid")) {
		t.Error("the second daemon disturbed the first")
	}
	r.stop()
}

func TestStalePIDFile(t *testing.T) {
	r := newTrial(t, vrrpBlock)
	r.write("p.pid", "1\n") // lives, but is no keepalived
	r.write("v.pid", "4194305\n")
	r.start()
	if r.pid("p.pid") != r.cmd.Process.Pid {
		t.Errorf("the pid file has %d", r.pid("p.pid"))
	}
	r.stop()
}

func TestWhichChildrenRun(t *testing.T) {
	both := vrrpBlock + checkerBlock
	for _, c := range []struct{ config, args, want string }{
		{both, "", "c.pid v.pid"},
		{both, "-P", "v.pid"},
		{both, "-C", "c.pid"},
		{both, "-B", "c.pid v.pid"},
		{vrrpBlock, "", "v.pid"},
		{vrrpBlock, "--all", "b.pid c.pid v.pid"},
		{"", "--all -B", "c.pid v.pid"},
		{"", "-PC --all", "b.pid c.pid v.pid"},
	} {
		r := newTrial(t, c.config).start(strings.Fields(c.args)...)
		files, _ := filepath.Glob(r.path("[vcb].pid"))
		for i := range files {
			files[i] = filepath.Base(files[i])
			if gone(r.pid(files[i])) {
				t.Errorf("%s: the process of %s does not run", c.args, files[i])
			}
		}
		if got := strings.Join(files, " "); got != c.want {
			t.Errorf("%q: children %s, want %s", c.args, got, c.want)
		}
		r.stop()
	}
}

func TestNothingToRun(t *testing.T) {
	r := newTrial(t, "").run()
	r.await("Warning - keepalived has no configuration to run")
	r.configure(vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	if gone(r.pid("v.pid")) {
		t.Error("the vrrp child does not run")
	}
	r.stop()
	if r.exists("v.pid") {
		t.Error("its pid file was left behind")
	}
	r.inOrder("Warning - keepalived has no configuration to run", "Reloading ...", "Starting VRRP child process, pid=N", "Reload complete", "Stopping")
}

func TestProcessNames(t *testing.T) {
	for _, c := range []struct{ global, parent, vrrp, checker string }{
		{"process_names", "keepalived", "keepalived_vrrp", "keepalived_lvs"},
		{"process_name mum\n\tvrrp_process_name lad\n\tprocess_names", "mum", "lad", "keepalived_lvs"},
		{"checker_process_name check", "keepalived", "keepalived", "check"},
	} {
		r := newTrial(t, globals(c.global)+vrrpBlock+checkerBlock).start()
		for name, want := range map[string]string{"p.pid": c.parent, "v.pid": c.vrrp, "c.pid": c.checker} {
			r.eventually(name+" to be called "+want, func() bool { return procText(r.pid(name), "comm") == want })
		}
		r.stop()
	}
}

// TestLogNames: instance is in the name of every process in the log.
func TestLogNames(t *testing.T) {
	r := newTrial(t, "instance zz\n"+vrrpBlock+checkerBlock).start("--log-format", "json")
	r.stop()
	for _, name := range []string{"Keepalived_zz", "Keepalived_vrrp_zz", "Keepalived_healthcheckers_zz"} {
		if !strings.Contains(r.text(), `"process":"`+name+`"`) {
			t.Errorf("nothing from %s", name)
		}
	}
	if !strings.Contains(r.text(), "Changing syslog ident to Keepalived_zz") {
		t.Error("the change is not logged")
	}
}

func TestCalledGokeepalived(t *testing.T) {
	r := newTrial(t, vrrpBlock)
	r.argv0 = "/usr/local/bin/gokeepalived"
	r.start()
	if got := procText(r.pid("v.pid"), "comm"); got != "gokeepalived" {
		t.Errorf("the child is called %q", got)
	}
	if got := procText(r.pid("v.pid"), "cmdline"); !strings.HasPrefix(got, "/usr/local/bin/gokeepalived\x00-f") {
		t.Errorf("its command line is %q", got)
	}
	r.stop()
}

func TestLogFiles(t *testing.T) {
	r := newTrial(t, vrrpBlock+checkerBlock).start("-gk.log", "--log-format", "json")
	r.stop()
	for name, want := range map[string]string{
		"k.log": "Startup complete", "k_vrrp.log": "vrrp engine runs", "k_check.log": "checker engine runs",
	} {
		if !strings.Contains(r.read(name), `"message":"`+want+`"`) {
			t.Errorf("%s has\n%s", name, r.read(name))
		}
	}
	if !strings.Contains(r.text(), `"process":"Keepalived_healthcheckers"`) {
		t.Errorf("the console has\n%s", r.text())
	}
}

func TestDumpConf(t *testing.T) {
	r := newTrial(t, globals("router_id lb1")+vrrpBlock).start("-d")
	r.await("fake vrrp: router_id lb1, 0 reloads")
	r.stop()
	r.inOrder("------< Global definitions >------", " Router ID = lb1", "fake vrrp: router_id lb1, 0 reloads")
}
