package vrrp

import (
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// limits are the lines that were logged once and are not repeated until the
// set is cleared: on a change to or from Master, and when a Backup accepts an
// advert from another router than before. One bit for each wire.Drop, and
// those below.
type limits uint64

// Lines that do not refuse a packet.
const (
	limitInterval = wire.Drop(wire.DropCount) + iota
	limitCount
	limitAddress
	limitSkew
	limitTwoOwners
	limitEnd
)

// A limit needs a bit.
var _ [64 - limitEnd]struct{}

// first reports whether the line is to be logged, and notes that it was.
func (l *limits) first(d wire.Drop) bool {
	if *l&(1<<d) != 0 {
		return false
	}
	*l |= 1 << d
	return true
}

// refuse counts a packet that was not accepted and logs why.
func (v *instance) refuse(p *packet, d wire.Drop) wire.Drop {
	if c := counterOf(&v.counters, d); c != nil {
		*c++
	}
	switch d {
	case wire.DropVersion:
		v.e.badVersion++
	case wire.DropChecksum:
		v.e.badChecksum++
	}
	v.tellRefused(p, d)
	switch d {
	case wire.DropMulticastPacket, wire.DropUnicastPacket:
		if v.e.detail && v.refused.take(v.e.now) {
			v.debug(textDrop(v, p, d))
		}
	case wire.DropAHDigest, wire.DropAHSPI, wire.DropAHSequence:
		if v.refused.take(v.e.now) {
			v.log(textDrop(v, p, d))
		}
	default:
		if v.limits.first(d) {
			v.log(textDrop(v, p, d))
		}
	}
	return d
}

// tellRefused makes the events of the RFC MIBs out of a refused packet. Those
// are not made for every packet of a flood.
func (v *instance) tellRefused(p *packet, d wire.Drop) {
	reason, auth := status.NoProtocolError, uint8(0)
	switch c := &v.counters; counterOf(c, d) {
	case &c.TTLErrors:
		reason = status.TTLError
	case &c.VersionErrors:
		reason = status.VersionError
	case &c.ChecksumErrors:
		reason = status.ChecksumError
	case &c.InvalidAuthType:
		auth = event.InvalidAuthType
	case &c.AuthTypeMismatch:
		auth = event.AuthTypeMismatch
	case &c.AuthFailure:
		auth = event.AuthFailure
	}
	if reason != status.NoProtocolError {
		v.protocol = reason
	}
	snmp := &v.e.cfg.Global.SNMP
	switch {
	case !snmp.Traps:
	case auth != 0 && snmp.RFCv2 && v.e.traps.take(v.e.now):
		v.e.emit(event.AuthenticationFailure{Time: v.e.now, Instance: v.cfg.Name, Source: p.source, Type: auth})
	case reason != status.NoProtocolError && snmp.RFCv3 && v.e.traps.take(v.e.now):
		v.e.emit(event.ProtocolError{Time: v.e.now, Instance: v.cfg.Name, Reason: uint8(reason)})
	}
}

// counterOf is the counter of the statistics file that a refused packet belongs
// to, nil if it has none.
func counterOf(c *counters, d wire.Drop) *uint64 {
	switch d {
	case wire.DropUnexpectedAH, wire.DropMissingAH, wire.DropAuthMismatch:
		return &c.AuthTypeMismatch
	case wire.DropTooLong, wire.DropLengthShort, wire.DropTotalLength:
		return &c.PacketLengthErrors
	case wire.DropTTL, wire.DropPeerTTL:
		return &c.TTLErrors
	case wire.DropVersion:
		return &c.VersionErrors
	case wire.DropTrailerMissing:
		return &c.AuthExtMissing
	case wire.DropTrailerMalformed:
		return &c.AuthExtMalformed
	case wire.DropTrailerUnknownKey:
		return &c.AuthExtUnknownKey
	case wire.DropTrailerHMAC:
		return &c.AuthExtInvalidHMAC
	case wire.DropTrailerStale:
		return &c.AuthExtStale
	case wire.DropTrailerReplay:
		return &c.AuthExtReplay
	case wire.DropAuthType:
		return &c.InvalidAuthType
	case wire.DropPassword, wire.DropAHDigest, wire.DropAHSPI, wire.DropAHSequence:
		return &c.AuthFailure
	case wire.DropInterval:
		return &c.AdvertIntervalErrors
	case wire.DropType:
		return &c.InvalidTypeReceived
	case wire.DropChecksum:
		return &c.ChecksumErrors
	case wire.DropExpectedUnicast, wire.DropExpectedMulticast:
		return &c.AddressListErrors
	case wire.Accepted, wire.DropTooShort, wire.DropUnknownVRID, wire.DropNoPeerMatch,
		wire.DropNotRunning, wire.DropMulticastPacket, wire.DropUnicastPacket, wire.DropTrailerNotPeer,
		wire.DropOwner, wire.DropNotPeer:
	}
	return nil
}
