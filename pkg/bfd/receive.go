package bfd

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
)

// receive judges a packet, counts it, and hands a good one to its session.
func (e *Engine) receive(p *Packet) {
	s, drop := e.judge(p)
	if drop == wire.Accepted {
		s.received++
		s.packet(&e.control)
		return
	}
	counters := &e.drops
	if s != nil {
		counters = &s.drops
	}
	counters[drop]++
	if e.detail { // outsiders can cause it
		for _, l := range textRefused(p, s, &e.control, drop) {
			e.error(l)
		}
	}
}

// judge decodes a packet into e.control and finds its session (RFC 5880
// 6.8.6, RFC 5881 5, RFC 5883 4.3).
func (e *Engine) judge(p *Packet) (*session, wire.Drop) {
	c := &e.control
	if drop := c.Decode(p.Data); drop != wire.Accepted {
		return nil, drop
	}
	s := e.find(p, c)
	switch {
	case s == nil || s.cfg.MultiHop != p.MultiHop:
		return nil, wire.DropUnknownSession
	case p.TTL >= 0 && p.TTL < s.minTTL():
		return s, wire.DropTTL
	case s.state == wire.AdminDown:
		return s, wire.DropAdminDown
	}
	return s, wire.Accepted
}

// find looks for a session by our discriminator, or by the addresses as long
// as the neighbor does not know it. With the discriminator the source does not
// matter (RFC 5880 6.3): a router may answer from another address, and
// keepalived takes that.
func (e *Engine) find(p *Packet, c *wire.Control) *session {
	if c.YourDiscr != 0 {
		return e.byDiscr[c.YourDiscr]
	}
	if s := e.byAddress[addresses{p.Source, p.Destination, p.MultiHop}]; s != nil {
		return s
	}
	return e.byAddress[addresses{remote: p.Source, multiHop: p.MultiHop}]
}

// anyHops is a value of max_hops that switches the check off, as -1 does.
const anyHops = 255

// minTTL is the smallest TTL that a packet of the neighbor may have: what we
// send with ourselves, less max_hops. With 255 and 0 it is GTSM (RFC 5082).
func (s *session) minTTL() int {
	if s.cfg.MaxHops == anyHops || s.cfg.MaxHops < 0 {
		return 0
	}
	return int(s.cfg.TTL) - s.cfg.MaxHops
}

// packet takes an accepted packet (RFC 5880 6.8.6, from "Set
// bfd.RemoteDiscr" on).
func (s *session) packet(c *wire.Control) {
	was := s.detectionTime()
	s.remoteDiscr, s.remoteState, s.remoteDiag = c.MyDiscr, c.State, c.Diag
	s.remoteDemand, s.remoteMult = c.Demand, c.DetectMult
	s.remoteMinTx, s.remoteMinRx = duration(c.DesiredMinTx), duration(c.RequiredMinRx)
	s.lastSeen = s.e.now
	if c.YourDiscr == s.discr {
		s.dropOldDiscriminator()
	}
	if s.polling && c.Final {
		s.pollAnswered()
	}
	if is := s.detectionTime(); is != was {
		s.logTiming(was)
	}
	before := s.state
	s.react(c.State)
	switch {
	case c.Poll:
		s.send(true)
	case s.state != before:
		s.send(false)
	}
	s.expireAt = s.e.now.Add(s.detectionTime())
	s.plan()
}

// react is the state machine of RFC 5880 6.2 and 6.8.6.
func (s *session) react(remote wire.State) {
	if remote == wire.AdminDown {
		if s.state != wire.Down {
			s.becomeDown(wire.DiagNeighborDown)
		}
		return
	}
	switch s.state {
	case wire.Down:
		switch remote {
		case wire.Down:
			s.becomeInit()
		case wire.Init:
			s.becomeUp()
		case wire.Up, wire.AdminDown:
		}
	case wire.Init:
		if remote == wire.Init || remote == wire.Up {
			s.becomeUp()
		}
	case wire.Up:
		if remote == wire.Down {
			s.becomeDown(wire.DiagNeighborDown)
		}
	case wire.AdminDown:
	}
}

// logTiming tells of a new detection time.
func (s *session) logTiming(was time.Duration) {
	if s.e.detail {
		for _, l := range s.textParameters() {
			s.e.debug(l)
		}
	}
	s.e.info(textDetection(s.cfg.Name, s.detectionTime(), was))
}
