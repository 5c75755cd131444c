package vrrprun

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// A read pass takes at most this many datagrams from a socket before the
// others and the timers have their turn; what is left is read in the next.
const receiveCount = 16

// receiveSize holds the longest advert: 255 IPv6 addresses, headers and
// trailers. A longer datagram is cut, and refused for its length.
const receiveSize = 4608

// receive reads the waiting adverts of one socket pair and hands them to the
// engine. It reports whether some were left; others says that there are some
// in other sockets.
func (e *Engine) receive(p *socketPair, others bool) (left bool) {
	n, err := e.receiver.Receive(p.receive)
	if err != nil {
		// Nothing there, or the interface went away; the monitor tells.
		return false
	}
	left = n == e.receiver.Cap()
	now := e.now()
	// However the clock was set: longer than since the last reading nothing
	// can have waited.
	longest := time.Duration(0)
	if !p.drained.IsZero() {
		longest = now.Sub(p.drained)
	}
	if !left {
		p.drained = now
	}
	clock := time.Now().UnixNano()
	for i := range n {
		e.packet = vrrp.Packet{Socket: p.id, Data: e.receiver.Data(i), HopLimit: -1, More: others || left || i < n-1}
		if p.spec.Family == config.IPv6 {
			fillSource(&e.packet, e.receiver.Name(i))
		}
		fill(&e.packet, e.receiver.Control(i), clock)
		e.packet.Waited = min(max(0, e.packet.Waited), longest)
		e.step(&e.packet)
		if e.sockets[p.id] != p {
			return false // closed by what the packet did
		}
	}
	return left
}

// fillSource takes the source of an IPv6 datagram from its name.
func fillSource(packet *vrrp.Packet, name []byte) {
	if len(name) >= unix.SizeofSockaddrInet6 {
		packet.Source = netip.AddrFrom16([16]byte(name[8:24]))
	}
}

// fill takes what control messages say: when a datagram arrived, clock being
// now in nanoseconds, and the destination and hop limit of an IPv6 datagram.
func fill(packet *vrrp.Packet, control []byte, clock int64) {
	for b := control; len(b) >= unix.SizeofCmsghdr; {
		h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(b) {
			return
		}
		data := b[unix.CmsgLen(0):size]
		switch {
		case h.Level == unix.SOL_SOCKET:
			if h.Type == unix.SCM_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})) {
				packet.Waited = time.Duration(clock - (*unix.Timespec)(unsafe.Pointer(unsafe.SliceData(data))).Nano())
			}
		case h.Level != unix.IPPROTO_IPV6:
		case h.Type == unix.IPV6_PKTINFO && len(data) >= 20:
			packet.Destination = netip.AddrFrom16([16]byte(data[:16]))
		case h.Type == unix.IPV6_HOPLIMIT && len(data) >= 4:
			packet.HopLimit = int(int32(binary.NativeEndian.Uint32(data)))
		}
		b = b[min(unix.CmsgSpace(len(data)), len(b)):]
	}
}
