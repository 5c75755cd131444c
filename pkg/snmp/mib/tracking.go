package mib

import (
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// tracked is what one instance or sync group tracks.
type tracked = status.TrackedObject

// trackedKind is a kind of tracked object: names of the two tables with it.
type trackedKind struct {
	word, doc string
	// instance and group are the numbers of the tables.
	instance, group uint32
	weight          Syntax
	ofInstance      func(*status.VRRPInstance) []tracked
	ofGroup         func(*status.VRRPSyncGroup) []tracked
}

var trackedKinds = []trackedKind{
	{
		"Script", "script", 5, 15, integer32,
		func(s *status.VRRPInstance) []tracked { return s.TrackScripts },
		func(g *status.VRRPSyncGroup) []tracked { return g.TrackScripts },
	},
	{
		"File", "file", 12, 16, weight254,
		func(s *status.VRRPInstance) []tracked { return s.TrackFiles },
		func(g *status.VRRPSyncGroup) []tracked { return g.TrackFiles },
	},
	{
		"Bfd", "BFD session", 17, 19, weight254,
		func(s *status.VRRPInstance) []tracked { return s.TrackBFD },
		func(g *status.VRRPSyncGroup) []tracked { return g.TrackBFD },
	},
	{
		"Process", "process", 20, 22, weight254,
		func(s *status.VRRPInstance) []tracked { return s.TrackProcesses },
		func(g *status.VRRPSyncGroup) []tracked { return g.TrackProcesses },
	},
}

func ofInstances(read func(*status.VRRPInstance) []tracked) func(*View) []Row[tracked] {
	return func(v *View) (rows []Row[tracked]) {
		for i := range v.VRRP.Instances {
			var own []tracked
			for _, o := range read(&v.VRRP.Instances[i]) {
				if !o.Implicit && !o.FromGroup {
					own = append(own, o)
				}
			}
			rows = append(rows, numbered(OID{uint32(i + 1)}, own)...)
		}
		return rows
	}
}

func ofGroups(read func(*status.VRRPSyncGroup) []tracked) func(*View) []Row[tracked] {
	return func(v *View) (rows []Row[tracked]) {
		for i := range v.VRRP.SyncGroups {
			rows = append(rows, numbered(OID{uint32(i + 1)}, read(&v.VRRP.SyncGroups[i]))...)
		}
		return rows
	}
}

// trackedColumns are name, weight and reverse, from number first on.
func trackedColumns(first uint32, prefix, doc string, weight, reverse Syntax) []Column[tracked] {
	return []Column[tracked]{
		{Number: first, Name: prefix + "Name", Syntax: displayString, Doc: "Name of the " + doc + ".", Read: func(o *tracked) Value { return agentx.Text(o.Name) }},
		{Number: first + 1, Name: prefix + "Weight", Syntax: weight, Doc: "What it counts here; 0: its failure is a fault.", Read: func(o *tracked) Value { return integer(o.Weight) }},
		{Number: first + 2, Name: prefix + "WgtRev", Syntax: reverse, Doc: "Whether the weight is reversed.", Read: func(o *tracked) Value { return yes(o.Reverse) }},
	}
}

// trackedNodes are the tables of what instances and sync groups track.
func trackedNodes() (list []node) {
	list = append(
		list,
		// The rows of interfaces are numbered like the others, though the MIB
		// says ifIndex: managers that follow keepalived expect it.
		&Table[tracked]{
			Name: "vrrpTrackedInterfaceTable", OID: vrrpOID.Append(4), Doc: "The interfaces that instances track. The second index is a position.",
			Index: []string{instanceIndex, "ifIndex"}, Rows: ofInstances(func(s *status.VRRPInstance) []tracked { return s.TrackInterfaces }),
			Columns: trackedColumns(1, "vrrpTrackedInterface", "interface", integer32, integer32),
		},
		&Table[tracked]{
			Name: "vrrpSyncTrackedInterfaceTable", OID: vrrpOID.Append(14), Doc: "The interfaces that sync groups track. The second index is a position.",
			Index: []string{groupIndex, "ifIndex"}, Rows: ofGroups(func(g *status.VRRPSyncGroup) []tracked { return g.TrackInterfaces }),
			Columns: trackedColumns(1, "vrrpSyncTrackedInterface", "interface", integer32, trueFalse),
		},
	)
	for _, k := range trackedKinds {
		for _, t := range []struct {
			prefix, outer, who string
			number             uint32
			rows               func(*View) []Row[tracked]
		}{
			{"vrrpTracked", instanceIndex, "instances track", k.instance, ofInstances(k.ofInstance)},
			{"vrrpSyncTracked", groupIndex, "sync groups track", k.group, ofGroups(k.ofGroup)},
		} {
			name := t.prefix + k.word
			list = append(list, &Table[tracked]{
				Name: name + "Table", OID: vrrpOID.Append(t.number), Doc: "What " + t.who + ": each " + k.doc + ".",
				Index: []string{t.outer, name + "Index"}, Rows: t.rows,
				Columns: append([]Column[tracked]{position[tracked](1, name+"Index", "Position of the "+k.doc+".")},
					trackedColumns(2, name, k.doc, k.weight, trueFalse)...),
			})
		}
	}
	return list
}
