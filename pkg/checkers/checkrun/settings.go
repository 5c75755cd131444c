package checkrun

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// kernelSettings are what is not in the table: connection timeouts and sync
// daemons. What was there before is put back.
type kernelSettings struct {
	original *ipvs.Timeouts // nil while the kernel has its own
	daemon   *config.SyncDaemon
}

func (k *kernelSettings) start(e *Engine, cfg *config.Config) {
	k.setTimeouts(e, wantedTimeouts(&cfg.Global.LVS))
	k.startDaemon(e, ownDaemon(cfg))
}

// reload changes only what differs.
func (k *kernelSettings) reload(e *Engine, cfg *config.Config) {
	k.restoreTimeouts(e)
	k.setTimeouts(e, wantedTimeouts(&cfg.Global.LVS))
	next := ownDaemon(cfg)
	if sameDaemon(k.daemon, next) {
		return
	}
	k.stopDaemon(e)
	k.startDaemon(e, next)
}

func (k *kernelSettings) stop(e *Engine) {
	k.stopDaemon(e)
	k.restoreTimeouts(e)
}

func wantedTimeouts(lvs *config.LVSGlobal) ipvs.Timeouts {
	value := func(d *time.Duration) time.Duration {
		if d == nil {
			return 0
		}
		return *d
	}
	return ipvs.Timeouts{TCP: value(lvs.TCPTimeout), TCPFin: value(lvs.TCPFinTimeout), UDP: value(lvs.UDPTimeout)}
}

func (k *kernelSettings) setTimeouts(e *Engine, want ipvs.Timeouts) {
	if want == (ipvs.Timeouts{}) {
		return
	}
	before, err := e.kernel.Timeouts()
	if err == nil {
		err = e.kernel.SetTimeouts(want)
	}
	if err != nil {
		e.logKernel(err)
		return
	}
	k.original = &before
}

func (k *kernelSettings) restoreTimeouts(e *Engine) {
	if k.original != nil {
		e.logKernel(e.kernel.SetTimeouts(*k.original))
		k.original = nil
	}
}

// ownDaemon is the sync daemon that runs all the time; one that follows a
// vrrp_instance is started by the vrrp process.
func ownDaemon(cfg *config.Config) *config.SyncDaemon {
	if d := cfg.Global.LVS.SyncDaemon; d != nil && d.Instance == "" {
		return d
	}
	return nil
}

// sameDaemon compares what the kernel is told.
func sameDaemon(a, b *config.SyncDaemon) bool {
	if a == nil || b == nil {
		return a == b
	}
	return syncDaemon(a, ipvs.SyncMaster) == syncDaemon(b, ipvs.SyncMaster)
}

func syncDaemon(d *config.SyncDaemon, role ipvs.SyncDaemonRole) ipvs.SyncDaemon {
	return ipvs.SyncDaemon{
		Role: role, Interface: d.Interface, ID: uint32(d.ID),
		MaxLen: d.MaxLen, Group: d.Group, Port: d.Port, TTL: d.TTL,
	}
}

// startDaemon replaces whatever daemons run by a master and a backup.
func (k *kernelSettings) startDaemon(e *Engine, d *config.SyncDaemon) {
	if d == nil {
		return
	}
	k.daemon = d
	for _, role := range []ipvs.SyncDaemonRole{ipvs.SyncMaster, ipvs.SyncBackup} {
		_ = e.kernel.StopSyncDaemon(role) // there may be none
	}
	for _, role := range []ipvs.SyncDaemonRole{ipvs.SyncMaster, ipvs.SyncBackup} {
		e.logKernel(e.kernel.StartSyncDaemon(syncDaemon(d, role)))
	}
}

func (k *kernelSettings) stopDaemon(e *Engine) {
	if k.daemon == nil {
		return
	}
	k.daemon = nil
	for _, role := range []ipvs.SyncDaemonRole{ipvs.SyncMaster, ipvs.SyncBackup} {
		if err := e.kernel.StopSyncDaemon(role); !ipvs.Harmless(err) {
			e.log(slog.LevelInfo, fmt.Sprint(err))
		}
	}
}
