package confparse

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Character classes of the line reader.
const (
	// spaceClass separates words.
	spaceClass = 1 << iota
	// endClass ends a word: quotes, comments, braces.
	endClass
	// hardClass is left to the complete reader: definitions, backslashes, NUL.
	hardClass
)

var class = [256]uint8{
	' ': spaceClass, '\t': spaceClass, '\n': spaceClass, '\r': spaceClass, '\v': spaceClass, '\f': spaceClass,
	'"': endClass, '#': endClass, '!': endClass, '{': endClass, '}': endClass,
	'$': hardClass, '\\': hardClass, 0: hardClass,
}

// wordChunk is how many words are allocated together.
const wordChunk = 4096

// addWord appends a word to the statement whose words start at first, and
// returns where they start now.
func (r *reader) addWord(first int, w Word) int {
	if len(r.words) == cap(r.words) {
		fresh := make([]Word, 0, max(wordChunk, 2*(len(r.words)-first)))
		fresh = append(fresh, r.words[first:]...)
		r.words, first = fresh, 0
	}
	r.words = append(r.words, w)
	return first
}

// emit appends a line of the words from first on. made is its text if that
// does not stand verbatim at at.
func (r *reader) emit(kind LineKind, first int, at place, made *text) {
	words := r.words[first:len(r.words):len(r.words)]
	r.lines = append(r.lines, Line{Kind: kind, Words: words, at: at, made: made})
	switch kind {
	case LineOpen:
		r.depth++
	case LineClose:
		if r.depth--; r.depth < 0 {
			r.depth = 0
		}
	default:
		if s := words[0].Text; s != "" && s[0] >= utf8.RuneSelf {
			r.strangeStart(words[0])
		}
		if r.depth == 0 {
			r.inGlobal = words[0].Text == "global_defs"
		} else if r.depth == 1 && r.inGlobal {
			r.settings(words)
		}
	}
}

// strangeStart reports a line that starts with a space that separates no
// words, once per file.
func (r *reader) strangeStart(w Word) {
	c, n := utf8.DecodeRuneInString(w.Text)
	if !unicode.IsSpace(c) {
		return
	}
	file := w.at.reported()
	if file.span = (span{}); r.told(file, diag.CodeNoBreakSpace) {
		return
	}
	at := w.at
	at.len = uint32(n)
	r.report(at, diag.CodeNoBreakSpace, fmt.Sprintf("The line starts with a no-break space (U+%04X)", c))
}

// settings carries out the keywords of global_defs that the reader itself
// obeys.
func (r *reader) settings(words []Word) {
	switch words[0].Text {
	case "include_check":
		r.includeCheck(words[1:])
	case "random_seed":
		if len(words) > 1 {
			if seed, err := strconv.ParseUint(words[1].Text, 10, 64); err == nil {
				r.rand = newRandom(seed)
			}
		}
	}
}

// emitBrace emits a "{" or "}".
func (r *reader) emitBrace(t text) {
	kind := LineOpen
	if t.s == "}" {
		kind = LineClose
	}
	at := t.place(0, 1)
	first := r.addWord(len(r.words), Word{Text: t.s, at: at})
	r.emit(kind, first, at, t.unlessVerbatim())
}

// emitWords splits t and emits its words. An unquoted word ends at white
// space or a ", a quoted one at the next "; nothing is special inside. A
// quoted word without an end is dropped.
func (r *reader) emitWords(t text) {
	s := t.s
	first := len(r.words)
	unmatched := false
	for i := 0; i < len(s); {
		switch {
		case isSpace(s[i]):
			i++
		case s[i] == '"':
			n := strings.IndexByte(s[i+1:], '"')
			if n < 0 {
				unmatched = true
				i = len(s)
				break
			}
			end := i + n + 2
			w := Word{Text: s[i+1 : end-1], at: t.place(i, end)}
			w.at.len |= quotedBit
			first = r.addWord(first, w)
			i = end
		default:
			end := i
			for end < len(s) && s[end] != '"' && !isSpace(s[end]) {
				end++
			}
			first = r.addWord(first, Word{Text: s[i:end], at: t.place(i, end)})
			i = end
		}
	}
	if len(r.words) > first {
		at := t.place(0, len(s))
		if unmatched {
			r.unmatchedQuote(t, at, r.words[first].Text)
		}
		r.emit(LineWords, first, at, t.unlessVerbatim())
	}
}
