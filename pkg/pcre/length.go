package pcre

import "slices"

// length is how many characters s takes, in a lookbehind that starts at at.
func (w *writer) length(at int, s sequence) int {
	n := 0
	for _, x := range s {
		if _, ok := x.(failure); ok {
			break // what follows counts no more
		}
		n += w.nodeLength(at, x)
		if n > maxRepeat {
			fail(at, "lookbehind assertion is too long")
		}
	}
	return n
}

func (w *writer) nodeLength(at int, n node) int {
	w.spend()
	const varies = "lookbehind assertion is not fixed length"
	switch n := n.(type) {
	case oneOf:
		return 1
	case written:
		if n.length < 0 {
			fail(at, varies)
		}
		return n.length
	case capture:
		return w.nodeLength(at, n.body)
	case atomic:
		return w.nodeLength(at, n.body)
	case alternation:
		first := w.length(at, n[0])
		for _, s := range n[1:] {
			if w.length(at, s) != first {
				fail(at, varies)
			}
		}
		return first
	case sequence:
		return w.length(at, n)
	case look, keep:
		return 0
	case repeat:
		if l, ok := n.body.(look); ok && !l.behind {
			return 0
		}
		if n.least != n.most {
			fail(at, varies)
		}
		one := w.nodeLength(at, n.body)
		if one*n.least > maxRepeat {
			fail(at, "lookbehind assertion is too long")
		}
		return one * n.least
	case backReference:
		if w.p.has("match_unset_backref") {
			fail(at, varies)
		}
		numbers := w.groupsOf(n.to)
		if len(numbers) > 1 || w.p.resets || slices.Contains(w.open, numbers[0]) {
			fail(at, varies)
		}
		return w.groupLength(at, numbers[0])
	case call:
		return w.groupLength(at, w.groupsOf(n.to)[0])
	case conditional:
		switch n.kind {
		case never:
			return 0
		case groupSet, inCall, looking:
			yes := w.length(at, n.yes)
			if n.no != nil && w.length(at, n.no) != yes {
				fail(at, varies)
			}
			return yes
		}
	}
	panic("unreachable")
}

// groupLength is the length of a group that is referred to or called.
func (w *writer) groupLength(at, number int) int {
	if number == 0 || slices.Contains(w.measuring, number) {
		fail(at, "lookbehind assertion is not fixed length")
	}
	w.measuring = append(w.measuring, number)
	n := w.nodeLength(at, w.bodies[number])
	w.measuring = w.measuring[:len(w.measuring)-1]
	return n
}
