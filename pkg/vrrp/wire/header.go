package wire

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Protocol numbers of IP.
const (
	ProtocolVRRP = 112
	ProtocolAH   = 51
)

// TypeAdvertisement is the only packet type there is.
const TypeAdvertisement = 1

// Sizes in bytes.
const (
	HeaderLen   = 8  // version to checksum
	AuthDataLen = 8  // after the addresses in version 2 for IPv4, always
	AHLen       = 24 // authentication header
	TrailerLen  = 28 // auth_hmac
	IPv4Len     = 20 // without options
	IPv6Len     = 40
)

// MulticastTTL is the TTL or hop limit every multicast advert must have
// (RFC 5798 5.1.1.3).
const MulticastTTL = 255

// MaxCentiseconds is the longest advertisement interval that 12 bits hold:
// 40.95 s (RFC 5798 5.2.7).
const MaxCentiseconds = 1<<12 - 1

// Advert is a VRRP packet of either version.
type Advert struct {
	Version  uint8
	Type     uint8
	VRID     uint8
	Priority uint8 // 0: the master is leaving
	Count    uint8 // number of addresses
	// AuthType is version 2 only.
	AuthType config.AuthType
	// Interval is in whole seconds for version 2 (8 bits), in centiseconds
	// for version 3 (12 bits).
	Interval uint16
	Checksum uint16
	// Addresses are Count addresses of 4 or 16 bytes. After Decode they
	// alias the packet.
	Addresses []byte
	// AuthData is there in version 2 for IPv4 only.
	AuthData [AuthDataLen]byte
}

// AddressLen is the length of one address: 4 or 16.
func AddressLen(f config.Family) int {
	if f == config.IPv6 {
		return 16
	}
	return 4
}

// HasAuthData reports whether adverts of this version and family end with
// authentication data. There is none for IPv6, not even in version 2.
func HasAuthData(version uint8, f config.Family) bool {
	return version == 2 && f == config.IPv4
}

// Len is the length of an advert with count addresses, trailer excluded.
func Len(version uint8, f config.Family, count int) int {
	n := HeaderLen + count*AddressLen(f)
	if HasAuthData(version, f) {
		n += AuthDataLen
	}
	return n
}

// Decode reads an advert. b may be longer than the advert (padding, trailer);
// it returns DropTooShort when b is shorter. Nothing else is judged: version
// and type can be anything.
func (a *Advert) Decode(b []byte, f config.Family) Drop {
	if len(b) < HeaderLen {
		return DropTooShort
	}
	a.Version, a.Type = b[0]>>4, b[0]&0xf
	a.VRID, a.Priority, a.Count = b[1], b[2], b[3]
	if a.Version == 2 {
		a.AuthType, a.Interval = config.AuthType(b[4]), uint16(b[5])
	} else {
		a.AuthType, a.Interval = config.AuthNone, binary.BigEndian.Uint16(b[4:])&MaxCentiseconds
	}
	a.Checksum = binary.BigEndian.Uint16(b[6:])
	end := HeaderLen + int(a.Count)*AddressLen(f)
	a.AuthData = [AuthDataLen]byte{}
	if len(b) < Len(a.Version, f, int(a.Count)) {
		a.Addresses = nil
		return DropTooShort
	}
	a.Addresses = b[HeaderLen:end]
	if HasAuthData(a.Version, f) {
		copy(a.AuthData[:], b[end:])
	}
	return Accepted
}

// Append adds the advert to b as it stands, Checksum and Count included.
func (a *Advert) Append(b []byte, f config.Family) []byte {
	b = append(b, a.Version<<4|a.Type&0xf, a.VRID, a.Priority, a.Count)
	if a.Version == 2 {
		b = append(b, byte(a.AuthType), byte(a.Interval))
	} else {
		b = binary.BigEndian.AppendUint16(b, a.Interval&MaxCentiseconds)
	}
	b = binary.BigEndian.AppendUint16(b, a.Checksum)
	b = append(b, a.Addresses...)
	if HasAuthData(a.Version, f) {
		b = append(b, a.AuthData[:]...)
	}
	return b
}

// Has reports whether the advert lists addr.
func (a *Advert) Has(addr netip.Addr) bool {
	addr = addr.Unmap()
	if addr.Is4() {
		want := addr.As4()
		for p := a.Addresses; len(p) >= 4; p = p[4:] {
			if [4]byte(p) == want {
				return true
			}
		}
		return false
	}
	want := addr.As16()
	for p := a.Addresses; len(p) >= 16; p = p[16:] {
		if [16]byte(p) == want {
			return true
		}
	}
	return false
}

// AppendAddress adds the 4 or 16 bytes of an address.
func AppendAddress(b []byte, addr netip.Addr) []byte {
	if addr = addr.Unmap(); addr.Is4() {
		a := addr.As4()
		return append(b, a[:]...)
	}
	a := addr.As16()
	return append(b, a[:]...)
}

// MaxAddresses is how many addresses fit one advert on a link with this MTU:
// keepalived takes 14 bytes off for the Ethernet header. extra is the length
// of AH and trailer. Never more than 255, which is all that the count holds.
func MaxAddresses(mtu int, version uint8, f config.Family, extra int) int {
	n := mtu - 14 - HeaderLen - extra
	if f == config.IPv6 {
		n -= IPv6Len
	} else {
		n -= IPv4Len
	}
	if HasAuthData(version, f) {
		n -= AuthDataLen
	}
	return max(0, min(255, n/AddressLen(f)))
}
