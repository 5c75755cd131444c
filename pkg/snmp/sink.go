package snmp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
)

// Options are what a Sink needs.
type Options struct {
	Log *slog.Logger
	// Attach makes the sink get the events; called once, when SNMP is first
	// wanted.
	Attach func(event.Sink)
	// Tree is what a process serves under a configuration, nil for nothing.
	Tree func(*config.Config) *mib.Tree
	// View takes a snapshot of the engine. It may wait for the engine.
	View func() mib.View
	// Apply carries out what a manager set.
	Apply func(mib.Change) error
}

// farewellTime is how long a reload waits for a session that it ends.
const farewellTime = time.Second

// Sink is the SNMP part of a process: events become notifications, managers
// get answers. It costs nothing while the configuration does not want SNMP.
type Sink struct {
	opt  Options
	dial func(ctx context.Context, socket string) (net.Conn, error)

	mu    sync.Mutex
	cfg   *config.Config
	snmp  config.SNMP // what agent runs with
	agent *agent      // nil while SNMP is off
	views *views
	// subtrees is how many the agent has registered.
	subtrees int
	targets  targets
	attached bool
}

// New returns a sink that does nothing until Start.
func New(cfg *config.Config, opt Options) *Sink { return &Sink{opt: opt, cfg: cfg, dial: dial} }

// Start begins to serve, if the configuration wants that. Managers are
// answered as soon as the engine answers.
func (s *Sink) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start()
}

func (s *Sink) start() {
	tree := s.opt.Tree(s.cfg)
	if tree == nil {
		return
	}
	s.opt.Log.Info(logtext.SNMPStarting)
	if !s.attached {
		s.attached = true
		s.opt.Attach(s)
	}
	s.snmp, s.subtrees = s.cfg.Global.SNMP, len(tree.Subtrees)
	s.targets = targets{now: s.cfg}
	s.views = &views{take: s.opt.View}
	s.agent = startAgent(&agent{socket: s.snmp.Socket, dial: s.dial, log: s.opt.Log, tree: tree, views: s.views, apply: s.opt.Apply})
}

// Update goes on with cfg. The session stays unless something about it
// changes.
func (s *Sink) Update(cfg *config.Config) {
	s.mu.Lock()
	s.cfg = cfg
	tree := s.opt.Tree(cfg)
	old := s.agent
	switch {
	case old == nil && tree == nil:
		s.mu.Unlock()
		return
	case old != nil && tree != nil && s.snmp == cfg.Global.SNMP && s.subtrees == len(tree.Subtrees):
		s.targets = targets{cfg, s.targets.now}
		s.views.forget()
		s.mu.Unlock()
		return
	}
	s.agent, s.views = nil, nil
	s.mu.Unlock()
	if old != nil {
		ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
		old.close(ctx)
		cancel()
	}
	s.Start()
}

// Close sends what is queued and ends the session, in the time that ctx gives.
func (s *Sink) Close(ctx context.Context) {
	s.mu.Lock()
	a := s.agent
	s.agent = nil
	s.mu.Unlock()
	if a != nil {
		a.close(ctx)
	}
}

// Send turns an event into notifications.
func (s *Sink) Send(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agent == nil || !s.snmp.Traps {
		return
	}
	g := &s.cfg.Global
	switch e := e.(type) {
	case event.GroupState:
		if s.snmp.VRRP {
			s.info(logtext.SNMPGroup, e.Group)
			s.notify(mib.GroupState(g, e))
		}
	case event.InstanceState:
		if s.snmp.VRRP {
			s.info(logtext.SNMPInstance, e.Instance)
			s.notify(mib.InstanceState(g, s.targets.instance(e.Instance), e))
		}
		if e.State == event.Master {
			s.newMaster(e)
		}
	case event.AuthenticationFailure:
		if n := s.fromView(func(v *mib.View) mib.Notification { return v.AuthenticationFailure(e) }); n != nil {
			s.info(logtext.SNMPAuthFailure, e.Instance)
			s.notify(n)
		}
	case event.ProtocolError:
		if n := s.fromView(func(v *mib.View) mib.Notification { return v.ProtocolError(e) }); n != nil {
			s.info(logtext.SNMPProtoError, e.Instance)
			s.notify(n)
		}
	case event.RealServerState:
		if vs, rs := s.targets.real(e.VirtualServer, e.RealServer); s.snmp.Checker && rs != nil {
			s.notify(mib.RealServerState(g, vs, rs.Address, rs.Port, e))
		}
	case event.VirtualServerState:
		if vs := s.targets.virtual(e.VirtualServer); s.snmp.Checker && vs != nil {
			s.notify(mib.VirtualServerState(g, vs, e))
		}
	}
}

func (s *Sink) info(format string, args ...any) { s.opt.Log.Info(fmt.Sprintf(format, args...)) }

func (s *Sink) notify(n mib.Notification) {
	if n != nil {
		s.agent.notify(n)
	}
}

func (s *Sink) fromView(make func(*mib.View) mib.Notification) (n mib.Notification) {
	s.views.use(func(v *mib.View) { n = make(v) })
	return n
}

// newMaster sends the notifications of the RFC MIBs.
func (s *Sink) newMaster(e event.InstanceState) {
	if s.snmp.RFCv2 {
		if n := s.fromView(func(v *mib.View) mib.Notification { return v.NewMaster2(e) }); n != nil {
			s.info(logtext.SNMPNewMaster2, e.Instance)
			s.notify(n)
		}
	}
	if s.snmp.RFCv3 {
		if n := s.fromView(func(v *mib.View) mib.Notification { return v.NewMaster3(e) }); n != nil {
			s.info(logtext.SNMPNewMaster3, e.Instance, e.MasterReason)
			s.notify(n)
		}
	}
}

// targets are what events name. A reload tells of what it takes away, so the
// configuration before is needed too.
type targets struct{ now, before *config.Config }

func (t targets) instance(name string) *config.VRRPInstance {
	if c := t.now.Instance(name); c != nil || t.before == nil {
		return c
	}
	return t.before.Instance(name)
}

func (t targets) virtual(name string) *config.VirtualServer {
	for _, c := range []*config.Config{t.now, t.before} {
		if c == nil {
			continue
		}
		for _, vs := range c.VirtualServers {
			if vs.Name == name {
				return vs
			}
		}
	}
	return nil
}

func (t targets) real(virtual, name string) (*config.VirtualServer, *config.RealServer) {
	for _, c := range []*config.Config{t.now, t.before} {
		if c == nil {
			continue
		}
		for _, vs := range c.VirtualServers {
			if vs.Name != virtual {
				continue
			}
			for _, rs := range vs.RealServers {
				if rs.Name == name {
					return vs, rs
				}
			}
		}
	}
	return nil, nil
}
