package scenario

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // what AH is made of
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// forged is a packet that a scenario writes by hand, right or wrong. -1 means
// what a good packet has.
type forged struct {
	from, to            string
	version, vrid, prio int
	adv, count, kind    int
	auth, ttl, total    int
	vips                []string
	pass, ah            string
	seq                 uint32
	spi                 string
	hmac                int
	skew                time.Duration
	checksum            string
	pad, cut            int
	patchAt             int
	patch               []byte
	anySocket           bool
	dev                 string
	trailerPatchAt      int
	trailerPatch        []byte
}

func (f *forged) set(o option) {
	switch o.key {
	case "from":
		f.from = o.value
	case "to":
		f.to = o.value
	case "vrid":
		f.vrid = number(o.value)
	case "prio":
		f.prio = number(o.value)
	case "version":
		f.version = number(o.value)
	case "adv":
		f.adv = number(o.value)
	case "vips":
		f.vips = strings.Split(o.value, ",")
	case "count":
		f.count = number(o.value)
	case "type":
		f.kind = number(o.value)
	case "auth":
		f.auth = number(o.value)
	case "pass":
		f.pass = o.value
	case "ah":
		f.ah = o.value
	case "seq":
		f.seq = uint32(number(o.value))
	case "spi":
		f.spi = o.value
	case "hmac":
		f.hmac = number(o.value)
	case "skew":
		f.skew = duration(o.value)
	case "ttl":
		f.ttl = number(o.value)
	case "total":
		f.total = number(o.value)
	case "checksum":
		f.checksum = o.value
	case "pad":
		f.pad = number(o.value)
	case "cut":
		f.cut = number(o.value)
	case "dev":
		f.dev = o.value
	case "any_socket":
		f.anySocket = true
	case "trailer": // OFFSET:HEX in the trailer, before signing
		f.trailerPatchAt, f.trailerPatch = patch(o.value)
	case "set": // OFFSET:HEX in the finished datagram
		f.patchAt, f.patch = patch(o.value)
	default:
		fail("unknown packet setting %q", o.key)
	}
}

func patch(s string) (int, []byte) {
	at, text, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(text)
	if err != nil {
		fail("%q is not hex", text)
	}
	return number(at), b
}

func (f *forged) family() config.Family { return config.FamilyOf(addr(f.from)) }

// build makes the datagram as a socket of that kind would give it.
func (f *forged) build(spec vrrp.SocketSpec, now time.Time) ([]byte, netip.Addr) {
	family, src := f.family(), addr(f.from)
	dst := spec.Group
	if !spec.Multicast() {
		dst = spec.Local
	}
	if f.to != "" {
		dst = addr(f.to)
	}
	a := wire.Advert{Version: uint8(f.version), Type: uint8(f.kind), VRID: uint8(f.vrid), Priority: uint8(f.prio), Interval: 1}
	if f.version != 2 {
		a.Interval = 100
	}
	if f.adv >= 0 {
		a.Interval = uint16(f.adv)
	}
	for _, v := range f.vips {
		a.Addresses = wire.AppendAddress(a.Addresses, addr(v))
	}
	a.Count = uint8(len(f.vips))
	switch {
	case f.ah != "":
		a.AuthType = config.AuthAH
	case f.pass != "":
		a.AuthType = config.AuthPass
		copy(a.AuthData[:], f.pass)
	}
	if f.auth >= 0 {
		a.AuthType = config.AuthType(f.auth)
	}
	if f.count >= 0 {
		a.Count = uint8(f.count)
	}
	pdu := a.Append(nil, family)
	sumDst := dst
	if f.checksum == "group" {
		sumDst = netip.AddrFrom4([4]byte{224, 0, 0, 18})
	}
	form := wire.DefaultChecksum(uint8(f.version), family)
	if f.checksum == "plain" {
		form = wire.ChecksumPlain
	}
	wire.SetChecksum(pdu, form, src, sumDst)
	if f.checksum == "bad" {
		pdu[6] ^= 0xff
	}
	if f.hmac > 0 {
		pdu = f.sign(pdu, src, now)
	}
	if f.cut > 0 {
		pdu = pdu[:len(pdu)-f.cut]
	}
	b := pdu
	if family == config.IPv4 {
		b = f.wrap(pdu, src, dst)
	}
	b = append(b, make([]byte, f.pad)...)
	copy(b[f.patchAt:], f.patch)
	return b, dst
}

// sign adds an auth_hmac trailer with the key that settings give to that id.
func (f *forged) sign(pdu []byte, src netip.Addr, now time.Time) []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(f.hmac)
	}
	h := wire.NewHMAC(&config.AuthHMAC{Keys: map[uint8][]byte{uint8(f.hmac): key}, ActiveKey: uint8(f.hmac), TimeWindow: time.Minute}, 1)
	pdu = append(pdu, make([]byte, wire.TrailerLen)...)
	h.Sign(now.Add(f.skew), src, pdu)
	copy(pdu[len(pdu)-wire.TrailerLen+f.trailerPatchAt:], f.trailerPatch)
	return pdu
}

// wrap adds the IPv4 header and the authentication header.
func (f *forged) wrap(pdu []byte, src, dst netip.Addr) []byte {
	h := wire.IPv4{TotalLen: wire.IPv4Len + len(pdu), ID: 1, TTL: 255, Protocol: wire.ProtocolVRRP, Source: src, Destination: dst}
	if f.ah != "" {
		h.Protocol = wire.ProtocolAH
		h.TotalLen += wire.AHLen
	}
	if f.ttl >= 0 {
		h.TTL = uint8(f.ttl)
	}
	if f.total >= 0 {
		h.TotalLen = f.total
	}
	b := h.Append(nil)
	if f.ah == "" {
		return append(b, pdu...)
	}
	b = append(b, make([]byte, wire.AHLen)...)
	b = append(b, pdu...)
	var password [8]byte
	copy(password[:], f.ah)
	wire.NewAH(password).Sign(b, f.seq, dst.IsMulticast())
	if f.spi != "" {
		f.signOtherSPI(b, password)
	}
	return b
}

// signOtherSPI puts another SPI into a packet whose ICV is right nevertheless.
func (f *forged) signOtherSPI(b []byte, password [8]byte) {
	ah := b[wire.IPv4Len : wire.IPv4Len+wire.AHLen]
	spi := addr(f.spi).As4()
	copy(ah[4:], spi[:])
	signed := slices.Clone(b)
	signed[1] = 0
	copy(signed[6:8], []byte{0, 0})
	copy(signed[10:12], []byte{0, 0})
	clear(signed[wire.IPv4Len+12 : wire.IPv4Len+wire.AHLen])
	mac := hmac.New(md5.New, password[:])
	mac.Write(signed)
	copy(ah[12:], mac.Sum(nil)[:12])
}
