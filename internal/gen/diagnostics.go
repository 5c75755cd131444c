package main

import (
	"fmt"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/checkcmd"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

const diagnosticsDir = "docs/diagnostics"

// parts are what the first two digits of a code stand for.
var parts = []struct{ prefix, title, text string }{
	{"KA00", "Reading the files", "Lines, quotes, includes, definitions, replicators."},
	{"KA02", "Blocks and keywords", "Braces, unknown keywords, missing arguments."},
	{"KA03", "Values", "What a keyword was given."},
	{"KA04", "Across settings", "Settings that do not go together."},
	{"KA05", "Coverage", "Keywords that are read and not acted on."},
	{"KA06", "Likely mistakes", "What keepalived accepts in silence."},
	{"KA10", "This machine", "Interfaces, addresses, scripts and users; `check --offline` leaves them out."},
	{"KA12", "Between the nodes", "What makes the nodes of a cluster disagree: `check --peer`."},
}

// diagnostics are the index and one page per code.
func diagnostics() []file {
	var files []file
	var index strings.Builder
	index.WriteString(`# Findings

Made from the tables of codes; do not edit. ` + "`gokeepalived check --explain CODE`" + ` prints the same text. Codes keep their meaning across releases.
`)
	part := ""
	for _, table := range checkcmd.Codes() {
		for _, c := range table {
			if p := c.Code[:4]; p != part {
				part = p
				title, text := partOf(c.Code)
				fmt.Fprintf(&index, "\n## %s\n\n%s\n\n| code | finding |\n|---|---|\n", title, text)
			}
			fmt.Fprintf(&index, "| [%s](%s.md) | %s |\n", c.Code, c.Code, escapeCell(c.Title))
			files = append(files, file{diagnosticsDir + "/" + c.Code + ".md", []byte(page(c))})
		}
	}
	return append(files, file{diagnosticsDir + "/README.md", []byte(index.String())})
}

// partOf is what the code belongs to; a new range without a name shows up as
// its digits.
func partOf(code string) (title, text string) {
	for _, p := range parts {
		if strings.HasPrefix(code, p.prefix) {
			return p.title, p.text
		}
	}
	return code[:4] + "xx", ""
}

// page explains one code.
func page(c diag.CodeInfo) string {
	title, _ := partOf(c.Code)
	s := fmt.Sprintf("# %s: %s\n\n%s. [All findings](README.md)\n\n## What it means\n\n%s\n", c.Code, escapeText(c.Title), title, escapeText(c.Meaning))
	if c.Mend != "" {
		s += "\n## How to mend it\n\n" + escapeText(c.Mend) + "\n"
	}
	return s
}

// escapeText keeps names and patterns in a sentence from being taken for
// markup.
func escapeText(s string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "~", `\~`, "#", `\#`, "[", `\[`).Replace(s)
}

func escapeCell(s string) string { return strings.ReplaceAll(escapeText(s), "|", `\|`) }
