package status

import (
	"fmt"
	"io"
	"time"
)

// WriteBFD writes the state of the bfd process as in keepalived_bfd.data,
// below the global settings.
func WriteBFD(w io.Writer, b *BFD) error {
	p := &printer{w: w}
	p.section("BFD Topology")
	for i := range b.Sessions {
		p.bfdSession(&b.Sessions[i])
	}
	for _, d := range b.Drops {
		p.line(" Refused packets without session (%s) = %d", d.Reason, d.Count)
	}
	return p.err
}

func (p *printer) bfdSession(s *BFDSession) {
	c := s.Config
	p.line(" BFD Instance = %s", c.Name)
	p.line("   Neighbor IP = %s", c.Neighbor)
	if c.Source.IsValid() {
		p.line("   Source IP = %s", c.Source)
	}
	p.line("   Required min RX interval = %s", micros(c.MinRx))
	p.line("   Desired min TX interval = %s", micros(c.MinTx))
	p.line("   Desired idle TX interval = %s", micros(c.IdleTx))
	p.line("   Detection multiplier = %d", c.Multiplier)
	p.line("   %s = %d", choose(c.Neighbor.Is4(), "TTL", "hoplimit"), c.TTL)
	p.line("   max_hops = %d", c.MaxHops)
	p.line("   passive = %s", trueFalse(c.Passive))
	if c.MultiHop {
		p.line("   multihop = true")
	}
	p.line("   send event to VRRP process = %s", choose(c.VRRP, "Yes", "No"))
	p.line("   send event to checker process = %s", choose(c.Checker, "Yes", "No"))
	p.line("   output socket = %s", choose(s.SocketOpen, "open", "closed"))
	p.line("   send error = %s", trueFalse(s.SendError))
	p.line("   local state = %s", s.State)
	p.line("   remote state = %s", s.RemoteState)
	p.line("   local discriminator = 0x%x", s.Discriminator)
	p.line("   remote discriminator = 0x%x", s.RemoteDiscriminator)
	p.line("   local diag = %s", s.Diag)
	p.line("   remote diag = %s", s.RemoteDiag)
	p.line("   remote min tx intv = %s", micros(s.RemoteMinTx))
	p.line("   remote min rx intv = %s", micros(s.RemoteMinRx))
	p.line("   local demand = 0")
	p.line("   remote demand = %s", choose(s.RemoteDemand, "1", "0"))
	p.line("   remote detect multiplier = %d", s.RemoteMultiplier)
	p.line("   %spoll, !final", choose(s.Polling, "", "!"))
	p.line("   local tx intv = %s", micros(s.TxInterval))
	p.line("   remote tx intv = %s", micros(s.RemoteTxInterval))
	p.line("   local detection time = %s", micros(s.DetectionTime))
	p.line("   remote detection time = %s", micros(s.RemoteDetectionTime))
	if s.LastSeen.IsZero() {
		p.line("   last seen = [never]")
	} else {
		p.line("   last seen = %s", epoch(s.LastSeen))
	}
	p.line("   transitions = %d", s.Transitions)
	p.line("   packets sent = %d, received = %d", s.Sent, s.Received)
	for _, d := range s.Drops {
		p.line("   refused packets (%s) = %d", d.Reason, d.Count)
	}
}

// micros is a duration as the BFD dump shows it.
func micros(d time.Duration) string { return fmt.Sprintf("%d us", d.Microseconds()) }
