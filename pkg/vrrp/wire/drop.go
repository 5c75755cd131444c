package wire

// Drop says why a packet was refused; Accepted (0) that it was not. The order
// is that of the checks.
type Drop uint8

// Reasons to refuse a packet.
const (
	Accepted              Drop = iota
	DropTooShort               // not even a VRRP header
	DropUnknownVRID            // nobody's VRID on this socket
	DropNoPeerMatch            // several unicast instances with the VRID, none has this peer
	DropNotRunning             // the instance is in Init or Fault
	DropMulticastPacket        // IPv6: multicast packet for a unicast instance
	DropUnicastPacket          // IPv6: the reverse
	DropUnexpectedAH           // AH, but our auth_type is another
	DropMissingAH              // no AH, but our auth_type is AH
	DropTooLong                // longer than the number of addresses says
	DropLengthShort            // shorter than the number of addresses says
	DropTTL                    // TTL or hop limit is not 255
	DropVersion                // other VRRP version
	DropTrailerMissing         // auth_hmac: no trailer
	DropTrailerMalformed       // auth_hmac: type or reserved bytes
	DropTrailerNotPeer         // auth_hmac: source is not a unicast peer
	DropTrailerStale           // auth_hmac: clock difference exceeds the window
	DropTrailerUnknownKey      // auth_hmac: key id
	DropTrailerHMAC            // auth_hmac: signature
	DropTrailerReplay          // auth_hmac: not after the last accepted one
	DropAuthType               // authentication type that does not exist
	DropAuthMismatch           // authentication type that is not ours
	DropPassword               // PASS
	DropAHDigest               // AH: ICV
	DropAHSPI                  // AH: SPI is not the source address
	DropAHSequence             // AH: sequence already seen
	DropInterval               // version 2: other advertisement interval
	DropType                   // packet type is not 1
	DropTotalLength            // IPv4 total length differs from what arrived
	DropChecksum               // checksum
	DropExpectedUnicast        // multicast destination on a unicast instance
	DropExpectedMulticast      // the reverse
	DropOwner                  // owner_ignore_adverts
	DropNotPeer                // check_unicast_src
	DropPeerTTL                // min_ttl, max_ttl of the peer
	dropCount
)

// DropCount is the number of Drop values, for tables.
const DropCount = int(dropCount)

var dropNames = [...]string{
	Accepted:              "accepted",
	DropTooShort:          "packet too short",
	DropUnknownVRID:       "unknown VRID",
	DropNoPeerMatch:       "no instance with this peer",
	DropNotRunning:        "instance not running",
	DropMulticastPacket:   "multicast packet on unicast instance",
	DropUnicastPacket:     "unicast packet on multicast instance",
	DropUnexpectedAH:      "unexpected AH",
	DropMissingAH:         "missing AH",
	DropTooLong:           "too long",
	DropLengthShort:       "too short",
	DropTTL:               "TTL",
	DropVersion:           "version",
	DropTrailerMissing:    "HMAC trailer missing",
	DropTrailerMalformed:  "HMAC trailer malformed",
	DropTrailerNotPeer:    "HMAC source not a peer",
	DropTrailerStale:      "HMAC stale",
	DropTrailerUnknownKey: "HMAC unknown key",
	DropTrailerHMAC:       "HMAC invalid",
	DropTrailerReplay:     "HMAC replay",
	DropAuthType:          "invalid auth type",
	DropAuthMismatch:      "auth type mismatch",
	DropPassword:          "password",
	DropAHDigest:          "AH digest",
	DropAHSPI:             "AH SPI",
	DropAHSequence:        "AH sequence",
	DropInterval:          "advertisement interval",
	DropType:              "packet type",
	DropTotalLength:       "IP total length",
	DropChecksum:          "checksum",
	DropExpectedUnicast:   "expected unicast",
	DropExpectedMulticast: "expected multicast",
	DropOwner:             "address owner",
	DropNotPeer:           "not a peer",
	DropPeerTTL:           "peer TTL",
}

// String is a short name for statistics.
func (d Drop) String() string {
	if int(d) < len(dropNames) {
		return dropNames[d]
	}
	return "unknown"
}
