package wire

// Drop is why a packet was refused. The session machine counts each.
type Drop uint8

// Reasons. The first part needs only the packet, the second the sessions.
const (
	Accepted            Drop = iota
	DropTooShort             // fewer than 24 bytes
	DropVersion              // version is not 1
	DropLength               // length field below 24, or beyond the datagram
	DropDiagnostic           // diagnostic above 8
	DropMultiplier           // detection multiplier is 0
	DropMultipoint           // multipoint bit
	DropMyDiscriminator      // my discriminator is 0
	DropNoDiscriminator      // your discriminator is 0 in Init or Up
	DropPollAndFinal         // both bits
	DropAuth                 // authentication bit: no session of ours has any
	DropUnknownSession       // no session for discriminator or addresses
	DropTTL                  // TTL or hop limit too small (RFC 5082)
	DropAdminDown            // our session is administratively down
	dropCount
)

// DropCount is the number of Drop values, for tables.
const DropCount = int(dropCount)

var dropNames = [...]string{
	Accepted:            "accepted",
	DropTooShort:        "packet too short",
	DropVersion:         "version",
	DropLength:          "length",
	DropDiagnostic:      "diagnostic",
	DropMultiplier:      "detection multiplier is zero",
	DropMultipoint:      "multipoint",
	DropMyDiscriminator: "my discriminator is zero",
	DropNoDiscriminator: "your discriminator is zero",
	DropPollAndFinal:    "poll and final",
	DropAuth:            "authentication",
	DropUnknownSession:  "unknown session",
	DropTTL:             "TTL",
	DropAdminDown:       "session is administratively down",
}

// String is a short name for statistics and the log.
func (d Drop) String() string {
	if int(d) < len(dropNames) {
		return dropNames[d]
	}
	return "unknown"
}
