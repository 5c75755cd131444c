package confparse

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// includeChecks are the kinds of include problems that count as errors.
type includeChecks uint8

const (
	// checkRead is a file that is there and cannot be read.
	checkRead includeChecks = 1 << iota
	// checkMatch is a name without wildcards that is not there.
	checkMatch
	// checkWildcard is a wildcard without a match.
	checkWildcard
	// checkBraces is a missing alternative of a brace expression.
	checkBraces

	checkNothing    includeChecks = 0
	checkEverything               = checkRead | checkMatch | checkWildcard | checkBraces
)

// mostIncludes is how many files may include each other in a row.
const mostIncludes = 100

// includeForm recognises a line that starts with include, includer, ... and
// white space. at is where the pattern starts.
func includeForm(s string) (checks includeChecks, at int, ok bool) {
	rest, ok := strings.CutPrefix(s, "include")
	if !ok || rest == "" {
		return 0, 0, false
	}
	at = len("include")
	switch rest[0] {
	case 'r':
		checks = checkRead
	case 'm':
		checks = checkRead | checkMatch
	case 'w':
		checks = checkRead | checkMatch | checkWildcard
	case 'b':
		checks = checkRead | checkBraces
	case 'a':
		checks = checkEverything
	default:
		at--
	}
	at++
	if at >= len(s) || !isSpace(s[at]) {
		return 0, 0, false
	}
	for at < len(s) && isSpace(s[at]) {
		at++
	}
	return checks, at, at < len(s)
}

// include reads the files that the pattern in t.s[at:] matches.
func (r *reader) include(t text, checks includeChecks, at int) {
	checks |= r.checks
	pattern := t.s[at:]
	where := t.place(at, len(t.s))
	m := glob(r.set, r.dir, pattern)
	if !r.spend(where, m.alternatives) {
		return
	}
	braces := strings.Contains(pattern, "{")
	switch {
	case len(m.names) == 0 && len(m.missing) == 0:
		if checks&checkWildcard != 0 {
			r.includeProblem(where, diag.CodeIncludeNoMatch, "No config files matched '"+pattern+"'.", true)
		}
	case len(m.names) == 0:
		need := checkMatch
		if braces {
			need = checkBraces
		}
		r.includeProblem(where, diag.CodeIncludeMissing, "Config files missing '"+pattern+"'.", checks&need != 0)
	case len(m.missing) > 0:
		counts := checks&checkBraces != 0
		r.includeProblem(where, diag.CodeIncludeSome, "Some config files missing: \""+pattern+"\".", counts)
		if counts {
			return
		}
	}
	for _, name := range m.names {
		if !r.spend(where, includeCost) {
			return
		}
		r.includeFile(name, t, where, checks&checkRead != 0)
	}
}

// includeFile reads one matched file.
func (r *reader) includeFile(shown string, t text, where place, counts bool) {
	name := shown
	if !strings.HasPrefix(shown, "/") {
		name = path.Join(path.Dir(where.from.file.name), shown)
	}
	full := join(r.dir, shown)
	for p := where.from; p != nil; p = p.parent {
		if p.file.path == full {
			r.report(where, diag.CodeIncludeLoop, "Configuration file '"+shown+"' includes itself - skipping")
			return
		}
	}
	if where.from.depth() > mostIncludes {
		r.report(where, diag.CodeIncludeDepth, fmt.Sprintf("Configuration file '%s' open problem (More than %d files include each other) - skipping", shown, mostIncludes))
		return
	}
	code, problem := r.unusable(full, shown)
	if problem != "" {
		r.includeProblem(where, code, problem, counts)
		return
	}
	s, err := r.set.readText(full)
	if err != nil {
		r.includeProblem(where, diag.CodeIncludeOpen, openProblem(shown, err), counts)
		return
	}
	src := r.source(name, shown, full, s)
	at := t.place(0, len(t.s))
	r.file(&origin{file: src, parent: at.from, use: at.span, kind: diag.FrameInclude})
}

// unusable says why a path is not read at all, in keepalived's words.
func (r *reader) unusable(full, shown string) (code, problem string) {
	kind, err := r.set.Stat(full)
	switch {
	case err != nil:
		return diag.CodeIncludeOpen, openProblem(shown, err)
	case kind == FileDirectory:
		return diag.CodeIncludeDirectory, "Configuration file '" + strings.TrimRight(shown, "/") + "/' is a directory - skipping"
	case kind != FileRegular:
		return diag.CodeIncludeKind, "Configuration file '" + shown + "' is not a regular non-executable file - skipping"
	}
	return "", ""
}

func openProblem(shown string, err error) string {
	return "Configuration file '" + shown + "' open problem (" + reason(err) + ") - skipping"
}

// includeProblem reports a problem that fails the whole read if it counts.
func (r *reader) includeProblem(at place, code, summary string, counts bool) {
	d := r.finding(at, code, summary)
	d.Class, d.Severity = diag.ClassLog, diag.Warning
	if code == diag.CodeIncludeMissing && strings.Contains(summary, `'"`) {
		d.Hint = "write the name without quotes: they are taken for a part of it"
	}
	if counts {
		d.Class, d.Severity = diag.ClassInclude, diag.Error
		d.Effect = "the configuration cannot be used"
	}
	r.diags.Add(d)
}

// mainFiles reads the file or files that -f names.
func (r *reader) mainFiles(pattern string) {
	fail := func(code, summary string) {
		d := r.finding(place{}, code, summary)
		d.Subject = diag.Range{File: pattern}
		r.diags.Add(d)
	}
	m := glob(r.set, r.env.WorkDir, pattern)
	switch {
	case len(m.names) == 0 && len(m.missing) == 0:
		fail(diag.CodeMainMissing, "No config files matched '"+pattern+"'.")
	case len(m.names) == 0:
		fail(diag.CodeMainMissing, "Config files missing '"+pattern+"'.")
	case len(m.names) > 1:
		fail(diag.CodeManyMains, "WARNING, multiple configuration file matches of "+pattern+", starting with "+m.names[0])
	}
	for _, name := range m.names {
		full := join(r.env.WorkDir, name)
		if _, problem := r.unusable(full, name); problem != "" {
			fail(diag.CodeMainUnusable, problem)
			continue
		}
		s, err := r.set.readText(full)
		if err != nil {
			words := "Unable to read configuration file " + name
			if errors.Is(err, fs.ErrNotExist) {
				words = "Config files missing '" + name + "'."
			}
			fail(diag.CodeMainUnusable, words)
			continue
		}
		r.file(&origin{file: r.source(name, name, full, s)})
	}
}

// includeCheck carries out the include_check of global_defs.
func (r *reader) includeCheck(words []Word) {
	if len(words) == 0 {
		r.checks = checkEverything
		return
	}
	set := false
	for i, w := range words {
		name, sign := w.Text, byte(0)
		if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
			sign, name = name[0], name[1:]
		}
		var check includeChecks
		switch name {
		case "read":
			check = checkRead
		case "readable":
			r.report(w.at, diag.CodeIncludeReadable, "include_check type 'readable' is 'read'")
			check = checkRead
		case "match":
			check = checkMatch
		case "wildcard_match":
			check = checkWildcard
		case "brace_match":
			check = checkBraces
		default:
			r.report(w.at, diag.CodeIncludeCheck, "Unknown include_check type '"+w.Text+"' - ignoring")
			continue
		}
		switch {
		case sign == '+':
			r.checks |= check
		case sign == '-':
			r.checks &^= check
		case set || i > 0:
			r.report(w.at, diag.CodeIncludeCheckDup, "Duplicate include_check '"+w.Text+"' specified - ignoring")
		default:
			r.checks, set = checkRead|check, true
		}
	}
}
