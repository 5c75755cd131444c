package vrrp

import (
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
