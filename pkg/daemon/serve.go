package daemon

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"golang.org/x/sys/unix"
)

// serve is the life of the daemon once its pid is written.
func (m *parent) serve() {
	m.prepareProcess()
	m.conf.log(m.log, m.conf.compare(m.program, preflight.Parent))
	g := &m.conf.Global
	if g.MaxAutoPriority == 0 {
		m.log.Info(logtext.AutoPriority)
	}
	m.conf.shed()
	m.saveConfig()
	m.runScript("startup", g.StartupScript, g.StartupScriptTimeout)
	m.sup = &supervisor{
		log: m.log, dontRespawn: m.opt.DontRespawn, wait: g.ChildWaitTime,
		launch: m.launch, now: time.Now, after: m.after,
		wanted:    func(r role) bool { return r.wanted(&m.opt, m.conf.Config) },
		leaves:    func(r role) bool { return r == roleVRRP && !m.opt.DontReleaseVRRP },
		started:   m.started,
		reloaded:  m.reloaded,
		waiting:   m.showStatus,
		permanent: m.permanent,
		stopped:   func() { m.done = true },
	}
	m.configRead = time.Now()
	reports := m.openReports()
	m.watchEngines()
	m.signals.drain()
	if m.signals.stopped() {
		m.stop()
	} else {
		m.startChildren()
	}
	m.loop()
	reports.close()
	// What the script asks for is the configuration of now, not of the start.
	g = &m.conf.Global
	m.runScript("shutdown", g.ShutdownScript, g.ShutdownScriptTimeout)
	m.releasePIDFiles()
	if m.opt.LogDetail > 0 {
		m.log.Debug(parentUsage())
	}
	m.log.Info(fmt.Sprintf(logtext.StoppedFinally, versionText()))
}

func (m *parent) startChildren() {
	m.reloadTimer = m.watchReloadTime()
	roles := m.wantedChildren()
	if len(roles) == 0 {
		m.log.Info(logtext.NothingToRun)
		m.manager.ready(os.Getpid(), m.runningText())
	}
	if err := m.sup.start(roles); err != nil {
		m.log.Error(err.Error())
		m.status = ExitFatal
		m.stop()
	}
}

// loop handles signals, messages and timers until the last child has gone.
func (m *parent) loop() {
	for !m.done {
		select {
		case <-m.signals.stop:
			m.stop()
		case s := <-m.signals.work:
			m.signal(s.(syscall.Signal))
		case <-m.signals.child:
			m.reap()
		case f := <-m.tasks:
			f()
		}
	}
}

// after runs f on the loop's goroutine after a while.
func (m *parent) after(d time.Duration, f func()) (cancel func()) {
	cancelled := false
	t := time.AfterFunc(d, func() {
		m.tasks <- func() {
			if !cancelled {
				f()
			}
		}
	})
	return func() {
		cancelled = true
		t.Stop()
	}
}

func (m *parent) signal(s syscall.Signal) {
	switch s {
	case syscall.SIGHUP:
		m.requestReload()
	case syscall.SIGUSR1:
		m.dumpParent()
		m.sup.forward(s, childRoles[:]...)
	case syscall.SIGUSR2, signalStatsClear, signalJSON:
		m.sup.forward(s, roleVRRP)
	case syscall.SIGXCPU:
		m.log.Info(fmt.Sprintf(logtext.TooMuchCPU, roleParent.trait().name, "rlimit_rttime"))
	}
}

// reap collects every process that has ended, ours and orphans of scripts.
func (m *parent) reap() {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil || pid <= 0:
			return
		}
		m.sup.exited(pid, ws)
	}
}

// launch starts a child process.
func (m *parent) launch(r role) (worker, error) {
	pids := m.pids[r]
	if pids == nil {
		if reason, ok := m.lockPIDFile(r, 0); !ok {
			return nil, errors.New(reason)
		}
		pids = m.pids[r]
	}
	bundle := m.bundle
	if round := m.sup.reload; round != nil {
		bundle = round.bundle
	}
	h := m.handoff(r, stageFirst)
	if err := m.giveFeeds(h); err != nil {
		return nil, err
	}
	if r == roleVRRP {
		m.ranVRRP.give(h, bundle)
		h.ClearOnly = m.sup.stopping
	}
	m.logs.Flush(orderLimit)
	w, err := startWorker(h, m.argv, bundle, pids, func(pid int, msg message) {
		m.tasks <- func() { m.received(pid, msg) }
	})
	if err != nil {
		return nil, err
	}
	if err := pids.write(w.pid()); err != nil {
		m.log.Error(fmt.Sprintf(textNoPIDFile, pids.path, err))
	}
	return w, nil
}

// received handles a message of the child with this number.
func (m *parent) received(pid int, msg message) {
	switch c := m.sup.byPID(pid); {
	case msg.Op == opWantReload:
		m.requestReload()
		return
	case msg.Op == opReady && c != nil && c.role == roleVRRP:
		m.ranVRRP.ready()
	}
	m.sup.received(pid, msg)
}

// started is called when all children run.
func (m *parent) started() {
	m.log.Info(logtext.StartupComplete)
	m.manager.ready(os.Getpid(), m.runningText())
	m.settle()
}

// runningText is what a service manager shows while we run: how everything is
// doing, what is waited for, and why the last reload was refused.
func (m *parent) runningText() string {
	var parts []string
	for _, r := range childRoles {
		if c := m.sup.children[r]; c != nil && c.census != "" {
			parts = append(parts, c.census)
		}
	}
	switch {
	case len(m.sup.children) == 0:
		parts = append(parts, "No configuration to run")
	case len(parts) == 0:
		parts = append(parts, "Running")
	}
	if reason := m.sup.waitReason(); reason != "" {
		parts = append(parts, "waiting: "+reason)
	}
	if m.refused != "" {
		parts = append(parts, "configuration refused: "+m.refused)
	}
	return strings.Join(parts, "; ")
}

// showStatus passes a change of that text on.
func (m *parent) showStatus() {
	if !m.sup.stopping && !m.sup.startup {
		m.manager.status(m.runningText())
	}
}

// permanent is called when a child has ended for good.
func (m *parent) permanent(status int) {
	m.status = status
	switch status {
	case ExitOK:
	case ExitNoPermission:
		m.manager.failed(unix.EPERM, "A process lacks a privilege, see the log")
	case ExitConfig:
		m.manager.failed(unix.EINVAL, "The configuration cannot be run on this machine, see the log")
	default:
		m.manager.failed(unix.EINVAL, "A process cannot run, see the log")
	}
	m.stop()
}

// stop ends everything, once.
func (m *parent) stop() {
	if m.sup.stopping {
		return
	}
	if m.status == ExitOK {
		m.log.Info(logtext.Stopping)
	}
	// Why we end by ourselves stays to be seen.
	m.manager.stopping(m.status == ExitOK)
	m.reloadTimer.stop()
	m.logs.Flush(orderLimit)
	m.sup.wait = m.conf.Global.ChildWaitTime
	m.sup.stop()
}
