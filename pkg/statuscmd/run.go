package statuscmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Exit statuses.
const (
	exitOK      = 0
	exitUnknown = 1
	exitNoReply = 2
)

const usage = `Usage: gokeepalived status [OPTION...] [NAME...]

Say how a running daemon is doing, and why. NAME is a vrrp_instance, a
vrrp_sync_group, a virtual or real server as logs call it ("[10.9.1.1]:tcp:80"),
or a bfd_instance: of these everything is told, with the last transitions.

`

const exitText = `
Exit status: 0 answered, 1 the daemon does not know a NAME, 2 no daemon answered.
`

// options are the command line of status.
type options struct {
	json    bool
	pidFile string
	names   []string
}

var errHelp = errors.New("help")

func parseOptions(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	f := pflag.NewFlagSet("status", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard)
	f.BoolVar(&o.json, "json", false, "print the answer as JSON")
	f.StringVarP(&o.pidFile, "pid", "p", "", "`FILE` is the pid file of the parent, as given to the daemon")
	help := f.BoolP("help", "h", false, "show this help")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if *help {
		fmt.Fprint(stdout, usage+f.FlagUsages()+exitText)
		return nil, errHelp
	}
	o.names = f.Args()
	return o, nil
}

// Run is the command: args come after "status".
func Run(args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stdout)
	if errors.Is(err, errHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "gokeepalived status: %v\nTry 'gokeepalived status --help'.\n", err)
		return exitNoReply
	}
	socket, err := find(o.pidFile)
	var report *status.Report
	if err == nil {
		report, err = ask(socket)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gokeepalived status: %v\n", err)
		return exitNoReply
	}
	whole := len(o.names) == 0
	unknown := pick(report, o.names)
	if o.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		err = e.Encode(report)
	} else {
		p := &printer{now: time.Now(), detail: !whole}
		p.report(report, whole)
		_, err = io.WriteString(stdout, p.text.String())
	}
	if err != nil {
		fmt.Fprintf(stderr, "gokeepalived status: %v\n", err)
		return exitNoReply
	}
	if len(unknown) > 0 {
		fmt.Fprintf(stderr, "gokeepalived status: the daemon does not know %s\n", strings.Join(unknown, ", "))
		return exitUnknown
	}
	return exitOK
}

// Main runs the command in this process.
func Main(args []string) int { return Run(args, os.Stdout, os.Stderr) }

// pick leaves only what was named in the report, and returns the names that
// are nothing there.
func pick(r *status.Report, names []string) (unknown []string) {
	if len(names) == 0 {
		return nil
	}
	wanted, found := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	named := func(name string) bool {
		if wanted[name] {
			found[name] = true
		}
		return wanted[name]
	}
	r.Instances = keep(r.Instances, func(v *status.InstanceReport) bool { return named(v.Name) })
	r.SyncGroups = keep(r.SyncGroups, func(g *status.GroupReport) bool { return named(g.Name) })
	r.BFD = keep(r.BFD, func(s *status.SessionReport) bool { return named(s.Name) })
	r.VirtualServers = keep(r.VirtualServers, func(v *status.VirtualServerReport) bool {
		if named(v.Name) {
			return true
		}
		v.Servers = keep(v.Servers, func(s *status.RealServerReport) bool { return named(s.Name) })
		return len(v.Servers) > 0
	})
	for _, name := range names {
		if !found[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func keep[T any](list []T, wanted func(*T) bool) (kept []T) {
	for i := range list {
		if wanted(&list[i]) {
			kept = append(kept, list[i])
		}
	}
	return kept
}
