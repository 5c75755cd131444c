package vrrp

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// Snapshot is the present state; it may be kept and read by others.
func (e *Engine) Snapshot() status.VRRP {
	s := status.VRRP{
		Time: e.now, Started: e.startAt, Config: e.cfg,
		StartupDelayed: e.now.Before(e.delayEnd),
		UnknownVRID:    e.unknownVRID, BadVersion: e.badVersion, BadChecksum: e.badChecksum,
	}
	s.Instances = make([]status.VRRPInstance, 0, len(e.instances))
	for _, v := range e.instances {
		s.Instances = append(s.Instances, v.snapshot())
	}
	for _, g := range e.groups {
		s.SyncGroups = append(s.SyncGroups, g.snapshot())
	}
	for _, c := range e.cfg.Scripts {
		s.Scripts = append(s.Scripts, e.scripts[c.Name].snapshot())
	}
	for _, c := range e.cfg.Files {
		o := e.files[c.Name]
		s.Files = append(s.Files, status.TrackFile{Name: c.Name, Config: c, Value: o.value, Used: o.usedBy()})
	}
	for _, c := range e.cfg.Processes {
		o := e.processes[c.Name]
		s.Processes = append(s.Processes, status.TrackProcess{Name: c.Name, Config: c, Count: o.count, HaveQuorum: o.good, Used: o.usedBy()})
	}
	for _, c := range e.cfg.BFD {
		o := e.sessions[c.Name]
		s.BFD = append(s.BFD, status.TrackBFD{Name: c.Name, Up: o.good, Used: o.usedBy()})
	}
	s.Interfaces = e.snapshotLinks()
	s.Indices = make(map[string]int, len(e.byIndex))
	for index, l := range e.byIndex {
		s.Indices[l.name] = index
	}
	for id := SocketID(1); id <= e.lastSocket; id++ {
		if k := e.sockets[id]; k != nil {
			s.Sockets = append(s.Sockets, k.snapshot())
		}
	}
	return s
}

func (v *instance) snapshot() status.VRRPInstance {
	s := status.VRRPInstance{
		Name: v.cfg.Name, Config: v.cfg,
		State: v.state, WantState: v.want,
		BasePriority: v.base, EffectivePriority: v.effective, TotalPriority: v.total,
		MasterAddress: v.masterAddress, MasterPriority: v.masterPriority, LastAdvert: v.lastAdvert,
		Interface: interfaceName(v.link), ConfiguredInterface: v.cfg.Interface,
		Source:         v.source,
		AdvertInterval: v.cfg.AdvertInterval, MasterAdvertInterval: v.masterAdver,
		SkewTime: v.skew(), MasterDownInterval: v.masterDown(),
		NextTimer: v.main.until(), LastTransition: v.since, StateSince: v.since,
		NoPreempt: v.noPreempt, Accept: v.accept, PreemptDelayUntil: v.preempt.until(),
		AddressesSet: v.virtualsSet, DropTraffic: v.dropping,
		OldUnicastChecksum: v.usesOldChecksum(), WaitingForScripts: v.silent,
		Counters: v.counters, MasterReason: v.masterReason, ProtocolError: v.protocol,
		// Never written again; only what is behind them is.
		Transitions: slices.Clip(v.transitions),
	}
	if v.link != nil && v.link.present {
		s.Index, s.MAC = v.link.facts.Index, v.link.facts.MAC
	}
	if v.baseLink != nil && v.baseLink.present {
		s.BaseIndex = v.baseLink.facts.Index
	}
	if v.vmac != nil {
		s.VMAC = v.vmac.name
	}
	s.VirtualSet = make([]bool, 0, len(v.cfg.VirtualAddresses))
	for i, a := range v.virtuals {
		if i < len(v.cfg.VirtualAddresses) {
			s.VirtualSet = append(s.VirtualSet, a.set)
		} else {
			s.ExcludedSet = append(s.ExcludedSet, a.set)
		}
	}
	for _, r := range v.routes {
		s.RoutesSet = append(s.RoutesSet, r.set)
	}
	for _, r := range v.rules {
		s.RulesSet = append(s.RulesSet, r.set)
	}
	for i := range v.causes {
		s.FaultCauses = append(s.FaultCauses, status.FaultCause{Text: v.causes[i].text, Since: v.causes[i].since})
	}
	s.Drops = make([]status.DropCount, 0, wire.DropCount)
	for d := wire.Drop(1); int(d) < wire.DropCount; d++ {
		s.Drops = append(s.Drops, status.DropCount{Reason: d.String(), Count: v.drops[d]})
	}
	for _, t := range v.trackers {
		switch o := t.snapshot(); t.object.kind {
		case trackInterface:
			s.TrackInterfaces = append(s.TrackInterfaces, o)
		case trackScript:
			s.TrackScripts = append(s.TrackScripts, o)
		case trackFile:
			s.TrackFiles = append(s.TrackFiles, o)
		case trackProcess:
			s.TrackProcesses = append(s.TrackProcesses, o)
		case trackBFD:
			s.TrackBFD = append(s.TrackBFD, o)
		}
	}
	return s
}

func (t *tracker) snapshot() status.TrackedObject {
	o := status.TrackedObject{
		Name: t.object.name, Weight: t.weight, Reverse: t.reverse, FromGroup: t.fromGroup,
		Implicit: t.implicit, Contribution: t.contribution, Fault: t.fault,
	}
	if t.object.kind == trackScript {
		o.Command = t.v.e.scripts[t.object.name].cfg.Script.Quoted()
	}
	return o
}

// snapshot of a group shows its own trackers as the configuration has them;
// what they contribute is with each member.
func (g *syncGroup) snapshot() status.VRRPSyncGroup {
	s := status.VRRPSyncGroup{Name: g.cfg.Name, Config: g.cfg, State: g.state}
	if s.State == event.Init {
		s.State = event.Backup
	}
	for _, m := range g.members {
		s.Members = append(s.Members, m.cfg.Name)
	}
	s.TrackInterfaces = trackedByGroup(g.cfg.TrackInterfaces)
	s.TrackScripts = trackedByGroup(g.cfg.TrackScripts)
	s.TrackFiles = trackedByGroup(g.cfg.TrackFiles)
	s.TrackProcesses = trackedByGroup(g.cfg.TrackProcesses)
	s.TrackBFD = trackedByGroup(g.cfg.TrackBFD)
	return s
}

func trackedByGroup(list []config.Track) (objects []status.TrackedObject) {
	for i := range list {
		objects = append(objects, status.TrackedObject{Name: list[i].Name, Weight: list[i].Weight, Reverse: list[i].Reverse, FromGroup: true})
	}
	return objects
}

func (s *script) snapshot() status.TrackScript {
	t := status.TrackScript{
		Name: s.name, Config: s.cfg, Result: s.result, LastExit: s.lastExit, LastRun: s.lastRun, Used: s.usedBy(),
	}
	switch {
	case !s.known:
	case s.good:
		t.State = status.ScriptGood
	default:
		t.State = status.ScriptBad
	}
	return t
}

func (o *object) usedBy() (names []string) {
	for _, t := range o.users {
		names = append(names, t.v.cfg.Name)
	}
	return names
}

func (e *Engine) snapshotLinks() (list []status.VRRPInterface) {
	names := make([]string, 0, len(e.links))
	for name, l := range e.links {
		if l.used() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		l := e.links[name]
		s := status.VRRPInterface{Name: name, Used: l.usedBy()}
		if l.present {
			f := &l.facts
			s.Index, s.Up, s.Running, s.MTU, s.MAC, s.Kind = f.Index, f.Up, f.Running, f.MTU, f.MAC, f.Kind
			if base := e.byIndex[f.BaseIndex]; base != nil {
				s.Base = base.name
			}
		}
		for _, a := range l.addresses {
			s.Addresses = append(s.Addresses, a.Prefix)
		}
		if l.garp != nil {
			s.GARPInterval = l.garp.interval
			s.QueuedAnnounce += l.garp.waiting(l)
		}
		if l.gna != nil {
			s.GNAInterval = l.gna.interval
			s.QueuedAnnounce += l.gna.waiting(l)
		}
		list = append(list, s)
	}
	return list
}

// waiting is how many addresses of l wait for a slot.
func (p *pacer) waiting(l *link) (n int) {
	for _, a := range p.queue {
		if a.link == l {
			n++
		}
	}
	return n
}

func (s *socket) snapshot() status.VRRPSocket {
	t := status.VRRPSocket{
		ID: int(s.id), Interface: s.spec.Interface, Index: s.spec.Index, Family: s.spec.Family,
		Protocol: s.spec.Protocol, Address: s.spec.Group,
	}
	if !s.spec.Multicast() {
		t.Address, t.Unicast = s.spec.Local, true
	}
	for _, v := range s.users {
		t.Instances = append(t.Instances, v.cfg.Name)
	}
	return t
}
