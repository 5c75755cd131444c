package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// initEnv makes the test binary the first process of a Host.
const initEnv = "GK_E2E_INIT"

// Host is one small machine.
type Host struct {
	Name string
	// Dir is a folder of this host, at the same path inside and outside.
	Dir string
	// Etc appears as /etc/keepalived inside.
	Etc string

	t    testing.TB
	init *exec.Cmd
	// links asks the kernel from outside, which is cheaper to poll than a
	// command inside.
	links *netlink.Handle
}

// NewHost starts the namespaces of a machine; they go when the test ends.
func NewHost(t testing.TB, name string) *Host {
	t.Helper()
	h := &Host{Name: name, Dir: t.TempDir(), t: t}
	h.Etc = filepath.Join(h.Dir, "etc")
	if err := os.Mkdir(h.Etc, 0o755); err != nil {
		t.Fatal(err)
	}
	ready, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	h.init = exec.Command("/proc/self/exe")
	h.init.Env = append(os.Environ(), initEnv+"="+name, "GK_E2E_ETC="+h.Etc)
	h.init.Stderr = os.Stderr
	h.init.ExtraFiles = []*os.File{w}
	h.init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS,
	}
	if err := h.init.Start(); err != nil {
		t.Fatalf("start host %s: %v", name, err)
	}
	w.Close()
	t.Cleanup(func() {
		// Killing the first process of a PID namespace kills all of it.
		h.init.Process.Kill()
		h.init.Wait()
	})
	var one [1]byte
	if _, err := ready.Read(one[:]); err != nil {
		t.Fatalf("host %s did not come up: %v", name, err)
	}
	ready.Close()
	ns, err := netns.GetFromPid(h.PID())
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	if h.links, err = netlink.NewHandleAt(ns); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.links.Close)
	h.Run("ip", "link", "set", "lo", "up")
	return h
}

// runInit is the first process of a Host: it arranges the mounts, reports on
// descriptor 3 and then reaps orphans for ever.
func runInit() {
	must := func(err error, what string) {
		if err != nil {
			fmt.Fprintf(os.Stderr, "host init: %s: %v\n", what, err)
			os.Exit(1)
		}
	}
	must(syscall.Sethostname([]byte(os.Getenv(initEnv))), "hostname")
	must(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""), "private mounts")
	must(syscall.Mount("proc", "/proc", "proc", 0, ""), "mount /proc")
	must(syscall.Mount("sysfs", "/sys", "sysfs", 0, ""), "mount /sys")
	must(syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"), "mount /run")
	must(syscall.Mount(os.Getenv("GK_E2E_ETC"), "/etc/keepalived", "", syscall.MS_BIND, ""), "bind /etc/keepalived")
	os.NewFile(3, "ready").Write([]byte{1})
	syscall.Close(3)
	for {
		var st syscall.WaitStatus
		if _, err := syscall.Wait4(-1, &st, 0, nil); err == syscall.ECHILD {
			// Nothing to reap now; a stopped process waits for signals only.
			syscall.Select(0, nil, nil, nil, &syscall.Timeval{Usec: 100000})
		}
	}
}

// PID is the host's first process as seen from outside.
func (h *Host) PID() int { return h.init.Process.Pid }

// Path is a path of the host as seen from outside.
func (h *Host) Path(inside string) string { return fmt.Sprintf("/proc/%d/root%s", h.PID(), inside) }

// Running reports whether the process that a pid file of the host names is
// there and is no zombie.
func (h *Host) Running(pidFile string) bool {
	pid, err := os.ReadFile(h.Path(pidFile))
	if err != nil {
		return false
	}
	stat, err := os.ReadFile(h.Path("/proc/" + strings.TrimSpace(string(pid)) + "/stat"))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// HasAddress reports whether an interface of the host has the address,
// written as "10.0.0.1/24".
func (h *Host) HasAddress(prefix string) bool {
	addrs, err := h.links.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if a.IPNet.String() == prefix {
			return true
		}
	}
	return false
}

// inNetwork calls f on a thread inside the host's network.
func (h *Host) inNetwork(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread keeps the namespace and dies
		ns, err := netns.GetFromPid(h.PID())
		if err == nil {
			defer ns.Close()
			err = netns.Set(ns)
		}
		if err == nil {
			err = f()
		}
		result <- err
	}()
	return <-result
}

// Command prepares a command inside the host.
func (h *Host) Command(args ...string) *exec.Cmd {
	enter := []string{"-t", strconv.Itoa(h.PID()), "-n", "-p", "-m", "-u", "--"}
	return exec.Command("nsenter", append(enter, args...)...)
}

// Try runs a command inside the host and returns what it printed.
func (h *Host) Try(args ...string) (string, error) {
	cmd := h.Command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// Run is Try for commands that must succeed.
func (h *Host) Run(args ...string) string {
	h.t.Helper()
	out, err := h.Try(args...)
	if err != nil {
		h.t.Fatalf("%s: %s: %v\n%s", h.Name, strings.Join(args, " "), err, out)
	}
	return out
}

// Start runs a command in the background with its output in log; the host
// takes it down at the end.
func (h *Host) Start(log string, args ...string) *exec.Cmd {
	h.t.Helper()
	cmd := h.Command(args...)
	f, err := os.OpenFile(filepath.Join(h.Dir, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		h.t.Fatalf("%s: start %s: %v", h.Name, args[0], err)
	}
	go cmd.Wait()
	return cmd
}

// StartAs runs /bin/sleep under another name, for pidof and killall to find.
func (h *Host) StartAs(name string) {
	h.t.Helper()
	path := filepath.Join(h.Dir, name)
	if _, err := os.Stat(path); err != nil {
		// Not written by us: a process that another test forks meanwhile
		// would have the file open for writing, and nobody could execute it.
		if out, err := exec.Command("cp", "/bin/sleep", path).CombinedOutput(); err != nil {
			h.t.Fatalf("cp: %v: %s", err, out)
		}
	}
	h.Start(name+".log", path, "100000")
	waitFor(h.t, name+" to run on "+h.Name, func() bool {
		_, err := h.Try("pidof", name)
		return err == nil
	})
}

// KillAll sends KILL to every process of that name inside the host.
func (h *Host) KillAll(name string) {
	h.t.Helper()
	h.Run("killall", "-9", "-w", name)
}
