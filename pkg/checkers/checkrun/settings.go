package checkrun

import (
	"fmt"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// kernelSettings are what an engine sets beside the table: connection
// timeouts, sync daemons, and the firewall marks of nftables_ipvs. What was
// there before is put back at the end.
type kernelSettings struct {
	timeouts *ipvs.TimeoutKeeper
	sync     *ipvs.SyncKeeper
	marks    *ipvs.MarkTable // nil without nftables_ipvs
}

func newKernelSettings(k ipvs.Kernel) kernelSettings {
	return kernelSettings{timeouts: ipvs.NewTimeoutKeeper(k), sync: ipvs.NewSyncKeeper(k)}
}

// set brings the kernel to cfg; what is the same already is left alone.
func (e *Engine) setSettings(cfg *config.Config) {
	e.logKernel(e.settings.timeouts.Set(ipvs.WantedTimeouts(&cfg.Global.LVS)))
	for _, err := range e.settings.sync.Both(ownDaemon(cfg)) {
		e.logKernel(err)
	}
}

// setMarks makes the firewall marks lead to the services that the core has
// chosen for them.
func (e *Engine) setMarks(cfg *config.Config) {
	lvs := &cfg.Global.LVS
	if e.settings.marks == nil {
		if lvs.NFTables == "" {
			return
		}
		e.settings.marks = ipvs.NewMarkTable(lvs.NFTables, lvs.NFTablesPriority, kernelNamespace(&cfg.Global))
	}
	if err := e.settings.marks.Set(ipvs.MarkEntries(cfg, e.core.Marks())); err != nil {
		e.log(slog.LevelInfo, fmt.Sprintf(lineMarks, err))
	}
}

// restoreSettings puts back what was there before; a table that stays keeps
// the marks that lead to it.
func (e *Engine) restoreSettings() {
	for _, err := range e.settings.sync.Both(nil) {
		e.logKernel(err)
	}
	e.logKernel(e.settings.timeouts.Set(ipvs.Timeouts{}))
	if e.settings.marks == nil || e.opt.DontRelease {
		return
	}
	if err := e.settings.marks.Set(nil); err != nil {
		e.log(slog.LevelInfo, fmt.Sprintf(lineMarks, err))
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
