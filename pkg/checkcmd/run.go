package checkcmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Exit statuses of Run.
const (
	exitClean    = 0
	exitFound    = 1
	exitNotMade  = 2
	stdinName    = "<stdin>"
	stdinOperand = "-"
)

// Deps is what Run needs from outside.
type Deps struct {
	Files confparse.FileSystem
	// Env without ConfigID, IncludeCheckAll and Test, which Run sets.
	Env confparse.Env
	// DefaultFile is checked when no file is named.
	DefaultFile string
	// Preflight finds what this machine has against a configuration; nil if
	// that is not known.
	Preflight func(*config.Config) diag.List
	// Terminal is set if stdout is one that may show colours.
	Terminal bool
	// Tool names this program in reports.
	Tool diag.Tool
	// Codes explains the findings.
	Codes [][]diag.CodeInfo
}

// Run is the command: args come after "check".
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer, deps Deps) int {
	o, err := parseOptions(args, stdout)
	switch {
	case errors.Is(err, errHelp):
		return exitClean
	case err != nil:
		fmt.Fprintf(stderr, "gokeepalived check: %v\nTry 'gokeepalived check --help'.\n", err)
		return exitNotMade
	case o.explain != "":
		return explain(o.explain, stdout, stderr, deps.Codes)
	}
	c, err := check(o, stdin, deps)
	if err == nil {
		err = c.write(stdout, o, deps)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gokeepalived check: %v\n", err)
		return exitNotMade
	}
	switch {
	case c.unusable:
		return exitNotMade
	case c.fails(o.failOn):
		return exitFound
	}
	return exitClean
}

// checked is the outcome of all files together.
type checked struct {
	// files are the names of the configurations, texts what they consist of.
	files []string
	texts textsOf
	// text has the findings that come from the text, machine those that this
	// host adds.
	text, machine diag.List
	// unusable is set if a file could not be read at all.
	unusable bool
}

func check(o options, stdin io.Reader, deps Deps) (*checked, error) {
	names := o.files
	if len(names) == 0 {
		names = []string{deps.DefaultFile}
	}
	c := &checked{}
	read := false
	for _, name := range names {
		files := deps.Files
		if name == stdinOperand {
			if read {
				return nil, errors.New("standard input can be read only once")
			}
			read = true
			text, err := io.ReadAll(stdin)
			if err != nil {
				return nil, fmt.Errorf("read standard input: %w", err)
			}
			name = stdinName
			files = withFile{files, absolute(deps.Env.WorkDir, name), text}
		}
		c.load(files, name, o, deps)
	}
	c.text, c.machine = c.text.Unique(), c.machine.Unique()
	return c, nil
}

// load checks one configuration.
func (c *checked) load(files confparse.FileSystem, name string, o options, deps Deps) {
	env := deps.Env
	env.ConfigID, env.IncludeCheckAll, env.Test = o.configID, o.all, true
	cfg, set, found := confparse.Load(files, literal(files, env.WorkDir, name), env)
	c.files = append(c.files, name)
	c.texts = append(c.texts, set)
	if !set.Usable() {
		c.unusable = true
	}
	machine := diag.List{}
	if deps.Preflight != nil && !o.offline && set.Usable() {
		machine = deps.Preflight(cfg)
	}
	var text diag.List
	for _, d := range found {
		if d.Machine {
			machine = append(machine, d)
		} else {
			text = append(text, d)
		}
	}
	if o.offline {
		machine = nil
	}
	sortByPlace(text, name)
	sortByPlace(machine, name)
	c.text = append(c.text, text...)
	c.machine = append(c.machine, machine...)
}

func (c *checked) fails(at diag.Severity) bool {
	for _, l := range []diag.List{c.text, c.machine} {
		if worst, any := l.Max(); any && worst >= at {
			return true
		}
	}
	return false
}

// sortByPlace orders findings by file, the main one first, then by line.
// Findings without a place come last.
func sortByPlace(l diag.List, main string) {
	slices.SortStableFunc(l, func(a, b diag.Diagnostic) int {
		x, y := a.Subject, b.Subject
		rank := func(r diag.Range) int {
			switch {
			case r.IsZero():
				return 2
			case r.File == main:
				return 0
			}
			return 1
		}
		if c := rank(x) - rank(y); c != 0 {
			return c
		}
		if c := strings.Compare(x.File, y.File); c != 0 {
			return c
		}
		return x.Start.Byte - y.Start.Byte
	})
}

// explain prints what a code means.
func explain(code string, stdout, stderr io.Writer, tables [][]diag.CodeInfo) int {
	info, ok := diag.Explain(strings.ToUpper(code), tables...)
	if !ok {
		fmt.Fprintf(stderr, "gokeepalived check: there is no code %q\n", code)
		return exitNotMade
	}
	fmt.Fprintf(stdout, "%s: %s\n\n%s\n\n%s\n", info.Code, info.Title, info.Meaning, info.Mend)
	return exitClean
}
