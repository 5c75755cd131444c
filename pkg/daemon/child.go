package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/daemon/logging"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// childProcess runs one engine.
type childProcess struct {
	program *Program
	opt     Options
	role    role
	logs    *logging.Log
	log     *slog.Logger
	control *control
	sched   *scheduling
	workDir string
	scripts script.RunnerOptions
	pids    *pidFile
	feeds   map[role]*os.File
	// predecessor is the configuration of a VRRP process that was killed, nil
	// unless it was another than ours.
	predecessor *config.Config
	clearOnly   bool
	engine      Engine
	// census says that lines for the service manager are wanted.
	census bool
	// pinging is true while the engine is asked for a sign of life.
	pinging atomic.Bool

	// mu guards what a reload changes.
	mu     sync.Mutex
	conf   *configuration
	bundle *os.File
	// loads counts reloads, for config_save_dir.
	loads int
}

// runChild is the whole life of a child.
func (p *Program) runChild(argv []string, opt Options, h *handoff) int {
	stop, work := catchChildSignals(opt.IgnoreInterrupt)
	takeServiceManager()
	c := &childProcess{program: p, opt: opt, role: h.Role, workDir: h.WorkDir, scripts: h.Scripts, census: h.Census}
	logs, err := openLog(&opt, h.Role, h.WorkDir)
	c.logs, c.log = logs, logs.Logger()
	if err != nil {
		c.log.Warn(fmt.Sprintf(textCannot, "open the log file", err, "the log goes elsewhere only; choose another file with -g"))
	}
	defer logs.Close()
	// A panic must look like a crash, not like exit status 2, and its text
	// must get to the log.
	debug.SetTraceback("crash")
	crash := os.NewFile(uintptr(h.Crash), "crash")
	_ = debug.SetCrashOutput(crash, debug.CrashOptions{})
	reportFatal(crash)

	if err := c.adopt(h); err != nil {
		c.log.Error(err.Error())
		return ExitFatal
	}
	name := c.role.processName(&c.conf.Global)
	if name == "" {
		name = programName(argv[0])
	}
	setProcessName(name)
	c.logs.SetIdent(qualified(c.role.trait().ident, &c.conf.Global))
	c.sched = newScheduling(c.log, c.role, h.Scripts.Nice)
	c.sched.apply(&c.conf.Global)
	if !c.clearOnly {
		if err := c.compare(c.conf); err != nil {
			return c.end(err)
		}
	}
	return c.run(stop, work)
}

// catchChildSignals is done first, so that a signal to all processes of a
// daemon does not end a child that has just begun.
func catchChildSignals(ignoreInterrupt bool) (stop, work chan os.Signal) {
	stop, work = make(chan os.Signal, 4), make(chan os.Signal, 64)
	signal.Notify(stop, stopSignals(ignoreInterrupt)...)
	signal.Notify(work, workSignals...)
	catchUnused(ignoreInterrupt)
	return stop, work
}

// adopt takes over what the parent gave us.
func (c *childProcess) adopt(h *handoff) error {
	control, err := openControl(h.Control)
	if err != nil {
		return fmt.Errorf("open the socket to the parent: %w", err)
	}
	c.control = control
	c.bundle = os.NewFile(uintptr(h.Bundle), "configuration")
	c.feeds = h.takeFeeds()
	c.conf, err = openBundle(c.bundle, &c.opt)
	if err != nil {
		return err
	}
	c.predecessor, c.clearOnly = c.takePredecessor(h), h.ClearOnly
	if fd, ok := h.PIDFiles[h.Role]; ok {
		path := absolute(h.Role.pidPath(&c.opt, &c.conf.Global), h.WorkDir)
		c.pids = adoptPIDFile(path, uintptr(fd))
	}
	return nil
}

// compare takes out of a configuration what our engine cannot use on this
// machine, and says so in the log. An error says that it cannot run at all.
func (c *childProcess) compare(conf *configuration) error {
	found := conf.compare(c.program, c.part())
	conf.log(c.log, found)
	if reason := conf.impossible(found, conf.Global.ReloadCheckConfig); reason != "" {
		return fmt.Errorf("%w: %s", errRefused, reason)
	}
	return nil
}

func (c *childProcess) part() preflight.Part {
	switch c.role {
	case roleVRRP:
		return preflight.VRRP
	case roleChecker:
		return preflight.Checkers
	case roleBFD, roleParent:
	}
	return 0
}

// run starts the engine and serves it until it ends.
func (c *childProcess) run(stop, work chan os.Signal) int {
	requests := make(chan func(), 64)
	start := Start{
		Predecessor: c.predecessor, ClearOnly: c.clearOnly, SysctlRecord: c.record("sysctls"), ObjectRecord: c.record("objects"),
		Config: c.conf.Config, Options: &c.opt, Log: c.log, Scripts: c.scripts,
		Write: c.write, Reload: func() error { return c.control.send(message{Op: opWantReload}, nil) },
		RaisePriority: c.sched.raise,
		BFDToVRRP:     c.feeds[roleVRRP], BFDToChecker: c.feeds[roleChecker],
		Ready:   func() { requests <- c.ready },
		Waiting: func(reason string) { requests <- func() { c.tell(message{Op: opWaiting, Error: reason}) } },
	}
	if c.census {
		start.Census = func(line string) { _ = c.control.send(message{Op: opCensus, Text: line}, nil) }
	}
	c.predecessor = nil
	engine, err := c.factory()(start)
	if err != nil {
		return c.end(err)
	}
	c.engine = engine
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	orphaned := make(chan struct{})
	go c.obey(requests, orphaned)
	// Requests are served one after the other, and the stop waits for none.
	go func() {
		for f := range requests {
			f()
		}
	}()
	for {
		select {
		case err := <-ended:
			return c.end(err)
		case <-stop:
			c.tell(message{Op: opStopping})
			cancel()
		case <-orphaned:
			orphaned = nil
			c.log.Info(textParentGone)
			c.answerOrDie()
			cancel()
			// The parent can no longer do it.
			if c.pids != nil {
				defer c.pids.remove()
			}
		case s := <-work:
			select {
			case requests <- func() { c.signal(s.(syscall.Signal)) }:
			default: // as many wait already
			}
		}
	}
}

// record is where the VRRP engine keeps a record for the process after it:
// beside the pid file, so that each daemon of a machine has its own.
func (c *childProcess) record(of string) string {
	if c.pids == nil {
		return ""
	}
	return strings.TrimSuffix(c.pids.path, ".pid") + "." + of
}

// ready is done when the engine runs.
func (c *childProcess) ready() {
	c.tell(message{Op: opReady})
	c.sched.limit()
	if c.opt.DumpConf {
		c.logDump()
	}
	c.collect()
}

func (c *childProcess) factory() func(Start) (Engine, error) {
	switch c.role {
	case roleVRRP:
		return c.program.VRRP
	case roleChecker:
		return c.program.Checkers
	default:
		return c.program.BFD
	}
}

// tell sends a message to the parent, after our log lines up to now: what the
// parent says about it comes after them. If it cannot be sent the parent is
// dead, which obey notices.
func (c *childProcess) tell(m message) {
	c.logs.Flush(orderLimit)
	_ = c.control.send(m, nil)
}

// orderLimit is how long the order of lines of several processes may hold up
// what they do.
const orderLimit = 100 * time.Millisecond

// obey passes the parent's messages on until it is gone.
func (c *childProcess) obey(requests chan<- func(), orphaned chan<- struct{}) {
	for {
		m, attached, err := c.control.receive()
		if err != nil {
			close(orphaned)
			return
		}
		switch m.Op {
		case opReload:
			requests <- func() { c.reload(m.Seq, attached) }
		case opSignal:
			requests <- func() { c.signal(syscall.Signal(m.Signal)) }
		case opReport:
			c.answerReport(attached)
		case opPing:
			c.answerPing()
		case opReady, opReloaded, opWantReload, opAlive, opCensus, opStopping, opWaiting:
		}
	}
}

// reload goes over to the configuration in bundle and tells the parent.
func (c *childProcess) reload(seq int, bundle *os.File) {
	answer := message{Op: opReloaded, Seq: seq}
	if bundle == nil {
		answer.Error = "no configuration came with the message"
		c.tell(answer)
		return
	}
	usual := func() {}
	if c.role == roleChecker {
		usual = collectRarely()
	}
	if err := c.change(bundle); err != nil {
		answer.Error = err.Error()
		_ = bundle.Close()
	}
	c.tell(answer)
	usual()
	c.collect()
}

func (c *childProcess) change(bundle *os.File) error {
	c.log.Info(logtext.ChildReloading)
	c.sched.unlimit()
	defer c.sched.limit()
	next, err := openBundle(bundle, &c.opt)
	if err != nil {
		return err
	}
	if err := c.compare(next); err != nil {
		return err
	}
	c.loads++
	c.saveState("pre")
	if err := c.engine.Reload(next.Config); err != nil {
		return err
	}
	c.mu.Lock()
	old := c.bundle
	c.conf, c.bundle = next, bundle
	c.mu.Unlock()
	if old != bundle {
		_ = old.Close()
	}
	syscall.Umask(int(next.Global.Umask))
	c.sched.apply(&next.Global)
	c.logs.Reopen()
	c.saveState("post")
	return nil
}

// signal does what a signal asks for, whether it came from the parent or to
// us directly.
func (c *childProcess) signal(s syscall.Signal) {
	switch s {
	case syscall.SIGHUP:
		// The texts we have are all we know: only the parent reads files.
		if err := c.change(c.bundle); err != nil {
			c.log.Error(fmt.Sprintf(textKeeping, err))
		}
	case syscall.SIGXCPU:
		if c.sched.exhausted() {
			t := c.role.trait()
			c.log.Info(fmt.Sprintf(logtext.TooMuchCPU, t.name, t.rlimitKeyword))
		}
	default:
		c.dump(s)
	}
}

// end logs why the engine has ended and returns the exit status that says so.
func (c *childProcess) end(err error) int {
	status := exitStatus(err)
	switch {
	case status == ExitNoPermission:
		c.log.Error(fmt.Sprintf(textPrivileges, err))
	case err != nil && !errors.Is(err, errRefused): // that was a finding
		c.log.Error(err.Error())
	}
	if c.opt.LogDetail > 0 {
		c.log.Info(childUsage())
	} else {
		c.log.Info(logtext.Stopped)
	}
	return status
}

func exitStatus(err error) int {
	switch {
	case err == nil:
		return ExitOK
	case isConfigError(err):
		return ExitConfig
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EPERM):
		return ExitNoPermission
	}
	return ExitFatal
}
