package netif

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Change is one thing that the kernel says has changed.
type Change struct {
	Kind ChangeKind
	// Link is set for links, Address for addresses, Route and Rule for
	// theirs.
	Link    Link
	Address Address
	Route   InstalledRoute
	Rule    InstalledRule
}

// ChangeKind says what a Change is about.
type ChangeKind uint8

// Kinds of changes. LinkChanged also announces new interfaces.
const (
	LinkChanged ChangeKind = iota + 1
	LinkRemoved
	AddressAdded // or its flags changed
	AddressRemoved
	RouteRemoved // reported after WatchRoutes
	RuleRemoved
)

// ErrOverrun says that changes were lost: everything must be read again.
var ErrOverrun = errors.New("netlink monitor overrun")

// monitorBuffer is the receive buffer that the monitor asks for: some 50,000
// address messages.
const monitorBuffer = 16 << 20

// Monitor is a socket on which the kernel announces changes. It has its own
// socket so that the answers to requests and announcements cannot be mixed
// up.
type Monitor struct {
	fd  int
	buf []byte
}

// MonitorOptions are the settings of the monitor's socket.
type MonitorOptions struct {
	// ReceiveBuffer is in bytes (vrrp_netlink_monitor_rcv_bufs), 0 for a
	// large one; Force may exceed net.core.rmem_max.
	ReceiveBuffer int
	Force         bool
}

// OpenMonitor starts to watch the namespace of the calling thread. What
// happens from now on is announced, so read the tables after it.
func OpenMonitor(opt MonitorOptions) (*Monitor, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink monitor: %w", err)
	}
	m := &Monitor{fd: fd, buf: make([]byte, 64<<10)}
	if opt.ReceiveBuffer > 0 {
		setReceiveBuffer(fd, opt.ReceiveBuffer, opt.Force)
	} else {
		setReceiveBuffer(fd, monitorBuffer, true)
	}
	err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	for _, group := range []int{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR} {
		if err == nil {
			err = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group)
		}
	}
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("netlink monitor: %w", err)
	}
	return m, nil
}

// WatchRoutes has removed routes and rules announced too. It is not the
// default: a router with a full table announces many.
func (m *Monitor) WatchRoutes() error {
	for _, group := range []int{unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE} {
		if err := unix.SetsockoptInt(m.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group); err != nil {
			return fmt.Errorf("netlink monitor: %w", err)
		}
	}
	return nil
}

// FD is the socket, readable when something has changed.
func (m *Monitor) FD() int { return m.fd }

// Close closes the socket.
func (m *Monitor) Close() { unix.Close(m.fd) }

// Read appends the changes that wait in the socket, in their order, and never
// blocks. ErrOverrun says that changes before the appended ones were lost.
func (m *Monitor) Read(changes []Change) ([]Change, error) {
	overrun := false
	for {
		n, _, flags, from, err := unix.Recvmsg(m.fd, m.buf, nil, 0)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN && overrun:
			return changes, ErrOverrun
		case err == unix.EAGAIN:
			return changes, nil
		case err == unix.ENOBUFS, err == nil && flags&unix.MSG_TRUNC != 0:
			changes, overrun = changes[:0], true
			continue
		case err != nil:
			return changes, fmt.Errorf("netlink monitor: %w", err)
		}
		if sa, ok := from.(*unix.SockaddrNetlink); !ok || sa.Pid != 0 {
			continue // only the kernel is believed
		}
		for h, data := range messages(m.buf[:n]) {
			if c, ok := parseChange(h.Type, data); ok {
				changes = append(changes, c)
			}
		}
	}
}

// parseChange reads one announcement; false if it is of no interest.
func parseChange(typ uint16, data []byte) (c Change, ok bool) {
	switch typ {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		c.Kind = LinkChanged
		if typ == unix.RTM_DELLINK {
			c.Kind = LinkRemoved
		}
		c.Link, ok = parseLink(data)
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		c.Kind = AddressAdded
		if typ == unix.RTM_DELADDR {
			c.Kind = AddressRemoved
		}
		c.Address, ok = parseAddress(data)
	case unix.RTM_DELROUTE:
		c.Kind = RouteRemoved
		c.Route, ok = parseRoute(data)
	case unix.RTM_DELRULE:
		c.Kind = RuleRemoved
		c.Rule, ok = parseRule(data)
	}
	return c, ok
}
