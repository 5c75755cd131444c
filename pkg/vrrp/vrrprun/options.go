package vrrprun

import (
	"errors"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// ErrConfig is wrapped by errors that come from the configuration: this
// machine cannot run it. The process ends with status 2 then.
var ErrConfig = errors.New("configuration error")

// Options are what an Engine needs besides its configuration.
type Options struct {
	// Log gets the lines of the engine and its driver; nil for none.
	Log *slog.Logger
	// Detail is -D: debug lines are made.
	Detail bool
	// Events gets what happens, in order; nil for nobody.
	Events event.Sink
	// Ready is called once, when everything is set up and the first states
	// are entered; nil for nobody.
	Ready func()
	// DontRelease is --dont-release-vrrp: at the end, addresses, routes,
	// rules and VMACs stay.
	DontRelease bool
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Events == nil {
		o.Events = event.Discard
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
}
