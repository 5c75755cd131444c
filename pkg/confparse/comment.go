package confparse

import "strings"

// stripComment cuts t at the first # or ! outside double quotes, and the
// blanks before it. A backslash in front of # or ! outside quotes is dropped
// and makes the character text; any other pair of a backslash and a character
// stays as it is, and a " in it does not count. odd means that a quote is left
// open; literal is where the first # or ! stands that starts no comment though
// no quotes protect it, or -1.
func stripComment(t text) (out text, odd bool, literal int) {
	literal = -1
	if !strings.ContainsAny(t.s, "#!\\\"") {
		return t, false, literal
	}
	quoted := false
	for i := 0; i < len(t.s); i++ {
		switch t.s[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if i+1 == len(t.s) {
				break
			}
			if c := t.s[i+1]; !quoted && (c == '#' || c == '!') {
				at := t.place(i, i+2)
				t = t.splice(i, i+2, text{s: t.s[i+1 : i+2], segs: []seg{{at: at, whole: true, literal: true}}})
				break
			}
			i++
		case '#', '!':
			if quoted {
				break
			}
			if t.literal(i) {
				if literal < 0 {
					literal = i
				}
				break
			}
			return t.slice(0, i).trim(), false, literal
		}
	}
	return t, quoted, literal
}
