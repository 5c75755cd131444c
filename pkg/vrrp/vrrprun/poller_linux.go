package vrrprun

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller waits for descriptors, a deadline, and a wake-up from other
// goroutines, whichever comes first.
type poller struct {
	epoll, event int
	events       [256]unix.EpollEvent
	// oldKernel is set when epoll_pwait2 (5.11) is missing.
	oldKernel bool
}

// Tokens say which descriptor is ready: these, or a socket's id (from 1).
const (
	tokenWake    = -1
	tokenMonitor = -2
)

func openPoller() (*poller, error) {
	p := &poller{epoll: -1, event: -1}
	var err error
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if p.event, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		p.close()
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	if err := p.add(p.event, tokenWake); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	if p.event >= 0 {
		unix.Close(p.event)
	}
	unix.Close(p.epoll)
}

// add watches fd for input. Closing fd ends that.
func (p *poller) add(fd int, token int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(token)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// wake ends the present or the next wait, and every later one until awake is
// called. Any goroutine may call it.
func (p *poller) wake() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	// EAGAIN means that the counter is full: the wait will end.
	_, _ = unix.Write(p.event, one[:])
}

// wait returns the tokens that are ready, none after the timeout; a negative
// timeout is for ever. The result is valid until the next wait.
func (p *poller) wait(timeout time.Duration) ([]unix.EpollEvent, error) {
	var limit *unix.Timespec
	if timeout >= 0 {
		ts := unix.NsecToTimespec(int64(timeout))
		limit = &ts
	}
	n, errno := p.waitUntil(limit)
	switch errno {
	case 0:
	case unix.EINTR:
		return nil, nil
	default:
		return nil, fmt.Errorf("epoll: %w", errno)
	}
	return p.events[:n], nil
}

// awake takes note of a wake-up: the next wait does not end for it any more.
func (p *poller) awake() {
	var count [8]byte
	_, _ = unix.Read(p.event, count[:])
}

// waitUntil has nanoseconds on every kernel: epoll_wait has only milliseconds,
// so before 5.11 ppoll waits for the epoll descriptor.
func (p *poller) waitUntil(limit *unix.Timespec) (int, unix.Errno) {
	if !p.oldKernel {
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.epoll),
			uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)),
			uintptr(unsafe.Pointer(limit)), 0, 0)
		if errno != unix.ENOSYS {
			return int(n), errno
		}
		p.oldKernel = true
	}
	fds := [1]unix.PollFd{{Fd: int32(p.epoll), Events: unix.POLLIN}}
	if _, err := unix.Ppoll(fds[:], limit, nil); err != nil {
		return 0, err.(unix.Errno)
	}
	n, err := unix.EpollWait(p.epoll, p.events[:], 0)
	if err != nil {
		return 0, err.(unix.Errno)
	}
	return n, 0
}
