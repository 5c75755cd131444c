package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// longestPhysical is how many bytes a line of a file may have without its LF.
const longestPhysical = 1022

// cursor walks the physical lines of one file.
type cursor struct {
	from *origin
	s    string
	// next is where the next line starts, line its number.
	next int
	line uint32
	// comment is set if the last line held nothing but a comment, continues
	// if it ended in a backslash, be that in a comment.
	comment, continues bool
}

// cut takes the next physical line, without its LF and the CRs before it.
func (c *cursor) cut() (start, end int) {
	start = c.next
	n := strings.IndexByte(c.s[start:], '\n')
	if n < 0 {
		end, c.next = len(c.s), len(c.s)
	} else {
		end, c.next = start+n, start+n+1
	}
	c.line++
	return start, end
}

// physical takes the next line and prepares it: no blanks around it, no
// comment. A line that has to be ignored comes back empty. It is not ok at
// the end of the file.
func (r *reader) physical(c *cursor) (t text, ok bool) {
	c.comment, c.continues = false, false
	if c.next >= len(c.s) {
		return text{}, false
	}
	line := c.line
	start, end := c.cut()
	first := start
	t = text{s: c.s[start:end], at: place{c.from, span{byte: uint32(start), line: line, col: 1, len: uint32(end - start)}}}
	if end-start > longestPhysical {
		r.report(t.place(0, end-start), diag.CodeLineTooLong, "line too long - ignoring")
		// keepalived drops what its buffer holds and takes the rest for a new
		// line.
		for end-start > longestPhysical {
			start = min(start+longestPhysical+1, end)
		}
		t = t.slice(start-first, end-first)
	}
	n := len(t.s)
	for n > 0 && t.s[n-1] == '\r' {
		n--
	}
	t = t.slice(0, n)
	if i := strings.IndexByte(t.s, 0); i >= 0 {
		r.report(t.place(i, i+1), diag.CodeNUL, "configuration appears to have embedded NULs - ignoring line")
		return t.slice(0, 0), true
	}
	last := strings.HasSuffix(t.s, `\`)
	t = t.trim()
	whole := t.s
	c.continues = strings.HasSuffix(whole, `\`)
	t = r.withoutComment(t, false)
	c.comment = whole != "" && t.s == ""
	if v, ok := continued(t); ok && last && len(v.s)+1 < len(t.s) && v.s != "" {
		// Blanks in front of a backslash at the very end do not count.
		t = t.splice(len(v.s), len(t.s)-1, text{})
	}
	return t, true
}

// simpleLine reads the next physical line if it needs nothing but words,
// quotes, braces and comments. Nearly every line does; this keeps the cost of
// a big file to one look at each byte.
func (r *reader) simpleLine(c *cursor) bool {
	before := *c
	start, end := c.cut()
	line := before.line
	if end-start > longestPhysical {
		*c = before
		return false
	}
	lines, words, depth, inGlobal := len(r.lines), len(r.words), r.depth, r.inGlobal
	s := c.s[:end]
	for end > start && s[end-1] == '\r' {
		end--
	}
	s = s[:end]
	at := func(from, to int) place {
		return place{c.from, span{byte: uint32(from), line: line, col: uint32(from - start + 1), len: uint32(to - from)}}
	}
	i := start
	first := len(r.words)
	raw := 0
	for {
		// At the start of a statement.
		for i < len(s) && class[s[i]] == spaceClass {
			i++
		}
		if i == len(s) {
			return true
		}
		if c := s[i]; c == '@' || c == '~' || c == 'i' && strings.HasPrefix(s[i:], "include") {
			goto hard
		}
		raw = i
	statement:
		for i < len(s) {
			switch b := s[i]; class[b] {
			case spaceClass:
				i++
			case hardClass:
				goto hard
			case endClass:
				switch b {
				case '#', '!':
					s = s[:i]
				case '"':
					j := i + 1
					for j < len(s) && s[j] != '"' {
						if class[s[j]] == hardClass {
							goto hard
						}
						j++
					}
					if j == len(s) {
						goto hard
					}
					w := Word{Text: s[i+1 : j], at: at(i, j+1)}
					w.at.len |= quotedBit
					first = r.addWord(first, w)
					i = j + 1
				default:
					break statement
				}
			default:
				j := i + 1
				for j < len(s) && class[s[j]] == 0 {
					j++
				}
				first = r.addWord(first, Word{Text: s[i:j], at: at(i, j)})
				i = j
			}
		}
		if n := len(r.words); n > first {
			last := r.words[n-1].at
			to := int(last.byte + last.width())
			r.emit(LineWords, first, at(raw, to), nil)
		}
		if i == len(s) {
			return true
		}
		kind := LineOpen
		if s[i] == '}' {
			kind = LineClose
		}
		first = r.addWord(len(r.words), Word{Text: s[i : i+1], at: at(i, i+1)})
		r.emit(kind, first, at(i, i+1), nil)
		i++
		first = len(r.words)
	}
hard:
	*c = before
	clear(r.lines[lines:])
	r.lines = r.lines[:lines]
	r.words = r.words[:min(words, len(r.words))]
	r.depth, r.inGlobal = depth, inGlobal
	return false
}
