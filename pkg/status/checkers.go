package status

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Checkers is the state of the whole checker process at one moment. It shares
// nothing with the engine except the configuration, which never changes.
type Checkers struct {
	Time time.Time
	// Started is when the engine got its first event, Reloaded the time of
	// the last reload, zero if there was none.
	Started, Reloaded time.Time
	Config            *config.Config
	// Waiting says why the virtual servers do not run, "" when they do.
	Waiting string

	VirtualServers []VirtualServer // in the order of the configuration
	BFD            []CheckerBFD
	Files          []CheckerFile
	// Timeouts and SyncDaemons are what the kernel says, nil if it was not
	// asked or did not answer.
	Timeouts    *IPVSTimeouts
	SyncDaemons []IPVSSyncDaemon
	// KernelErrors counts requests that the kernel refused.
	KernelErrors uint64
}

// VirtualServer is one virtual_server.
type VirtualServer struct {
	Config *config.VirtualServer
	// QuorumUp is true while the quorum is held; SorryInUse while the sorry
	// server takes the traffic.
	QuorumUp, SorryInUse bool
	// Weight is the live weight: the sum over the servers that are up.
	Weight int64
	// Suspended is true while ha_suspend holds the checkers.
	Suspended bool
	// Transitions counts changes of QuorumUp, Since is when the last one was
	// and Reason why, in words.
	Transitions uint64
	Since       time.Time
	Reason      string

	RealServers []RealServer
	// Services are the kernel services of this server, one for each entry
	// of a group. Stats is their sum. Both are only there when the snapshot
	// was asked for kernel counters.
	Services []IPVSService
	Stats    IPVSStats
	// SorryStats belongs to the sorry server.
	SorryStats IPVSStats
}

// RealServer is one real_server of a virtual server.
type RealServer struct {
	Config *config.RealServer
	// Up is true when none of its checkers is failed. InTable says whether
	// the kernel has it, with Weight: 0 while it is inhibited.
	Up, InTable bool
	// Base is the configured weight, or the one that was set at run time;
	// Effective is Base with what checkers add to it.
	Base      int
	Effective int64
	// FailedCheckers is how many checkers are failed now.
	FailedCheckers int
	// Transitions counts changes of Up, Since is when the last one was and
	// Reason why, in words.
	Transitions uint64
	Since       time.Time
	Reason      string
	Checkers    []Checker
	Stats       IPVSStats
}

// Checker is one health checker.
type Checker struct {
	Config *config.Checker
	Up     bool
	// HasRun is false until the first verdict.
	HasRun bool
	// Failures is how many checks failed in a row while it counted as up.
	Failures int
	// Contribution is what it adds to the weight of the server.
	Contribution int64
	// Next is when the next check starts, zero for checkers without timer
	// and while one is running.
	Next    time.Time
	Running bool
	// Runs and Bad count checks and those that failed since the start;
	// they survive a reload when the checker does.
	Runs, Bad uint64
	// LastRun is when the last check ended, LastDuration how long it took,
	// LastText what it found, in words.
	LastRun      time.Time
	LastDuration time.Duration
	LastText     string
	// LastExit is the exit status of a MISC_CHECK script.
	LastExit int
}

// CheckerBFD is what the checker process knows of a BFD session.
type CheckerBFD struct {
	Name string
	// Known is false until the first event.
	Known, Up bool
}

// CheckerFile is a tracked file that checkers use.
type CheckerFile struct {
	Name  string
	Value int64
}

// IPVSStats are the counters of a service or destination.
type IPVSStats struct {
	Connections                                            uint64
	InPackets, OutPackets, InBytes, OutBytes               uint64
	ConnectionRate                                         uint64 // per second
	InPacketRate, OutPacketRate, InByteRate, OutByteRate   uint64 // per second
	ActiveConnections, InactiveConnections, PersistentConn uint32 // destinations only
}

// Add adds the counters of o.
func (s *IPVSStats) Add(o IPVSStats) {
	s.Connections += o.Connections
	s.InPackets += o.InPackets
	s.OutPackets += o.OutPackets
	s.InBytes += o.InBytes
	s.OutBytes += o.OutBytes
	s.ConnectionRate += o.ConnectionRate
	s.InPacketRate += o.InPacketRate
	s.OutPacketRate += o.OutPacketRate
	s.InByteRate += o.InByteRate
	s.OutByteRate += o.OutByteRate
	s.ActiveConnections += o.ActiveConnections
	s.InactiveConnections += o.InactiveConnections
	s.PersistentConn += o.PersistentConn
}

// IPVSService is one kernel service with its counters.
type IPVSService struct {
	// Name is "10.9.1.1:tcp:80" or "Fwm 7", as in kernel error lines.
	Name  string
	Stats IPVSStats
}

// IPVSTimeouts are the connection timeouts of the kernel.
type IPVSTimeouts struct{ TCP, TCPFin, UDP time.Duration }

// IPVSSyncDaemon is a running connection synchronisation daemon.
type IPVSSyncDaemon struct {
	Master    bool // else backup
	Interface string
	ID        uint32
}
