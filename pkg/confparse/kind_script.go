package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Script is a keyword with a command and, unless it stands elsewhere, the
// user and group that run it. twice is what keepalived says about a second
// line; without it the last line wins.
func Script[T any](name string, field func(*T) **config.Script, twice string, m Meta) Keyword[T] {
	if twice != "" {
		m.Repeat = RepeatFirst
	}
	return newEntry(name, "<SCRIPT> [<USER> [[:]<GROUP>]]", "", m, func(d *decoder, t *T, s *Line) bool {
		if d.openQuote(s) {
			return false
		}
		if _, ok := d.arg(s, 1); !ok {
			return false
		}
		if p := field(t); *p != nil && twice != "" {
			return d.duplicate(s.Words[0], twice)
		}
		script, ok := d.script(s, true)
		if ok {
			*field(t) = script
		}
		return ok
	})
}

// openQuote reports whether a " is left open on a line of a script, which the
// reader has reported: there is no command then.
func (d *decoder) openQuote(s *Line) bool {
	at := openQuoteOf(s)
	if !at.IsZero() {
		d.noteRefusal(at)
	}
	return !at.IsZero()
}

// openQuoteOf is the place of the finding about a " that is left open on a
// line, if one is.
func openQuoteOf(s *Line) diag.Range {
	t := s.text()
	if _, odd, _ := stripComment(t); !odd {
		return diag.Range{}
	}
	return t.place(strings.LastIndexByte(t.s, '"'), len(t.s)).Range()
}

// Command is a Script without user and group, which stand on a line of their
// own. The last line wins.
func Command[T any](name string, set func(t *T, script *config.Script), m Meta) Keyword[T] {
	return newEntry(name, "<SCRIPT>", "", m, func(d *decoder, t *T, s *Line) bool {
		if d.openQuote(s) {
			return false
		}
		if len(s.Words) < 2 {
			return true
		}
		script, ok := d.script(s, false)
		if ok {
			set(t, script)
		}
		return ok
	})
}

// script reads a line whose second word is a command line.
func (d *decoder) script(s *Line, withUser bool) (*config.Script, bool) {
	words, problem := splitScriptValue(s)
	if problem != "" {
		d.complain(s, codeBadValue, problem, "the script is ignored", "")
		return nil, false
	}
	if len(words.args) == 0 || words.args[0] == "" {
		d.logOnly(s.Words[0], codeBadValue, d.spec.Keyword+" has an empty command", "the script is ignored")
		return nil, false
	}
	if hint := fromWeb(words.args[0]); hint != "" {
		d.own(s.Words[1], codeOwnDropped, "'"+words.args[0]+"' is not the name of a program", "what a web page or a word processor has made of the command is taken as it is", hint)
	} else if word := shellSyntax(words.args); word != "" {
		d.own(s.Words[1], codeShellSyntax, "'"+word+"' in a command has no special meaning",
			"no shell is involved: the program gets it as an argument", "put the command line into a script, or write: sh -c '...'")
	}
	script := &config.Script{Args: words.args, Text: words.text, DefaultUser: d.drafts.global.ScriptUser}
	if path, ok := strings.CutPrefix(words.text, "<"); ok && strings.HasPrefix(path, "/") {
		script.ReadFile, script.Args = path, nil
	}
	switch rest := words.rest; {
	case fromWeb(words.args[0]) != "":
	case withUser && len(rest) > 0:
		script.User = d.scriptUser(rest)
		if len(rest) > 2 {
			d.own(s, codeOwnDropped, "'"+rest[2]+"' after "+d.spec.Keyword+" is ignored",
				"the words after the command are its user and group", commandHint)
		}
	case len(rest) > 0:
		d.own(s, codeOwnDropped, "'"+strings.Join(rest, " ")+"' after "+d.spec.Keyword+" is ignored",
			"the program runs without it", commandHint)
	}
	return script, true
}

const commandHint = "put a command with arguments into double quotes"

// scriptUser reads a user and an optional group; a group that starts with a
// colon asks for the user's supplementary groups.
func (d *decoder) scriptUser(words []string) *config.ScriptUser {
	u := &config.ScriptUser{User: words[0], Supplementary: d.drafts.supplementaryGroups}
	if len(words) > 1 {
		group, colon := strings.CutPrefix(words[1], ":")
		u.Group = group
		u.Supplementary = u.Supplementary || colon
	}
	return u
}
