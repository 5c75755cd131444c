package wire

import "encoding/binary"

// Len is the length of a control packet without authentication, in bytes.
const Len = 24

// Version is the only protocol version there is.
const Version = 1

// State is the state of a session (RFC 5880 4.1).
type State uint8

// States, with the numbers of the packet.
const (
	AdminDown State = iota
	Down
	Init
	Up
)

var stateNames = [...]string{"AdminDown", "Down", "Init", "Up"}

// String is the state as keepalived's log has it.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// Diag says why a session left Up the last time (RFC 5880 4.1).
type Diag uint8

// Diagnostics, with the numbers of the packet.
const (
	DiagNone Diag = iota
	DiagExpired
	DiagEchoFailed
	DiagNeighborDown
	DiagForwardingReset
	DiagPathDown
	DiagConcatenatedPathDown
	DiagAdminDown
	DiagReverseConcatenatedPathDown
	diagCount
)

var diagNames = [diagCount]string{
	"No Diagnostic", "Control Detection Time Expired", "Echo Function Failed",
	"Neighbor Signaled Session Down", "Forwarding Plane Reset", "Path Down",
	"Concatenated Path Down", "Administratively Down", "Reverse Concatenated Path Down",
}

// String is the diagnostic as keepalived's log has it.
func (d Diag) String() string {
	if d < diagCount {
		return diagNames[d]
	}
	return "unknown"
}

// Control is a control packet. Intervals are in microseconds.
type Control struct {
	Version uint8
	Diag    Diag
	State   State
	// Poll asks for an answer with Final.
	Poll, Final bool
	// ControlPlaneIndependent, Auth and Multipoint are never sent.
	ControlPlaneIndependent, Auth, Multipoint bool
	// Demand asks the peer to stop its periodic packets while both are Up.
	Demand bool
	// DetectMult packets may be missed.
	DetectMult uint8
	// Length is the length field. Append writes Len.
	Length             uint8
	MyDiscr, YourDiscr uint32
	DesiredMinTx       uint32
	RequiredMinRx      uint32
	RequiredMinEchoRx  uint32
}

// Bits of the second byte.
const (
	bitMultipoint = 1 << iota
	bitDemand
	bitAuth
	bitIndependent
	bitFinal
	bitPoll
)

// Decode reads a packet and checks what can be checked without a session
// (RFC 5880 6.8.6). b may be longer than the packet. p is filled in except
// after DropTooShort.
func (p *Control) Decode(b []byte) Drop {
	if len(b) < Len {
		return DropTooShort
	}
	flags := b[1]
	*p = Control{
		Version: b[0] >> 5, Diag: Diag(b[0] & 0x1f), State: State(flags >> 6),
		Poll: flags&bitPoll != 0, Final: flags&bitFinal != 0,
		ControlPlaneIndependent: flags&bitIndependent != 0, Auth: flags&bitAuth != 0,
		Demand: flags&bitDemand != 0, Multipoint: flags&bitMultipoint != 0,
		DetectMult: b[2], Length: b[3],
		MyDiscr: binary.BigEndian.Uint32(b[4:]), YourDiscr: binary.BigEndian.Uint32(b[8:]),
		DesiredMinTx: binary.BigEndian.Uint32(b[12:]), RequiredMinRx: binary.BigEndian.Uint32(b[16:]),
		RequiredMinEchoRx: binary.BigEndian.Uint32(b[20:]),
	}
	return p.check(len(b))
}

func (p *Control) check(size int) Drop {
	switch {
	case p.Version != Version:
		return DropVersion
	case p.Length < Len || int(p.Length) > size:
		return DropLength
	case p.DetectMult == 0:
		return DropMultiplier
	case p.Multipoint:
		return DropMultipoint
	case p.MyDiscr == 0:
		return DropMyDiscriminator
	case p.YourDiscr == 0 && p.State != Down && p.State != AdminDown:
		return DropNoDiscriminator
	case p.Poll && p.Final:
		return DropPollAndFinal
	case p.Diag >= diagCount:
		// RFC 5880 reserves these; keepalived refuses them.
		return DropDiagnostic
	case p.Auth:
		return DropAuth
	}
	return Accepted
}

// Append adds the packet to b.
func (p *Control) Append(b []byte) []byte {
	flags := byte(p.State) << 6
	for _, f := range [...]struct {
		on  bool
		bit byte
	}{
		{p.Poll, bitPoll}, {p.Final, bitFinal}, {p.ControlPlaneIndependent, bitIndependent},
		{p.Auth, bitAuth}, {p.Demand, bitDemand}, {p.Multipoint, bitMultipoint},
	} {
		if f.on {
			flags |= f.bit
		}
	}
	b = append(b, p.Version<<5|byte(p.Diag)&0x1f, flags, p.DetectMult, Len)
	b = binary.BigEndian.AppendUint32(b, p.MyDiscr)
	b = binary.BigEndian.AppendUint32(b, p.YourDiscr)
	b = binary.BigEndian.AppendUint32(b, p.DesiredMinTx)
	b = binary.BigEndian.AppendUint32(b, p.RequiredMinRx)
	return binary.BigEndian.AppendUint32(b, p.RequiredMinEchoRx)
}
