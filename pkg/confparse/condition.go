package confparse

import "strings"

// condition deals with a line that starts with @ID or @^ID: kept is the rest
// of the line, keep whether it counts. A condition with nothing after it is
// never kept. is tells whether t starts with a condition at all.
func (r *reader) condition(t text) (kept text, is, keep bool) {
	if t.s == "" || t.s[0] != '@' {
		return t, false, true
	}
	i := 1
	not := strings.HasPrefix(t.s[1:], "^")
	if not {
		i++
	}
	end := i
	for end < len(t.s) && !isSpace(t.s[end]) {
		end++
	}
	same := t.s[i:end] == r.id
	next := end
	for next < len(t.s) && isSpace(t.s[next]) {
		next++
	}
	if next == len(t.s) || same == not {
		return t, true, false
	}
	return t.slice(next, len(t.s)), true, true
}
