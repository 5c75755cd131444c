package vrrp

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// link is a network interface by name, whether it exists now or not.
type link struct {
	object
	e *Engine
	// facts are the last ones, Addresses empty; present says whether the
	// interface exists.
	facts   Interface
	present bool
	// addresses are those on the interface, in the kernel's order.
	addresses []InterfaceAddress

	// downDelay and upDelay are interface_up_down_delays: how long a change
	// must last before it counts. They apply once the link has been up.
	downDelay, upDelay time.Duration
	debounce           *timer
	seenUp             bool

	garp, gna *pacer // nil: no pacing
}

// link returns the interface of that name; one that is not known yet is made
// and does not exist.
func (e *Engine) link(name string) *link {
	if l := e.links[name]; l != nil {
		return l
	}
	l := &link{e: e, object: object{kind: trackInterface, name: name, known: true}}
	l.debounce = e.timers.add(func() { l.apply() })
	e.links[name] = l
	return l
}

// up reports what the machine says now, without delays.
func (l *link) up() bool { return l.present && l.facts.Up && l.facts.Running }

// used reports whether the interface concerns any instance.
func (l *link) used() bool { return len(l.users) > 0 }

// setFacts notes that the interface exists and is like that.
func (e *Engine) setFacts(f *Interface) *link {
	l := e.link(f.Name)
	if !l.present || l.facts.Index != f.Index {
		l.addresses = append(l.addresses[:0], f.Addresses...)
	}
	l.facts, l.present = *f, true
	l.facts.Addresses = nil
	e.byIndex[f.Index] = l
	return l
}

// interfaceChanged is a netlink report about an interface, new or known.
func (e *Engine) interfaceChanged(f *Interface) {
	if old := e.byIndex[f.Index]; old != nil && old.name != f.Name {
		e.interfaceRenamed(old)
	}
	if l := e.links[f.Name]; l != nil && l.present && l.facts.Index != f.Index {
		e.interfaceRemoved(l.facts.Index) // recreated, and the removal was missed
	}
	known := e.byIndex[f.Index] != nil
	l := e.setFacts(f)
	if !known {
		e.appeared(l)
	}
	for _, v := range e.instances {
		if v.link == l {
			v.checkInterface()
			v.checkVMAC()
		}
	}
	l.changedState()
}

// appeared makes the instances of an interface that came into being ready to
// run on it.
func (e *Engine) appeared(l *link) {
	if !l.used() && !e.static.uses(l) {
		return
	}
	e.debug(textInterfaceAdded(l.name))
	for _, v := range e.instances {
		if v.concerns(l) {
			v.linkAppeared(l)
		}
	}
	e.static.linkAppeared(e, l)
}

// interfaceRemoved forgets an interface. Instances that watch it go to Fault;
// what they had on it is gone.
func (e *Engine) interfaceRemoved(index int) {
	l := e.byIndex[index]
	if l == nil {
		return
	}
	for _, v := range e.instances {
		for _, a := range v.virtuals {
			if a.link == l {
				a.set = false
			}
		}
	}
	e.forget(l)
}

// interfaceRenamed takes an interface of another name for one that is gone. It
// still has our addresses, which must not stay there while others take over.
func (e *Engine) interfaceRenamed(l *link) {
	e.forget(l)
	for _, v := range e.instances {
		for _, a := range v.virtuals {
			if a.link == l && a.set {
				e.removeAddress(a.spec())
				a.set = false
			}
		}
	}
}

// forget is what both have in common: the name stands for nothing now.
func (e *Engine) forget(l *link) {
	delete(e.byIndex, l.facts.Index)
	l.present = false
	l.addresses = nil
	l.debounce.stop()
	if l.used() {
		e.info(textInterfaceDeleted(l.name))
	}
	e.static.linkGone(l)
	l.setGood(false)
	for _, v := range e.instances {
		if v.concerns(l) {
			v.linkGone(l)
		}
	}
}

// changedState compares what the machine says with what counts, and lets a
// delay run in between if one is configured.
func (l *link) changedState() {
	up := l.up()
	if up == l.good {
		l.debounce.stop()
		return
	}
	delay := l.downDelay
	if up {
		delay = l.upDelay
	}
	if !l.seenUp || delay == 0 {
		l.apply()
		return
	}
	if !l.debounce.running() {
		l.debounce.set(l.e.now.Add(delay))
	}
}

// apply makes the present state count.
func (l *link) apply() {
	l.debounce.stop()
	up := l.up()
	if up == l.good {
		return
	}
	if l.used() && !l.e.awaits(l) {
		l.e.info(textLink(l.name, l.facts.Linkbeat, up))
	}
	l.setGood(up)
}

func (l *link) setGood(up bool) {
	if up == l.good {
		return
	}
	l.good = up
	l.seenUp = l.seenUp || up
	if !up {
		l.changed()
	}
	// What else follows from the link: when it comes up before those go on
	// who waited for it, when it goes down after they have stopped.
	for _, v := range l.e.instances {
		if v.concerns(l) {
			if up {
				v.ensureMissing(l)
			}
			v.checkVMAC()
			v.refreshSource()
		}
	}
	if up {
		l.changed()
		l.e.static.linkAppeared(l.e, l)
		for _, v := range l.e.instances {
			if v.state == event.Master && v.concerns(l) {
				v.addMissing()
			}
		}
	}
}

// setDelays takes over interface_up_down_delays. The down delay stays below
// what a backup waits, else it would take over first.
func (e *Engine) setDelays() {
	for _, l := range e.links {
		l.downDelay, l.upDelay = 0, 0
	}
	for _, d := range e.cfg.LinkDelays {
		l := e.link(d.Interface)
		l.downDelay, l.upDelay = d.Down, d.Up
		for _, v := range e.instances {
			if v.concerns(l) {
				adv := v.cfg.AdvertInterval
				limit := time.Duration(v.cfg.DownTimerAdverts-1)*adv - adv/256
				l.downDelay, l.upDelay = min(l.downDelay, limit), min(l.upDelay, limit)
			}
		}
	}
}

// addressAdded notes an address, which may be the source that an instance
// waits for.
func (e *Engine) addressAdded(index int, a InterfaceAddress) {
	l := e.byIndex[index]
	if l == nil {
		return
	}
	i := slices.IndexFunc(l.addresses, func(x InterfaceAddress) bool { return x.Prefix == a.Prefix })
	if i >= 0 {
		if l.addresses[i].Tentative == a.Tentative {
			return
		}
		l.addresses[i] = a
	} else {
		l.addresses = append(l.addresses, a)
	}
	if e.vips[vip{a.Prefix.Addr(), l}] {
		return
	}
	if e.detail && l.used() && !a.Tentative {
		e.debug(textAssigned(a.Prefix.Addr(), l.name))
	}
	for _, v := range e.instances {
		if v.sourceLink(l) {
			v.refreshSource()
		}
	}
}

// addressRemoved notes that an address is gone. One of ours that somebody else
// removed sends its instance into a new election.
func (e *Engine) addressRemoved(index int, prefix netip.Prefix) {
	l := e.byIndex[index]
	if l == nil {
		return
	}
	l.addresses = slices.DeleteFunc(l.addresses, func(x InterfaceAddress) bool { return x.Prefix == prefix })
	if e.readded(index, prefix) {
		return
	}
	for _, v := range e.instances {
		if v.virtualRemoved(l, prefix) {
			return
		}
	}
	if e.static.addressRemoved(e, l, prefix) {
		return
	}
	if e.vips[vip{prefix.Addr(), l}] {
		return
	}
	if e.detail && l.used() {
		e.debug(textDeassigned(prefix.Addr(), l.name))
	}
	for _, v := range e.instances {
		if v.sourceLink(l) {
			v.refreshSource()
		}
	}
}

// resync takes every difference to what is known as the report that was lost.
func (e *Engine) resync(ev Resync) {
	seen := make(map[int]bool, len(ev.Interfaces))
	for i := range ev.Interfaces {
		seen[ev.Interfaces[i].Index] = true
	}
	var gone []int
	for index := range e.byIndex {
		if !seen[index] {
			gone = append(gone, index)
		}
	}
	slices.Sort(gone)
	for _, index := range gone {
		e.interfaceRemoved(index)
	}
	for i := range ev.Interfaces {
		f := &ev.Interfaces[i]
		e.interfaceChanged(f)
		e.resyncAddresses(f)
	}
	for _, r := range ev.GoneRoutes {
		e.routeRemoved(r)
	}
	for _, r := range ev.GoneRules {
		e.ruleRemoved(r)
	}
	if ev.GoneFilters {
		for _, v := range e.instances {
			if v.state == event.Master && v.dropping {
				v.setDrop(true)
			}
		}
	}
}

func (e *Engine) resyncAddresses(f *Interface) {
	l := e.byIndex[f.Index]
	for _, a := range slices.Clone(l.addresses) {
		if !slices.ContainsFunc(f.Addresses, func(x InterfaceAddress) bool { return x.Prefix == a.Prefix }) {
			e.addressRemoved(f.Index, a.Prefix)
		}
	}
	for _, a := range f.Addresses {
		e.addressAdded(f.Index, a)
	}
	// An address of ours whose arrival was never reported either.
	for _, v := range e.instances {
		for _, a := range v.virtuals {
			if a.set && a.link == l && !l.has(a.cfg.Prefix.Addr()) {
				v.virtualRemoved(l, a.cfg.Prefix)
			}
		}
	}
}

// firstAddress is the first address of a family that is nobody's virtual
// address and, for IPv6, is link-local and not tentative.
func (l *link) firstAddress(f config.Family) netip.Addr {
	for i := range l.addresses {
		if l.usable(i, f) {
			return l.addresses[i].Prefix.Addr().WithZone("")
		}
	}
	return netip.Addr{}
}

// lastAddress is the last one: what a router goes on with when its source is
// removed.
func (l *link) lastAddress(f config.Family) netip.Addr {
	for i := len(l.addresses) - 1; i >= 0; i-- {
		if l.usable(i, f) {
			return l.addresses[i].Prefix.Addr().WithZone("")
		}
	}
	return netip.Addr{}
}

func (l *link) usable(i int, f config.Family) bool {
	a := &l.addresses[i]
	addr := a.Prefix.Addr()
	if config.FamilyOf(addr) != f || l.e.vips[vip{addr, l}] {
		return false
	}
	return f == config.IPv4 || addr.IsLinkLocalUnicast() && !a.Tentative
}

// has reports whether addr is on the interface.
func (l *link) has(addr netip.Addr) bool {
	return slices.ContainsFunc(l.addresses, func(x InterfaceAddress) bool {
		return x.Prefix.Addr().WithZone("") == addr
	})
}
