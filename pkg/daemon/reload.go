package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// requestReload begins a reload, or notes that one more is wanted.
func (m *parent) requestReload() {
	switch {
	case m.sup.stopping:
	case m.sup.reloading():
		m.log.Debug(logtext.ReloadQueued)
		m.reloadAgain = true
	default:
		m.beginReload()
	}
}

// beginReload reads the files and hands them to the children. A configuration
// that cannot be used changes nothing.
func (m *parent) beginReload() {
	m.manager.reloading()
	m.log.Info(logtext.Reloading)
	m.collectUsually = collectRarely()
	m.logs.Reopen()
	next := m.read(true)
	if reason, ok := m.acceptable(next); !ok {
		m.keep(reason)
		return
	}
	bundle, err := next.bundle()
	if err != nil {
		m.keep(err.Error())
		return
	}
	var add []role
	for _, r := range childRoles {
		if m.sup.children[r] == nil && r.wanted(&m.opt, next.Config) {
			add = append(add, r)
		}
	}
	m.next, m.nextBundle = next, bundle
	m.logs.Flush(orderLimit)
	m.sup.pass(bundle, m.bundle, add)
}

// acceptable reports whether the daemon can go over to next.
func (m *parent) acceptable(next *configuration) (reason string, ok bool) {
	if what := settingsThatStay(&m.conf.Global, &next.Global); what != "" {
		return fmt.Sprintf(logtext.CannotChange, what), false
	}
	strict := m.conf.Global.ReloadCheckConfig
	reason, status := next.refusal(strict, m.opt.VRRP)
	// The children compare their parts again, and log what they find.
	all := *next
	found := all.compare(m.program, preflight.All)
	if status == 0 {
		reason = next.impossible(found, strict)
	}
	if reason == "" {
		next.log(m.log, next.compare(m.program, preflight.Parent))
		return "", true
	}
	if strict {
		m.writeCheckLog(next, append(next.diags, found...))
	}
	return reason, false
}

// writeCheckLog leaves the findings where reload_check_config wants them.
func (m *parent) writeCheckLog(c *configuration, findings diag.List) {
	path := m.conf.Global.ReloadCheckLog
	m.log.Info(fmt.Sprintf(logtext.NotValid, path))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		m.log.Warn(fmt.Sprintf(textCannot, "write the findings", err, "choose another file with reload_check_config"))
		return
	}
	defer f.Close()
	for i := range findings {
		if shown(&findings[i]) {
			fmt.Fprintln(f, c.line(&findings[i]))
		}
	}
}

// keep ends a reload that changed nothing.
func (m *parent) keep(reason string) {
	m.log.Error(fmt.Sprintf(textKeeping, reason))
	m.refused = reason
	m.manager.ready(os.Getpid(), m.runningText())
	m.settle()
	m.again()
}

// reloaded is called when all children have answered.
func (m *parent) reloaded(failures []string) {
	next, bundle := m.next, m.nextBundle
	m.next, m.nextBundle = nil, nil
	if next == nil {
		return
	}
	if len(failures) > 0 {
		_ = bundle.Close()
		m.keep(failures[0])
		return
	}
	if c := m.sup.children[roleVRRP]; c != nil && c.worker != nil && c.ready {
		m.ranVRRP.is(bundle)
	}
	_ = m.bundle.Close()
	old := &m.conf.Global
	m.conf, m.bundle = next, bundle
	m.conf.shed()
	if g := &next.Global; g.ReloadTimeFile != old.ReloadTimeFile || g.ReloadRepeat != old.ReloadRepeat {
		m.reloadTimer.stop()
		m.reloadTimer = m.watchReloadTime()
	}
	syscall.Umask(int(next.Global.Umask))
	m.saveConfig()
	m.refused, m.configRead = "", time.Now()
	m.log.Info(logtext.ReloadComplete)
	m.manager.ready(os.Getpid(), m.runningText())
	m.settle()
	m.again()
}

// again does the reload that was asked for during the last one, once whoever
// has ended that one is through: a child that died may have to be started yet.
func (m *parent) again() {
	if m.reloadAgain {
		m.after(0, m.nextReload)
	}
}

func (m *parent) nextReload() {
	if !m.reloadAgain || m.sup.stopping || m.sup.reloading() {
		return
	}
	m.reloadAgain = false
	m.log.Debug(textReloadDequeued)
	m.beginReload()
}

// reloadMark is the file of reload_file, "" for none. It exists while the
// configuration files are read, so that others know when not to change them.
type reloadMark string

func (c *configuration) reloadMark() reloadMark {
	g := &c.Global
	if g.ReloadFile != "-" {
		return reloadMark(g.ReloadFile)
	}
	name := "keepalived"
	if g.InstanceName != "" {
		name += "_" + g.InstanceName
	}
	return reloadMark(filepath.Join(runDir(g), name+".reload"))
}

func (r reloadMark) create() {
	if r == "" {
		return
	}
	f, err := os.OpenFile(string(r), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return
	}
	_ = f.Chmod(0o644)
	_ = f.Close()
}

func (r reloadMark) remove() {
	if r != "" {
		_ = os.Remove(string(r))
	}
}
