package vrrp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// Lines about packets that are refused or odd; see logtext.go.

func textTooShort(f config.Family, ah bool, n int) string {
	with := ""
	if ah {
		with = " with AH"
	}
	return fmt.Sprintf("%s VRRP packet%s too short - %d bytes", f, with, n)
}

func textUnknownVRID(vrid uint8, link string, from netip.Addr) string {
	if from.IsValid() {
		return fmt.Sprintf("Unknown VRID(%d) received on interface(%s) from %s. ignoring...", vrid, link, from)
	}
	return fmt.Sprintf("Unknown VRID(%d) received on interface(%s). ignoring...", vrid, link)
}

// textDrop is the line for a packet that an instance refused, "" for none.
func textDrop(v *instance, p *packet, d wire.Drop) string {
	name, a := v.cfg.Name, &p.advert
	switch d {
	case wire.DropMulticastPacket:
		return "(" + name + ") discarding multicast packet on unicast instance"
	case wire.DropUnicastPacket:
		return "(" + name + ") discarding unicast packet on multicast instance"
	case wire.DropUnexpectedAH:
		return fmt.Sprintf("(%s) Received AH header but auth type not AH from %s", name, p.source)
	case wire.DropMissingAH:
		return fmt.Sprintf("(%s) No AH header but auth type is AH from %s", name, p.source)
	case wire.DropTooLong:
		return fmt.Sprintf("(%s) vrrp packet from %s too long, length %d and expect %d", name, p.source, p.length, p.expected)
	case wire.DropLengthShort:
		return fmt.Sprintf("(%s) vrrp packet from %s too short, length %d and expect %d", name, p.source, p.length, p.expected)
	case wire.DropTTL:
		return fmt.Sprintf("(%s) invalid TTL/HL from %s. Received %d and expect %d", name, p.source, p.hopLimit, wire.MulticastTTL)
	case wire.DropVersion:
		return fmt.Sprintf("(%s) wrong VRRP version from %s. Received %d and expect %d", name, p.source, a.Version, v.cfg.Version)
	case wire.DropTrailerMissing:
		return fmt.Sprintf("(%s) missing authentication trailer from %s", name, p.source)
	case wire.DropTrailerMalformed:
		return fmt.Sprintf("(%s) malformed authentication trailer from %s", name, p.source)
	case wire.DropTrailerStale:
		return fmt.Sprintf("(%s) stale authentication trailer from %s, clock skew %d sec exceeds window %d sec",
			name, p.source, p.verdict.Skew/time.Second, v.cfg.HMAC.TimeWindow/time.Second)
	case wire.DropTrailerUnknownKey:
		return fmt.Sprintf("(%s) unknown authentication key id %d from %s", name, p.verdict.Key, p.source)
	case wire.DropTrailerHMAC:
		return fmt.Sprintf("(%s) invalid authentication HMAC from %s", name, p.source)
	case wire.DropTrailerReplay:
		return fmt.Sprintf("(%s) replayed authentication trailer from %s", name, p.source)
	case wire.DropAuthType:
		return fmt.Sprintf("(%s) Invalid auth type from %s: %d", name, p.source, a.AuthType)
	case wire.DropAuthMismatch:
		return fmt.Sprintf("(%s) received a %d auth from %s, expecting %d!", name, a.AuthType, p.source, v.cfg.Auth)
	case wire.DropPassword:
		return fmt.Sprintf("(%s) received an invalid passwd from %s!", name, p.source)
	case wire.DropAHDigest:
		return "(" + name + ") IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"
	case wire.DropAHSPI:
		return fmt.Sprintf("IPSEC AH : invalid IPSEC SPI value. %d and expect %d", p.spi, p.spiWanted)
	case wire.DropAHSequence:
		return fmt.Sprintf("(%s) IPSEC-AH : sequence number %d already processed. Packet dropped. Local(%d)", name, p.sequence, v.ahSequence)
	case wire.DropInterval:
		return fmt.Sprintf("(%s) advertisement interval mismatch with %s mine=%d sec rcv'd=%d sec",
			name, p.source, v.cfg.AdvertInterval/time.Second, a.Interval)
	case wire.DropType:
		return fmt.Sprintf("(%s) Invalid packet type from %s. %d and expect %d", name, p.source, a.Type, wire.TypeAdvertisement)
	case wire.DropTotalLength:
		return fmt.Sprintf("(%s) ip_tot_len mismatch against received length from %s. %d and received %d", name, p.source, p.ip.TotalLen, p.length)
	case wire.DropChecksum:
		return fmt.Sprintf("(%s) Invalid VRRPv%d checksum from %s", name, a.Version, p.source)
	case wire.DropExpectedUnicast:
		return fmt.Sprintf("(%s) Expected unicast packet but received multicast packet from %s", name, p.source)
	case wire.DropExpectedMulticast:
		return fmt.Sprintf("(%s) Expected multicast packet but received unicast packet from %s", name, p.source)
	case wire.DropOwner:
		return fmt.Sprintf("(%s) Dropping packet(s) from %s since we are address owner", name, p.source)
	case wire.DropNotPeer, wire.DropTrailerNotPeer:
		return fmt.Sprintf("(%s) unicast source address %s not a unicast peer", name, p.source)
	case wire.DropPeerTTL:
		return fmt.Sprintf("(%s) TTL/HL %d from %s not in range [%d, %d]", name, p.hopLimit, p.source, p.peer.MinTTL, p.peer.MaxTTL)
	case wire.Accepted, wire.DropStartupDelay, wire.DropTooShort, wire.DropUnknownVRID, wire.DropNoPeerMatch, wire.DropNotRunning:
	}
	return ""
}

func textIntervalDiffers(name string, ours time.Duration, theirs uint16) string {
	return fmt.Sprintf("(%s) advertisement interval mismatch ours = %d centi-sec rcv'd=%d centi-sec", name, ours/(10*time.Millisecond), theirs)
}
func textCountDiffers(name string, ours int, theirs uint8) string {
	return fmt.Sprintf("(%s) expected %d VIPs but received %d", name, ours, theirs)
}
func textAddressMissing(name string, vrid uint8, from, addr netip.Addr) string {
	return fmt.Sprintf("(%s) ip address associated with VRID %d not present in advert from %s: %s", name, vrid, from, addr)
}
func textOldChecksum(name string) string {
	return "(" + name + ") Setting unicast VRRPv3 checksum to old version"
}

// textClockSkew is ours: keepalived logs that too, once.
func textClockSkew(name string, from netip.Addr, skew, window time.Duration) string {
	return fmt.Sprintf("(%s) clock skew %d sec with %s is more than half of the window of %d sec", name, skew/time.Second, from, window/time.Second)
}
