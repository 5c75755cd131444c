package vrrp

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Leftovers are the actions that remove what a process with the configuration
// was may have left when it was killed, as far as an engine with the
// configuration is would not look for it at its own start: the objects of its
// instances, and static items and virtual interfaces that are in the one and
// not in the other. interfaces are those of the machine. The actions are for
// before the start.
func Leftovers(was, is *config.Config, interfaces []Interface) []Action {
	old, next := draft(was, interfaces), draft(is, interfaces)
	synced := slices.ContainsFunc(next.instances, func(v *instance) bool { return v.syncDaemonConfig() != nil })
	for _, v := range old.instances {
		v.removeLeftovers()
		if d := v.syncDaemonConfig(); d != nil && !synced {
			old.do(SetSyncDaemon{Role: SyncDaemonOff, Daemon: d})
		}
	}
	old.static.configure(old)
	old.static.assumeSet()
	old.cfg = is
	old.static.configure(old)
	used := map[string]bool{}
	for _, v := range next.instances {
		for _, m := range v.vmacs {
			used[m.name] = true
		}
	}
	for _, v := range old.instances {
		for _, m := range v.vmacs {
			if m.fits() && !used[m.name] {
				old.do(RemoveVMAC{Name: m.name, Leftover: true})
			}
		}
	}
	return old.actions
}

// draft is an engine that only knows what it would work with.
func draft(cfg *config.Config, interfaces []Interface) *Engine {
	e := New(cfg, Options{})
	for i := range interfaces {
		e.setFacts(&interfaces[i])
	}
	e.newTracked(false)
	for _, c := range cfg.Instances {
		e.instances = append(e.instances, newInstance(e, c))
	}
	e.newGroups()
	e.wire()
	e.actions = nil // lines that its own process has logged
	return e
}

// assumeSet takes every item for one that is in its place.
func (s *staticItems) assumeSet() {
	for _, a := range s.addresses {
		a.set = true
	}
	for _, r := range s.routes {
		r.set = true
	}
	for _, r := range s.rules {
		r.set = true
	}
}
