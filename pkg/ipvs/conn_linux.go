package ipvs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// conn is a generic netlink socket that waits for answers. The kernel works
// on a request while it is being sent, so that an answer is there at once and
// blocking calls do for both.
type conn struct {
	sock   *nl.NetlinkSocket
	family uint16
	seq    uint32
	out    message
	in     []byte
	// replies are those of the last request, in store.
	replies [][]byte
	store   []byte
}

const (
	// maxBatch bounds the requests that are sent together, and so the
	// answers that have to fit into the receive buffer.
	maxBatch = 64
	// receiveBuffer has room for a batch of refusals several times over.
	receiveBuffer = 1 << 20
	// answerTimeout ends waiting for an answer that the kernel lost.
	answerTimeout = 10 // s
	// dumpTries is how often a listing is started again because the table
	// changed in the middle.
	dumpTries = 5
)

func dial(ns netns.NsHandle, family uint16) (*conn, error) {
	sock, err := nl.GetNetlinkSocketAt(ns, netns.None(), unix.NETLINK_GENERIC)
	if err != nil {
		return nil, err
	}
	c := &conn{sock: sock, family: family, in: make([]byte, 128<<10)}
	fd := sock.GetFd()
	// A kernel that refuses one of these works without it.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &unix.Timeval{Sec: answerTimeout}); err != nil {
			sock.Close()
			return nil, err
		}
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		sock.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) close() error {
	c.sock.Close()
	return nil
}

// batch sends n requests, many at a time: the kernel answers those that fail,
// and the last. build appends request i to m, fail gets what went wrong.
func (c *conn) batch(n int, build func(m message, i int, flags uint16, seq uint32) message, fail func(i int, err error)) {
	for first := 0; first < n; first += maxBatch {
		last := min(first+maxBatch, n) - 1
		base := c.seq + 1
		c.out = c.out[:0]
		for i := first; i <= last; i++ {
			flags := uint16(unix.NLM_F_REQUEST)
			if i == last {
				flags |= unix.NLM_F_ACK
			}
			c.seq++
			c.out = build(c.out, i, flags, c.seq)
		}
		err := c.send()
		for done := err != nil; !done; {
			done, err = c.receive(func(h header, body []byte) bool {
				if h.kind != unix.NLMSG_ERROR || h.seq-base > uint32(last-first) {
					return false
				}
				if errno := errorNumber(body); errno != 0 {
					fail(first+int(h.seq-base), errno)
				}
				return h.seq == c.seq
			})
			if err != nil {
				break
			}
		}
		if err != nil {
			// What happened to them nobody knows.
			for i := first; i <= last; i++ {
				fail(i, err)
			}
		}
	}
}

// ask sends one request and returns the bodies of the replies, which are valid
// until the next one; dump asks for a listing.
func (c *conn) ask(cmd uint8, dump bool, body func(message) message) ([][]byte, error) {
	for range dumpTries {
		replies, err := c.askOnce(cmd, dump, body)
		if !errors.Is(err, errInterrupted) {
			return replies, err
		}
	}
	return nil, errInterrupted
}

var errInterrupted = errors.New("the table kept changing while it was read")

func (c *conn) askOnce(cmd uint8, dump bool, body func(message) message) ([][]byte, error) {
	flags := uint16(unix.NLM_F_REQUEST | unix.NLM_F_ACK)
	if dump {
		flags = unix.NLM_F_REQUEST | unix.NLM_F_DUMP
	}
	c.seq++
	m, start := c.out[:0].begin(c.family, cmd, flags, c.seq)
	if body != nil {
		m = body(m)
	}
	m.end(start)
	c.out = m
	if err := c.send(); err != nil {
		return nil, err
	}
	clear(c.replies)
	c.replies, c.store = c.replies[:0], c.store[:0]
	var failed error
	for {
		done, err := c.receive(func(h header, body []byte) bool {
			if h.seq != c.seq {
				return false
			}
			if h.flags&unix.NLM_F_DUMP_INTR != 0 {
				failed = errInterrupted
			}
			switch h.kind {
			case unix.NLMSG_DONE, unix.NLMSG_ERROR:
				if errno := errorNumber(body); errno != 0 {
					failed = errno
				}
				return true
			}
			at := len(c.store)
			c.store = append(c.store, body...)
			c.replies = append(c.replies, c.store[at:])
			return false
		})
		if err != nil {
			return nil, err
		}
		if done {
			return c.replies, failed
		}
	}
}

func (c *conn) send() error {
	for {
		err := unix.Sendto(c.sock.GetFd(), c.out, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		if err != unix.EINTR {
			return err
		}
	}
}

type header struct {
	kind, flags uint16
	seq         uint32
}

// receive reads one datagram and calls f for each message in it until f
// returns true, which it passes on.
func (c *conn) receive(f func(header, []byte) bool) (bool, error) {
	n, from, err := unix.Recvfrom(c.sock.GetFd(), c.in, 0)
	if err == unix.EINTR {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("answer of the kernel: %w", err)
	}
	if addr, ok := from.(*unix.SockaddrNetlink); !ok || addr.Pid != 0 {
		return false, nil // not the kernel
	}
	for b := c.in[:n]; len(b) >= netlinkHeaderLen; {
		size := int(binary.NativeEndian.Uint32(b))
		if size < netlinkHeaderLen || size > len(b) {
			return false, errMalformed
		}
		h := header{
			kind:  binary.NativeEndian.Uint16(b[4:]),
			flags: binary.NativeEndian.Uint16(b[6:]),
			seq:   binary.NativeEndian.Uint32(b[8:]),
		}
		if f(h, b[netlinkHeaderLen:size]) {
			return true, nil
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return false, nil
}

// errorNumber reads NLMSG_ERROR and NLMSG_DONE; 0 is an acknowledgement.
func errorNumber(body []byte) syscall.Errno {
	if len(body) < 4 {
		return 0
	}
	return syscall.Errno(-int32(binary.NativeEndian.Uint32(body)))
}
