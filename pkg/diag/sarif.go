package diag

import (
	"io"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

// Tool is what SARIF says about the program that made the report.
type Tool struct {
	Name, Version, URI string
	// Pages is what the page about a code starts with: CODE.md is added; ""
	// for no pages.
	Pages string
}

// The parts of SARIF 2.1.0 that WriteSARIF uses, named as in the
// specification (OASIS, 2020).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri,omitempty"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string     `json:"id"`
		ShortDescription *sarifText `json:"shortDescription,omitempty"`
		FullDescription  *sarifText `json:"fullDescription,omitempty"`
		Help             *sarifText `json:"help,omitempty"`
		HelpURI          string     `json:"helpUri,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"`
		Message          sarifText       `json:"message"`
		Locations        []sarifLocation `json:"locations,omitempty"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Message          *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// WriteSARIF writes findings as SARIF 2.1.0, the form that code scanning
// services take. codes explain the rules; src is used to count columns in
// characters, nil counts bytes.
func WriteSARIF(w io.Writer, l List, tool Tool, src Source, codes ...[]CodeInfo) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: tool.Name, Version: tool.Version, InformationURI: tool.URI, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    make([]sarifResult, 0, len(l)),
	}
	index := map[string]int{}
	for i := range l {
		d := &l[i]
		n, ok := index[d.Code]
		if !ok {
			n = len(run.Tool.Driver.Rules)
			index[d.Code] = n
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(d.Code, tool, codes))
		}
		result := sarifResult{RuleID: d.Code, RuleIndex: n, Level: d.Severity.String(), Message: sarifText{message(d)}}
		if !d.Subject.IsZero() {
			result.Locations = []sarifLocation{sarifLocationOf(src, d.Subject, "")}
		}
		for _, f := range d.Chain {
			result.RelatedLocations = append(result.RelatedLocations, sarifLocationOf(src, f.Range, f.What))
		}
		run.Results = append(run.Results, result)
	}
	return encodeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// message is summary, effect and hint in one.
func message(d *Diagnostic) string {
	s := d.Summary
	if d.Effect != "" {
		s += ": " + d.Effect
	}
	if d.Hint != "" {
		s += " (" + d.Hint + ")"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func sarifRuleOf(code string, tool Tool, codes [][]CodeInfo) sarifRule {
	rule := sarifRule{ID: code}
	if info, ok := Explain(code, codes...); ok {
		rule.ShortDescription = &sarifText{info.Title}
		rule.FullDescription = &sarifText{info.Meaning}
		if info.Mend != "" {
			rule.Help = &sarifText{info.Mend}
		}
		if tool.Pages != "" {
			rule.HelpURI = tool.Pages + code + ".md"
		}
	}
	return rule
}

func sarifLocationOf(src Source, r Range, what string) sarifLocation {
	l := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{fileURI(r.File)}}}
	if r.Start.Line > 0 {
		from, to := columns(src, r)
		l.PhysicalLocation.Region = &sarifRegion{StartLine: r.Start.Line, StartColumn: from, EndLine: r.End.Line, EndColumn: to}
	}
	if what != "" {
		l.Message = &sarifText{what}
	}
	return l
}

// fileURI is a relative reference, or a file URI for an absolute path.
func fileURI(file string) string {
	u := url.URL{Path: path.Clean(file)}
	if strings.HasPrefix(file, "/") {
		u.Scheme = "file"
		return u.String()
	}
	return strings.TrimPrefix(u.String(), "./")
}

// columns counts the columns of r in characters instead of bytes.
func columns(src Source, r Range) (from, to int) {
	from, to = r.Start.Column, r.End.Column
	line, ok := lineOf(src, r)
	if !ok || r.End.Line != r.Start.Line || to-1 > len(line) || from < 1 {
		return from, to
	}
	return utf8.RuneCountInString(line[:from-1]) + 1, utf8.RuneCountInString(line[:to-1]) + 1
}
