package checkcmd

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// options are the command line of check.
type options struct {
	format   string
	failOn   diag.Severity
	color    string
	configID string
	all      bool
	offline  bool
	explain  string
	// peer compares the files as nodes of one cluster.
	peer  bool
	files []string
}

// anywhere reports whether facts of this machine are left out: the nodes of a
// cluster are other machines.
func (o *options) anywhere() bool { return o.offline || o.peer }

// Words that options take.
var (
	formats       = []string{"text", "json", "sarif", "github"}
	severityNames = []string{"note", "warning", "error"}
	colors        = []string{"auto", "always", "never"}
)

const helpText = "show this help"

// errHelp is returned when the usage was asked for.
var errHelp = errors.New("help")

const usage = `Usage: gokeepalived check [OPTION...] [FILE...]
       gokeepalived check --peer [OPTION...] FILE FILE...

Check keepalived configurations without running them. FILE is a file, a glob
pattern or - for standard input; without one the default configuration.

With --peer each FILE is the configuration of one node of a cluster, and what
makes the nodes disagree is reported too; facts of this machine are left out,
as with --offline. ID=FILE reads FILE as the node with
that config id does, for a file that all nodes share.

`

const exitStatus = `
Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the
check could not be made.
`

// parseOptions reads the command line; help goes to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{}
	failOn := ""
	f := flagSet(&o, &failOn)
	help := f.BoolP("help", "h", false, helpText)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *help {
		_, err := io.WriteString(w, usage+f.FlagUsages()+exitStatus)
		return o, errors.Join(errHelp, err)
	}
	severities := map[string]diag.Severity{"note": diag.Note, "warning": diag.Warning, "error": diag.Error}
	var ok bool
	if o.failOn, ok = severities[failOn]; !ok {
		return o, fmt.Errorf("--fail-on is %q, not note, warning or error", failOn)
	}
	if !slices.Contains(formats, o.format) {
		return o, fmt.Errorf("--format is %q, not text, json, sarif or github", o.format)
	}
	if !slices.Contains(colors, o.color) {
		return o, fmt.Errorf("--color is %q, not auto, always or never", o.color)
	}
	o.files = f.Args()
	if o.peer && len(o.files) < 2 && o.explain == "" {
		return o, errors.New("--peer needs the files of two nodes at least")
	}
	return o, nil
}

// flagSet is every option but --help.
func flagSet(o *options, failOn *string) *pflag.FlagSet {
	f := pflag.NewFlagSet("check", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard)
	f.StringVar(&o.format, "format", "text", "`FORMAT` of the report: text, json, sarif or github")
	f.StringVar(failOn, "fail-on", "error", "least `SEVERITY` that fails the check: note, warning or error")
	f.BoolVar(&o.peer, "peer", false, "compare the files, as those of the nodes of one cluster")
	f.BoolVar(&o.offline, "offline", false, "leave out facts of this machine: interfaces, scripts, users")
	f.StringVarP(&o.configID, "config-id", "i", "", "`ID` that @ID lines are compared with (default: host name up to its first dot)")
	f.BoolVarP(&o.all, "all-config", "e", false, "start with all include checks on")
	f.StringVar(&o.color, "color", "auto", "`WHEN` the text report has colours: auto, always or never")
	f.StringVar(&o.explain, "explain", "", "explain a `CODE` such as KA0020, and check nothing")
	return f
}

// Option is one option of check, for completion and manuals.
type Option struct {
	// Long is the name, Short one letter or "".
	Long, Short string
	// Argument names what it takes, "" if nothing; Default is what is used
	// without.
	Argument, Default string
	// Values are the words it takes, nil for anything.
	Values []string
	Help   string
}

// Options is every option, in the order of the usage.
func Options() []Option {
	o, failOn := options{}, ""
	values := map[string][]string{"format": formats, "fail-on": severityNames, "color": colors}
	var out []Option
	flagSet(&o, &failOn).VisitAll(func(f *pflag.Flag) {
		argument, help := pflag.UnquoteUsage(f)
		out = append(out, Option{Long: f.Name, Short: f.Shorthand, Argument: argument, Default: f.DefValue, Values: values[f.Name], Help: help})
	})
	return append(out, Option{Long: "help", Short: "h", Help: helpText})
}
