package confparse

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// trait is what findings of one code have in common.
type trait struct {
	severity     diag.Severity
	class        diag.Class
	effect, hint string
}

// traits of the findings of the reader. What is not here is an ordinary error
// of one ignored line.
var traits = map[string]trait{
	diag.CodeMainMissing:  {diag.Error, diag.ClassFatal, "there is no configuration", "name an existing file with -f"},
	diag.CodeMainUnusable: {diag.Error, diag.ClassFatal, "the file is not read", "name a regular file without execute permission"},
	diag.CodeManyMains:    {diag.Warning, diag.ClassConfig, "the files are read one after the other", "name one file and let it include the others"},

	diag.CodeLineTooLong: {diag.Error, diag.ClassConfig, "its first 1023 bytes are dropped, the rest is taken for a line of its own",
		"split the line; it may have 1022 bytes"},
	diag.CodeNUL: {diag.Error, diag.ClassConfig, "the line is ignored", "save the file as UTF-8"},
	diag.CodeByteOrderMark: {diag.Warning, diag.ClassOwn, "the mark is part of the first word, which is then unknown",
		"save the file without a byte order mark"},

	diag.CodeNoBreakSpace: {diag.Warning, diag.ClassOwn, "it is part of the first word, which is then unknown",
		"replace the no-break spaces of the file by ordinary ones"},

	diag.CodeUnterminatedQuote: {diag.Error, diag.ClassConfig, "the words before the quote are used, the rest is dropped", "add the missing \""},
	diag.CodeUnmatchedQuote: {diag.Error, diag.ClassConfig, "the words before the quote are used, the rest is dropped",
		"a backslash protects a quote in script commands only"},

	diag.CodeIncludeMissing:   {hint: "names are relative to the directory of the file that includes them"},
	diag.CodeIncludeNoMatch:   {hint: "use include or includem if there may be no match"},
	diag.CodeIncludeSome:      {hint: "create the missing files or take them out of the braces"},
	diag.CodeIncludeDirectory: {hint: "add a pattern for the files in it: /*.conf"},
	diag.CodeIncludeKind:      {hint: "remove its execute permission: chmod a-x"},
	diag.CodeIncludeOpen:      {hint: "give keepalived permission to read it"},
	diag.CodeIncludeLoop:      {diag.Error, diag.ClassConfig, "the file is not read again", "remove the include that closes the circle"},
	diag.CodeIncludeDepth:     {diag.Error, diag.ClassConfig, "the file is not read", "include the files side by side"},
	diag.CodeIncludeCheck:     {diag.Error, diag.ClassConfig, "the word is ignored", "types are read, match, wildcard_match, brace_match"},
	diag.CodeIncludeCheckDup:  {diag.Error, diag.ClassConfig, "the word is ignored", "write + or - in front of it"},
	diag.CodeIncludeReadable: {diag.Warning, diag.ClassOwn, "taken as read; keepalived ignores it with an error",
		"write read"},

	diag.CodeDefinitionLoop:    {diag.Error, diag.ClassConfig, "the lines that use it are ignored", "take the name out of its own value"},
	diag.CodeExpansionTooLong:  {diag.Error, diag.ClassLog, "the name stays as text", "shorten the value or make it a multi-line definition"},
	diag.CodeTooManyExpansions: {diag.Error, diag.ClassConfig, "the names that are left stay as text", "simplify the definitions"},
	diag.CodeParameterCount: {diag.Error, diag.ClassConfig, "it stays as text, and its braces count as block braces",
		"${_RANDOM [MIN [MAX]]}, ${_ENV NAME}; the others take no parameter"},
	diag.CodeParameterNumber: {diag.Error, diag.ClassConfig, "it stays as text, and its braces count as block braces",
		"write ${_RANDOM MIN MAX}, two numbers from 0"},
	diag.CodeRandomRange:       {diag.Error, diag.ClassConfig, "the minimum is used", "swap the numbers"},
	diag.CodeUnknownDefinition: {severity: diag.Warning, class: diag.ClassOwn, hint: "define it before this line: $NAME=VALUE"},
	diag.CodeUnfinishedDefinition: {diag.Warning, diag.ClassOwn, "the definition ends here",
		"remove the \\ from the last line"},
	diag.CodeLiteralComment: {diag.Note, diag.ClassOwn, "taken as the character itself; keepalived starts a comment there",
		"put the value into double quotes"},
	diag.CodeConditionalLines: {diag.Warning, diag.ClassOwn, "keepalived leaves out the first line only and reads the others as statements",
		"put the condition on every line of the value"},
	diag.CodeLoneCondition: {severity: diag.Warning, class: diag.ClassOwn, effect: "the line is left out, whatever the config id",
		hint: "fill in the placeholder, or write a statement behind the condition"},
	diag.CodeSequence:     {diag.Error, diag.ClassConfig, "the line is ignored", "write ~SEQ(VAR, [START, [STEP,]] END) TEXT"},
	diag.CodeListBlock:    {diag.Error, diag.ClassConfig, "the line is ignored", "write ~LST(VAR, VALUE, ...) TEXT or ~LST({VAR, ...}, {VALUE, ...}, ...) TEXT"},
	diag.CodeTooManyLines: {diag.Error, diag.ClassConfig, "the rest is left out", "make fewer or shorter repetitions"},
}

func (r *reader) finding(at place, code, summary string) diag.Diagnostic {
	f := traits[code]
	return diag.Diagnostic{
		Code: code, Severity: f.severity, Class: f.class, Summary: summary,
		Effect: f.effect, Hint: f.hint, Subject: at.Range(), Chain: at.Chain(),
	}
}

func (r *reader) report(at place, code, summary string) {
	r.diags.Add(r.finding(at, code, summary))
}

// toldAt is a finding that is made once per place.
type toldAt struct {
	place diag.Range
	code  string
}

// told reports whether the finding was made about that place before. A line
// of a definition is read as often as it is used, and a line with a
// substitution more than once.
func (r *reader) told(at place, code string) bool {
	k := toldAt{at.Range(), code}
	if r.once[k] {
		return true
	}
	r.once[k] = true
	return false
}

// reportOnce is report, but only once per place.
func (r *reader) reportOnce(at place, code, summary string) {
	if !r.told(at, code) {
		r.report(at, code, summary)
	}
}

// reportWith is report with what exactly is wrong, in front of the effect.
func (r *reader) reportWith(at place, code, summary, why string) {
	d := r.finding(at, code, summary)
	d.Effect = why + "; " + d.Effect
	r.diags.Add(d)
}

// unmatchedQuote reports a quoted word that does not end. Script values have
// their own quoting, and keepalived does not look at global_defs here.
func (r *reader) unmatchedQuote(t text, at place, keyword string) {
	if r.toldOfQuote(at) || scriptKeyword(keyword) {
		return
	}
	d := r.finding(at, diag.CodeUnmatchedQuote, "Unmatched quote: '"+t.s+"'")
	if r.inGlobal && r.depth > 0 {
		d.Severity, d.Class = diag.Warning, diag.ClassOwn
	}
	r.diags.Add(d)
}

// scriptKeyword reports whether the value of a keyword is split by
// splitQuoted instead of into words.
func scriptKeyword(keyword string) bool {
	switch keyword {
	case "script", "misc_path", "notify", "notify_master", "notify_backup", "notify_fault", "notify_stop",
		"notify_deleted", "notify_master_rx_lower_pri", "notify_up", "notify_down", "quorum_up", "quorum_down",
		"startup_script", "shutdown_script", "notify_fifo_script", "vrrp_notify_fifo_script",
		"lvs_notify_fifo_script", "regex":
		return true
	}
	return false
}
