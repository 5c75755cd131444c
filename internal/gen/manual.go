package main

import (
	"fmt"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/checkcmd"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// keywordSections is the generated part of gokeepalived.conf(5): a section per
// block, an entry per keyword.
func keywordSections() string {
	var b strings.Builder
	b.WriteString(".SH KEYWORDS\n")
	var order []string
	blocks := map[string][]confparse.Spec{}
	for _, s := range confparse.Keywords() {
		if blocks[s.Block] == nil {
			order = append(order, s.Block)
		}
		blocks[s.Block] = append(blocks[s.Block], s)
	}
	for _, block := range order {
		title := blockTitle(block, "")
		if block != "" && block != "(parser)" {
			title = "In " + strings.ReplaceAll(block, "/", " / ")
		} else {
			title = strings.ToUpper(title[:1]) + title[1:]
		}
		fmt.Fprintf(&b, ".SS \"%s\"\n", roff(title))
		for _, s := range blocks[block] {
			entry(&b, s)
		}
	}
	return b.String()
}

func entry(b *strings.Builder, s confparse.Spec) {
	fmt.Fprintf(b, ".TP\n\\fB%s\\fR", roff(s.Keyword))
	if s.Args != "" {
		fmt.Fprintf(b, " %s", roff(s.Args))
	}
	b.WriteString("\n")
	var notes []string
	note := func(format, value string) {
		if value != "" {
			notes = append(notes, fmt.Sprintf(format, strings.TrimSuffix(value, ".")))
		}
	}
	note("%s.", s.Doc)
	note("Range: %s.", s.Range)
	note("Default: %s.", s.Default)
	note("Without argument: %s.", s.Bare)
	note("Same as %s.", s.Alias)
	if s.Required {
		notes = append(notes, "Mandatory.")
	}
	if s.Deprecated != "" {
		notes = append(notes, "Deprecated.")
	}
	switch s.Reload {
	case confparse.ReloadLive:
	case confparse.ReloadRestart:
		notes = append(notes, "A change needs a restart.")
	case confparse.ReloadStart:
		notes = append(notes, "Only looked at when the daemon starts.")
	}
	note("Since keepalived %s.", s.Since)
	if s.Status != confparse.StatusActed {
		status := s.Status.String()
		note("%s.", strings.ToUpper(status[:1])+status[1:])
	}
	for _, n := range notes {
		b.WriteString(roff(n) + "\n")
	}
}

// checkOptions is the generated part of gokeepalived-check(1).
func checkOptions() string {
	var b strings.Builder
	for _, o := range checkcmd.Options() {
		b.WriteString(".TP\n")
		if o.Short != "" {
			fmt.Fprintf(&b, "\\fB\\-%s\\fR, ", o.Short)
		}
		fmt.Fprintf(&b, "\\fB\\-\\-%s\\fR", roff(o.Long))
		if o.Argument != "" {
			fmt.Fprintf(&b, "=\\fI%s\\fR", roff(o.Argument))
		}
		help := strings.ToUpper(o.Help[:1]) + o.Help[1:]
		if o.Argument != "" && o.Default != "" {
			help += " (default: " + o.Default + ")"
		}
		b.WriteString("\n" + roff(help) + ".\n")
	}
	return b.String()
}

// roff protects what troff would take for its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`, "~", `\(ti`, "^", `\(ha`, "`", `\(ga`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
