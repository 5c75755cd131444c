package wire

import (
	"encoding/binary"
	"net/netip"
)

// TOS is the type of service (IPv4) and traffic class (IPv6) of every advert:
// CS6, internetwork control.
const TOS = 0xC0

// IPv4 is the header of an IPv4 packet, as far as VRRP cares.
type IPv4 struct {
	HeaderLen   int // options included
	TotalLen    int
	ID          uint16
	TTL         uint8
	Protocol    uint8
	Source      netip.Addr
	Destination netip.Addr
}

// Decode reads the header at the start of b; false if b is too short for it or
// the header length is impossible. The version is not looked at.
func (h *IPv4) Decode(b []byte) bool {
	if len(b) < IPv4Len {
		return false
	}
	h.HeaderLen = int(b[0]&0xf) * 4
	if h.HeaderLen < IPv4Len || h.HeaderLen > len(b) {
		return false
	}
	h.TotalLen = int(binary.BigEndian.Uint16(b[2:]))
	h.ID = binary.BigEndian.Uint16(b[4:])
	h.TTL, h.Protocol = b[8], b[9]
	h.Source = netip.AddrFrom4([4]byte(b[12:16]))
	h.Destination = netip.AddrFrom4([4]byte(b[16:20]))
	return true
}

// Append adds a 20 byte header: TOS 0xC0, no flags, header checksum filled in.
// HeaderLen is not looked at.
func (h *IPv4) Append(b []byte) []byte {
	start := len(b)
	b = append(b, 0x45, TOS)
	b = binary.BigEndian.AppendUint16(b, uint16(h.TotalLen))
	b = binary.BigEndian.AppendUint16(b, h.ID)
	b = append(b, 0, 0, h.TTL, h.Protocol, 0, 0)
	b = AppendAddress(b, h.Source)
	b = AppendAddress(b, h.Destination)
	binary.BigEndian.PutUint16(b[start+10:], Checksum(b[start:], 0))
	return b
}
