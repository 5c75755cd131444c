package bfd

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Event is one input of Engine.Step: a value of one of the types of this
// file, or a *Packet.
type Event interface{ isBFDEvent() }

// Start is the first event of an engine.
type Start struct{}

// Packet is one datagram of a listening socket. It is passed by pointer so
// that the driver can use one value for all: the engine keeps nothing of it.
type Packet struct {
	Data []byte
	// Source and Destination are unmapped: IPv4 is IPv4.
	Source, Destination netip.Addr
	// SourcePort is for the log only.
	SourcePort uint16
	// TTL is the TTL or hop limit, -1 if unknown, which passes every check.
	TTL int
	// MultiHop says that it came to port 4784.
	MultiHop bool
}

// Timer says that the deadline has passed. Only this event makes sessions
// expire: after a late wake-up read the sockets empty, then pass Timer, or a
// neighbor whose packets wait there would be declared dead.
type Timer struct{}

// SocketOpened reports that OpenSocket was carried out.
type SocketOpened struct{ ID SocketID }

// ActionFailed reports that an action could not be carried out, after the
// remaining actions were.
type ActionFailed struct {
	Action Action
	// Text is the system's words.
	Text string
}

// Repeat asks to announce the state of every session again, to consumers that
// have just started or may have missed something.
type Repeat struct{ To Consumers }

// Reload replaces the configuration. Sessions between the same addresses keep
// their state; timers that changed are negotiated by a poll sequence.
type Reload struct{ Config *config.Config }

// Stop begins the end: neighbors are told AdminDown once.
type Stop struct{}

func (Start) isBFDEvent()        {}
func (*Packet) isBFDEvent()      {}
func (Timer) isBFDEvent()        {}
func (SocketOpened) isBFDEvent() {}
func (ActionFailed) isBFDEvent() {}
func (Repeat) isBFDEvent()       {}
func (Reload) isBFDEvent()       {}
func (Stop) isBFDEvent()         {}
