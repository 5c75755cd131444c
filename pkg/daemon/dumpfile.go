package daemon

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/smtp"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// dumpDir is where dump files go: TMPDIR if it is the absolute path of a
// directory.
func dumpDir() string {
	dir := os.Getenv("TMPDIR")
	if strings.HasPrefix(dir, "/") {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return "/tmp"
}

// dumpPath is the place of a dump file. name is the default one; setting is
// the keyword that moves it: a path (relative to the directory), or a
// directory if it ends in a slash. parts are put before the extension.
func dumpPath(dir, name, setting string, parts ...string) string {
	path := filepath.Join(dir, name)
	if setting != "" {
		path = setting
		if !strings.HasPrefix(path, "/") {
			path = dir + "/" + path
		}
		if strings.HasSuffix(path, "/") {
			path += name
		}
	}
	base, ext := path, ""
	if dot := strings.LastIndexByte(path, '.'); dot > strings.LastIndexByte(path, '/') {
		base, ext = path[:dot], path[dot:]
	}
	return base + strings.Join(parts, "") + ext
}

// dataPath is the place of a role's data dump.
func dataPath(r role, g *config.Global) string { return dataPathIn(dumpDir(), r, g) }

func dataPathIn(dir string, r role, g *config.Global) string {
	suffix := r.trait().suffix
	switch r {
	case roleParent:
		suffix = "_parent"
	case roleVRRP:
		suffix = "" // keepalived.data itself
	case roleChecker, roleBFD:
	}
	instance := ""
	if g.DataUseInstance {
		if name := strings.TrimPrefix(qualified("", g), "_"); name != "" {
			instance = "." + name
		}
	}
	return dumpPath(dir, "keepalived.data", g.StateDumpFile, suffix, instance)
}

// writeDump makes a file with what write says and puts it at path when it is
// complete. A name that exists is replaced, never opened: the directory may
// belong to everybody.
func writeDump(path string, mode os.FileMode, write func(io.Writer) error) error {
	var random [6]byte
	_, _ = rand.Read(random[:])
	temp := path + "." + hex.EncodeToString(random[:])
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, mode)
	if err != nil {
		return err
	}
	buf := bufio.NewWriter(f)
	err = write(buf)
	if err == nil {
		err = buf.Flush()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// Modes of dump files, before the umask. JSON is for its owner alone, whatever
// the umask.
const (
	dumpMode = 0o666
	jsonMode = 0o600
)

// dump does what a signal asks of a child.
func (c *childProcess) dump(s syscall.Signal) {
	pid, name := os.Getpid(), c.role.trait().dump
	_, statistics := c.engine.(Statistics)
	switch {
	case s == syscall.SIGUSR1:
		c.log.Info(fmt.Sprintf(logtext.PrintingData, name, pid))
	case s == syscall.SIGUSR2 && statistics:
		c.log.Info(fmt.Sprintf(logtext.PrintingStats, name, pid))
	case s == signalStatsClear && statistics:
		c.log.Info(fmt.Sprintf(logtext.ClearingStats, name, pid))
	}
	c.report(c.write(s))
}

// write writes the file that a signal asks for.
func (c *childProcess) write(s syscall.Signal) error {
	c.mu.Lock()
	g := &c.conf.Global
	c.mu.Unlock()
	if s == syscall.SIGUSR1 {
		return writeDump(dataPath(c.role, g), dumpMode, func(w io.Writer) error {
			if err := status.WriteGlobal(w, g, machine(g)); err != nil {
				return err
			}
			return c.engine.Data(w)
		})
	}
	engine, ok := c.engine.(Statistics)
	if !ok {
		return nil
	}
	switch s {
	case syscall.SIGUSR2, signalStatsClear:
		err := writeDump(dumpPath(dumpDir(), "keepalived.stats", g.StatsDumpFile), dumpMode, engine.Stats)
		if s == signalStatsClear && err == nil {
			engine.ClearStats()
		}
		return err
	case signalJSON:
		return dumpJSON(engine, g)
	}
	return nil
}

func dumpJSON(engine Statistics, g *config.Global) error {
	var text strings.Builder
	some, err := engine.JSON(&text, g.JSONVersion)
	if err != nil || !some {
		return err
	}
	return writeDump(dumpPath(dumpDir(), "keepalived.json", g.JSONDumpFile), jsonMode, func(w io.Writer) error {
		_, err := io.WriteString(w, text.String())
		return err
	})
}

func (c *childProcess) report(err error) {
	if err != nil {
		c.log.Error(fmt.Sprintf(textCannot, "write the dump file", err, "choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file"))
	}
}

// logDump is -d: the dump goes to the log, line by line.
func (c *childProcess) logDump() {
	var text strings.Builder
	err := status.WriteGlobal(&text, &c.conf.Global, machine(&c.conf.Global))
	if err == nil {
		err = c.engine.Data(&text)
	}
	c.report(err)
	for _, l := range strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n") {
		c.log.Info(l)
	}
}

// machine is what dumps tell of this one.
func machine(g *config.Global) status.Machine {
	m := status.Machine{UserName: smtp.UserName()}
	m.HostName, _ = os.Hostname()
	r := script.NewResolver(g, script.Host{})
	m.Owner = func(u *config.ScriptUser) (uid, gid uint32, known bool) {
		c, bad := r.Credentials(u)
		return c.UID, c.GID, bad == nil
	}
	return m
}

// dumpParent writes the parent's data dump.
func (m *parent) dumpParent() {
	g := &m.conf.Global
	m.log.Info(fmt.Sprintf(logtext.PrintingData, roleParent.trait().dump, os.Getpid()))
	err := writeDump(dataPath(roleParent, g), dumpMode, func(w io.Writer) error { return status.WriteGlobal(w, g, machine(g)) })
	if err != nil {
		m.log.Error(fmt.Sprintf(textCannot, "write the dump file", err, "choose another directory with TMPDIR or state_dump_file, stats_dump_file, json_dump_file"))
	}
}
