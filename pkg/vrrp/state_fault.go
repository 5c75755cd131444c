package vrrp

import (
	"fmt"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// becomeFault stops taking part. A Master gives everything back first; zero
// asks for a second priority 0 advert, which the router that is hit itself
// sends and the other members of its sync group do not.
func (v *instance) becomeFault(w why, zero bool) {
	switch v.state {
	case event.Master:
		v.leaveMaster(event.Fault, zero, w)
	case event.Init, event.Backup:
		v.log(textState(v.cfg.Name, event.Fault))
		v.want = event.Backup
		v.record(event.Fault, w)
	case event.Fault, event.Stop, event.Deleted:
		panic(fmt.Sprintf("vrrp_instance %s: Fault after %v", v.cfg.Name, v.state))
	}
	v.silent = false
	v.main.stop()
	v.stopPreemptDelay()
	v.notify(w)
}

// becomeInitialFault is the first state of a router that cannot take part.
func (v *instance) becomeInitialFault(w why) {
	v.log(textStartFault(v.cfg.Name))
	v.silent = false
	v.want = event.Backup
	v.record(event.Fault, w)
	v.notify(w)
}

// becomeWaiting is the first state of a router that waits for the first
// results of its scripts (Fault) or for its VMAC (Init).
func (v *instance) becomeWaiting(w why) {
	v.silent = true
	if !v.waitsForVMAC() && v.state != event.Fault {
		v.record(event.Fault, w)
	}
}

// waitsForVMAC reports whether the instance, or a member of its sync group,
// waits for its VMAC.
func (v *instance) waitsForVMAC() bool {
	if v.group == nil {
		return v.findCause(causeVMAC, nil) >= 0
	}
	return slices.ContainsFunc(v.group.members, func(m *instance) bool { return m.findCause(causeVMAC, nil) >= 0 })
}

// hit is a new cause while the engine runs.
func (v *instance) hit(c *cause) {
	w := because(c.text)
	if v.state == event.Fault || v.state == event.Init {
		if v.silent && !c.silent() {
			v.endWaiting(c)
		}
		return
	}
	v.becomeFault(w, true)
	if v.group != nil {
		v.group.syncFault(v, w)
	}
}

// endWaiting makes a silent Fault a real one: a first result was bad.
func (v *instance) endWaiting(c *cause) {
	if c.start != "" {
		v.log(c.start)
	}
	w := because(c.text)
	v.announceFault(w)
	if v.group != nil {
		v.group.syncFault(v, w)
	}
}

// announceFault tells of a Fault that was silent so far.
func (v *instance) announceFault(w why) {
	v.silent = false
	if v.state == event.Init {
		v.becomeFault(w, false)
		return
	}
	v.want = event.Backup
	v.log(textState(v.cfg.Name, event.Fault))
	v.notify(w)
}

// recovered leaves Fault (or the wait for a VMAC), if no member of the sync
// group has a cause left either.
func (v *instance) recovered(w why) {
	g := v.group
	if g != nil && g.faulted() {
		return
	}
	if v.state != event.Fault && v.state != event.Init {
		return
	}
	if g != nil && g.state == event.Init {
		g.enterService(w)
		return
	}
	v.enterService(w)
	if g != nil && g.state == event.Fault {
		g.syncRecovered(v, w)
	}
}

// enterService goes to Backup, or to what the start-up rules say.
func (v *instance) enterService(w why) {
	switch v.state {
	case event.Init:
		v.becomeInitialBackup()
	case event.Fault:
		v.becomeBackupFromFault(w)
	case event.Master, event.Backup, event.Stop, event.Deleted:
	}
}
