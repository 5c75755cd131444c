package vrrp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// becomeInitialBackup is the first state of a router that can take part. The
// owner goes through it unseen on its way to Master (RFC 5798 6.4.1).
func (v *instance) becomeInitialBackup() {
	v.silent = false
	if v.want == event.Master {
		v.record(event.Backup, because("address owner, about to take over"))
		v.main.set(v.e.origin().Add(time.Microsecond))
		return
	}
	w := because(event.ReasonStart)
	v.log(textInit(v.cfg.Name))
	v.record(event.Backup, w)
	v.notify(w)
	v.armMasterDown()
}

// becomeBackup leaves Master for a better one or to be elected anew; the
// caller arms the timer.
func (v *instance) becomeBackup(w why, zero bool) {
	if v.state != event.Master {
		panic(fmt.Sprintf("vrrp_instance %s: Backup after %v", v.cfg.Name, v.state))
	}
	v.leaveMaster(event.Backup, zero, w)
	v.stopPreemptDelay()
	v.notify(w)
}

// becomeBackupFromFault is the way back when the last cause has gone. Even the
// owner waits a full master down interval: somebody else is Master.
func (v *instance) becomeBackupFromFault(w why) {
	if v.state != event.Fault || len(v.causes) != 0 {
		panic(fmt.Sprintf("vrrp_instance %s: leaves %v with %d causes", v.cfg.Name, v.state, len(v.causes)))
	}
	if v.silent && v.want == event.Master {
		if v.e.now.Before(v.e.delayEnd) {
			v.becomeInitialBackup()
		} else {
			v.becomeMaster(w, status.MasterNoResponse)
		}
		return
	}
	v.log(textState(v.cfg.Name, event.Backup))
	v.silent = false
	v.want = event.Backup
	v.record(event.Backup, w)
	v.stopPreemptDelay()
	v.notify(w)
	v.resetMasterAdver()
	v.armMasterDown()
	if v.cfg.Unicast() {
		v.announceSource()
	}
}

// masterDownExpired is the end of the master down timer.
func (v *instance) masterDownExpired() {
	if v.e.detail {
		v.debug(textTimeout(v.cfg.Name))
	}
	v.want = event.Master
	g := v.group
	if g != nil && !g.agree(v) {
		v.armMasterDown()
		return
	}
	w, reason := v.masterDownCause()
	v.becomeMaster(w, reason)
	if g != nil {
		g.syncMaster(v)
	}
}

// masterDownCause says in words why the timer ran out.
func (v *instance) masterDownCause() (why, status.MasterReason) {
	peer := v.heardFrom
	switch v.heard {
	case heardZero:
		return why{fmt.Sprintf("%s left with priority 0", peer), peer}, status.MasterPriority
	case heardLower:
		return why{fmt.Sprintf("preempts %s of lower priority %d, ours %d", peer, v.heardPriority, v.effective), peer}, status.MasterPreempted
	case heardAdvert:
		silence := v.e.now.Sub(v.lastAdvert).Seconds()
		return why{fmt.Sprintf("no advert from %s for %.2f s", peer, silence), peer}, status.MasterNoResponse
	case heardNothing:
	}
	if v.owner() && v.announced == event.Init {
		return because("address owner starts"), status.MasterPreempted
	}
	return because(fmt.Sprintf("no advert for %.2f s", v.e.now.Sub(v.since).Seconds())), status.MasterNoResponse
}

// receiveAsBackup acts on an accepted packet (RFC 5798 6.4.2 (400)).
func (v *instance) receiveAsBackup(p *packet) {
	a := &p.advert
	v.hearOwnerGone(p)
	switch {
	case a.Priority == 0:
		v.counters.PriorityZeroReceived++
		if v.e.detail && v.accepted.take(v.e.now) {
			v.debug(textBackupZero(v.cfg.Name))
		}
		v.hear(heardZero, p)
		v.main.set(v.e.origin().Add(v.skew()))
	case a.Priority >= v.effective:
		v.stopPreemptDelay()
		v.acceptMaster(p)
	case v.noPreempt:
		v.acceptMaster(p)
	case v.cfg.PreemptDelay > 0 && !v.preemptOver:
		if !v.preempt.running() {
			if v.e.detail {
				v.debug(textStartPreemptDelay(v.cfg.Name, v.cfg.PreemptDelay))
			}
			v.preempt.set(v.e.origin().Add(v.cfg.PreemptDelay))
		}
		v.acceptMaster(p)
	default:
		if v.accepted.take(v.e.now) {
			v.log(textDiscarding(v.cfg.Name, a.Priority, p.source))
		}
		if v.heard != heardAdvert || p.source == v.heardFrom {
			v.hear(heardLower, p)
		}
	}
}

// acceptMaster stays Backup for another master down interval.
func (v *instance) acceptMaster(p *packet) {
	if p.source != v.masterAddress {
		v.limits &^= v.limitsBefore // all but what this packet has set
	}
	v.adoptMaster(p)
	v.want = event.Backup
	v.armMasterDown()
	if v.announced == event.Init {
		// An owner that was on its way to Master and stays Backup.
		v.log(textState(v.cfg.Name, event.Backup))
		v.notify(why{text: "another address owner is Master", peer: p.source})
	}
	if v.group != nil {
		v.group.memberFollows(v)
	}
}

// adoptMaster remembers who is Master, and how often it advertises
// (version 3, RFC 5798 6.4.2). An interval of zero, which the RFC does not
// allow, is not taken over: it would make every backup take over at once.
func (v *instance) adoptMaster(p *packet) {
	v.masterAddress, v.masterPriority = p.source, p.advert.Priority
	v.lastAdvert = v.e.origin()
	v.hear(heardAdvert, p)
	if v.cfg.Version == 2 || p.advert.Interval == 0 {
		return
	}
	theirs := time.Duration(p.advert.Interval) * 10 * time.Millisecond
	if theirs == v.masterAdver {
		return
	}
	if v.e.detail {
		v.debug(textAdverUpdated(v.cfg.Name, v.masterAdver, theirs))
	}
	v.masterAdver = theirs
}

// hear remembers what was heard last, for the cause of the next change.
func (v *instance) hear(h heard, p *packet) {
	v.heard, v.heardFrom, v.heardPriority = h, p.source, p.advert.Priority
}

// logMaster notes a packet from another source than the last master's, before
// it is judged.
func (v *instance) logMaster(source netip.Addr) {
	if !v.sources.take(v.e.now) {
		return
	}
	if v.masterAddress.IsValid() {
		v.debug(textMasterChanged(v.cfg.Name, v.masterAddress, source))
	} else {
		v.debug(textMasterSet(v.cfg.Name, source))
	}
}

func (v *instance) stopPreemptDelay() {
	if v.e.detail && (v.preempt.running() || v.preemptOver) {
		v.debug(textStopPreemptDelay(v.cfg.Name))
	}
	v.preempt.stop()
	v.preemptOver = false
}
