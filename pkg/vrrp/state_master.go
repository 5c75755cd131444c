package vrrp

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// becomeMaster takes over: the advert first, then the addresses, then the
// gratuitous ARPs, then everybody else is told.
func (v *instance) becomeMaster(w why, reason status.MasterReason) {
	if v.state != event.Backup && !(v.state == event.Fault && len(v.causes) == 0) {
		panic(fmt.Sprintf("vrrp_instance %s: Master after %v", v.cfg.Name, v.state))
	}
	v.want = event.Master
	v.sendAdvert(v.effective)
	v.log(textState(v.cfg.Name, event.Master))
	v.restoreOwner()
	v.counters.BecomeMaster++
	v.masterReason = reason
	v.record(event.Master, w)
	v.silent = false
	v.limits = 0
	v.heard = heardNothing
	v.stopPreemptDelay()
	v.resetMasterAdver()
	v.takeAddresses()
	v.startBursts()
	v.notify(w)
	v.syncDaemon(SyncDaemonMaster)
	v.main.set(v.e.now.Add(v.cfg.AdvertInterval))
}

// advertise sends the next advert: when the timer has ended, or between the
// regular ones as an answer, and then they start to count anew. A late one is
// not caught up with.
func (v *instance) advertise() {
	v.sendAdvert(v.effective)
	v.main.set(v.e.now.Add(v.cfg.AdvertInterval))
	v.countOwnerAdvert()
}

// receiveAsMaster acts on an accepted advert (RFC 5798 6.4.3 (700)).
func (v *instance) receiveAsMaster(p *packet) {
	a := &p.advert
	if a.Priority == 0 {
		v.counters.PriorityZeroReceived++
		if v.e.detail && v.accepted.take(v.e.now) {
			v.debug(textMasterZero(v.cfg.Name))
		}
		v.advertise()
		return
	}
	if v.owner() && v.hearOwner(p) {
		v.yield(p, because(fmt.Sprintf("two address owners, %s does not give way", p.source)))
		return
	}
	order := p.source.Compare(v.orderAddress())
	equal := a.Priority == v.effective
	switch {
	case equal && order == 0:
		if v.accepted.take(v.e.now) {
			v.log(textOurAddress(v.cfg.Name))
		}
	case a.Priority > v.effective || equal && order > 0:
		v.hearBetter(p, equal)
	default:
		v.hearLower(p)
	}
}

// hearBetter yields to a better master.
func (v *instance) hearBetter(p *packet, equal bool) {
	if v.cfg.HigherPrioSendAdvert {
		v.sendAdvert(v.effective)
	}
	w := why{peer: p.source}
	if equal {
		v.log(textHigherAddress(v.cfg.Name, p.source, p.advert.Priority))
		w.text = fmt.Sprintf("advert from %s with the same priority %d and a higher address", p.source, p.advert.Priority)
	} else {
		v.log(textHigherPriority(v.cfg.Name, p.source, p.advert.Priority, v.effective))
		w.text = fmt.Sprintf("advert from %s with higher priority %d, ours %d", p.source, p.advert.Priority, v.effective)
	}
	v.yield(p, w)
}

// yield goes to Backup in favour of the sender of p.
func (v *instance) yield(p *packet, w why) {
	v.adoptMaster(p)
	v.becomeBackup(w, false)
	v.armMasterDown()
	if v.group != nil {
		v.group.syncBackup(v, w)
	}
}

// hearLower answers a router that should not be advertising: an advert, so
// that it yields, and gratuitous ARPs, because it has sent its own.
func (v *instance) hearLower(p *packet) {
	elect := !v.cfg.LowerPrioNoAdvert
	if v.accepted.take(v.e.now) {
		v.log(textLowerPriority(v.cfg.Name, p.source, p.advert.Priority, v.effective, elect))
	}
	if p.ah {
		v.ahSequence = p.sequence + 1
	}
	if elect {
		v.advertise()
	}
	v.lowerPriorityBursts()
	if v.group != nil {
		for _, m := range v.group.members {
			if m != v {
				m.lowerPriorityBursts()
			}
		}
	}
	v.e.emit(event.MasterRxLowerPriority{Instance: v.cfg.Name, Priority: v.effective})
}

// leaveMaster undoes what becomeMaster did; to is Backup or Fault. zero sends
// a priority 0 advert so that others take over at once. A Master that goes to
// Fault sends one in any case, as keepalived does.
func (v *instance) leaveMaster(to event.State, zero bool, w why) {
	v.syncDaemon(SyncDaemonBackup)
	v.limits = 0
	v.log(textState(v.cfg.Name, to))
	if to == event.Fault && v.source.IsValid() {
		v.sendAdvert(0)
	}
	v.release(zero)
	v.counters.ReleaseMaster++
	v.want = event.Backup
	v.record(to, w)
}

// release gives back what only a Master has.
func (v *instance) release(zero bool) {
	if zero && v.source.IsValid() {
		v.sendAdvert(0)
		if v.e.detail {
			v.debug(textSentZero(v.cfg.Name))
		}
	}
	v.stopOwnerConflict()
	v.dropRoutes()
	v.stopBursts()
	v.dropAddresses()
}

// syncDaemon sets the role of the IPVS sync daemon if it follows this
// instance.
func (v *instance) syncDaemon(role SyncDaemonRole) {
	if d := v.syncDaemonConfig(); d != nil {
		v.e.do(SetSyncDaemon{Role: role, Daemon: d})
	}
}
