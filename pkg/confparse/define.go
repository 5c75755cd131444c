package confparse

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

const (
	// longestLine is what a line may grow to by substitution, in bytes. One
	// that would make it longer is not made.
	longestLine = 1023
	// mostExpansions bounds the substitutions in one line: definitions that
	// double each other stay short when the innermost is empty.
	mostExpansions = 1000
	// expansionsPerLine is how many of them count as a line.
	expansionsPerLine = 16
)

// definition is the value of a $NAME.
type definition struct {
	name string
	// lines has one text per value line; conditions, definitions and
	// replicators in them are dealt with at use.
	lines []text
	// multi definitions were continued by a backslash: they are known only
	// at the end of a line.
	multi bool
	// made values (counters of ~SEQ) stand nowhere: they show as their use.
	made bool
}

// use is a $NAME or ${NAME PARAMETERS} in a line.
type use struct {
	name   string
	params []string
	braces bool
	end    int
}

// parseUse reads the use whose $ is s[i].
func parseUse(s string, i int) (use, bool) {
	j := i + 1
	braces := j < len(s) && s[j] == '{'
	if braces {
		j++
	}
	k := nameEnd(s, j)
	if k == j {
		return use{}, false
	}
	u := use{name: s[j:k], braces: braces, end: k}
	if !braces {
		return u, k == len(s) || isSpace(s[k]) || s[k] == ',' || s[k] == ')'
	}
	n := strings.IndexByte(s[k:], '}')
	if n < 0 || n > 0 && !isSpace(s[k]) {
		return use{}, false
	}
	u.end = k + n + 1
	if n > 0 {
		u.params = strings.Fields(s[k : k+n])
		if len(u.params) == 0 {
			return use{}, false
		}
	}
	return u, true
}

// nameEnd is the end of the definition name that starts at s[i], i if none
// does.
func nameEnd(s string, i int) int {
	j := i
	for j < len(s) && (s[j] == '_' || isLetter(s[j]) || j > i && isDigit(s[j])) {
		j++
	}
	return j
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// definitionName recognises "$NAME=" at the start of s and returns the name
// and where the value starts.
func definitionName(s string) (name string, value int, ok bool) {
	if s == "" || s[0] != '$' {
		return "", 0, false
	}
	n := nameEnd(s, 1)
	if n == 1 || n == len(s) || s[n] != '=' {
		return "", 0, false
	}
	return s[1:n], n + 1, true
}

// define stores the definition that t is. If t is the end of a physical line,
// a backslash adds the lines that follow.
func (r *reader) define(t text, name string, value int, st lineState) {
	d := &definition{name: name}
	v, multi := continued(t.slice(value, len(t.s)).trim())
	d.multi = multi || st.more != nil && st.more.continues
	if v.s != "" || !d.multi {
		d.lines = append(d.lines, v)
	}
	switch {
	case !d.multi:
	case st.more != nil:
		if !r.addLines(d, st.more) {
			r.report(t.place(0, value), diag.CodeUnfinishedDefinition, "Definition of "+name+" is not finished")
		}
	default:
		d.lines = append(d.lines, st.tail...)
	}
	if len(d.lines) == 0 {
		d.lines = []text{t.slice(value, value)}
		d.multi = false
	}
	r.defs[name] = d
}

// addLines appends the physical lines that belong to d, up to the first that
// no backslash ends. Lines of nothing but a comment are passed over, a blank
// line is the end.
func (r *reader) addLines(d *definition, more *cursor) (finished bool) {
	for {
		t, ok := r.physical(more)
		if !ok {
			return false
		}
		if t.s == "" {
			if more.comment {
				continue
			}
			return true
		}
		v, goesOn := continued(t)
		if v.s != "" {
			d.lines = append(d.lines, v)
		}
		if !goesOn && !more.continues {
			return true
		}
	}
}

// startsDefinition reports whether s is a definition behind conditions and
// replicators.
func startsDefinition(s string) bool {
	for s != "" {
		switch {
		case s[0] == '@':
			i := strings.IndexAny(s, " \t\v\f\r")
			if i < 0 {
				return false
			}
			s = s[i:]
		case replicatorName(s) != "":
			i := strings.IndexByte(s, ')')
			if i < 0 {
				return false
			}
			s = s[i+1:]
		default:
			_, _, ok := definitionName(s)
			return ok
		}
		s = strings.TrimLeft(s, " \t\v\f\r")
	}
	return false
}

// continued removes the backslash at the end of t.
func continued(t text) (text, bool) {
	if strings.HasSuffix(t.s, `\`) {
		return t.slice(0, len(t.s)-1).trim(), true
	}
	return t, false
}

// expansion is the outcome of substituting the definitions in a line.
type expansion struct {
	text
	// changed is set if anything was substituted.
	changed bool
	// leading is set if the line's start came out of a definition and is now
	// something that only the start of a line can be: the rest of the line is
	// left as it was.
	leading bool
	// looped is set if a definition turned out to use itself.
	looped bool
	// rest are the further lines of the multi-line definitions at the end.
	rest []pending
}

// pending are the lines of a definition from next on, still to be read.
type pending struct {
	d    *definition
	step *origin
	next int
}

// expand substitutes definitions, again from the start of the line until none
// is left: a name may be one only after what follows it has gone.
func (r *reader) expand(t text) (out expansion) {
	out.text = t
	defer func() {
		if out.changed {
			out.text = r.bench.finish()
		}
	}()
	budget := mostExpansions
	again := false
	for i := 0; ; {
		n := strings.IndexByte(out.s[i:], '$')
		if n < 0 && again {
			i, again = 0, false
			continue
		}
		if n < 0 {
			r.hintNames(out.text)
			return out
		}
		i += n
		u, ok := parseUse(out.s, i)
		if !ok {
			i++
			continue
		}
		at := out.place(i, u.end)
		if d := r.defs[u.name]; d != nil && at.from.within(d) {
			r.loop(d, at)
			out.looped = true
			return out
		}
		value, rest, ok := r.value(u, at, u.end == len(out.s))
		if !ok {
			i++
			continue
		}
		if len(out.s)-(u.end-i)+len(value.s) > longestLine {
			r.reportOnce(at, diag.CodeExpansionTooLong, "Substitution of $"+u.name+" makes the line longer than "+strconv.Itoa(longestLine)+" bytes - not made")
			i++
			continue
		}
		if budget--; budget < 0 {
			r.report(at, diag.CodeTooManyExpansions, "More than "+strconv.Itoa(mostExpansions)+" substitutions in one line")
			return out
		}
		if budget%expansionsPerLine == 0 && !r.spend(at, 1) {
			return out
		}
		if !out.changed {
			r.bench.load(t)
			out.changed = true
		}
		r.bench.splice(i, u.end, value)
		out.text = r.bench.view()
		again = true
		if rest.d != nil {
			out.rest = append([]pending{rest}, out.rest...)
		}
		if i == 0 && onlyAtStart(out.s) {
			out.leading = true
			return out
		}
	}
}

// onlyAtStart reports whether s starts like a condition, a definition or a
// replicator.
func onlyAtStart(s string) bool {
	if s == "" {
		return false
	}
	_, _, definition := definitionName(s)
	return definition || s[0] == '@' || replicatorName(s) != ""
}

// value is what a use stands for. It is not ok if the name is unknown there:
// then the text stays as it is.
func (r *reader) value(u use, at place, last bool) (value text, rest pending, ok bool) {
	d, found := r.defs[u.name]
	if !found {
		value, ok = r.builtin(u, at)
		return value, pending{}, ok
	}
	if len(u.params) > 0 || d.multi && !last {
		return text{}, pending{}, false
	}
	if d.made {
		return text{s: d.lines[0].s, at: at, segs: madeUp(d.lines[0].s, at)}, pending{}, true
	}
	step := &origin{file: d.lines[0].at.from.file, parent: at.from, use: at.span, kind: diag.FrameExpansion, def: d}
	value = d.lines[0].under(step).plain()
	if d.multi {
		// The condition of a first line is its own, not that of the line it
		// is joined to.
		if kept, is, keep := r.condition(value); is {
			value = kept
			if !keep {
				value = text{at: value.at}
			}
		}
		rest = pending{d: d, step: step, next: 1}
	}
	return value, rest, true
}

// loop reports a definition that uses itself, once.
func (r *reader) loop(d *definition, at place) {
	if !r.looped[d] {
		r.looped[d] = true
		r.report(at, diag.CodeDefinitionLoop, "Definition "+d.name+" refers to itself - ignoring")
	}
}

// plain is t without protection of its # and !: those of a value can start a
// comment where it is used.
func (t text) plain() text {
	if slices.ContainsFunc(t.segs, func(g seg) bool { return g.literal }) {
		t.segs = slices.Clone(t.segs)
		for i := range t.segs {
			t.segs[i].literal = false
		}
	}
	return t
}

// madeUp are the segs of a text that stands nowhere but for at.
func madeUp(s string, at place) []seg {
	if s == "" {
		return nil
	}
	return []seg{{at: at, whole: true}}
}

// hintNames looks at the names that stay in t as text. Outside of quotes those
// in braces are left to unknownBraces.
func (r *reader) hintNames(t text) {
	quoted := false
	for i := range len(t.s) {
		switch t.s[i] {
		case '"':
			quoted = !quoted
		case '$':
			if u, ok := parseUse(t.s, i); ok && (quoted || !u.braces) && !(i == 0 && strings.HasPrefix(strings.TrimLeft(t.s[u.end:], " \t"), "=")) {
				r.hintName(u.name, t.place(i, u.end))
			}
		}
	}
}

// hintName reports a name that stays as text although it looks as if a
// definition was meant.
func (r *reader) hintName(name string, at place) {
	if _, _, known := builtinBounds(name); known {
		return
	}
	if d, ok := r.defs[name]; ok && !d.multi || !ok && r.similar(name) == "" && !capitals(name) {
		return
	}
	r.unknownName(at, name, "the name stays as text")
}

// capitals reports whether a name is written as variables are: IFACE, VIP_1.
func capitals(name string) bool {
	return len(name) > 1 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == ""
}

// unknownName reports the use of a name that has no definition, with the most
// similar one that has.
func (r *reader) unknownName(at place, name, effect string) {
	if r.told(at, diag.CodeUnknownDefinition) {
		return
	}
	d := r.finding(at, diag.CodeUnknownDefinition, "Unknown definition '"+name+"'")
	d.Effect = effect
	if known, ok := r.defs[name]; ok && known.multi {
		d.Summary = "Multi-line definition '" + name + "' is not at the end of the line"
		d.Hint = "move it to the end of the line"
	} else if near := r.similar(name); near != "" {
		d.Hint = "did you mean " + near + "?"
	}
	r.diags.Add(d)
}

// similar is the defined name that name may be a misspelling of.
func (r *reader) similar(name string) string {
	if g, ok := r.guesses[name]; ok && g.among == len(r.defs) {
		return g.name
	}
	g := guess{diag.Suggest(name, slices.Sorted(maps.Keys(r.defs))), len(r.defs)}
	r.guesses[strings.Clone(name)] = g
	return g.name
}

// guess is what similar found among so many definitions.
type guess struct {
	name  string
	among int
}
