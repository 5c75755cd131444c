package netif

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sizes of what a Batch keeps for each datagram: sockaddr_in6 and a
// sockaddr_ll with 20 bytes of address fit into the name, an IPV6_PKTINFO and
// an IPV6_HOPLIMIT into the control message.
const (
	batchName    = 32
	batchControl = 64
)

// mmsghdr is struct mmsghdr of sendmmsg(2) and recvmmsg(2).
type mmsghdr struct {
	hdr  unix.Msghdr
	size uint32
}

// Batch collects datagrams that leave through one socket in one system call.
// After NewBatch it allocates nothing.
type Batch struct {
	headers []mmsghdr
	vectors []unix.Iovec
	names   [][batchName]byte
	control [][batchControl]byte
	n       int
}

// NewBatch returns a batch for up to size datagrams.
func NewBatch(size int) *Batch {
	return &Batch{
		headers: make([]mmsghdr, size),
		vectors: make([]unix.Iovec, size),
		names:   make([][batchName]byte, size),
		control: make([][batchControl]byte, size),
	}
}

// Len is how many datagrams wait.
func (b *Batch) Len() int { return b.n }

// Full reports whether no further datagram fits.
func (b *Batch) Full() bool { return b.n == len(b.headers) }

// Add adds a datagram to a batch that is not full: its payload, which must
// stay as it is until Send, the raw socket address it goes to (at most 32
// bytes) and control messages (at most 64 bytes), which are both copied.
func (b *Batch) Add(payload, name, control []byte) {
	i := b.n
	b.n++
	h := &b.headers[i]
	*h = mmsghdr{}
	if len(name) > 0 {
		h.hdr.Name = &b.names[i][0]
		h.hdr.Namelen = uint32(copy(b.names[i][:], name))
	}
	if len(control) > 0 {
		h.hdr.Control = &b.control[i][0]
		h.hdr.SetControllen(copy(b.control[i][:], control))
	}
	b.vectors[i] = unix.Iovec{}
	if len(payload) > 0 {
		b.vectors[i].Base = unsafe.SliceData(payload)
		b.vectors[i].SetLen(len(payload))
	}
	h.hdr.Iov = &b.vectors[i]
	h.hdr.SetIovlen(1)
}

// Send sends everything and empties the batch. A datagram that cannot be sent
// is reported by its position and skipped; the others still leave, in order.
func (b *Batch) Send(fd, flags int, failed func(i int, errno unix.Errno)) {
	for sent := 0; sent < b.n; {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&b.headers[sent])), uintptr(b.n-sent), uintptr(flags), 0, 0)
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
	clear(b.vectors[:b.n])
	b.n = 0
}
