package eventloop

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Poller waits for descriptors, a deadline, and a wake-up from other
// goroutines, whichever comes first.
//
// Its epoll descriptor is itself watched by the runtime's network poller, with
// a timerfd for the deadline. A goroutine that waits in epoll_wait(2) instead
// loses its processor after 10 ms; when it comes back the runtime takes it for
// one that has been running all the time, and moves it aside at once: 150 us
// and three switches of threads, just when a deadline has passed.
type Poller struct {
	file         *os.File // of the epoll descriptor
	conn         syscall.RawConn
	epoll        int
	event, timer int
	// armed is when the timer fires, zero if it does not any more.
	armed time.Time
	// fired is set until the timer is armed again or stopped.
	fired bool

	events [MaxReady]unix.EpollEvent
	n      int
	errno  unix.Errno
	count  [8]byte // scratch of awake
	look   func(fd uintptr) bool
}

// TokenWake is the token of Wake. Others are given to Add and are not negative.
const TokenWake = -1

// tokenTimer is not seen outside.
const tokenTimer = -2

// lead is how long before a deadline the timer fires: it takes about as long
// until we run. What is left is waited for with open eyes.
const lead = 25 * time.Microsecond

// MaxReady is how many tokens Wait returns at most; more may be ready then.
const MaxReady = 256

// Open makes a Poller.
func Open() (*Poller, error) {
	p := &Poller{event: -1, timer: -1}
	var err error
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err := unix.SetNonblock(p.epoll, true); err != nil { // or the runtime would not watch it
		unix.Close(p.epoll)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p.file = os.NewFile(uintptr(p.epoll), "epoll")
	if err := p.fill(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Poller) fill() error {
	var err error
	if p.conn, err = p.file.SyscallConn(); err != nil {
		return err
	}
	if p.event, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return fmt.Errorf("timerfd: %w", err)
	}
	p.look = func(uintptr) bool { return p.poll() }
	if err := p.Add(p.event, TokenWake); err != nil {
		return err
	}
	return p.Add(p.timer, tokenTimer)
}

// Close closes its descriptors, not those that are watched.
func (p *Poller) Close() {
	for _, fd := range []int{p.event, p.timer} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	p.file.Close()
}

// Add watches fd for input. Closing fd ends that.
func (p *Poller) Add(fd int, token int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(token)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// Wake ends the present or the next wait. Any goroutine may call it.
func (p *Poller) Wake() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	// EAGAIN means that the counter is full: the wait will end.
	_, _ = unix.Write(p.event, one[:])
}

// Wait returns the tokens that are ready, none after the timeout; a negative
// timeout is for ever. The result is valid until the next Wait.
func (p *Poller) Wait(timeout time.Duration) ([]unix.EpollEvent, error) {
	if timeout == 0 {
		p.poll()
		return p.ready()
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	for {
		if timeout > 0 && time.Until(deadline) <= lead {
			for time.Now().Before(deadline) {
			}
			p.poll()
			return p.ready()
		}
		if err := p.arm(deadline); err != nil {
			return nil, err
		}
		if err := p.conn.Read(p.look); err != nil {
			return nil, fmt.Errorf("epoll: %w", err)
		}
		if ready, err := p.ready(); len(ready) > 0 || err != nil {
			return ready, err
		}
	}
}

// arm sets the timer for the deadline, zero for none. A timer that fires too
// early is left as it is: that costs one wake-up now and then, while deadlines
// are put off with every packet.
func (p *Poller) arm(deadline time.Time) error {
	var spec unix.ItimerSpec // zero stops the timer
	switch {
	case deadline.IsZero():
		if !p.fired {
			return nil
		}
		p.armed = time.Time{}
	default:
		at := deadline.Add(-lead)
		if !p.armed.IsZero() && !p.armed.After(at) {
			return nil
		}
		p.armed = at
		spec.Value = unix.NsecToTimespec(int64(max(1, time.Until(at))))
	}
	p.fired = false
	_, _, errno := unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(p.timer), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("timerfd: %w", errno)
	}
	return nil
}

// poll asks what is ready now and reports whether anything is.
func (p *Poller) poll() bool {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	p.n, p.errno = int(n), errno
	return errno != 0 || n > 0
}

// ready returns what poll has found, and settles what is ours among it.
func (p *Poller) ready() ([]unix.EpollEvent, error) {
	switch p.errno {
	case 0:
	case unix.EINTR:
		return nil, nil
	default:
		return nil, fmt.Errorf("epoll: %w", p.errno)
	}
	found := p.events[:p.n]
	for i := 0; i < len(found); i++ {
		switch found[i].Fd {
		case TokenWake:
			p.awake()
		case tokenTimer:
			p.armed, p.fired = time.Time{}, true
			found[i] = found[len(found)-1]
			found = found[:len(found)-1]
			i--
		}
	}
	return found, nil
}

// awake reads the counter of Wake. An ordinary system call would wake up the
// runtime's monitor first.
func (p *Poller) awake() {
	_, _, _ = unix.RawSyscall(unix.SYS_READ, uintptr(p.event), uintptr(unsafe.Pointer(&p.count[0])), uintptr(len(p.count)))
}
