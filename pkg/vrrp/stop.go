package vrrp

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// stopWait is how long the virtual interfaces stay after the end, so that the
// kernel can leave the multicast groups on them.
const stopWait = time.Second

// stop is the orderly end: masters hand over in the order of the
// configuration, then everything that was set up goes, then the outside is
// told.
func (e *Engine) stop(ev Stop) {
	e.timers.stopAll()
	for _, v := range e.instances {
		v.syncDaemon(SyncDaemonOff)
	}
	for _, v := range e.instances {
		if v.state == event.Master && !ev.DontRelease {
			v.release(true)
			v.counters.ReleaseMaster++
		}
	}
	e.static.remove(e)
	w := because("stop")
	for _, v := range e.instances {
		v.unbind()
		v.record(event.Stop, w)
	}
	e.sweepSockets()
	for _, v := range e.instances {
		v.notify(w)
	}
	for _, g := range e.groups {
		g.announce(event.Stop)
	}
	e.keepVMACs = ev.DontRelease
	e.stopping.set(e.now.Add(stopWait))
}

// finish is the last that an engine does.
func (e *Engine) finish() {
	for _, v := range e.instances {
		if !e.keepVMACs {
			for _, m := range v.vmacs {
				e.do(RemoveVMAC{Name: m.name})
			}
		}
		v.promoteSecondaries(false)
	}
	e.do(Finished{})
	e.stopped = true
}

// syncDaemonConfig is the IPVS sync daemon that follows this instance, nil if
// none does. Its id is the VRID unless configured.
func (v *instance) syncDaemonConfig() *config.SyncDaemon {
	if v.daemonFor == v.cfg {
		return v.daemon
	}
	v.daemonFor, v.daemon = v.cfg, nil
	d := v.e.cfg.Global.LVS.SyncDaemon
	switch {
	case d != nil && d.Instance == v.cfg.Name:
		c := *d
		v.daemon = &c
	case d == nil && v.cfg.LVSSyncInterface != "":
		v.daemon = &config.SyncDaemon{Interface: v.cfg.LVSSyncInterface, Instance: v.cfg.Name}
	}
	if v.daemon != nil && !v.daemon.IDSet {
		v.daemon.ID, v.daemon.IDSet = v.cfg.VirtualRouterID, true
	}
	return v.daemon
}
