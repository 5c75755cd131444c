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
		Summary: summary, Effect: effect, Hint: valueHint(at, d.syntaxHint()),
	})
	return false
}

// valueHint says what is often wrong with a value that is no good at all; else
// it is hint.
func valueHint(at Placed, hint string) string {
	w, ok := at.(Word)
	switch text := w.Text; {
	case !ok || text == "":
	case unfilled(text):
		return "a placeholder was not filled in"
	case strings.HasSuffix(text, ";") || strings.HasSuffix(text, ","):
		return "remove the " + text[len(text)-1:] + ": it is part of the value"
	}
	return hint
}

// unfilled reports whether a word looks like a placeholder of a template.
func unfilled(text string) bool {
	if text[0] == '$' || strings.ContainsAny(text, "<>") || strings.Contains(text, "{{") || strings.HasPrefix(text, "X.X.") {
		return true
	}
	for _, frame := range []string{"@", "%", "__"} {
		if len(text) > 2*len(frame) && strings.HasPrefix(text, frame) && strings.Contains(text[len(frame):], frame) {
			return true
		}
	}
	// VIP_1, PRIORITY_1: no value of keepalived looks like that.
	capitals := strings.ContainsRune(text, '_')
	for _, c := range text {
		capitals = capitals && (c == '_' || c == '/' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z')
	}
	return capitals
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
	if d.seen[key] {
		return true
	}
	if len(d.diags) >= mostFindings {
		return false
	}
	if d.seen == nil {
		d.seen = map[finding]bool{}
	}
	d.seen[key] = true
	return false
}

// missingClose reports that the input ends inside of blocks.
func (d *decoder) missingClose(n int) {
	summary := fmt.Sprintf("There are %d missing '}'s or extra '{'s", n)
	if d.repeated(nil, summary) {
		return
	}
	last := &d.lines[len(d.lines)-1]
	d.report(last, diag.Diagnostic{
		Code: codeMissingClose, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: summary, Effect: "the open blocks end with the file",
	})
}

// unknown reports a line that no keyword of the scope fits.
func (d *decoder) unknown(s *Line, in scope) {
	word := s.Words[0].Text
	d.unknownLine = s
	summary := "Unknown keyword '" + word + "'"
	if d.repeated(s, summary) {
		return
	}
	effect := "the line is ignored"
	if d.next < len(d.lines) && d.lines[d.next].Kind == LineOpen {
		effect = "the lines of its block are taken for lines of the block around it"
	} else if since := d.afterStray(); since != "" {
		effect += "; " + since
	}
	d.complain(s.Words[0], codeUnknownKeyword, summary, effect, d.unknownHint(word, in))
	if len(d.homes[word]) > 0 {
		// A good word in the wrong place.
		d.consequence()
	}
}

// strangeWord is a word that was not known in a scope.
type strangeWord struct {
	word string
	in   scope
}

// maxGuesses bounds the work on files that are something else altogether.
const maxGuesses = 200

// unknownHint says what may have been meant.
func (d *decoder) unknownHint(word string, in scope) string {
	key := strangeWord{word, in}
	hint, done := d.guesses[key]
	if !done && len(d.guesses) < maxGuesses {
		if d.guesses == nil {
			d.guesses, d.homes = map[strangeWord]string{}, keywordHomes()
		}
		hint = d.guess(word, in)
		d.guesses[key] = hint
	}
	return hint
}

func (d *decoder) guess(word string, in scope) string {
	if hint, ok := staleKeywords[word]; ok {
		return hint
	}
	if where := d.homes[word]; len(where) > 0 {
		return word + " belongs in " + strings.Join(where, " or ")
	}
	if best := diag.Suggest(word, in.names()); best != "" {
		return "did you mean " + best + "?"
	}
	if strings.ContainsRune(word, '{') {
		return "a brace in double quotes is text, not the start of a block"
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
