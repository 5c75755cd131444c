package vrrp

import (
	"bytes"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// packet is a datagram on its way through the checks.
type packet struct {
	data     []byte // whole datagram for IPv4, payload for IPv6
	source   netip.Addr
	dest     netip.Addr
	hopLimit int // -1: unknown
	ip       wire.IPv4
	ah       bool
	pdu      []byte // from the VRRP header to the end
	advert   wire.Advert
	// length and expected are as logs say them: with IP header and AH.
	length, expected int
	trailer          bool // auth_hmac
	// For the log of what was refused.
	sequence, spi, spiWanted uint32
	verdict                  wire.Verdict
	peer                     *config.UnicastPeer
}

// receive finds the instance that a datagram is for, and lets it judge and act
// on it.
func (e *Engine) receive(in *Packet) {
	s := e.sockets[in.Socket]
	if s == nil || e.now.Before(e.delayEnd) {
		return // closed meanwhile, or vrrp_startup_delay
	}
	p := &e.packet
	if !p.open(in, s.spec.Family) {
		if e.shortLines.take(e.now) {
			e.info(textTooShort(s.spec.Family, p.ah, len(in.Data)))
		}
		return
	}
	vrid := p.pdu[1]
	v, drop := s.find(vrid, p.source)
	if v == nil {
		e.unknownVRID++
		if e.cfg.Global.VRRP.LogUnknownVRIDs && e.unknownLines[vrid].take(e.now) {
			from := netip.Addr{}
			if drop == wire.DropNoPeerMatch {
				from = p.source
			}
			name := s.spec.Interface
			if name == "" {
				name = "none"
			}
			e.info(textUnknownVRID(vrid, name, from))
		}
		return
	}
	v.drops[v.receive(p)]++
}

// open reads the outer layers; false if there is no whole VRRP header.
func (p *packet) open(in *Packet, f config.Family) bool {
	*p = packet{data: in.Data, pdu: in.Data, length: len(in.Data)}
	if f == config.IPv6 {
		p.source, p.dest, p.hopLimit = in.Source.WithZone(""), in.Destination.WithZone(""), in.HopLimit
		return len(p.pdu) >= wire.HeaderLen
	}
	if !p.ip.Decode(in.Data) {
		return false
	}
	p.source, p.dest, p.hopLimit = p.ip.Source, p.ip.Destination, int(p.ip.TTL)
	p.pdu = in.Data[p.ip.HeaderLen:]
	if p.ip.Protocol == wire.ProtocolAH {
		p.ah = true
		if len(p.pdu) < wire.AHLen {
			return false
		}
		p.pdu = p.pdu[wire.AHLen:]
	}
	return len(p.pdu) >= wire.HeaderLen
}

// find is the instance with this VRID on the socket. Of several unicast ones
// it is that whose last master, else a peer, is the sender.
func (s *socket) find(vrid uint8, source netip.Addr) (*instance, wire.Drop) {
	list := s.byVRID[vrid]
	switch {
	case len(list) == 0:
		return nil, wire.DropUnknownVRID
	case len(list) == 1 || s.spec.Multicast():
		return list[0], wire.Accepted
	}
	for _, v := range list {
		if v.masterAddress == source {
			return v, wire.Accepted
		}
	}
	for _, v := range list {
		if v.peers[source] != nil {
			return v, wire.Accepted
		}
	}
	return nil, wire.DropNoPeerMatch
}

// receive judges a packet and acts on it if it is good. A refused packet has
// no effect but a counter and perhaps a line in the log: whoever can make one
// must not be able to delay our adverts or a takeover.
func (v *instance) receive(p *packet) wire.Drop {
	if v.state != event.Master && v.state != event.Backup {
		return wire.DropNotRunning
	}
	v.limitsBefore = v.limits
	if v.cfg.Family == config.IPv6 && p.dest.IsValid() {
		switch {
		case p.dest.IsMulticast() && v.cfg.Unicast():
			return v.refuse(p, wire.DropMulticastPacket)
		case !p.dest.IsMulticast() && !v.cfg.Unicast():
			return v.refuse(p, wire.DropUnicastPacket)
		}
	}
	if v.e.detail && v.state == event.Backup && p.source != v.masterAddress {
		v.logMaster(p.source)
	}
	if d := v.check(p); d != wire.Accepted {
		return v.refuse(p, d)
	}
	v.counters.AdvertReceived++
	v.compareAddresses(p)
	if d := v.checkPeer(p); d != wire.Accepted {
		return v.refuse(p, d)
	}
	if v.state == event.Master {
		v.receiveAsMaster(p)
	} else {
		v.receiveAsBackup(p)
	}
	return wire.Accepted
}

// check makes the checks of keepalived in keepalived's order, up to the one
// after which a packet counts as received.
func (v *instance) check(p *packet) wire.Drop {
	if p.ah != (v.ah != nil) {
		if p.ah {
			return wire.DropUnexpectedAH
		}
		return wire.DropMissingAH
	}
	if d := v.checkLength(p); d != wire.Accepted {
		return d
	}
	if !v.cfg.Unicast() && p.hopLimit != wire.MulticastTTL && p.hopLimit >= 0 {
		return wire.DropTTL
	}
	if p.advert.Version != v.cfg.Version {
		return wire.DropVersion
	}
	if d := v.checkTrailer(p); d != wire.Accepted {
		return d
	}
	if v.cfg.Version == 2 {
		if d := v.checkAuth2(p); d != wire.Accepted {
			return d
		}
	}
	if p.advert.Type != wire.TypeAdvertisement {
		return wire.DropType
	}
	if v.cfg.Family == config.IPv4 && p.ip.TotalLen != p.length && !padded(p.ip.TotalLen, p.length) {
		return wire.DropTotalLength
	}
	if v.cfg.Version == 3 && p.advert.Interval != v.wireInterval() && v.limits.first(limitInterval) {
		v.log(textIntervalDiffers(v.cfg.Name, v.cfg.AdvertInterval, p.advert.Interval))
	}
	if v.cfg.Family == config.IPv4 && !v.checksumOK(p) {
		return wire.DropChecksum
	}
	if p.dest.IsValid() && p.dest.IsMulticast() == v.cfg.Unicast() {
		if v.cfg.Unicast() {
			return wire.DropExpectedUnicast
		}
		return wire.DropExpectedMulticast
	}
	if v.owner() && v.cfg.OwnerIgnoreAdverts {
		return wire.DropOwner
	}
	return wire.Accepted
}

// minEthernet is the shortest payload of an Ethernet frame.
const minEthernet = 46

// padded reports whether got bytes can be want bytes that were padded to fill
// an Ethernet frame. keepalived looks at the remainder only.
func padded(want, got int) bool {
	return want < minEthernet && got > want && (got-want)%4 == minEthernet%4
}

// checkLength compares the length with what the number of addresses in the
// packet says, and finds the trailer. It decodes the advert.
func (v *instance) checkLength(p *packet) wire.Drop {
	short := p.advert.Decode(p.pdu, v.cfg.Family) != wire.Accepted
	n := wire.Len(p.advert.Version, v.cfg.Family, int(p.advert.Count))
	p.expected = p.length - len(p.pdu) + n
	switch extra := len(p.pdu) - n; {
	case short:
		return wire.DropLengthShort
	case extra == 0, v.cfg.Family == config.IPv4 && padded(p.expected, p.length):
	case v.hmac != nil && extra == wire.TrailerLen:
		p.trailer = true
	default:
		return wire.DropTooLong
	}
	return wire.Accepted
}

// checkTrailer is auth_hmac.
func (v *instance) checkTrailer(p *packet) wire.Drop {
	if v.hmac == nil {
		return wire.Accepted
	}
	if !p.trailer {
		if v.hmac.Required() {
			return wire.DropTrailerMissing
		}
		return wire.Accepted
	}
	if v.cfg.Unicast() && v.peers[p.source] == nil {
		return wire.DropTrailerNotPeer
	}
	p.verdict = v.hmac.Verify(v.e.now, p.source, p.pdu)
	if p.verdict.Drop == wire.Accepted && p.verdict.Skew > v.cfg.HMAC.TimeWindow/2 && v.limits.first(limitSkew) {
		v.log(textClockSkew(v.cfg.Name, p.source, p.verdict.Skew, v.cfg.HMAC.TimeWindow))
	}
	return p.verdict.Drop
}

// checkAuth2 is the authentication of version 2 (RFC 2338 5.3.6) and its fixed
// advertisement interval (RFC 3768 7.1).
func (v *instance) checkAuth2(p *packet) wire.Drop {
	a := &p.advert
	if a.AuthType > config.AuthAH {
		return wire.DropAuthType
	}
	if a.AuthType != v.cfg.Auth {
		return wire.DropAuthMismatch
	}
	switch a.AuthType {
	case config.AuthPass:
		if v.cfg.Family == config.IPv4 && !wire.PasswordOK(&v.cfg.AuthPass, &a.AuthData) {
			return wire.DropPassword
		}
	case config.AuthAH:
		if d := v.checkAH(p); d != wire.Accepted {
			return d
		}
	case config.AuthNone:
	}
	if a.Interval != v.wireInterval() {
		return wire.DropInterval
	}
	return wire.Accepted
}

func (v *instance) checkAH(p *packet) wire.Drop {
	header := p.data[p.ip.HeaderLen:]
	p.sequence, p.spi = wire.AHSequence(header), wire.AHSPI(header)
	p.spiWanted = wire.AHSPI(p.data[8:]) // the source address at byte 12
	if d := v.ah.Check(p.data, p.ip.HeaderLen, p.dest.IsMulticast()); d != wire.Accepted {
		return d
	}
	if p.sequence <= v.ahSequence {
		return wire.DropAHSequence
	}
	v.ahSequence = p.sequence
	return wire.Accepted
}

// checksumOK judges the checksum of an IPv4 packet. A unicast version 3 packet
// in the old form is accepted unless that was ruled out, and from then on we
// send that form too. With v3_checksum_as_v2 both forms are good.
func (v *instance) checksumOK(p *packet) bool {
	pdu := p.pdu[:wire.Len(p.advert.Version, config.IPv4, int(p.advert.Count))]
	if v.cfg.Version == 2 {
		return wire.ChecksumOK(pdu, wire.ChecksumPlain, p.source, p.dest)
	}
	group := v.e.cfg.Global.VRRP.MulticastGroup4
	dest := p.dest
	if v.usesOldChecksum() {
		dest = group
	}
	if wire.ChecksumOK(pdu, wire.ChecksumPseudo, p.source, dest) {
		return true
	}
	if v.cfg.V3ChecksumAsV2 && wire.ChecksumOK(pdu, wire.ChecksumPlain, p.source, dest) {
		return true
	}
	if v.cfg.Unicast() && v.cfg.UnicastChecksum == config.UnicastChecksumAuto &&
		wire.ChecksumOK(pdu, wire.ChecksumPseudo, p.source, group) {
		v.oldChecksum = true
		v.log(textOldChecksum(v.cfg.Name))
		return true
	}
	return false
}

// compareAddresses logs a list of addresses that differs from ours. It never
// stops the election.
func (v *instance) compareAddresses(p *packet) {
	if n := len(v.advertised); int(p.advert.Count) != n {
		v.counters.AddressListErrors++
		if v.limits.first(limitCount) {
			v.log(textCountDiffers(v.cfg.Name, n, p.advert.Count))
		}
		return
	}
	if bytes.Equal(p.advert.Addresses, v.addresses) || v.cfg.SkipCheckAdvert && v.state == event.Backup && p.source == v.masterAddress {
		return
	}
	for _, a := range v.advertised {
		if addr := a.Prefix.Addr(); !p.advert.Has(addr) {
			v.counters.AddressListErrors++
			if v.limits.first(limitAddress) {
				v.log(textAddressMissing(v.cfg.Name, v.cfg.VirtualRouterID, p.source, addr))
			}
			return
		}
	}
}

// checkPeer is check_unicast_src with min_ttl and max_ttl.
func (v *instance) checkPeer(p *packet) wire.Drop {
	if !v.cfg.Unicast() || !v.cfg.CheckUnicastSource {
		return wire.Accepted
	}
	p.peer = v.peers[p.source]
	if p.peer == nil {
		return wire.DropNotPeer
	}
	if p.hopLimit >= 0 && (p.hopLimit < int(p.peer.MinTTL) || p.hopLimit > int(p.peer.MaxTTL)) {
		return wire.DropPeerTTL
	}
	return wire.Accepted
}
