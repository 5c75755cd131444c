package checkers

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// socketError says which step of making a socket failed.
type socketError struct {
	step string // socket, option, bind
	err  error
}

func (e *socketError) Error() string { return e.step + ": " + e.err.Error() }
func (e *socketError) Unwrap() error { return e.err }

// prepare sets the options of a check on a new socket. bind is false for
// those that a dialer binds itself.
func prepare(fd int, c *config.Checker, bind bool) error {
	if c.Fwmark != 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(c.Fwmark)); err != nil {
			return &socketError{"option", err}
		}
	}
	if c.BindIf != "" {
		if err := unix.SetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, c.BindIf); err != nil {
			return &socketError{"bind", err}
		}
	}
	if from := source(c); bind && from.IsValid() {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return &socketError{"option", err}
		}
		if err := unix.Bind(fd, sockaddr(from)); err != nil {
			return &socketError{"bind", err}
		}
	}
	return nil
}

// source is the address to bind to, invalid for none.
func source(c *config.Checker) netip.AddrPort {
	if !c.BindAddr.IsValid() && c.BindPort == 0 {
		return netip.AddrPort{}
	}
	from := c.BindAddr
	if !from.IsValid() {
		from = netip.IPv4Unspecified()
		if c.Destination.Addr().Is6() {
			from = netip.IPv6Unspecified()
		}
	}
	return netip.AddrPortFrom(from, c.BindPort)
}

// sockaddr is a as system calls take it.
func sockaddr(a netip.AddrPort) unix.Sockaddr {
	addr := a.Addr().Unmap()
	if addr.Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: addr.As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: addr.As16(), ZoneId: zone(addr)}
}

func zone(a netip.Addr) uint32 {
	if a.Zone() == "" {
		return 0
	}
	if ifi, err := net.InterfaceByName(a.Zone()); err == nil {
		return uint32(ifi.Index)
	}
	return 0
}

// dial connects to the destination of c with its socket options.
func dial(ctx context.Context, c *config.Checker, network string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: c.ConnectTimeout, KeepAlive: -1,
		Control: func(_, _ string, raw syscall.RawConn) error {
			var err error
			if ctlErr := raw.Control(func(fd uintptr) { err = prepare(int(fd), c, true) }); ctlErr != nil {
				return ctlErr
			}
			return err
		},
	}
	return d.DialContext(ctx, network, destination(c).String())
}

// destination is where c connects to. A link-local address is one of the
// interface of bind_if.
func destination(c *config.Checker) netip.AddrPort {
	a := c.Destination.Addr()
	if a.IsLinkLocalUnicast() && a.Is6() && c.BindIf != "" {
		return netip.AddrPortFrom(a.WithZone(c.BindIf), c.Destination.Port())
	}
	return c.Destination
}

// remote are the errors of a connection that say something about the server
// or the way to it; any other is our own trouble.
var remote = []syscall.Errno{
	unix.ENETUNREACH, unix.EHOSTUNREACH, unix.ECONNREFUSED, unix.EHOSTDOWN,
	unix.ENETDOWN, unix.ECONNRESET, unix.ECONNABORTED, unix.ETIMEDOUT,
}

// classify tells whose trouble an error of connecting is: nil, true for local
// trouble, which is then in o.
func classify(err error) (o health.Outcome, local bool) {
	var se *socketError
	if errors.As(err, &se) {
		if se.step == "bind" {
			return localTrouble(logtext.ReasonBind, se.Error()+" - bindto and bind_if must be of this machine"), true
		}
		return localTrouble(logtext.ReasonSocket, se.Error()), true
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return health.Outcome{}, false
	}
	for _, r := range remote {
		if errno == r {
			return health.Outcome{}, false
		}
	}
	return localTrouble(logtext.ReasonBind, err.Error()), true
}

// isTimeout reports whether err is a deadline that passed.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &ne) && ne.Timeout()
}

// isUnreachable reports whether there is no way to the server.
func isUnreachable(err error) bool {
	return errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH) || errors.Is(err, unix.ENETDOWN)
}

// within gives conn d from now for the next step.
func within(conn net.Conn, d time.Duration) { _ = conn.SetDeadline(time.Now().Add(d)) }

// closeWith closes conn when ctx is cancelled; the result must be called when
// the probe is over.
func closeWith(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.Close() })
}
