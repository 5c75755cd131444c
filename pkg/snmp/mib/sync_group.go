package mib

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// stateValue is a VrrpState.
func stateValue(s event.State) Value {
	switch s {
	case event.Init, event.Backup, event.Master, event.Fault:
		return agentx.Integer(int32(s))
	case event.Stop:
		return agentx.Integer(5)
	case event.Deleted:
		return agentx.Integer(6)
	}
	return agentx.Integer(4)
}

// hasScripts reports whether any notify script is configured.
func hasScripts(n *config.NotifyScripts) bool {
	return n.Master != nil || n.Backup != nil || n.Fault != nil || n.Stop != nil || n.Any != nil || n.Deleted != nil || n.MasterRxLower != nil
}

type groupRow = *status.VRRPSyncGroup

func groups(v *View) []groupRow {
	list := make([]groupRow, len(v.VRRP.SyncGroups))
	for i := range v.VRRP.SyncGroups {
		list[i] = &v.VRRP.SyncGroups[i]
	}
	return list
}

const groupIndex = "vrrpSyncGroupIndex"

func syncGroupTable() *Table[groupRow] {
	return &Table[groupRow]{
		Name: "vrrpSyncGroupTable", OID: syncGroupOID, Doc: "The sync groups.", Index: []string{groupIndex},
		Rows: func(v *View) []Row[groupRow] { return numbered(nil, groups(v)) },
		Columns: []Column[groupRow]{
			position[groupRow](1, groupIndex, "Position of the sync group."),
			{Number: 2, Name: "vrrpSyncGroupName", Syntax: displayString, Doc: "Name of the group.", Read: func(g *groupRow) Value { return agentx.Text((*g).Name) }},
			{Number: 3, Name: "vrrpSyncGroupState", Syntax: vrrpState, Doc: "State of the group.", Read: func(g *groupRow) Value { return stateValue((*g).State) }},
			{Number: 4, Name: "vrrpSyncGroupSmtpAlert", Syntax: onOff, Doc: "Whether changes of the state are mailed.", Read: func(g *groupRow) Value { return yes((*g).Config.SMTPAlert) }},
			{Number: 5, Name: "vrrpSyncGroupNotifyExec", Syntax: onOff, Doc: "Whether there is a notify script.", Read: func(g *groupRow) Value { return yes(hasScripts(&(*g).Config.Notify)) }},
			{Number: 6, Name: "vrrpSyncGroupScriptMaster", Syntax: displayString, Doc: "Script run on the way to master.", Read: func(g *groupRow) Value { return script((*g).Config.Notify.Master) }},
			{Number: 7, Name: "vrrpSyncGroupScriptBackup", Syntax: displayString, Doc: "Script run on the way to backup.", Read: func(g *groupRow) Value { return script((*g).Config.Notify.Backup) }},
			{Number: 8, Name: "vrrpSyncGroupScriptFault", Syntax: displayString, Doc: "Script run on the way to fault.", Read: func(g *groupRow) Value { return script((*g).Config.Notify.Fault) }},
			{Number: 9, Name: "vrrpSyncGroupScript", Syntax: displayString, Doc: "Script run on every change of the state.", Read: func(g *groupRow) Value { return script((*g).Config.Notify.Any) }},
			{Number: 10, Name: "vrrpSyncGroupTrackingWeight", Syntax: onOff, Doc: "Whether members may track with weights of their own.", Read: func(g *groupRow) Value { return yes((*g).Config.Has("sync_group_tracking_weight")) }},
			{Number: 11, Name: "vrrpSyncGroupScriptStop", Syntax: displayString, Doc: "Script run when the daemon stops.", Read: func(g *groupRow) Value { return script((*g).Config.Notify.Stop) }},
		},
	}
}

const memberIndex = "vrrpSyncGroupMemberInstanceIndex"

func syncGroupMemberTable() *Table[string] {
	return &Table[string]{
		Name: "vrrpSyncGroupMemberTable", OID: vrrpOID.Append(2), Doc: "The members of the sync groups.", Index: []string{groupIndex, memberIndex},
		Rows: func(v *View) (rows []Row[string]) {
			for i := range v.VRRP.SyncGroups {
				rows = append(rows, numbered(OID{uint32(i + 1)}, v.VRRP.SyncGroups[i].Members)...)
			}
			return rows
		},
		Columns: []Column[string]{
			position[string](1, memberIndex, "Position of the instance in its group."),
			{Number: 2, Name: "vrrpSyncGroupMemberName", Syntax: displayString, Doc: "Name of the instance.", Read: func(s *string) Value { return agentx.Text(*s) }},
		},
	}
}
