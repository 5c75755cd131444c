package vrrprun

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// syncDaemon switches the kernel's IPVS connection synchronisation on a
// goroutine of its own: loading the module and starting kernel threads take
// too long for the loop. Only the last wish counts.
type syncDaemon struct {
	open func() (ipvs.Kernel, error)
	log  *slog.Logger
	done chan struct{}

	mu     sync.Mutex
	more   sync.Cond
	wish   *vrrp.SetSyncDaemon
	vrid   uint8
	closed bool
}

func startSyncDaemon(open func() (ipvs.Kernel, error), log *slog.Logger) *syncDaemon {
	s := &syncDaemon{open: open, log: log, done: make(chan struct{})}
	s.more.L = &s.mu
	go s.run()
	return s
}

// set asks for a role; vrid is the default of the daemon's id.
func (s *syncDaemon) set(a vrrp.SetSyncDaemon, vrid uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wish, s.vrid = &a, vrid
	s.more.Signal()
}

// syncPatience is how long the end waits for the kernel to stop a daemon. It
// can take seconds when a daemon has only just been started.
const syncPatience = 2 * time.Second

// close has the last wish carried out and the goroutine ended, and waits for
// that for a while.
func (s *syncDaemon) close() {
	s.mu.Lock()
	s.closed = true
	s.more.Signal()
	s.mu.Unlock()
	patience := time.NewTimer(syncPatience)
	defer patience.Stop()
	select {
	case <-s.done:
	case <-patience.C:
		s.log.Error(logSyncStuck)
	}
}

func (s *syncDaemon) run() {
	defer close(s.done)
	var keeper *ipvs.SyncKeeper
	for {
		s.mu.Lock()
		for s.wish == nil && !s.closed {
			s.more.Wait()
		}
		wish, vrid := s.wish, s.vrid
		s.wish = nil
		s.mu.Unlock()
		if wish == nil {
			return
		}
		if keeper == nil {
			kernel, err := s.open()
			if err != nil {
				s.log.Error(fmt.Sprintf(logSyncFailed, err))
				continue
			}
			defer kernel.Close()
			keeper = ipvs.NewSyncKeeper(kernel)
			// One of the other role, or one that is not wanted any more.
			if c := wish.Daemon; c != nil {
				err := keeper.TakeOver(ipvs.ConfiguredSyncDaemon(c, ipvs.SyncMaster, vrid), ipvs.ConfiguredSyncDaemon(c, ipvs.SyncBackup, vrid))
				if err != nil {
					s.log.Info(fmt.Sprintf("IPVS sync daemon: %v", err))
				}
			}
		}
		for _, err := range set(keeper, wish, vrid) {
			s.log.Info(fmt.Sprintf(logSyncFailed, err))
		}
	}
}

func set(k *ipvs.SyncKeeper, a *vrrp.SetSyncDaemon, vrid uint8) []error {
	switch a.Role {
	case vrrp.SyncDaemonMaster:
		return k.Set(ipvs.ConfiguredSyncDaemon(a.Daemon, ipvs.SyncMaster, vrid))
	case vrrp.SyncDaemonBackup:
		return k.Set(ipvs.ConfiguredSyncDaemon(a.Daemon, ipvs.SyncBackup, vrid))
	case vrrp.SyncDaemonBoth:
		return k.Both(a.Daemon)
	case vrrp.SyncDaemonOff:
	}
	return k.Set()
}
