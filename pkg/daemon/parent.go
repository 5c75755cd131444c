package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/daemon/logging"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// parent is the process that reads the configuration and looks after the
// children. Everything happens on one goroutine, that of run.
type parent struct {
	program *Program
	argv    []string
	opt     Options
	stage   stage
	// workDir is where relative names of the command line start: the
	// directory of the first process.
	workDir string

	logs    *logging.Log
	log     *slog.Logger
	manager serviceManager
	signals *parentSignals
	// tasks are run by the loop: messages of children, timers.
	tasks chan func()

	conf    *configuration
	bundle  *os.File
	pids    map[role]*pidFile
	feeds   bfdFeeds
	ranVRRP lastRun
	sup     *supervisor
	// next is the configuration that a reload under way goes over to.
	next       *configuration
	nextBundle *os.File
	// reloadAgain is set by a HUP during a reload.
	reloadAgain bool
	// collectUsually ends what a reload asked of the garbage collector.
	collectUsually func()
	reloadTimer    *reloadTimer
	loads          int // how often the configuration was read, for config_save_dir
	// configRead is when conf was read.
	configRead time.Time
	// refused is why the last reload changed nothing, "" if it did.
	refused string
	// scripts is what scripts get: what we were started with.
	scripts script.RunnerOptions
	// status is the exit status.
	status int
	done   bool
}

// runParent runs one stage of a parent.
func (p *Program) runParent(argv []string, opt Options, h *handoff) int {
	m := &parent{
		program: p, argv: argv, opt: opt, manager: takeServiceManager(), signals: catchParentSignals(opt.IgnoreInterrupt),
		tasks: make(chan func(), 64), pids: map[role]*pidFile{}, collectUsually: func() {},
	}
	if h == nil {
		m.workDir, _ = os.Getwd()
		m.scripts = startedWith()
	} else {
		m.workDir, m.stage, m.scripts = h.WorkDir, h.Stage, h.Scripts
		m.manager = serviceManager{h.NotifySocket, h.Watchdog}
	}
	m.openLog()
	defer m.logs.Close()
	if h == nil {
		return m.first()
	}
	if err := m.adopt(h); err != nil {
		return m.fail(err.Error(), ExitFatal)
	}
	m.setIdent()
	return m.locked(h.Ready)
}

// openLog starts the log. Its failure to open a file is no reason not to run.
func (m *parent) openLog() {
	logs, err := openLog(&m.opt, roleParent, m.workDir)
	m.logs, m.log = logs, logs.Logger()
	if err != nil {
		m.log.Warn(fmt.Sprintf(textCannot, "open the log file", err, "the log goes elsewhere only; choose another file with -g"))
	}
}

// openLog opens the log of a process.
func openLog(o *Options, r role, workDir string) (*logging.Log, error) {
	t := r.trait()
	opt := logging.Options{Detail: o.LogDetail, Ident: t.ident, Facility: o.Facility, JSON: o.LogJSON}
	if !o.NoSyslog {
		opt.Syslog, opt.SystemConsole = logging.SyslogSocket, o.LogConsole
	}
	if o.LogConsole && o.Foreground {
		opt.Console = os.Stderr
	}
	if o.LogFile != "" {
		opt.File = logging.FileFor(absolute(o.LogFile, workDir), t.suffix)
	}
	return logging.Open(opt)
}

// absolute is path seen from dir.
func absolute(path, dir string) string {
	if filepath.IsAbs(path) || path == "" {
		return path
	}
	return filepath.Join(dir, path)
}

// first is a process that was started from outside.
func (m *parent) first() int {
	m.log.Info(fmt.Sprintf(logtext.StartingKeepalived, versionText()+", gokeepalived "+Version))
	m.log.Info(kernelText(runningOn(), kernelRelease()))
	for _, l := range commandLineText(m.argv) {
		m.log.Info(l)
	}
	m.conf = m.read(false)
	if reason, status := m.conf.refusal(m.conf.Global.ReloadCheckConfig, m.opt.VRRP); status != 0 {
		if len(m.conf.diags) == 0 {
			m.log.Error(reason)
		}
		m.show(reason)
		m.manager.failed(unix.EINVAL, reason)
		return m.end(status)
	}
	syscall.Umask(int(m.conf.Global.Umask))
	m.setIdent()
	bundle, err := m.conf.bundle()
	if err != nil {
		return m.fail(err.Error(), ExitFatal)
	}
	m.bundle = bundle
	if m.conf.Global.NetNamespace != "" {
		return m.fail(m.enterNamespace(), ExitOK)
	}
	return m.locked(0)
}

// read reads the files and logs what was found.
func (m *parent) read(reload bool) *configuration {
	var c *configuration
	if reload {
		mark := m.conf.reloadMark()
		mark.create()
		c = readConfiguration(&m.opt, m.workDir, reload)
		mark.remove()
	} else {
		c = readConfiguration(&m.opt, m.workDir, reload)
		c.reloadMark().remove()
	}
	m.loads++
	for _, name := range c.texts.Names() {
		m.log.Debug(fmt.Sprintf(logtext.OpeningFile, c.texts.Shown(name)))
	}
	if c.texts.Usable() {
		m.log.Info(fmt.Sprintf(logtext.ConfigFile, m.opt.ConfigFile))
	}
	c.log(m.log, c.diags)
	return c
}

// setIdent adds namespace and instance to the name in the log.
func (m *parent) setIdent() {
	ident := roleParent.trait().ident
	if name := qualified(ident, &m.conf.Global); name != ident {
		if m.stage == stageFirst {
			m.log.Info(fmt.Sprintf(logtext.Ident, name))
		}
		m.logs.SetIdent(name)
	}
}

// fail ends a start because of reason.
func (m *parent) fail(reason string, status int) int {
	level := slog.LevelError
	if reason == logtext.AlreadyRunning { // as keepalived; it exits 0
		level = slog.LevelInfo
	}
	m.log.Log(context.Background(), level, reason)
	m.show(reason)
	m.manager.failed(unix.EINVAL, reason)
	return m.end(status)
}

// show prints why a start failed, unless the console shows the log: nobody
// shall have to guess why nothing runs.
func (m *parent) show(reason string) {
	if m.stage != stageBackground && !(m.opt.LogConsole && m.opt.Foreground) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", programName(m.argv[0]), reason)
	}
}

// end is the end of a start that failed.
func (m *parent) end(status int) int {
	m.releasePIDFiles()
	m.log.Info(fmt.Sprintf(logtext.StoppedFinally, versionText()))
	return status
}

// adopt takes over what the process before us had opened.
func (m *parent) adopt(h *handoff) error {
	m.bundle = os.NewFile(uintptr(h.Bundle), "configuration")
	c, err := openBundle(m.bundle, &m.opt)
	if err != nil {
		return err
	}
	m.conf = c
	m.loads = 1
	for r, fd := range h.PIDFiles {
		m.pids[r] = adoptPIDFile(m.pidPath(r), uintptr(fd))
	}
	return nil
}

// handoff is what the next process gets, without descriptors.
func (m *parent) handoff(r role, s stage) *handoff {
	return &handoff{Role: r, Stage: s, WorkDir: m.workDir, Scripts: m.scripts, Census: m.manager.socket != ""}
}

// locked goes on once the namespace is right: pid files, background, children.
func (m *parent) locked(readyFD int) int {
	if m.stage != stageBackground {
		if reason, ok := m.lockPIDFiles(); !ok {
			return m.fail(reason, ExitOK)
		}
		if !m.opt.Foreground {
			return m.background()
		}
	}
	if err := m.pids[roleParent].write(os.Getpid()); err != nil {
		return m.fail(fmt.Sprintf(textNoPIDFile, m.pids[roleParent].path, err), ExitOK)
	}
	if readyFD != 0 {
		ready := os.NewFile(uintptr(readyFD), "ready")
		_, _ = ready.Write([]byte{'\n'})
		_ = ready.Close()
	}
	m.serve()
	return m.status
}

func (m *parent) pidPath(r role) string {
	return absolute(r.pidPath(&m.opt, &m.conf.Global), m.workDir)
}

// childLockWait is how long we wait for the children of a parent that was
// killed: they notice and stop by themselves.
const childLockWait = 5 * time.Second

// lockPIDFiles takes the pid files of the parent and of all children that are
// going to run.
func (m *parent) lockPIDFiles() (reason string, ok bool) {
	for _, r := range append([]role{roleParent}, m.wantedChildren()...) {
		wait := time.Duration(0)
		if r != roleParent {
			wait = childLockWait
		}
		if reason, ok := m.lockPIDFile(r, wait); !ok {
			return reason, false
		}
	}
	return "", true
}

func (m *parent) lockPIDFile(r role, wait time.Duration) (reason string, ok bool) {
	path := m.pidPath(r)
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		p, err := lockPIDFile(path)
		switch {
		case err == nil:
			m.pids[r] = p
			return "", true
		case !errors.Is(err, errLocked):
			return fmt.Sprintf(textNoPIDFile, path, err), false
		case time.Now().After(deadline):
			m.log.Info(fmt.Sprintf(logtext.PIDLocked, path))
			return logtext.AlreadyRunning, false
		}
	}
}

// wantedChildren are the children that the configuration needs, in the order
// of their start.
func (m *parent) wantedChildren() []role {
	return slices.DeleteFunc(slices.Clone(childRoles[:]), func(r role) bool {
		return !r.wanted(&m.opt, m.conf.Config)
	})
}

// releasePIDFiles removes our pid files and, when it is empty then, their
// directory.
func (m *parent) releasePIDFiles() {
	own := false
	for r, p := range m.pids {
		own = own || filepath.Dir(p.path) == ownRunDir
		p.remove()
		delete(m.pids, r)
	}
	if own {
		m.removeRunDir()
	}
}

func (m *parent) removeRunDir() {
	if m.stage == stageNamespace || m.stage == stageBackground && m.conf.Global.NetNamespace != "" {
		unmountRunDir(m.conf.Global.NetNamespace)
	}
	// It stays when others use it too.
	_ = os.Remove(ownRunDir)
}

// background starts the daemon proper in a session of its own and waits until
// it has written its pid.
func (m *parent) background() int {
	ready, w, err := os.Pipe()
	if err != nil {
		return m.fail(err.Error(), ExitFatal)
	}
	defer ready.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return m.fail(err.Error(), ExitFatal)
	}
	defer null.Close()
	h := m.handoff(roleParent, stageBackground)
	h.NotifySocket = m.manager.socket
	h.Bundle, h.Ready, h.PIDFiles = h.give(m.bundle), h.give(w), map[role]int{}
	for r, p := range m.pids {
		h.PIDFiles[r] = h.give(p.f)
	}
	m.logs.Flush(time.Second)
	pid, err := h.spawn(m.argv, null, "/", &syscall.SysProcAttr{Setsid: true})
	if err != nil {
		return m.fail(fmt.Sprintf(textCannot, "go into the background", err, "run it in the foreground with -n"), ExitFatal)
	}
	_ = w.Close()
	var one [1]byte
	if n, _ := ready.Read(one[:]); n == 1 {
		return ExitOK
	}
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, 0, nil)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if ws.Exited() {
		return ws.ExitStatus()
	}
	return ExitFatal
}

// enterNamespace goes on in net_namespace, as this very process. It returns
// only when that failed.
func (m *parent) enterNamespace() string {
	name := m.conf.Global.NetNamespace
	h := m.handoff(roleParent, stageNamespace)
	h.NotifySocket, h.Watchdog = m.manager.socket, m.manager.watchdog
	fd, err := keep(m.bundle)
	if err != nil {
		return err.Error()
	}
	h.Bundle = fd
	// Nothing may be in the queue when the threads vanish.
	m.logs.Flush(time.Second)
	if err := joinNamespace(name); err != nil {
		m.log.Info(err.Error())
		return fmt.Sprintf(logtext.NamespaceFailed, name)
	}
	return h.become(m.argv).Error()
}

// prepareProcess arranges what concerns the process as a whole.
func (m *parent) prepareProcess() {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		m.log.Debug(fmt.Sprintf(textCannot, "become the reaper of orphans", err, "processes that scripts leave behind go to the first process of the system"))
	}
	if m.opt.CorePatternSet {
		m.log.Warn(fmt.Sprintf(textCorePattern, m.opt.CorePattern))
	}
	if m.opt.CoreDump {
		allowCoreDumps(m.log)
	}
	name := roleParent.processName(&m.conf.Global)
	if name == "" {
		name = programName(m.argv[0])
	}
	setProcessName(name)
}

// settingsThatStay are the settings that no reload can change.
func settingsThatStay(old, new *config.Global) string {
	ipvs := func(g *config.Global) string {
		if g.NetNamespaceIPVS == nil {
			return "-"
		}
		return "=" + *g.NetNamespaceIPVS
	}
	switch {
	case old.NetNamespace != new.NetNamespace:
		return "network namespace"
	case ipvs(old) != ipvs(new):
		return "IPVS network namespace"
	case old.InstanceName != new.InstanceName:
		return "instance name"
	case old.VRRP.NFTables != new.VRRP.NFTables || old.LVS.NFTables != new.LVS.NFTables:
		return "nftables table names"
	case old.VRRP.DisableLocalIGMP != new.VRRP.DisableLocalIGMP:
		return "disable_local_igmp"
	}
	return ""
}
