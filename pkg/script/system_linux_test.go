package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// openFolder is a test folder that every user may enter.
func openFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// file writes an executable file.
func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func runner(t *testing.T, opt RunnerOptions) *Runner {
	t.Helper()
	r := NewRunner(opt)
	t.Cleanup(r.Close)
	return r
}

func self() Credentials { return Credentials{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())} }

func command(path string, args ...string) Command {
	return Command{Path: path, Args: append([]string{path}, args...), Credentials: self()}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		nstest.Missing(t, "root", errors.New("scripts run as another user"))
	}
}

func TestOutcomes(t *testing.T) {
	dir := openFolder(t)
	r := runner(t, RunnerOptions{})
	const patience = 300 * time.Millisecond
	tests := map[string]struct {
		command Command
		timeout time.Duration
		want    string
	}{
		"true":   {command: command("/bin/true"), want: "exited 0 "},
		"status": {command: command(file(t, dir, "three", "#!/bin/sh\nexit 3\n")), want: "exited 3 exited with status 3"},
		"signal": {command: command(file(t, dir, "kill", "#!/bin/sh\nkill -9 $$\n")), want: "signalled 0 due to signal 9"},
		"no shebang": {
			command: command(file(t, dir, "plain", `test "$1 $2" = "a b c" && exit 7`), "a", "b c"),
			want:    "exited 7 exited with status 7",
		},
		"bad interpreter": {
			command: command(file(t, dir, "bad", "#!/no/such/sh\n")),
			want:    "not executed 0 could not be executed: interpreter /no/such/sh: exec " + dir + "/bad: no such file or directory",
		},
		"missing": {
			command: command("/no/such"),
			want:    "not executed 0 could not be executed: exec /no/such: no such file or directory",
		},
		"hangs":            {command: command("/bin/sleep", "60"), timeout: patience, want: "timed out 0 "},
		"lies at TERM":     {command: command(file(t, dir, "lies", "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 0.1; done\n")), timeout: patience, want: "timed out 0 "},
		"prints gigabytes": {command: command("/usr/bin/yes"), timeout: patience, want: "timed out 0 "},
		"reads its input":  {command: command("/bin/cat"), want: "exited 0 "},
		"file there":       {command: Command{ReadFile: "/etc/passwd", Credentials: self()}, want: "exited 0 "},
		"file not there":   {command: Command{ReadFile: dir + "/o'; exit 0; '", Credentials: self()}, want: "exited 2 exited with status 2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := r.Run(t.Context(), test.command, Options{Timeout: test.timeout})
			got := fmt.Sprintf("%v %d %s", res.Outcome, res.ExitCode, res.Reason())
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// state is what a script reports about itself.
const state = `#!/bin/dash
{
echo "args=$*"
echo "group=$(($(cut -d' ' -f5 /proc/$$/stat) - $$))"
echo "session=$(cut -d' ' -f6 /proc/$$/stat)"
echo "nice=$(cut -d' ' -f19 /proc/$$/stat)"
echo "policy=$(cut -d' ' -f41 /proc/$$/stat)"
grep -E '^(Uid|Gid|Groups|SigBlk|SigIgn):' /proc/self/status | tr '\t' ' '
echo "umask=$(umask)"
echo "core=$(ulimit -c)"
echo "pwd=$(pwd)"
} >"$1.state"
tr '\0' '\n' </proc/$$/environ >"$1.env"
cd /proc/self/fd && exec readlink 0 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 >"$1.fds"
`

func TestEnvironmentOfScripts(t *testing.T) {
	needRoot(t)
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("needs the user nobody")
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	dir := openFolder(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET"} {
		t.Setenv(v, "/no/such")
	}
	t.Setenv("GK_KEPT", "a b=c")
	// A descriptor that somebody forgot to close on exec.
	leaked, err := syscall.Dup(int(os.Stderr.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leaked)
	r := runner(t, RunnerOptions{Nice: 7, Limits: map[int]unix.Rlimit{unix.RLIMIT_CORE: {Cur: 0, Max: 0}}})
	c := Command{
		Path: file(t, dir, "state.sh", state), Args: []string{"as/written", dir + "/out", "x  y"},
		Credentials: Credentials{UID: uint32(uid), GID: uint32(gid), Groups: []uint32{4, 27}},
	}
	res := r.Run(t.Context(), c, Options{Extra: []string{"INSTANCE", "V 1"}, Timeout: 20 * time.Second})
	// readlink fails for the descriptors that are not open.
	if res.Outcome != Exited {
		t.Fatalf("%v %s", res.Outcome, res.Reason())
	}
	read := func(name string) string {
		text, err := os.ReadFile(dir + "/out." + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	sid, err := unix.Getsid(0)
	if err != nil {
		t.Fatal(err)
	}
	wd, _ := os.Getwd()
	umask := syscall.Umask(0)
	syscall.Umask(umask)
	want := fmt.Sprintf(`args=%s/out x  y INSTANCE V 1
group=0
session=%d
nice=7
policy=0
Uid: %[3]d %[3]d %[3]d %[3]d
Gid: %[4]d %[4]d %[4]d %[4]d
Groups: 4 27 
SigBlk: 0000000000000000
SigIgn: 0000000000000000
umask=%04[5]o
core=0
pwd=%s
`, dir, sid, uid, gid, umask, wd)
	if got := withoutLibcSignals(read("state")); got != want {
		t.Errorf("the script saw\n%s\nwant\n%s", got, want)
	}
	env := strings.Split(strings.TrimRight(read("env"), "\n"), "\n")
	wantEnv := Environment(os.Environ())
	if strings.Join(env, "\n") != strings.Join(wantEnv, "\n") {
		t.Errorf("environment\n%q\nwant\n%q", env, wantEnv)
	}
	for _, v := range wantEnv {
		name, _, _ := strings.Cut(v, "=")
		if name == "IFS" || name == "NOTIFY_SOCKET" || strings.HasPrefix(name, "LD_") {
			t.Errorf("%s is passed on", name)
		}
	}
	if fds := read("fds"); fds != "/dev/null\n/dev/null\n" {
		t.Errorf("descriptors beside 1: %q", fds)
	}
}

func TestMayNotBecomeSomebodyElse(t *testing.T) {
	needRoot(t)
	dir := openFolder(t)
	r := runner(t, RunnerOptions{})
	private := file(t, dir, "private", "#!/bin/sh\n")
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	c := command(private)
	c.Credentials = Credentials{UID: 65534, GID: 65534}
	res := r.Run(t.Context(), c, Options{})
	if res.Outcome != NotExecuted || !strings.Contains(res.Reason(), "permission denied") {
		t.Errorf("got %v %s", res.Outcome, res.Reason())
	}
	if res := r.Run(t.Context(), Command{ReadFile: private, Credentials: c.Credentials}, Options{}); res.OK() {
		t.Error("nobody may read a file of mode 0700")
	}
}

func TestRealtimeIsUndone(t *testing.T) {
	needRoot(t)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread goes away
		err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}, 0)
		if err == nil {
			newSystem(RunnerOptions{}).prepare()
			var attr *unix.SchedAttr
			attr, err = unix.SchedGetAttr(0, 0)
			if err == nil && attr.Policy != unix.SCHED_NORMAL {
				err = fmt.Errorf("policy %d", attr.Policy)
			}
		} else {
			err = fmt.Errorf("skip: %w", err)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		if strings.HasPrefix(err.Error(), "skip") {
			t.Skip("needs real-time scheduling:", err)
		}
		t.Error(err)
	}
}

// A timeout ends what the script has started, as long as it stayed in the
// group, even when it ignores TERM.
func TestTimeoutEndsTheGroup(t *testing.T) {
	dir := openFolder(t)
	r := runner(t, RunnerOptions{})
	c := command(file(t, dir, "fork.sh", `#!/bin/sh
sh -c 'trap "" TERM; echo $$ >`+dir+`/pid; while :; do sleep 0.2; done' &
while [ ! -s `+dir+`/pid ]; do sleep 0.02; done
wait
`))
	res := r.Run(t.Context(), c, Options{Timeout: time.Second})
	if res.Outcome != TimedOut {
		t.Fatalf("got %v %s", res.Outcome, res.Reason())
	}
	text, err := os.ReadFile(dir + "/pid")
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	eventually(t, "the grandchild is gone", func() bool { return !alive(pid) })
}

// alive reports whether pid exists and is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// eventually polls for something that other processes do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not after 10 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestNothingLeftAfterManyRuns(t *testing.T) {
	count := func() (fds, goroutines, children int) {
		entries, _ := os.ReadDir("/proc/self/fd")
		tasks, _ := filepath.Glob("/proc/self/task/*/children")
		for _, task := range tasks {
			text, _ := os.ReadFile(task)
			children += len(strings.Fields(string(text)))
		}
		return len(entries), runtime.NumGoroutine(), children
	}
	r := NewRunner(RunnerOptions{})
	// The first run creates what stays: the poller.
	r.Run(t.Context(), command("/bin/true"), Options{})
	fds, goroutines, children := count()
	var all sync.WaitGroup
	limit := make(chan struct{}, 20)
	for range 1000 {
		limit <- struct{}{}
		all.Add(1)
		r.Start(command("/bin/true"), Options{Timeout: time.Minute, Done: func(res Result) {
			if !res.OK() {
				t.Errorf("%v %s", res.Outcome, res.Reason())
			}
			<-limit
			all.Done()
		}})
	}
	all.Wait()
	eventually(t, "descriptors, goroutines and children are back", func() bool {
		f, g, c := count()
		r.mu.Lock()
		defer r.mu.Unlock()
		// A busy machine may have asked for more launch threads than one.
		return f <= fds && g <= goroutines+r.threads-1 && c <= children
	})
	r.Close()
	eventually(t, "launch threads end after Close", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.threads == 0
	})
}

// TestMain doubles as a daemon that starts a script and waits, for tests of
// what happens to the script when it is killed, and of what it inherits.
func TestMain(m *testing.M) {
	if path := os.Getenv("GK_TEST_DAEMON"); path != "" {
		r := NewRunner(RunnerOptions{})
		p := r.Start(command(path), Options{})
		<-p.Launched()
		fmt.Println(p.PID())
		<-p.Gone()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// daemon starts this test binary as a daemon with one script, through a shell
// that runs before first, and returns both process ids.
func daemon(t *testing.T, before, path string) (cmd *exec.Cmd, script int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, "/bin/bash", "-c", before+"exec "+exe)
	cmd.Env = append(os.Environ(), "GK_TEST_DAEMON="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	script, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil || script == 0 {
		t.Fatalf("no script: %q", line)
	}
	return cmd, script
}

// However we die, scripts get TERM; and not because one of our threads ends.
func TestScriptsDieWithUs(t *testing.T) {
	dir := openFolder(t)
	path := file(t, dir, "wait.sh", "#!/bin/sh\ntrap 'echo term >"+dir+"/sig; exit' TERM\nwhile :; do sleep 0.1; done\n")
	cmd, script := daemon(t, "", path)
	// Long enough for the runtime to retire idle threads, had it a mind to.
	time.Sleep(200 * time.Millisecond)
	if !alive(script) {
		t.Fatal("the script died while its daemon lives")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "the script has got TERM", func() bool {
		text, _ := os.ReadFile(dir + "/sig")
		return string(text) == "term\n"
	})
}

// withoutLibcSignals clears signal 32 from an ignored set. A program linked with
// glibc, as this test is under the race detector, cannot reset its internal
// signals, and a make that starts children with posix_spawn ignores that one;
// the daemon itself is linked without glibc.
func withoutLibcSignals(text string) string {
	return strings.Replace(text, "0000000080000000", "0000000000000000", 1)
}

// A daemon that was started with signals ignored (nohup) doesn't pass that on.
func TestIgnoredSignalsAreReset(t *testing.T) {
	dir := openFolder(t)
	path := file(t, dir, "ign.sh", "#!/bin/dash\ngrep SigIgn /proc/self/status >"+dir+"/ign\n")
	cmd, _ := daemon(t, "trap '' HUP INT QUIT PIPE USR1 TSTP TTIN TTOU CHLD; ", path)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/ign")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := withoutLibcSignals(string(text)), "SigIgn:\t0000000000000000\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkTrue(b *testing.B) {
	r := NewRunner(RunnerOptions{})
	defer r.Close()
	for b.Loop() {
		if res := r.Run(b.Context(), command("/bin/true"), Options{}); !res.OK() {
			b.Fatal(res)
		}
	}
}
