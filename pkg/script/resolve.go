package script

import "github.com/gokeepalived/gokeepalived/pkg/config"

// Resolver judges scripts by the settings of one configuration.
type Resolver struct {
	global  *config.Global
	machine Machine
}

// NewResolver returns a resolver for the scripts of a configuration whose
// global settings are g.
func NewResolver(g *config.Global, m Machine) *Resolver {
	return &Resolver{global: g, machine: m}
}

// Resolve finds the file and the user of s and checks both. The command is
// usable unless the verdict says Disabled.
func (r *Resolver) Resolve(s *config.Script) (Command, Verdict) {
	return Command{}, Verdict{}
}
