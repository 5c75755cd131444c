package confparse

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// LineKind is what a logical line is.
type LineKind uint8

// Kinds of logical lines.
const (
	// LineWords has at least one word, the keyword.
	LineWords LineKind = iota
	// LineOpen is a "{" on its own.
	LineOpen
	// LineClose is a "}" on its own.
	LineClose
)

// Line is one statement, opening brace or closing brace.
type Line struct {
	Kind LineKind
	// Words are the keyword and its arguments, never empty; for a brace the
	// brace.
	Words []Word

	at place
	// made is the text of a line that does not stand verbatim at at.
	made *text
}

// Word is one word of a line, without its quotes.
type Word struct {
	Text string
	at   place
}

// Placed is what a finding can be about: a Word or a *Line.
type Placed interface {
	// Range is the subject of the finding.
	Range() diag.Range
	// Chain leads from there outwards, innermost step first.
	Chain() []diag.Frame
}

// Keyword is the first word.
func (l *Line) Keyword() string { return l.Words[0].Text }

// Raw is the line after comments, definitions and braces were dealt with: what
// SplitScript takes. RangeOf finds places in it.
func (l *Line) Raw() string { return l.text().s }

func (l *Line) text() text {
	if l.made != nil {
		return *l.made
	}
	from := l.at.byte
	return text{s: l.at.from.file.text[from : from+l.at.width()], at: l.at}
}

// Range is the place that keepalived names in a message about the line: the
// use of the outermost definition or replicator that it came out of, else the
// line itself.
func (l *Line) Range() diag.Range { return l.at.reported().Range() }

// Chain leads from Range outwards: the includes.
func (l *Line) Chain() []diag.Frame { return l.at.reported().Chain() }

// Span is where the text of the line stands, as far as it stands together.
// RangeOf(0, len(Raw())) has the chain that leads outwards from there.
func (l *Line) Span() diag.Range { return l.at.Range() }

// RangeOf is where Raw()[from:to] stands, and the chain that leads outwards
// from there.
func (l *Line) RangeOf(from, to int) (diag.Range, []diag.Frame) {
	p := l.text().place(from, to)
	return p.Range(), p.Chain()
}

// Range is where the text of the word stands, quotes included.
func (w Word) Range() diag.Range { return w.at.Range() }

// Chain leads from Range outwards: uses of definitions, replicators, includes.
func (w Word) Chain() []diag.Frame { return w.at.Chain() }

// Quoted reports whether the word stood in double quotes.
func (w Word) Quoted() bool { return w.at.quoted() }
