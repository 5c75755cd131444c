package script

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// shell runs files without "#!" line and the "</path" test.
const shell = "/bin/sh"

// system is the kernel that we run on.
type system struct {
	opt RunnerOptions
	env []string
	// null is /dev/null, or nullErr why there is none.
	null    *os.File
	nullErr error
	// setIDs: we may change user and groups.
	setIDs bool
}

func newSystem(opt RunnerOptions) *system {
	s := &system{opt: opt, env: opt.Env, setIDs: maySetIDs()}
	if s.env == nil {
		s.env = Environment(os.Environ())
	}
	s.null, s.nullErr = os.OpenFile(os.DevNull, os.O_RDWR, 0)
	catchIgnored()
	return s
}

func (s *system) close() {
	if s.null != nil {
		s.null.Close()
		s.null = nil
	}
}

func (s *system) start(c *Command, extra []string) (int, error) {
	if s.nullErr != nil {
		return 0, s.nullErr
	}
	null := s.null.Fd()
	attr := &syscall.ProcAttr{
		Env:   s.env,
		Files: []uintptr{null, null, null},
		Sys: &syscall.SysProcAttr{
			Setpgid:    true,
			Pdeathsig:  syscall.SIGTERM,
			Credential: s.credential(c.Credentials),
		},
	}
	closeOnExec()
	pid, err := s.exec(c, extra, attr)
	if err == nil {
		s.limit(pid)
	} else if errors.Is(err, unix.EPERM) && attr.Sys.Credential != nil {
		err = fmt.Errorf("as uid %d, gid %d, which takes the capabilities SETUID and SETGID: %w", c.Credentials.UID, c.Credentials.GID, err)
	}
	return pid, err
}

func (s *system) exec(c *Command, extra []string, attr *syscall.ProcAttr) (int, error) {
	if c.ReadFile != "" {
		return forkExec(shell, []string{shell, "-c", `: <"$0"`, c.ReadFile}, attr)
	}
	args := append(append([]string(nil), c.Args...), extra...)
	pid, err := forkExec(c.Path, args, attr)
	if errors.Is(err, unix.ENOEXEC) {
		args = append([]string{shell, c.Path}, args[1:]...)
		pid, err = forkExec(shell, args, attr)
	}
	if errors.Is(err, unix.ENOENT) {
		if missing := missingInterpreter(c.Path); missing != "" {
			err = fmt.Errorf("interpreter %s: %w", missing, err)
		}
	}
	return pid, err
}

func forkExec(path string, args []string, attr *syscall.ProcAttr) (int, error) {
	pid, err := syscall.ForkExec(path, args, attr)
	if err != nil {
		return 0, &os.PathError{Op: "exec", Path: path, Err: err}
	}
	return pid, nil
}

// credential is what the child is to become. Without privilege we can only
// stay who we are; asking for somebody else fails in the child.
func (s *system) credential(c Credentials) *syscall.Credential {
	if !s.setIDs && int(c.UID) == os.Geteuid() && int(c.GID) == os.Getegid() {
		return nil
	}
	return &syscall.Credential{Uid: c.UID, Gid: c.GID, Groups: c.Groups}
}

// limit gives pid the resource limits back that the daemon changed.
func (s *system) limit(pid int) {
	for resource, limit := range s.opt.Limits {
		// A script that has ended already needs none.
		_ = unix.Prlimit(pid, resource, &limit, nil)
	}
}

func (s *system) kill(pid int, sig syscall.Signal) {
	// ESRCH is a group that has just ended.
	_ = syscall.Kill(-pid, sig)
}

// ThreadName is what the kernel calls the threads that start scripts. Who
// changes the scheduling of a whole process leaves threads of this name alone.
const ThreadName = "script"

// prepare makes the calling thread, which is locked to its goroutine, one
// whose children have ordinary scheduling, scripts' nice value and an empty
// signal mask. Failures leave what was there: without CAP_SYS_NICE the
// class can still be lowered, which is the direction that matters.
func (s *system) prepare() {
	if unix.Gettid() != unix.Getpid() { // the first thread's name is the process's
		_ = os.WriteFile("/proc/thread-self/comm", []byte(ThreadName), 0)
	}
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: int32(s.opt.Nice)}, 0)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, new(unix.Sigset_t), nil)
}

// closeOnExec marks every descriptor above 2, ours by inheritance or from a
// library that forgot it, so that scripts get none of them.
func closeOnExec() {
	err := unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		return
	}
	// Kernels before 5.11.
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// catchIgnored turns signals that we were started with ignored (nohup, some
// supervisors) into caught ones that nobody reads: the same for us, but execve
// sets caught signals back to their default and leaves ignored ones.
func catchIgnored() {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		hex, found := strings.CutPrefix(line, "SigIgn:")
		if !found {
			continue
		}
		mask, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		if err != nil {
			return
		}
		var ignored []os.Signal
		for n := range 64 {
			if mask&(1<<n) != 0 {
				ignored = append(ignored, syscall.Signal(n+1))
			}
		}
		if len(ignored) > 0 {
			signal.Notify(make(chan os.Signal, 1), ignored...)
		}
	}
}

// maySetIDs reports whether we can become another user.
func maySetIDs() bool {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return os.Geteuid() == 0
	}
	const need = 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID
	return data[0].Effective&need == need
}
