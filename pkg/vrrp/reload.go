package vrrp

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// identity is what makes an instance of the new configuration the same as one
// that runs. The name is not in it.
type identity struct {
	vrid    uint8
	family  config.Family
	link    string
	unicast bool
	source  netip.Addr // unicast
	group   netip.Addr // multicast, as the flags
	useVMAC bool
	useAddr bool
}

func identityOf(c *config.VRRPInstance) identity {
	id := identity{vrid: c.VirtualRouterID, family: c.Family, link: c.Interface, unicast: c.Unicast()}
	if id.unicast {
		id.source = c.SourceAddress
		return id
	}
	id.group = c.MulticastGroup
	id.useVMAC = c.VMAC != nil || c.IPVLAN != nil
	id.useAddr = c.VMAC != nil && c.VMAC.UseAddr
	return id
}

// reload replaces the configuration. Instances that are in both keep state,
// addresses and counters; the others end or begin.
func (e *Engine) reload(ev Reload) {
	for _, v := range e.instances {
		if v.state == event.Master {
			v.advertise()
		}
	}
	e.settling = true
	e.cfg = ev.Config
	e.newTracked(true)
	e.setReadings(ev.Files, ev.Processes, ev.BFDUp)
	kept, gone := e.match()
	for _, v := range gone {
		v.end()
	}
	e.emit(event.Reloaded{Instances: e.states("reload")})
	e.newGroups()
	addresses, vmacs := e.wire()
	fresh := e.settleInstances(kept)
	e.settling = false
	e.setStartupDelay(ev.Uptime)
	for _, v := range e.instances {
		v.settlePriority()
	}
	e.dropRemoved(addresses)
	e.static.configure(e)
	e.static.add(e)
	e.openSockets()
	e.groupStates()
	e.startFaults()
	for _, v := range fresh {
		v.removeLeftovers()
	}
	for _, v := range e.instances {
		// There is one daemon: stop it before another instance starts it.
		if daemon, ok := kept[v]; ok && daemon != nil && v.syncDaemonConfig() == nil {
			e.do(SetSyncDaemon{Role: SyncDaemonOff, Daemon: daemon})
		}
	}
	for _, v := range fresh {
		v.syncDaemon(SyncDaemonBackup)
	}
	for _, v := range e.instances {
		if daemon, ok := kept[v]; ok {
			v.followDaemon(daemon)
			v.goOn()
		}
	}
	e.firstStates(fresh)
	e.removeVMACs(vmacs, gone)
	if e.cfg.Global.FIFOWriteStatesOnReload {
		e.emitStates()
	}
}

// match makes the new list of instances out of those that run and new ones. It
// returns the kept ones with their former sync daemon, and those that are gone.
func (e *Engine) match() (kept map[*instance]*config.SyncDaemon, gone []*instance) {
	old := make(map[identity][]*instance, len(e.instances))
	for _, v := range e.instances {
		id := identityOf(v.cfg)
		old[id] = append(old[id], v)
	}
	kept = map[*instance]*config.SyncDaemon{}
	list := make([]*instance, 0, len(e.cfg.Instances))
	for _, c := range e.cfg.Instances {
		id := identityOf(c)
		if same := old[id]; len(same) > 0 {
			v := same[0]
			old[id] = same[1:]
			kept[v] = v.daemon
			list = append(list, v)
			continue
		}
		list = append(list, newInstance(e, c))
	}
	for _, v := range e.instances {
		if _, ok := kept[v]; !ok {
			gone = append(gone, v)
		}
	}
	e.instances = list
	clear(e.byName)
	for i, v := range list {
		if _, ok := kept[v]; ok {
			v.configure(e.cfg.Instances[i])
		}
		e.byName[v.cfg.Name] = v
	}
	return kept, gone
}

// end is an instance that is not in the configuration any more. It is told as
// Deleted if that was asked for, else as Fault, without the script of that
// state.
func (v *instance) end() {
	was := v.state
	w := because("not in the new configuration")
	v.syncDaemon(SyncDaemonOff)
	if was == event.Master {
		v.release(true)
	}
	v.main.stop()
	v.preempt.stop()
	v.unbind()
	for _, a := range v.virtuals {
		a.rounds = 0
	}
	deleted := v.cfg.Notify.DeletedSet
	v.state = event.Deleted
	if (was == event.Fault || was == event.Init) && !deleted {
		return
	}
	ev := event.InstanceState{Time: v.e.now, Instance: v.cfg.Name, State: event.Deleted, Priority: v.effective, Reason: w.text}
	if !deleted {
		ev.State, ev.NoStateScript = event.Fault, true
	}
	v.e.emit(ev)
}

// settleInstances collects the causes of Fault anew, binds sockets, and returns
// the instances that are new.
func (e *Engine) settleInstances(kept map[*instance]*config.SyncDaemon) (fresh []*instance) {
	for _, v := range e.instances {
		if _, ok := kept[v]; !ok {
			fresh = append(fresh, v)
			v.want = v.firstWant()
		} else {
			v.oldCauses, v.causes = v.causes, v.keptCauses()
		}
		v.ensureVMACs()
		v.promoteSecondaries(true)
	}
	for _, v := range e.instances {
		v.prepare()
		for _, c := range v.oldCauses {
			if i := v.findCause(c.kind, c.object); i >= 0 {
				v.causes[i].since = c.since
			}
		}
		v.oldCauses = nil
	}
	return fresh
}

// keptCauses are the causes of Fault that a reload does not look into.
func (v *instance) keptCauses() []cause {
	var list []cause
	for _, c := range v.causes {
		if c.kind == causeSocket || c.kind == causeVMACFailed {
			list = append(list, c)
		}
	}
	return list
}

// settlePriority makes the effective priority from the new configuration.
func (v *instance) settlePriority() {
	if v.owner() {
		v.conflict.reduced = false
		return
	}
	v.updatePriority()
}

// dropRemoved takes the addresses away that a Master no longer has.
func (e *Engine) dropRemoved(addresses []*virtual) {
	for _, a := range addresses {
		if !a.set {
			continue
		}
		e.info(textNoLongerAddress(a.v.cfg.Name, a.String()))
		if a.link.present {
			e.removeAddress(a.spec())
		}
		a.set = false
	}
}

// groupStates gives groups that are new the state of members that run already,
// and announces it.
func (e *Engine) groupStates() {
	for _, g := range e.groups {
		if g.state != event.Init {
			continue
		}
		for _, m := range g.members {
			switch {
			case m.state == event.Init:
			case m.state == event.Fault:
				g.state = event.Fault
			case g.state != event.Fault:
				g.state = event.Backup
			}
		}
		if g.state != event.Init {
			g.announce(g.state)
		}
	}
}

// goOn is an instance that was there before the reload.
func (v *instance) goOn() {
	v.removeOldRoutes()
	switch v.state {
	case event.Master, event.Backup:
		if len(v.causes) > 0 {
			v.hit(&v.causes[0])
		} else if m := v.faultyMember(); m != nil {
			v.becomeFault(v.causeText(m), false)
		} else if v.state == event.Master {
			v.goOnAsMaster()
		} else {
			v.want = event.Backup
			v.stopPreemptDelay()
			v.armMasterDown()
		}
	case event.Fault, event.Init:
		if len(v.causes) == 0 {
			v.recovered(because("no longer in Fault after the reload"))
		} else if v.silent && !v.allSilent() {
			v.endWaiting(&v.causes[0])
		}
	case event.Stop, event.Deleted:
	}
}

// faultyMember is another member of the sync group that keeps it in Fault.
func (v *instance) faultyMember() *instance {
	if v.group == nil {
		return nil
	}
	for _, m := range v.group.members {
		if m != v && len(m.causes) > 0 && m.state == event.Fault {
			return m
		}
	}
	return nil
}

// goOnAsMaster puts in place what is new, and lets everybody know the new
// priority at once.
func (v *instance) goOnAsMaster() {
	if v.dropsTraffic() != v.dropping || v.dropping {
		v.setDrop(v.dropsTraffic())
	}
	added := false
	for _, a := range v.virtuals {
		added = added || !a.set
	}
	v.setAddresses(false)
	v.setAddresses(true)
	v.setRoutes(true)
	g := &v.cfg.GARP
	if added || g.MasterRefresh > 0 {
		v.startBursts()
	} else {
		v.startPeriodic()
	}
	v.advertise()
}

// removeOldRoutes removes the rules and routes that are not in the new
// configuration.
func (v *instance) removeOldRoutes() {
	for _, r := range v.oldRules {
		v.log(textNoLongerRule(words(r.Words)))
		v.e.do(RemoveRule{Instance: v.cfg.Name, Rule: r})
	}
	for _, r := range v.oldRoutes {
		v.log(textNoLongerRoute(words(r.Words)))
		v.e.do(RemoveRoute{Instance: v.cfg.Name, Route: r, Interface: interfaceName(v.link)})
	}
	v.oldRules, v.oldRoutes = nil, nil
}

// followDaemon starts or changes the sync daemon if its configuration is
// another than before.
func (v *instance) followDaemon(was *config.SyncDaemon) {
	is := v.syncDaemonConfig()
	switch {
	case is == nil, was != nil && *was == *is:
	case v.state == event.Master:
		v.syncDaemon(SyncDaemonMaster)
	default:
		v.syncDaemon(SyncDaemonBackup)
	}
}

// removeVMACs removes the virtual interfaces that nobody needs any more.
func (e *Engine) removeVMACs(unused []*vmac, gone []*instance) {
	for _, v := range gone {
		unused = append(unused, v.vmacs...)
		v.promoteSecondaries(false)
	}
	used := e.vmacNames()
	for _, m := range unused {
		if !used[m.name] {
			e.do(RemoveVMAC{Name: m.name})
		}
	}
}

// states are the present states of all instances.
func (e *Engine) states(reason string) []event.InstanceState {
	list := make([]event.InstanceState, 0, len(e.instances))
	for _, v := range e.instances {
		list = append(list, event.InstanceState{Time: e.now, Instance: v.cfg.Name, State: v.state, Priority: v.effective, Reason: reason})
	}
	return list
}

// emitStates is fifo_write_vrrp_states_on_reload.
func (e *Engine) emitStates() {
	ev := event.StatesOnReload{Instances: e.states("reload")}
	for _, g := range e.groups {
		ev.Groups = append(ev.Groups, event.GroupState{Time: e.now, Group: g.cfg.Name, State: g.state})
	}
	e.emit(ev)
}
