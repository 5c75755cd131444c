package vrrprun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// Engine is the VRRP engine with its sockets and its part of the network
// stack. New, Run (or Clear) once, and from any goroutine Reload, Snapshot and
// Post.
type Engine struct {
	opt  Options
	box  eventloop.Mailbox[letter]
	logs *eventloop.LogQueue

	// What follows belongs to the goroutine of Run.

	now       func() time.Time // time.Now, except in tests
	cfg       *config.Config
	core      *vrrp.Engine
	poller    *eventloop.Poller
	kernel    *netif.Kernel
	monitor   *netif.Monitor
	announcer *netif.Announcer
	sysctls   *netif.Sysctls
	machine   *machine
	trackers  *trackers
	routing   *routing
	vmacs     map[string]*ownVMAC
	made      made
	firewall  *netif.Firewall // nil until it is needed
	lvsSync   *syncDaemon     // nil until it is needed
	linkbeat  *linkbeat       // nil when no interface is polled
	watching  bool            // routes and rules are announced
	finished  bool            // the engine has nothing more to do
	ended     bool            // everything is closed

	sockets        map[vrrp.SocketID]*socketPair
	waiting        []*socketPair      // with adverts to flush
	sending        []*vrrp.SendAdvert // the batch in the system call
	onAdvertFailed func(int, unixErrno)
	sender         *mmsg.Sender
	receiver       *mmsg.Receiver
	packet         vrrp.Packet

	// deferred counts the read passes since anything but packets was read.
	deferred int

	queue   []vrrp.Event // still to be passed to Step
	emitted []event.Event
	changes []netif.Change
	letters []letter
	mail    bool // letters wait
	// overtaken is an interface whose waiting announcements are older than
	// what is known of it; 0 for none.
	overtaken int
	// touched is set when an action changed what the monitor watches.
	touched bool

	last struct {
		sync.Mutex
		status.VRRP // after Run has ended
	}
}

// letter is an event for the engine, or a function for the loop to
// call.
type letter struct {
	event vrrp.Event
	call  func()
}

// New returns an engine for cfg that does nothing until Run.
func New(cfg *config.Config, opt Options) *Engine {
	opt.setDefaults(&cfg.Global)
	e := &Engine{
		opt:      opt,
		now:      time.Now,
		cfg:      cfg,
		core:     vrrp.New(cfg, vrrp.Options{Detail: opt.Detail}),
		sysctls:  netif.NewSysctls(),
		machine:  newMachine(),
		routing:  newRouting(netif.ConfiguredNames(&cfg.Global.VRRP)),
		vmacs:    map[string]*ownVMAC{},
		sockets:  map[vrrp.SocketID]*socketPair{},
		sender:   mmsg.NewSender(sendBatch),
		receiver: mmsg.NewReceiver(receiveCount, receiveSize),
	}
	e.onAdvertFailed = e.advertFailed
	e.trackers = newTrackers(&e.opt, &cfg.Global.VRRP, e.Post)
	return e
}

// Run runs the engine in the network namespace of the calling thread (lock it
// where threads differ in that) until ctx is cancelled, then stops it in order
// and returns nil. An error says why it could not start; those that wrap
// ErrConfig come from the configuration.
func (e *Engine) Run(ctx context.Context) error {
	e.logs = eventloop.StartLogQueue(e.opt.Log)
	defer e.logs.Close()
	defer e.closeMailbox()
	defer e.closeAll()
	if err := e.open(); err != nil {
		return err
	}
	defer e.trackers.stop()
	if err := e.start(); err != nil {
		return err
	}
	e.opt.Ready()
	cancel := context.AfterFunc(ctx, func() {
		// Scripts end while the engine releases what it holds.
		go e.trackers.stop()
		e.Post(vrrp.Stop{DontRelease: e.opt.DontRelease})
	})
	defer cancel()
	return e.loop()
}

// closeMailbox answers those who still wait and keeps the last state for
// those who come later.
func (e *Engine) closeMailbox() {
	e.ended = true
	e.last.Lock()
	e.last.VRRP = e.snapshot()
	e.last.Unlock()
	for _, l := range e.box.Close() {
		if l.call != nil {
			l.call()
		}
	}
}

// Post hands an event to the engine: results of trackers, BFD states, and
// requests from outside. It never waits.
func (e *Engine) Post(ev vrrp.Event) { e.box.Post(letter{event: ev}) }

// call lets the loop run f and waits for it; false if the loop has
// ended.
func (e *Engine) call(f func()) bool {
	done := make(chan struct{})
	if !e.box.Post(letter{call: func() { f(); e.logs.Flush(); close(done) }}) {
		return false
	}
	<-done
	return true
}

// Snapshot is the present state, or the last one when Run has ended. Before
// Run it waits for the start.
func (e *Engine) Snapshot() status.VRRP {
	var s status.VRRP
	var t *trackers
	if e.call(func() { s, t = e.snapshot(), e.trackers }) {
		t.refresh(s.Processes)
		return s
	}
	e.last.Lock()
	defer e.last.Unlock()
	return e.last.VRRP
}

func (e *Engine) snapshot() status.VRRP {
	s := e.core.Snapshot()
	s.RulePreferences = maps.Clone(e.routing.priorities)
	return s
}

// Reload goes over to cfg and returns when that is done. An error that wraps
// ErrConfig says why this machine cannot run cfg; the engine then goes on
// with what it had.
func (e *Engine) Reload(cfg *config.Config) error {
	err := errors.New("reload: the vrrp engine has stopped")
	check := func() {
		if !e.ended {
			err = e.checkInterfaces(cfg)
		}
	}
	if e.call(check); err != nil {
		return err
	}
	err = errors.New("reload: the vrrp engine has stopped")
	r := e.trackers.update(cfg)
	e.call(func() {
		if e.ended || e.finished {
			return
		}
		err = nil
		e.cfg = cfg
		e.routing.names = netif.ConfiguredNames(&cfg.Global.VRRP)
		e.routing.load(cfg)
		e.complain(e.watchRoutes(cfg))
		e.pollLinks(cfg)
		e.step(vrrp.Reload{Config: cfg, Files: r.files, Processes: r.processes, Uptime: uptime()})
	})
	if err == nil {
		e.trackers.updateScripts(cfg)
	}
	return err
}

// checkInterfaces refuses a configuration whose instances run on interfaces
// that this machine does not have.
func (e *Engine) checkInterfaces(cfg *config.Config) error {
	if cfg.Global.VRRP.DynamicInterfaces {
		return nil
	}
	missing := ""
	for _, v := range cfg.Instances {
		if v.Interface == "" || e.machine.named(v.Interface) != nil {
			continue
		}
		e.log(slog.LevelInfo, fmt.Sprintf(logtext.NoInterface, v.Interface, v.Name))
		if missing == "" {
			missing = v.Interface
		}
	}
	if missing == "" {
		return nil
	}
	e.log(slog.LevelInfo, logtext.NoInterfaces)
	return fmt.Errorf("%w: interface %s does not exist", ErrConfig, missing)
}

func (e *Engine) log(level slog.Level, text string) { e.logs.Add(e.now(), level, text) }
