package daemon

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// handoffVariable tells a process that we start what it is. It is removed from
// the environment at once, so that no script sees it.
const handoffVariable = "GOKEEPALIVED_HANDOFF"

// stage is how far a parent had got when it started itself again.
type stage uint8

const (
	// stageFirst is a process that was started from outside.
	stageFirst stage = iota
	// stageNamespace runs inside net_namespace; same process.
	stageNamespace
	// stageBackground is the daemon proper, in a session of its own.
	stageBackground
)

// handoff is what one of our processes gets from the one before it. Numbers
// of descriptors are 0 when there is none.
type handoff struct {
	Role  role  `json:"role"`
	Stage stage `json:"stage,omitempty"`
	// WorkDir is where relative names of the command line start.
	WorkDir string `json:"workdir"`
	// Bundle is a memory file with the configuration.
	Bundle int `json:"bundle,omitempty"`
	// Predecessor is one with that of a VRRP process which was killed, if it
	// was another.
	Predecessor int `json:"predecessor,omitempty"`
	// ClearOnly is for a process that only removes what a killed one left.
	ClearOnly bool `json:"clear_only,omitempty"`
	// Control is a child's socket to the parent, Crash the pipe that takes
	// what the runtime says about a panic.
	Control int `json:"control,omitempty"`
	Crash   int `json:"crash,omitempty"`
	// Ready is the pipe to the first process.
	Ready int `json:"ready,omitempty"`
	// PIDFiles are locked pid files.
	PIDFiles map[role]int `json:"pidfiles,omitempty"`
	// BFDFeeds are a child's ends of the feeds with BFD states, by consumer.
	BFDFeeds map[role]int `json:"bfd_feeds,omitempty"`
	// NotifySocket is the service manager's, Watchdog how often it wants to
	// hear from us, in nanoseconds.
	NotifySocket string        `json:"notify,omitempty"`
	Watchdog     time.Duration `json:"watchdog,omitempty"`
	// Census asks a child for lines that the service manager shows.
	Census bool `json:"census,omitempty"`
	// Scripts is what scripts get back of what we change for ourselves.
	Scripts script.RunnerOptions `json:"scripts"`

	files []uintptr
}

// firstHandedFD is the first descriptor after the standard ones.
const firstHandedFD = 3

// give adds a descriptor to those that the process of spawn gets and returns
// its number there.
func (h *handoff) give(f *os.File) int {
	h.files = append(h.files, f.Fd())
	return firstHandedFD + len(h.files) - 1
}

// environment is ours with the handoff, without the service manager's socket.
func (h *handoff) environment() ([]string, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{handoffVariable, notifyVariable, watchdogVariable, watchdogPIDVariable}, name)
	})
	return append(env, handoffVariable+"="+string(text)), nil
}

// spawn starts our executable again as another process with the same
// arguments. The standard files are inherited unless std is given.
func (h *handoff) spawn(argv []string, std *os.File, dir string, sys *syscall.SysProcAttr) (pid int, err error) {
	env, err := h.environment()
	if err != nil {
		return 0, err
	}
	files := []uintptr{0, 1, 2}
	if std != nil {
		files = []uintptr{std.Fd(), std.Fd(), std.Fd()}
	}
	return syscall.ForkExec(ownExecutable, argv, &syscall.ProcAttr{
		Dir: dir, Env: env, Files: append(files, h.files...), Sys: sys,
	})
}

// ownExecutable is the running program, even if its file was replaced.
const ownExecutable = "/proc/self/exe"

// keep lets a descriptor live on in the program that become starts, under its
// number.
func keep(f *os.File) (int, error) {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0)
	return int(f.Fd()), err
}

// become starts our executable again in the place of this process. Only what
// keep was called for stays open. The calling thread's namespaces are those of
// the new program.
func (h *handoff) become(argv []string) error {
	env, err := h.environment()
	if err != nil {
		return err
	}
	return &os.PathError{Op: "exec", Path: ownExecutable, Err: syscall.Exec(ownExecutable, argv, env)}
}

// takeHandoff reads what the process before us left, nil for a process that
// was started from outside.
func takeHandoff() (*handoff, error) {
	text, ok := os.LookupEnv(handoffVariable)
	if !ok {
		return nil, nil
	}
	if err := os.Unsetenv(handoffVariable); err != nil {
		return nil, err
	}
	h := &handoff{}
	if err := json.Unmarshal([]byte(text), h); err != nil {
		return nil, fmt.Errorf("%s: %w", handoffVariable, err)
	}
	for _, fd := range h.descriptors() {
		if fd < firstHandedFD {
			return nil, fmt.Errorf("%s: descriptor %d", handoffVariable, fd)
		}
		syscall.CloseOnExec(fd)
	}
	return h, nil
}

func (h *handoff) descriptors() []int {
	all := []int{h.Bundle, h.Predecessor, h.Control, h.Crash, h.Ready}
	for _, fd := range h.PIDFiles {
		all = append(all, fd)
	}
	for _, fd := range h.BFDFeeds {
		all = append(all, fd)
	}
	return slices.DeleteFunc(all, func(fd int) bool { return fd == 0 })
}
