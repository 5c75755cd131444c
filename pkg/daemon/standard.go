package daemon

import (
	"os"
	"runtime/debug"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/genhash"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// Standard is gokeepalived with its real engines.
func Standard() *Program {
	return &Program{
		VRRP: newVRRPEngine, Checkers: newCheckerEngine, BFD: newBFDEngine,
		Preflight: func(c *config.Config, part preflight.Part) (*config.Config, diag.List) {
			return preflight.Apply(c, preflight.Host{}, part)
		},
		Genhash:  func(argv []string) int { return genhash.Run(argv, os.Stdout, os.Stderr) },
		Commands: commands(),
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
