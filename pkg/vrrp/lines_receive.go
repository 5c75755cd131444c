package vrrp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// Lines about packets that are refused or odd; see lines.go.

func textTooShort(f config.Family, ah bool, n int) string {
	with := ""
	if ah {
		with = " with AH"
	}
	return fmt.Sprintf(logtext.PacketTooShort, f, with, n)
}

func textUnknownVRID(vrid uint8, link string, from netip.Addr) string {
	if from.IsValid() {
		return fmt.Sprintf(logtext.PacketUnknownVRID, vrid, link, from)
	}
	return fmt.Sprintf(logtext.PacketNoInstance, vrid, link)
}

// textDrop is the line for a packet that an instance refused, "" for none.
func textDrop(v *instance, p *packet, d wire.Drop) string {
	name, a := v.cfg.Name, &p.advert
	switch d {
	case wire.DropMulticastPacket:
		return fmt.Sprintf(logtext.PacketMulticast, name)
	case wire.DropUnicastPacket:
		return fmt.Sprintf("(%s) discarding unicast packet on multicast instance", name) // (own)
	case wire.DropUnexpectedAH:
		return fmt.Sprintf(logtext.PacketUnexpectedAH, name, p.source)
	case wire.DropMissingAH:
		return fmt.Sprintf(logtext.PacketMissingAH, name, p.source)
	case wire.DropTooLong:
		return fmt.Sprintf(logtext.PacketTooLong, name, p.source, p.length, p.expected)
	case wire.DropLengthShort:
		return fmt.Sprintf(logtext.PacketLengthShort, name, p.source, p.length, p.expected)
	case wire.DropTTL:
		return fmt.Sprintf(logtext.PacketTTL, name, p.source, p.hopLimit, wire.MulticastTTL)
	case wire.DropVersion:
		return fmt.Sprintf(logtext.PacketVersion, name, p.source, a.Version, v.cfg.Version)
	case wire.DropTrailerMissing:
		return fmt.Sprintf(logtext.PacketNoTrailer, name, p.source)
	case wire.DropTrailerMalformed:
		return fmt.Sprintf(logtext.PacketBadTrailer, name, p.source)
	case wire.DropTrailerStale:
		return fmt.Sprintf(logtext.PacketStale,
			name, p.source, p.verdict.Skew/time.Second, v.cfg.HMAC.TimeWindow/time.Second)
	case wire.DropTrailerUnknownKey:
		return fmt.Sprintf(logtext.PacketUnknownKey, name, p.verdict.Key, p.source)
	case wire.DropTrailerHMAC:
		return fmt.Sprintf(logtext.PacketHMAC, name, p.source)
	case wire.DropTrailerReplay:
		return fmt.Sprintf(logtext.PacketReplay, name, p.source)
	case wire.DropAuthType:
		return fmt.Sprintf(logtext.PacketAuthType, name, p.source, a.AuthType)
	case wire.DropAuthMismatch:
		return fmt.Sprintf(logtext.PacketAuthDiffers, name, a.AuthType, p.source, v.cfg.Auth)
	case wire.DropPassword:
		return fmt.Sprintf(logtext.PacketPassword, name, p.source)
	case wire.DropAHDigest:
		return fmt.Sprintf(logtext.PacketAHDigest, name)
	case wire.DropAHSPI:
		return fmt.Sprintf(logtext.PacketAHSPI, p.spi, p.spiWanted)
	case wire.DropAHSequence:
		return fmt.Sprintf(logtext.PacketAHSequence, name, p.sequence, v.ahSequence)
	case wire.DropInterval:
		return fmt.Sprintf(logtext.PacketInterval,
			name, p.source, v.cfg.AdvertInterval/time.Second, a.Interval)
	case wire.DropType:
		return fmt.Sprintf(logtext.PacketType, name, p.source, a.Type, wire.TypeAdvertisement)
	case wire.DropTotalLength:
		return fmt.Sprintf(logtext.PacketTotalLength, name, p.source, p.ip.TotalLen, p.length)
	case wire.DropChecksum:
		return fmt.Sprintf(logtext.PacketChecksum, name, a.Version, p.source)
	case wire.DropExpectedUnicast:
		return fmt.Sprintf(logtext.PacketNotUnicast, name, p.source)
	case wire.DropExpectedMulticast:
		return fmt.Sprintf("(%s) Expected multicast packet but received unicast packet from %s", name, p.source) // (own)
	case wire.DropOwner:
		return fmt.Sprintf(logtext.PacketOwner, name, p.source)
	case wire.DropNotPeer, wire.DropTrailerNotPeer:
		return fmt.Sprintf(logtext.PacketNotPeer, name, p.source)
	case wire.DropPeerTTL:
		return fmt.Sprintf(logtext.PacketPeerTTL, name, p.hopLimit, p.source, p.peer.MinTTL, p.peer.MaxTTL)
	case wire.Accepted, wire.DropTooShort, wire.DropUnknownVRID, wire.DropNoPeerMatch, wire.DropNotRunning:
	}
	return ""
}

func textIntervalDiffers(name string, ours time.Duration, theirs uint16) string {
	return fmt.Sprintf(logtext.PacketInterval3, name, ours/(10*time.Millisecond), theirs)
}
func textCountDiffers(name string, ours int, theirs uint8) string {
	return fmt.Sprintf(logtext.PacketCount, name, ours, theirs)
}
func textAddressMissing(name string, vrid uint8, from, addr netip.Addr) string {
	return fmt.Sprintf(logtext.PacketAddress, name, vrid, from, addr)
}
func textOldChecksum(name string) string {
	return fmt.Sprintf(logtext.OldChecksum, name)
}

// textClockSkew is ours: keepalived logs that too, once.
func textClockSkew(name string, from netip.Addr, skew, window time.Duration) string {
	return fmt.Sprintf("(%s) clock skew %d sec with %s is more than half of the window of %d sec", name, skew/time.Second, from, window/time.Second)
}
