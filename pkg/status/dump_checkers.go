package status

import (
	"fmt"
	"io"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// WriteCheckers writes the state of the checker process as in
// keepalived_check.data, below the global settings.
func WriteCheckers(w io.Writer, c *Checkers, m Machine) error {
	p := &printer{w: w, machine: m}
	p.section("LVS Topology")
	if c.Waiting != "" {
		p.line(" Waiting = %s", c.Waiting)
	}
	if t := c.Timeouts; t != nil {
		p.line(" IPVS timeouts = tcp %d tcpfin %d udp %d", wholeSeconds(t.TCP), wholeSeconds(t.TCPFin), wholeSeconds(t.UDP))
	}
	for _, d := range c.SyncDaemons {
		p.line(" IPVS sync daemon = %s on %s, syncid %d", choose(d.Master, "master", "backup"), d.Interface, d.ID)
	}
	if c.KernelErrors > 0 {
		p.line(" Requests the kernel refused = %d", c.KernelErrors)
	}
	if c.Config != nil {
		for _, g := range c.Config.VirtualServerGroups {
			p.serverGroup(g)
		}
	}
	for i := range c.VirtualServers {
		p.virtualServer(&c.VirtualServers[i])
	}
	for _, b := range c.BFD {
		p.line(" BFD instance = %s, %s", b.Name, choose(!b.Known, "unknown", choose(b.Up, "up", "down")))
	}
	for _, f := range c.Files {
		p.line(" Track file = %s, value %d", f.Name, f.Value)
	}
	return p.err
}

func (p *printer) serverGroup(g *config.VirtualServerGroup) {
	p.line(" Virtual Server Group = %s", g.Name)
	for i := range g.Entries {
		e := &g.Entries[i]
		switch {
		case e.IsFwmark:
			p.line("   FWMARK = %d", e.Fwmark)
		case e.Last.IsValid() && e.Last != e.First:
			p.line("   Virtual IP Range = %s-%s, port %d", e.First, e.Last, e.Port)
		default:
			p.line("   Virtual IP = %s, port %d", e.First, e.Port)
		}
	}
}

var forwardNames = map[config.ForwardMethod]string{
	config.ForwardNone: "none", config.NAT: "NAT", config.DR: "DR", config.TUN: "TUN",
}

func (p *printer) virtualServer(v *VirtualServer) {
	c := v.Config
	p.line(" VIP = %s", c.Name)
	p.line("   protocol = %s", c.Protocol)
	p.line("   lvs_sched = %s", c.Scheduler)
	p.line("   forwarding = %s", forwardNames[c.Forwarding.Method])
	if c.PersistenceTimeout > 0 {
		p.line("   persistence timeout = %d", wholeSeconds(c.PersistenceTimeout))
	}
	p.line("   quorum = %d, hysteresis = %d", c.Quorum, c.Hysteresis)
	p.line("   alpha = %s, omega = %s, ha_suspend = %s", trueFalse(c.Alpha), trueFalse(c.Omega), trueFalse(c.HASuspend))
	p.line("   Quorum is %s", choose(v.QuorumUp, "up", "down"))
	p.line("   Weight of live servers = %d", v.Weight)
	if v.Suspended {
		p.line("   Checkers are suspended")
	}
	p.line("   Transitions = %d", v.Transitions)
	if !v.Since.IsZero() {
		p.line("   Last transition = %s: %s", epoch(v.Since), v.Reason)
	}
	if s := c.SorryServer; s != nil {
		p.line("   sorry server = [%s]:%d, %s", s.Address, s.Port, choose(v.SorryInUse, "in use", "not in use"))
	}
	p.checkerScript("quorum up", c.QuorumUp)
	p.checkerScript("quorum down", c.QuorumDown)
	p.line("   Using smtp notification = %s", yesNo(c.SMTPAlert))
	if s := &v.Stats; s.Connections > 0 || s.InPackets > 0 {
		p.line("   connections %d, packets in %d out %d, bytes in %d out %d", s.Connections, s.InPackets, s.OutPackets, s.InBytes, s.OutBytes)
	}
	for i := range v.RealServers {
		p.realServer(&v.RealServers[i])
	}
}

func (p *printer) checkerScript(what string, s *config.Script) {
	if s != nil {
		p.line("   %s notify script = %s", what, p.script(s))
	}
}

func (p *printer) realServer(r *RealServer) {
	c := r.Config
	p.line("   RIP = %s", c.Name)
	p.line("     forwarding = %s", forwardNames[c.Forwarding.Method])
	p.line("     Weight = %d, configured %d%s", r.Effective, c.Weight, choose(r.Base != c.Weight, fmt.Sprintf(", set to %d", r.Base), ""))
	p.line("     State = %s, %s the table", choose(r.Up, "up", "down"), choose(r.InTable, "in", "not in"))
	if c.UpperThreshold > 0 || c.LowerThreshold > 0 {
		p.line("     Connection limits = upper %d, lower %d", c.UpperThreshold, c.LowerThreshold)
	}
	p.line("     Transitions = %d", r.Transitions)
	if !r.Since.IsZero() {
		p.line("     Last transition = %s: %s", epoch(r.Since), r.Reason)
	}
	if s := &r.Stats; r.InTable {
		p.line("     connections active %d inactive %d persistent %d", s.ActiveConnections, s.InactiveConnections, s.PersistentConn)
	}
	for i := range r.Checkers {
		p.checker(&r.Checkers[i])
	}
}

func (p *printer) checker(k *Checker) {
	c := k.Config
	state := choose(k.Up, "up", "down")
	if !k.HasRun {
		state += ", has not run"
	}
	to := ""
	if c.Destination.IsValid() {
		to = fmt.Sprintf(" [%s]:%d", c.Destination.Addr(), c.Destination.Port())
	}
	p.line("     Checker = %s%s", c.Kind, to)
	p.line("       State = %s", state)
	p.line("       Delay loop = %s, retries = %d, delay before retry = %s", seconds(c.DelayLoop), c.Retry, seconds(c.DelayBeforeRetry))
	p.line("       Runs = %d, failed = %d, failures in a row = %d", k.Runs, k.Bad, k.Failures)
	if !k.LastRun.IsZero() {
		p.line("       Last run = %s, took %s: %s", epoch(k.LastRun), k.LastDuration, k.LastText)
	}
	if !k.Next.IsZero() {
		p.line("       Next run = %s", epoch(k.Next))
	}
}
