package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestKilledChildIsStartedAgain(t *testing.T) {
	r := newTrial(t, vrrpBlock+checkerBlock).start()
	vrrp, checker := r.pid("v.pid"), r.pid("c.pid")
	kill(t, vrrp, syscall.SIGKILL)
	r.awaitN("vrrp engine runs", 2)
	again := r.pid("v.pid")
	if again == vrrp || gone(again) || !gone(vrrp) {
		t.Errorf("v.pid has %d", again)
	}
	if r.pid("c.pid") != checker || gone(checker) || strings.Count(r.text(), "checker engine runs") != 1 {
		t.Error("the checker child was disturbed")
	}
	// The next death waits.
	kill(t, again, syscall.SIGKILL)
	r.await("Restart of VRRP process delayed 1 seconds to limit respawn rate")
	r.awaitN("vrrp engine runs", 3)
	r.stop()
	r.inOrder(
		"Startup complete",
		"pid N exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?",
		"VRRP child process(N) died: Respawning",
		"Restart of VRRP process delayed 0 seconds to limit respawn rate",
		"Starting VRRP child process, pid=N",
		"VRRP child process(N) died: Respawning",
		"Restart of VRRP process delayed 1 seconds to limit respawn rate",
		"Starting VRRP child process, pid=N",
		"Stopping",
	)
}

func TestChildThatIsToldToStopIsStartedAgain(t *testing.T) {
	r := newTrial(t, vrrpBlock).start()
	kill(t, r.pid("v.pid"), syscall.SIGTERM)
	r.awaitN("vrrp engine runs", 2)
	r.stop()
	r.inOrder("vrrp engine stopped", "Stopped", "VRRP child process(N) died: Respawning", "Starting VRRP child process, pid=N")
}

func TestChildWithOrdinaryStatusIsStartedAgain(t *testing.T) {
	r := newTrial(t, globals("router_id vrrp:exit-7")+vrrpBlock).run()
	r.await("Restart of VRRP process delayed 1 seconds")
	r.configure(vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	r.await("vrrp engine runs")
	r.stop()
	r.inOrder("pid N exited with status 7", "VRRP child process(N) died: Respawning")
}

// TestPanic: a bug in an engine is a crash like any other, not exit status 2,
// and what the runtime says about it gets to the log.
func TestPanic(t *testing.T) {
	r := newTrial(t, globals("router_id vrrp:crash")+vrrpBlock+checkerBlock).start()
	checker := r.pid("c.pid")
	r.configure(vrrpBlock + checkerBlock)
	r.signal(syscall.SIGUSR1)
	r.await("VRRP child process(")
	r.awaitN("vrrp engine runs", 2)
	if !strings.Contains(r.text(), ": panic: runtime error: invalid memory address or nil pointer dereference") {
		t.Error("the reason is not in the log")
	}
	if !strings.Contains(r.text(), "exited due to signal 6 (Aborted)") {
		t.Error("the end of the child is not in the log")
	}
	if gone(checker) {
		t.Error("the checker child is gone")
	}
	r.stop()
}

func TestDontRespawn(t *testing.T) {
	r := newTrial(t, vrrpBlock+checkerBlock).start("-R")
	checker := r.pid("c.pid")
	kill(t, r.pid("v.pid"), syscall.SIGKILL)
	if status := r.wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !gone(checker) {
		t.Error("the checker child is still there")
	}
	for _, name := range []string{"p.pid", "v.pid", "c.pid"} {
		if r.exists(name) {
			t.Errorf("%s was left behind", name)
		}
	}
	r.inOrder("VRRP child process(N) died: Exiting", "Stopping", "Stopped Keepalived v2.4.3 (devel)")
}

// TestParentKilled: the children notice, stop in order and tidy up.
func TestParentKilled(t *testing.T) {
	r := newTrial(t, globals("router_id vrrp:slow-stop")+vrrpBlock+checkerBlock).start()
	vrrp, checker := r.pid("v.pid"), r.pid("c.pid")
	r.signal(syscall.SIGKILL)
	<-r.ended
	r.eventually("the checker child to stop", func() bool { return gone(checker) })
	if gone(vrrp) {
		t.Error("the vrrp child did not take its time")
	}
	if !r.exists("p.pid") {
		t.Error("p.pid should be left behind: nobody is there to remove it")
	}
	// A new daemon waits for the old child, which still has its addresses.
	next := &trial{t: t, dir: r.dir, conf: r.conf, argv0: "keepalived", program: ownExecutable}
	next.start()
	if !strings.Contains(r.text(), "vrrp engine stopped") {
		t.Error("two vrrp engines run")
	}
	if next.pid("p.pid") != next.cmd.Process.Pid || gone(next.pid("v.pid")) {
		t.Error("the new daemon does not run")
	}
	next.stop()
	for _, want := range []string{"vrrp engine stopped", "checker engine stopped", "The parent process has gone - stopping"} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("no line %q", want)
		}
	}
	for _, name := range []string{"p.pid", "v.pid", "c.pid"} {
		if r.exists(name) {
			t.Errorf("%s was left behind", name)
		}
	}
}

// TestHungChild: a child that does not even answer gets KILL after
// child_wait_time.
func TestHungChild(t *testing.T) {
	r := newTrial(t, "child_wait_time 1\n"+vrrpBlock).start()
	vrrp := r.pid("v.pid")
	kill(t, vrrp, syscall.SIGSTOP)
	begin := time.Now()
	r.stop()
	if took := time.Since(begin); took < time.Second {
		t.Errorf("the child was given %v, want 1 s", took)
	}
	if !gone(vrrp) {
		t.Error("the child is still there")
	}
	r.inOrder("Stopping", "vrrp process failed to die - forcing termination", "Stopped Keepalived v2.4.3 (devel)")
}

// TestBusyChild: a child that has begun to stop may finish.
func TestBusyChild(t *testing.T) {
	r := newTrial(t, "child_wait_time 1\n"+globals("router_id vrrp:slow-stop")+vrrpBlock).start()
	r.stop()
	r.inOrder("Stopping", "vrrp process is still stopping after 1s - waiting for it to finish", "vrrp engine stopped", "Stopped Keepalived v2.4.3 (devel)")
}

func TestIgnoredInterrupt(t *testing.T) {
	r := newTrial(t, vrrpBlock).start("--ignore-sigint")
	vrrp := r.pid("v.pid")
	r.signal(syscall.SIGINT)
	kill(t, vrrp, syscall.SIGINT)
	r.state() // both are alive and answer
	if r.pid("v.pid") != vrrp {
		t.Error("the child was started anew")
	}
	r.stop()
}

// TestUnusedSignals: nothing but the documented signals has an effect.
func TestUnusedSignals(t *testing.T) {
	r := newTrial(t, vrrpBlock).start()
	vrrp := r.pid("v.pid")
	for s := syscall.Signal(1); s <= 64; s++ {
		switch s {
		case syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGUSR1, syscall.SIGUSR2,
			signalJSON, signalStatsClear, // these act
			syscall.SIGILL, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, // these mean a bug
			32, 33: // the C library's own
			continue
		}
		r.signal(s)
		kill(t, vrrp, s)
	}
	r.state()
	if gone(vrrp) || r.pid("v.pid") != vrrp {
		t.Error("the child was started anew")
	}
	r.stop()
}

// TestSentFault: a signal that means a bug ends a child at once, as that signal
// does, and says where it was.
func TestSentFault(t *testing.T) {
	r := newTrial(t, vrrpBlock).start()
	vrrp := r.pid("v.pid")
	began := time.Now()
	kill(t, vrrp, syscall.SIGSEGV)
	r.await(fmt.Sprintf("pid %d exited due to signal 11 (Segmentation fault)", vrrp))
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	r.await(fmt.Sprintf("pid %d: signal 11 (segmentation fault) was sent", vrrp))
	r.await("goroutine ")
	r.awaitN("Starting VRRP child process, pid=", 2)
	r.stop()
}

// TestOrphans: processes that scripts leave behind become ours, and are
// collected when they end.
func TestOrphans(t *testing.T) {
	r := newTrial(t, "")
	script := r.path("start.sh")
	r.write("start.sh", "#!/bin/sh\n(sleep 0.2; echo >"+r.path("orphan-ran")+") </dev/null >/dev/null 2>&1 &\nexit 0\n")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	r.configure(globals("startup_script "+script+" root", "enable_script_security", "umask 022") + vrrpBlock)
	r.start("-D")
	r.eventually("the orphan to end", func() bool { return r.exists("orphan-ran") })
	parent := r.cmd.Process.Pid
	r.eventually("no zombie of ours", func() bool {
		for _, pid := range childrenOf(t, parent) {
			if strings.Contains(procText(pid, "stat"), ") Z ") {
				return false
			}
		}
		return len(childrenOf(t, parent)) == 1
	})
	r.stop()
}

// childrenOf lists the child processes of pid, zombies too.
func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var list []int
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		var child, parent int
		if i := strings.LastIndexByte(string(text), ')'); i > 0 {
			_, _ = fmt.Sscanf(string(text[i+1:]), " %c %d", new(rune), &parent)
			_, _ = fmt.Sscanf(string(text), "%d", &child)
		}
		if parent == pid {
			list = append(list, child)
		}
	}
	return list
}

func TestBackoff(t *testing.T) {
	var b backoff
	var got []int
	for range 10 {
		got = append(got, int(b.delay(time.Second)/time.Second))
	}
	if fmt.Sprint(got) != "[0 1 2 4 8 16 32 60 60 60]" {
		t.Errorf("delays %v", got)
	}
	if d := b.delay(61 * time.Second); d != 0 {
		t.Errorf("after a long run: %v", d)
	}
	if d := b.delay(time.Second); d != time.Second {
		t.Errorf("after the next death: %v", d)
	}
}
