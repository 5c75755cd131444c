package pcre

import (
	"strconv"
	"strings"
	"unicode"
)

// escape reads what follows a backslash outside a class.
func (p *parser) escape(at int) (n node, repeatable bool) {
	c := p.next()
	switch c {
	case 'A':
		return written{`\A`, 0}, false
	case 'Z':
		return written{`\Z`, 0}, false
	case 'z':
		return written{`\z`, 0}, false
	case 'G':
		return written{`\G`, 0}, false
	case 'b', 'B':
		return p.boundary(c == 'B'), false
	case 'K':
		if p.looks > 0 {
			fail(at, `\K is not allowed in lookarounds`)
		}
		return keep{at}, false
	case 'C':
		if p.has("never_backslash_c") {
			fail(at, `\C with never_backslash_c`)
		}
		if p.utf {
			unsupported(at, `\C with utf`)
		}
		return oneOf{charSet{{0, p.most}}}, true
	case 'R':
		lines := vertical.without(chars('\r'), p.most)
		if p.anyCRLF {
			lines = chars('\n')
		}
		return written{`(?>\r\n|` + p.alphabet().class(lines.union(chars('\r'))) + `)`, -1}, true
	case 'X':
		if p.utf {
			unsupported(at, `\X with utf`)
		}
		return written{`(?>\r\n|[\s\S])`, -1}, true
	case 'N':
		if p.at("{") && !p.quantifierComes() {
			if !p.at("{U+") {
				fail(at, `\N{name} is not supported`)
			}
			if !p.utf {
				fail(at, `\N{U+dddd} is supported only in Unicode (UTF) mode`)
			}
			p.pos += 3
			return p.literal(p.code(at, p.until('}', `\N{`), 16)), true
		}
		return oneOf{chars('\n').complement(p.most)}, true
	case 'g':
		return p.escapeG(at)
	case 'k':
		end, ok := map[rune]rune{'{': '}', '<': '>', '\'': '\''}[p.next()]
		if !ok {
			fail(at, `\k is not followed by a braced, angle-bracketed, or quoted name`)
		}
		return backReference{reference{at: at, name: p.name(end)}, p.caseless}, true
	}
	if c >= '1' && c <= '9' {
		p.pos--
		digits := p.digits()
		number, err := strconv.Atoi(digits)
		if err == nil && (number < 10 || c >= '8' || number <= p.groups) {
			return backReference{reference{at: at, number: number}, p.caseless}, true
		}
		p.pos = at + 2
	}
	if s, ok := p.escapedSet(at, c); ok {
		return oneOf{s}, true
	}
	return p.literal(p.escapedChar(at, c)), true
}

// quantifierComes reports whether a quantifier comes next.
func (p *parser) quantifierComes() bool {
	start := p.pos
	_, _, ok := p.quantifier()
	p.pos = start
	return ok
}

// escapeG reads what follows \g: a back reference or a call.
func (p *parser) escapeG(at int) (n node, repeatable bool) {
	switch {
	case p.take("<"):
		return call{p.target(at, p.until('>', `\g<`))}, true
	case p.take("'"):
		return call{p.target(at, p.until('\'', `\g'`))}, true
	case p.take("{"):
		if c := p.peek(0); c == '+' || c == '-' || c >= '0' && c <= '9' {
			return p.numbered(at, p.until('}', `\g{`)), true
		}
		return backReference{reference{at: at, name: p.name('}')}, p.caseless}, true
	}
	start := p.pos
	if p.peek(0) == '+' || p.peek(0) == '-' {
		p.pos++
	}
	p.digits()
	return p.numbered(at, string(p.src[start:p.pos])), true
}

// numbered is a back reference by number.
func (p *parser) numbered(at int, word string) node {
	to := p.target(at, word)
	if to.name == "" && to.number == 0 {
		fail(at, "a group number is wrong")
	}
	return backReference{to, p.caseless}
}

// target is the group that a number, a signed number or a name means here. A
// number of 0 is the whole pattern, which only a call can mean.
func (p *parser) target(at int, word string) reference {
	if word == "" {
		fail(at, "a group is not named")
	}
	sign := word[0]
	if sign != '+' && sign != '-' && (sign < '0' || sign > '9') {
		p.checkName(at, word)
		return reference{at: at, name: word}
	}
	n, err := strconv.Atoi(strings.TrimLeft(word, "+-"))
	if err != nil || strings.LastIndexAny(word, "+-") > 0 {
		fail(at, "a group number is wrong")
	}
	switch {
	case sign == '+' && n > 0:
		n += p.groups
	case sign == '-' && n > 0 && n <= p.groups:
		n = p.groups - n + 1
	case sign == '+' || sign == '-':
		fail(at, "reference to non-existent subpattern")
	}
	return reference{at: at, number: n}
}

// name reads a group's name and its end.
func (p *parser) name(end rune) string {
	at := p.pos
	name := p.until(end, "a subpattern name")
	p.checkName(at, name)
	return name
}

func (p *parser) checkName(at int, name string) {
	if name == "" {
		fail(at, "subpattern name expected")
	}
	if name[0] >= '0' && name[0] <= '9' {
		fail(at, "subpattern name must start with a non-digit")
	}
	if len(name) > 32 {
		fail(at, "subpattern name is too long")
	}
	for _, r := range name {
		if !asciiWord.has(r) && !(p.utf && (unicode.IsLetter(r) || unicode.Is(unicode.Nd, r))) {
			fail(at, "syntax error in subpattern name (missing terminator?)")
		}
	}
}

// escapedSet is the set of \d, \D, \p and so on; the same in a class.
func (p *parser) escapedSet(at int, c rune) (s charSet, ok bool) {
	switch c {
	case 'd', 'h', 's', 'v', 'w':
		return p.shorthand(c), true
	case 'D', 'H', 'S', 'V', 'W':
		return p.shorthand(unicode.ToLower(c)).complement(p.most), true
	case 'p', 'P':
		name := string(p.next())
		if name == "{" {
			name = p.until('}', `\p{`)
		}
		s := p.property(at, name)
		if c == 'P' {
			s = s.complement(p.most)
		}
		return s, true
	}
	return nil, false
}

// escapedChar is the character that \c means; the same in a class.
func (p *parser) escapedChar(at int, c rune) rune {
	switch c {
	case 'a':
		return '\a'
	case 'e':
		return 0x1b
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'c':
		x := p.next()
		if x < ' ' || x > '~' {
			fail(at, `\c must be followed by a printable ASCII character`)
		}
		if x >= 'a' && x <= 'z' {
			x += 'A' - 'a'
		}
		return x ^ 0x40
	case 'o':
		if !p.take("{") {
			fail(at, `missing opening brace after \o`)
		}
		return p.code(at, p.until('}', `\o{`), 8)
	case 'x':
		return p.hex(at)
	case '8', '9': // in a class only
		return c
	case '0', '1', '2', '3', '4', '5', '6', '7':
		p.pos--
		return p.code(at, p.some(3, "01234567"), 8)
	case 'u':
		if p.has("alt_bsux") {
			if digits := p.some(4, hexDigits); len(digits) == 4 {
				return p.code(at, digits, 16)
			} else {
				p.pos -= len(digits)
			}
			return 'u'
		}
	case 'U':
		if p.has("alt_bsux") {
			return 'U'
		}
	}
	if asciiWord.has(c) && c != '_' {
		fail(at, `unrecognized character follows \`)
	}
	return c
}

const hexDigits = "0123456789abcdefABCDEF"

// hex reads what follows \x.
func (p *parser) hex(at int) rune {
	if p.has("alt_bsux") {
		if digits := p.some(2, hexDigits); len(digits) == 2 {
			return p.code(at, digits, 16)
		} else {
			p.pos -= len(digits)
		}
		return 'x'
	}
	if p.take("{") {
		return p.code(at, p.until('}', `\x{`), 16)
	}
	if digits := p.some(2, hexDigits); digits != "" {
		return p.code(at, digits, 16)
	}
	return 0
}

// some reads up to most characters that are in set.
func (p *parser) some(most int, set string) string {
	start := p.pos
	for p.pos < start+most && p.more() && strings.ContainsRune(set, p.peek(0)) {
		p.pos++
	}
	return string(p.src[start:p.pos])
}

// code is the character of a number.
func (p *parser) code(at int, digits string, base int) rune {
	n, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil:
		fail(at, "a character code is wrong")
	case n > uint64(p.most):
		fail(at, "a character code is too large")
	case p.utf && n >= 0xd800 && n <= 0xdfff:
		fail(at, "a character code is a surrogate")
	}
	return rune(n)
}
