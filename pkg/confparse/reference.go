package confparse

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteReference writes the table of keywords as Markdown: one section per
// block, one row per keyword, with what acts on it.
func WriteReference(w io.Writer) error {
	b := bufio.NewWriter(w)
	specs := Keywords()
	fmt.Fprint(b, "# Configuration keywords\n\n")
	fmt.Fprint(b, "Made from the table that reads the configuration (`pkg/confparse`); do not edit.\n\n")
	writeCoverage(b, specs)
	fmt.Fprint(b, `
How to read a row: **arguments** as the keyword takes them (`+"`<BOOL>`"+` is on, true, yes, off, false or no;
`+"`<TIMER>`"+` seconds with up to six decimals; brackets mark what may be left out); **range** with its unit;
**default** without the keyword, and what the bare keyword means; **again**: what a second line does; **process** that
uses it; **status** of this version.
`)
	for _, block := range blockOrder(specs) {
		writeBlock(b, block, specs)
	}
	return b.Flush()
}

// blockOrder are the blocks in the order in which they come first.
func blockOrder(specs []Spec) []string {
	var order []string
	seen := map[string]bool{}
	for _, s := range specs {
		if !seen[s.Block] {
			seen[s.Block] = true
			order = append(order, s.Block)
		}
	}
	return order
}

func writeCoverage(w io.Writer, specs []Spec) {
	keywords, items := map[Status]int{}, map[Status]int{}
	for _, s := range specs {
		if s.Item {
			items[s.Status]++
		} else {
			keywords[s.Status]++
		}
	}
	fmt.Fprint(w, "| status | keywords | words inside of lines |\n|---|---:|---:|\n")
	for _, st := range []Status{StatusActed, StatusPending, StatusNoEffect, StatusUnsupported} {
		if keywords[st]+items[st] > 0 {
			fmt.Fprintf(w, "| %s | %d | %d |\n", st, keywords[st], items[st])
		}
	}
}

func writeBlock(w io.Writer, block string, specs []Spec) {
	title := "`" + block + "`"
	switch block {
	case "":
		title = "Top level"
	case "(parser)":
		title = "On any line"
	}
	fmt.Fprintf(w, "\n## %s\n\n", title)
	fmt.Fprint(w, "| keyword | arguments | range | default | again | process | status |\n|---|---|---|---|---|---|---|\n")
	for _, s := range specs {
		if s.Block != block {
			continue
		}
		fmt.Fprintf(w, "| %s<br>%s | %s | %s | %s | %s | %s | %s |\n",
			code(s.Keyword), cell(s.Doc+remarks(s)), code(s.Args), cell(s.Range), cell(defaultText(s.Meta)), s.Repeat, s.Process, s.Status)
	}
}

// remarks are what else is to be said about a keyword.
func remarks(s Spec) string {
	out := ""
	if s.Required {
		out += " Mandatory."
	}
	if s.Alias != "" {
		out += " Same as " + s.Alias + "."
	}
	if s.Deprecated != "" {
		out += " Deprecated."
	}
	if s.Reload != ReloadLive {
		out += map[Reload]string{ReloadRestart: " A change needs a restart.", ReloadStart: " Only looked at when the daemon starts."}[s.Reload]
	}
	if s.Since != "" {
		out += " Since " + s.Since + "."
	}
	if s.Ref != "" {
		out += " " + s.Ref + "."
	}
	return out
}

// defaultText is the default in words.
func defaultText(m Meta) string {
	if m.Bare == "" {
		return m.Default
	}
	if m.Default == "" {
		return "bare: " + m.Bare
	}
	return m.Default + "; bare: " + m.Bare
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", "\\|") + "`"
}

// schemaKeyword is a keyword in the form of WriteSchemaJSON.
type schemaKeyword struct {
	Block      string   `json:"block"`
	Keyword    string   `json:"keyword"`
	Item       bool     `json:"item,omitempty"`
	Arguments  string   `json:"arguments,omitempty"`
	Range      string   `json:"range,omitempty"`
	Default    string   `json:"default,omitempty"`
	Bare       string   `json:"bare,omitempty"`
	Repeat     string   `json:"repeat"`
	OnBad      string   `json:"on_bad,omitempty"`
	Processes  []string `json:"processes"`
	Alias      string   `json:"alias_of,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
	Required   bool     `json:"required,omitempty"`
	Reload     string   `json:"reload"`
	Since      string   `json:"since,omitempty"`
	Reference  string   `json:"reference,omitempty"`
	Status     string   `json:"status"`
	Doc        string   `json:"doc"`
}

// WriteSchemaJSON writes the table of keywords as one JSON array, for
// completion and other programs.
func WriteSchemaJSON(w io.Writer) error {
	specs := Keywords()
	list := make([]schemaKeyword, len(specs))
	for i, s := range specs {
		list[i] = schemaKeyword{
			Block: s.Block, Keyword: s.Keyword, Item: s.Item, Arguments: s.Args, Range: s.Range, Default: s.Default, Bare: s.Bare,
			Repeat: s.Repeat.String(), OnBad: s.OnBad, Processes: strings.Split(s.Process.String(), ", "), Alias: s.Alias,
			Deprecated: s.Deprecated != "", Required: s.Required, Reload: s.Reload.String(), Since: s.Since, Reference: s.Ref,
			Status: s.Status.String(), Doc: s.Doc,
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(list)
}
