package checkrun

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// ErrConfig is wrapped by errors that the configuration is to blame for.
var ErrConfig = errors.New("configuration error")

// Options are what an Engine needs from outside. The zero value works.
type Options struct {
	// Log gets the lines of the engine; nil for none.
	Log *slog.Logger
	// Detail is -D: debug lines are made.
	Detail bool
	// Events gets what happens, in order; nil for nobody.
	Events event.Sink
	// Ready is called once, when the table is made and the checkers are
	// scheduled; nil for nobody.
	Ready func()
	// Await makes the engine wait for a kernel without IPVS to get it, in
	// which case Ready is called before there is a table. Without it Run
	// ends with the error.
	Await bool
	// Waiting is told why the engine waits, and "" when that is over; nil
	// for nobody.
	Waiting func(reason string)
	// DontRelease is --dont-release-ipvs: the table stays at the end.
	DontRelease bool
	// Scripts runs the scripts of MISC_CHECK; nil for a runner of our own.
	Scripts *script.Runner
	// Random spreads the first checks; nil for a random one.
	Random *rand.Rand

	// OpenKernel opens the IPVS of a configuration; nil for the real one.
	OpenKernel func(*config.Global) (ipvs.Kernel, error)
	// WatchAddresses reports this host's addresses, first all that there are,
	// then what changes, until stop is called; nil for netlink.
	WatchAddresses func(g *config.Global, post func(health.Event)) (present []netip.Addr, stop func(), err error)
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
	if o.Waiting == nil {
		o.Waiting = func(string) {}
	}
	if o.Random == nil {
		now := uint64(time.Now().UnixNano())
		o.Random = rand.New(rand.NewPCG(now, now>>32))
	}
	if o.OpenKernel == nil {
		o.OpenKernel = openKernel
	}
	if o.WatchAddresses == nil {
		o.WatchAddresses = watchAddresses
	}
}
