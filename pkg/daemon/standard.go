package daemon

import (
	"os"
	"runtime/debug"

	"github.com/gokeepalived/gokeepalived/pkg/checkcmd"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/genhash"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/statuscmd"
)

// Standard is gokeepalived with its real engines.
func Standard() *Program {
	return &Program{
		VRRP: newVRRPEngine, Checkers: newCheckerEngine, BFD: newBFDEngine,
		Preflight: func(c *config.Config, part preflight.Part) (*config.Config, diag.List) {
			return preflight.Apply(c, preflight.Host{}, part)
		},
		Genhash: func(argv []string) int { return genhash.Run(argv, os.Stdout, os.Stderr) },
		Command: command,
	}
}

// collectRarely keeps the collector from running in a process that ends soon:
// it would take a third of the time. What a usual file needs fits below the
// first collection, and memory stays bounded whatever the file. It returns how
// to undo it.
func collectRarely() (undo func()) {
	const percent, limit = 1600, 512 << 20 // the first collection is at 64 MiB
	p, l := debug.SetGCPercent(percent), debug.SetMemoryLimit(limit)
	return func() {
		debug.SetGCPercent(p)
		debug.SetMemoryLimit(l)
	}
}

// command runs one of our own subcommands.
func command(args []string) (status int, known bool) {
	switch args[0] {
	case "check":
		defer collectRarely()()
		return checkcmd.Main(args[1:], Version), true
	case "schema":
		return checkcmd.Schema(args[1:], os.Stdout, os.Stderr), true
	case "status":
		return statuscmd.Main(args[1:]), true
	case "version":
		printVersion(os.Stdout)
		return ExitOK, true
	}
	return 0, false
}
