package confparse

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

func (d *decoder) resolveGroups() {
	for _, g := range d.drafts.groups {
		d.resolveGroup(g)
	}
	for _, v := range d.drafts.instances {
		d.resolveNotify(v)
		if v.Owner() {
			d.ownerTrackers(v)
		} else if v.group != nil && !v.group.trackingWeight {
			d.memberTrackers(v)
		}
	}
	for _, g := range d.cfg.SyncGroups {
		d.groupTrackers(g)
	}
}

// say reports an ordinary error about the group.
func (g *groupDraft) say(d *decoder, sev diag.Severity, summary, effect string) {
	d.about(g.At("group"), diag.Diagnostic{Code: codeReference, Severity: sev, Class: diag.ClassConfig, Summary: summary, Effect: effect, Context: g.Head})
}

func (d *decoder) resolveGroup(g *groupDraft) {
	if !g.Has("smtp_alert") {
		g.SMTPAlert = d.alertDefault(d.drafts.global.SMTPAlertVRRP, false)
	}
	if !g.Has("notify_priority_changes") {
		g.NotifyPriorityChanges = d.cfg.Global.NotifyPriorityChanges
	}
	if len(g.Members) == 0 {
		g.say(d, diag.Error, "Sync group "+g.Name+" has no virtual router(s). removing", "the group is dropped")
		return
	}
	members := g.Members[:0:0]
	for _, name := range g.Members {
		v, ok := d.names.instances[name]
		if !ok {
			g.say(d, diag.Error, "Virtual router "+name+" specified in sync group "+g.Name+" doesn't exist - ignoring", "the member is ignored")
			continue
		}
		if v.group != nil {
			g.say(d, diag.Error, "Virtual router "+name+" cannot exist in more than one sync group; ignoring "+g.Name, "it stays in "+v.group.Name)
			continue
		}
		v.group = g
		v.Group = g.Name
		if v.runs {
			members = append(members, name)
		}
	}
	if len(members) == 0 {
		g.say(d, diag.Error, "Sync group "+g.Name+", no matching virtual router found in group declaration - removing", "the group is dropped")
		for _, v := range d.drafts.instances {
			if v.group == g {
				v.group, v.Group = nil, ""
			}
		}
		return
	}
	if len(members) == 1 {
		g.say(d, diag.Warning, fmt.Sprintf("Sync group %s has only %d virtual router(s) - this probably isn't what you want", g.Name, 1), "a group of one changes nothing")
	}
	g.Members = members
	d.cfg.SyncGroups = append(d.cfg.SyncGroups, g.SyncGroup)
}

// resolveNotify gives an instance the settings of its group.
func (d *decoder) resolveNotify(v *instanceDraft) {
	if v.Has("notify_priority_changes") {
		return
	}
	v.NotifyPriorityChanges = d.cfg.Global.NotifyPriorityChanges
	if v.group != nil {
		v.NotifyPriorityChanges = v.group.NotifyPriorityChanges
	}
}

// dropTracks keeps the entries of list for which keep says so; keep may
// change them.
func dropTracks(list []config.Track, keep func(*config.Track) bool) []config.Track {
	out := list[:0:0]
	for _, t := range list {
		if keep(&t) {
			out = append(out, t)
		}
	}
	return out
}

func (d *decoder) trackFinding(v *instanceDraft, t *config.Track, summary string) {
	f := diag.Diagnostic{
		Code: codeConflict, Severity: diag.Error, Class: diag.ClassConfig, Context: v.Head,
		Summary: "(" + v.Name + ") " + summary,
		Effect:  "members of a sync group change state together, so the priority of one must not change",
		Hint:    "use weight 0 to make a failure a FAULT, or sync_group_tracking_weight in the group",
	}
	if v.Owner() {
		f.Effect, f.Hint = "the priority of an address owner, 255, never changes", "use weight 0 to make a failure a FAULT, or a priority below 255"
		if !v.Has("priority") {
			f.Effect += "; state MASTER without priority makes it 255"
		}
	}
	d.about(t.Head, f)
}

// memberTrackers takes the weights off a member of a sync group: its priority
// must not move alone.
func (d *decoder) memberTrackers(v *instanceDraft) {
	for i := range v.TrackInterfaces {
		if t := &v.TrackInterfaces[i]; t.Weight != 0 {
			d.trackFinding(v, t, "ignoring "+t.Name+" tracked interface weight due to SYNC group")
			t.Weight, t.Reverse = 0, false
		}
	}
	d.weightless(v, "SYNC group")
}

// ownerTrackers takes what has a weight off an owner, whose priority never
// changes.
func (d *decoder) ownerTrackers(v *instanceDraft) {
	v.TrackInterfaces = dropTracks(v.TrackInterfaces, func(t *config.Track) bool {
		if t.Weight != 0 {
			d.trackFinding(v, t, "ignoring "+t.Name+" tracked interface due to address owner")
		}
		return t.Weight == 0
	})
	d.weightless(v, "address_owner")
}

func (d *decoder) weightless(v *instanceDraft, why string) {
	v.TrackScripts = dropTracks(v.TrackScripts, func(t *config.Track) bool {
		if t.Weight != 0 {
			d.trackFinding(v, t, "ignoring tracked script "+t.Name+" with weights due to "+why)
		}
		return t.Weight == 0
	})
	v.TrackFiles = dropTracks(v.TrackFiles, func(t *config.Track) bool {
		switch t.Weight {
		case 0:
		case 1:
			d.trackFinding(v, t, "ignoring weight from tracked file "+t.Name+" due to "+why+". specify weight 0")
			t.Weight = 0
		default:
			d.trackFinding(v, t, fmt.Sprintf("ignoring tracked file %s with weight %d due to %s", t.Name, t.Weight, why))
			return false
		}
		return true
	})
	v.TrackBFD = dropTracks(v.TrackBFD, func(t *config.Track) bool {
		if t.Weight != 0 {
			d.trackFinding(v, t, fmt.Sprintf("ignoring tracked bfd %s with weight %d due to %s", t.Name, t.Weight, why))
		}
		return t.Weight == 0
	})
}

// groupTrackers takes the weights off a group that has an owner among its
// members.
func (d *decoder) groupTrackers(g *config.SyncGroup) {
	owner := false
	for _, name := range g.Members {
		if v := d.names.instances[name]; v != nil && v.Owner() {
			owner = true
		}
	}
	if !owner {
		return
	}
	for _, kind := range []struct {
		list []config.Track
		what string
		end  string
	}{
		{g.TrackInterfaces, "interface", "clearing weight"}, {g.TrackScripts, "script", "clearing weight"},
		{g.TrackFiles, "file", "setting weight 0"}, {g.TrackProcesses, "process", "setting weight 0"}, {g.TrackBFD, "bfd", "setting weight 0"},
	} {
		for i := range kind.list {
			t := &kind.list[i]
			if t.Weight == 0 {
				continue
			}
			d.about(t.Head, diag.Diagnostic{
				Code: codeConflict, Severity: diag.Error, Class: diag.ClassConfig, Context: g.Head,
				Summary: fmt.Sprintf("(%s) Cannot have weighted track %s '%s' with member having priority 255 - %s", g.Name, kind.what, t.Name, kind.end),
			})
			t.Weight, t.Reverse = 0, false
		}
	}
}
