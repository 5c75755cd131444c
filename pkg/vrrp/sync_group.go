package vrrp

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// syncGroup is a vrrp_sync_group: its members are Master together or not at
// all.
type syncGroup struct {
	e       *Engine
	cfg     *config.SyncGroup
	members []*instance
	state   event.State
	// behind is true after the members went to Backup without the group
	// being announced: an address of theirs was removed and they are about to
	// take over again.
	behind bool
}

// newGroups makes the sync groups of the configuration and tells the members.
// States of groups that existed are kept.
func (e *Engine) newGroups() {
	old := make(map[string]*syncGroup, len(e.groups))
	for _, g := range e.groups {
		old[g.cfg.Name] = g
	}
	for _, v := range e.instances {
		v.group = nil
	}
	e.groups = nil
	for _, cfg := range e.cfg.SyncGroups {
		g := &syncGroup{e: e, cfg: cfg, state: event.Init}
		if was := old[cfg.Name]; was != nil {
			g.state, g.behind = was.state, was.behind
		}
		for _, name := range cfg.Members {
			if v := e.byName[name]; v != nil && v.group == nil {
				v.group = g
				g.members = append(g.members, v)
			}
		}
		if len(g.members) > 0 {
			e.groups = append(e.groups, g)
		}
	}
}

// owners reports whether every member owns its addresses: only such a group
// may start as Master.
func (g *syncGroup) owners() bool {
	for _, m := range g.members {
		if !m.owner() {
			return false
		}
	}
	return true
}

// hasOwner reports whether some member owns its addresses: then trackers of
// the group cannot have weights.
func (g *syncGroup) hasOwner() bool {
	for _, m := range g.members {
		if m.owner() {
			return true
		}
	}
	return false
}

// faulted reports whether a member has a cause of Fault.
func (g *syncGroup) faulted() bool {
	for _, m := range g.members {
		if len(m.causes) > 0 {
			return true
		}
	}
	return false
}

// agree reports whether v may become Master: every other member wants to be.
func (g *syncGroup) agree(v *instance) bool {
	for _, m := range g.members {
		if m != v && (m.want != event.Master || m.state == event.Fault || m.state == event.Init) {
			return false
		}
	}
	return true
}

// announce sets the state of the group and tells the outside.
func (g *syncGroup) announce(s event.State) {
	g.state, g.behind = s, false
	g.e.emit(event.GroupState{Time: g.e.now, Group: g.cfg.Name, State: s})
}

func (g *syncGroup) because(v *instance) why {
	return because("sync group " + g.cfg.Name + " follows " + v.cfg.Name)
}

// syncMaster takes the others along after v became Master.
func (g *syncGroup) syncMaster(v *instance) {
	g.e.info(textSync(g.cfg.Name, event.Master))
	for _, m := range g.members {
		if m != v && m.state != event.Master {
			m.becomeMaster(g.because(v), status.MasterNoResponse)
		}
	}
	g.announce(event.Master)
}

// syncBackup takes the others along after v yielded. They send no priority 0:
// the new master takes over their addresses by its own election.
func (g *syncGroup) syncBackup(v *instance, w why) {
	g.e.info(textSync(g.cfg.Name, event.Backup))
	for _, m := range g.members {
		if m == v {
			continue
		}
		m.want = event.Backup
		if m.state == event.Master {
			m.becomeBackup(why{text: "sync group " + g.cfg.Name + ": " + w.text, peer: w.peer}, false)
			m.armMasterDown()
		}
	}
	g.announce(event.Backup)
}

// syncFault takes the others along after v went to Fault.
func (g *syncGroup) syncFault(v *instance, w why) {
	g.e.info(textSync(g.cfg.Name, event.Fault))
	w = because("sync group " + g.cfg.Name + ": " + v.cfg.Name + ": " + w.text)
	for _, m := range g.members {
		switch {
		case m == v:
		case m.silent:
			m.announceFault(w)
		case m.state != event.Fault:
			m.becomeFault(w, false)
		}
	}
	g.announce(event.Fault)
}

// syncRecovered takes the others along after v left Fault and no member has a
// cause left. It is not needed when v became Master at once.
func (g *syncGroup) syncRecovered(v *instance, w why) {
	if v.state == event.Master {
		g.syncMaster(v)
		return
	}
	g.e.info(textSync(g.cfg.Name, event.Backup))
	for _, m := range g.members {
		if m != v {
			m.enterService(w)
		}
	}
	g.announce(event.Backup)
}

// enterService is the first state of a group that had to wait for a VMAC.
func (g *syncGroup) enterService(w why) {
	g.announce(event.Backup)
	for _, m := range g.members {
		m.enterService(w)
	}
}

// reelect sends all Masters to Backup because v lost an address, a route or a
// rule that is theirs to have. They hand over with priority 0 and come back
// after the skew time, unless somebody else is faster. The group is not
// announced until it is known which.
func (g *syncGroup) reelect(v *instance, w why) {
	for _, m := range g.members {
		if m.state == event.Master {
			m.becomeBackup(w, true)
			m.main.set(g.e.now.Add(m.skew()))
		}
	}
	g.state, g.behind = event.Backup, true
}

// memberFollows is called when a member that is Backup has accepted an advert:
// the group can no longer be Master.
func (g *syncGroup) memberFollows(v *instance) {
	for _, m := range g.members {
		if m.state == event.Master {
			g.syncBackup(v, because(v.cfg.Name+" follows "+v.masterAddress.String()))
			return
		}
	}
	if g.behind {
		g.announce(event.Backup)
	}
}
