package vrrp

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// virtual is one virtual address of an instance.
type virtual struct {
	v        *instance
	cfg      *config.Address
	link     *link
	excluded bool // not in adverts
	// set says that we have put it on the interface and nobody took it away.
	set bool
	// added is the Step that asked for it: what arrives in that Step was
	// written before it was there.
	added uint64
	// rounds is how many announcements wait in a pacer's queue.
	rounds uint32
}

// vip is a virtual address in its place.
type vip struct {
	addr netip.Addr
	link *link
}

func (a *virtual) addr() netip.Addr { return a.cfg.Prefix.Addr() }

func (a *virtual) spec() AddressSpec {
	return AddressSpec{Instance: a.v.cfg.Name, Address: a.cfg, Interface: a.link.name, Index: a.link.facts.Index}
}

// String is the address for log lines: 10.9.0.100/24 dev eth0.
func (a *virtual) String() string { return a.cfg.Prefix.String() + " dev " + a.link.name }

// same reports whether the kernel would take both for one address: other
// options may differ.
func (a *virtual) same(b *virtual) bool {
	x, y := a.cfg, b.cfg
	return x.Prefix == y.Prefix && x.Scope == y.Scope && x.Label == y.Label && x.UseVMAC == y.UseVMAC && a.link == b.link
}

// is reports whether a kernel report about prefix means this address. With a
// peer the kernel's length is that of the peer.
func (a *virtual) is(l *link, prefix netip.Prefix) bool {
	return a.link == l && (a.cfg.Prefix == prefix || a.cfg.Peer.IsValid() && a.addr() == prefix.Addr())
}

type virtualRoute struct {
	cfg *config.Route
	set bool
}

type virtualRule struct {
	cfg *config.Rule
	set bool
}

// words is a route or rule as written.
func words(w []string) string { return strings.Join(w, " ") }

// setVirtuals makes the lists of addresses, routes and rules anew. What is set
// of equal addresses stays set; the rest of the old ones is returned.
func (v *instance) setVirtuals() (gone []*virtual) {
	old := v.virtuals
	v.virtuals = nil
	for i, c := range v.cfg.VirtualAddresses {
		v.virtuals = append(v.virtuals, &virtual{v: v, cfg: c, link: v.virtualLink(c), excluded: i >= len(v.advertised)})
	}
	for _, c := range v.cfg.ExcludedAddresses {
		v.virtuals = append(v.virtuals, &virtual{v: v, cfg: c, link: v.virtualLink(c), excluded: true})
	}
	for _, a := range old {
		kept := false
		for _, b := range v.virtuals {
			if a.same(b) {
				b.set, kept = a.set, true
			}
		}
		if !kept {
			gone = append(gone, a)
		}
	}
	v.setVirtualRoutes()
	return gone
}

// setVirtualRoutes makes the lists of routes and rules anew; what was set and
// is not in them any more waits in oldRoutes and oldRules.
func (v *instance) setVirtualRoutes() {
	routes, rules := v.routes, v.rules
	v.routes, v.rules = nil, nil
	for _, c := range v.cfg.Routes {
		r := &virtualRoute{cfg: c}
		if i := slices.IndexFunc(routes, func(o *virtualRoute) bool { return slices.Equal(o.cfg.Words, c.Words) }); i >= 0 {
			r.set, routes[i].set = routes[i].set, false
		}
		v.routes = append(v.routes, r)
	}
	for _, c := range v.cfg.Rules {
		r := &virtualRule{cfg: c}
		if i := slices.IndexFunc(rules, func(o *virtualRule) bool { return slices.Equal(o.cfg.Words, c.Words) }); i >= 0 {
			r.set, rules[i].set = rules[i].set, false
		}
		v.rules = append(v.rules, r)
	}
	for _, r := range routes {
		if r.set {
			v.oldRoutes = append(v.oldRoutes, r.cfg)
		}
	}
	for _, r := range rules {
		if r.set {
			v.oldRules = append(v.oldRules, r.cfg)
		}
	}
}

// takeAddresses puts everything in place that a Master has.
func (v *instance) takeAddresses() {
	if v.dropsTraffic() {
		v.setDrop(true)
	}
	v.setAddresses(false)
	v.setAddresses(true)
	v.virtualsSet = true
	v.setRoutes(false)
}

// setAddresses adds the addresses, or the excluded ones, that are not there.
func (v *instance) setAddresses(excluded bool) {
	said := false
	for _, a := range v.virtuals {
		if a.excluded != excluded || a.set {
			continue
		}
		if !said {
			said = true
			what := logtext.WhatVIPs
			if excluded {
				what = logtext.WhatEVIPs
			}
			v.debug(textVirtuals(v.cfg.Name, true, what))
		}
		if a.link.present {
			v.e.addAddress(a.spec())
			a.set, a.added = true, v.e.step
		}
	}
}

// setRoutes adds routes, then rules. On reload they may be there already.
func (v *instance) setRoutes(replace bool) {
	if len(v.routes) > 0 {
		v.debug(textVirtuals(v.cfg.Name, true, logtext.WhatRoutes))
	}
	for _, r := range v.routes {
		v.e.do(AddRoute{Instance: v.cfg.Name, Route: r.cfg, Interface: interfaceName(v.link), Replace: replace})
		r.set = true
	}
	if len(v.rules) > 0 {
		v.debug(textVirtuals(v.cfg.Name, true, logtext.WhatRules))
	}
	for _, r := range v.rules {
		v.e.do(AddRule{Instance: v.cfg.Name, Rule: r.cfg, Replace: replace})
		r.set = true
	}
}

// addMissing puts back what a Master lost with an interface that it does not
// track, now that the interface is up.
func (v *instance) addMissing() {
	var added []*virtual
	for _, a := range v.virtuals {
		if !a.set && a.link.present {
			added = append(added, a)
		}
	}
	v.setAddresses(false)
	v.setAddresses(true)
	for _, r := range v.routes {
		if !r.set {
			v.e.do(AddRoute{Instance: v.cfg.Name, Route: r.cfg, Interface: interfaceName(v.link)})
			r.set = true
		}
	}
	for _, a := range added {
		if a.set {
			a.announce(true, 1)
		}
	}
}

// dropRoutes removes rules, then routes.
func (v *instance) dropRoutes() {
	if len(v.rules) > 0 {
		v.debug(textVirtuals(v.cfg.Name, false, logtext.WhatRules))
	}
	for _, r := range v.rules {
		if r.set {
			v.e.do(RemoveRule{Instance: v.cfg.Name, Rule: r.cfg})
			r.set = false
		}
	}
	if len(v.routes) > 0 {
		v.debug(textVirtuals(v.cfg.Name, false, logtext.WhatRoutes))
	}
	for _, r := range v.routes {
		if r.set {
			v.e.do(RemoveRoute{Instance: v.cfg.Name, Route: r.cfg, Interface: interfaceName(v.link)})
			r.set = false
		}
	}
}

// dropAddresses removes addresses, then excluded ones, then the drop rules.
func (v *instance) dropAddresses() {
	for _, excluded := range []bool{false, true} {
		said := false
		for _, a := range v.virtuals {
			if a.excluded != excluded {
				continue
			}
			if !said {
				said = true
				v.sayRemoving(excluded)
			}
			if a.set {
				v.e.removeAddress(a.spec())
				a.set = false
			}
		}
	}
	v.virtualsSet = false
	if v.dropping {
		v.setDrop(false)
	}
}

func (v *instance) sayRemoving(excluded bool) {
	what := logtext.WhatVIPs
	if excluded {
		what = logtext.WhatEVIPs
	}
	v.debug(textVirtuals(v.cfg.Name, false, what))
}

// removeLeftovers removes what a previous run may have left. Addresses are
// looked for; routes and rules cannot be, so they are always tried.
func (v *instance) removeLeftovers() {
	if len(v.rules) > 0 {
		v.debug(textVirtuals(v.cfg.Name, false, logtext.WhatRules))
	}
	for _, r := range v.rules {
		v.e.do(RemoveRule{Instance: v.cfg.Name, Rule: r.cfg, Leftover: true})
	}
	if len(v.routes) > 0 {
		v.debug(textVirtuals(v.cfg.Name, false, logtext.WhatRoutes))
	}
	for _, r := range v.routes {
		v.e.do(RemoveRoute{Instance: v.cfg.Name, Route: r.cfg, Interface: interfaceName(v.link), Leftover: true})
	}
	for _, excluded := range []bool{false, true} {
		said := false
		for _, a := range v.virtuals {
			if a.excluded != excluded {
				continue
			}
			if !said {
				said = true
				v.sayRemoving(excluded)
			}
			if a.link.present && a.link.has(a.addr()) {
				v.e.do(RemoveAddress{AddressSpec: a.spec(), Leftover: true})
			}
		}
	}
	if v.dropsTraffic() {
		v.setDrop(false)
	}
}

// dropsTraffic reports whether traffic to the virtual addresses is dropped
// while we are Master: no_accept. The owner always accepts (RFC 5798 6.1).
func (v *instance) dropsTraffic() bool { return !v.cfg.Accept && !v.owner() }

func (v *instance) setDrop(on bool) {
	v.debug(textVirtuals(v.cfg.Name, on, logtext.WhatDropRule))
	a := DropTraffic{Instance: v.cfg.Name, On: on}
	for _, x := range v.virtuals {
		a.Addresses = append(a.Addresses, x.spec())
	}
	v.e.do(a)
	v.dropping = on
}

// virtualRemoved acts on the removal of an address that may be ours; false if
// it is not.
func (v *instance) virtualRemoved(l *link, prefix netip.Prefix) bool {
	for _, a := range v.virtuals {
		if !a.set || !a.is(l, prefix) {
			continue
		}
		if a.added == v.e.step {
			return true
		}
		a.set = false
		if a.cfg.NoTrack {
			return true
		}
		v.debug(textAddressGone(a.addr(), l.name))
		v.reelect(because("address " + prefix.String() + " removed from " + l.name))
		return true
	}
	return false
}

// reelect gives everything back and stands for election at once: that is how
// something that was taken from a Master is put back.
func (v *instance) reelect(w why) {
	switch {
	case v.state != event.Master:
	case v.group != nil:
		v.group.reelect(v, w)
	default:
		v.becomeBackup(w, true)
		v.main.set(v.e.now.Add(v.skew()))
	}
}

func (e *Engine) routeRemoved(r *config.Route) {
	for _, v := range e.instances {
		for _, x := range v.routes {
			if x.cfg != r || !x.set {
				continue
			}
			x.set = false
			if !r.NoTrack {
				v.debug(textRouteGone(v.cfg.Name, words(r.Words)))
				v.reelect(because("virtual route " + words(r.Words) + " removed"))
			}
			return
		}
	}
	e.static.routeRemoved(e, r)
}

func (e *Engine) ruleRemoved(r *config.Rule) {
	for _, v := range e.instances {
		for _, x := range v.rules {
			if x.cfg != r || !x.set {
				continue
			}
			x.set = false
			if !r.NoTrack {
				v.debug(textRuleGone(v.cfg.Name, words(r.Words)))
				v.reelect(because("virtual rule " + words(r.Words) + " removed"))
			}
			return
		}
	}
	e.static.ruleRemoved(e, r)
}

// addressFailed, routeFailed and ruleFailed note that something could not be
// added: it need not be removed. The instance stays Master, as keepalived does.
func (v *instance) addressFailed(c *config.Address) {
	for _, a := range v.virtuals {
		if a.cfg == c {
			a.set = false
		}
	}
}

func (v *instance) routeFailed(c *config.Route) {
	for _, r := range v.routes {
		if r.cfg == c {
			r.set = false
		}
	}
}

func (v *instance) ruleFailed(c *config.Rule) {
	for _, r := range v.rules {
		if r.cfg == c {
			r.set = false
		}
	}
}
