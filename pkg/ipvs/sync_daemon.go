package ipvs

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// ConfiguredSyncDaemon is the daemon of lvs_sync_daemon in a role. vrid is the
// default of its id: that of the VRRP instance, 0 without one.
func ConfiguredSyncDaemon(c *config.SyncDaemon, role SyncDaemonRole, vrid uint8) SyncDaemon {
	d := SyncDaemon{
		Role: role, Interface: c.Interface, ID: uint32(vrid),
		MaxLen: c.MaxLen, Group: c.Group, Port: c.Port, TTL: c.TTL,
	}
	if c.IDSet {
		d.ID = uint32(c.ID)
	}
	return d
}

// SyncKeeper runs the kernel's connection synchronisation daemons as they are
// wanted: both all the time, or the one that goes with the state of a VRRP
// instance.
type SyncKeeper struct {
	kernel  Kernel
	running []SyncDaemon
}

// NewSyncKeeper returns a SyncKeeper that runs nothing.
func NewSyncKeeper(k Kernel) *SyncKeeper { return &SyncKeeper{kernel: k} }

// TakeOver takes those of daemons that run, left by a killed process, for ours:
// Set stops what is not wanted.
func (s *SyncKeeper) TakeOver(daemons ...SyncDaemon) error {
	present, err := s.kernel.SyncDaemons()
	if err != nil {
		return err
	}
	for _, d := range daemons {
		if slices.ContainsFunc(present, func(p SyncDaemon) bool { return p.Role == d.Role && covers(p, d) }) {
			s.running = append(s.running, d)
		}
	}
	return nil
}

// Set makes the daemons what is wanted, at most one of each role: others of
// ours are stopped, changed ones are started again, equal ones keep running.
// A daemon that somebody else left in a wanted role is replaced unless it is
// equal. The errors are for the log; Set goes on after one.
func (s *SyncKeeper) Set(wanted ...SyncDaemon) []error {
	var errs []error
	for _, d := range s.running {
		if slices.Contains(wanted, d) {
			continue
		}
		if err := s.kernel.StopSyncDaemon(d.Role); !Harmless(err) {
			errs = append(errs, err)
		}
	}
	var running []SyncDaemon
	for _, d := range wanted {
		if !slices.Contains(s.running, d) {
			if err := s.start(d); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		running = append(running, d)
	}
	s.running = running
	return errs
}

// Both is Set for a configuration without a VRRP instance: master and backup.
// nil stops them.
func (s *SyncKeeper) Both(c *config.SyncDaemon) []error {
	if c == nil {
		return s.Set()
	}
	return s.Set(ConfiguredSyncDaemon(c, SyncMaster, 0), ConfiguredSyncDaemon(c, SyncBackup, 0))
}

func (s *SyncKeeper) start(d SyncDaemon) error {
	err := s.kernel.StartSyncDaemon(d)
	if err == nil || !Harmless(err) {
		return err
	}
	present, readErr := s.kernel.SyncDaemons()
	if readErr != nil {
		return err
	}
	for _, p := range present {
		if p.Role == d.Role && covers(p, d) {
			return nil
		}
	}
	if err := s.kernel.StopSyncDaemon(d.Role); !Harmless(err) {
		return err
	}
	return s.kernel.StartSyncDaemon(d)
}

// covers reports whether the running daemon is what d asks for; what d leaves
// open the kernel has filled in.
func covers(running, d SyncDaemon) bool {
	if d.MaxLen == 0 {
		d.MaxLen = running.MaxLen
	}
	if !d.Group.IsValid() {
		d.Group = running.Group
	}
	if d.Port == 0 {
		d.Port = running.Port
	}
	if d.TTL == 0 {
		d.TTL = running.TTL
	}
	return running == d
}
