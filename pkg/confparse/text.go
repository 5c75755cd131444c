package confparse

import (
	"slices"
	"unsafe"
)

// text is a string that knows where its bytes stand.
type text struct {
	s string
	// at is where s stands if it does so verbatim, else only where it begins.
	at place
	// segs are in order and cover s; nil means that s stands verbatim at at.
	segs []seg
}

// seg says where a stretch of a text stands: from offset off to the next seg.
type seg struct {
	off int
	at  place
	// whole means that the bytes were made up or shortened (a counter, a
	// built-in name, an escaped character): each of them stands for all of at.
	whole bool
	// literal bytes never start a comment.
	literal bool
}

// unlessVerbatim is t, or nil if it stands verbatim at its place.
func (t text) unlessVerbatim() *text {
	if t.segs == nil {
		return nil
	}
	return &t
}

// literal reports whether the byte at offset i never starts a comment.
func (t text) literal(i int) bool {
	for k := len(t.segs) - 1; k >= 0; k-- {
		if t.segs[k].off <= i {
			return t.segs[k].literal
		}
	}
	return false
}

// place finds where t.s[from:to] stands. A stretch out of several origins
// stands where the innermost origin that they share has it.
func (t text) place(from, to int) place {
	if t.segs == nil {
		return t.at.cut(from, to)
	}
	first, last := 0, 0
	for i := range t.segs {
		if t.segs[i].off <= from {
			first = i
		}
		if t.segs[i].off < to {
			last = i
		}
	}
	last = max(first, last)
	a, b := t.segs[first], t.segs[last]
	if first == last {
		if a.whole {
			return a.at
		}
		return a.at.cut(from-a.off, to-a.off)
	}
	if !a.whole {
		a.at = a.at.cut(from-a.off, t.segs[first+1].off-a.off)
	}
	if !b.whole {
		b.at = b.at.cut(0, to-b.off)
	}
	x, y, ok := shared(a.at, b.at)
	if ok && x.line == y.line && y.byte+y.width() > x.byte {
		x.len = y.byte + y.width() - x.byte
	}
	return x
}

// cut is the part of a verbatim place from offset from to offset to.
func (p place) cut(from, to int) place {
	p.byte += uint32(from)
	p.col += uint32(from)
	p.len = uint32(to - from)
	return p
}

// slice is t.s[from:to].
func (t text) slice(from, to int) text {
	if t.segs == nil {
		return text{s: t.s[from:to], at: t.at.cut(from, to)}
	}
	out := text{s: t.s[from:to]}
	if from == to {
		out.at = t.place(from, to)
		return out
	}
	first, end := 0, len(t.segs)
	for first+1 < len(t.segs) && t.segs[first+1].off <= from {
		first++
	}
	for end > first+1 && t.segs[end-1].off >= to {
		end--
	}
	if g := t.segs[first]; end == first+1 && !g.whole && !g.literal {
		out.at = g.at.cut(from-g.off, to-g.off)
		return out
	}
	out.at = t.place(from, to)
	out.segs = appendSegs(make([]seg, 0, end-first), t, from, to, 0)
	return out
}

// appendSegs appends the segs of t.s[from:to], moved so that from becomes at.
func appendSegs(segs []seg, t text, from, to, at int) []seg {
	if from == to {
		return segs
	}
	if t.segs == nil {
		return append(segs, seg{off: at, at: t.at.cut(from, to)})
	}
	for i, g := range t.segs {
		end := len(t.s)
		if i+1 < len(t.segs) {
			end = t.segs[i+1].off
		}
		if end <= from || g.off >= to {
			continue
		}
		if d := from - g.off; d > 0 {
			if !g.whole {
				g.at = g.at.cut(d, end-g.off)
			}
			g.off = from
		}
		g.off += at - from
		segs = append(segs, g)
	}
	return segs
}

// splice is t with t.s[from:to] replaced by v.
func (t text) splice(from, to int, v text) text {
	var b workbench
	b.load(t)
	b.splice(from, to, v)
	return b.finish()
}

// workbench is where a text is put together: it is reused from line to line.
type workbench struct {
	b    []byte
	segs []seg
	// spare takes the segs of the next splice.
	spare []seg
	at    place
}

func (w *workbench) load(t text) {
	w.b = append(w.b[:0], t.s...)
	w.segs = appendSegs(w.segs[:0], t, 0, len(t.s), 0)
	w.at = t.at
}

// view is the text on the workbench. It changes with the next splice.
func (w *workbench) view() text {
	return text{s: unsafe.String(unsafe.SliceData(w.b), len(w.b)), at: w.at, segs: w.segs}
}

// splice replaces the bytes from from to to by v.
func (w *workbench) splice(from, to int, v text) {
	t := w.view()
	segs := appendSegs(w.spare[:0], t, 0, from, 0)
	segs = appendSegs(segs, v, 0, len(v.s), from)
	segs = appendSegs(segs, t, to, len(t.s), from+len(v.s))
	w.segs, w.spare = segs, w.segs
	w.b = slices.Replace(w.b, from, to, []byte(v.s)...)
}

// finish is the text as one that stays.
func (w *workbench) finish() text {
	t := text{s: string(w.b), at: w.at}
	if len(w.segs) > 0 {
		t.segs = slices.Clone(w.segs)
	}
	return t
}

// under is t seen through one more step: every byte keeps its place, and its
// chain goes on with step instead of where it came from.
func (t text) under(step *origin) text {
	if t.segs == nil {
		t.at.from = step
		return t
	}
	segs := make([]seg, len(t.segs))
	other := step
	for i, g := range t.segs {
		switch {
		case g.at.from == nil || g.at.from.file == step.file:
			g.at.from = step
		default:
			if other.file != g.at.from.file {
				o := *step
				o.file = g.at.from.file
				other = &o
			}
			g.at.from = other
		}
		segs[i] = g
	}
	t.segs = segs
	t.at.from = step
	return t
}

// endsIn reports whether the last byte of t stands in the file of c itself,
// not in something that it expands to.
func (t text) endsIn(c *cursor) bool {
	return c != nil && t.s != "" && t.place(len(t.s)-1, len(t.s)).from == c.from
}

// trim removes blanks (space and TAB) from both ends.
func (t text) trim() text {
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
func isSpace(c byte) bool { return class[c]&spaceClass != 0 }
