package daemon

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"

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
// first collection, which is at 64 MiB and makes it collect as usual from then
// on. It returns how to undo it.
func collectRarely() (undo func()) {
	const percent = 1600
	usual := debug.SetGCPercent(percent)
	undo = sync.OnceFunc(func() { debug.SetGCPercent(usual) })
	runtime.AddCleanup(new([64]byte), func(undo func()) { undo() }, undo)
	return undo
}
