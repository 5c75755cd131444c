package vrrprun

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
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
	for i := range n {
		e.packet = vrrp.Packet{Socket: p.id, Data: e.receiver.Data(i), HopLimit: -1, More: others || left || i < n-1}
		if p.spec.Family == config.IPv6 {
			fillIPv6(&e.packet, e.receiver, i)
		}
		e.step(&e.packet)
		if e.sockets[p.id] != p {
			return false // closed by what the packet did
		}
	}
	return left
}

// fillIPv6 takes the addresses and the hop limit of a datagram from its name
// and its control messages.
func fillIPv6(packet *vrrp.Packet, r *mmsg.Receiver, i int) {
	if name := r.Name(i); len(name) >= unix.SizeofSockaddrInet6 {
		packet.Source = netip.AddrFrom16([16]byte(name[8:24]))
	}
	for b := r.Control(i); len(b) >= unix.SizeofCmsghdr; {
		h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(b) {
			return
		}
		data := b[unix.CmsgLen(0):size]
		switch {
		case h.Level != unix.IPPROTO_IPV6:
		case h.Type == unix.IPV6_PKTINFO && len(data) >= 20:
			packet.Destination = netip.AddrFrom16([16]byte(data[:16]))
		case h.Type == unix.IPV6_HOPLIMIT && len(data) >= 4:
			packet.HopLimit = int(int32(binary.NativeEndian.Uint32(data)))
		}
		b = b[min(unix.CmsgSpace(len(data)), len(b)):]
	}
}
