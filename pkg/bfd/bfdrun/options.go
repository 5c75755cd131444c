package bfdrun

import (
	crand "crypto/rand"
	"log/slog"
	"math/rand/v2"
	"os"
)

// Options are what an Engine needs besides its configuration.
type Options struct {
	// Log gets the lines of the engine and its driver; nil for none.
	Log *slog.Logger
	// Detail is -D: debug lines are made.
	Detail bool
	// VRRP and Checker are the senders of the feeds to these processes; nil
	// for nobody. The engine closes them.
	VRRP, Checker *os.File
	// Ready is called once, when the sessions have begun; nil for nobody.
	Ready func()
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
}

// newRandom is a source that nobody can predict: discriminators and ports are
// what an attacker off the path has to guess.
func newRandom() *rand.Rand {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // never fails: it ends the program instead
	return rand.New(rand.NewChaCha8(seed))
}
