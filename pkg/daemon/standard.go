package daemon

import (
	"os"

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
