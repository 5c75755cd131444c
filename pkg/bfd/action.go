package bfd

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Action is one output of Engine.Step: a value of one of the types of this
// file, or a *SendControl. The driver carries them out in order, goes on
// after a failure, and reports it with ActionFailed.
//
// The slice and the *SendControl values in it, with their bytes, are valid
// until the next Step. Everything else may be kept.
type Action interface{ isBFDAction() }

// Ports of RFC 5881 4 and RFC 5883 5.
const (
	PortSingleHop = 3784
	PortMultiHop  = 4784
)

// SocketID names a sending socket. It is never 0 and never used again.
type SocketID int

// Listener is a receiving socket: the wildcard address of a family and a port.
type Listener struct {
	Family   config.Family
	MultiHop bool
}

// Port is where it listens.
func (l Listener) Port() uint16 {
	if l.MultiHop {
		return PortMultiHop
	}
	return PortSingleHop
}

// Listen opens a receiving socket, or closes it.
type Listen struct {
	Listener Listener
	On       bool
}

// OpenSocket opens the sending socket of a session. Its source port is a free
// one of 49152-65535 (RFC 5881 4). The driver answers with SocketOpened or
// ActionFailed.
type OpenSocket struct {
	ID      SocketID
	Session string
	// Local is the source address; invalid leaves it to the kernel.
	Local netip.Addr
	// Remote is where all packets go.
	Remote netip.AddrPort
	TTL    uint8
}

// CloseSocket closes what OpenSocket opened.
type CloseSocket struct{ ID SocketID }

// SendControl sends one control packet. It is passed by pointer and reused by
// the engine.
type SendControl struct {
	Socket  SocketID
	Session string
	Data    []byte

	session *session
}

// Consumers are the processes that get states: a set.
type Consumers uint8

// The consumers.
const (
	VRRP Consumers = 1 << iota
	Checker
)

// Announce tells consumers the state of a session.
type Announce struct {
	To      Consumers
	Session string
	Up      bool
	At      time.Time
}

// Log is one line for the log, complete and in keepalived's words. Debug
// lines are wanted with -D only.
type Log struct {
	Level slog.Level
	Text  string
}

// Finished is the last action after Stop.
type Finished struct{}

func (Listen) isBFDAction()       {}
func (OpenSocket) isBFDAction()   {}
func (CloseSocket) isBFDAction()  {}
func (*SendControl) isBFDAction() {}
func (Announce) isBFDAction()     {}
func (Log) isBFDAction()          {}
func (Finished) isBFDAction()     {}
