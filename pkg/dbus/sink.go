package dbus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Options are what a Sink needs. The functions are called from several
// goroutines.
type Options struct {
	Log *slog.Logger
	// Address is a list of addresses of the bus as in
	// DBUS_SYSTEM_BUS_ADDRESS; "" for that variable, else the usual place.
	Address string
	// Announce sends gratuitous ARPs for an instance that is master.
	Announce func(instance string)
	// PrintData, PrintStats and ClearStats write their files, the last one
	// then clears the counters. They return when that is done.
	PrintData, PrintStats, ClearStats func() error
	// Reload asks the daemon to read its configuration again.
	Reload func() error
}

// Sink shows the events of the VRRP engine on the bus.
type Sink struct {
	opt Options
	// printing is held by the call that writes a file.
	printing chan struct{}

	// setupLimit is the constant of this name, except in tests.
	setupLimit time.Duration

	mu  sync.Mutex
	cfg *config.Config // of the last Update
	// started is set when the engine has entered its first states.
	started, closed bool
	model           *model // of the events that come now; nil without enable_dbus
	link            *link  // nil without enable_dbus, and before the start
}

// New returns a sink for cfg. Nothing goes to the bus before event.Started, or
// event.Reloaded for a sink that was made later.
func New(cfg *config.Config, opt Options) *Sink {
	if opt.Address == "" {
		opt.Address = systemAddress()
	}
	s := &Sink{opt: opt, printing: make(chan struct{}, 1), setupLimit: setupLimit, cfg: cfg}
	s.adopt(nil)
	return s
}

// Update is told the configuration that the engine is about to go over to. It
// counts from the event.Reloaded on that follows, if one does.
func (s *Sink) Update(cfg *config.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg = cfg
}

// Send follows one event.
func (s *Sink) Send(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	switch e := e.(type) {
	case event.Started:
		s.started = true
		s.seed(e.Instances)
		s.connect()
	case event.InstanceState:
		s.state(e)
	case event.Reloaded:
		s.reloaded(e)
	}
}

func (s *Sink) seed(states []event.InstanceState) {
	if s.model != nil {
		s.model.seed(states)
	}
}

func (s *Sink) state(e event.InstanceState) {
	if s.model == nil {
		return
	}
	if o := s.model.byName[e.Instance]; o != nil {
		o.state = e.State
		s.signal(stateSignal(o))
	}
}

// reloaded goes over to the configuration of the last Update.
func (s *Sink) reloaded(e event.Reloaded) {
	s.started = true
	old := s.model
	s.adopt(old)
	s.seed(e.Instances)
	if s.model == nil || s.link != nil && s.link.name != s.cfg.Global.DBus.ServiceName {
		s.disconnect()
	}
	if s.model == nil {
		return
	}
	if old != nil {
		for _, o := range old.instances {
			if s.model.byPath[o.path] == nil {
				s.opt.Log.Info(fmt.Sprintf(logtext.DBusDeletedObject, o.name))
			}
		}
	}
	s.signal(signal{path: s.model.process, name: processInterface + ".VrrpReloaded"})
	s.connect()
}

// adopt makes the model of s.cfg, nil if that wants none.
func (s *Sink) adopt(old *model) {
	s.model = nil
	if !s.cfg.Global.DBus.Enable {
		return
	}
	var clashes []string
	s.model, clashes = newModel(s.cfg, old)
	for _, text := range clashes {
		s.opt.Log.Error(text)
	}
}

// connect starts the link if one is wanted.
func (s *Sink) connect() {
	if s.model == nil || !s.started || s.link != nil {
		return
	}
	s.link = newLink(s, s.cfg.Global.DBus.ServiceName)
	go s.link.run()
}

// disconnect ends the link without waiting for it: it says goodbye by itself.
func (s *Sink) disconnect() {
	if s.link != nil {
		s.link.stop()
		s.link = nil
	}
}

// signal queues one for the link.
func (s *Sink) signal(sig signal) {
	if s.link != nil {
		s.link.put(sig)
	}
}

// hello are the signals of a new connection: where everything stands.
func (s *Sink) hello(first bool) (list []signal) {
	if first {
		list = append(list, signal{path: s.model.process, name: processInterface + ".VrrpStarted"})
	}
	for _, o := range s.model.instances {
		list = append(list, stateSignal(o))
	}
	return list
}

func stateSignal(o *object) signal {
	return signal{path: o.path, name: instanceInterface + ".VrrpStatusChange", values: []any{uint32(o.state)}}
}

// Close signals VrrpStopped and leaves the bus, at most until ctx is done.
func (s *Sink) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	l := s.link
	if l != nil {
		s.signal(signal{path: s.model.process, name: processInterface + ".VrrpStopped"})
		l.stop()
	}
	s.mu.Unlock()
	if l == nil {
		return
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		l.abort()
	}
}

// signal is one on its way to the bus.
type signal struct {
	path   dbus.ObjectPath
	name   string
	values []any
}
