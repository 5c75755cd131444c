package bfd

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// load makes the sessions of the first configuration.
func (e *Engine) load(cfg *config.Config) {
	for _, c := range cfg.BFD {
		e.add(c)
	}
	e.wantListeners()
}

// reload goes over to cfg. A session with the same name and addresses goes on;
// others end and begin.
func (e *Engine) reload(cfg *config.Config) {
	e.cfg = cfg
	old := make(map[string]*session, len(e.sessions))
	for _, s := range e.sessions {
		old[s.cfg.Name] = s
	}
	kept := make(map[*session]bool, len(old))
	for _, c := range cfg.BFD {
		if s := old[c.Name]; s != nil && s.addresses() == addressesOf(c) {
			kept[s] = true
		}
	}
	// What ends comes first: two sessions cannot have the same addresses.
	for _, s := range e.sessions {
		if !kept[s] {
			s.remove()
		}
	}
	e.sessions = e.sessions[:0]
	for _, c := range cfg.BFD {
		if s := old[c.Name]; kept[s] {
			e.sessions = append(e.sessions, s)
			s.change(c)
			continue
		}
		e.add(c)
	}
	e.wantListeners()
}

// remove ends a session.
func (s *session) remove() {
	s.leave()
	s.dropOldDiscriminator()
	delete(s.e.byDiscr, s.discr)
	delete(s.e.byAddress, s.addresses())
	s.e.arm(s, time.Time{})
}

// change goes over to new settings of the same session. Consumers are told
// again: they may be others now, or may not have known its name before.
func (s *session) change(c *config.BFDInstance) {
	ttl := s.cfg.TTL
	s.cfg = c
	if s.state == wire.Up {
		s.setTimers(c.MinTx, c.MinRx)
	} else {
		s.setTimers(c.IdleTx, c.MinRx)
	}
	if c.TTL != ttl && s.open {
		s.closeSocket()
		s.openSocket()
	}
	s.announce(VRRP | Checker)
	s.plan()
}

// wantListeners opens the receiving sockets that the sessions need and closes
// the others.
func (e *Engine) wantListeners() {
	// In a fixed order, so that traces can be compared.
	for _, l := range [...]Listener{{config.IPv4, false}, {config.IPv6, false}, {config.IPv4, true}, {config.IPv6, true}} {
		wanted := false
		for _, s := range e.sessions {
			wanted = wanted || s.listener() == l
		}
		state := e.listeners[l]
		switch {
		case wanted && state == nil:
			state = &listener{}
			e.listeners[l] = state
			e.listen(l, state)
		case !wanted && state != nil:
			delete(e.listeners, l)
			if state.open {
				e.do(Listen{l, false})
			}
		}
	}
}
