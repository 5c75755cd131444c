package vrrp

import (
	"log/slog"
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
	used := next.vmacNames()
	for _, v := range old.instances {
		for _, m := range v.vmacs {
			if m.fits() && !used[m.name] {
				old.do(RemoveVMAC{Name: m.name, Leftover: true})
			}
		}
	}
	return old.actions
}

// Abandoned are the actions that remove what a killed process had made and an
// engine with the configuration is does not want: made has addresses, routes
// and rules, all as static ones, and vmacs are names of virtual interfaces.
// The actions are for before the start.
func Abandoned(made *config.Config, vmacs []string, is *config.Config, interfaces []Interface) []Action {
	next := draft(is, interfaces)
	actions, foreign := Leftovers(made, is, interfaces), 0
	for i, a := range actions {
		if !next.looksFor(a) {
			foreign++
		}
		switch a := a.(type) {
		case RemoveAddress:
			a.Leftover = true
			actions[i] = a
		case RemoveRoute:
			a.Leftover = true
			actions[i] = a
		case RemoveRule:
			a.Leftover = true
			actions[i] = a
		}
	}
	wanted := next.vmacNames()
	for _, name := range vmacs {
		if !wanted[name] {
			foreign++
			actions = append(actions, RemoveVMAC{Name: name, Leftover: true})
		}
	}
	if foreign > 0 {
		actions = slices.Insert(actions, 0, Action(Log{slog.LevelInfo, textAbandoned(foreign)}))
	}
	return actions
}

// looksFor reports whether an engine would remove that at its start anyway.
func (e *Engine) looksFor(a Action) bool {
	return slices.ContainsFunc(e.instances, func(v *instance) bool {
		switch a := a.(type) {
		case RemoveAddress:
			return slices.ContainsFunc(v.virtuals, func(x *virtual) bool {
				return x.link.name == a.Interface && x.cfg.Prefix == a.Address.Prefix
			})
		case RemoveRoute:
			return slices.ContainsFunc(v.routes, func(x *virtualRoute) bool { return slices.Equal(x.cfg.Words, a.Route.Words) })
		case RemoveRule:
			return slices.ContainsFunc(v.rules, func(x *virtualRule) bool { return slices.Equal(x.cfg.Words, a.Rule.Words) })
		}
		return false
	})
}

// vmacNames are the names of all virtual interfaces.
func (e *Engine) vmacNames() map[string]bool {
	names := map[string]bool{}
	for _, v := range e.instances {
		for _, m := range v.vmacs {
			names[m.name] = true
		}
	}
	return names
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
