package status

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// WriteVRRP writes the state of the VRRP process as in keepalived.data, below
// the global settings.
func WriteVRRP(w io.Writer, v *VRRP, names Names, m Machine) error {
	p := &printer{w: w, machine: m}
	if len(v.Instances) > 0 {
		p.section("VRRP Topology")
		for i := range v.Instances {
			p.instance(v, &v.Instances[i], names)
		}
	}
	if len(v.Sockets) > 0 {
		p.section("VRRP Sockpool")
		for i := range v.Sockets {
			p.socket(v, &v.Sockets[i])
		}
	}
	p.statics(v.Config, names)
	p.trackers(v)
	if len(v.Interfaces) > 0 {
		p.section("Interfaces")
		for i := range v.Interfaces {
			p.netInterface(&v.Interfaces[i])
		}
	}
	return p.err
}

func (p *printer) instance(all *VRRP, v *VRRPInstance, names Names) {
	c := v.Config
	p.line(" VRRP Instance = %s", v.Name)
	p.line("   VRRP Version = %d", c.Version)
	if c.Group != "" {
		p.line("   Sync group = %s", c.Group)
	}
	if c.Family == config.IPv6 {
		p.line("   Using Native IPv6")
	}
	p.line("   State = %s", v.State)
	if v.MasterAddress.IsValid() {
		p.line("   Master router = %s", v.MasterAddress)
		p.line("   Master priority = %d", v.MasterPriority)
	}
	switch {
	case c.Unicast():
		p.line("   Flags:")
		p.line("     Using unicast")
	case v.VMAC != "":
		p.line("   Flags:")
	default:
		p.line("   Flags: none")
	}
	p.line("   Wantstate = %s", v.WantState)
	p.line("   Number of interface and track script faults = %d", len(v.FaultCauses))
	for _, f := range v.FaultCauses {
		p.line("     %s since %s", f.Text, epoch(f.Since))
	}
	p.line("   Number of track scripts init = %d", oneZero(v.WaitingForScripts))
	p.line("   Last transition = %s", epoch(v.LastTransition))
	if v.NextTimer.IsZero() {
		p.line("   Read timeout = DISABLED")
	} else {
		p.line("   Read timeout = %s", epoch(v.NextTimer))
	}
	p.line("   Master down timer = %d usecs", v.MasterDownInterval.Microseconds())
	if v.VMAC != "" {
		p.line("   Use VMAC, i/f name %s, is_up = %s, xmit_base = %s", v.VMAC, trueFalse(all.isUp(v.VMAC)), trueFalse(c.VMAC != nil && c.VMAC.XmitBase))
	}
	p.line("   Interface = %s%s", v.Interface, choose(v.Interface == v.VMAC, ", vmac on "+v.ConfiguredInterface, ""))
	if c.DontTrackPrimary {
		p.line("   VRRP interface tracking disabled")
	}
	if c.SkipCheckAdvert {
		p.line("   Skip checking advert IP addresses")
	}
	if c.Strict {
		p.line("   Enforcing strict VRRP compliance")
	}
	p.line("   Using src_ip = %s%s", address(v.Source), choose(c.SourceAddress.IsValid(), " (from configuration)", ""))
	if !c.Unicast() {
		p.line("   Multicast address %s%s", c.MulticastGroup, choose(c.Family == config.IPv6, fmt.Sprintf(", ifindex %d", v.Index), ""))
	}
	p.timing(v)
	p.belongings(v, names)
	p.tracked(v)
	p.line("   Using smtp notification = %s", yesNo(c.SMTPAlert))
	p.line("   Notify deleted = %s", choose(c.Notify.DeletedSet, "Deleted", "Fault"))
	p.notifications(&c.Notify)
	p.line("   Notify priority changes = %s", trueFalse(c.NotifyPriorityChanges))
	p.history(v)
}

func (p *printer) timing(v *VRRPInstance) {
	c := v.Config
	p.line("   Gratuitous ARP delay = %s", seconds(c.GARP.MasterDelay))
	p.line("   Gratuitous ARP repeat = %d", c.GARP.MasterRepeat)
	p.line("   Gratuitous ARP refresh = %s", seconds(c.GARP.MasterRefresh))
	p.line("   Gratuitous ARP refresh repeat = %d", c.GARP.MasterRefreshRepeat)
	p.line("   Gratuitous ARP lower priority delay = %s", seconds(c.GARP.LowerPrioDelay))
	p.line("   Gratuitous ARP lower priority repeat = %d", c.GARP.LowerPrioRepeat)
	p.line("   Down timer adverts = %d", c.DownTimerAdverts)
	p.line("   Send advert after receive lower priority advert = %s", trueFalse(!c.LowerPrioNoAdvert))
	p.line("   Send advert after receive higher priority advert = %s", trueFalse(c.HigherPrioSendAdvert))
	p.line("   Virtual Router ID = %d", c.VirtualRouterID)
	p.line("   Priority = %d", v.BasePriority)
	p.line("   Effective priority = %d", v.EffectivePriority)
	p.line("   Total priority = %d", v.TotalPriority)
	if c.Version == 2 {
		p.line("   Advert interval = %d sec", wholeSeconds(v.AdvertInterval))
	} else {
		p.line("   Advert interval = %d milli-sec", v.AdvertInterval.Milliseconds())
		if v.MasterAdvertInterval != v.AdvertInterval {
			p.line("   Master advert interval = %d milli-sec", v.MasterAdvertInterval.Milliseconds())
		}
	}
	p.line("   Accept = %s", choose(c.Accept, "enabled", "disabled"))
	p.line("   Preempt = %s", choose(v.NoPreempt, "disabled", "enabled"))
	if c.PreemptDelay > 0 {
		p.line("   Preempt delay = %s secs", seconds(c.PreemptDelay))
		if !v.PreemptDelayUntil.IsZero() {
			p.line("   Preempt delay ends = %s", epoch(v.PreemptDelayUntil))
		}
	}
	p.line("   Promote_secondaries = %s", choose(c.PromoteSecondaries, "enabled", "disabled"))
	switch c.Auth {
	case config.AuthNone:
		if c.Version == 2 {
			p.line("   Authentication type = none")
		}
	case config.AuthPass:
		p.line("   Authentication type = SIMPLE_PASSWORD")
		p.line("   Password = %s", masked)
	case config.AuthAH:
		p.line("   Authentication type = IPSEC_AH")
		p.line("   Password = %s", masked)
	}
	if h := c.HMAC; h != nil {
		p.line("   HMAC active key = %d, %d keys %s", h.ActiveKey, len(h.Keys), masked)
	}
}

func (p *printer) belongings(v *VRRPInstance, names Names) {
	c := v.Config
	if vips := addressTexts(v, c.VirtualAddresses, v.VirtualSet); len(vips) > 0 {
		p.list(fmt.Sprintf("Virtual IP (%d)", len(vips)), vips)
	}
	if evips := addressTexts(v, c.ExcludedAddresses, v.ExcludedSet); len(evips) > 0 {
		p.list("Virtual IP Excluded ", evips)
	}
	if c.Unicast() {
		if c.UnicastTTL != nil || c.Family == config.IPv4 {
			ttl := uint8(255)
			if c.UnicastTTL != nil {
				ttl = *c.UnicastTTL
			}
			p.line("   Unicast TTL = %d", ttl)
		}
		p.line("   Check unicast src : %s", yesNo(c.CheckUnicastSource))
		p.line("   Unicast Peer :")
		for i := range c.Peers {
			peer := &c.Peers[i]
			p.line("     %s min_ttl %d max_ttl %d", peer.Address, peer.MinTTL, peer.MaxTTL)
		}
		p.line("   Unicast checksum compatibility = %s", yesNo(v.OldUnicastChecksum))
	}
	var routes, rules []string
	for _, r := range c.Routes {
		routes = append(routes, routeText(r, names))
	}
	for _, r := range c.Rules {
		rules = append(rules, ruleText(r, names))
	}
	p.list("Virtual Routes ", routes)
	p.list("Virtual Rules ", rules)
}

// list prints the lines of an item of an instance, nothing when it is empty.
func (p *printer) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.line("   %s:", title)
	for _, l := range lines {
		p.line("     %s", l)
	}
}

func (p *printer) tracked(v *VRRPInstance) {
	own := func(list []TrackedObject) (own []TrackedObject) {
		for _, t := range list {
			if !t.Implicit && !t.FromGroup {
				own = append(own, t)
			}
		}
		return own
	}
	p.trackedObjects("interfaces", " ", own(v.TrackInterfaces))
	p.trackedObjects("scripts", " ", own(v.TrackScripts))
	p.trackedObjects("files", ", ", own(v.TrackFiles))
	p.trackedObjects("processes", ", ", own(v.TrackProcesses))
	p.trackedObjects("BFDs", ": ", own(v.TrackBFD))
}

// trackedObjects lists objects of one kind, with what keepalived puts between
// name and weight.
func (p *printer) trackedObjects(kind, between string, list []TrackedObject) {
	var lines []string
	for _, t := range list {
		lines = append(lines, fmt.Sprintf("%s%sweight %d", t.Name, between, t.Weight)+choose(t.Reverse, " reverse", "")+choose(t.Fault, " FAULT", ""))
	}
	p.list("Tracked "+kind+" ", lines)
}

func (p *printer) notifications(n *config.NotifyScripts) {
	for _, s := range []struct {
		when   string
		script *config.Script
	}{
		{"Backup", n.Backup}, {"Master", n.Master}, {"Fault", n.Fault}, {"Stop", n.Stop}, {"Deleted", n.Deleted},
		{"Generic", n.Any}, {"Master rx lower pri", n.MasterRxLower},
	} {
		if s.script != nil {
			p.line("   %s state transition script = %s", s.when, p.script(s.script))
		}
	}
}

// historyLines is how many of the last transitions the dump shows.
const historyLines = 10

// history is ours: why the instance went where it is.
func (p *printer) history(v *VRRPInstance) {
	last := v.Transitions
	if len(last) > historyLines {
		last = last[len(last)-historyLines:]
	}
	var lines []string
	for _, t := range last {
		lines = append(lines, fmt.Sprintf("%s %s to %s: %s", t.Time.Local().Format("2006-01-02 15:04:05.000"), t.From, t.To, t.Reason))
	}
	p.list("Last transitions ", lines)
	var drops []string
	for _, d := range v.Drops {
		if d.Count > 0 {
			drops = append(drops, fmt.Sprintf("%s %d", d.Reason, d.Count))
		}
	}
	p.list("Rejected adverts ", drops)
}

func (p *printer) socket(all *VRRP, s *VRRPSocket) {
	p.line(" fd_in %d", s.ID)
	p.line("   Interface = %s", s.Interface)
	p.line("   Family = %s", s.Family)
	p.line("   Protocol = %s", choose(s.Protocol == protocolAH, "AH", "VRRP"))
	p.line("   Type = %s", choose(s.Unicast, "Unicast", "Multicast"))
	if s.Unicast {
		p.line("   Address = %s", s.Address)
	}
	p.line("   VRRP instances")
	for i := range all.Instances {
		if v := &all.Instances[i]; slices.Contains(s.Instances, v.Name) {
			p.line("     %s vrid %d", v.Name, v.Config.VirtualRouterID)
		}
	}
}

// protocolAH is the IP protocol of authentication headers (RFC 4302).
const protocolAH = 51

func (p *printer) statics(c *config.Config, names Names) {
	if c == nil {
		return
	}
	if len(c.StaticAddresses) > 0 {
		p.section("Static Addresses")
		for _, a := range c.StaticAddresses {
			p.line("   %s", addressText(a, c.Global.VRRP.DefaultInterface, false))
		}
	}
	if len(c.StaticRoutes) > 0 {
		p.section("Static Routes")
		for _, r := range c.StaticRoutes {
			p.line("   %s", routeText(r, names))
		}
	}
	if len(c.StaticRules) > 0 {
		p.section("Static Rules")
		for _, r := range c.StaticRules {
			p.line("   %s", ruleText(r, names))
		}
	}
}

func (p *printer) trackers(v *VRRP) {
	if len(v.SyncGroups) > 0 {
		p.section("VRRP Sync groups")
		for i := range v.SyncGroups {
			p.syncGroup(&v.SyncGroups[i])
		}
	}
	if len(v.Scripts) > 0 {
		p.section("VRRP Scripts")
		for i := range v.Scripts {
			p.trackScript(v, &v.Scripts[i])
		}
	}
	if len(v.Files) > 0 {
		p.section("VRRP Track files")
		for _, f := range v.Files {
			p.line(" Track file = %s", f.Name)
			p.line("   File = %s", f.Config.Path)
			p.line("   Status = %d", f.Value)
			p.line("   Weight = %d%s", f.Config.Weight, choose(f.Config.Reverse, " reverse", ""))
			p.users(v, f.Used, func(i *VRRPInstance) []TrackedObject { return i.TrackFiles }, f.Name)
		}
	}
	if len(v.Processes) > 0 {
		p.section("VRRP Track processes")
		for i := range v.Processes {
			p.process(v, &v.Processes[i])
		}
	}
	if len(v.BFD) > 0 {
		p.section("VRRP Track BFDs")
		for _, b := range v.BFD {
			p.line(" VRRP Track BFD = %s", b.Name)
			p.line("   Bfd is %s", choose(b.Up, "up", "down"))
			p.users(v, b.Used, func(i *VRRPInstance) []TrackedObject { return i.TrackBFD }, b.Name)
		}
	}
}

// users lists the instances that track an object, with its weight there. of
// finds the objects of its kind in an instance.
func (p *printer) users(all *VRRP, names []string, of func(*VRRPInstance) []TrackedObject, object string) {
	var lines []string
	for i := range all.Instances {
		v := &all.Instances[i]
		if !slices.Contains(names, v.Name) {
			continue
		}
		for _, t := range of(v) {
			if t.Name == object {
				lines = append(lines, fmt.Sprintf("%s, weight %d%s", v.Name, t.Weight, choose(t.Reverse, " reverse", "")))
			}
		}
	}
	p.list("Tracking instances ", lines)
}

// isUp reports whether an interface is up.
func (v *VRRP) isUp(name string) bool {
	for i := range v.Interfaces {
		if v.Interfaces[i].Name == name {
			return v.Interfaces[i].Up
		}
	}
	return false
}

func (p *printer) syncGroup(g *VRRPSyncGroup) {
	p.line(" VRRP Sync Group = %s, %s", g.Name, g.State)
	p.list("VRRP member instances ", g.Members)
	p.line("   Using smtp notification = %s", yesNo(g.Config.SMTPAlert))
	p.trackedObjects("interfaces", " ", g.TrackInterfaces)
	p.trackedObjects("scripts", " ", g.TrackScripts)
	p.trackedObjects("files", ", ", g.TrackFiles)
	p.trackedObjects("processes", ", ", g.TrackProcesses)
	p.trackedObjects("BFDs", ": ", g.TrackBFD)
	p.notifications(&g.Config.Notify)
}

func (p *printer) process(all *VRRP, t *TrackProcess) {
	c := t.Config
	p.line(" VRRP Track process = %s", t.Name)
	p.line("   Process = %s", c.Process)
	if len(c.Params) > 0 {
		p.line("   Parameters = '%s'", strings.Join(c.Params, "' '"))
	}
	if c.Match != config.ParamNone {
		p.line("   Param match = %s", paramMatches[c.Match])
	}
	p.line("   Min processes = %d", c.Quorum)
	if c.QuorumMax >= 0 {
		p.line("   Max processes = %d", c.QuorumMax)
	}
	p.line("   Current processes = %d", t.Count)
	p.line("   Have quorum = %s", trueFalse(t.HaveQuorum))
	p.line("   Weight = %d%s", c.Weight, choose(c.Reverse, " reverse", ""))
	p.line("   Terminate delay = %.6fs", c.TerminateDelay.Seconds())
	p.line("   Fork delay = %.6fs", c.ForkDelay.Seconds())
	p.line("   Fork delay timer %srunning", choose(t.ForkDelay, "", "not "))
	p.line("   Terminate delay timer %srunning", choose(t.TerminateDelay, "", "not "))
	p.line("   Full command = %s", trueFalse(c.FullCommand))
	p.users(all, t.Used, func(i *VRRPInstance) []TrackedObject { return i.TrackProcesses }, t.Name)
}

func (p *printer) trackScript(all *VRRP, t *TrackScript) {
	c := t.Config
	p.line(" VRRP Script = %s", t.Name)
	p.line("   Command = %s", scriptText(&c.Script))
	p.line("   Interval = %s sec", seconds(c.Interval))
	p.line("   Timeout = %s sec", seconds(c.Timeout))
	p.line("   Weight = %d%s", c.Weight, choose(c.Reverse, " reverse", ""))
	p.line("   Rise = %d", c.Rise)
	p.line("   Fall = %d", c.Fall)
	p.line("   Result = %d", t.Result)
	p.line("   Status = %s", t.State)
	if uid := p.runsAs(c.Script.RunsAs()); uid != "" {
		p.line("   Script uid:gid = %s", strings.TrimPrefix(uid, ", uid:gid "))
	}
	if !t.LastRun.IsZero() {
		p.line("   Last run = %s", epoch(t.LastRun))
		p.line("   Last status = %d", t.LastExit)
	}
	p.users(all, t.Used, func(i *VRRPInstance) []TrackedObject { return i.TrackScripts }, t.Name)
}

func (p *printer) netInterface(i *VRRPInterface) {
	p.line(" Name = %s", i.Name)
	p.line("   index = %d", i.Index)
	for _, a := range i.Addresses {
		p.line("   %s address = %s", config.FamilyOf(a.Addr()), a)
	}
	p.line("   MAC = %02x:%02x:%02x:%02x:%02x:%02x", i.MAC[0], i.MAC[1], i.MAC[2], i.MAC[3], i.MAC[4], i.MAC[5])
	p.line("   State = %s, %s", choose(i.Up, "UP", "DOWN"), choose(i.Running, "RUNNING", "not RUNNING"))
	p.line("   MTU = %d", i.MTU)
	if i.Base != "" && (i.Kind == "macvlan" || i.Kind == "ipvlan") {
		p.line("   VMAC underlying interface = %s", i.Base)
	}
	if i.QueuedAnnounce > 0 {
		p.line("   Queued announcements = %d", i.QueuedAnnounce)
	}
	p.list("Tracking VRRP instances ", i.Used)
}
