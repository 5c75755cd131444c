package confparse

import (
	"math/rand/v2"
	"path"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

const (
	// mostLines bounds the lines that includes, definitions and replicators
	// make: enough for 65,000 instances out of one multi-line definition.
	mostLines = 4 << 20
	// includeCost is what an include counts as, in lines.
	includeCost = 16
)

// Read reads the configuration at path (a name or glob pattern, as given to
// -f) with everything it includes. It never fails: what cannot be used is in
// the findings, and the set tells whether there was a main file at all.
func Read(files FileSystem, path string, env Env) ([]Line, *FileSet, diag.List) {
	return readAtMost(mostLines, files, path, env)
}

// readAtMost is Read with another bound for the lines that includes,
// definitions and replicators make.
func readAtMost(budget int, files FileSystem, path string, env Env) ([]Line, *FileSet, diag.List) {
	r := newReader(files, path, env)
	r.budget = budget
	r.mainFiles(path)
	return r.lines, r.set, r.diags
}

// reader holds the state of one Read.
type reader struct {
	env   Env
	set   *FileSet
	lines []Line
	diags diag.List

	// id is what @ID compares with.
	id   string
	rand *rand.Rand
	defs map[string]*definition
	// looped are the definitions whose loop was reported, once what was
	// reported once per place.
	looped map[*definition]bool
	once   map[toldAt]bool
	// guesses spares a file full of $WORDS the same search for each.
	guesses map[string]guess

	// dir is the directory of the file being read.
	dir    string
	checks includeChecks
	// budget is how many more lines may be made.
	budget  int
	counted map[*source]bool

	// depth counts braces; inGlobal is set inside of global_defs.
	depth    int
	inGlobal bool

	words []Word
	bench workbench
	// openQuote is the last line that was reported for an open quote.
	openQuote place
}

func newReader(files FileSystem, path string, env Env) *reader {
	r := &reader{
		env: env, set: newFileSet(files, path, env), id: env.ID(),
		defs: map[string]*definition{}, looped: map[*definition]bool{}, once: map[toldAt]bool{},
		guesses: map[string]guess{},
		rand:    newRandom(uint64(env.Now.UnixNano())),
		counted: map[*source]bool{},
	}
	if env.IncludeCheckAll {
		r.checks = checkEverything
	}
	return r
}

// source records a file that is about to be read.
func (r *reader) source(name, shown, full, s string) *source {
	if src, ok := r.set.sources[name]; ok && src.path == full {
		return src
	}
	src := &source{name: name, shown: shown, path: full, text: s}
	r.set.sources[name] = src
	return src
}

// file reads all lines of a file. What include_check sets in it ends with it.
func (r *reader) file(from *origin) {
	src := from.file
	n := strings.Count(src.text, "\n") + 1
	if r.counted[src] && !r.spend(place{from.parent, from.use}, n) {
		return
	}
	r.counted[src] = true
	dir, checks := r.dir, r.checks
	r.dir = path.Dir(src.path)
	if r.lines == nil {
		r.lines = make([]Line, 0, n+n/3)
	}
	if strings.HasPrefix(src.text, "\ufeff") {
		r.report(place{from, span{line: 1, col: 1, len: 3}}, diag.CodeByteOrderMark, "The file starts with a byte order mark")
	}
	c := cursor{from: from, s: src.text, line: 1}
	for c.next < len(c.s) {
		if r.simpleLine(&c) {
			continue
		}
		if t, ok := r.physical(&c); ok {
			r.line(t, lineState{more: &c})
		}
	}
	r.dir, r.checks = dir, checks
}

// spend takes n lines off the budget.
func (r *reader) spend(at place, n int) bool {
	if r.budget < 0 {
		return false
	}
	r.budget -= n
	if r.budget < 0 {
		r.report(at, diag.CodeTooManyLines, "The configuration grows beyond all bounds")
		return false
	}
	return true
}

// lineState is what already happened to a line.
type lineState struct {
	// more is set if the line is the end of a physical line: a definition may
	// go on in the next ones.
	more *cursor
	// tail are the further lines of a definition that a replicator repeats.
	tail []text
	// conditioned lines had their condition, expanded ones their definitions
	// substituted.
	conditioned, expanded bool
}

// line processes a line without comments, and what it expands to.
func (r *reader) line(t text, st lineState) {
	for _, p := range r.statement(t, st) {
		for _, l := range p.d.lines[p.next:] {
			if !r.spend(place{p.step.parent, p.step.use}, 1) {
				return
			}
			r.line(l.under(p.step).plain(), lineState{})
		}
	}
}

// statement processes one line up to its last brace. rest are the further
// lines of a multi-line definition at its end.
func (r *reader) statement(t text, st lineState) (rest []pending) {
	for t = t.trim(); t.s != ""; {
		switch t.s[0] {
		case '@':
			if st.conditioned {
				break
			}
			st.conditioned = true
			kept, _, keep := r.condition(t)
			if !keep {
				if !strings.ContainsAny(t.s, " \t\v\f\r\n") {
					r.reportOnce(t.place(0, len(t.s)), diag.CodeLoneCondition, "Nothing stands behind the condition "+t.s)
				}
				r.passDefinition(kept, st)
				return rest
			}
			t = kept
			continue
		case '$':
			if name, value, ok := definitionName(t.s); ok {
				r.define(t, name, value, st)
				return rest
			}
		case '~':
			if name := replicatorName(t.s); name != "" {
				r.replicate(t, name, st)
				return rest
			}
		}
		if !st.expanded {
			x := r.expand(t)
			if x.looped {
				return rest
			}
			if len(x.rest) > 0 {
				rest = append(x.rest, rest...)
			}
			if x.changed && !x.endsIn(st.more) {
				st.more = nil
			}
			if x.leading {
				t = x.text
				continue
			}
			st.expanded = true
			if x.changed {
				t = r.withoutComment(x.text, true)
				continue
			}
		}
		if checks, at, ok := includeForm(t.s); ok {
			r.include(t, checks, at)
			return rest
		}
		brace := r.untilBrace(t)
		if brace == len(t.s) {
			return rest
		}
		t = t.slice(brace+1, len(t.s)).trim()
		st.conditioned = false
	}
	return rest
}

// withoutComment strips the comment and reports an open quote. again is set
// for lines whose definitions were substituted: their physical line may have
// been reported already.
func (r *reader) withoutComment(t text, again bool) text {
	whole := t
	t, odd, literal := stripComment(t)
	if again && literal >= 0 {
		r.report(t.place(literal, literal+1), diag.CodeLiteralComment, "Literal '"+t.s[literal:literal+1]+"'")
	}
	if odd {
		at := whole.place(0, len(whole.s))
		if !again || !r.toldOfQuote(at) {
			r.openQuote = at.reported()
			r.report(whole.place(strings.LastIndexByte(whole.s, '"'), len(whole.s)), diag.CodeUnterminatedQuote, "Unterminated quote '"+t.s+"'")
		}
	}
	return t.trim()
}

// toldOfQuote reports whether the line that keepalived would name for at was
// the last one reported for an open quote.
func (r *reader) toldOfQuote(at place) bool {
	at = at.reported()
	return at.from != nil && at.from == r.openQuote.from && at.line == r.openQuote.line
}

// passDefinition leaves out the lines of a multi-line definition whose
// condition is not met.
func (r *reader) passDefinition(t text, st lineState) {
	if st.more == nil || !st.more.continues || !startsDefinition(t.s) {
		return
	}
	i := 0
	for i < len(t.s) && !isSpace(t.s[i]) {
		i++
	}
	v := t.slice(i, len(t.s)).trim()
	r.addLines(&definition{}, st.more)
	r.report(v.place(0, len(v.s)), diag.CodeConditionalLines, "All lines of the definition are left out")
}

// untilBrace emits the words of t up to its first brace outside of quotes,
// and the brace. It returns where that brace is.
func (r *reader) untilBrace(t text) int {
	i, quoted := 0, false
	for ; i < len(t.s); i++ {
		c := t.s[i]
		if c == '"' {
			quoted = !quoted
		} else if !quoted && (c == '{' || c == '}') {
			break
		}
	}
	r.emitWords(t.slice(0, i).trim())
	if i < len(t.s) {
		r.emitBrace(t.slice(i, i+1))
		if t.s[i] == '{' && i > 0 && t.s[i-1] == '$' {
			r.unknownBraces(t, i-1)
		}
	}
	return i
}

// unknownBraces reports a ${NAME} that is about to be taken apart.
func (r *reader) unknownBraces(t text, dollar int) {
	end := nameEnd(t.s, dollar+2)
	if end == dollar+2 {
		return
	}
	name := t.s[dollar+2 : end]
	if _, _, known := builtinBounds(name); known {
		return
	}
	if end < len(t.s) {
		end++
	}
	r.unknownName(t.place(dollar, end), name, "its braces count as block braces")
}
