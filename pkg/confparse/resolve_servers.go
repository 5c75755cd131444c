package confparse

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

func (d *decoder) resolveServers() {
	for _, g := range d.drafts.serverGroups {
		d.resolveServerGroup(g)
	}
	users := map[string]int{}
	for _, v := range d.drafts.servers {
		d.resolveServer(v, users)
	}
}

func (d *decoder) resolveServerGroup(g *config.VirtualServerGroup) {
	if len(g.Entries) == 0 {
		d.dropAtEnd(&g.Block, codeIncomplete, "virtual server group "+g.Name+" has no entries - removing", "")
		return
	}
	v4, v6, mark := false, false, false
	for i := range g.Entries {
		switch e := &g.Entries[i]; {
		case e.IsFwmark:
			mark = mark || e.Family == config.FamilyNone
		case e.First.Is4():
			v4 = true
		default:
			v6 = true
		}
	}
	if v4 && v6 && mark {
		d.dropAtEnd(&g.Block, codeConflict, "virtual server group "+g.Name+" cannot have IPv4, IPv6 and fwmark without family - removing", "write inet or inet6 after the mark")
		return
	}
	if _, twice := d.names.serverGroups[g.Name]; !twice {
		d.names.serverGroups[g.Name] = g
	}
	d.cfg.VirtualServerGroups = append(d.cfg.VirtualServerGroups, g)
}

// drop reports that a virtual server is not used.
func (v *serverDraft) drop(d *decoder, class diag.Class, summary, hint string) {
	d.about(v.Head, diag.Diagnostic{
		Code: codeBlock, Severity: diag.Error, Class: class, Summary: summary,
		Effect: "the virtual server is dropped", Hint: hint, Context: v.Range,
	})
}

// title is the name of a virtual server with the protocol known so far.
func (v *serverDraft) title(users map[string]int) string {
	switch {
	case v.IsFwmark:
		return "FWM " + strconv.FormatUint(uint64(v.Fwmark), 10)
	case v.Group != "":
		return "[" + v.Group + "]:" + strconv.Itoa(users[v.Group])
	}
	return endpointName(v.Address, v.Port, v.Protocol)
}

func endpointName(a netip.Addr, port uint16, p config.Protocol) string {
	var buf [72]byte
	b := append(buf[:0], '[')
	b = a.AppendTo(b)
	b = append(b, "]:"...)
	b = append(b, p.String()...)
	b = append(b, ':')
	b = strconv.AppendUint(b, uint64(port), 10)
	return string(b)
}

func (d *decoder) resolveServer(v *serverDraft, users map[string]int) {
	var group *config.VirtualServerGroup
	marks := v.IsFwmark
	ports := true
	if v.Group != "" {
		if group = d.names.serverGroups[v.Group]; group == nil {
			v.drop(d, diag.ClassLog, "Virtual server group "+v.Group+" specified but not configured - ignoring virtual server", "")
			return
		}
		onlyMarks := true
		for i := range group.Entries {
			marks = marks || group.Entries[i].IsFwmark
			onlyMarks = onlyMarks && group.Entries[i].IsFwmark
			ports = ports && (group.Entries[i].IsFwmark || group.Entries[i].Port != 0)
		}
		d.groupFamily(v, group)
		if onlyMarks {
			ports = true
		}
	} else {
		ports = v.IsFwmark || v.Port != 0
	}
	v.Name = v.title(users)
	if len(v.real) == 0 {
		v.drop(d, diag.ClassConfig, "Virtual server "+v.Name+" has no real servers - ignoring", "write real_server")
		d.lacking(&v.Block, "real_server", diag.Range{})
		return
	}
	say := func(keyword string, sev diag.Severity, summary, effect string) {
		d.conflict(&v.Block, keyword, codeConflict, sev, summary, effect)
	}

	if v.HASuspend && marks {
		say("ha_suspend", diag.Warning, "Virtual server "+v.Name+": cannot use ha_suspend with fwmarks - clearing ha_suspend", "the checks always run")
		v.HASuspend = false
	}
	switch {
	case marks && v.Protocol != config.ProtocolNone && (v.IsFwmark || onlyMarkEntries(group)):
		say("protocol", diag.Warning, "Warning: Virtual server "+v.Name+": protocol specified for fwmark - protocol will be ignored", "a firewall mark has no protocol")
		v.Protocol = config.ProtocolNone
	case v.Protocol == config.ProtocolNone && !v.IsFwmark && !onlyMarkEntries(group):
		say("protocol", diag.Error, "Virtual server "+v.Name+": no protocol set - defaulting to UDP", "UDP is used")
		d.lacking(&v.Block, "protocol", diag.Range{})
		v.Protocol = config.UDP
	}
	v.Name = v.title(users)
	if v.Scheduler == "" {
		say("lvs_sched", diag.Error, "Virtual server "+v.Name+": no scheduler set, setting default 'wlc'", "wlc is used")
		d.lacking(&v.Block, "lvs_sched", diag.Range{})
		v.Scheduler = "wlc"
	}
	if v.Flags&config.ServiceOnePacket != 0 && !v.IsFwmark && v.Protocol != config.UDP && v.Protocol != config.ProtocolNone {
		say("ops", diag.Warning, "Virtual server "+v.Name+": one packet scheduling requires UDP - resetting", "it is off")
		v.Flags &^= config.ServiceOnePacket
	}
	if !ports && v.PersistenceTimeout == 0 {
		say("persistence_timeout", diag.Error, "Virtual server "+v.Name+": zero port only valid for persistent services - setting", "persistence_timeout 360 is used")
		v.PersistenceTimeout = 360 * time.Second
	}
	d.resolveFamily(v)
	v.checks.connectTimeout = firstSet(v.checks.connectTimeout, 5*time.Second)
	v.checks.delayLoop = firstSet(v.checks.delayLoop, time.Minute)
	v.Checks, v.Weight, v.InhibitOnFailure = v.checks.settings(v.Alpha, v.virtualhost), v.weight, v.inhibit
	d.resolveReals(v)
	if len(v.RealServers) == 0 {
		v.drop(d, diag.ClassConfig, "Virtual server "+v.Name+" has no real servers - ignoring", "")
		return
	}
	d.resolveSorry(v)
	d.resolveQuorum(v)
	if !v.Has("smtp_alert") {
		v.SMTPAlert = d.alertDefault(d.drafts.global.SMTPAlertChecker, false)
	}
	d.cfg.VirtualServers = append(d.cfg.VirtualServers, &v.VirtualServer)
	users[v.Group]++
}

func onlyMarkEntries(g *config.VirtualServerGroup) bool {
	if g == nil {
		return false
	}
	for i := range g.Entries {
		if !g.Entries[i].IsFwmark {
			return false
		}
	}
	return true
}

// groupFamily takes the family from the entries of the group, if they agree.
func (d *decoder) groupFamily(v *serverDraft, g *config.VirtualServerGroup) {
	family := config.FamilyNone
	for i := range g.Entries {
		e := &g.Entries[i]
		f := e.Family
		if !e.IsFwmark {
			f = config.FamilyOf(e.First)
		}
		switch {
		case f == config.FamilyNone:
		case family == config.FamilyNone:
			family = f
		case family != f:
			return
		}
	}
	if family != config.FamilyNone {
		v.Family = family
	}
}

// resolveFamily settles the family and the forwarding method of a server.
func (d *decoder) resolveFamily(v *serverDraft) {
	if v.Family != config.FamilyNone {
		return
	}
	v.Family = config.IPv4
	same := config.FamilyNone
	for _, r := range v.real {
		f := config.FamilyOf(r.Address)
		if same != config.FamilyNone && same != f {
			return
		}
		same = f
	}
	if same != config.FamilyNone {
		v.Family = same
	}
}

func (d *decoder) resolveReals(v *serverDraft) {
	unset := false
	mixed := v.Group != "" && v.Family == config.FamilyNone
	// One map for all: thousands of virtual servers are resolved.
	seen := d.seenReals
	clear(seen)
	v.RealServers = make([]*config.RealServer, 0, len(v.real))
	for _, r := range v.real {
		if !r.methodSet {
			r.Forwarding = v.Forwarding
			if r.Forwarding.Method == config.ForwardNone {
				r.Forwarding.Method = config.NAT
				unset = true
			}
		}
		if r.Forwarding.Method != config.TUN && config.FamilyOf(r.Address) != v.Family && !mixed {
			d.drop(&r.Block, codeConflict, "Address family of virtual server and real server "+r.Address.String()+" don't match - skipping real server.", "only tunnels may change the family")
			continue
		}
		d.resolvePort(v, r)
		key := netip.AddrPortFrom(r.Address, r.Port)
		r.Name = endpointName(r.Address, r.Port, v.Protocol)
		if seen[key] {
			d.drop(&r.Block, codeDuplicate, "VS "+v.Name+": real server "+r.Name+" is duplicated - removing second rs", "")
			continue
		}
		seen[key] = true
		d.resolveReal(v, r)
		v.RealServers = append(v.RealServers, &r.RealServer)
	}
	if unset {
		d.conflict(&v.Block, "lvs_method", codeIncomplete, diag.Error, "Virtual server "+v.Name+": no forwarding method set, setting default NAT", "NAT is used")
		d.lacking(&v.Block, "lvs_method", diag.Range{})
	}
	if v.Forwarding.Method == config.ForwardNone {
		v.Forwarding.Method = config.NAT
	}
}

// resolvePort gives a server the port that its forwarding method allows.
func (d *decoder) resolvePort(v *serverDraft, r *realDraft) {
	plain := !v.IsFwmark && v.Group == ""
	switch {
	case r.Forwarding.Method == config.NAT:
		if !r.portSet && plain {
			r.Port = v.Port
		}
	case plain:
		if r.portSet && r.Port != v.Port {
			d.about(r.Head, diag.Diagnostic{Code: codeAdjusted, Severity: diag.Warning, Class: diag.ClassConfig, Context: v.Head,
				Summary: fmt.Sprintf("WARNING - virtual server %s and real server %s ports don't match - resetting", v.Name, endpointName(r.Address, r.Port, v.Protocol)),
				Effect:  fmt.Sprintf("port %d is used; only NAT can change the port", v.Port)})
		}
		r.Port = v.Port
	case v.IsFwmark && r.portSet:
		d.about(r.Head, diag.Diagnostic{Code: codeAdjusted, Severity: diag.Warning, Class: diag.ClassConfig, Context: v.Head,
			Summary: fmt.Sprintf("WARNING - fwmark virtual server %s, real server %s has port specified - clearing", v.Name, endpointName(r.Address, r.Port, v.Protocol)),
			Effect:  "the packets keep their port; checkers need connect_port"})
		r.Port = 0
	case v.Group != "" && r.portSet:
		d.groupPort(v, r)
	}
}

// groupPort reports a port of a server that the entries of a group overrule.
func (d *decoder) groupPort(v *serverDraft, r *realDraft) {
	say := func(summary, effect string) {
		d.about(r.Head, diag.Diagnostic{Code: codeAdjusted, Severity: diag.Warning, Class: diag.ClassConfig, Context: v.Head,
			Summary: summary, Effect: effect + "; only NAT can change the port"})
	}
	name := endpointName(r.Address, r.Port, v.Protocol)
	marks, others := false, 0
	var first *config.GroupEntry
	for i, entries := 0, d.names.serverGroups[v.Group].Entries; i < len(entries); i++ {
		switch e := &entries[i]; {
		case e.IsFwmark:
			marks = true
		case e.Port == r.Port:
		case first == nil:
			first = e
		default:
			others++
		}
	}
	if marks {
		say("WARNING - fwmark virtual server "+v.Name+", real server "+name+" has port specified - port will be ignored", "the packets of a mark keep their port")
	}
	if first != nil {
		effect := fmt.Sprintf("port %d is used", first.Port)
		if others > 0 {
			effect += fmt.Sprintf(", and the ports of %d more entries of the group", others)
		}
		say(fmt.Sprintf("virtual server %s:[%s,%d] and real server %s ports don't match", v.Name, addressRange(first), first.Port, name), effect)
	}
}

// addressRange is FIRST-LAST, or one address.
func addressRange(e *config.GroupEntry) string {
	if e.Last.IsValid() && e.Last != e.First {
		return e.First.String() + "-" + e.Last.String()
	}
	return e.First.String()
}

func (d *decoder) resolveReal(v *serverDraft, r *realDraft) {
	if !r.Has("weight") {
		r.Weight = v.weight
	}
	r.InhibitOnFailure = v.inhibit
	if r.inhibit >= 0 {
		r.InhibitOnFailure = r.inhibit == 1
	}
	if r.alert >= 0 {
		r.SMTPAlert = r.alert == 1
	} else {
		r.SMTPAlert = d.alertDefault(d.drafts.global.SMTPAlertChecker, true)
	}
	host := r.virtualhost
	if host == "" {
		r.virtualhost = v.virtualhost
	}
	own := &r.checks
	own.retry = firstSet(own.retry, v.checks.retry)
	own.delayBeforeRetry = firstSet(own.delayBeforeRetry, v.checks.delayBeforeRetry)
	own.warmup = firstSet(own.warmup, v.checks.warmup)
	own.connectTimeout = firstSet(own.connectTimeout, v.checks.connectTimeout)
	own.delayLoop = firstSet(own.delayLoop, v.checks.delayLoop)
	r.Checks = own.settings(r.alpha == 1 || r.alpha < 0 && v.Alpha, host)
	if len(r.checkers) > 0 {
		r.Checkers = make([]*config.Checker, 0, len(r.checkers))
	}
	for _, c := range r.checkers {
		if d.resolveChecker(v, r, c) {
			r.Checkers = append(r.Checkers, &c.Checker)
		}
	}
}

// firstSet is the first value that is not negative, -1 if there is none.
func firstSet[N int | time.Duration](values ...N) N {
	for _, v := range values {
		if v >= 0 {
			return v
		}
	}
	return -1
}

// checkerDefaults are retry and delay_before_retry by kind; a delay of 0 is
// delay_loop.
func checkerDefaults(kind config.CheckerKind) (retry int, delay time.Duration) {
	switch kind {
	case config.CheckHTTP, config.CheckSSL:
		return 1, 3 * time.Second
	case config.CheckDNS:
		return 3, 0
	case config.CheckMISC:
		return 0, time.Second
	case config.CheckTCP, config.CheckSMTP, config.CheckPING, config.CheckUDP, config.CheckFILE, config.CheckBFD:
	}
	return 1, time.Second
}

// resolveChecker applies the settings of the real server, and reports whether
// the checker can be used.
func (d *decoder) resolveChecker(v *serverDraft, r *realDraft, c *checkerDraft) bool {
	retry, delay := checkerDefaults(c.Kind)
	c.Alpha = v.Alpha
	if r.alpha >= 0 {
		c.Alpha = r.alpha == 1
	}
	if c.alpha >= 0 {
		c.Alpha = c.alpha == 1
	}
	c.LogAllFailures = d.cfg.Global.CheckerLogAllFailure || c.logAll == 1
	c.ConnectTimeout = firstSet(c.ConnectTimeout, r.checks.connectTimeout)
	c.DelayLoop = firstSet(c.DelayLoop, r.checks.delayLoop)
	c.Warmup = firstSet(c.Warmup, r.checks.warmup, c.DelayLoop)
	c.Retry = firstSet(c.Retry, r.checks.retry, retry)
	if delay == 0 {
		delay = c.DelayLoop
	}
	c.DelayBeforeRetry = firstSet(c.DelayBeforeRetry, r.checks.delayBeforeRetry, delay)
	c.Destination = netip.AddrPortFrom(r.Address, r.Port)
	if c.ip.IsValid() {
		c.Destination = netip.AddrPortFrom(c.ip, c.Destination.Port())
	}
	if c.port != 0 {
		c.Destination = netip.AddrPortFrom(c.Destination.Addr(), c.port)
	}
	switch c.Kind {
	case config.CheckMISC:
		if c.Misc.Timeout < 0 {
			c.Misc.Timeout = v.checks.delayLoop
		}
		return true
	case config.CheckFILE, config.CheckBFD:
		return true
	case config.CheckHTTP, config.CheckSSL:
		d.resolveHTTP(r, c)
	case config.CheckTCP, config.CheckSMTP, config.CheckDNS, config.CheckPING, config.CheckUDP:
	}
	a := c.Destination.Addr()
	if a.Is6() && a.IsLinkLocalUnicast() && c.BindIf == "" {
		d.dropAtEnd(&c.Block, codeIncomplete, "Checker link local address "+a.String()+" requires a bind_if", "write bind_if")
		return false
	}
	if c.BindAddr.IsValid() && c.BindAddr.Is4() != a.Is4() {
		d.conflict(&c.Block, "bindto", codeConflict, diag.Error, "bindto address "+c.BindAddr.String()+" does not match address family of real server "+r.Name, "it is ignored")
		c.BindAddr = netip.Addr{}
	}
	return true
}

// resolveHTTP hands down the virtual host and the server name.
func (d *decoder) resolveHTTP(r *realDraft, c *checkerDraft) {
	host := c.virtualhost
	if host == "" {
		host = r.virtualhost
	}
	for _, u := range c.urls {
		u.VirtualHost = u.virtualhost
		if u.VirtualHost == "" {
			u.VirtualHost = host
		}
		u.TLSCompliant = u.TLSCompliant || c.HTTP.TLSCompliant
		if c.sni {
			u.SNIName = c.HTTP.SNIName
			if u.SNIName == "" {
				u.SNIName = u.VirtualHost
			}
		}
		c.HTTP.URLs = append(c.HTTP.URLs, &u.HTTPURL)
	}
}

func (d *decoder) resolveSorry(v *serverDraft) {
	s := v.sorry
	if s == nil {
		return
	}
	if !s.methodSet {
		s.Forwarding = v.Forwarding
	}
	if s.Forwarding.Method != config.TUN && config.FamilyOf(s.Address) != v.Family {
		d.conflictAtEnd(&v.Block, "sorry_server", codeConflict, diag.Error, "Address family of virtual server and sorry server "+s.Address.String()+" don't match - skipping sorry server.", "there is no sorry server")
		return
	}
	plain := !v.IsFwmark && v.Group == ""
	switch {
	case s.Forwarding.Method == config.NAT:
	case plain:
		if s.portSet && s.Port != v.Port {
			d.conflict(&v.Block, "sorry_server", codeAdjusted, diag.Warning, "WARNING - virtual server "+v.Name+" and sorry server ports don't match - resetting", fmt.Sprintf("port %d is used; only NAT can change the port", v.Port))
		}
		s.Port = v.Port
	case v.IsFwmark && s.portSet:
		d.conflict(&v.Block, "sorry_server", codeAdjusted, diag.Warning, "WARNING - virtual server "+v.Name+", sorry server has port specified - clearing", "the packets keep their port")
		s.Port = 0
	case v.Group != "" && s.portSet:
		d.conflict(&v.Block, "sorry_server", codeAdjusted, diag.Warning, "WARNING - virtual server "+v.Name+", sorry server has port specified - port will be ignored", "each entry of the group uses its own; only NAT can change the port")
	}
	for _, r := range v.RealServers {
		if r.Address == s.Address && r.Port == s.Port && r.InhibitOnFailure != s.Inhibit {
			what := "clearing"
			if r.InhibitOnFailure {
				what = "setting"
			}
			d.conflict(&v.Block, "sorry_server", codeConflict, diag.Warning, "Virtual server "+v.Name+": real server "+r.Name+" matches sorry server, but inhibit setting differs, "+what+" on sorry server", "the setting of the real server is used")
			s.Inhibit = r.InhibitOnFailure
		}
	}
	v.SorryServer = &s.SorryServer
}

// resolveQuorum bounds quorum and hysteresis by the weights.
func (d *decoder) resolveQuorum(v *serverDraft) {
	sum := uint64(0)
	for _, r := range v.RealServers {
		sum += uint64(r.Weight)
	}
	total := uint32(min(sum, math.MaxUint32))
	if v.Quorum > total {
		d.conflict(&v.Block, "quorum", codeAdjusted, diag.Warning,
			fmt.Sprintf("Warning - quorum %d for %s exceeds total weight of real servers %d, reducing quorum to %d", v.Quorum, v.Name, total, total), fmt.Sprintf("quorum %d is used", total))
		v.Quorum = total
	}
	if v.Hysteresis != 0 && v.Hysteresis >= v.Quorum {
		// A quorum of 0 comes out of servers with weight 0 only.
		to := max(v.Quorum, 1) - 1
		d.conflict(&v.Block, "hysteresis", codeAdjusted, diag.Warning,
			fmt.Sprintf("Virtual server %s: hysteresis %d >= quorum %d; setting hysteresis to %d", v.Name, v.Hysteresis, v.Quorum, to), fmt.Sprintf("hysteresis %d is used", to))
		v.Hysteresis = to
	}
}
