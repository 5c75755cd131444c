package confparse

import "github.com/gokeepalived/gokeepalived/pkg/config"

// groupDraft is a vrrp_sync_group while it is read.
type groupDraft struct {
	*config.SyncGroup
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
	members("sync group", func(g *groupDraft) *[]string { return &g.Members }),
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

// members is the list of instances of a group; what is the kind of the group.
func members[T any](what string, field func(*T) *[]string) Keyword[T] {
	return withRows(Custom("group", "{block}", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Required: true, OnBad: "the group is dropped", Doc: "The members, one or more per line.",
	}, func(d *decoder, t *T, s *Line) bool {
		if d.has("group") {
			// keepalived does not read the second list: its lines are looked
			// up as keywords of the group.
			d.complain(s, codeDuplicate, "Group list already specified", "the second list is ignored", "put all members into one list")
			d.skip = true
			return false
		}
		list := field(t)
		d.list(s, func(line *Line) {
			*list = append(*list, wordTexts(line.Words)...)
		})
		if len(*list) == 0 {
			d.incompleteList(s, "Warning - "+what+" "+d.name()+" has empty group block", "the group is dropped")
		}
		return true
	}), memberRows)
}

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
	members("track group", func(g *config.TrackGroup) *[]string { return &g.Instances }),
})
