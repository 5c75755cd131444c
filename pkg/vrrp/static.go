package vrrp

import (
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// staticItems are static_ipaddress, static_routes and static_rules: there as
// long as the process runs, put back when somebody removes them.
type staticItems struct {
	addresses []*staticAddress
	routes    []*staticRoute
	rules     []*staticRule
}

type staticAddress struct {
	cfg  *config.Address
	link *link
	set  bool
}

type staticRoute struct {
	cfg  *config.Route
	set  bool
	kept bool // there since before the reload
}

type staticRule struct {
	cfg  *config.Rule
	set  bool
	kept bool
}

func (a *staticAddress) spec() AddressSpec {
	return AddressSpec{Address: a.cfg, Interface: a.link.name, Index: a.link.facts.Index}
}

func (a *staticAddress) String() string { return a.cfg.Prefix.String() + " dev " + a.link.name }

// configure makes the lists of a new configuration. What is not in it any more
// is removed. Routes and rules that are will be asked for again, so that the
// driver knows them by their new pointers.
func (s *staticItems) configure(e *Engine) {
	old := *s
	*s = staticItems{}
	for _, c := range e.cfg.StaticAddresses {
		a := &staticAddress{cfg: c, link: e.staticLink(c.Dev)}
		i := slices.IndexFunc(old.addresses, func(o *staticAddress) bool {
			return o.link == a.link && o.cfg.Prefix == c.Prefix && o.cfg.Scope == c.Scope && o.cfg.Label == c.Label
		})
		if i >= 0 {
			a.set = old.addresses[i].set
			old.addresses = slices.Delete(old.addresses, i, i+1)
		}
		s.addresses = append(s.addresses, a)
	}
	for _, c := range e.cfg.StaticRoutes {
		r := &staticRoute{cfg: c}
		i := slices.IndexFunc(old.routes, func(o *staticRoute) bool { return slices.Equal(o.cfg.Words, c.Words) })
		if i >= 0 {
			r.kept = old.routes[i].set
			old.routes = slices.Delete(old.routes, i, i+1)
		}
		s.routes = append(s.routes, r)
	}
	for _, c := range e.cfg.StaticRules {
		r := &staticRule{cfg: c}
		i := slices.IndexFunc(old.rules, func(o *staticRule) bool { return slices.Equal(o.cfg.Words, c.Words) })
		if i >= 0 {
			r.kept = old.rules[i].set
			old.rules = slices.Delete(old.rules, i, i+1)
		}
		s.rules = append(s.rules, r)
	}
	old.remove(e)
}

// staticLink is the interface of a static address.
func (e *Engine) staticLink(dev string) *link {
	if dev == "" {
		dev = e.cfg.Global.VRRP.DefaultInterface
	}
	return e.link(dev)
}

// add puts in place what is not: addresses, then routes, then rules.
func (s *staticItems) add(e *Engine) {
	for _, a := range s.addresses {
		if !a.set && a.link.present {
			a.set = true
			e.do(AddAddress{a.spec()})
		}
	}
	for _, r := range s.routes {
		if !r.set && r.possible(e) {
			r.set = true
			e.do(AddRoute{Route: r.cfg, Replace: r.kept})
		}
	}
	for _, r := range s.rules {
		if !r.set {
			r.set = true
			e.do(AddRule{Rule: r.cfg, Replace: r.kept})
		}
	}
}

// possible reports whether the interfaces of a route exist.
func (r *staticRoute) possible(e *Engine) bool {
	for _, dev := range devices(r.cfg.Words) {
		if !e.link(dev).present {
			return false
		}
	}
	return true
}

// remove takes everything away: rules, then routes, then addresses.
func (s *staticItems) remove(e *Engine) {
	for _, r := range s.rules {
		if r.set {
			e.do(RemoveRule{Rule: r.cfg})
			r.set = false
		}
	}
	for _, r := range s.routes {
		if r.set {
			e.do(RemoveRoute{Route: r.cfg})
			r.set = false
		}
	}
	for _, a := range s.addresses {
		if a.set && a.link.present {
			e.do(RemoveAddress{AddressSpec: a.spec()})
		}
		a.set = false
	}
}

// uses reports whether an item is on l.
func (s *staticItems) uses(l *link) bool {
	if slices.ContainsFunc(s.addresses, func(a *staticAddress) bool { return a.link == l }) {
		return true
	}
	return slices.ContainsFunc(s.routes, func(r *staticRoute) bool { return slices.Contains(devices(r.cfg.Words), l.name) })
}

// linkAppeared adds what belongs on an interface that is there now.
func (s *staticItems) linkAppeared(e *Engine, l *link) {
	if s.uses(l) {
		s.add(e)
	}
}

// linkGone notes that the kernel has removed what was on l. Items with
// no_track are not put back.
func (s *staticItems) linkGone(l *link) {
	for _, a := range s.addresses {
		if a.link == l && !a.cfg.NoTrack {
			a.set = false
		}
	}
	for _, r := range s.routes {
		if !r.cfg.NoTrack && slices.Contains(devices(r.cfg.Words), l.name) {
			r.set = false
		}
	}
}

// addressRemoved puts a static address back; false if it is none.
func (s *staticItems) addressRemoved(e *Engine, l *link, prefix netip.Prefix) bool {
	for _, a := range s.addresses {
		if !a.set || a.link != l || a.cfg.Prefix != prefix {
			continue
		}
		if !a.cfg.NoTrack {
			e.info(textRestoreAddress(a.String()))
			e.do(AddAddress{a.spec()})
		}
		return true
	}
	return false
}

// routeRemoved puts a static route back, at once if its interface is up, else
// when it comes up: the kernel removes routes with the link.
func (s *staticItems) routeRemoved(e *Engine, c *config.Route) {
	for _, r := range s.routes {
		if r.cfg != c || !r.set || c.NoTrack {
			continue
		}
		for _, dev := range devices(c.Words) {
			if !e.link(dev).up() {
				r.set = false
				return
			}
		}
		e.info(textRestoreRoute(words(c.Words)))
		e.do(AddRoute{Route: c})
	}
}

func (s *staticItems) ruleRemoved(e *Engine, c *config.Rule) {
	for _, r := range s.rules {
		if r.cfg == c && r.set && !c.NoTrack {
			e.info(textRestoreRule(words(c.Words)))
			e.do(AddRule{Rule: c})
		}
	}
}

// devices are the interfaces that a route or rule names.
func devices(w []string) (names []string) {
	for i := 0; i+1 < len(w); i++ {
		switch w[i] {
		case "dev", "oif", "iif":
			names = append(names, w[i+1])
			i++
		}
	}
	return names
}
