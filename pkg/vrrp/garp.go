package vrrp

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// burst announces every virtual address rounds times: all addresses once, then
// all again. A link with pacing queues what is too early.
func (v *instance) burst(rounds uint32) {
	for round := range rounds {
		for _, a := range v.virtuals {
			if a.set {
				a.announce(round == 0, rounds)
			}
		}
	}
}

// announce sends or queues one gratuitous ARP or neighbour advertisement;
// first says that it is the first of a burst of rounds.
func (a *virtual) announce(first bool, rounds uint32) {
	l := a.link
	if !l.present || l.facts.NoARP {
		return
	}
	v := a.v
	v4 := config.FamilyOf(a.addr()) == config.IPv4
	if first && v.e.detail {
		if v4 {
			v.debug(textQueueGARP(v.cfg.Name, l.name, a.addr()))
		} else {
			v.debug(textQueueNA(v.cfg.Name, l.name, a.addr()))
		}
	}
	p := l.gna
	if v4 {
		p = l.garp
	}
	if p != nil && !p.slot(a, rounds) {
		return
	}
	a.send()
}

// send announces the address now.
func (a *virtual) send() {
	l, v := a.link, a.v
	if config.FamilyOf(a.addr()) == config.IPv4 {
		if v.e.detail {
			v.debug(textSendGARP(l.name, a.addr()))
		}
		v.e.do(SendGARP{Instance: v.cfg.Name, Interface: l.name, Index: l.facts.Index, Address: a.addr()})
		return
	}
	if v.e.detail {
		v.debug(textSendNA(l.name, a.addr()))
	}
	v.e.do(SendNA{Instance: v.cfg.Name, Interface: l.name, Index: l.facts.Index, Address: a.addr()})
}

// startBursts is what a new Master sends: a burst now, a second one after
// garp_master_delay, then the refreshes.
func (v *instance) startBursts() {
	g := &v.cfg.GARP
	v.burst(max(1, g.MasterRepeat))
	if g.MasterDelay > 0 {
		v.garpRounds = max(1, g.MasterRepeat)
		v.garpAgain.set(v.e.now.Add(g.MasterDelay))
	}
	v.startPeriodic()
}

// startPeriodic arms the refreshes and the announcements on other interfaces.
func (v *instance) startPeriodic() {
	g := &v.cfg.GARP
	if g.MasterRefresh > 0 {
		v.garpRefresh.set(v.e.now.Add(g.MasterDelay + g.MasterRefresh))
	} else {
		v.garpRefresh.stop()
	}
	if g.ExtraInterval > 0 {
		v.garpExtra.set(v.e.now.Add(g.ExtraInterval))
	} else {
		v.garpExtra.stop()
	}
}

func (v *instance) secondBurst() { v.burst(v.garpRounds) }

func (v *instance) refreshBurst() {
	v.burst(max(1, v.cfg.GARP.MasterRefreshRepeat))
	v.garpRefresh.set(v.e.now.Add(v.cfg.GARP.MasterRefresh))
}

// lowerPriorityBursts takes the addresses back from a router of lower priority
// that has announced them.
func (v *instance) lowerPriorityBursts() {
	g := &v.cfg.GARP
	if g.LowerPrioRepeat == 0 || v.state != event.Master {
		return
	}
	v.burst(g.LowerPrioRepeat)
	if g.LowerPrioDelay > 0 {
		v.garpRounds = g.LowerPrioRepeat
		v.garpAgain.set(v.e.now.Add(g.LowerPrioDelay))
	}
}

// extraBurst announces one address on each other interface that carries some,
// so that switches do not forget the MAC of a VMAC that never sends.
func (v *instance) extraBurst() {
	done := map[*link]bool{v.link: true}
	for _, a := range v.virtuals {
		if !a.set || done[a.link] || !(v.cfg.GARP.ExtraAll || a.link.facts.Kind == "macvlan") {
			continue
		}
		done[a.link] = true
		a.announce(true, 1)
	}
	v.garpExtra.set(v.e.now.Add(v.cfg.GARP.ExtraInterval))
}

// stopBursts forgets everything that waits.
func (v *instance) stopBursts() {
	v.garpAgain.stop()
	v.garpRefresh.stop()
	v.garpExtra.stop()
	v.leaveQueues()
}

// announceSource tells the link where the source address of a unicast router
// is, when it comes back from Fault.
func (v *instance) announceSource() {
	l := v.baseLink
	if l == nil || !l.present || l.facts.NoARP || !v.source.IsValid() {
		return
	}
	if v.cfg.Family == config.IPv4 {
		v.e.do(SendGARP{Instance: v.cfg.Name, Interface: l.name, Index: l.facts.Index, Address: v.source})
	} else {
		v.e.do(SendNA{Instance: v.cfg.Name, Interface: l.name, Index: l.facts.Index, Address: v.source})
	}
}

// pacer limits how fast one kind of announcement leaves on a group of
// interfaces: vrrp_garp_interval, vrrp_gna_interval, garp_group.
type pacer struct {
	e        *Engine
	interval time.Duration
	next     time.Time // first moment that is free
	queue    []*virtual
	timer    *timer
}

func (e *Engine) newPacer(interval time.Duration) *pacer {
	if interval <= 0 {
		return nil
	}
	p := &pacer{e: e, interval: interval}
	p.timer = e.timers.add(p.expired)
	e.pacers = append(e.pacers, p)
	return p
}

// slot reports whether a may be announced now. If not, it waits in the queue,
// for at most limit rounds.
func (p *pacer) slot(a *virtual, limit uint32) bool {
	if len(p.queue) == 0 && !p.e.now.Before(p.next) {
		p.next = p.e.now.Add(p.interval)
		return true
	}
	if a.rounds == 0 {
		p.queue = append(p.queue, a)
	}
	if a.rounds < limit {
		a.rounds++
	}
	if !p.timer.running() {
		p.timer.set(p.next)
	}
	return false
}

// expired sends the first of the queue; one with more rounds goes to the end.
func (p *pacer) expired() {
	if len(p.queue) == 0 {
		return
	}
	a := p.queue[0]
	p.queue = append(p.queue[:0], p.queue[1:]...)
	a.rounds--
	if a.rounds > 0 {
		p.queue = append(p.queue, a)
	}
	a.send()
	p.next = p.e.now.Add(p.interval)
	if len(p.queue) > 0 {
		p.timer.set(p.next)
	}
}

// leaveQueues takes the addresses of an instance out of every queue.
func (v *instance) leaveQueues() {
	for _, p := range v.e.pacers {
		kept := p.queue[:0]
		for _, a := range p.queue {
			if a.v == v {
				a.rounds = 0
			} else {
				kept = append(kept, a)
			}
		}
		clear(p.queue[len(kept):])
		p.queue = kept
		if len(kept) == 0 {
			p.timer.stop()
		}
	}
}

// setPacers gives every interface its pacing: that of its garp_group, else a
// global one of its own. VMACs share that of the interface below.
// What waited before goes on waiting.
func (e *Engine) setPacers() {
	var waiting []*virtual
	for _, p := range e.pacers {
		p.timer.stop()
		waiting = append(waiting, p.queue...)
	}
	e.pacers = nil
	for _, l := range e.links {
		l.garp, l.gna = nil, nil
	}
	for _, g := range e.cfg.GARPGroups {
		garp, gna := e.newPacer(g.GARPInterval), e.newPacer(g.GNAInterval)
		for _, name := range g.Interfaces {
			l := e.link(name)
			l.garp, l.gna = garp, gna
		}
	}
	for _, v := range e.instances {
		for _, a := range v.virtuals {
			e.pace(a.link, v.vmacBase(a.link))
		}
	}
	for _, old := range waiting {
		for _, a := range old.v.virtuals {
			if a.set && a.same(old) {
				for range old.rounds {
					a.announce(false, old.rounds)
				}
			}
		}
	}
}

// pace sets the pacing of l, whose base interface is base (itself, if it is no
// VMAC).
func (e *Engine) pace(l, base *link) {
	g := &e.cfg.Global.VRRP
	if base.garp == nil && base.gna == nil {
		base.garp, base.gna = e.newPacer(g.GARPInterval), e.newPacer(g.GNAInterval)
	}
	l.garp, l.gna = base.garp, base.gna
}
