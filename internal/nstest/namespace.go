//go:build linux

package nstest

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// NS is one named network namespace (below /run/netns).
type NS struct {
	Name string

	t      testing.TB
	handle netns.NsHandle
	nl     *netlink.Handle
}

// New makes a namespace with its loopback interface up and removes it when
// the test ends. A namespace of the same name left by an aborted run is
// replaced.
func New(t testing.TB, name string) *NS {
	t.Helper()
	Require(t, "netns")
	if !strings.HasPrefix(name, "gk") {
		t.Fatalf("nstest: namespace %q does not start with gk", name)
	}
	// Fails when there is no such namespace, which is the normal case.
	_ = netns.DeleteNamed(name)
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Fatalf("create namespace %s: %v: %s", name, err, out)
	}
	n := &NS{Name: name, t: t, handle: -1}
	t.Cleanup(n.remove)
	var err error
	if n.handle, err = netns.GetFromName(name); err != nil {
		t.Fatalf("open namespace %s: %v", name, err)
	}
	if n.nl, err = netlink.NewHandleAt(n.handle); err != nil {
		t.Fatalf("netlink in namespace %s: %v", name, err)
	}
	n.Up("lo")
	return n
}

func (n *NS) remove() {
	if n.nl != nil {
		n.nl.Close()
	}
	if n.handle.IsOpen() {
		n.handle.Close()
	}
	if err := netns.DeleteNamed(n.Name); err != nil {
		n.t.Errorf("delete namespace %s: %v", n.Name, err)
	}
}

// Netlink is a handle whose requests act on the namespace, from any thread.
func (n *NS) Netlink() *netlink.Handle { return n.nl }

// Do calls f on the calling goroutine, with its thread inside the namespace.
// Sockets that f opens belong to the namespace; goroutines that f starts do
// not run in it. f may call t.FailNow.
func (n *NS) Do(f func()) {
	n.t.Helper()
	defer n.enter()()
	f()
}

// Go runs f on a goroutine of its own whose thread is inside the namespace
// all the time, and returns a function that waits for f to end.
func (n *NS) Go(f func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer n.enter()()
		f()
	}()
	return func() { <-done }
}

// enter moves the calling thread into the namespace and returns the way back.
func (n *NS) enter() (leave func()) {
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		panic(fmt.Sprintf("nstest: own namespace: %v", err))
	}
	if err := netns.Set(n.handle); err != nil {
		panic(fmt.Sprintf("nstest: enter %s: %v", n.Name, err))
	}
	return func() {
		defer home.Close()
		if err := netns.Set(home); err != nil {
			panic(fmt.Sprintf("nstest: leave %s: %v", n.Name, err))
		}
		runtime.UnlockOSThread()
	}
}

// Command is a command that will run inside the namespace.
func (n *NS) Command(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.Name}, args...)...)
}

// Run runs a command inside the namespace and returns its standard output.
// The test fails at once if the command does.
func (n *NS) Run(args ...string) string {
	n.t.Helper()
	out, err := n.Try(args...)
	if err != nil {
		n.t.Fatal(err)
	}
	return out
}

// Try is Run for commands that may fail; the error has what the command said.
func (n *NS) Try(args ...string) (string, error) {
	var stdout, stderr strings.Builder
	cmd := n.Command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s: %s: %w: %s", n.Name, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// Link finds an interface by name, failing the test if there is none.
func (n *NS) Link(name string) netlink.Link {
	n.t.Helper()
	link, err := n.nl.LinkByName(name)
	if err != nil {
		n.t.Fatalf("%s: interface %s: %v", n.Name, name, err)
	}
	return link
}

// Up sets interfaces up.
func (n *NS) Up(names ...string) {
	n.t.Helper()
	for _, name := range names {
		if err := n.nl.LinkSetUp(n.Link(name)); err != nil {
			n.t.Fatalf("%s: set %s up: %v", n.Name, name, err)
		}
	}
}

// Down sets interfaces down.
func (n *NS) Down(names ...string) {
	n.t.Helper()
	for _, name := range names {
		if err := n.nl.LinkSetDown(n.Link(name)); err != nil {
			n.t.Fatalf("%s: set %s down: %v", n.Name, name, err)
		}
	}
}

// AddAddress puts addresses ("10.9.0.1/24") on an interface, without
// duplicate address detection.
func (n *NS) AddAddress(dev string, addrs ...string) {
	n.t.Helper()
	for _, a := range addrs {
		args := []string{"ip", "addr", "add", a, "dev", dev}
		if strings.Contains(a, ":") {
			args = append(args, "nodad")
		}
		n.Run(args...)
	}
}

// Sysctl writes a value below /proc/sys/net of the namespace, path as in
// "ipv4/conf/all/rp_filter".
func (n *NS) Sysctl(path, value string) {
	n.t.Helper()
	n.Run("sh", "-c", fmt.Sprintf("echo %s > /proc/sys/net/%s", value, path))
}

// ReadSysctl reads a value below /proc/sys/net of the namespace.
func (n *NS) ReadSysctl(path string) string {
	n.t.Helper()
	return strings.TrimSpace(n.Run("cat", "/proc/sys/net/"+path))
}
