package script

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// await returns when the child pid has ended, without reaping it, so that
// its number and its group's stay ours. A process descriptor in the runtime's
// poller holds no thread while it waits; kernels before 5.10, and sandboxes
// without pidfd_open, cost one thread per running script.
func (s *system) await(pid int) {
	if fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK); err == nil {
		f := os.NewFile(uintptr(fd), "pidfd")
		defer f.Close()
		if raw, err := f.SyscallConn(); err == nil {
			err = raw.Read(func(fd uintptr) bool {
				return !errors.Is(peek(unix.P_PIDFD, int(fd)), unix.EAGAIN)
			})
			if err == nil {
				return
			}
		}
	}
	_ = peek(unix.P_PID, pid)
}

// peek waits for an exit and leaves the child waitable.
func peek(kind, id int) error {
	for {
		var info unix.Siginfo
		err := unix.Waitid(kind, id, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// reap takes the status of a child that has ended.
func (s *system) reap(pid int) (syscall.WaitStatus, error) {
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if !errors.Is(err, unix.EINTR) {
			return status, os.NewSyscallError("wait4", err)
		}
	}
}
