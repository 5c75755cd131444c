package status

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// BFD is the state of the bfd process at one moment.
type BFD struct {
	Time     time.Time
	Sessions []BFDSession // in the order of the configuration
	// Drops are refused packets that belong to no session.
	Drops []BFDDrop
}

// BFDSession is one bfd_instance. States and diagnostics are keepalived's
// words.
type BFDSession struct {
	Config                             *config.BFDInstance
	State, RemoteState                 string
	Up                                 bool
	Diag, RemoteDiag                   string
	Discriminator, RemoteDiscriminator uint32 // remote 0: unknown
	// RemoteMinTx and RemoteMinRx are what the neighbor advertises.
	RemoteMinTx, RemoteMinRx time.Duration
	RemoteDemand             bool
	RemoteMultiplier         uint8
	// Polling is true while our timers wait for the neighbor's answer.
	Polling bool
	// TxInterval is how often we send, DetectionTime how long the neighbor
	// may be silent; Remote* the same seen from the neighbor.
	TxInterval, RemoteTxInterval       time.Duration
	DetectionTime, RemoteDetectionTime time.Duration
	// SocketOpen is false while the source address is missing.
	SocketOpen, SendError bool
	// LastSeen is when the last packet came, zero for never.
	LastSeen       time.Time
	Transitions    uint64 // into and out of Up
	Sent, Received uint64
	Drops          []BFDDrop
}

// BFDDrop counts packets refused for one reason.
type BFDDrop struct {
	Reason string
	Count  uint64
}
