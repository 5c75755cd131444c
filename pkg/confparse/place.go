package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// source is one file that was read.
type source struct {
	// name is what ranges carry: the path under which the file can be opened
	// from the directory of the main file's name.
	name string
	text string
}

// origin is how a stretch of text came to be read: which file it stands in,
// and the include, definition or replicator that brought it here.
type origin struct {
	file *source
	// parent is nil for the main file.
	parent *origin
	kind   diag.FrameKind
	// name is the definition's, or the replicator with its present values.
	name string
	// use is where in parent's file the step was taken.
	use span
}

// span is a stretch of one physical line. Lines and columns count from 1. The
// top bit of len marks quoted words.
type span struct{ byte, line, col, len uint32 }

const quotedBit = 1 << 31

func (s span) width() uint32 { return s.len &^ quotedBit }

// place is a span with its origin.
type place struct {
	from *origin
	span
}

func (p place) quoted() bool { return p.len&quotedBit != 0 }

// Range is the place in the form of findings.
func (p place) Range() diag.Range {
	if p.from == nil {
		return diag.Range{}
	}
	return p.in(p.from.file)
}

func (s span) in(file *source) diag.Range {
	w := int(s.width())
	start := diag.Pos{Line: int(s.line), Column: int(s.col), Byte: int(s.byte)}
	end := start
	end.Column += w
	end.Byte += w
	return diag.Range{File: file.name, Start: start, End: end}
}

// Chain leads from the place outwards.
func (p place) Chain() []diag.Frame { return p.from.chain() }

// reported is the place that keepalived would name.
func (p place) reported() diag.Range {
	from, at := p.from, p.span
	for from != nil && from.parent != nil && from.kind != diag.FrameInclude {
		at, from = from.use, from.parent
	}
	return place{from, at}.Range()
}

// reportedFrom is the origin of the reported place.
func (p place) reportedFrom() *origin {
	from := p.from
	for from != nil && from.parent != nil && from.kind != diag.FrameInclude {
		from = from.parent
	}
	return from
}

func (o *origin) chain() []diag.Frame {
	n := 0
	for p := o; p != nil && p.parent != nil; p = p.parent {
		n++
	}
	if n == 0 {
		return nil
	}
	frames := make([]diag.Frame, 0, n)
	for p := o; p.parent != nil; p = p.parent {
		frames = append(frames, diag.Frame{Kind: p.kind, What: p.what(), Range: p.use.in(p.parent.file)})
	}
	return frames
}

func (o *origin) what() string {
	switch o.kind {
	case diag.FrameExpansion:
		return "in expansion of $" + o.name
	case diag.FrameRepeat:
		return "repeated by " + o.name
	}
	return "included from"
}

// text is a string that knows where its bytes stand.
type text struct {
	s  string
	at place
	// segs are in order and cover s; nil means that s stands verbatim at at.
	segs []seg
}

// seg says where a stretch of a text stands: from offset off to the next seg.
type seg struct {
	off int
	at  place
	// whole means that the bytes were made up (a counter, a built-in name):
	// each of them stands for all of at.
	whole bool
}

// place finds where s[from:to] stands. A stretch out of several origins
// stands where the first origin that they share has it.
func (t text) place(from, to int) place {
	if t.segs == nil {
		p := t.at
		p.byte += uint32(from)
		p.col += uint32(from)
		p.len = uint32(to - from)
		return p
	}
	return joinSegs(t.segs, from, to)
}

func joinSegs(segs []seg, from, to int) place {
	first, last := 0, 0
	for i := range segs {
		if segs[i].off <= from {
			first = i
		}
		if segs[i].off < to || i == 0 {
			last = i
		}
	}
	if last < first {
		last = first
	}
	a := segs[first].at
	if !segs[first].whole {
		d := uint32(from - segs[first].off)
		a.byte, a.col, a.len = a.byte+d, a.col+d, uint32(to-from)
	}
	if first == last {
		return a
	}
	b := segs[last].at
	if !segs[last].whole {
		b.len = uint32(to - segs[last].off)
	}
	a, b, ok := shared(a, b)
	if ok && a.line == b.line && b.byte+b.width() > a.byte {
		a.len = b.byte + b.width() - a.byte
	}
	return a
}

// shared lifts both places to the innermost origin they have in common.
func shared(a, b place) (place, place, bool) {
	for x := a; x.from != nil; x = (place{x.from.parent, x.from.use}) {
		for y := b; y.from != nil; y = (place{y.from.parent, y.from.use}) {
			if x.from == y.from {
				return x, y, true
			}
		}
	}
	return a, b, false
}

// slice is t.s[from:to].
func (t text) slice(from, to int) text {
	if t.segs == nil {
		t.at.byte += uint32(from)
		t.at.col += uint32(from)
		t.at.len = uint32(to - from)
		t.s = t.s[from:to]
		return t
	}
	out := text{s: t.s[from:to]}
	for i, g := range t.segs {
		end := len(t.s)
		if i+1 < len(t.segs) {
			end = t.segs[i+1].off
		}
		if end <= from && i+1 < len(t.segs) || g.off >= to && len(out.segs) > 0 {
			continue
		}
		if d := from - g.off; d > 0 {
			if !g.whole {
				g.at.byte += uint32(d)
				g.at.col += uint32(d)
			}
			g.off = from
		}
		g.off -= from
		out.segs = append(out.segs, g)
	}
	out.at = joinSegs(out.segs, 0, len(out.s))
	return out
}

// trimBlanks removes blanks (space and TAB) from both ends.
func (t text) trimBlanks() text {
	from, to := 0, len(t.s)
	for from < to && isBlank(t.s[from]) {
		from++
	}
	for to > from && isBlank(t.s[to-1]) {
		to--
	}
	if from == 0 && to == len(t.s) {
		return t
	}
	return t.slice(from, to)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isSpace is what separates words.
func isSpace(c byte) bool { return strings.IndexByte(" \t\n\r\v\f", c) >= 0 }
