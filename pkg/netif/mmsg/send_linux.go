package mmsg

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sender collects datagrams that leave through one socket in one system call.
// After NewSender it allocates nothing.
type Sender struct {
	headers []mmsghdr
	vectors []unix.Iovec
	names   [][NameSize]byte
	control [][ControlSize]byte
	n       int
}

// NewSender returns a sender for up to size datagrams at a time.
func NewSender(size int) *Sender {
	return &Sender{
		headers: make([]mmsghdr, size),
		vectors: make([]unix.Iovec, size),
		names:   make([][NameSize]byte, size),
		control: make([][ControlSize]byte, size),
	}
}

// Len is how many datagrams wait.
func (s *Sender) Len() int { return s.n }

// Full reports whether no further datagram fits.
func (s *Sender) Full() bool { return s.n == len(s.headers) }

// Add adds a datagram to a sender that is not full: its payload, which must
// stay as it is until Send, the raw socket address it goes to and control
// messages, which are both copied.
func (s *Sender) Add(payload, name, control []byte) {
	i := s.n
	s.n++
	h := &s.headers[i]
	*h = mmsghdr{}
	if len(name) > 0 {
		h.hdr.Name = &s.names[i][0]
		h.hdr.Namelen = uint32(copy(s.names[i][:], name))
	}
	if len(control) > 0 {
		h.hdr.Control = &s.control[i][0]
		h.hdr.SetControllen(copy(s.control[i][:], control))
	}
	s.vectors[i] = unix.Iovec{}
	if len(payload) > 0 {
		s.vectors[i].Base = unsafe.SliceData(payload)
		s.vectors[i].SetLen(len(payload))
	}
	h.hdr.Iov = &s.vectors[i]
	h.hdr.SetIovlen(1)
}

// Send sends everything and empties the sender. A datagram that cannot be sent
// is reported by its position and skipped; the others still leave, in order.
func (s *Sender) Send(fd, flags int, failed func(i int, errno unix.Errno)) {
	for sent := 0; sent < s.n; {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&s.headers[sent])), uintptr(s.n-sent), uintptr(flags|unix.MSG_DONTWAIT), 0, 0)
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			// The first of the rest is the one that failed.
			failed(sent, errno)
			sent++
		default:
			sent += int(n)
		}
	}
	// Let go of the payloads.
	clear(s.vectors[:s.n])
	s.n = 0
}
