package status

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// VRRP is the state of the whole VRRP process at one moment. It shares
// nothing with the engine except the configuration, which never changes.
type VRRP struct {
	Time time.Time
	// Started is when the engine got its first event.
	Started time.Time
	Config  *config.Config
	// StartupDelayed is true while vrrp_startup_delay runs.
	StartupDelayed bool

	Instances  []VRRPInstance // in the order of the configuration
	SyncGroups []VRRPSyncGroup
	Scripts    []TrackScript
	Files      []TrackFile
	Processes  []TrackProcess
	BFD        []TrackBFD
	Interfaces []VRRPInterface
	// Indices are the numbers of all interfaces, by name.
	Indices map[string]int
	// RulePreferences are those of the rules that have none in the file.
	RulePreferences map[*config.Rule]uint32
	Sockets         []VRRPSocket
	// UnknownVRID counts packets for a VRID that is nobody's, BadVersion
	// and BadChecksum those of all instances (VRRP-MIB router counters).
	UnknownVRID, BadVersion, BadChecksum uint64
}

// VRRPInstance is one virtual router.
type VRRPInstance struct {
	Name   string
	Config *config.VRRPInstance
	State  event.State
	// WantState is what the router strives for: it differs from State while
	// a sync group has not agreed, or in Fault.
	WantState event.State
	// BasePriority is 255 for the owner; EffectivePriority is what the next
	// advert carries; TotalPriority is the sum before it is cut to 1..254.
	BasePriority, EffectivePriority uint8
	TotalPriority                   int
	// MasterAddress and MasterPriority are of the last accepted advert.
	MasterAddress  netip.Addr
	MasterPriority uint8
	// LastAdvert is when it was accepted, zero if never.
	LastAdvert time.Time

	// Interface is where adverts are sent and received (the VMAC when one is
	// used), ConfiguredInterface the one in the file, VMAC the name of the
	// virtual interface or "".
	Interface, ConfiguredInterface, VMAC string
	// Index is that of Interface, BaseIndex that of ConfiguredInterface; 0 if
	// it does not exist. MAC is that of Interface.
	Index, BaseIndex int
	MAC              [6]byte
	// Source is the source address in use.
	Source netip.Addr
	// AdvertInterval is ours, MasterAdvertInterval the one in force.
	AdvertInterval, MasterAdvertInterval time.Duration
	SkewTime, MasterDownInterval         time.Duration
	// NextTimer is when the advert or master down timer ends, zero if off.
	NextTimer      time.Time
	LastTransition time.Time
	// StateSince is when State was entered.
	StateSince time.Time
	NoPreempt  bool
	// Accept is accept mode as SNMP shows it.
	Accept bool
	// PreemptDelayUntil is zero when the delay does not run.
	PreemptDelayUntil time.Time

	// AddressesSet is true while the virtual addresses are ours;
	// VirtualSet and ExcludedSet say it for each address of the
	// configuration, RoutesSet and RulesSet for the others.
	AddressesSet                                 bool
	VirtualSet, ExcludedSet, RoutesSet, RulesSet []bool
	DropTraffic                                  bool
	OldUnicastChecksum                           bool // learned from a peer, or configured
	WaitingForScripts                            bool // Fault until the first results
	FaultCauses                                  []FaultCause
	Counters                                     VRRPCounters
	// Drops counts every rejected packet by reason, in the order of
	// wire.Drop; DropReasons has the names.
	Drops []DropCount

	TrackInterfaces []TrackedObject
	TrackScripts    []TrackedObject
	TrackFiles      []TrackedObject
	TrackProcesses  []TrackedObject
	TrackBFD        []TrackedObject

	// Transitions are the last 100, oldest first.
	Transitions []Transition
	// MasterReason is why it became Master the last time, for the SNMP
	// object vrrpv3StatisticsNewMasterReason.
	MasterReason MasterReason
	// ProtocolError is the last one, for vrrpv3StatisticsProtoErrReason.
	ProtocolError ProtocolError
}

// ProtocolError is a value of vrrpv3StatisticsProtoErrReason (RFC 6527).
type ProtocolError uint8

// Protocol errors with their MIB numbers. Packets for a VRID that is nobody's
// are counted for all, so no instance has that error (4).
const (
	NoProtocolError ProtocolError = 0
	TTLError        ProtocolError = 1
	VersionError    ProtocolError = 2
	ChecksumError   ProtocolError = 3
)

// MasterReason is a value of vrrpv3StatisticsNewMasterReason (RFC 6527).
type MasterReason uint8

// Reasons with their MIB numbers.
const (
	NotMaster        MasterReason = 0
	MasterPriority   MasterReason = 1 // the old master left with priority 0
	MasterPreempted  MasterReason = 2
	MasterNoResponse MasterReason = 3
)

// FaultCause is one thing that keeps an instance in Fault.
type FaultCause struct {
	Text  string // "interface eth0 down", "script chk failed"
	Since time.Time
}

// DropCount is how many packets were rejected for one reason.
type DropCount struct {
	Reason string
	Count  uint64
}

// TrackedObject is one tracker as it counts for one instance.
type TrackedObject struct {
	Name    string
	Weight  int
	Reverse bool
	// FromGroup is true if the sync group tracks it.
	FromGroup bool
	// Implicit is true for interfaces nobody listed: the own one, those of
	// addresses and routes.
	Implicit bool
	// Contribution is what it adds to the priority now.
	Contribution int
	// Fault is true while it keeps the instance in Fault.
	Fault bool
	// Command is that of a script: its words in single quotes.
	Command string
}

// Transition is one change of state with its cause.
type Transition struct {
	Time     time.Time
	From, To event.State
	// Reason says in words why, e.g. "no advert from 192.0.2.1 for 3.61 s".
	Reason string
	// Peer is the router that made us move, invalid if none did.
	Peer     netip.Addr
	Priority uint8
	// Counters are the instance's counters at that moment.
	Counters VRRPCounters
}

// VRRPCounters are the counters of keepalived.stats and its JSON.
type VRRPCounters struct {
	AdvertReceived uint64
	AdvertSent     uint64
	BecomeMaster   uint64
	ReleaseMaster  uint64

	PacketLengthErrors   uint64
	TTLErrors            uint64
	InvalidTypeReceived  uint64
	AdvertIntervalErrors uint64
	AddressListErrors    uint64
	VersionErrors        uint64
	ChecksumErrors       uint64

	InvalidAuthType  uint64
	AuthTypeMismatch uint64
	AuthFailure      uint64

	AuthExtMissing     uint64
	AuthExtMalformed   uint64
	AuthExtUnknownKey  uint64
	AuthExtInvalidHMAC uint64
	AuthExtStale       uint64
	AuthExtReplay      uint64

	PriorityZeroReceived uint64
	PriorityZeroSent     uint64
}

// VRRPSyncGroup is one vrrp_sync_group.
type VRRPSyncGroup struct {
	Name    string
	Config  *config.SyncGroup
	State   event.State
	Members []string

	TrackInterfaces []TrackedObject
	TrackScripts    []TrackedObject
	TrackFiles      []TrackedObject
	TrackProcesses  []TrackedObject
	TrackBFD        []TrackedObject
}

// ScriptState is what is known about a track script.
type ScriptState uint8

// Script states.
const (
	ScriptUnknown ScriptState = iota // no result yet
	ScriptGood
	ScriptBad
)

// String is the word of the data dump.
func (s ScriptState) String() string {
	switch s {
	case ScriptUnknown:
		return "INIT"
	case ScriptGood:
		return "GOOD"
	case ScriptBad:
		return "BAD"
	}
	return "unknown"
}

// TrackScript is one vrrp_script.
type TrackScript struct {
	Name   string
	Config *config.TrackScript
	State  ScriptState
	// Result is the counter 0..rise+fall-1, good from rise upwards.
	Result int
	// LastExit is the exit status of the last run that ended by itself.
	LastExit int
	LastRun  time.Time
	// Used is the names of the instances that watch it.
	Used []string
}

// TrackFile is one track_file.
type TrackFile struct {
	Name   string
	Config *config.TrackFile
	Value  int64
	Used   []string
}

// TrackProcess is one vrrp_track_process.
type TrackProcess struct {
	Name       string
	Config     *config.TrackProcess
	Count      int
	HaveQuorum bool
	// ForkDelay and TerminateDelay are true while a change of the quorum
	// waits for the end of that delay.
	ForkDelay, TerminateDelay bool
	Used                      []string
}

// TrackBFD is one BFD session that instances watch.
type TrackBFD struct {
	Name string
	Up   bool
	Used []string
}

// VRRPInterface is a network interface that concerns an instance.
type VRRPInterface struct {
	Name           string
	Index          int // 0: does not exist now
	Up, Running    bool
	MTU            int
	MAC            [6]byte
	Kind           string
	Base           string // of a VMAC
	Addresses      []netip.Prefix
	Used           []string
	GARPInterval   time.Duration
	GNAInterval    time.Duration
	QueuedAnnounce int // addresses that wait for their slot
}

// VRRPSocket is one pair of sockets.
type VRRPSocket struct {
	ID        int
	Interface string
	Index     int
	Family    config.Family
	Protocol  uint8
	// Address is the group or the local unicast address.
	Address   netip.Addr
	Unicast   bool
	Instances []string
}
