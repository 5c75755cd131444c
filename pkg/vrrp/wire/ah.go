package wire

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // HMAC-MD5-96 is what RFC 2338 5.3.6.3 names.
	"crypto/subtle"
	"encoding/binary"
	"hash"
)

// AH makes and checks the authentication header of version 2 (RFC 2338
// 5.3.6.3, HMAC-MD5-96 of RFC 2403). The layout is that of keepalived: the SPI
// is the source address.
//
//	0       1       2       3
//	| next=112 | len=4 | reserved 0     |
//	| SPI = IPv4 source                 |
//	| sequence number                   |
//	| ICV, 12 bytes                     |
type AH struct {
	mac hash.Hash
	// head is the IP header and AH with the changing parts zero.
	head [IPv4Len + AHLen]byte
	sum  []byte
}

const (
	ahICV    = 12 // offset in the header
	ahICVLen = 12
)

// NewAH returns an AH with the zero padded password as key.
func NewAH(password [AuthDataLen]byte) *AH {
	return &AH{mac: hmac.New(md5.New, password[:]), sum: make([]byte, 0, md5.Size)}
}

// Sign fills in the header at packet[20:44] of a whole IPv4 packet without
// options, which must already hold everything else. multicast keeps the TTL
// in the signature: it does not change on the link.
func (a *AH) Sign(packet []byte, sequence uint32, multicast bool) {
	h := packet[IPv4Len : IPv4Len+AHLen]
	h[0], h[1], h[2], h[3] = ProtocolVRRP, AHLen/4-2, 0, 0
	copy(h[4:8], packet[12:16])
	binary.BigEndian.PutUint32(h[8:], sequence)
	copy(h[ahICV:], a.icv(packet[:IPv4Len], h, packet[IPv4Len+AHLen:], multicast))
}

// Check judges the ICV, then the SPI of a packet whose IP header is headerLen
// long; the sequence is the caller's. The packet has at least the AH.
func (a *AH) Check(packet []byte, headerLen int, multicast bool) Drop {
	h := packet[headerLen : headerLen+AHLen]
	want := a.icv(packet[:headerLen], h, packet[headerLen+AHLen:], multicast)
	if subtle.ConstantTimeCompare(want, h[ahICV:ahICV+ahICVLen]) != 1 {
		return DropAHDigest
	}
	if [4]byte(h[4:8]) != [4]byte(packet[12:16]) {
		return DropAHSPI
	}
	return Accepted
}

// icv is the first 12 bytes of the HMAC-MD5. IP options, which no VRRP router
// sends, are left out.
func (a *AH) icv(ip, ah, rest []byte, multicast bool) []byte {
	copy(a.head[:], ip[:IPv4Len])
	a.head[1] = 0
	a.head[6], a.head[7] = 0, 0
	if !multicast {
		a.head[8] = 0
	}
	a.head[10], a.head[11] = 0, 0
	copy(a.head[IPv4Len:], ah[:ahICV])
	clear(a.head[IPv4Len+ahICV:])
	a.mac.Reset()
	a.mac.Write(a.head[:])
	a.mac.Write(rest)
	a.sum = a.mac.Sum(a.sum[:0])
	return a.sum[:ahICVLen]
}

// AHSequence is the sequence number in the header at b.
func AHSequence(b []byte) uint32 { return binary.BigEndian.Uint32(b[8:]) }

// AHSPI is the security parameters index in the header at b.
func AHSPI(b []byte) uint32 { return binary.BigEndian.Uint32(b[4:]) }
