package status

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// WriteCheckers writes the state of the checker process as in
// keepalived_check.data, below the global settings.
func WriteCheckers(w io.Writer, c *Checkers, m Machine) error {
	p := &printer{w: w, machine: m}
	p.section("LVS Topology")
	if t := c.Timeouts; t != nil {
		p.line(" IPVS timeouts = tcp %d tcpfin %d udp %d", wholeSeconds(t.TCP), wholeSeconds(t.TCPFin), wholeSeconds(t.UDP))
	}
	for _, d := range c.SyncDaemons {
		p.line(" IPVS sync daemon = %s on %s, syncid %d", choose(d.Master, "master", "backup"), d.Interface, d.ID)
	}
	if c.KernelErrors > 0 {
		p.line(" Requests the kernel refused = %d", c.KernelErrors)
	}
	if c.Config != nil && len(c.Config.VirtualServerGroups) > 0 {
		p.line(" ------< Virtual server group >------")
		for _, g := range c.Config.VirtualServerGroups {
			p.serverGroup(g)
		}
	}
	for i := range c.VirtualServers {
		p.line(" ------< Virtual server >------")
		p.virtualServer(&c.VirtualServers[i])
	}
	p.healthCheckers(c)
	p.checkerTrackers(c)
	return p.err
}

func (p *printer) serverGroup(g *config.VirtualServerGroup) {
	families := map[config.Family]bool{}
	for i := range g.Entries {
		if e := &g.Entries[i]; e.First.IsValid() {
			families[config.FamilyOf(e.First)] = true
		} else {
			families[e.Family] = true
		}
	}
	p.line(" Virtual Server Group = %s, IPv4 = %s, IPv6 = %s", g.Name, yesNo(families[config.IPv4]), yesNo(families[config.IPv6]))
	for i := range g.Entries {
		e := &g.Entries[i]
		switch {
		case e.IsFwmark:
			p.line("   FWMARK = %d", e.Fwmark)
		case e.Last.IsValid() && e.Last != e.First:
			p.line("   VIP Range = %s-%s, VPORT = %d", e.First, e.Last, e.Port)
		default:
			p.line("   VIP = %s, VPORT = %d", e.First, e.Port)
		}
	}
}

// defaultConnectTimeout is that of connect_timeout.
const defaultConnectTimeout = 5 * time.Second

var forwardNames = map[config.ForwardMethod]string{
	config.ForwardNone: "none", config.NAT: "NAT", config.DR: "DR", config.TUN: "TUN",
}

func forwarding(f config.Forwarding) string {
	text := forwardNames[f.Method]
	if f.Method != config.TUN {
		return text
	}
	switch f.Tunnel {
	case config.TunnelGUE:
		return fmt.Sprintf("%s, type = GUE, port = %d", text, f.Port)
	case config.TunnelGRE:
		return text + ", type = GRE"
	default:
		return text + ", type = IPIP"
	}
}

func onOff(b bool) string { return choose(b, "ON", "OFF") }

func enabled(b bool) string { return choose(b, "enabled", "disabled") }

func (p *printer) virtualServer(v *VirtualServer) {
	c := v.Config
	switch {
	case c.Group != "":
		p.line(" VS GROUP = %s", c.Name)
	case c.IsFwmark:
		p.line(" VS FWMARK = %d", c.Fwmark)
	default:
		p.line(" VS VIP = %s, VPORT = %d", c.Address, c.Port)
	}
	if host := c.Checks.VirtualHost; host != "" {
		p.line("   VirtualHost = %s", host)
	}
	p.line("   Address family = %s", choose(c.Family == config.IPv6, "inet6", "inet"))
	p.line("   connection timeout = %.6f", cmp.Or(c.Checks.ConnectTimeout, defaultConnectTimeout).Seconds())
	p.line("   delay_loop = %.6f", c.Checks.DelayLoop.Seconds())
	p.line("   lvs_sched = %s", c.Scheduler)
	p.line("   Hashed = disabled")
	p.schedulerFlags(c)
	onePacket := enabled(c.Flags&config.ServiceOnePacket != 0)
	if c.Flags&config.ServiceOnePacket != 0 && c.Protocol != config.UDP {
		onePacket += " (inactive due to not UDP)"
	}
	p.line("   One packet scheduling = %s", onePacket)
	if c.PersistenceTimeout > 0 {
		p.line("   persistence timeout = %d", wholeSeconds(c.PersistenceTimeout))
		switch {
		case c.Family == config.IPv6 && c.PersistenceMask6 != 128:
			p.line("   persistence granularity = %d", c.PersistenceMask6)
		case c.Family != config.IPv6 && c.PersistenceMask4 != [4]byte{255, 255, 255, 255}:
			p.line("   persistence granularity = %s", netip.AddrFrom4(c.PersistenceMask4))
		}
	}
	if c.PersistenceEngine != "" {
		p.line("   persistence engine = %s", c.PersistenceEngine)
	}
	p.line("   protocol = %s", protocolNames[c.Protocol])
	p.line("   alpha is %s", onOff(c.Alpha))
	p.line("   omega is %s", onOff(c.Omega))
	p.retries(c.Checks)
	p.line("   Inhibit on failure is %s", onOff(c.InhibitOnFailure))
	p.line("   quorum = %d, hysteresis = %d", c.Quorum, c.Hysteresis)
	p.serverScript("   Quorum up", c.QuorumUp)
	p.serverScript("   Quorum down", c.QuorumDown)
	if c.HASuspend {
		p.line("   Using HA suspend")
		p.line("   checkers suspended = %s", yesNo(v.Suspended))
	}
	p.line("   Using smtp notification = %s", yesNo(c.SMTPAlert))
	p.line("   default forwarding method = %s", forwarding(c.Forwarding))
	if s := c.SorryServer; s != nil {
		p.line("   sorry server = [%s]:%s:%d", s.Address, c.Protocol, s.Port)
		p.line("     forwarding method = %s", forwarding(s.Forwarding))
		p.line("     Inhibit on failure is %s", onOff(s.Inhibit))
		p.line("     in use = %s", yesNo(v.SorryInUse))
	}
	p.line("   alive = %d", oneZero(len(v.Services) > 0))
	p.line("   quorum_state_up = %d", oneZero(v.QuorumUp))
	p.line("   weight of live servers = %d", v.Weight)
	p.changes("   ", v.Transitions, v.Since, v.Reason)
	if s := &v.Stats; s.Connections > 0 || s.InPackets > 0 {
		p.line("   connections %d, packets in %d out %d, bytes in %d out %d", s.Connections, s.InPackets, s.OutPackets, s.InBytes, s.OutBytes)
	}
	for i := range v.RealServers {
		p.line("   ------< Real server >------")
		p.realServer(c, &v.RealServers[i])
	}
}

var protocolNames = map[config.Protocol]string{config.ProtocolNone: "none", config.TCP: "TCP", config.UDP: "UDP", config.SCTP: "SCTP"}

// schedulerFlags names the flags as the scheduler does.
func (p *printer) schedulerFlags(c *config.VirtualServer) {
	first, second := c.Flags&config.ServiceSched1 != 0, c.Flags&config.ServiceSched2 != 0
	switch c.Scheduler {
	case "sh":
		// The kernel's numbers: the fallback comes first.
		p.line("   sh-port = %s", enabled(second))
		p.line("   sh-fallback = %s", enabled(first))
	case "mh":
		p.line("   mh-port = %s", enabled(second))
		p.line("   mh-fallback = %s", enabled(first))
	default:
		p.line("   flag-1 = %s", enabled(first))
		p.line("   flag-2 = %s", enabled(second))
		p.line("   flag-3 = %s", enabled(c.Flags&config.ServiceSched3 != 0))
	}
}

// retries are there when they are set.
func (p *printer) retries(d config.CheckDefaults) {
	if d.Retry > 0 {
		p.line("   Retry count = %d", d.Retry)
	}
	if d.DelayBeforeRetry > 0 {
		p.line("   Retry delay = %.6f", d.DelayBeforeRetry.Seconds())
	}
}

func (p *printer) serverScript(what string, s *config.Script) {
	if s != nil {
		p.line("%s notify script = %s", what, p.script(s))
	}
}

func (p *printer) realServer(vs *config.VirtualServer, r *RealServer) {
	c := r.Config
	p.line("   RIP = %s, RPORT = %d, WEIGHT = %d EFF WEIGHT = %d", c.Address, c.Port, r.Effective, r.Effective)
	p.line("   forwarding method = %s", forwarding(c.Forwarding))
	p.line("   Alpha is %s", onOff(c.Checks.Alpha))
	p.line("   connection timeout = %.6f", cmp.Or(c.Checks.ConnectTimeout, vs.Checks.ConnectTimeout, defaultConnectTimeout).Seconds())
	p.line("   connection limit range = %d -> %d", c.LowerThreshold, c.UpperThreshold)
	p.line("   Delay loop = %.6f", cmp.Or(c.Checks.DelayLoop, vs.Checks.DelayLoop).Seconds())
	p.retries(config.CheckDefaults{
		Retry:            cmp.Or(c.Checks.Retry, vs.Checks.Retry),
		DelayBeforeRetry: cmp.Or(c.Checks.DelayBeforeRetry, vs.Checks.DelayBeforeRetry),
	})
	p.line("   Inhibit on failure is %s", onOff(c.InhibitOnFailure))
	p.serverScript("     RS up", c.NotifyUp)
	p.serverScript("     RS down", c.NotifyDown)
	p.line("   Using smtp notification = %s", yesNo(c.SMTPAlert))
	p.line("   initial weight = %d", r.Base)
	p.line("   effective weight = %d", r.Effective)
	p.line("   alive = %d", oneZero(r.Up))
	p.line("   num failed checkers = %d", r.FailedCheckers)
	p.line("   RS set = %d", oneZero(r.InTable))
	p.changes("   ", r.Transitions, r.Since, r.Reason)
	if s := &r.Stats; r.InTable {
		p.line("   connections active %d inactive %d persistent %d", s.ActiveConnections, s.InactiveConnections, s.PersistentConn)
	}
	var files, sessions []string
	for _, k := range c.Checkers {
		switch {
		case k.File != nil:
			files = append(files, fmt.Sprintf("%s, weight %d%s", k.File.TrackFile, k.File.Weight, choose(k.File.Reverse, " reverse", "")))
		case k.BFD != "":
			sessions = append(sessions, k.BFD)
		}
	}
	p.names("   Tracked Files", files)
	p.names("   Tracked BFDs", sessions)
}

// names is a list below a title, nothing when it is empty.
func (p *printer) names(title string, list []string) {
	if len(list) == 0 {
		return
	}
	p.line("%s", title)
	for _, l := range list {
		p.line("     %s", l)
	}
}
