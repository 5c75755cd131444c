package vrrp

import "time"

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
