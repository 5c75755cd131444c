package config

import "time"

// TrackScript is a vrrp_script block.
type TrackScript struct {
	Block
	Name   string
	Script Script
	// Interval between starts; 1 ms..4294 s, default 1 s.
	Interval time.Duration
	// Timeout after which the process group gets SIGTERM; default Interval.
	Timeout time.Duration
	// Rise and Fall are how many results in a row change the state; default 1.
	Rise, Fall int
	// Weight is -253..253, default 0: failure means FAULT.
	Weight  int
	Reverse bool
	// InitFail makes the script count as failed until its first result.
	InitFail bool
}

// TrackFile is a track_file (or vrrp_track_file) block.
type TrackFile struct {
	Block
	Name, Path string
	// Weight multiplies the number in the file; -254..254, default 1.
	Weight  int
	Reverse bool
	// InitValue is written at start when the file is missing, or always
	// with Overwrite; nil leaves the file alone.
	InitValue *int
	Overwrite bool
}

// ParamMatch is how vrrp_track_process compares arguments.
type ParamMatch uint8

// Ways to compare the arguments of a process.
const (
	ParamNone    ParamMatch = iota // arguments are not looked at
	ParamExact                     // all equal
	ParamPartial                   // a prefix ending at an argument's end
	ParamInitial                   // a prefix, the last one may be cut
)

// TrackProcess is a vrrp_track_process block.
type TrackProcess struct {
	Block
	Name string
	// Process is the command name, Params its arguments as compared.
	Process     string
	Params      []string
	Match       ParamMatch
	FullCommand bool
	// Quorum is 1..65535 (1), QuorumMax 0..65535; -1 is no limit.
	Quorum, QuorumMax         int
	TerminateDelay, ForkDelay time.Duration
	Weight                    int
	Reverse                   bool
}

// Track is one entry of track_interface, track_script, track_file,
// track_process or track_bfd: what is watched and how it counts here. The
// weight and reverse of the tracked object are already applied.
type Track struct {
	Block
	Name string
	// Weight 0 means FAULT while the object is bad.
	Weight  int
	Reverse bool
}

// GARPGroup paces gratuitous ARP and neighbour advertisements on interfaces.
type GARPGroup struct {
	Block
	GARPInterval, GNAInterval time.Duration
	Interfaces                []string
}

// GARPGroupInterface is what Block.At finds the name of an interface of a
// garp_group by.
func GARPGroupInterface(name string) string { return "interface " + name }

// LinkDelay is one line of interface_up_down_delays; 0..255 s each.
type LinkDelay struct {
	Block
	Interface string
	Down, Up  time.Duration
}

// LinkbeatMethod is how a polled interface is asked for its link.
type LinkbeatMethod uint8

// Ways to poll a link; LinkbeatAny takes the first that works.
const (
	LinkbeatAny LinkbeatMethod = iota
	LinkbeatMII
	LinkbeatETHTOOL
	LinkbeatIOCTL
)

// String is the word of the configuration.
func (m LinkbeatMethod) String() string {
	switch m {
	case LinkbeatMII:
		return "MII"
	case LinkbeatETHTOOL:
		return "ETHTOOL"
	case LinkbeatIOCTL:
		return "IOCTL"
	case LinkbeatAny:
	}
	return "any"
}

// LinkbeatInterface is one line of linkbeat_interfaces.
type LinkbeatInterface struct {
	Block
	Interface string
	Method    LinkbeatMethod
}

// NewTrackScript returns a script with the defaults.
func NewTrackScript() *TrackScript {
	return &TrackScript{Interval: time.Second, Rise: 1, Fall: 1}
}

// NewTrackFile returns a file with the defaults.
func NewTrackFile() *TrackFile { return &TrackFile{Weight: 1} }

// NewTrackProcess returns a process with the defaults.
func NewTrackProcess() *TrackProcess { return &TrackProcess{Quorum: 1, QuorumMax: -1} }
