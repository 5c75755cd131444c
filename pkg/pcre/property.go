package pcre

import (
	"strings"
	"unicode"
)

// The sets that do not depend on Unicode properties.
var (
	asciiDigit = charSet{{'0', '9'}}
	asciiUpper = charSet{{'A', 'Z'}}
	asciiLower = charSet{{'a', 'z'}}
	asciiSpace = charSet{{'\t', '\r'}, {' ', ' '}}
	asciiWord  = asciiDigit.union(asciiUpper, asciiLower, chars('_'))
	// horizontal and vertical are \h and \v; the spans above 0xff are of use
	// with utf only.
	horizontal = charSet{{'\t', '\t'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
	vertical   = charSet{{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}
)

// upTo cuts s at most.
func (s charSet) upTo(most rune) charSet { return s.complement(most).complement(most) }

// shorthand is the set of \d, \h, \s, \v or \w, by its lower-case letter.
func (p *parser) shorthand(letter rune) charSet {
	switch {
	case letter == 'h':
		return horizontal.upTo(p.most)
	case letter == 'v':
		return vertical.upTo(p.most)
	case letter == 'd' && p.ucp:
		return table(p.most, unicode.Nd)
	case letter == 'd':
		return asciiDigit
	case letter == 's' && p.ucp:
		return p.perlSpace()
	case letter == 's':
		return asciiSpace
	case p.ucp:
		return p.alnum().union(chars('_'))
	}
	return asciiWord
}

func (p *parser) alnum() charSet { return table(p.most, unicode.L, unicode.N) }

func (p *parser) perlSpace() charSet {
	return table(p.most, unicode.Z).union(horizontal.upTo(p.most), vertical.upTo(p.most))
}

// posix is the set of [:name:]; ok is false for an unknown name.
func (p *parser) posix(name string) (s charSet, ok bool) {
	if p.caseless && !p.ucp && (name == "lower" || name == "upper") {
		name = "alpha"
	}
	if p.ucp {
		switch name {
		case "alpha":
			return table(p.most, unicode.L), true
		case "lower":
			return table(p.most, unicode.Ll), true
		case "upper":
			return table(p.most, unicode.Lu), true
		case "alnum":
			return p.alnum(), true
		case "space":
			return p.perlSpace(), true
		case "blank":
			return p.shorthand('h'), true
		case "cntrl":
			return table(p.most, unicode.Cc), true
		case "digit", "word":
			return p.shorthand(rune(name[0])), true
		case "graph":
			return p.graph(), true
		case "print":
			return p.graph().union(table(p.most, unicode.Zs)), true
		case "punct":
			return table(p.most, unicode.P).union(table(0x7f, unicode.S)), true
		}
	}
	switch name {
	case "alpha":
		return asciiUpper.union(asciiLower), true
	case "lower":
		return asciiLower, true
	case "upper":
		return asciiUpper, true
	case "alnum":
		return asciiWord.without(chars('_'), p.most), true
	case "ascii":
		return charSet{{0, 0x7f}}, true
	case "blank":
		return chars(' ', '\t'), true
	case "cntrl":
		return charSet{{0, 0x1f}, {0x7f, 0x7f}}, true
	case "digit":
		return asciiDigit, true
	case "graph":
		return charSet{{'!', '~'}}, true
	case "print":
		return charSet{{' ', '~'}}, true
	case "punct":
		return charSet{{'!', '~'}}.without(asciiWord.without(chars('_'), p.most), p.most), true
	case "space":
		return asciiSpace, true
	case "word":
		return asciiWord, true
	case "xdigit":
		return charSet{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, true
	}
	return nil, false
}

// graph is [:graph:] with ucp: what marks the page, and most of Cf.
func (p *parser) graph() charSet {
	invisible := charSet{{0x061c, 0x061c}, {0x180e, 0x180e}, {0x2066, 0x2069}}
	return table(p.most, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf).without(invisible, p.most)
}

// cased is \p{L&}.
func (p *parser) cased() charSet { return table(p.most, unicode.Lu, unicode.Ll, unicode.Lt) }

// property is the set of \p{name}. Names of scripts alone mean their extensions,
// which package unicode does not have; after sc: they mean the script.
func (p *parser) property(at int, name string) charSet {
	loose := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
	negated := strings.HasPrefix(loose, "^")
	loose = strings.TrimPrefix(loose, "^")
	s, ok := p.positiveProperty(loose)
	if !ok {
		unsupported(at, `the property \p{`+name+`}`)
	}
	if negated {
		return s.complement(p.most)
	}
	return s
}

func (p *parser) positiveProperty(name string) (s charSet, ok bool) {
	switch name {
	case "any":
		return charSet{{0, p.most}}, true
	case "l&", "lc":
		return p.cased(), true
	case "xan":
		return p.alnum(), true
	case "xsp", "xps":
		return p.perlSpace(), true
	case "xwd":
		return p.alnum().union(chars('_')), true
	case "cn", "c":
		assigned := table(p.most, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
		if name == "cn" {
			return assigned.complement(p.most), true
		}
		return assigned.complement(p.most).union(table(p.most, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)), true
	}
	if len(name) <= 2 {
		for category, t := range unicode.Categories {
			if strings.EqualFold(category, name) {
				return table(p.most, t), true
			}
		}
	}
	for _, prefix := range []string{"sc:", "sc=", "script:", "script="} {
		if script, found := strings.CutPrefix(name, prefix); found {
			for known, t := range unicode.Scripts {
				if strings.EqualFold(strings.ReplaceAll(known, "_", ""), script) {
					return table(p.most, t), true
				}
			}
		}
	}
	return nil, false
}
