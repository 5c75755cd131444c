package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/vrrprun"
)

// Real processes: the test binary is the daemon when fakeVariable is set. All
// of the daemon is real but its engines, so that no privilege and no network
// is needed.

const (
	fakeVariable = "GKDMN_FAKE"
	// realEngines as its value asks for the real ones after all.
	realEngines = "no"
)

func TestMain(m *testing.M) {
	switch os.Getenv(fakeVariable) {
	case "":
	case realEngines:
		os.Exit(Standard().Main(os.Args))
	default:
		p := &Program{VRRP: newFake("vrrp"), Checkers: newFake("checker"), BFD: newFake("bfd")}
		os.Exit(p.Main(os.Args))
	}
	os.Exit(m.Run())
}

// fake is an engine that does what router_id says: "fail:vrrp:refuse-reload".
type fake struct {
	name string
	s    Start

	mu      sync.Mutex
	cfg     *config.Config
	reloads int
	cleared int
	crash   chan struct{}
}

func newFake(name string) func(Start) (Engine, error) {
	return func(s Start) (Engine, error) {
		if behaviour(s.Config, name) == "no-start" {
			return nil, errors.New("the fake engine cannot be made")
		}
		return &fake{name: name, s: s, cfg: s.Config, crash: make(chan struct{})}, nil
	}
}

// behaviour is what router_id asks of the engine with this name.
func behaviour(c *config.Config, name string) string {
	for _, part := range strings.Split(c.Global.RouterID, ",") {
		if engine, what, ok := strings.Cut(part, ":"); ok && engine == name {
			return what
		}
	}
	return ""
}

func (f *fake) Run(ctx context.Context) error {
	if f.s.ClearOnly {
		f.s.Log.Info(f.name + " engine clears up")
		return nil
	}
	switch behaviour(f.s.Config, f.name) {
	case "hang":
		f.s.Ready()
		select {}
	case "config-error":
		return fmt.Errorf("%w: interface eth9 does not exist", vrrprun.ErrConfig)
	case "fatal":
		return errors.New("the fake engine cannot start")
	case "permission":
		return fmt.Errorf("open socket: %w", syscall.EPERM)
	case "exit-7":
		os.Exit(7)
	}
	f.s.Log.Info(f.name + " engine runs")
	f.s.Ready()
	select {
	case <-ctx.Done():
	case <-f.crash:
		var none *fake
		none.cfg = nil // the panic of a bug
	}
	if behaviour(f.cfg, f.name) == "slow-stop" {
		time.Sleep(1500 * time.Millisecond)
	}
	f.s.Log.Info(f.name + " engine stopped")
	return nil
}

func (f *fake) Reload(cfg *config.Config) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch behaviour(cfg, f.name) {
	case "refuse-reload":
		return fmt.Errorf("%w: interface eth9 does not exist", vrrprun.ErrConfig)
	case "slow-reload":
		time.Sleep(300 * time.Millisecond)
	}
	f.cfg = cfg
	f.reloads++
	return nil
}

func (f *fake) Data(w io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if behaviour(f.cfg, f.name) == "crash" {
		close(f.crash)
		time.Sleep(time.Minute)
	}
	_, err := fmt.Fprintf(w, "fake %s: router_id %s, %d reloads\n", f.name, f.cfg.Global.RouterID, f.reloads)
	return err
}

func (f *fake) Stats(w io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := fmt.Fprintf(w, "fake statistics, cleared %d times\n", f.cleared)
	return err
}

func (f *fake) ClearStats() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cleared++
}

func (f *fake) JSON(w io.Writer, version int) (bool, error) {
	_, err := fmt.Fprintf(w, `{"version":%d}`+"\n", version)
	return len(f.cfg.Instances) > 0, err
}

// Configurations for the fakes.
const (
	vrrpBlock    = "vrrp_instance VI_1 {\n\tinterface eth0\n\tvirtual_router_id 51\n\tpriority 100\n\tvirtual_ipaddress {\n\t\t10.9.0.100\n\t}\n}\n"
	bfdBlock     = "bfd_instance b {\n\tneighbor_ip 127.0.0.9\n}\n"
	checkerBlock = "virtual_server 10.9.1.1 80 {\n\tprotocol TCP\n\tlvs_sched rr\n\tlvs_method DR\n\treal_server 127.0.0.1 80 {\n\t}\n}\n"
)

func globals(lines ...string) string {
	return "global_defs {\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
}

// trial is one daemon under test with its folder.
type trial struct {
	t    *testing.T
	dir  string
	conf string
	cmd  *exec.Cmd
	// env is added to the daemon's environment.
	env []string
	// argv0 is how it is called, program what is run.
	argv0, program string
	// log gets what goes to the system log, if set.
	log *systemLog

	output *os.File
	ended  chan struct{}
}

func newTrial(t *testing.T, configuration string) *trial {
	t.Helper()
	r := &trial{t: t, dir: t.TempDir(), argv0: "keepalived", program: ownExecutable}
	r.conf = r.path("keepalived.conf")
	r.configure(configuration)
	t.Cleanup(r.sweep)
	return r
}

// sweep kills what a failed test left running in the background.
func (r *trial) sweep() {
	for _, name := range []string{"p.pid", "v.pid", "c.pid", "b.pid"} {
		if info, err := os.Lstat(r.path(name)); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, _ := os.ReadFile(r.path(name))
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err == nil && strings.Contains(procText(pid, "cmdline"), r.dir) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func (r *trial) path(name string) string { return filepath.Join(r.dir, name) }

func (r *trial) configure(text string) {
	r.t.Helper()
	r.write("keepalived.conf", text)
}

func (r *trial) write(name, text string) {
	r.t.Helper()
	temp := r.path("." + name)
	if err := os.WriteFile(temp, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(temp, r.path(name)); err != nil {
		r.t.Fatal(err)
	}
}

// text is what the daemon has printed.
func (r *trial) text() string {
	text, err := os.ReadFile(r.output.Name())
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// args are the options that keep a daemon inside its folder.
func (r *trial) args(more ...string) []string {
	argv := []string{r.argv0, "-f", r.conf, "-p", r.path("p.pid"), "-r", r.path("v.pid"), "-c", r.path("c.pid"), "-b", r.path("b.pid")}
	if r.log == nil {
		argv = append(argv, "-G")
	}
	return append(argv, more...)
}

func (r *trial) command(argv []string) *exec.Cmd {
	cmd := exec.Command(r.program)
	cmd.Args = argv
	if r.log != nil {
		cmd = r.log.command(r.program, argv)
	}
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), fakeVariable+"=1", "TMPDIR="+r.dir, "TZ=UTC")
	cmd.Env = append(cmd.Env, r.env...)
	// A file, not a pipe: its reader would wait for every process that has it.
	if r.output == nil {
		f, err := os.CreateTemp(r.dir, "output")
		if err != nil {
			r.t.Fatal(err)
		}
		r.t.Cleanup(func() { f.Close() })
		r.output = f
	}
	cmd.Stdout, cmd.Stderr = r.output, r.output
	return cmd
}

// run starts the daemon in the foreground with the console log.
func (r *trial) run(more ...string) *trial {
	r.t.Helper()
	r.cmd = r.command(r.args(append([]string{"-n", "-l"}, more...)...))
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.ended = make(chan struct{})
	go func() {
		defer close(r.ended)
		_ = r.cmd.Wait()
	}()
	r.t.Cleanup(func() {
		r.cmd.Process.Kill()
		<-r.ended
		if r.t.Failed() {
			r.t.Logf("the daemon printed:\n%s", r.text())
		}
	})
	return r
}

// start is run, and waits until the children run.
func (r *trial) start(more ...string) *trial {
	r.t.Helper()
	r.run(more...)
	r.await("Startup complete")
	return r
}

// patience bounds every wait of a test.
const patience = 20 * time.Second

// eventually polls until f is true.
func (r *trial) eventually(what string, f func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// await waits for a line that contains text.
func (r *trial) await(text string) {
	r.t.Helper()
	r.awaitN(text, 1)
}

func (r *trial) awaitN(text string, n int) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%q in the log", text), func() bool { return strings.Count(r.text(), text) >= n })
}

// signal sends s to the parent.
func (r *trial) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits for the end of the daemon and returns its exit status.
func (r *trial) wait() int {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		r.t.Fatal("the daemon does not end")
	}
	return r.cmd.ProcessState.ExitCode()
}

// stop sends TERM and expects an orderly end.
func (r *trial) stop() {
	r.t.Helper()
	r.signal(syscall.SIGTERM)
	if status := r.wait(); status != 0 {
		r.t.Errorf("exit status %d after TERM", status)
	}
}

// pid reads a pid file.
func (r *trial) pid(name string) int {
	r.t.Helper()
	// The parent writes it when there is a process, which may speak before that.
	var text []byte
	r.eventually(name, func() bool {
		text, _ = os.ReadFile(r.path(name))
		return len(text) > 0
	})
	pid, err := strconv.Atoi(strings.TrimSuffix(string(text), "\n"))
	if err != nil || !strings.HasSuffix(string(text), "\n") {
		r.t.Fatalf("%s holds %q", name, text)
	}
	return pid
}

func (r *trial) exists(name string) bool {
	_, err := os.Lstat(r.path(name))
	return err == nil
}

func (r *trial) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// gone reports whether no process has this number, or only a zombie.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func procText(pid int, name string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	return strings.TrimSuffix(string(text), "\n")
}

// lines are the texts of the console log, without time and numbers of
// processes.
func (r *trial) lines() []string {
	stamp := regexp.MustCompile(`(?m)^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}: `)
	text := withoutNumbers(stamp.ReplaceAllString(r.text(), ""))
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

var processNumber = regexp.MustCompile(`(pid=|pid |process\()\d+`)

// withoutNumbers is text with N for numbers of processes.
func withoutNumbers(text string) string { return processNumber.ReplaceAllString(text, "${1}N") }

// inOrder checks that these lines came one after the other.
func (r *trial) inOrder(want ...string) {
	r.t.Helper()
	rest := r.lines()
	for _, w := range want {
		i := 0
		for i < len(rest) && rest[i] != w {
			i++
		}
		if i == len(rest) {
			r.t.Errorf("line %q is missing, or not in its place", w)
			return
		}
		rest = rest[i+1:]
	}
}

// Ping hangs for ever when the engine is to hang.
func (f *fake) Ping() {
	if behaviour(f.s.Config, f.name) == "hang" {
		select {}
	}
}
