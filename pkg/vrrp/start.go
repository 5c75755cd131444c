package vrrp

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// start sets everything up: VMACs, leftovers of a previous run, static items,
// sockets, first states.
func (e *Engine) start(ev Start) {
	e.started = true
	e.startAt = e.now
	e.settling = true
	for i := range ev.Interfaces {
		l := e.setFacts(&ev.Interfaces[i])
		l.good = l.up()
		l.seenUp = l.good
	}
	e.setStartupDelay(ev.Uptime)
	e.newTracked(false)
	e.setReadings(ev.Files, ev.Processes, ev.BFDUp)
	for _, cfg := range e.cfg.Instances {
		v := newInstance(e, cfg)
		e.instances = append(e.instances, v)
		e.byName[cfg.Name] = v
	}
	e.newGroups()
	e.wire()
	for _, v := range e.instances {
		v.want = v.firstWant()
		v.ensureVMACs()
		v.promoteSecondaries(true)
	}
	for _, v := range e.instances {
		v.prepare()
	}
	e.settling = false
	for _, v := range e.instances {
		v.updatePriority()
	}
	e.startFaults()
	for _, v := range e.instances {
		v.removeLeftovers()
	}
	e.static.configure(e)
	e.static.add(e)
	e.openSockets()
	for _, v := range e.instances {
		v.syncDaemon(SyncDaemonBackup)
	}
	e.firstStates(e.instances)
	e.emit(event.Started{Instances: e.states(event.ReasonStart)})
}

// wire makes everything that depends on the configuration and on names:
// interfaces, VMACs, addresses, trackers, pacing. It returns what instances
// had and have no more.
func (e *Engine) wire() (addresses []*virtual, vmacs []*vmac) {
	for _, l := range e.links {
		l.users = nil
	}
	for _, v := range e.instances {
		v.baseLink = nil
		if v.cfg.Interface != "" {
			v.baseLink = e.link(v.cfg.Interface)
		}
		vmacs = append(vmacs, v.makeVMACs()...)
		v.fitAddresses()
	}
	clear(e.vips)
	for _, v := range e.instances {
		addresses = append(addresses, v.setVirtuals()...)
		for _, a := range v.virtuals {
			e.vips[vip{a.addr(), a.link}] = true
		}
	}
	for _, v := range e.instances {
		v.track()
	}
	e.setPacers()
	e.setDelays()
	e.setLateLimit()
	return addresses, vmacs
}

// prepare collects the causes of Fault of an instance and binds its socket.
func (v *instance) prepare() {
	for _, t := range v.trackers {
		t.contribution, t.fault = 0, false
		t.refresh()
	}
	v.checkVMAC()
	v.checkInterface()
	v.checkPeers()
	v.refreshSource()
	v.bind()
	if v.socket != nil {
		v.e.checkDuplicates(v.socket, v.cfg.VirtualRouterID)
	}
}

// firstWant is Master for an owner, in a group for one of owners only.
func (v *instance) firstWant() event.State {
	if v.owner() && (v.group == nil || v.group.owners()) {
		return event.Master
	}
	return event.Backup
}

// setStartupDelay is vrrp_startup_delay, counted from the start of the
// process, and vrrp_delay_after_boot, counted from that of the machine.
func (e *Engine) setStartupDelay(uptime time.Duration) {
	g := &e.cfg.Global.VRRP
	end := e.startAt.Add(g.StartupDelay)
	if g.DelayAfterBoot > 0 {
		if boot := e.now.Add(g.DelayAfterBoot - uptime); boot.After(end) {
			end = boot
		}
	}
	was := e.delay.running()
	e.delay.stop()
	e.delayEnd = end
	if end.After(e.now) {
		if !was {
			e.info(textDelayingStartup(end.Sub(e.now)))
		}
		e.delay.set(end)
	}
}

// startFaults logs why instances cannot start and takes them and their groups
// to Fault, or lets them wait.
func (e *Engine) startFaults() {
	for _, v := range e.instances {
		for i := range v.causes {
			if c := &v.causes[i]; c.start != "" && v.state == event.Init {
				v.log(c.start)
			}
		}
	}
	for _, g := range e.groups {
		if g.state != event.Init {
			continue
		}
		for _, m := range g.members {
			if len(m.causes) > 0 && !m.allSilent() {
				e.info(textStartSync(g.cfg.Name, m.cfg.Name))
				break
			}
		}
	}
	for _, v := range e.instances {
		if v.state == event.Init {
			v.startFault()
		}
	}
}

// startFault is the first state of an instance that has a cause of Fault, or
// whose sync group has.
func (v *instance) startFault() {
	members := []*instance{v}
	if v.group != nil {
		members = v.group.members
	}
	var silent, loud *instance // own causes before those of others
	for _, m := range members {
		switch {
		case len(m.causes) == 0:
		case !m.allSilent():
			if loud == nil || m == v {
				loud = m
			}
		case silent == nil || m == v:
			silent = m
		}
	}
	switch {
	case loud != nil:
		v.becomeInitialFault(v.causeText(loud))
	case silent != nil:
		v.becomeWaiting(v.causeText(silent))
	}
}

// causeText is the first cause of m, from the point of view of v.
func (v *instance) causeText(m *instance) why {
	for i := range m.causes {
		if c := &m.causes[i]; m.allSilent() || !c.silent() {
			if m == v {
				return because(c.text)
			}
			return because("sync group " + v.group.cfg.Name + ": " + m.cfg.Name + ": " + c.text)
		}
	}
	return why{}
}

// firstStates announces the groups that are new, then starts the instances
// that can.
func (e *Engine) firstStates(list []*instance) {
	for _, g := range e.groups {
		if g.state != event.Init {
			continue
		}
		switch {
		case g.faulted() && g.members[0].state == event.Fault && !g.members[0].silent:
			g.announce(event.Fault)
		case g.faulted() && g.members[0].state == event.Fault:
			g.state = event.Fault // waiting for scripts: nobody is told
		case !g.faulted():
			g.announce(event.Backup)
		}
	}
	for _, v := range list {
		if v.state == event.Init && len(v.causes) == 0 && (v.group == nil || !v.group.faulted()) {
			v.becomeInitialBackup()
		}
	}
}

func (v *instance) ensureVMACs() {
	for _, m := range v.vmacs {
		m.ensure()
	}
}

// ensureMissing asks for the VMACs on l that are not there, now that l is up.
func (v *instance) ensureMissing(l *link) {
	for _, m := range v.vmacs {
		if m.base == l && !m.fits() {
			m.ensure()
		}
	}
}

// promoteSecondaries asks for the sysctl, or has it put back.
func (v *instance) promoteSecondaries(on bool) {
	l := v.baseLink
	on = on && v.cfg.PromoteSecondaries && l != nil && l.present
	if on == (v.promoted != nil) {
		return
	}
	if !on {
		l, v.promoted = v.promoted, nil
		if !l.present {
			return
		}
	} else {
		v.promoted = l
	}
	v.e.do(PromoteSecondaries{Interface: l.name, Index: l.facts.Index, On: on})
}
