package pcre

// classItem is one thing in a bracketed class.
type classItem struct {
	at   int
	kind classKind
	char rune    // of classChar and classHyphen
	set  charSet // of classSet
}

type classKind int

const (
	classChar classKind = iota
	classHyphen
	classSet
	classEnd
)

// class reads a bracketed class after its opening bracket.
func (p *parser) class(open int) charSet {
	if _, ok := p.posixEnd(); ok {
		fail(open, "POSIX named classes are supported only within a class")
	}
	negated := p.take("^")
	var listed, sets charSet // what is listed has two cases, sets have not
	rangeStart := rune(-1)
	afterSet := false
	first := !p.has("allow_empty_class")
	for item := p.classItem(open, first); item.kind != classEnd; item = p.classItem(open, false) {
		switch {
		case item.kind == classSet:
			sets = append(sets, item.set...)
			rangeStart, afterSet = -1, true
			continue
		case item.kind == classHyphen && (rangeStart >= 0 || afterSet):
			end := p.classItem(open, false)
			if end.kind == classEnd {
				listed = append(listed, span{'-', '-'})
				return p.finish(listed, sets, negated)
			}
			if afterSet || end.kind == classSet {
				fail(item.at, "invalid range in character class")
			}
			if end.char < rangeStart {
				fail(item.at, "range out of order in character class")
			}
			listed = append(listed, span{rangeStart, end.char})
			rangeStart = -1
			continue
		}
		listed = append(listed, span{item.char, item.char})
		rangeStart, afterSet = item.char, false
	}
	return p.finish(listed, sets, negated)
}

// finish puts a class together.
func (p *parser) finish(listed, sets charSet, negated bool) charSet {
	s := p.folded(listed.normal()).union(sets)
	if negated {
		return s.complement(p.most)
	}
	return s
}

// classItem reads one item of the class that was opened at open. A bracket that
// comes first is a character.
func (p *parser) classItem(open int, first bool) classItem {
	for {
		if !p.more() {
			fail(open, "missing terminating ] for character class")
		}
		at := p.pos
		c := p.next()
		char := classItem{at: at, char: c}
		switch {
		case c == '\\' && p.take("E"):
			p.quoted = false
			continue
		case p.quoted:
			return char
		case c == '\\' && p.take("Q"):
			p.quoted = true
			continue
		case p.extendedMore && (c == ' ' || c == '\t'):
			continue
		case c == ']' && !first:
			char.kind = classEnd
		case c == '-':
			char.kind = classHyphen
		case c == '[':
			if s, ok := p.posixClass(at); ok {
				return classItem{at: at, kind: classSet, set: s}
			}
		case c == '\\':
			c = p.next()
			if s, ok := p.escapedSet(at, c); ok {
				return classItem{at: at, kind: classSet, set: s}
			}
			char.char = p.classEscape(at, c)
		}
		return char
	}
}

// classEscape is the character that \c means in a class.
func (p *parser) classEscape(at int, c rune) rune {
	switch c {
	case 'b':
		return '\b'
	case 'g':
		return 'g'
	case 'N', 'R', 'X', 'B':
		if c == 'N' && p.utf && p.take("{U+") {
			return p.code(at, p.until('}', `\N{`), 16)
		}
		fail(at, "escape sequence is invalid in character class")
	}
	return p.escapedChar(at, c)
}

// posixClass reads [:name:] after its bracket, if that is what comes.
func (p *parser) posixClass(at int) (s charSet, ok bool) {
	end, ok := p.posixEnd()
	if !ok {
		return nil, false
	}
	if p.peek(0) != ':' {
		fail(at, "POSIX collating elements are not supported")
	}
	name := string(p.src[p.pos+1 : end])
	p.pos = end + 2
	negated := false
	if name != "" && name[0] == '^' {
		negated, name = true, name[1:]
	}
	if s, ok = p.posix(name); !ok {
		fail(at, "unknown POSIX class name")
	}
	if negated {
		return s.complement(p.most), true
	}
	return s, true
}

// posixEnd finds where the name after [: or its like ends, if one comes.
func (p *parser) posixEnd() (end int, ok bool) {
	kind := p.peek(0)
	if kind != ':' && kind != '.' && kind != '=' {
		return 0, false
	}
	for end = p.pos + 1; end+1 < len(p.src); end++ {
		switch c, next := p.src[end], p.src[end+1]; {
		case c == kind && next == ']':
			return end, true
		case c == ']', c == '\\', c == '[' && next == kind:
			return 0, false
		}
	}
	return 0, false
}
