package ipvs

import (
	"cmp"
	"net/netip"
	"time"
)

// Kernel is the IPVS of one network namespace. It must be used by one
// goroutine only.
type Kernel interface {
	// Do carries out ops in order and goes on after a failure. The result
	// has one entry for each op, nil for success; or it is nil when all
	// succeeded. Errors are of type *Error. An op that finds its work done
	// already (adding what exists, deleting what does not) fails with an
	// Error that is Harmless.
	Do(ops []Op) []error

	// Table reads the whole table, in the order of the kernel.
	Table() (Table, error)
	// Stats reads the counters of one service and its destinations.
	Stats(key ServiceKey) (ServiceStats, error)
	// Zero sets the counters of a service and its destinations to zero, of
	// all services for nil.
	Zero(key *ServiceKey) error

	// Timeouts reads the connection timeouts. SetTimeouts changes those
	// that are not zero.
	Timeouts() (Timeouts, error)
	SetTimeouts(Timeouts) error

	// SyncDaemons reads which connection synchronisation daemons run.
	SyncDaemons() ([]SyncDaemon, error)
	StartSyncDaemon(SyncDaemon) error
	StopSyncDaemon(SyncDaemonRole) error

	// Version of the kernel's IPVS.
	Version() Version

	Close() error
}

// Version is the version of IPVS in the kernel, e.g. 1.2.1.
type Version struct{ Major, Minor, Patch uint8 }

// Timeouts are how long the kernel keeps idle connections; whole seconds, 0
// for unchanged.
type Timeouts struct{ TCP, TCPFin, UDP time.Duration }

// DefaultTimeouts are those of a kernel that nobody has told otherwise.
var DefaultTimeouts = Timeouts{TCP: 900 * time.Second, TCPFin: 120 * time.Second, UDP: 300 * time.Second}

// Over returns t with the unset values taken from below.
func (t Timeouts) Over(below Timeouts) Timeouts {
	t.TCP = cmp.Or(t.TCP, below.TCP)
	t.TCPFin = cmp.Or(t.TCPFin, below.TCPFin)
	t.UDP = cmp.Or(t.UDP, below.UDP)
	return t
}

// SyncDaemonRole is what a sync daemon does: the master sends the connection
// table, the backup receives it.
type SyncDaemonRole uint32

// Roles with their kernel values.
const (
	SyncMaster SyncDaemonRole = 1
	SyncBackup SyncDaemonRole = 2
)

// String is master or backup.
func (r SyncDaemonRole) String() string {
	switch r {
	case SyncMaster:
		return "master"
	case SyncBackup:
		return "backup"
	}
	return "unknown"
}

// SyncDaemon describes a connection synchronisation daemon. The kernel's
// defaults stand for zero values of the last four.
type SyncDaemon struct {
	Role      SyncDaemonRole
	Interface string
	ID        uint32 // 0..255
	MaxLen    uint16
	Group     netip.Addr
	Port      uint16
	TTL       uint8
}

// Stats are the counters of a service or destination. The fields are those
// of status.IPVSStats.
type Stats struct {
	Connections                                            uint64
	InPackets, OutPackets, InBytes, OutBytes               uint64
	ConnectionRate                                         uint64 // per second
	InPacketRate, OutPacketRate, InByteRate, OutByteRate   uint64 // per second
	ActiveConnections, InactiveConnections, PersistentConn uint32 // destinations only
}

// ServiceStats are the counters of a service, and of its destinations by
// their key.
type ServiceStats struct {
	Stats
	Destinations map[netip.AddrPort]Stats
}
