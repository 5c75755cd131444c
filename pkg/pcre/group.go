package pcre

import (
	"slices"
	"strconv"
	"strings"
)

// parenthesis reads a group after its opening parenthesis.
func (p *parser) parenthesis(open int) (n node, repeatable bool) {
	if p.at("*") && (p.peek(1) == ':' || asciiWord.without(asciiDigit, p.most).has(max(p.peek(1), 0))) {
		return p.verb(open)
	}
	if !p.take("?") {
		if p.noAutoCapture {
			return p.group(open, false), true
		}
		return p.capture(open, ""), true
	}
	switch c := p.next(); c {
	case ':':
		return p.group(open, false), true
	case '|':
		return p.group(open, true), true
	case '>':
		return atomic{p.group(open, false)}, true
	case '=', '!':
		return p.look(open, false, c == '!'), true
	case '*':
		unsupported(open, "a non-atomic lookahead")
	case '<':
		switch {
		case p.take("="):
			return p.look(open, true, false), true
		case p.take("!"):
			return p.look(open, true, true), true
		case p.take("*"):
			unsupported(open, "a non-atomic lookbehind")
		}
		return p.capture(open, p.name('>')), true
	case '\'':
		return p.capture(open, p.name('\'')), true
	case 'P':
		switch p.next() {
		case '<':
			return p.capture(open, p.name('>')), true
		case '=':
			return backReference{reference{at: open, name: p.name(')')}, p.caseless}, true
		case '>':
			return call{reference{at: open, name: p.name(')')}}, true
		}
		fail(open, "unrecognized character after (?P")
	case '&':
		return call{reference{at: open, name: p.name(')')}}, true
	case 'R':
		if !p.take(")") {
			fail(open, "(?R (recursive pattern call) must be followed by a closing parenthesis")
		}
		return call{reference{at: open}}, true
	case '(':
		return p.conditional(open), true
	case 'C':
		p.callout(open)
		return nil, false
	default:
		digit := p.peek(0) >= '0' && p.peek(0) <= '9'
		if c >= '0' && c <= '9' || (c == '+' || c == '-') && digit {
			p.pos--
			return call{p.target(open, p.until(')', "a call"))}, true
		}
		p.pos--
		return p.inlineOptions(open)
	}
	panic("unreachable")
}

// capture reads a capture group after its name, "" if it has none.
func (p *parser) capture(open int, name string) node {
	p.groups++
	number := p.groups
	if name != "" {
		known := namedGroup{name, number}
		for _, g := range p.names {
			if g.name == name && g.number != number && !p.dupNames {
				fail(open, "two named subpatterns have the same name (PCRE2_DUPNAMES not set)")
			}
			if g.number == number && g.name != name {
				fail(open, "different names for subpatterns of the same number are not allowed")
			}
		}
		if !slices.Contains(p.names, known) {
			p.names = append(p.names, known)
		}
	}
	return capture{number, p.group(open, false)}
}

func (p *parser) look(open int, behind, negative bool) look {
	p.looks++
	body := p.group(open, false)
	p.looks--
	return look{at: open, behind: behind, negative: negative, body: body}
}

// inlineOptions reads (?flags) or (?flags:...) from the flags on.
func (p *parser) inlineOptions(open int) (n node, repeatable bool) {
	outer, set := p.modes, true
	if p.take("^") {
		p.caseless, p.multiline, p.dotall, p.extended, p.extendedMore, p.noAutoCapture = false, false, false, false, false, false
	}
	for {
		switch p.next() {
		case '-':
			if !set || p.src[p.pos-2] == '^' {
				fail(p.pos, "invalid hyphen in option setting")
			}
			set = false
		case 'J':
			p.dupNames = set
		case 'U':
			p.ungreedy = set
		case 'i':
			p.caseless = set
		case 'm':
			p.multiline = set
		case 'n':
			p.noAutoCapture = set
		case 's':
			p.dotall = set
		case 'x':
			p.extended = set
			p.extendedMore = p.take("x") && set
		case ')':
			// Up to the end of the group that encloses this.
			return nil, false
		case ':':
			inner := p.modes
			p.modes = inner
			body := p.group(open, false)
			p.modes = outer
			return body, true
		default:
			fail(p.pos-1, "unrecognized character after (? or (?-")
		}
	}
}

// callout reads a callout after its C. No check has a function to call.
func (p *parser) callout(open int) {
	if p.more() && strings.ContainsRune("`'\"^%#${", p.peek(0)) {
		end := p.next()
		if end == '{' {
			end = '}'
		}
		for {
			p.until(end, "a callout string")
			if p.peek(0) != end {
				break
			}
			p.pos++
		}
	} else if digits := p.digits(); digits != "" {
		if n, err := strconv.Atoi(digits); err != nil || n > 255 {
			fail(open, "number after (?C is greater than 255")
		}
	}
	if !p.take(")") {
		fail(open, "closing parenthesis for (?C expected")
	}
}

// conditional reads (?(condition)yes|no) after its second parenthesis.
func (p *parser) conditional(open int) node {
	c := conditional{at: open}
	switch {
	case p.take("?C"):
		p.callout(open)
		if !p.take("(") {
			fail(open, "assertion expected after (?( or (?(?C)")
		}
		p.condition(open, &c)
	default:
		p.condition(open, &c)
	}
	body := p.group(open, false)
	switch {
	case len(body) > 2:
		fail(open, "conditional subpattern contains more than two branches")
	case c.kind == never && len(body) > 1:
		fail(open, "DEFINE subpattern contains more than one branch")
	case len(body) == 2:
		c.no = body[1]
	}
	c.yes = body[0]
	return c
}

func (p *parser) condition(open int, c *conditional) {
	behind := false
	switch {
	case p.at("?<=") || p.at("?<!"):
		behind = true
		p.pos++
		fallthrough
	case p.at("?=") || p.at("?!"):
		p.pos += 2
		c.kind, c.look = looking, p.look(open, behind, p.src[p.pos-1] == '!')
		return
	case p.at("*"):
		p.pos--
		at := p.pos
		p.pos++
		assertion, ok := p.assertion(at)
		if !ok {
			fail(open, "assertion expected after (?( or (?(?C)")
		}
		c.kind, c.look = looking, assertion
		return
	case p.at("?"):
		fail(open, "assertion expected after (?( or (?(?C)")
	case p.take("<"):
		c.to = reference{at: open, name: p.name('>')}
	case p.take("'"):
		c.to = reference{at: open, name: p.name('\'')}
	default:
		p.conditionWord(open, c, p.until(')', "a condition"))
		return
	}
	if !p.take(")") {
		fail(open, "missing closing parenthesis for condition")
	}
}

// conditionWord is a condition that is one word.
func (p *parser) conditionWord(open int, c *conditional, word string) {
	version, isVersion := strings.CutPrefix(word, "VERSION")
	switch {
	case isVersion && strings.Trim(version, ">=.0123456789") == "":
		unsupported(open, "(?(VERSION")
	case word == "DEFINE" && !p.known("DEFINE"):
		c.kind = never
	case word == "R" && !p.known("R"):
		c.kind, c.anyCall = inCall, true
	case strings.HasPrefix(word, "R&"):
		c.kind, c.to = inCall, p.target(open, word[2:])
	case len(word) > 1 && word[0] == 'R' && strings.Trim(word[1:], "0123456789") == "" && !p.known(word):
		c.kind, c.to = inCall, p.target(open, word[1:])
	default:
		c.to = p.target(open, word)
		if c.to.name == "" && c.to.number == 0 {
			fail(open, "invalid condition (?(0)")
		}
	}
}

// known reports whether a group has had this name so far.
func (p *parser) known(name string) bool {
	return slices.ContainsFunc(p.names, func(g namedGroup) bool { return g.name == name })
}

// verb reads (*VERB) or (*assertion:...) after its parenthesis.
func (p *parser) verb(open int) (n node, repeatable bool) {
	if c := p.peek(1); c >= 'a' && c <= 'z' {
		if l, ok := p.assertion(open); ok {
			return l, true
		}
		if p.take("*atomic:") {
			return atomic{p.group(open, false)}, true
		}
		word := p.until(':', "(*")
		unsupported(open, "("+word)
	}
	p.pos++
	start := p.pos
	for p.peek(0) == '_' || p.peek(0) >= 'A' && p.peek(0) <= 'Z' {
		p.pos++
	}
	word := string(p.src[start:p.pos])
	if p.take(":") {
		p.verbName()
	}
	if !p.take(")") {
		fail(open, "(*VERB) not recognized or malformed")
	}
	switch word {
	case "F", "FAIL":
		return failure{}, false
	case "", "MARK":
		return nil, false
	case "ACCEPT", "COMMIT", "PRUNE", "SKIP", "THEN":
		unsupported(open, "(*"+word+")")
	}
	fail(open, "(*VERB) not recognized or malformed")
	panic("unreachable")
}

// verbName skips the name of a verb, up to its closing parenthesis.
func (p *parser) verbName() {
	escapes := p.has("alt_verbnames")
	for p.more() && (p.quoted || p.peek(0) != ')') {
		switch {
		case escapes && p.take(`\Q`):
			p.quoted = true
		case escapes && p.take(`\E`):
			p.quoted = false
		case escapes && !p.quoted && p.take(`\`):
			p.next()
		default:
			p.pos++
		}
	}
	p.quoted = false
}

// assertion reads the assertion (*word:...) after its parenthesis, if it is one.
func (p *parser) assertion(open int) (l look, ok bool) {
	for _, kind := range []struct {
		short, long      string
		behind, negative bool
	}{
		{"*pla:", "*positive_lookahead:", false, false},
		{"*nla:", "*negative_lookahead:", false, true},
		{"*plb:", "*positive_lookbehind:", true, false},
		{"*nlb:", "*negative_lookbehind:", true, true},
	} {
		if p.take(kind.short) || p.take(kind.long) {
			return p.look(open, kind.behind, kind.negative), true
		}
	}
	return look{}, false
}
