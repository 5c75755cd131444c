// Package preflight compares a configuration with the machine that it is to
// run on: are the interfaces there, may the scripts run, do the users exist.
//
// The findings are the same for check, for -t and for a starting daemon; all
// are marked Machine, so that a configuration can be judged away from its
// target. Apply returns the configuration that can run here. Nothing is
// changed or executed.
package preflight
