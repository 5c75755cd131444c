package diag

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// TextOptions changes how WriteText looks.
type TextOptions struct {
	// Color turns on ANSI colours.
	Color bool
	// Source shows the lines that findings are about; nil for none.
	Source Source
}

// ANSI sequences of the text report.
const (
	ansiBold   = "\x1b[1m"
	ansiRed    = "\x1b[1;31m"
	ansiYellow = "\x1b[1;33m"
	ansiCyan   = "\x1b[1;36m"
	ansiReset  = "\x1b[0m"
)

// WriteText writes findings for people: place, words, the source line with
// the subject underlined, what happens because of it, how to mend it, and the
// way that led there. Findings that follow from another one are counted there.
//
//	keepalived.conf:12:5: error: Unknown keyword 'advertint' [KA0201]
//	   12 |     advertint 1
//	      |     ^^^^^^^^^
//	      = the line is ignored
//	      = help: did you mean advert_int?
func WriteText(w io.Writer, l List, opt TextOptions) error {
	var b strings.Builder
	caused := map[Range]consequences{}
	for i := range l {
		if d := &l[i]; !d.CausedBy.IsZero() {
			c := caused[d.CausedBy]
			c.count++
			if d.Subject.File == d.CausedBy.File {
				c.last = max(c.last, d.Subject.Start.Line)
			}
			caused[d.CausedBy] = c
		}
	}
	for i := range l {
		d := &l[i]
		if !d.CausedBy.IsZero() {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		opt.finding(&b, d, caused[d.Subject])
		delete(caused, d.Subject)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (o TextOptions) paint(color, s string) string {
	if !o.Color {
		return s
	}
	return color + s + ansiReset
}

// consequences are the findings that follow from another one.
type consequences struct{ count, last int }

// String is "3 more findings follow from it, up to line 12".
func (c consequences) String() string {
	s := "one more finding follows from it"
	if c.count > 1 {
		s = strconv.Itoa(c.count) + " more findings follow from it"
	}
	if c.last > 0 {
		s += ", up to line " + strconv.Itoa(c.last)
	}
	return s
}

func (o TextOptions) finding(b *strings.Builder, d *Diagnostic, caused consequences) {
	color := ansiCyan
	switch d.Severity {
	case Error:
		color = ansiRed
	case Warning:
		color = ansiYellow
	case Note:
	}
	if !d.Subject.IsZero() {
		b.WriteString(o.paint(ansiBold, printable(d.Subject.String())) + ": ")
	}
	fmt.Fprintf(b, "%s %s [%s]\n", o.paint(color, d.Severity.String()+":"), o.paint(ansiBold, printable(d.Summary)), d.Code)

	margin := 4
	if s, ok := snippetOf(o.Source, d.Subject); ok {
		number := strconv.Itoa(d.Subject.Start.Line)
		margin = max(margin, len(number)+1)
		fmt.Fprintf(b, "%*s | %s\n", margin, number, s.line)
		fmt.Fprintf(b, "%*s | %s\n", margin, "", o.paint(color, s.marks))
	}
	note := func(s string) { fmt.Fprintf(b, "%*s = %s\n", margin, "", printable(s)) }
	if d.Effect != "" {
		note(d.Effect)
	}
	if d.Hint != "" {
		note("help: " + d.Hint)
	}
	if caused.count > 0 {
		note(caused.String())
	}
	if c := d.Context; !c.IsZero() && (c.File != d.Subject.File || c.Start.Line != d.Subject.Start.Line) {
		note("in the block at " + d.Context.String())
	}
	for _, f := range d.Chain {
		at := " at "
		if f.Kind == FrameInclude {
			at = " "
		}
		note(f.What + at + f.Range.String())
	}
}

// Independent are the findings that follow from no other one.
func (l List) Independent() List {
	return slices.DeleteFunc(slices.Clone(l), func(d Diagnostic) bool { return !d.CausedBy.IsZero() })
}

// Count is how many findings of each severity there are.
func (l List) Count() (errors, warnings, notes int) {
	for i := range l {
		switch l[i].Severity {
		case Error:
			errors++
		case Warning:
			warnings++
		case Note:
			notes++
		}
	}
	return errors, warnings, notes
}
