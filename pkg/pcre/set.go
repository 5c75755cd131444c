package pcre

import (
	"slices"
	"unicode"
)

// span is the characters from lo to hi, both included.
type span struct{ lo, hi rune }

// charSet is a set of characters: spans in order that neither touch nor
// overlap.
type charSet []span

func chars(list ...rune) charSet {
	var s charSet
	for _, r := range list {
		s = append(s, span{r, r})
	}
	return s.normal()
}

// normal puts spans in order and joins them.
func (s charSet) normal() charSet {
	slices.SortFunc(s, func(a, b span) int { return int(a.lo - b.lo) })
	var out charSet
	for _, x := range s {
		if n := len(out); n > 0 && x.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, x.hi)
			continue
		}
		out = append(out, x)
	}
	return out
}

func (s charSet) union(others ...charSet) charSet {
	out := slices.Clone(s)
	for _, o := range others {
		out = append(out, o...)
	}
	return out.normal()
}

// complement is what is in 0..most and not in s.
func (s charSet) complement(most rune) charSet {
	var out charSet
	next := rune(0)
	for _, x := range s {
		if x.lo > most {
			break
		}
		if x.lo > next {
			out = append(out, span{next, x.lo - 1})
		}
		next = x.hi + 1
	}
	if next <= most {
		out = append(out, span{next, most})
	}
	return out
}

// without is what is in s, up to most, and not in o.
func (s charSet) without(o charSet, most rune) charSet {
	return s.complement(most).union(o).complement(most)
}

func (s charSet) has(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(x span, r rune) int {
		switch {
		case x.hi < r:
			return -1
		case x.lo > r:
			return 1
		}
		return 0
	})
	return found
}

// foldASCII adds the other case of the ASCII letters in s.
func (s charSet) foldASCII() charSet {
	out := slices.Clone(s)
	for r := 'a'; r <= 'z'; r++ {
		if upper := r - 'a' + 'A'; s.has(r) != s.has(upper) {
			out = append(out, span{r, r}, span{upper, upper})
		}
	}
	return out.normal()
}

// fold adds the other cases of all letters in s, up to most.
func (s charSet) fold(most rune) charSet {
	out := slices.Clone(s)
	for _, c := range unicode.CaseRanges {
		for r := rune(c.Lo); r <= rune(c.Hi); r++ {
			if !s.has(r) {
				continue
			}
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				if f <= most {
					out = append(out, span{f, f})
				}
			}
		}
	}
	return out.normal()
}

// table makes a set of tables of package unicode, up to most.
func table(most rune, tables ...*unicode.RangeTable) charSet {
	var s charSet
	add := func(lo, hi, stride rune) {
		for ; lo <= min(hi, most); lo += stride {
			if stride == 1 {
				s = append(s, span{lo, min(hi, most)})
				return
			}
			s = append(s, span{lo, lo})
		}
	}
	for _, t := range tables {
		for _, x := range t.R16 {
			add(rune(x.Lo), rune(x.Hi), rune(x.Stride))
		}
		for _, x := range t.R32 {
			add(rune(x.Lo), rune(x.Hi), rune(x.Stride))
		}
	}
	return s.normal()
}
