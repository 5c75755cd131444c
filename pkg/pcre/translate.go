package pcre

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Translation is a pattern for regexp2, to be compiled without options.
type Translation struct {
	// Text is the pattern.
	Text string
	// Alphabet says which characters the subject must be made of.
	Alphabet Alphabet
	// FirstLine: a match must start before or at the first line feed of what
	// is searched.
	FirstLine bool
	// KeepGroup is the number of the group whose place is where the reported
	// match starts, if it took part in it (\K); 0 if there is none.
	KeepGroup int
}

// Options are the words of regex_options. Those about speed, captures, callouts
// and names have nothing to act on in a check: auto_callout, no_auto_possess,
// no_dotstar_anchor, no_start_optimize and use_offset_limit change no verdict,
// and alt_verbnames only concerns names of verbs, which are read and dropped.
var Options = []string{
	"allow_empty_class", "alt_bsux", "auto_callout", "caseless", "dollar_endonly", "dotall", "dupnames", "extended",
	"firstline", "match_unset_backref", "multiline", "never_ucp", "never_utf", "no_auto_capture", "no_auto_possess",
	"no_dotstar_anchor", "no_start_optimize", "ucp", "ungreedy", "utf", "never_backslash_c", "alt_circumflex",
	"alt_verbnames", "use_offset_limit",
}

// Translate reads a PCRE2 pattern with options, words of Options. The error is
// an *Error.
func Translate(pattern string, options []string) (t Translation, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			t, err = Translation{}, e
		default:
			panic(e)
		}
	}()
	p := newParser(pattern, func(option string) bool { return slices.Contains(options, option) })
	body := p.parse()
	w := &writer{p: p, work: new(int)}
	text := w.whole(body)
	t = Translation{Text: text, Alphabet: p.alphabet(), FirstLine: p.has("firstline")}
	if w.keeps {
		t.KeepGroup = p.groups + 1
	}
	return t, nil
}

// Alphabet is what a character of pattern and subject is.
type Alphabet int

const (
	// Bytes: every byte is a character; those above 0x7f have no properties
	// and are put where Unicode has none, at 0xe000 and up.
	Bytes Alphabet = iota
	// Latin1: every byte is the character of that number (ucp without utf).
	Latin1
	// UTF8: the subject is UTF-8.
	UTF8
)

// privateUse is where Bytes puts the bytes above 0x7f.
const privateUse = 0xe000

func (a Alphabet) of(r rune) rune {
	if a == Bytes && r > 0x7f {
		return privateUse + r
	}
	return r
}

// Runes makes the characters of a subject. Invalid UTF-8 is an error, as it is
// for PCRE2.
func (a Alphabet) Runes(subject []byte) ([]rune, error) {
	if a == UTF8 {
		if !utf8.Valid(subject) {
			return nil, fmt.Errorf("the subject is not UTF-8")
		}
		return []rune(string(subject)), nil
	}
	out := make([]rune, len(subject))
	for i, b := range subject {
		out[i] = a.of(rune(b))
	}
	return out, nil
}
