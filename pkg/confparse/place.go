package confparse

import (
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// source is one file that was read.
type source struct {
	// name is what ranges carry: the path under which the file can be opened
	// from where the name of the main file can.
	name string
	// shown is the name in keepalived's messages: as glob returned it,
	// relative to the directory of the including file.
	shown string
	// path is absolute.
	path string
	text string
}

// origin is how a stretch of text came to be read: which file it stands in,
// and the include, definition or replicator that brought it here.
type origin struct {
	file *source
	// parent is nil for the main file.
	parent *origin
	// use is where in parent's file the step was taken.
	use  span
	kind diag.FrameKind
	// def is the definition of an expansion.
	def *definition
	// rep and turn are the replicator of a repetition and how often it had
	// repeated before.
	rep  *replicator
	turn int
}

// span is a stretch of one physical line. Lines and columns count from 1,
// bytes from 0. The top bit of len marks quoted words.
type span struct{ byte, line, col, len uint32 }

const quotedBit = 1 << 31

func (s span) width() uint32 { return s.len &^ quotedBit }

// in is the span in the form of findings.
func (s span) in(file *source) diag.Range {
	w := int(s.width())
	start := diag.Pos{Line: int(s.line), Column: int(s.col), Byte: int(s.byte)}
	end := start
	end.Column += w
	end.Byte += w
	return diag.Range{File: file.name, Start: start, End: end}
}

// place is a span with its origin. The zero place is nowhere.
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

// Chain leads from the place outwards.
func (p place) Chain() []diag.Frame { return p.from.chain() }

// reported is the place that keepalived would name: outside of all
// definitions and replicators.
func (p place) reported() place {
	for p.from != nil && p.from.parent != nil && p.from.kind != diag.FrameInclude {
		p = place{p.from.parent, p.from.use}
	}
	return p
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
		return "in expansion of $" + o.def.name
	case diag.FrameRepeat:
		return "repeated by " + o.rep.describe(o.turn)
	}
	return "included from"
}

// within reports whether the origin lies inside an expansion of d.
func (o *origin) within(d *definition) bool {
	for p := o; p != nil; p = p.parent {
		if p.def == d {
			return true
		}
	}
	return false
}

// depth is the number of files that include each other down to this one.
func (o *origin) depth() int {
	n := 0
	for p := o; p != nil; p = p.parent {
		if p.parent == nil || p.kind == diag.FrameInclude {
			n++
		}
	}
	return n
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
