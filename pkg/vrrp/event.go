package vrrp

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Event is one input of Engine.Step: a value of one of the types of this
// file, or a *Packet.
type Event interface{ isVRRPEvent() }

// Start is the first event of an engine: everything the machine has. The
// engine answers with its set-up actions in keepalived's order (VMACs,
// leftovers, static items, sockets, first states).
//
// An instance whose interface is missing waits in Fault until InterfaceChanged
// brings it; whether that is allowed at all is preflight's business.
type Start struct {
	Interfaces []Interface
	// Uptime is how long the machine has been running, for
	// vrrp_delay_after_boot.
	Uptime time.Duration
	// Files, Processes and BFDUp are the first readings by tracker name; a
	// name that is absent counts as 0, no quorum, down.
	Files     map[string]int64
	Processes map[string]ProcessCount
	BFDUp     map[string]bool
}

// Resync gives the engine the whole of the machine again, after the netlink
// socket lost messages. The engine treats every difference as the change that
// it missed. Gone lists virtual and static routes and rules that are no
// longer there.
type Resync struct {
	Interfaces  []Interface
	GoneRoutes  []*config.Route
	GoneRules   []*config.Rule
	GoneFilters bool // firewall table was flushed: drop rules are asked for again
}

// Interface is what the engine knows about a network interface. Values are
// copied by the engine, the driver may reuse the slices.
type Interface struct {
	Name  string
	Index int
	// Up is IFF_UP, Running is IFF_RUNNING (or what linkbeat polling says).
	Up, Running bool
	// Linkbeat is set when Running comes from polling; only the log differs.
	Linkbeat bool
	// Multicast, NoARP, Loopback, PointToPoint are the IFF_ flags.
	Multicast, NoARP, Loopback, PointToPoint bool
	MTU                                      int
	MAC                                      [6]byte
	// HardwareLen is the length of the link-layer address; anything but 6
	// (InfiniBand has 20) leaves MAC zero.
	HardwareLen int
	// Kind is IFLA_INFO_KIND: "", "macvlan", "ipvlan", "vlan", "vrf"...
	Kind string
	// Private is true for a macvlan in private mode.
	Private bool
	// BaseIndex is IFLA_LINK, 0 if there is none in this namespace.
	BaseIndex int
	// VRF is the name of the VRF master, "" if none; Group is IFLA_GROUP.
	VRF   string
	Group uint32
	// Addresses in the order the kernel lists them.
	Addresses []InterfaceAddress
}

// InterfaceAddress is one address on an interface.
type InterfaceAddress struct {
	Prefix netip.Prefix
	// Tentative is true while duplicate address detection runs. The driver
	// sends AddressAdded again when it is over.
	Tentative bool
}

// InterfaceChanged reports a new interface, or any change of what Interface
// holds except addresses: a netlink RTM_NEWLINK. Addresses is looked at only
// when Index is new. A known Index with another Name is a rename, which the
// engine takes as the old one vanishing and a new one appearing.
type InterfaceChanged struct{ Interface Interface }

// InterfaceRemoved reports that an interface is gone: RTM_DELLINK, or a move
// to another namespace. Its addresses need not be reported as removed.
type InterfaceRemoved struct{ Index int }

// AddressAdded reports RTM_NEWADDR, for our own addresses too.
type AddressAdded struct {
	Index   int
	Address InterfaceAddress
}

// AddressRemoved reports RTM_DELADDR, for our own addresses too.
//
// After carrying out the actions of a Step and before any other input the
// driver reads the monitor socket empty and feeds what it finds; otherwise the
// echo of our own removal could be taken for somebody else's work.
type AddressRemoved struct {
	Index  int
	Prefix netip.Prefix
}

// RouteRemoved reports that a route we added is gone; Route is the pointer of
// AddRoute. Routes that we removed ourselves need not be reported.
type RouteRemoved struct{ Route *config.Route }

// RuleRemoved is RouteRemoved for rules.
type RuleRemoved struct{ Rule *config.Rule }

// SocketID names a pair of sockets (receive, send) that OpenSocket asked for.
// It is never 0 and never used again after CloseSocket.
type SocketID int

// Packet is one datagram. It is passed by pointer so that the driver can use
// one value and one buffer for all: the engine keeps nothing of it.
type Packet struct {
	// Socket is the socket it arrived on. With the VRID inside it says which
	// instance is meant.
	Socket SocketID
	// Data is the whole datagram with its IP header for IPv4, and the
	// payload of protocol 112 for IPv6: what a raw socket gives.
	Data []byte
	// Source, Destination and HopLimit are needed for IPv6 only
	// (IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT); for IPv4 the header is used.
	// HopLimit is -1 if unknown, which passes every check.
	Source, Destination netip.Addr
	HopLimit            int
	// Waited is how long the packet lay in the socket before it was read.
	// Timers that it arms count from its arrival.
	Waited time.Duration
	// More says that other packets are waiting, on this socket or another:
	// timers that are due are put off until those are read, so that after a
	// late wake-up the advert at the end of the queue still counts. Under a
	// flood they are put off for 100 ms at most. Without More every packet's
	// Step fires what is due after the packet.
	More bool
}

// Timer says that the deadline has passed. Any other event does as well: a
// Step first does everything that is due at now. It may come late or early.
type Timer struct{}

// ScriptResult is the end of one run of a vrrp_script. Rise, fall and weight
// are counted by the engine.
type ScriptResult struct {
	Script string
	// Exit is the exit status if the script ended by itself.
	Exit int
	// Signal is the number of the signal that ended it, 0 for none.
	Signal int
	// TimedOut is true when our own time limit ended it.
	TimedOut bool
	// NotRun says in words why the script could not be executed at all, ""
	// if it was. It counts as a failure.
	NotRun string
}

// OK reports whether the run counts as a success: exit status 0.
func (r ScriptResult) OK() bool {
	return r.Exit == 0 && r.Signal == 0 && !r.TimedOut && r.NotRun == ""
}

// FileValue is the number in a tracked file, 0 when it is missing or empty.
// Numbers outside 32 bits are not reported.
type FileValue struct {
	File  string
	Value int64
}

// ProcessCount is how many processes match a vrrp_track_process, with
// fork_delay and terminate_delay already over.
type ProcessCount struct {
	Count int
	// OK says whether the quorum is reached.
	OK bool
}

// ProcessQuorum reports a change of a tracked process, which whoever counts the
// processes has logged.
type ProcessQuorum struct {
	Process string
	ProcessCount
}

// BFDState reports a session of the bfd process.
type BFDState struct {
	Session string
	Up      bool
	// Sent is when the bfd process said so; zero for what it had said before,
	// which is not logged again.
	Sent time.Time
}

// ActionFailed reports that an action could not be carried out. It is passed
// to Step after the remaining actions were carried out, before the next event.
// "Already exists" for additions and "not there" for removals are successes
// and are not reported.
type ActionFailed struct {
	Action Action
	// Errno is the system's number, 0 if there is none; Text its words.
	Errno int
	Text  string
}

// Reload replaces the configuration; unchanged instances keep their state.
// Files, Processes and BFDUp are readings that the driver has made anew; a
// tracker that is absent keeps what it had.
type Reload struct {
	Config    *config.Config
	Files     map[string]int64
	Processes map[string]ProcessCount
	BFDUp     map[string]bool
	Uptime    time.Duration
}

// Stop begins the orderly end. The engine answers with the release of
// everything; when the last action, Finished, has come (a second later, for
// the IGMP leave), the driver ends.
type Stop struct {
	// DontRelease is --dont-release-vrrp: no prio 0 is sent, addresses,
	// routes, rules and VMACs stay.
	DontRelease bool
}

// ClearStats zeroes the counters (SIGRTMAX-1).
type ClearStats struct{}

// AnnounceAddresses sends one burst of gratuitous ARP and neighbour
// advertisements for an instance that is Master (D-Bus SendGarp).
type AnnounceAddresses struct{ Instance string }

// SetBasePriority changes the base priority until the next reload (SNMP);
// 1..254, others are ignored, as is the owner.
type SetBasePriority struct {
	Instance string
	Priority uint8
}

// SetPreempt changes preempt mode until the next reload (SNMP).
type SetPreempt struct {
	Instance string
	Preempt  bool
}

// SetAccept changes accept mode as SNMP shows it until the next reload. It
// touches no filter, as keepalived's does not.
type SetAccept struct {
	Instance string
	Accept   bool
}

func (Start) isVRRPEvent()             {}
func (Resync) isVRRPEvent()            {}
func (InterfaceChanged) isVRRPEvent()  {}
func (InterfaceRemoved) isVRRPEvent()  {}
func (AddressAdded) isVRRPEvent()      {}
func (AddressRemoved) isVRRPEvent()    {}
func (RouteRemoved) isVRRPEvent()      {}
func (RuleRemoved) isVRRPEvent()       {}
func (*Packet) isVRRPEvent()           {}
func (Timer) isVRRPEvent()             {}
func (ScriptResult) isVRRPEvent()      {}
func (FileValue) isVRRPEvent()         {}
func (ProcessQuorum) isVRRPEvent()     {}
func (BFDState) isVRRPEvent()          {}
func (ActionFailed) isVRRPEvent()      {}
func (Reload) isVRRPEvent()            {}
func (Stop) isVRRPEvent()              {}
func (ClearStats) isVRRPEvent()        {}
func (AnnounceAddresses) isVRRPEvent() {}
func (SetBasePriority) isVRRPEvent()   {}
func (SetPreempt) isVRRPEvent()        {}
func (SetAccept) isVRRPEvent()         {}
