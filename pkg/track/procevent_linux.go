package track

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"
)

// The kernel's process events connector: netlink messages that carry a cn_msg
// (linux/connector.h) with a proc_event (linux/cn_proc.h).
const (
	cnIdxProc = 1
	cnValProc = 1

	procListen = 1 // PROC_CN_MCAST_LISTEN

	procAck  = 0x00000000 // PROC_EVENT_NONE
	procFork = 0x00000001
	procExec = 0x00000002
	procComm = 0x00000200
	procExit = 0x80000000

	sizeofNlMsghdr  = 16
	sizeofCnMsg     = 20
	sizeofProcEvent = 16 // up to the union: what, cpu, timestamp
)

// procEvent is one thing that happened to a process; those of single threads
// are not among them.
type procEvent struct {
	what uint32 // procAck, procFork, procExec, procComm, procExit
	pid  int
	// parent is set for procFork.
	parent int
	// seq and err are those of procAck: the answer to a subscription,
	// possibly somebody else's.
	seq uint32
	err unix.Errno
}

// procEvents decodes what one read of the connector returned.
func procEvents(buf []byte) []procEvent {
	var list []procEvent
	for len(buf) >= sizeofNlMsghdr {
		size := uint64(binary.NativeEndian.Uint32(buf))
		if size < sizeofNlMsghdr || size > uint64(len(buf)) {
			break
		}
		if e, ok := oneEvent(buf[sizeofNlMsghdr:size]); ok {
			list = append(list, e)
		}
		buf = buf[min(uint64(len(buf)), (size+3)&^3):]
	}
	return list
}

func oneEvent(msg []byte) (procEvent, bool) {
	var e procEvent
	if len(msg) < sizeofCnMsg+sizeofProcEvent ||
		binary.NativeEndian.Uint32(msg) != cnIdxProc || binary.NativeEndian.Uint32(msg[4:]) != cnValProc {
		return e, false
	}
	e.seq = binary.NativeEndian.Uint32(msg[8:])
	size := int(binary.NativeEndian.Uint16(msg[16:]))
	msg = msg[sizeofCnMsg:]
	if size < len(msg) {
		msg = msg[:size]
	}
	if len(msg) < sizeofProcEvent {
		return e, false
	}
	e.what = binary.NativeEndian.Uint32(msg)
	body := msg[sizeofProcEvent:]
	field := func(n int) int { return int(int32(binary.NativeEndian.Uint32(body[4*n:]))) }
	switch {
	case e.what == procAck && len(body) >= 4:
		e.err = unix.Errno(field(0))
		return e, true
	case e.what == procFork && len(body) >= 16:
		// The thread that forked, its process, the new thread, its process.
		e.parent, e.pid = field(1), field(3)
		return e, field(2) == e.pid
	case (e.what == procExec || e.what == procExit || e.what == procComm) && len(body) >= 8:
		e.pid = field(1)
		return e, field(0) == e.pid
	}
	return e, false
}

// connector is a subscription to process events in the runtime's poller.
type connector struct {
	file *os.File
	seq  uint32
}

func newConnector() (*connector, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_CONNECTOR)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	c := &connector{file: os.NewFile(uintptr(fd), "process events"), seq: rand.Uint32()}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: cnIdxProc}); err != nil {
		c.file.Close()
		return nil, os.NewSyscallError("bind", err)
	}
	var msg []byte
	msg = binary.NativeEndian.AppendUint32(msg, sizeofNlMsghdr+sizeofCnMsg+4)
	msg = binary.NativeEndian.AppendUint16(msg, unix.NLMSG_DONE)
	msg = append(msg, make([]byte, 10)...) // flags, sequence, port
	msg = binary.NativeEndian.AppendUint32(msg, cnIdxProc)
	msg = binary.NativeEndian.AppendUint32(msg, cnValProc)
	msg = binary.NativeEndian.AppendUint32(msg, c.seq)
	msg = append(msg, 0, 0, 0, 0) // acknowledgement
	msg = binary.NativeEndian.AppendUint16(msg, 4)
	msg = append(msg, 0, 0)
	msg = binary.NativeEndian.AppendUint32(msg, procListen)
	if err := unix.Sendto(fd, msg, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		c.file.Close()
		return nil, os.NewSyscallError("sendto", err)
	}
	return c, nil
}

// buffer sets the size of the receive buffer, beyond the system's limit with
// force.
func (c *connector) buffer(bytes int, force bool) error {
	option := unix.SO_RCVBUF
	if force {
		option = unix.SO_RCVBUFFORCE
	}
	raw, err := c.file.SyscallConn()
	if err != nil {
		return err
	}
	var optErr error
	if err := raw.Control(func(fd uintptr) {
		optErr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, bytes)
	}); err != nil {
		return err
	}
	return os.NewSyscallError("setsockopt", optErr)
}

// errOverrun is the loss of events that were not read in time.
var errOverrun = errors.New("process events were lost")

// read waits for events. Only the kernel's own messages count: any process may
// send to our netlink port.
func (c *connector) read(buf []byte) ([]procEvent, error) {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var n int
	var from unix.Sockaddr
	var recvErr error
	err = raw.Read(func(fd uintptr) bool {
		n, from, recvErr = unix.Recvfrom(int(fd), buf, 0)
		return !errors.Is(recvErr, unix.EAGAIN)
	})
	switch {
	case err != nil:
		return nil, err // closed
	case errors.Is(recvErr, unix.ENOBUFS):
		return nil, errOverrun
	case errors.Is(recvErr, unix.EINTR):
		return nil, nil
	case recvErr != nil:
		return nil, fmt.Errorf("process events: %w", recvErr)
	}
	if sender, ok := from.(*unix.SockaddrNetlink); !ok || sender.Pid != 0 {
		return nil, nil
	}
	list := procEvents(buf[:n])
	for _, e := range list {
		if e.what == procAck && e.seq == c.seq && e.err != 0 {
			return nil, fmt.Errorf("process events: %w", e.err)
		}
	}
	return list, nil
}
