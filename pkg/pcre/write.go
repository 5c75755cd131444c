package pcre

import (
	"fmt"
	"slices"
	"strings"
)

// maxText bounds what a pattern may become, its calls and sets written out, in
// bytes.
const maxText = 1 << 18

// maxWork bounds how many nodes are looked at for that, which is more than what
// is written when groups that call each other are measured, or never tried.
const maxWork = 1 << 19

// writer writes nodes in the syntax of regexp2.
type writer struct {
	p *parser
	strings.Builder
	keeps bool
	work  *int // nodes looked at so far
	// bodies are the capture groups by number, the first of each.
	bodies  map[int]alternation
	defined map[int]bool // groups that were written
	// open are the groups that enclose the place, whether they are written
	// there or called.
	open []int
	// calls are the groups called on the way to the place.
	calls []int
	// measuring are the groups whose length is being found.
	measuring []int
}

// whole writes a whole pattern.
func (w *writer) whole(body alternation) string {
	w.bodies, w.defined = map[int]alternation{}, map[int]bool{}
	w.collect(body)
	w.alternation(body)
	// A group that only stands where nothing is tried can still be asked for.
	var missing strings.Builder
	for n := 1; n <= w.p.groups; n++ {
		if !w.defined[n] {
			fmt.Fprintf(&missing, "(?<%d>)", n)
		}
	}
	text := w.String()
	if missing.Len() > 0 {
		text = "(?:" + text + ")(?:(?!)" + missing.String() + ")?"
	}
	return text
}

// collect finds the capture groups.
func (w *writer) collect(n node) {
	switch n := n.(type) {
	case alternation:
		for _, s := range n {
			w.collect(s)
		}
	case sequence:
		for _, x := range n {
			w.collect(x)
		}
	case capture:
		if _, ok := w.bodies[n.number]; !ok {
			w.bodies[n.number] = n.body
		}
		w.collect(n.body)
	case atomic:
		w.collect(n.body)
	case look:
		w.collect(n.body)
	case repeat:
		w.collect(n.body)
	case conditional:
		if n.kind == looking {
			w.collect(n.look)
		}
		w.collect(n.yes)
		w.collect(n.no)
	}
}

// groupsOf are the numbers a reference stands for.
func (w *writer) groupsOf(r reference) []int {
	if r.name == "" {
		if r.number > w.p.groups {
			fail(r.at, "reference to non-existent subpattern")
		}
		return []int{r.number}
	}
	var numbers []int
	for _, g := range w.p.names {
		if g.name == r.name {
			numbers = append(numbers, g.number)
		}
	}
	if numbers == nil {
		fail(r.at, "reference to non-existent subpattern")
	}
	return numbers
}

// referenced are the groups that are written in n and referred to from n.
func (w *writer) referenced(n node) []int {
	inner := &writer{p: w.p, bodies: map[int]alternation{}}
	inner.collect(n)
	var out []int
	w.references(n, func(number int) {
		if _, ok := inner.bodies[number]; ok {
			out = append(out, number)
		}
	})
	return out
}

// references tells of every group that n asks for the text or the state of.
func (w *writer) references(n node, tell func(int)) {
	switch n := n.(type) {
	case alternation:
		for _, s := range n {
			w.references(s, tell)
		}
	case sequence:
		for _, x := range n {
			w.references(x, tell)
		}
	case capture:
		w.references(n.body, tell)
	case atomic:
		w.references(n.body, tell)
	case look:
		w.references(n.body, tell)
	case repeat:
		w.references(n.body, tell)
	case backReference:
		for _, g := range w.groupsOf(n.to) {
			tell(g)
		}
	case conditional:
		switch n.kind {
		case groupSet:
			for _, g := range w.groupsOf(n.to) {
				tell(g)
			}
		case looking:
			w.references(n.look, tell)
		}
		w.references(n.yes, tell)
		w.references(n.no, tell)
	}
}

func (w *writer) alternation(a alternation) {
	for i, s := range a {
		if i > 0 {
			w.WriteByte('|')
		}
		w.sequence(s)
	}
}

func (w *writer) sequence(s sequence) {
	for _, n := range s {
		w.node(n)
	}
	w.spend()
}

// spend ends what would become too long, or take too long.
func (w *writer) spend() {
	*w.work++
	if w.Len() > maxText || *w.work > maxWork {
		unsupported(0, "a pattern of more than 256 KiB, with its sets and subroutines written out,")
	}
}

// enclosed writes opening, a and a closing parenthesis.
func (w *writer) enclosed(opening string, a alternation) {
	w.WriteString(opening)
	w.alternation(a)
	w.WriteByte(')')
}

func (w *writer) node(n node) {
	switch n := n.(type) {
	case sequence:
		w.sequence(n)
	case alternation:
		w.enclosed("(?:", n)
	case oneOf:
		w.WriteString(w.p.alphabet().class(n.set))
	case written:
		w.WriteString(n.text)
	case failure:
		w.WriteString("(?!)")
	case capture:
		w.open = append(w.open, n.number)
		if len(w.calls) > 0 {
			// What a call captures is forgotten when it ends.
			w.enclosed("(?:", n.body)
		} else {
			w.defined[n.number] = true
			w.enclosed(fmt.Sprintf("(?<%d>", n.number), n.body)
		}
		w.open = w.open[:len(w.open)-1]
	case atomic:
		w.enclosed("(?>", n.body)
	case look:
		w.look(n)
	case repeat:
		w.repeat(n)
	case backReference:
		w.backReference(n)
	case call:
		w.call(n)
	case keep:
		if len(w.calls) > 0 {
			unsupported(n.at, `\K in a subroutine`)
		}
		w.keeps = true
		fmt.Fprintf(w, "(?<%d>)", w.p.groups+1)
	case conditional:
		w.conditional(n)
	default:
		panic(fmt.Sprintf("no way to write a %T", n))
	}
}

// look writes an assertion. In a lookbehind regexp2 goes backwards, and tries
// things in another order; so a step back by the length is followed by a look
// ahead.
func (w *writer) look(l look) {
	mark := "="
	if l.negative {
		mark = "!"
	}
	if !l.behind {
		w.enclosed("(?"+mark, l.body)
		return
	}
	w.WriteString("(?<" + mark)
	for i, s := range l.body {
		if i > 0 {
			w.WriteByte('|')
		}
		n := w.length(l.at, s)
		w.enclosed("(?=", alternation{s})
		if n > 0 {
			fmt.Fprintf(w, `[\s\S]{%d}`, n)
		}
	}
	w.WriteByte(')')
}

func (w *writer) repeat(r repeat) {
	if r.most == 0 {
		w.discard(r.body)
		return
	}
	if _, ok := r.body.(look); ok {
		// An assertion is tried once.
		r.least, r.most = min(r.least, 1), 1
		if r.least == 1 {
			w.node(r.body)
			return
		}
	}
	if r.body == node(emptyClass) {
		w.node(r.body)
		return
	}
	if r.kind == possessive {
		w.WriteString("(?>")
	}
	switch r.body.(type) {
	case oneOf, alternation, capture, atomic:
		w.node(r.body)
	default:
		w.WriteString("(?:")
		w.node(r.body)
		w.WriteByte(')')
	}
	switch {
	case r.most < 0 && r.least == 0:
		w.WriteByte('*')
	case r.most < 0 && r.least == 1:
		w.WriteByte('+')
	case r.most < 0:
		fmt.Fprintf(w, "{%d,}", r.least)
	case r.least == 0 && r.most == 1:
		w.WriteByte('?')
	default:
		fmt.Fprintf(w, "{%d,%d}", r.least, r.most)
	}
	switch r.kind {
	case lazy:
		w.WriteByte('?')
	case possessive:
		w.WriteByte(')')
	}
}

// backReference writes a reference to the first group of its name that is set.
func (w *writer) backReference(b backReference) {
	numbers := w.groupsOf(b.to)
	if b.caseless && w.p.utf {
		unsupported(b.to.at, "a caseless back reference with utf")
	}
	w.WriteString("(?:")
	for _, n := range numbers {
		fmt.Fprintf(w, "(?(%d)", n)
		if b.caseless {
			fmt.Fprintf(w, `(?:(?i:\k<%d>))|`, n)
		} else {
			fmt.Fprintf(w, `\k<%d>|`, n)
		}
	}
	if !w.p.has("match_unset_backref") {
		w.WriteString("(?!)")
	}
	w.WriteString(strings.Repeat(")", len(numbers)+1))
}

// call writes the group's pattern in place, which is all there is to a call that
// does not come back to itself.
func (w *writer) call(c call) {
	n := w.groupsOf(c.to)[0]
	if n == 0 || slices.Contains(w.open, n) {
		unsupported(c.to.at, "recursion")
	}
	body := w.bodies[n]
	if len(w.referenced(capture{n, body})) > 0 {
		unsupported(c.to.at, "a subroutine that refers to its own groups")
	}
	w.open, w.calls = append(w.open, n), append(w.calls, n)
	w.enclosed("(?:", body)
	w.open, w.calls = w.open[:len(w.open)-1], w.calls[:len(w.calls)-1]
}

func (w *writer) conditional(c conditional) {
	branches := func() {
		w.enclosed("(?:", alternation{c.yes})
		w.WriteByte('|')
		w.enclosed("(?:", alternation{c.no})
	}
	switch c.kind {
	case never:
		// It is only there to be called, but has to be right.
		w.discard(c.yes)
	case inCall:
		in := len(w.calls) > 0
		if !c.anyCall {
			numbers := w.groupsOf(c.to)
			in = in && slices.Contains(numbers, w.calls[len(w.calls)-1])
		}
		if in {
			w.enclosed("(?:", alternation{c.yes})
		} else {
			w.enclosed("(?:", alternation{c.no})
		}
	case looking:
		w.WriteString("(?:(?")
		w.look(c.look)
		branches()
		w.WriteString("))")
	case groupSet:
		numbers := w.groupsOf(c.to)
		w.WriteString("(?:")
		for _, n := range numbers {
			fmt.Fprintf(w, "(?(%d)", n)
			w.enclosed("(?:", alternation{c.yes})
			w.WriteByte('|')
		}
		w.enclosed("(?:", alternation{c.no})
		w.WriteString(strings.Repeat(")", len(numbers)+1))
	}
}

// discard writes a part to nowhere, for its errors.
func (w *writer) discard(n node) {
	aside := &writer{p: w.p, work: w.work, bodies: w.bodies, defined: map[int]bool{}, open: slices.Clone(w.open), calls: slices.Clone(w.calls)}
	aside.node(n)
}

// class writes a set in the alphabet.
func (a Alphabet) class(s charSet) string {
	most := rune(0xff)
	if a == UTF8 {
		most = 0x10ffff
	}
	inverse := s.complement(most)
	switch {
	case len(s) == 0:
		return "(?!)"
	case len(inverse) == 0:
		return `[\s\S]`
	case len(s) == 1 && s[0].lo == s[0].hi:
		return a.char(s[0].lo)
	case len(inverse) < len(s):
		return "[^" + a.spans(inverse) + "]"
	}
	return "[" + a.spans(s) + "]"
}

// spans writes what stands in a class.
func (a Alphabet) spans(s charSet) string {
	var b strings.Builder
	for _, x := range s {
		// The bytes above 0x7f are elsewhere.
		if a == Bytes && x.lo <= 0x7f && x.hi > 0x7f {
			b.WriteString(a.spans(charSet{{x.lo, 0x7f}, {0x80, x.hi}}))
			continue
		}
		b.WriteString(a.char(x.lo))
		if x.hi > x.lo {
			b.WriteString("-" + a.char(x.hi))
		}
	}
	return b.String()
}

func (a Alphabet) char(r rune) string {
	if asciiWord.has(r) && r != '_' {
		return string(r)
	}
	return fmt.Sprintf(`\x{%x}`, a.of(r))
}
