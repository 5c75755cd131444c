//go:build linux

package nstest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Process is a program that runs inside a namespace until the test ends.
type Process struct {
	t    testing.TB
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
	err error
}

// Start starts a program inside the namespace. When the test ends it gets
// SIGINT and has five seconds to go.
func (n *NS) Start(args ...string) *Process {
	n.t.Helper()
	p := &Process{t: n.t, cmd: n.Command(args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		n.t.Fatalf("%s: start %s: %v", n.Name, strings.Join(args, " "), err)
	}
	go func() {
		err := p.cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.done)
	}()
	n.t.Cleanup(p.Stop)
	return p
}

// Keepalived starts the installed keepalived inside the namespace with the
// given configuration, in the foreground with log detail, its pid files in a
// folder of the test.
func (n *NS) Keepalived(conf string) *Process {
	n.t.Helper()
	Require(n.t, "keepalived")
	dir := n.t.TempDir()
	file := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		n.t.Fatal(err)
	}
	return n.Start("keepalived", "-n", "-l", "-D", "-P", "-f", file,
		"-p", filepath.Join(dir, "parent.pid"), "-r", filepath.Join(dir, "vrrp.pid"),
		"-c", filepath.Join(dir, "checkers.pid"), "-b", filepath.Join(dir, "bfd.pid"))
}

// Write takes the output of the program.
func (p *Process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// Output is what the program has written so far.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// WaitOutput waits until the program has written text.
func (p *Process) WaitOutput(text string, within time.Duration) {
	p.t.Helper()
	Eventually(p.t, within, fmt.Sprintf("output %q", text), func() (bool, string) {
		out := p.Output()
		return strings.Contains(out, text), out
	})
}

// Signal sends a signal to the program.
func (p *Process) Signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatalf("signal %v: %v", sig, err)
	}
}

// Pid is the process id of the program: "ip netns exec" turns itself into it.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Wait waits for the program to end and returns what its end was.
func (p *Process) Wait(within time.Duration) error {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(within):
		p.t.Fatalf("process %d did not end within %v; output:\n%s", p.Pid(), within, p.Output())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Stop ends the program: SIGINT, after five seconds SIGKILL. It may be
// called more than once.
func (p *Process) Stop() {
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}
