package vrrprun

import (
	"cmp"
	"errors"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// ErrConfig is wrapped by errors that come from the configuration: this
// machine cannot run it. The process ends with status 2 then.
var ErrConfig = errors.New("configuration error")

// defaultNamespace is that of the first process, where net_namespace_ipvs
// without a name goes.
const defaultNamespace = "/proc/1/ns/net"

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
	// RaisePriority is max_auto_priority: it gives the process one more
	// real-time priority, up to limit, without waiting; nil does nothing.
	RaisePriority func(limit int)
	// Runner runs track scripts; nil runs none, and what depends on one waits
	// for ever. Machine is what they are judged by; nil is the real one.
	Runner  *script.Runner
	Machine script.Machine
	// IPVS opens the IPVS of the namespace for the sync daemon; nil is that
	// of net_namespace_ipvs.
	IPVS func() (ipvs.Kernel, error)
	// DontRelease is --dont-release-vrrp: at the end, addresses, routes,
	// rules and VMACs stay.
	DontRelease bool
	// SysctlRecord is a file that says, while sysctls are changed, what the
	// next engine must put back if this process is killed; "" for none.
	SysctlRecord string
	// ObjectRecord is a file that names what this engine has put into the
	// kernel, so that the next one can remove what it does not want if this
	// process is killed; "" for none.
	ObjectRecord string
	// Predecessor is the configuration of an engine before this one that was
	// killed and left what it had, if it was another one; nil otherwise.
	Predecessor *config.Config
}

func (o *Options) setDefaults(g *config.Global) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Events == nil {
		o.Events = event.Discard
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	if o.RaisePriority == nil {
		o.RaisePriority = func(int) {}
	}
	if o.IPVS == nil {
		namespace := "" // where we are: net_namespace
		if g.NetNamespaceIPVS != nil {
			namespace = cmp.Or(*g.NetNamespaceIPVS, defaultNamespace)
		}
		o.IPVS = func() (ipvs.Kernel, error) { return ipvs.Open(namespace) }
	}
	if o.Machine == nil {
		o.Machine = script.Host{}
	}
}
