// Package ipvstest has an IPVS kernel in memory for tests.
package ipvstest

import (
	"maps"
	"net/netip"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// Kernel is an ipvs.Kernel in memory. It answers as Linux does and records
// every request. Like the real one it belongs to one goroutine.
type Kernel struct {
	ipvs.Mirror
	// Log has one line for each request, as ipvs.Op prints it.
	Log []string
	// Calls counts the calls of Do.
	Calls int
	// Fail is asked before each operation; a number other than 0 is the
	// answer and the operation is not done. It may be nil.
	Fail func(ipvs.Op) syscall.Errno
	// Counters are what Stats returns.
	Counters map[ipvs.ServiceKey]ipvs.ServiceStats

	timeouts ipvs.Timeouts
	daemons  map[ipvs.SyncDaemonRole]ipvs.SyncDaemon
	closed   bool
}

// New returns an empty kernel with Linux's default timeouts.
func New() *Kernel {
	return &Kernel{
		timeouts: ipvs.DefaultTimeouts,
		daemons:  map[ipvs.SyncDaemonRole]ipvs.SyncDaemon{},
	}
}

// Do implements ipvs.Kernel.
func (k *Kernel) Do(ops []ipvs.Op) []error {
	k.Calls++
	var errs []error
	for i, op := range ops {
		k.Log = append(k.Log, op.String())
		var errno syscall.Errno
		if k.Fail != nil {
			errno = k.Fail(op)
		}
		if errno == 0 {
			errno = k.Apply(op)
		}
		if errno == 0 {
			continue
		}
		if errs == nil {
			errs = make([]error, len(ops))
		}
		errs[i] = ipvs.NewError(op, errno)
	}
	return errs
}

// TakeLog returns the log and empties it.
func (k *Kernel) TakeLog() string {
	text := strings.Join(k.Log, "\n")
	k.Log = nil
	return text
}

// Table implements ipvs.Kernel.
func (k *Kernel) Table() (ipvs.Table, error) { return k.Mirror.Table(), nil }

// Stats implements ipvs.Kernel.
func (k *Kernel) Stats(key ipvs.ServiceKey) (ipvs.ServiceStats, error) {
	s := k.Service(key)
	if s == nil {
		return ipvs.ServiceStats{}, syscall.ESRCH
	}
	out := k.Counters[key]
	out.Destinations = maps.Clone(out.Destinations)
	if out.Destinations == nil {
		out.Destinations = map[netip.AddrPort]ipvs.Stats{}
	}
	for _, d := range s.Destinations {
		if _, ok := out.Destinations[d.Key()]; !ok {
			out.Destinations[d.Key()] = ipvs.Stats{}
		}
	}
	return out, nil
}

// Zero implements ipvs.Kernel.
func (k *Kernel) Zero(key *ipvs.ServiceKey) error {
	if key == nil {
		k.Counters = nil
		return nil
	}
	if k.Service(*key) == nil {
		return &ipvs.Error{Command: ipvs.CmdZero, Errno: syscall.ESRCH}
	}
	delete(k.Counters, *key)
	return nil
}

// Timeouts implements ipvs.Kernel.
func (k *Kernel) Timeouts() (ipvs.Timeouts, error) { return k.timeouts, nil }

// SetTimeouts implements ipvs.Kernel.
func (k *Kernel) SetTimeouts(t ipvs.Timeouts) error {
	k.timeouts = t.Over(k.timeouts)
	return nil
}

// SyncDaemons implements ipvs.Kernel: master first.
func (k *Kernel) SyncDaemons() ([]ipvs.SyncDaemon, error) {
	var out []ipvs.SyncDaemon
	for _, role := range []ipvs.SyncDaemonRole{ipvs.SyncMaster, ipvs.SyncBackup} {
		if d, ok := k.daemons[role]; ok {
			out = append(out, d)
		}
	}
	return out, nil
}

// StartSyncDaemon implements ipvs.Kernel.
func (k *Kernel) StartSyncDaemon(d ipvs.SyncDaemon) error {
	k.Log = append(k.Log, "NEW_DAEMON "+d.Role.String())
	if _, ok := k.daemons[d.Role]; ok {
		return &ipvs.Error{Command: ipvs.CmdStartDaemon, Errno: syscall.EEXIST}
	}
	k.daemons[d.Role] = d
	return nil
}

// StopSyncDaemon implements ipvs.Kernel.
func (k *Kernel) StopSyncDaemon(role ipvs.SyncDaemonRole) error {
	k.Log = append(k.Log, "DEL_DAEMON "+role.String())
	if _, ok := k.daemons[role]; !ok {
		return &ipvs.Error{Command: ipvs.CmdStopDaemon, Errno: syscall.ESRCH}
	}
	delete(k.daemons, role)
	return nil
}

// Version implements ipvs.Kernel.
func (k *Kernel) Version() ipvs.Version { return ipvs.Version{Major: 1, Minor: 2, Patch: 1} }

// Close implements ipvs.Kernel.
func (k *Kernel) Close() error {
	k.closed = true
	return nil
}

// Closed reports whether Close was called.
func (k *Kernel) Closed() bool { return k.closed }

var _ ipvs.Kernel = (*Kernel)(nil)
