package netif

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Error is the kernel's refusal of one request.
type Error struct {
	Errno unix.Errno
	// Type is the message type of the request (RTM_*), Seq its number.
	Type uint16
	Seq  uint32
	// Detail is the kernel's own explanation, "" on old kernels.
	Detail string
}

// Error is the line that keepalived logs.
func (e *Error) Error() string {
	return fmt.Sprintf(logtext.NetlinkError,
		ErrorText(e.Errno), int(e.Errno), typeName(e.Type), e.Type, e.Seq)
}

// Unwrap makes errors.Is work with error numbers.
func (e *Error) Unwrap() error { return e.Errno }

// conn is one netlink socket for requests. Each request waits for its answer;
// the kernel has it ready when sending returns.
type conn struct {
	fd  int
	seq uint32
	buf []byte
}

// receiveTimeout bounds the wait for an answer that the kernel should already
// have given.
const receiveTimeout = 5

// openConn opens a request socket; receiveBuffer is in bytes, 0 the kernel's
// default, force may exceed net.core.rmem_max.
func openConn(protocol, receiveBuffer int, force bool) (*conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", err)
	}
	c := &conn{fd: fd, buf: make([]byte, 64<<10)}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		c.close()
		return nil, fmt.Errorf("bind netlink socket: %w", err)
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: receiveTimeout}); err != nil {
		c.close()
		return nil, fmt.Errorf("netlink receive timeout: %w", err)
	}
	// Only better texts depend on these two.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	if receiveBuffer > 0 {
		setReceiveBuffer(fd, receiveBuffer, force)
	}
	return c, nil
}

func (c *conn) close() { unix.Close(c.fd) }

// setReceiveBuffer sets SO_RCVBUF, beyond the system's limit if force is set
// and allowed. A refusal leaves the default, which works too.
func setReceiveBuffer(fd, size int, force bool) {
	if force && unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) == nil {
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
}

// do sends one request with an acknowledgement asked for.
func (c *conn) do(req *nl.NetlinkRequest) error {
	req.Flags |= unix.NLM_F_ACK
	return c.exchange(req, nil)
}

// errInterrupted says that a dump raced with a change and must be repeated.
var errInterrupted = errors.New("netlink dump interrupted")

// dumpAttempts is how often an interrupted dump is repeated before what came
// is taken as it is.
const dumpAttempts = 5

// dump asks for a table; begin is called before each attempt, each for every
// message. The data is valid only during the call.
func (c *conn) dump(request func() *nl.NetlinkRequest, begin func(), each func(typ uint16, data []byte)) error {
	for attempt := 0; ; attempt++ {
		begin()
		req := request()
		req.Flags |= unix.NLM_F_DUMP
		err := c.exchange(req, each)
		if errors.Is(err, errInterrupted) {
			if attempt < dumpAttempts {
				continue
			}
			return nil
		}
		return err
	}
}

func (c *conn) exchange(req *nl.NetlinkRequest, each func(typ uint16, data []byte)) error {
	c.seq++
	req.Seq = c.seq
	req.Flags |= unix.NLM_F_REQUEST
	if err := unix.Sendto(c.fd, req.Serialize(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("netlink %s: send: %w", typeName(req.Type), err)
	}
	interrupted := false
	for {
		n, err := c.receive()
		if err != nil {
			return fmt.Errorf("netlink %s: receive: %w", typeName(req.Type), err)
		}
		for h, data := range messages(c.buf[:n]) {
			if h.Seq != req.Seq {
				continue // the answer to a request that timed out
			}
			if h.Flags&unix.NLM_F_DUMP_INTR != 0 {
				interrupted = true
			}
			switch h.Type {
			case unix.NLMSG_ERROR:
				return answerError(req, h, data)
			case unix.NLMSG_DONE:
				if interrupted {
					return errInterrupted
				}
				return nil
			default:
				if each != nil {
					each(h.Type, data)
				}
			}
		}
	}
}

// receive reads one datagram of the kernel into c.buf.
func (c *conn) receive() (int, error) {
	for {
		n, _, flags, from, err := unix.Recvmsg(c.fd, c.buf, nil, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		if flags&unix.MSG_TRUNC != 0 {
			return 0, unix.EMSGSIZE
		}
		if sa, ok := from.(*unix.SockaddrNetlink); ok && sa.Pid == 0 {
			return n, nil
		}
		// Only the kernel is believed.
	}
}

// messages walks the netlink messages of one datagram and ends at the first
// that is malformed. The data is a part of b.
func messages(b []byte) iter.Seq2[unix.NlMsghdr, []byte] {
	return func(yield func(unix.NlMsghdr, []byte) bool) {
		for len(b) >= unix.SizeofNlMsghdr {
			h := unix.NlMsghdr{
				Len:   binary.NativeEndian.Uint32(b[0:4]),
				Type:  binary.NativeEndian.Uint16(b[4:6]),
				Flags: binary.NativeEndian.Uint16(b[6:8]),
				Seq:   binary.NativeEndian.Uint32(b[8:12]),
				Pid:   binary.NativeEndian.Uint32(b[12:16]),
			}
			if h.Len < unix.SizeofNlMsghdr || uint64(h.Len) > uint64(len(b)) {
				return
			}
			if !yield(h, b[unix.SizeofNlMsghdr:h.Len]) {
				return
			}
			b = b[min(align4(int(h.Len)), len(b)):]
		}
	}
}

// attributes walks the attributes (type and payload) of a message and ends at
// the first that is malformed. Flag bits are cut off the type.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			size := int(binary.NativeEndian.Uint16(b[0:2]))
			typ := binary.NativeEndian.Uint16(b[2:4])
			if size < unix.SizeofRtAttr || size > len(b) {
				return
			}
			if !yield(typ&^(unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER), b[unix.SizeofRtAttr:size]) {
				return
			}
			b = b[min(align4(size), len(b)):]
		}
	}
}

func align4(n int) int { return (n + 3) &^ 3 }

// Numbers of attributes that are shorter than they should be read as 0.

func attrUint8(b []byte) uint8 {
	if len(b) < 1 {
		return 0
	}
	return b[0]
}

func attrUint16(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return binary.NativeEndian.Uint16(b)
}

func attrUint32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}

func attrString(b []byte) string { return unix.ByteSliceToString(b) }

func attrAddr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// answerError turns an acknowledgement into nil or an *Error.
func answerError(req *nl.NetlinkRequest, h unix.NlMsghdr, data []byte) error {
	errno := unix.Errno(-int32(attrUint32(data)))
	if errno == 0 {
		return nil
	}
	e := &Error{Errno: errno, Type: req.Type, Seq: req.Seq}
	if h.Flags&unix.NLM_F_ACK_TLVS == 0 {
		return e
	}
	rest := data[min(4+unix.SizeofNlMsghdr, len(data)):]
	if h.Flags&unix.NLM_F_CAPPED == 0 && len(data) >= 8 {
		rest = data[min(4+align4(int(attrUint32(data[4:]))), len(data)):]
	}
	for typ, value := range attributes(rest) {
		if typ == nl.NLMSGERR_ATTR_MSG {
			e.Detail = attrString(value)
		}
	}
	return e
}

// ErrorText is strerror(3): Go's own texts begin in lower case.
func ErrorText(errno unix.Errno) string {
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// typeName is the name of a request's type in error lines.
func typeName(typ uint16) string {
	switch typ {
	case unix.RTM_NEWLINK:
		return "RTM_NEWLINK"
	case unix.RTM_DELLINK:
		return "RTM_DELLINK"
	case unix.RTM_GETLINK:
		return "RTM_GETLINK"
	case unix.RTM_NEWADDR:
		return "RTM_NEWADDR"
	case unix.RTM_DELADDR:
		return "RTM_DELADDR"
	case unix.RTM_GETADDR:
		return "RTM_GETADDR"
	case unix.RTM_NEWROUTE:
		return "RTM_NEWROUTE"
	case unix.RTM_DELROUTE:
		return "RTM_DELROUTE"
	case unix.RTM_GETROUTE:
		return "RTM_GETROUTE"
	case unix.RTM_NEWRULE:
		return "RTM_NEWRULE"
	case unix.RTM_DELRULE:
		return "RTM_DELRULE"
	case unix.RTM_GETRULE:
		return "RTM_GETRULE"
	}
	return "type " + strconv.Itoa(int(typ))
}
