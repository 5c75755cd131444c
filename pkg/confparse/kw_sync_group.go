package confparse

import "github.com/gokeepalived/gokeepalived/pkg/config"

// groupDraft is a vrrp_sync_group while it is read.
type groupDraft struct {
	*config.SyncGroup
	listed bool
	// trackingWeight lets members keep their weighted trackers.
	trackingWeight bool
}

func openSyncGroup(d *decoder, _ *drafts, s *Line) (*groupDraft, string) {
	name, ok := d.oneName(s, "vrrp_sync_group must have a name - skipping", "vrrp_sync_group must have a name - skipping")
	if !ok {
		return nil, ""
	}
	if _, twice := d.names.groups[name]; twice {
		d.complain(s.Words[1], codeDuplicate, "vrrp sync group "+name+" already defined", "the second block is skipped", "give it another name")
		return nil, ""
	}
	g := &groupDraft{SyncGroup: &config.SyncGroup{Name: name}}
	d.names.groups[name] = g
	return g, name
}

func closeSyncGroup(_ *decoder, r *drafts, g *groupDraft) {
	r.groups = append(r.groups, g)
}

var syncGroup = newTable([]Keyword[groupDraft]{
	withRows(Custom("group", "{block}", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Required: true, OnBad: "the group is dropped", Doc: "The members, one or more per line.",
	}, func(d *decoder, g *groupDraft, s *Line) bool {
		if g.listed {
			// keepalived does not read the second list: its lines are looked
			// up as keywords of the group.
			d.complain(s, codeDuplicate, "Group list already specified", "the second list is ignored", "put all members into one list")
			d.skip = true
			return false
		}
		g.listed = true
		d.list(s, func(line *Line) {
			g.Members = append(g.Members, wordTexts(line.Words)...)
		})
		if len(g.Members) == 0 {
			d.complain(s, codeIncomplete, "Warning - sync group "+g.Name+" has empty group block", "the group is dropped", "")
		}
		return true
	}), memberRows),
	trackBlock(&trackInterfaces, func(g *groupDraft) *[]config.Track { return &g.TrackInterfaces }, Meta{Doc: "Interfaces to watch for all members."}),
	trackBlock(&trackScripts, func(g *groupDraft) *[]config.Track { return &g.TrackScripts }, Meta{Doc: "Scripts to watch for all members."}),
	trackBlock(&trackFiles, func(g *groupDraft) *[]config.Track { return &g.TrackFiles }, Meta{Doc: "Files to watch for all members."}),
	trackBlock(&trackProcesses, func(g *groupDraft) *[]config.Track { return &g.TrackProcesses }, Meta{Doc: "Processes to watch for all members."}),
	trackBlock(&trackBFDs, func(g *groupDraft) *[]config.Track { return &g.TrackBFD }, Meta{Doc: "BFD sessions to watch for all members."}),
}, notifyKeywords(groupNotify, false), []Keyword[groupDraft]{
	Flag("global_tracking", func(g *groupDraft) *bool { return &g.trackingWeight }, true, Meta{
		Process: ProcVRRP, Alias: "sync_group_tracking_weight",
		Deprecated: "(%n) global_tracking is deprecated. Use track_interface/script/file on the sync group",
		Doc:        "Let members keep trackers with a weight.",
	}),
	Flag("sync_group_tracking_weight", func(g *groupDraft) *bool { return &g.trackingWeight }, true, Meta{
		Process: ProcVRRP, Doc: "Let members keep trackers with a weight.",
	}),
})

// memberRows are the entries of a list of instances.
var memberRows = specRows{{Keyword: "<INSTANCE>", Meta: Meta{
	Range: "existing vrrp_instance", Repeat: RepeatList, Process: ProcVRRP, OnBad: "the member is ignored", Doc: "A member.",
}}}

func openTrackGroup(d *decoder, _ *drafts, s *Line) (*config.TrackGroup, string) {
	name, ok := d.oneName(s, "track_group must have a name - skipping", "track_group must have a name - skipping")
	if !ok {
		return nil, ""
	}
	if _, twice := d.names.trackers[name]; twice {
		d.complain(s.Words[1], codeDuplicate, "track_group "+name+" already defined", "the second block is skipped", "give it another name")
		return nil, ""
	}
	return &config.TrackGroup{Name: name}, name
}

func closeTrackGroup(d *decoder, r *drafts, g *config.TrackGroup) {
	if len(g.Instances) == 0 {
		d.about(g.Head, logFinding(codeIncomplete, "track_group "+g.Name+" has no members - removing", "the block is dropped"))
		return
	}
	d.names.trackers[g.Name] = g
	r.cfg.TrackGroups = append(r.cfg.TrackGroups, g)
}

var trackGroup = newTable([]Keyword[config.TrackGroup]{
	ListBlock("group", memberRows, Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Required: true, OnBad: "the group is dropped", Doc: "The members, one or more per line.",
	}, func(_ *decoder, g *config.TrackGroup, s *Line) {
		g.Instances = append(g.Instances, wordTexts(s.Words)...)
	}, func(d *decoder, g *config.TrackGroup, s *Line, n int) {
		if n == 0 {
			d.incompleteList(s, "Warning - track group "+g.Name+" has empty group block", "the group is dropped")
		}
	}),
})
