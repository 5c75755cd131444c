package mmsg

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Receiver reads the datagrams that wait in a socket, several in one system
// call, into its own buffers. After NewReceiver it allocates nothing.
type Receiver struct {
	headers []mmsghdr
	vectors []unix.Iovec
	names   [][NameSize]byte
	control [][ControlSize]byte
	data    []byte
	size    int
}

// NewReceiver returns a receiver for up to count datagrams of size bytes at a
// time. Longer ones are cut.
func NewReceiver(count, size int) *Receiver {
	r := &Receiver{
		headers: make([]mmsghdr, count),
		vectors: make([]unix.Iovec, count),
		names:   make([][NameSize]byte, count),
		control: make([][ControlSize]byte, count),
		data:    make([]byte, count*size),
		size:    size,
	}
	for i := range r.headers {
		r.vectors[i].Base = &r.data[i*size]
		r.vectors[i].SetLen(size)
		h := &r.headers[i].hdr
		h.Name = &r.names[i][0]
		h.Control = &r.control[i][0]
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
	}
	return r
}

// Receive reads what waits, without blocking, and returns how many datagrams
// there were; unix.EAGAIN (or another error of the socket) for none. Fewer
// than fit means that the socket is empty now.
func (r *Receiver) Receive(fd int) (int, error) {
	for i := range r.headers {
		h := &r.headers[i].hdr
		h.Namelen = NameSize
		h.SetControllen(ControlSize)
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&r.headers[0])), uintptr(len(r.headers)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, unix.EAGAIN // a constant: boxing errno would allocate
		default:
			return 0, errno
		}
	}
}

// Cap is how many datagrams fit.
func (r *Receiver) Cap() int { return len(r.headers) }

// Data is datagram i, valid until the next Receive.
func (r *Receiver) Data(i int) []byte {
	n := min(int(r.headers[i].size), r.size)
	return r.data[i*r.size : i*r.size+n : i*r.size+n]
}

// Name is the raw socket address that datagram i came from.
func (r *Receiver) Name(i int) []byte {
	return r.names[i][:min(r.headers[i].hdr.Namelen, NameSize)]
}

// Control is the control messages of datagram i.
func (r *Receiver) Control(i int) []byte {
	return r.control[i][:min(int(r.headers[i].hdr.Controllen), ControlSize)]
}
