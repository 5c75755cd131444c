package vrrp

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// sendAdvert sends one advert of that priority: one datagram to the group, or
// one to each peer. All copies have the same IP id, AH sequence and auth_hmac
// trailer.
func (v *instance) sendAdvert(priority uint8) {
	if v.socket == nil || !v.source.IsValid() || v.e.now.Before(v.e.delayEnd) {
		return
	}
	v.ipID++
	if v.ipID == 0 {
		v.ipID = 1
	}
	if v.ah != nil {
		v.ahSequence++
	}
	v.lastSent = v.e.now
	v.counters.AdvertSent++
	if priority == 0 {
		v.counters.PriorityZeroSent++
	}
	if !v.cfg.Unicast() {
		v.sendTo(v.cfg.MulticastGroup, priority, nil)
		return
	}
	var first *SendAdvert
	for i := range v.cfg.Peers {
		a := v.sendTo(v.cfg.Peers[i].Address, priority, first)
		if first == nil {
			first = a
		}
	}
}

// sendTo makes one datagram. The trailer is copied from first, if there is one.
func (v *instance) sendTo(dst netip.Addr, priority uint8, first *SendAdvert) *SendAdvert {
	a := v.nextSend()
	a.Socket, a.Instance = v.socket.id, v.cfg.Name
	a.Source, a.Destination, a.Priority = v.source, dst, priority
	a.Index = v.socket.spec.Index
	a.Data = a.Data[:0]
	a.HopLimit = v.hopLimit()
	if v.cfg.Family == config.IPv4 {
		protocol := uint8(wire.ProtocolVRRP)
		if v.ah != nil {
			protocol = wire.ProtocolAH
		}
		h := wire.IPv4{TotalLen: v.datagramLen(), ID: v.ipID, TTL: uint8(a.HopLimit), Protocol: protocol, Source: v.source, Destination: dst}
		a.Data = h.Append(a.Data)
		if v.ah != nil {
			a.Data = append(a.Data, make([]byte, wire.AHLen)...)
		}
	}
	start := len(a.Data)
	advert := wire.Advert{
		Version: v.cfg.Version, Type: wire.TypeAdvertisement, VRID: v.cfg.VirtualRouterID,
		Priority: priority, Count: uint8(len(v.advertised)),
		AuthType: v.cfg.Auth, Interval: v.wireInterval(), Addresses: v.addresses,
	}
	if v.cfg.Auth == config.AuthPass {
		advert.AuthData = v.cfg.AuthPass
	}
	a.Data = advert.Append(a.Data, v.cfg.Family)
	end := len(a.Data)
	if v.hmac != nil && v.hmac.Sends() {
		a.Data = append(a.Data, make([]byte, wire.TrailerLen)...)
		if first == nil {
			v.hmac.Sign(v.e.now, v.source, a.Data[start:])
		} else {
			copy(a.Data[end:], first.Data[len(first.Data)-wire.TrailerLen:])
		}
		if v.cfg.Family == config.IPv6 {
			end = len(a.Data) // the kernel's checksum covers the trailer
		}
	}
	form, checksumDst := v.checksumForm(dst)
	wire.SetChecksum(a.Data[start:end], form, v.source, checksumDst)
	if v.ah != nil {
		v.ah.Sign(a.Data, v.ahSequence, dst.IsMulticast())
	}
	v.e.do(a)
	return a
}

// nextSend is a value that this Step has not used yet.
func (v *instance) nextSend() *SendAdvert {
	if v.sendsStep != v.e.step {
		v.sendsStep, v.sendsUsed = v.e.step, 0
	}
	if v.sendsUsed == len(v.sends) {
		v.sends = append(v.sends, &SendAdvert{Data: make([]byte, 0, v.datagramLen())})
	}
	v.sendsUsed++
	return v.sends[v.sendsUsed-1]
}

// checksumForm is how the checksum of a datagram to dst is made, and which
// destination counts: that of the group in the old unicast form.
func (v *instance) checksumForm(dst netip.Addr) (wire.ChecksumForm, netip.Addr) {
	form := wire.DefaultChecksum(v.cfg.Version, v.cfg.Family)
	if v.cfg.Family == config.IPv4 && v.cfg.Version == 3 {
		if v.cfg.V3ChecksumAsV2 {
			form = wire.ChecksumPlain
		} else if v.usesOldChecksum() {
			dst = v.e.cfg.Global.VRRP.MulticastGroup4
		}
	}
	return form, dst
}

// usesOldChecksum reports whether unicast version 3 adverts have the group in
// the pseudo header, as keepalived before 1.3.6 did.
func (v *instance) usesOldChecksum() bool {
	return v.cfg.Unicast() && (v.cfg.UnicastChecksum == config.UnicastChecksumOld || v.oldChecksum)
}

// hopLimit is the TTL, or -1 for the kernel's default hop limit.
func (v *instance) hopLimit() int {
	switch {
	case !v.cfg.Unicast():
		return wire.MulticastTTL
	case v.cfg.UnicastTTL != nil:
		return int(*v.cfg.UnicastTTL)
	case v.cfg.Family == config.IPv4:
		return wire.MulticastTTL
	}
	return -1
}

// wireInterval is the advertisement interval as the advert carries it.
func (v *instance) wireInterval() uint16 {
	if v.cfg.Version == 2 {
		return uint16(v.cfg.AdvertInterval / time.Second)
	}
	return uint16(v.cfg.AdvertInterval / (10 * time.Millisecond))
}

// datagramLen is the length of a datagram as SendAdvert holds it.
func (v *instance) datagramLen() int {
	n := wire.Len(v.cfg.Version, v.cfg.Family, len(v.advertised))
	if v.cfg.Family == config.IPv4 {
		n += wire.IPv4Len
	}
	if v.ah != nil {
		n += wire.AHLen
	}
	if v.hmac != nil && v.hmac.Sends() {
		n += wire.TrailerLen
	}
	return n
}

// sendFailed logs that a datagram did not leave, once for each destination and
// error until the state changes.
func (v *instance) sendFailed(a *SendAdvert, f ActionFailed) {
	if last, ok := v.sendErrors[a.Destination]; ok && last == f.Errno {
		return
	}
	v.sendErrors[a.Destination] = f.Errno
	if v.link != nil && !v.link.up() {
		return // that it is down has been said
	}
	if v.cfg.Unicast() {
		v.log(textSendPeerFailed(v.cfg.Name, a.Destination, f.Text))
	} else {
		v.log(textSendFailed(v.cfg.Name, f.Errno, f.Text))
	}
}
