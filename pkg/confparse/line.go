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
	// Raw is the line after comments, definitions and braces were dealt with:
	// what SplitScript takes. Line.RangeOf finds places in it.
	Raw string

	at   place
	segs []seg
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

// Range is the place that keepalived names in a message about the line: the
// use of the outermost definition or replicator that it came out of, else the
// line itself.
func (l *Line) Range() diag.Range { return l.at.reported() }

// Chain leads from Range outwards: the includes.
func (l *Line) Chain() []diag.Frame { return l.at.reportedFrom().chain() }

// Span is where the text of the line stands, from its first to its last word.
func (l *Line) Span() diag.Range {
	if l.Kind == LineWords && len(l.Words) > 1 {
		return l.Words[0].Range().To(l.Words[len(l.Words)-1].Range())
	}
	return l.Words[0].Range()
}

// RangeOf is where Raw[from:to] stands, and the chain that leads outwards
// from there.
func (l *Line) RangeOf(from, to int) (diag.Range, []diag.Frame) {
	p := text{s: l.Raw, at: l.at, segs: l.segs}.place(from, to)
	return p.Range(), p.Chain()
}

// Range is where the text of the word stands, quotes included.
func (w Word) Range() diag.Range { return w.at.Range() }

// Chain leads from Range outwards: uses of definitions, replicators, includes.
func (w Word) Chain() []diag.Frame { return w.at.Chain() }

// Quoted reports whether the word stood in double quotes.
func (w Word) Quoted() bool { return w.at.quoted() }
