package diag

import (
	"encoding/json"
	"io"
)

// JSONVersion is the version of the report that WriteJSON writes. Fields may
// be added without a new version; one that goes or changes its meaning makes
// one.
const JSONVersion = 1

// JSONReport is the report of WriteJSON. Lines and columns count from 1,
// columns in bytes, byte offsets from 0; ends are the place after the last
// byte. Findings without a place have no file or no line.
type JSONReport struct {
	Version  int           `json:"version"`
	Findings []JSONFinding `json:"findings"`
	Summary  JSONSummary   `json:"summary"`
}

// JSONFinding is one finding.
type JSONFinding struct {
	Code string `json:"code"`
	// Severity is error, warning or note.
	Severity string `json:"severity"`
	// Class is what keepalived does about it: own, log, config, fatal,
	// security, missing-parameter or include.
	Class   string `json:"class"`
	Message string `json:"message"`
	Effect  string `json:"effect,omitempty"`
	Hint    string `json:"hint,omitempty"`
	// Machine is true for facts of this host.
	Machine bool `json:"machine"`
	// Consequence is true for a finding that follows from another one: braces
	// that do not match make many.
	Consequence bool `json:"consequence,omitempty"`
	JSONPlace
	// ReportedFile and ReportedLine are what keepalived names.
	ReportedFile string `json:"reported_file,omitempty"`
	ReportedLine int    `json:"reported_line,omitempty"`
	// Chain leads from the place outwards.
	Chain []JSONFrame `json:"chain,omitempty"`
}

// JSONPlace is a range.
type JSONPlace struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
	Byte      int    `json:"byte,omitempty"`
	EndByte   int    `json:"end_byte,omitempty"`
}

// JSONFrame is one step of a chain.
type JSONFrame struct {
	// Kind is include, definition, replicator or related.
	Kind string `json:"kind"`
	What string `json:"what"`
	JSONPlace
}

// JSONSummary counts the findings.
type JSONSummary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

// String is the word of reports.
func (c Class) String() string {
	switch c {
	case ClassOwn:
		return "own"
	case ClassLog:
		return "log"
	case ClassConfig:
		return "config"
	case ClassFatal:
		return "fatal"
	case ClassSecurity:
		return "security"
	case ClassMissingParameter:
		return "missing-parameter"
	case ClassInclude:
		return "include"
	}
	return "unknown"
}

// String is the word of reports.
func (k FrameKind) String() string {
	switch k {
	case FrameInclude:
		return "include"
	case FrameExpansion:
		return "definition"
	case FrameRepeat:
		return "replicator"
	case FrameRelated:
		return "related"
	}
	return "unknown"
}

// WriteJSON writes findings for programs, as JSONReport. Bytes that are not
// UTF-8 come out as U+FFFD.
func WriteJSON(w io.Writer, l List) error {
	report := JSONReport{Version: JSONVersion, Findings: make([]JSONFinding, 0, len(l))}
	for i := range l {
		d := &l[i]
		f := JSONFinding{
			Code: d.Code, Severity: d.Severity.String(), Class: d.Class.String(),
			Message: d.Summary, Effect: d.Effect, Hint: d.Hint, Machine: d.Machine, Consequence: !d.CausedBy.IsZero(),
			JSONPlace: jsonPlace(d.Subject),
		}
		if r := d.Reported(); r.Start.Line > 0 {
			f.ReportedFile, f.ReportedLine = r.File, r.Start.Line
		}
		for _, c := range d.Chain {
			f.Chain = append(f.Chain, JSONFrame{Kind: c.Kind.String(), What: c.What, JSONPlace: jsonPlace(c.Range)})
		}
		report.Findings = append(report.Findings, f)
	}
	report.Summary.Errors, report.Summary.Warnings, report.Summary.Notes = l.Count()
	return encodeJSON(w, report)
}

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func jsonPlace(r Range) JSONPlace {
	return JSONPlace{
		File: r.File, Line: r.Start.Line, Column: r.Start.Column,
		EndLine: r.End.Line, EndColumn: r.End.Column, Byte: r.Start.Byte, EndByte: r.End.Byte,
	}
}
