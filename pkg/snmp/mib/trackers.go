package mib

import (
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// scriptRow is a track script.
type scriptRow struct {
	*status.TrackScript
	view *View
}

func scripts(v *View) []scriptRow {
	list := make([]scriptRow, len(v.VRRP.Scripts))
	for i := range v.VRRP.Scripts {
		list[i] = scriptRow{&v.VRRP.Scripts[i], v}
	}
	return list
}

func scriptTable() *Table[scriptRow] {
	return &Table[scriptRow]{
		Name: "vrrpScriptTable", OID: vrrpOID.Append(9), Doc: "The track scripts.", Index: []string{"vrrpScriptIndex"},
		Rows: func(v *View) []Row[scriptRow] { return numbered(nil, scripts(v)) },
		Columns: []Column[scriptRow]{
			position[scriptRow](1, "vrrpScriptIndex", "Position of the script."),
			{Number: 2, Name: "vrrpScriptName", Syntax: displayString, Doc: "Name of the script.", Read: func(s *scriptRow) Value { return agentx.Text(s.Name) }},
			{Number: 3, Name: "vrrpScriptCommand", Syntax: displayString, Doc: "Command that is run.", Read: func(s *scriptRow) Value { return script(&s.Config.Script) }},
			{Number: 4, Name: "vrrpScriptInterval", Syntax: integer32, Doc: "Interval of runs, in seconds.", Read: func(s *scriptRow) Value { return integer(s.Config.Interval / time.Second) }},
			{Number: 5, Name: "vrrpScriptWeight", Syntax: integer32, Doc: "Default of the weight.", Read: func(s *scriptRow) Value { return integer(s.Config.Weight) }},
			{Number: 6, Name: "vrrpScriptResult", Syntax: enum("init(1)", "bad(2)", "good(3)", "initfailed(5)"), Doc: "What the last runs say.", Read: scriptResult},
			{Number: 7, Name: "vrrpScriptRise", Syntax: unsigned32, Doc: "Successes in a row that make it good.", Read: func(s *scriptRow) Value { return gauge(s.Config.Rise) }},
			{Number: 8, Name: "vrrpScriptFall", Syntax: unsigned32, Doc: "Failures in a row that make it bad.", Read: func(s *scriptRow) Value { return gauge(s.Config.Fall) }},
			{Number: 9, Name: "vrrpScriptWgtRev", Syntax: trueFalse, Doc: "Whether the weight is reversed.", Read: func(s *scriptRow) Value { return yes(s.Config.Reverse) }},
			{Number: 10, Name: "vrrpScriptPath", Syntax: displayString, Doc: "File that is executed.", Read: func(s *scriptRow) Value { return s.view.scriptPath(&s.Config.Script) }},
			{Number: 11, Name: "vrrpScriptIntervalUsec", Syntax: unsigned32, Doc: "Interval of runs, in microseconds.", Read: func(s *scriptRow) Value { return microseconds(s.Config.Interval) }},
			{Number: 12, Name: "vrrpScriptTimeoutUsec", Syntax: unsigned32, Doc: "Longest time of a run, in microseconds.", Read: func(s *scriptRow) Value { return microseconds(s.Config.Timeout) }},
		},
	}
}

func scriptResult(s *scriptRow) Value {
	switch s.State {
	case status.ScriptBad:
		return agentx.Integer(2)
	case status.ScriptGood:
		return agentx.Integer(3)
	case status.ScriptUnknown:
	}
	if s.Config.InitFail {
		return agentx.Integer(5)
	}
	return agentx.Integer(1)
}

type fileRow = status.TrackFile

func fileTable() *Table[fileRow] {
	return &Table[fileRow]{
		Name: "vrrpFileTable", OID: vrrpOID.Append(13), Doc: "The tracked files.", Index: []string{"vrrpFileIndex"},
		Rows: func(v *View) []Row[fileRow] { return numbered(nil, v.VRRP.Files) },
		Columns: []Column[fileRow]{
			position[fileRow](1, "vrrpFileIndex", "Position of the file."),
			{Number: 2, Name: "vrrpFileName", Syntax: displayString, Doc: "Name of the track_file.", Read: func(f *fileRow) Value { return agentx.Text(f.Name) }},
			{Number: 3, Name: "vrrpFilePath", Syntax: displayString, Doc: "Path of the file.", Read: func(f *fileRow) Value { return agentx.Text(f.Config.Path) }},
			{Number: 4, Name: "vrrpFileResult", Syntax: integer32, Doc: "Number in the file.", Read: func(f *fileRow) Value { return integer(f.Value) }},
			{Number: 5, Name: "vrrpFileWeight", Syntax: weight254, Doc: "Default of the weight.", Read: func(f *fileRow) Value { return integer(f.Config.Weight) }},
			{Number: 6, Name: "vrrpFileWgtRev", Syntax: trueFalse, Doc: "Whether the weight is reversed.", Read: func(f *fileRow) Value { return yes(f.Config.Reverse) }},
		},
	}
}

// bfdRow is a BFD session as instances see it.
type bfdRow struct {
	status.TrackBFD
	config *config.BFDInstance
}

func bfdTable() *Table[bfdRow] {
	return &Table[bfdRow]{
		Name: "vrrpBfdTable", OID: vrrpOID.Append(18), Doc: "The BFD sessions.", Index: []string{"vrrpBfdIndex"},
		Rows: func(v *View) []Row[bfdRow] {
			list := make([]bfdRow, 0, len(v.VRRP.BFD))
			for i, c := range v.VRRP.Config.BFD {
				if c.VRRP && i < len(v.VRRP.BFD) {
					list = append(list, bfdRow{v.VRRP.BFD[i], c})
				}
			}
			return numbered(nil, list)
		},
		Columns: []Column[bfdRow]{
			position[bfdRow](1, "vrrpBfdIndex", "Position of the session."),
			{Number: 2, Name: "vrrpBfdName", Syntax: displayString, Doc: "Name of the session.", Read: func(b *bfdRow) Value { return agentx.Text(b.Name) }},
			{Number: 3, Name: "vrrpBfdResult", Syntax: integer32, Doc: "1 while the session is up, else 0.", Read: func(b *bfdRow) Value { return agentx.Integer(int32(oneIf(b.Up))) }},
			{Number: 4, Name: "vrrpBfdWeight", Syntax: weight254, Doc: "Default of the weight.", Read: func(b *bfdRow) Value { return integer(b.config.Weight) }},
			{Number: 5, Name: "vrrpBfdWgtRev", Syntax: trueFalse, Doc: "Whether the weight is reversed.", Read: func(b *bfdRow) Value { return yes(b.config.Reverse) }},
		},
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

type processRow = status.TrackProcess

func processTable() *Table[processRow] {
	return &Table[processRow]{
		Name: "vrrpProcessTable", OID: vrrpOID.Append(21), Doc: "The tracked processes.", Index: []string{"vrrpProcessIndex"},
		Rows: func(v *View) []Row[processRow] { return numbered(nil, v.VRRP.Processes) },
		Columns: []Column[processRow]{
			position[processRow](1, "vrrpProcessIndex", "Position of the process."),
			{Number: 2, Name: "vrrpProcessName", Syntax: displayString, Doc: "Name of the vrrp_track_process.", Read: func(p *processRow) Value { return agentx.Text(p.Name) }},
			{Number: 3, Name: "vrrpProcessPath", Syntax: displayString, Doc: "Command that is looked for.", Read: func(p *processRow) Value { return agentx.Text(p.Config.Process) }},
			{Number: 4, Name: "vrrpProcessParams", Syntax: displayString, Doc: "Its arguments.", Read: func(p *processRow) Value { return agentx.Text(strings.Join(p.Config.Params, " ")) }},
			{Number: 5, Name: "vrrpProcessParamMatch", Syntax: enum("none(0)", "exact(1)", "partial(2)", "initial(3)"), Doc: "How the arguments are compared.", Read: func(p *processRow) Value { return integer(p.Config.Match) }},
			{Number: 6, Name: "vrrpProcessWeight", Syntax: weight254, Doc: "Default of the weight.", Read: func(p *processRow) Value { return integer(p.Config.Weight) }},
			{Number: 7, Name: "vrrpProcessWgtRev", Syntax: trueFalse, Doc: "Whether the weight is reversed.", Read: func(p *processRow) Value { return yes(p.Config.Reverse) }},
			{Number: 8, Name: "vrrpProcessQuorum", Syntax: unsigned32, Doc: "Least number of processes.", Read: func(p *processRow) Value { return gauge(p.Config.Quorum) }},
			{Number: 9, Name: "vrrpProcessQuorumMax", Syntax: integer32, Doc: "Greatest number of processes, -1 for no limit.", Read: func(p *processRow) Value { return integer(p.Config.QuorumMax) }},
			{Number: 10, Name: "vrrpProcessForkDelay", Syntax: unsigned32, Doc: "Time until the quorum counts as gained, in microseconds.", Read: func(p *processRow) Value { return microseconds(p.Config.ForkDelay) }},
			{Number: 11, Name: "vrrpProcessTerminateDelay", Syntax: unsigned32, Doc: "Time until the quorum counts as lost, in microseconds.", Read: func(p *processRow) Value { return microseconds(p.Config.TerminateDelay) }},
			{Number: 12, Name: "vrrpProcessFullCommand", Syntax: trueFalse, Doc: "Whether the command line is read.", Read: func(p *processRow) Value { return yes(p.Config.FullCommand || len(p.Config.Params) > 0) }},
			{Number: 13, Name: "vrrpProcessCurProc", Syntax: integer32, Doc: "Number of processes.", Read: func(p *processRow) Value { return integer(p.Count) }},
			{Number: 14, Name: "vrrpProcessResult", Syntax: trueFalse, Doc: "Whether the quorum is there.", Read: func(p *processRow) Value { return yes(p.HaveQuorum) }},
		},
	}
}
