package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Engine is one engine of a child. It does not know in which process it runs.
type Engine interface {
	// Run runs until ctx is cancelled, stops in order and returns nil.
	Run(ctx context.Context) error
	// Reload goes over to cfg, from any goroutine, and returns when that is
	// done. After an error the old configuration is still in force.
	Reload(cfg *config.Config) error
	// Data writes the state as in the data dump, below the global settings.
	Data(w io.Writer) error
}

// Statistics is what the VRRP engine can do besides.
type Statistics interface {
	Stats(w io.Writer) error
	ClearStats()
	// JSON writes the state in the given version of the format. It reports
	// false if there is nothing to write.
	JSON(w io.Writer, version int) (bool, error)
}

// Start is what an engine is made from.
type Start struct {
	Config *config.Config
	// Predecessor is the configuration of a VRRP process before this one that
	// was killed, if it was another; nil otherwise.
	Predecessor *config.Config
	// ClearOnly asks the VRRP engine to remove what a killed process left, and
	// to end.
	ClearOnly bool
	// SysctlRecord and ObjectRecord are the files of vrrprun.Options.
	SysctlRecord, ObjectRecord string
	Options                    *Options
	Log                        *slog.Logger
	// Ready is called once, when the engine runs.
	Ready func()
	// Waiting is told why the engine runs but does not do its work yet, and
	// "" when it does.
	Waiting func(reason string)
	// Census gets a line about the states of the engine's objects whenever it
	// is another; nil if nobody wants it.
	Census func(line string)
	// Write writes the file that a signal asks for, from any goroutine.
	Write func(syscall.Signal) error
	// Reload asks the parent for a reload of the configuration.
	Reload func() error
	// Scripts is what scripts get of nice value and limits.
	Scripts script.RunnerOptions
	// RaisePriority raises the process by one real-time priority, up to limit,
	// and does not wait until that is done.
	RaisePriority func(limit int)
	// BFDToVRRP and BFDToChecker are ends of the feeds with BFD states: the
	// sending ones in the bfd process, its own receiving one in a consumer,
	// nil otherwise.
	BFDToVRRP, BFDToChecker *os.File
}

// Program is what a binary is made of. Tests put fakes in.
type Program struct {
	// VRRP, Checkers and BFD make the engines.
	VRRP, Checkers, BFD func(Start) (Engine, error)
	// Preflight compares a configuration with this machine, for the parts of
	// the daemon given: it returns a copy without what cannot be used here. nil
	// compares nothing.
	Preflight func(*config.Config, preflight.Part) (*config.Config, diag.List)
	// Genhash takes over for genhash.
	Genhash func(argv []string) int
	// Commands are our own subcommands. With none there every first word is
	// keepalived's.
	Commands []Command
}

// The first thread is kept for the main goroutine. Its name is that of the
// process, and a goroutine that changes its thread for good, as script threads
// do, must not get it.
func init() { runtime.LockOSThread() }

// Main is the whole program: it returns the exit status.
func (p *Program) Main(argv []string) int {
	h, err := takeHandoff()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return ExitFatal
	}
	if h == nil {
		if status, done := p.otherPrograms(argv); done {
			return status
		}
	}
	stdout, stderr := io.Writer(os.Stdout), io.Writer(os.Stderr)
	if h != nil { // the first process has said it
		stdout, stderr = io.Discard, io.Discard
	}
	line := ReadOptions(argv, stdout, stderr)
	switch {
	case line.Invocation == Exit:
		return line.Status
	case line.Invocation == RunGenhash:
		return p.genhash(line.Words)
	case h != nil && h.Role != roleParent:
		return p.runChild(argv, line.Options, h)
	case line.ConfigTest:
		return p.testConfiguration(line.Options)
	}
	return p.runParent(argv, line.Options, h)
}

// otherPrograms handles what is not keepalived: the name genhash, and our own
// subcommands, which count only under our own name.
func (p *Program) otherPrograms(argv []string) (status int, done bool) {
	switch programName(argv[0]) {
	case "genhash":
		return p.genhash(argv), true
	case "gokeepalived":
		if len(argv) > 1 && len(p.Commands) > 0 && !strings.HasPrefix(argv[1], "-") {
			return runCommand(p.Commands, argv[1:], os.Stderr), true
		}
	}
	return 0, false
}

func (p *Program) genhash(argv []string) int {
	if p.Genhash == nil {
		fmt.Fprintln(os.Stderr, "genhash is not part of this program")
		return ExitFatal
	}
	return p.Genhash(argv)
}
