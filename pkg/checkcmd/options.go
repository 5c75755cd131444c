package checkcmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

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
	files    []string
}

// errHelp is returned when the usage was asked for.
var errHelp = errors.New("help")

const usage = `Usage: gokeepalived check [OPTION...] [FILE...]

Check keepalived configurations without running them. FILE is a file, a glob
pattern or - for standard input; without one the default configuration.

`

const exitStatus = `
Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the
check could not be made.
`

// parseOptions reads the command line; help goes to w.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{}
	failOn := ""
	f := pflag.NewFlagSet("check", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard)
	f.StringVar(&o.format, "format", "text", "form of the report: text, json, sarif or github")
	f.StringVar(&failOn, "fail-on", "error", "least severity that fails the check: note, warning or error")
	f.BoolVar(&o.offline, "offline", false, "leave out facts of this machine: interfaces, scripts, users")
	f.StringVarP(&o.configID, "config-id", "i", "", "config id that @ID lines compare with (default: host name up to its first dot)")
	f.BoolVarP(&o.all, "all-config", "e", false, "start with all include checks on")
	f.StringVar(&o.color, "color", "auto", "colours in the text report: auto, always or never")
	f.StringVar(&o.explain, "explain", "", "explain a code such as KA0020, and check nothing")
	help := f.BoolP("help", "h", false, "show this help")
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
	if !strings.Contains(" text json sarif github ", " "+o.format+" ") {
		return o, fmt.Errorf("--format is %q, not text, json, sarif or github", o.format)
	}
	if !strings.Contains(" auto always never ", " "+o.color+" ") {
		return o, fmt.Errorf("--color is %q, not auto, always or never", o.color)
	}
	o.files = f.Args()
	return o, nil
}
