package agentx

import "fmt"

// Type is the type of a PDU (RFC 2741 6.1).
type Type uint8

// Types of PDUs.
const (
	TypeOpen       Type = 1
	TypeClose      Type = 2
	TypeRegister   Type = 3
	TypeUnregister Type = 4
	TypeGet        Type = 5
	TypeGetNext    Type = 6
	TypeGetBulk    Type = 7
	TypeTestSet    Type = 8
	TypeCommitSet  Type = 9
	TypeUndoSet    Type = 10
	TypeCleanupSet Type = 11
	TypeNotify     Type = 12
	TypePing       Type = 13
	TypeResponse   Type = 18
)

// Flags of a header.
const (
	FlagNonDefaultContext uint8 = 0x08
	FlagNetworkByteOrder  uint8 = 0x10
)

// Reason of a Close (RFC 2741 6.2.2).
type Reason uint8

// Reasons of a Close.
const (
	ReasonOther      Reason = 1
	ReasonParseError Reason = 2
	ReasonProtocol   Reason = 3
	ReasonTimeouts   Reason = 4
	ReasonShutdown   Reason = 5
	ReasonByManager  Reason = 6
)

// Error is res.error of a Response: those of SNMP below 256, then AgentX's.
type Error uint16

// Errors that occur here (RFC 1905, RFC 2741 6.2.16).
const (
	NoError               Error = 0
	GenErr                Error = 5
	NoAccess              Error = 6
	WrongType             Error = 7
	WrongLength           Error = 8
	WrongValue            Error = 10
	NoCreation            Error = 11
	CommitFailed          Error = 14
	UndoFailed            Error = 15
	NotWritable           Error = 17
	OpenFailed            Error = 256
	NotOpen               Error = 257
	DuplicateRegistration Error = 263
	UnsupportedContext    Error = 262
	ParseError            Error = 266
	RequestDenied         Error = 267
	ProcessingError       Error = 268
)

// String says what an error means.
func (e Error) String() string {
	switch e {
	case NoError:
		return "no error"
	case OpenFailed:
		return "the master refuses the session"
	case NotOpen:
		return "the session is not open"
	case DuplicateRegistration:
		return "another subagent serves the same objects"
	case RequestDenied:
		return "the master denies the request"
	case ParseError:
		return "the master cannot read the request"
	case ProcessingError:
		return "the master cannot carry out the request"
	case GenErr, NoAccess, WrongType, WrongLength, WrongValue, NoCreation, CommitFailed, UndoFailed, NotWritable, UnsupportedContext:
	}
	return fmt.Sprintf("error %d", uint16(e))
}

// Range is what a Get, GetNext or GetBulk asks for: objects from Start (with
// it if Include) up to but without End, which is empty for no limit.
type Range struct {
	Start, End OID
	Include    bool
}

// PDU is one message. Which fields count depends on Type.
type PDU struct {
	Type  Type
	Flags uint8
	// SessionID is given by the master; TransactionID groups the requests of
	// one Set; PacketID pairs a Response with its request.
	SessionID, TransactionID, PacketID uint32
	Context                            []byte // if FlagNonDefaultContext

	Timeout     uint8  // Open, Register: seconds, 0 for the master's default
	Priority    uint8  // Register, Unregister
	RangeSubID  uint8  // Register, Unregister: 0 for a plain subtree
	UpperBound  uint32 // with RangeSubID
	OID         OID    // Open: who we are; Register, Unregister: the subtree
	Description string // Open
	Reason      Reason // Close

	NonRepeaters, MaxRepetitions uint16    // GetBulk
	Ranges                       []Range   // Get, GetNext, GetBulk
	VarBinds                     []VarBind // TestSet, Notify, Response

	SysUpTime uint32 // Response: hundredths of a second
	Error     Error
	Index     uint16 // of the VarBind with the error, from 1
}
