package wire

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// ChecksumForm is one of the ways in which the checksum is made. They differ
// in the pseudo header.
type ChecksumForm uint8

// Forms of the checksum.
const (
	// ChecksumPlain covers the advert alone: version 2 for IPv4, and
	// version 3 with v3_checksum_as_v2 (RFC 9568 5.2.8).
	ChecksumPlain ChecksumForm = iota
	// ChecksumPseudo adds the pseudo header: version 3 (RFC 5798 5.2.8) and
	// everything over IPv6.
	ChecksumPseudo
)

// Checksum is the Internet checksum (RFC 1071) of b after the sum initial.
func Checksum(b []byte, initial uint32) uint16 {
	sum := uint64(initial)
	for len(b) >= 4 {
		sum += uint64(binary.BigEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		sum += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// PseudoHeader is the sum of the pseudo header for n bytes of protocol 112:
// source, destination, protocol, length (RFC 793, RFC 8200 8.1). Both
// addresses are of the same family.
func PseudoHeader(src, dst netip.Addr, n int) uint32 {
	sum := uint32(ProtocolVRRP) + uint32(n)
	if src, dst = src.Unmap(), dst.Unmap(); src.Is4() && dst.Is4() {
		s, d := src.As4(), dst.As4()
		return sum + words(s[:]) + words(d[:])
	}
	s, d := src.As16(), dst.As16()
	return sum + words(s[:]) + words(d[:])
}

func words(b []byte) (sum uint32) {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	return sum
}

// SetChecksum computes the checksum of an advert in place. pdu holds what is
// covered: the advert, for IPv6 with the trailer as well.
func SetChecksum(pdu []byte, form ChecksumForm, src, dst netip.Addr) {
	pdu[6], pdu[7] = 0, 0
	binary.BigEndian.PutUint16(pdu[6:], sumOf(pdu, form, src, dst))
}

// ChecksumOK reports whether the checksum inside pdu is right for the form.
func ChecksumOK(pdu []byte, form ChecksumForm, src, dst netip.Addr) bool {
	return sumOf(pdu, form, src, dst) == 0
}

func sumOf(pdu []byte, form ChecksumForm, src, dst netip.Addr) uint16 {
	var initial uint32
	if form == ChecksumPseudo {
		initial = PseudoHeader(src, dst, len(pdu))
	}
	return Checksum(pdu, initial)
}

// DefaultChecksum is the form that a version and family use.
func DefaultChecksum(version uint8, f config.Family) ChecksumForm {
	if version == 2 && f == config.IPv4 {
		return ChecksumPlain
	}
	return ChecksumPseudo
}
