// Package event is what the engines tell the outside: one typed value per
// thing that happened, in the one true order. Sinks (scripts, FIFOs, mail,
// SNMP, D-Bus, log) get every event from their process's bus; a slow sink
// never delays an engine.
package event

import (
	"net/netip"
	"time"
)

// State is a VRRP state as the outside sees it. The numbers are those of
// keepalived's JSON, SNMP and D-Bus.
type State uint8

// States. Stop and Deleted exist only in notifications.
const (
	Init    State = 0
	Backup  State = 1
	Master  State = 2
	Fault   State = 3
	Deleted State = 97
	Stop    State = 98
)

// String is the word that notify scripts and FIFOs get.
func (s State) String() string {
	switch s {
	case Init:
		return "INIT"
	case Backup:
		return "BACKUP"
	case Master:
		return "MASTER"
	case Fault:
		return "FAULT"
	case Deleted:
		return "DELETED"
	case Stop:
		return "STOP"
	}
	return "UNKNOWN"
}

// Event is one of the types of this package.
type Event interface{ isEvent() }

// ReasonStart is the reason of an instance's first state.
const ReasonStart = "start"

// InstanceState is sent when a vrrp_instance enters a state and that is to be
// announced.
type InstanceState struct {
	Time     time.Time
	Instance string
	State    State
	// Priority is the effective priority.
	Priority uint8
	// Reason says in words why, e.g. "no advert from 192.0.2.1 for 3.61 s".
	Reason string
	// NoStateScript is set when the script of the state (notify_fault) is not
	// to be run, only the others: the instance is not in the configuration
	// any more.
	NoStateScript bool
	// MasterReason is why it became Master, 0 for other states: a value of
	// vrrpv3StatisticsNewMasterReason.
	MasterReason uint8
}

// GroupState is sent when a vrrp_sync_group enters a state.
type GroupState struct {
	Time  time.Time
	Group string
	State State
}

// MasterRxLowerPriority is sent for every advert of lower priority that a
// master hears.
type MasterRxLowerPriority struct {
	Instance string
	Priority uint8
}

// PriorityChange is sent when the effective priority of an instance changes
// and notify_priority_changes is on.
type PriorityChange struct {
	Instance string
	State    State
	Priority uint8
}

// AuthenticationFailure is sent for packets of an instance that fail
// authentication, when SNMP notifications about them are wanted: not for all
// of many.
type AuthenticationFailure struct {
	Time     time.Time
	Instance string
	Source   netip.Addr
	// Type is a value of vrrpTrapAuthErrorType (RFC 2787).
	Type uint8
}

// Values of AuthenticationFailure.Type.
const (
	InvalidAuthType  = 1
	AuthTypeMismatch = 2
	AuthFailure      = 3
)

// ProtocolError is sent for packets of an instance that break the protocol,
// when SNMP notifications about them are wanted: not for all of many.
type ProtocolError struct {
	Time     time.Time
	Instance string
	// Reason is a value of vrrpv3StatisticsProtoErrReason (RFC 6527).
	Reason uint8
}

// StatesOnReload asks for the present states once more: fifo_write_vrrp_states_on_reload.
type StatesOnReload struct {
	Instances []InstanceState
	Groups    []GroupState
}

// Started is sent once, after the first states of the VRRP engine.
type Started struct {
	// Instances are the states of all, announced or not, in the order of the
	// configuration.
	Instances []InstanceState
}

// Reloaded is sent when the VRRP engine goes over to another configuration:
// after what concerns instances that are gone, before the first states of new
// ones. Names before it are those of the old configuration.
type Reloaded struct {
	// Instances are as in Started; a new one is in Init.
	Instances []InstanceState
}

// RealServerState is sent when a real server enters or leaves service.
type RealServerState struct {
	Time time.Time
	// VirtualServer and RealServer are the names of log lines, e.g.
	// "[10.9.1.1]:tcp:80".
	VirtualServer, RealServer string
	Up                        bool
	// Mail is the body of the alert ("=> Removing <="), "" for none.
	Mail string
	// Reason says in words why.
	Reason string
	Pool
}

// Pool is what SNMP notifications say besides a change of state.
type Pool struct {
	// Servers is how many real servers the virtual server has, ServersUp how
	// many of them are up.
	Servers, ServersUp int
	// Stopping is true when the daemon stops.
	Stopping bool
	// OnlySNMP keeps the event from scripts, FIFOs and mails: a stop without
	// omega.
	OnlySNMP bool
}

// VirtualServerState is sent when a virtual server gains or loses its quorum.
type VirtualServerState struct {
	Time          time.Time
	VirtualServer string
	Up            bool
	// Mail is the body of the alert ("=> Gained quorum 1+0=1 <= 2 <=").
	Mail   string
	Reason string
	Pool
}

// CheckerState is sent after a checker changed its verdict; it only makes a
// mail. Up is the state of the real server, not of the checker.
type CheckerState struct {
	Time                      time.Time
	VirtualServer, RealServer string
	Up                        bool
	// ServerChanged is true if the verdict moved the server.
	ServerChanged bool
	Mail          string
}

func (InstanceState) isEvent()         {}
func (GroupState) isEvent()            {}
func (MasterRxLowerPriority) isEvent() {}
func (PriorityChange) isEvent()        {}
func (AuthenticationFailure) isEvent() {}
func (ProtocolError) isEvent()         {}
func (StatesOnReload) isEvent()        {}
func (Started) isEvent()               {}
func (Reloaded) isEvent()              {}
func (RealServerState) isEvent()       {}
func (VirtualServerState) isEvent()    {}
func (CheckerState) isEvent()          {}

// Sink takes events. Send never blocks and never fails: a sink that cannot
// keep up drops and counts.
type Sink interface{ Send(Event) }

// Discard is a Sink that forgets everything.
var Discard Sink = discard{}

type discard struct{}

func (discard) Send(Event) {}
