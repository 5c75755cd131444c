package pcre

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRepeat is the largest number in a quantifier, and the longest lookbehind.
const maxRepeat = 65535

// maxDepth is how many parentheses may enclose one, as PCRE2 is built.
const maxDepth = 250

// modes are the options that a pattern can change inside a group.
type modes struct {
	caseless, multiline, dotall, extended, extendedMore, noAutoCapture, ungreedy, dupNames bool
}

// parser reads one pattern.
type parser struct {
	modes
	has  func(option string) bool
	src  []rune // bytes without utf
	pos  int
	utf  bool
	ucp  bool
	most rune // the largest character

	groups  int // capture groups so far
	names   []namedGroup
	anyCRLF bool // \R is CR, LF or CRLF
	resets  bool // some groups share their number by (?|
	depth   int  // parentheses that enclose the place
	looks   int  // assertions that enclose the place
	quoted  bool // between \Q and \E
}

type namedGroup struct {
	name   string
	number int
}

func newParser(pattern string, has func(string) bool) *parser {
	p := &parser{has: has, utf: has("utf"), ucp: has("ucp"), modes: modes{
		caseless: has("caseless"), multiline: has("multiline"), dotall: has("dotall"), extended: has("extended"),
		noAutoCapture: has("no_auto_capture"), ungreedy: has("ungreedy"), dupNames: has("dupnames"),
	}}
	rest := p.settings(pattern)
	p.most = 0xff
	if p.utf {
		p.most = unicode.MaxRune
		if !utf8.ValidString(pattern) {
			fail(0, "the pattern is not UTF-8")
		}
		p.src = []rune(pattern)
	} else {
		for _, b := range []byte(pattern) {
			p.src = append(p.src, rune(b))
		}
	}
	p.pos = len(pattern) - len(rest) // settings are ASCII
	if p.utf && has("never_utf") {
		fail(0, "utf with never_utf")
	}
	if p.ucp && has("never_ucp") {
		fail(0, "ucp with never_ucp")
	}
	return p
}

// settings reads the (*WORD)s that a pattern may start with and returns the rest.
func (p *parser) settings(pattern string) string {
	for rest := pattern; ; {
		word, after, found := strings.Cut(rest, ")")
		word, starts := strings.CutPrefix(word, "(*")
		if !found || !starts {
			return rest
		}
		switch word {
		case "UTF":
			p.utf = true
		case "UCP":
			p.ucp = true
		case "BSR_ANYCRLF":
			p.anyCRLF = true
		case "BSR_UNICODE":
			p.anyCRLF = false
		case "LF", "NO_AUTO_POSSESS", "NO_DOTSTAR_ANCHOR", "NO_JIT", "NO_START_OPT":
		case "CR", "CRLF", "ANYCRLF", "ANY", "NUL", "NOTEMPTY", "NOTEMPTY_ATSTART":
			unsupported(len(pattern)-len(rest), "(*"+word+")")
		default:
			if strings.HasPrefix(word, "LIMIT_") {
				unsupported(len(pattern)-len(rest), "(*"+word+")")
			}
			return rest
		}
		rest = after
	}
}

func (p *parser) alphabet() Alphabet {
	switch {
	case p.utf:
		return UTF8
	case p.ucp:
		return Latin1
	}
	return Bytes
}

func (p *parser) more() bool { return p.pos < len(p.src) }

// next reads a character.
func (p *parser) next() rune {
	if !p.more() {
		fail(p.pos, "the pattern ends too early")
	}
	p.pos++
	return p.src[p.pos-1]
}

// peek is the character n places on, -1 after the end.
func (p *parser) peek(n int) rune {
	if p.pos+n >= len(p.src) {
		return -1
	}
	return p.src[p.pos+n]
}

// at reports whether text comes next.
func (p *parser) at(text string) bool {
	for i, r := range []rune(text) {
		if p.peek(i) != r {
			return false
		}
	}
	return true
}

// take reads text if it comes next.
func (p *parser) take(text string) bool {
	if !p.at(text) {
		return false
	}
	p.pos += len(text)
	return true
}

// until reads up to end and over it.
func (p *parser) until(end rune, what string) string {
	start := p.pos
	i := slices.Index(p.src[start:], end)
	if i < 0 {
		fail(start, what+" has no end")
	}
	p.pos += i + 1
	return string(p.src[start : start+i])
}

func (p *parser) parse() alternation {
	body := p.alternation(false)
	if p.more() {
		fail(p.pos, "unmatched closing parenthesis")
	}
	return body
}

// alternation reads branches up to a closing parenthesis, which is left, or the
// end. With reset every branch numbers its groups from the same start.
func (p *parser) alternation(reset bool) alternation {
	first, last := p.groups, p.groups
	p.resets = p.resets || reset
	var body alternation
	for {
		if reset {
			p.groups = first
		}
		body = append(body, p.branch())
		last = max(last, p.groups)
		if !p.take("|") {
			break
		}
	}
	p.groups = last
	return body
}

// group reads the rest of a group and its closing parenthesis. Options changed
// inside end with it.
func (p *parser) group(open int, reset bool) alternation {
	if p.depth++; p.depth > maxDepth {
		fail(open, "parentheses are too deeply nested")
	}
	outer := p.modes
	body := p.alternation(reset)
	p.depth--
	p.modes = outer
	if !p.take(")") {
		fail(open, "missing closing parenthesis")
	}
	return body
}

func (p *parser) branch() sequence {
	seq := sequence{}
	repeatable := false // what came last may have a quantifier
	for {
		p.ignored()
		if !p.more() || !p.quoted && (p.peek(0) == '|' || p.peek(0) == ')') {
			return seq
		}
		at := p.pos
		if least, most, ok := p.quantifier(); ok {
			if !repeatable {
				fail(at, "quantifier does not follow a repeatable item")
			}
			body := seq[len(seq)-1]
			seq[len(seq)-1] = repeat{body: body, least: least, most: most, kind: p.quantifierKind()}
			repeatable = false
			continue
		}
		n, can := p.item()
		if n != nil {
			seq = append(seq, n)
		}
		repeatable = can
	}
}

// ignored skips what is nothing: \E, comments, and blanks if extended.
func (p *parser) ignored() {
	for p.more() {
		switch {
		case p.take(`\E`):
			p.quoted = false
		case p.quoted:
			return
		case p.take(`\Q`):
			p.quoted = true
		case p.at("(?#"):
			p.until(')', "a comment")
		case p.extended && p.peek(0) == '#':
			for p.more() && p.next() != '\n' {
			}
		case p.extended && p.blank(p.peek(0)):
			p.pos++
		default:
			return
		}
	}
}

// blank is pattern white space.
func (p *parser) blank(r rune) bool {
	return asciiSpace.has(r) || p.utf && slices.Contains([]rune{0x85, 0x200e, 0x200f, 0x2028, 0x2029}, r)
}

// quantifier reads one if it comes next; most -1 is no limit.
func (p *parser) quantifier() (least, most int, ok bool) {
	if p.quoted {
		return 0, 0, false
	}
	switch p.peek(0) {
	case '*':
		p.pos++
		return 0, -1, true
	case '+':
		p.pos++
		return 1, -1, true
	case '?':
		p.pos++
		return 0, 1, true
	case '{':
	default:
		return 0, 0, false
	}
	start := p.pos
	p.pos++
	from, most := p.digits(), -1
	to := from
	if from != "" && p.take(",") {
		to = p.digits()
	}
	if from == "" || !p.take("}") {
		p.pos = start
		return 0, 0, false
	}
	least = repeatCount(start, from)
	if to != "" {
		most = repeatCount(start, to)
		if most < least {
			fail(start, "numbers out of order in {} quantifier")
		}
	}
	return least, most, true
}

func (p *parser) digits() string {
	start := p.pos
	for p.peek(0) >= '0' && p.peek(0) <= '9' {
		p.pos++
	}
	return string(p.src[start:p.pos])
}

func repeatCount(at int, digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxRepeat {
		fail(at, "number too big in {} quantifier")
	}
	return n
}

func (p *parser) quantifierKind() quantifier {
	blanks := p.pos
	for {
		if p.take(`\E`) {
			continue
		}
		if !p.extended || !p.more() || !p.blank(p.peek(0)) {
			break
		}
		p.pos++
	}
	switch {
	case p.take("+"):
		return possessive
	case p.take("?"):
		if p.ungreedy {
			return greedy
		}
		return lazy
	}
	p.pos = blanks
	if p.ungreedy {
		return lazy
	}
	return greedy
}

// item reads one thing that is no quantifier, and reports whether it may have
// one. The node is nil if it does nothing.
func (p *parser) item() (n node, repeatable bool) {
	at := p.pos
	c := p.next()
	if p.quoted {
		return p.literal(c), true
	}
	switch c {
	case '\\':
		return p.escape(at)
	case '[':
		for _, word := range []string{"[:<:]]", "[:>:]]"} {
			if p.take(word) {
				return p.wordEdge(word == "[:<:]]"), false
			}
		}
		if p.has("allow_empty_class") && p.take("]") {
			return emptyClass, true
		}
		return oneOf{p.class(at)}, true
	case '.':
		if p.dotall {
			return oneOf{charSet{{0, p.most}}}, true
		}
		return oneOf{chars('\n').complement(p.most)}, true
	case '^':
		switch {
		case !p.multiline:
			return written{`\A`, 0}, false
		case p.has("alt_circumflex"):
			return written{`(?m:^)`, 0}, false
		}
		// Not after a line feed that ends the subject.
		return written{`(?:(?m:^)(?:(?!\z)|\A))`, 0}, false
	case '$':
		switch {
		case p.multiline:
			return written{`(?m:$)`, 0}, false
		case p.has("dollar_endonly"):
			return written{`\z`, 0}, false
		}
		return written{`\Z`, 0}, false
	case '(':
		return p.parenthesis(at)
	}
	return p.literal(c), true
}

// literal is a character, in both cases if caseless.
func (p *parser) literal(c rune) node { return oneOf{p.folded(chars(c))} }

// folded adds the other cases to a set if caseless.
func (p *parser) folded(s charSet) charSet {
	switch {
	case !p.caseless:
		return s
	case p.utf || p.ucp:
		return s.fold(p.most)
	}
	return s.foldASCII()
}

// wordEdge is [[:<:]] or [[:>:]].
func (p *parser) wordEdge(start bool) node {
	word := p.alphabet().class(p.shorthand('w'))
	if start {
		return written{`(?:(?<!` + word + `)(?=` + word + `))`, 0}
	}
	return written{`(?:(?<=` + word + `)(?!` + word + `))`, 0}
}

// boundary is \b or \B.
func (p *parser) boundary(negative bool) node {
	if p.alphabet() == Bytes {
		// In this alphabet regexp2's words are ASCII.
		if negative {
			return written{`\B`, 0}
		}
		return written{`\b`, 0}
	}
	word := p.alphabet().class(p.shorthand('w'))
	if negative {
		return written{`(?:(?<=` + word + `)(?=` + word + `)|(?<!` + word + `)(?!` + word + `))`, 0}
	}
	return written{`(?:(?<=` + word + `)(?!` + word + `)|(?<!` + word + `)(?=` + word + `))`, 0}
}
