package vrrp

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Options are what the engine is told besides its configuration.
type Options struct {
	// Detail is -D: debug lines are wanted. Without it they are not made.
	Detail bool
}

// Engine is all virtual routers of one process. It is not safe for use by
// several goroutines.
type Engine struct {
	cfg *config.Config
	opt Options
}

// New returns an engine for cfg; its first event must be Start.
func New(cfg *config.Config, opt Options) *Engine { return &Engine{cfg: cfg, opt: opt} }

// Step takes one event at time now and returns what is to be done, in order.
// It first does everything that is due at now, in the order of the deadlines.
//
// now must not go back, and carries the wall clock too (auth_hmac signs it).
// The actions are valid until the next Step.
func (e *Engine) Step(now time.Time, ev Event) []Action { return nil }

// Deadline is when the engine wants its next Step at the latest, false if only
// an event can change anything.
func (e *Engine) Deadline() (time.Time, bool) { return time.Time{}, false }

// Snapshot is the present state; it may be kept and read by others.
func (e *Engine) Snapshot() status.VRRP { return status.VRRP{} }
