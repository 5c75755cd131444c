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
	"github.com/gokeepalived/gokeepalived/pkg/peercheck"
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
	// peers has what makes the nodes of --peer disagree.
	peers diag.List
	nodes []peercheck.Node
	// unusable is set if a file could not be read at all.
	unusable bool
}

// all are the findings of every kind.
func (c *checked) all() diag.List { return slices.Concat(c.text, c.peers, c.machine) }

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
		id := o.configID
		if o.peer {
			if nodeID, file, ok := sharedFile(files, deps.Env.WorkDir, name); ok {
				id, name = nodeID, file
			}
		}
		c.load(files, name, id, o, deps)
	}
	if o.peer && !c.unusable {
		c.peers = peercheck.Check(c.nodes)
	}
	c.text, c.machine = c.text.Unique(), c.machine.Unique()
	return c, nil
}

// load checks one configuration.
func (c *checked) load(files confparse.FileSystem, name, id string, o options, deps Deps) {
	env := deps.Env
	env.ConfigID, env.IncludeCheckAll, env.Test = id, o.all, true
	cfg, set, found := confparse.Load(files, literal(files, env.WorkDir, name), env)
	called := name
	if id != o.configID {
		called = id + "=" + name
	}
	c.files = append(c.files, called)
	c.nodes = append(c.nodes, peercheck.Node{Name: called, Config: cfg})
	c.texts = append(c.texts, set)
	if !set.Usable() {
		c.unusable = true
	}
	machine := diag.List{}
	if deps.Preflight != nil && !o.anywhere() && set.Usable() {
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
	if o.anywhere() {
		machine = nil
	}
	sortByPlace(text, name)
	sortByPlace(machine, name)
	c.text = append(c.text, text...)
	c.machine = append(c.machine, machine...)
}

func (c *checked) fails(at diag.Severity) bool {
	worst, any := c.all().Max()
	return any && worst >= at
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
	fmt.Fprintf(stdout, "%s: %s\n\n%s\n", info.Code, info.Title, info.Meaning)
	if info.Mend != "" {
		fmt.Fprintf(stdout, "\n%s\n", info.Mend)
	}
	return exitClean
}
