package confparse

import (
	"fmt"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// report adds f about at, with the line's block around it as context.
func (d *decoder) report(at Placed, f diag.Diagnostic) {
	f.Subject, f.Chain = at.Range(), at.Chain()
	if n := len(d.stack); n > 1 && f.Context.IsZero() {
		f.Context = d.stack[n-1].head.Range()
	}
	d.add(f)
}

// mostFindings bounds the findings of the tables: a repetition or a file that
// is something else altogether makes millions, which nobody reads.
const mostFindings = 20000

// add records a finding. Of those beyond the bound only the first of a class
// counts, because the exit status depends on it.
func (d *decoder) add(f diag.Diagnostic) {
	d.lost = len(d.diags) >= mostFindings && d.classes[f.Class]
	if d.lost {
		d.tooMany = true
		return
	}
	d.classes[f.Class] = true
	d.diags.Add(f)
}

// refuse reports a value that is not used. why says what is wrong with it
// when summary does not.
func (d *decoder) refuse(at Placed, summary, why string) bool {
	effect := d.spec.OnBad
	if effect == "" {
		effect = "the line is ignored"
	}
	if why != "" {
		effect = why + "; " + effect
	}
	d.report(at, diag.Diagnostic{
		Code: codeBadValue, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: effect, Hint: valueHint(at, d.typedHint(at)),
	})
	d.noteRefusal(at.Range())
	return false
}

// typedHint is about values of the type that the keyword takes.
func (d *decoder) typedHint(at Placed) string {
	hint := ""
	if w, ok := at.(Word); ok && w.Text != "" {
		hint = unitHint(d.spec.Args, w.Text)
		if strings.HasPrefix(d.spec.Args, "<IP>") {
			hint = addressHint(w.Text)
		}
	}
	return otherwise(hint, d.syntaxHint())
}

// refusal is a keyword of a block whose value was refused.
type refusal struct {
	block   diag.Range
	keyword string
}

// noteRefusal remembers that the value at at was refused, for what the block
// lacks because of that.
func (d *decoder) noteRefusal(at diag.Range) {
	for i := len(d.stack) - 1; i > 0; i-- {
		if b := d.stack[i].block; b != nil {
			d.misses(b.Head, otherwise(d.spec.Alias, d.spec.Keyword), at)
			return
		}
	}
}

// misses notes that a block misses keyword because of what stands at r.
func (d *decoder) misses(block diag.Range, keyword string, r diag.Range) {
	if d.refused == nil {
		d.refused = map[refusal]diag.Range{}
	}
	if key := (refusal{block, keyword}); d.refused[key].IsZero() {
		d.refused[key] = r
	}
}

// lacking says of the last finding, that a block lacks keyword, what it
// follows from: a value that was refused, or else broken.
func (d *decoder) lacking(b *config.Block, keyword string, broken diag.Range) {
	if at, ok := d.refused[refusal{b.Head, keyword}]; ok {
		broken = at
	}
	d.follows(broken)
}

// syntaxHint is what the keyword takes.
func (d *decoder) syntaxHint() string {
	if d.spec.Args == "" || d.spec.Range == "" {
		return ""
	}
	return fmt.Sprintf("%s takes %s: %s", d.spec.Keyword, d.spec.Args, d.spec.Range)
}

// adjust reports that another value is used than the one that was written.
func (d *decoder) adjust(at Placed, summary, effect string) {
	d.report(at, diag.Diagnostic{
		Code: codeAdjusted, Severity: diag.Warning, Class: diag.ClassConfig,
		Summary: summary, Effect: effect,
	})
}

// complain reports an ordinary configuration error.
func (d *decoder) complain(at Placed, code, summary, effect, hint string) {
	d.report(at, diag.Diagnostic{
		Code: code, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: effect, Hint: hint,
	})
}

// logOnly reports what keepalived logs without counting it.
func (d *decoder) logOnly(at Placed, code, summary, effect string) {
	d.report(at, diag.Diagnostic{
		Code: code, Severity: diag.Warning, Class: diag.ClassLog,
		Summary: summary, Effect: effect,
	})
}

// missing reports that word n (the keyword is word 1) is not there: fatal to
// keepalived, unless the keyword looks for itself and has words for it.
func (d *decoder) missing(s *Line, n int) {
	d.missingAt(s, n, d.spec.Missing)
}

func (d *decoder) missingAt(s *Line, n int, summary string) {
	class, effect := diag.ClassConfig, "the line is ignored"
	if summary == "" {
		class = diag.ClassMissingParameter
		effect = "keepalived stops here with exit status 2; here the line is ignored"
		prev := s.Words[min(n-1, len(s.Words))-1].Text
		summary = fmt.Sprintf("*** Configuration line starting `%s` is missing a parameter after keyword `%s` at word position %d",
			s.Keyword(), prev, n)
	}
	hint := ""
	switch {
	case strings.HasSuffix(d.spec.Args, "{block}") && s.Keyword() != d.spec.Keyword:
		// A line of a list.
		hint = "write a value after " + s.Words[min(n-1, len(s.Words))-1].Text
	case d.spec.Args != "":
		hint = fmt.Sprintf("write: %s %s", d.spec.Keyword, d.spec.Args)
	}
	d.report(s, diag.Diagnostic{
		Code: codeMissing, Severity: diag.Error, Class: class,
		Summary: expand(summary, d.name(), d.spec.Keyword, ""), Effect: effect, Hint: hint,
	})
}

// arg is the word with number i; the keyword is word 0. A missing one is
// reported.
func (d *decoder) arg(s *Line, i int) (Word, bool) {
	if i < len(s.Words) {
		return s.Words[i], true
	}
	d.missing(s, i+1)
	return Word{}, false
}

// deprecated reports the use of a keyword that ought to be replaced.
func (d *decoder) deprecated(s *Line, summary string, logOnly bool) {
	class := diag.ClassConfig
	if logOnly {
		class = diag.ClassLog
	}
	hint := ""
	if d.spec.Alias != "" {
		hint = "write " + d.spec.Alias + " instead"
	}
	d.report(s, diag.Diagnostic{
		Code: codeDeprecated, Severity: diag.Warning, Class: class,
		Summary: summary, Effect: "the line is honoured all the same", Hint: hint,
	})
}

// unacted reports, once per keyword, that nothing acts on it.
func (d *decoder) unacted(s *Line) {
	key := d.spec.Keyword
	if d.told[key] {
		return
	}
	if d.told == nil {
		d.told = map[string]bool{}
	}
	d.told[key] = true
	f := diag.Diagnostic{Code: codePending, Severity: diag.Warning, Class: diag.ClassOwn,
		Summary: key + " is accepted, but not acted on yet"}
	switch d.spec.Status {
	case StatusUnsupported:
		f.Code, f.Summary = codeUnsupported, key+" is accepted, but not supported"
	case StatusNoEffect:
		f.Code, f.Severity, f.Summary = codeNoEffect, diag.Note, key+" has no effect"
	case StatusActed, StatusPending:
	}
	d.report(s, f)
}

// syntax reports a finding that several passes may make about the same line,
// once.
func (d *decoder) syntax(s *Line, code, summary, effect string) {
	if d.repeated(s, summary) {
		d.consequenceAfterAll(s, summary)
		return
	}
	d.complain(s, code, summary, effect, "")
	d.consequence()
}

// consequence says of the last finding that it follows from what the braces
// do since d.cause.
func (d *decoder) consequence() { d.follows(d.cause) }

// follows says of the last finding that it follows from the one about cause, if
// there is one.
func (d *decoder) follows(cause diag.Range) {
	if !d.lost {
		d.diags[len(d.diags)-1].CausedBy = cause
	}
}

func (d *decoder) repeated(s *Line, summary string) bool {
	key := finding{s, summary}
	if _, ok := d.seen[key]; ok {
		return true
	}
	if len(d.diags) >= mostFindings {
		return false
	}
	if d.seen == nil {
		d.seen = map[finding]int{}
	}
	d.seen[key] = len(d.diags)
	return false
}

// consequenceAfterAll tells a finding of an earlier pass what it follows from:
// a pass that skipped the block did not know.
func (d *decoder) consequenceAfterAll(s *Line, summary string) {
	i, ok := d.seen[finding{s, summary}]
	if !ok || i >= len(d.diags) || d.diags[i].Summary != summary {
		return
	}
	if f := &d.diags[i]; f.CausedBy.IsZero() && f.Subject != d.cause {
		f.CausedBy = d.cause
	}
	if d.diags[i].Code == codeMissingClose && d.leftmost.head != nil {
		d.diags[i].Hint = d.leftmost.String()
	}
}

// missingClose reports that the input ends inside of blocks.
func (d *decoder) missingClose(n int) {
	summary := fmt.Sprintf("There are %d missing '}'s or extra '{'s", n)
	if d.repeated(nil, summary) {
		d.consequenceAfterAll(nil, summary)
		return
	}
	last := &d.lines[len(d.lines)-1]
	d.report(last, diag.Diagnostic{
		Code: codeMissingClose, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: "the open blocks end with the file", Hint: d.leftmost.String(),
	})
	d.consequence()
}

// unknown reports a line that no keyword of the scope fits.
func (d *decoder) unknown(s *Line, in scope) {
	word := s.Words[0].Text
	d.unknownLine = s
	summary := unknownKeyword + word + "'"
	if d.repeated(s, summary) {
		if len(d.homes[word]) > 0 {
			d.consequenceAfterAll(s, summary)
		}
		return
	}
	effect := "the line is ignored"
	if d.next < len(d.lines) && d.lines[d.next].Kind == LineOpen {
		effect = "the lines of its block are taken for lines of the block around it"
	} else if since := d.afterStray(); since != "" {
		effect += "; " + since
	}
	g := d.unknownHint(word, in)
	hint, known := g.hint, len(d.homes[word]) > 0
	if b := d.stack[len(d.stack)-1].block; b != nil && g.meant != "" {
		d.misses(b.Head, g.meant, s.Words[0].Range())
	}
	if known {
		hint += d.whereWeAre(word)
	}
	d.complain(s.Words[0], codeUnknownKeyword, summary, effect, hint)
	if known || hint == "" {
		// A good word in the wrong place, or an entry of a list.
		d.consequence()
	}
	if known && len(d.stack) == 1 {
		// What follows up to the next block is lost, too.
		d.drift(s.Words[0].Range())
		if d.lastClosed.head != nil {
			d.misses(d.lastClosed.head.Range(), word, d.cause)
		}
	}
}

// whereWeAre tells which brace may have put a good word into the wrong place.
func (d *decoder) whereWeAre(word string) string {
	if n := len(d.stack) - 1; n > 0 {
		for i := range n {
			if d.stack[i].scope.has(word) && !strings.Contains(d.homes[word][0], d.stack[n].head.Keyword()) {
				return "; here " + d.stack[n].head.Keyword() + " of line " + itoa(d.stack[n].head.Range().Start.Line) + " is open"
			}
		}
		return ""
	}
	if c := d.lastClosed; c.head != nil && contains(d.homes[word], c.head.Keyword()) {
		return "; the } of line " + itoa(c.brace.Range().Start.Line) + " has closed " + c.head.Keyword() + " of line " + itoa(c.head.Range().Start.Line)
	}
	return ""
}

// strangeWord is a word that was not known in a scope.
type strangeWord struct {
	word string
	in   scope
}

// maxGuesses bounds the work on files that are something else altogether.
const maxGuesses = 200

// unknownHint says what may have been meant.
func (d *decoder) unknownHint(word string, in scope) keywordGuess {
	key := strangeWord{word, in}
	g, done := d.guesses[key]
	if !done && len(d.guesses) < maxGuesses {
		if d.guesses == nil {
			d.guesses, d.homes = map[strangeWord]keywordGuess{}, keywordHomes()
		}
		g = d.guess(word, in)
		d.guesses[key] = g
	}
	return g
}

// keywordGuess is what an unknown word may be: the hint, and the keyword of
// this block that was meant.
type keywordGuess struct{ hint, meant string }

func (d *decoder) guess(word string, in scope) keywordGuess {
	if hint, ok := staleKeywords[word]; ok {
		return keywordGuess{hint: hint}
	}
	if name, value, ok := strings.Cut(word, "="); ok && (in.has(name) || len(d.homes[name]) > 0) {
		return keywordGuess{strings.TrimSpace("write "+name+" "+value) + ", without the =", name}
	}
	if name, ok := strings.CutSuffix(word, ":"); ok && in.has(name) {
		return keywordGuess{"write " + name + ", without the colon", name}
	} else if ok && len(d.homes[name]) > 0 {
		return keywordGuess{hint: name + " belongs in " + strings.Join(d.homes[name], " or ") + ", and has no colon"}
	}
	if where := d.homes[word]; len(where) > 0 {
		return keywordGuess{hint: word + " belongs in " + strings.Join(where, " or ")}
	}
	if best := diag.Suggest(word, in.names()); best != "" {
		return keywordGuess{"did you mean " + best + "?", best}
	}
	return keywordGuess{hint: d.foreign(word, in)}
}

// foreign says what else a word that is like no keyword may be.
func (d *decoder) foreign(word string, in scope) string {
	if hint := otherwise(commentHint(word), fromWeb(word)); hint != "" {
		return hint
	}
	if d.next >= 2 {
		if before := d.lines[d.next-2].Words; len(before) > 1 && strings.HasSuffix(before[len(before)-1].Text, "\\") {
			return "only definitions go on after a \\: write it all on one line"
		}
	}
	if strings.ContainsRune(word, '{') {
		return "a brace in double quotes is text, not the start of a block"
	}
	var longer []string
	for _, name := range in.names() {
		if strings.HasPrefix(name, word+"_") || strings.HasSuffix(name, "_"+word) {
			longer = append(longer, name)
		}
	}
	if 0 < len(longer) && len(longer) <= 3 {
		return "did you mean " + strings.Join(longer, " or ") + "?"
	}
	if name, value, ok := strings.Cut(word, "="); ok && capitals(strings.TrimPrefix(name, "$")) {
		return "write a definition as $" + strings.TrimPrefix(name, "$") + "=" + value
	}
	if w := d.lines[d.next-1].Words; len(w) > 1 && w[1].Text == "=" && strings.HasPrefix(word, "$") {
		return "a definition has no blank before the =: " + word + "=..."
	}
	if in.has("group") {
		return "write the members into a block: group { ... }"
	}
	return ""
}

// keywordHomes are the blocks that have a keyword, at most three of them.
func keywordHomes() map[string][]string {
	homes := map[string][]string{}
	for _, s := range Keywords() {
		if s.Item || len(homes[s.Keyword]) == 3 {
			continue
		}
		where := s.Block
		if where == "" {
			where = "the top level of the file"
		}
		homes[s.Keyword] = append(homes[s.Keyword], where)
	}
	return homes
}

// about reports a finding on a block or setting after its lines were read.
func (d *decoder) about(at diag.Range, f diag.Diagnostic) {
	f.Subject, f.Logged = at, d.closing
	d.add(f)
}

// conflict reports a configuration error on keyword of a finished block.
func (d *decoder) conflict(b *config.Block, keyword, code string, sev diag.Severity, summary, effect string) {
	d.about(b.At(keyword), diag.Diagnostic{
		Code: code, Severity: sev, Class: diag.ClassConfig,
		Summary: summary, Effect: effect, Context: b.Head,
	})
}

// conflictAtEnd is conflict for what keepalived notices at the closing brace.
func (d *decoder) conflictAtEnd(b *config.Block, keyword, code string, sev diag.Severity, summary, effect string) {
	d.closing = closingBrace(b)
	d.conflict(b, keyword, code, sev, summary, effect)
	d.closing = diag.Range{}
}

// closingBrace is the place of the brace that ends b, if there is one.
func closingBrace(b *config.Block) diag.Range {
	if b.Range == b.Head {
		return diag.Range{}
	}
	end := b.Range.End
	r := diag.Range{File: b.Range.File, Start: end, End: end}
	r.Start.Column--
	r.Start.Byte--
	return r
}

// dropAtEnd is drop for what keepalived notices at the closing brace, said
// later here.
func (d *decoder) dropAtEnd(b *config.Block, code, summary, hint string) {
	d.closing = closingBrace(b)
	d.drop(b, code, summary, hint)
	d.closing = diag.Range{}
}

// written reports that the block at level i had the keyword of s already: of
// two values the last one counts.
func (d *decoder) written(i int, key string, s *Line) {
	set := d.stack[i].set
	for n := len(set) - 1; n >= 0; n-- {
		if set[n].Keyword == key {
			d.own(s, codeOwnRepeated, s.Keyword()+" is written again", "this line counts, not line "+itoa(set[n].Range.Start.Line), "remove one of them")
			return
		}
	}
}

// surplus reports the words of a line from number n on, which keepalived does
// not look at. in is the block of the line.
func (d *decoder) surplus(s *Line, n int, in scope) {
	w, effect, hint := s.Words[n], "the line ends before it", "remove what follows "+s.Words[n-1].Text
	value, boolean := parseBool(w.Text)
	flag := n == 1 && d.spec.Args == ""
	switch {
	case flag && (boolean && value || w.Text == "1"):
		return // "enable_traps on" is what it seems to be.
	case flag && (boolean || w.Text == "0"):
		effect, hint = s.Keyword()+" counts as if it stood alone", "remove the line if that is not wanted"
	case in.has(w.Text) || d.inner(s).has(w.Text):
		effect, hint = "a statement ends with its line", "write "+w.Text+" on a line of its own"
		if b := d.stack[len(d.stack)-1].block; b != nil {
			d.misses(b.Head, w.Text, w.Range())
		}
	case d.inner(s).has("path"):
		hint = "write path " + w.Text + " inside the block"
		d.misses(s.Range(), "path", w.Range())
	case strings.Contains(d.spec.Args, "<STRING>") || strings.Contains(d.spec.Args, "<NAME>"):
		hint = "put a value with blanks into double quotes"
	}
	d.own(w, codeOwnDropped, "'"+w.Text+"' after "+s.Keyword()+" is ignored", effect, hint)
}

// inner is the scope of the block that s has just opened, or an empty one.
func (d *decoder) inner(s *Line) scope {
	if top := &d.stack[len(d.stack)-1]; top.head == s {
		return top.scope
	}
	return noKeywords
}

// noKeywords is the scope of blocks without keywords.
var noKeywords = newTable[struct{}]()

// own reports what keepalived does not notice. It never changes the exit
// status of -t.
func (d *decoder) own(at Placed, code, summary, effect, hint string) {
	d.report(at, diag.Diagnostic{
		Code: code, Severity: diag.Warning, Class: diag.ClassOwn,
		Summary: summary, Effect: effect, Hint: hint,
	})
}

// drop reports that a finished block is not used.
func (d *decoder) drop(b *config.Block, code, summary, hint string) {
	d.about(b.Head, diag.Diagnostic{
		Code: code, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: "the block is dropped", Hint: hint, Context: b.Range,
	})
}

// incompleteList reports a list block without entries, which keepalived
// notices at its closing brace.
func (d *decoder) incompleteList(s *Line, summary, effect string) {
	d.report(s, diag.Diagnostic{
		Code: codeIncomplete, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: effect, Logged: d.lines[d.next-1].Range(),
	})
}
