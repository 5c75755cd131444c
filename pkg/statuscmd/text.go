package statuscmd

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// printer writes a report for people.
type printer struct {
	now time.Time
	// detail tells everything, else the state and its reason.
	detail bool
	text   strings.Builder
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

// entry is an indented line with its title.
func (p *printer) entry(title, format string, args ...any) {
	if title != "" {
		title += ":"
	}
	p.line("  %-11s %s", title, fmt.Sprintf(format, args...))
}

// report prints all; whole says that nothing was left out.
func (p *printer) report(r *status.Report, whole bool) {
	p.daemon(&r.Daemon)
	for i := range r.SyncGroups {
		g := &r.SyncGroups[i]
		p.line("\n%s: %s", g.Name, g.State)
		p.entry("group of", "%s", strings.Join(g.Members, ", "))
	}
	for i := range r.Instances {
		p.instance(&r.Instances[i])
	}
	for i := range r.VirtualServers {
		p.virtualServer(&r.VirtualServers[i])
	}
	for i := range r.BFD {
		s := &r.BFD[i]
		p.line("\n%s: %s", s.Name, s.State)
		p.entry("why", "%s", s.Diagnostic)
		if !s.LastSeen.IsZero() {
			p.entry("last packet", "%s ago", p.since(s.LastSeen))
		}
	}
	if whole && len(r.Instances)+len(r.VirtualServers)+len(r.BFD) == 0 {
		p.line("\nNothing is configured, or no process has answered.")
	}
}

func (p *printer) daemon(d *status.Daemon) {
	p.line("gokeepalived %s, process %d, running for %s", d.Version, d.PID, p.since(d.Started))
	p.line("configuration %s, read %s ago", d.ConfigFile, p.since(d.ConfigRead))
	if d.Refused != "" {
		p.line("! the last reload was refused: %s", d.Refused)
	}
	if d.Waiting != "" {
		p.line("! waiting: %s", d.Waiting)
	}
	for i := range d.Processes {
		if c := &d.Processes[i]; c.Problem != "" {
			p.line("! %s process: %s", c.Name, c.Problem)
		}
	}
}

func (p *printer) instance(v *status.InstanceReport) {
	p.line("\n%s: %s for %s", v.Name, v.State, p.since(v.Since))
	if v.Reason != "" {
		p.entry("why", "%s", v.Reason)
	}
	for _, f := range v.Faults {
		p.entry("fault", "%s", f)
	}
	p.entry("priority", "%s", priority(v))
	switch {
	case v.Self && v.Master.IsValid():
		p.entry("master", "this node; %s with priority %d was heard last, %s ago", v.Master, v.MasterPriority, p.since(v.LastAdvert))
	case v.Self:
		p.entry("master", "this node; no other was heard")
	case v.Master.IsValid():
		p.entry("master", "%s with priority %d, last advert %s ago", v.Master, v.MasterPriority, p.since(v.LastAdvert))
	default:
		p.entry("master", "none was heard")
	}
	var have, lack []string
	for _, a := range v.Addresses {
		if a.Set {
			have = append(have, a.Address)
		} else {
			lack = append(lack, a.Address)
		}
	}
	if len(have) > 0 {
		p.entry("addresses", "%s", strings.Join(have, ", "))
	}
	// A master without one of its addresses is worth a look in any case.
	if len(lack) > 0 && (v.Self || p.detail) {
		p.entry("not here", "%s", strings.Join(lack, ", "))
	}
	if !p.detail {
		return
	}
	on := v.Interface
	if on == "" {
		on = "no interface"
	}
	p.entry("on", "%s, virtual router id %d, %s, VRRP version %d, advert every %v", on, v.VirtualRouterID, v.Family, v.ProtocolVersion, v.AdvertInterval)
	if v.SyncGroup != "" {
		p.entry("group", "%s", v.SyncGroup)
	}
	if !v.PreemptDelayUntil.IsZero() {
		p.entry("preempts", "in %s at the earliest", span(v.PreemptDelayUntil.Sub(p.now)))
	} else if v.NoPreempt {
		p.entry("preempts", "never (nopreempt)")
	}
	p.entry("adverts", "%d sent, %d received%s", v.Sent, v.Received, drops(v.Drops))
	p.trackers(v.Trackers)
	p.transitions(v.Transitions)
}

// priority is the sum that makes the effective priority.
func priority(v *status.InstanceReport) string {
	text := fmt.Sprint(v.Priority)
	var parts []string
	for i := range v.Trackers {
		if t := &v.Trackers[i]; t.Contribution != 0 {
			parts = append(parts, fmt.Sprintf("%+d (%s %s)", t.Contribution, t.Kind, t.Name))
		}
	}
	if len(parts) > 0 || v.Priority != v.BasePriority {
		text += fmt.Sprintf(" = base %d %s", v.BasePriority, strings.Join(parts, " "))
	}
	return strings.TrimSpace(text)
}

func drops(m map[string]uint64) string {
	if len(m) == 0 {
		return ""
	}
	var parts []string
	for reason, n := range m {
		parts = append(parts, fmt.Sprintf("%d %s", n, reason))
	}
	sort.Strings(parts)
	return ", refused: " + strings.Join(parts, ", ")
}

func (p *printer) trackers(list []status.TrackerReport) {
	title := "tracking"
	for i := range list {
		t := &list[i]
		text := fmt.Sprintf("%s %s: %s", t.Kind, t.Name, t.State)
		switch {
		case t.Fault:
			text += ", keeps it in FAULT"
		case t.Weight != 0:
			text += fmt.Sprintf(", weight %d adds %+d", t.Weight, t.Contribution)
		}
		if t.FromGroup {
			text += " (of the group)"
		}
		p.entry(title, "%s", text)
		title = ""
	}
}

func (p *printer) transitions(list []status.TransitionReport) {
	title := "history"
	for _, t := range slices.Backward(list) { // the last one first
		p.entry(title, "%s  %s -> %s, priority %d: %s", t.Time.Local().Format(time.DateTime), t.From, t.To, t.Priority, t.Reason)
		title = ""
	}
}

func (p *printer) virtualServer(v *status.VirtualServerReport) {
	text := "DOWN"
	if v.Up {
		text = "UP"
	}
	if !v.Since.IsZero() {
		text += " for " + p.since(v.Since)
	}
	p.line("\n%s: %s", v.Name, text)
	p.entry("quorum", "%d, servers that are up weigh %d", v.Quorum, v.Weight)
	if v.SorryInUse {
		p.entry("", "the sorry server takes the traffic")
	}
	if v.Suspended {
		p.entry("", "checks are suspended: the address is not on this node (ha_suspend)")
	}
	for i := range v.Servers {
		p.realServer(&v.Servers[i])
	}
}

func (p *printer) realServer(s *status.RealServerReport) {
	state := "down"
	if s.Up {
		state = "up"
	}
	if !s.Since.IsZero() {
		state += " for " + p.since(s.Since)
	}
	text := fmt.Sprintf("%s: %s, weight %d", s.Name, state, s.Weight)
	if !s.InTable {
		text += ", not in the IPVS table"
	}
	p.line("  %s", text)
	for i := range s.Checks {
		c := &s.Checks[i]
		// What is well is told only when asked for.
		if c.Up && c.Failures == 0 && !p.detail {
			continue
		}
		verdict := "failed"
		if c.Up {
			verdict = "good"
			if c.Failures > 0 {
				verdict = fmt.Sprintf("failing, %d in a row", c.Failures)
			}
		}
		when := "no check yet"
		if !c.LastRun.IsZero() {
			when = p.since(c.LastRun) + " ago"
			if c.Found != "" {
				when += ": " + c.Found
			}
		}
		p.line("    %s %s, %s", c.Kind, verdict, when)
	}
}

// since is how long ago t was.
func (p *printer) since(t time.Time) string { return span(p.now.Sub(t)) }

// span is a duration for people: two units at most.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
