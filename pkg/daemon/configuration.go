package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"golang.org/x/sys/unix"
)

// configuration is one reading of the files.
type configuration struct {
	*config.Config
	// texts is everything the reading saw; children read it again instead of
	// the files, so that all processes run the same.
	texts *confparse.FileSet
	diags diag.List
}

// readConfiguration reads the files that the command line names.
func readConfiguration(o *Options, workDir string, reload bool) *configuration {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return load(confparse.OSFiles(), o.ConfigFile, confparse.Env{
		ConfigID: o.ConfigID, HostName: host, WorkDir: workDir, Getenv: os.LookupEnv,
		Now: time.Now(), IncludeCheckAll: o.AllConfig, Test: o.ConfigTest, Reload: reload,
	}, o)
}

func load(files confparse.FileSystem, path string, env confparse.Env, o *Options) *configuration {
	cfg, set, diags := confparse.Load(files, path, env)
	o.override(&cfg.Global)
	return &configuration{Config: cfg, texts: set, diags: diags}
}

// bundle puts the texts into a memory file for other processes.
func (c *configuration) bundle() (*os.File, error) {
	fd, err := unix.MemfdCreate("keepalived/consolidated_configuration", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "configuration")
	if err := c.texts.Encode(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("hand the configuration over: %w", err)
	}
	// Nobody may change it any more, neither by the descriptor nor by /proc.
	_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	return f, os.NewSyscallError("fcntl F_ADD_SEALS", err)
}

// openBundle reads a configuration from a memory file. Every process that
// inherits the file shares its offset, so it is read from a fixed place.
func openBundle(f *os.File, o *Options) (*configuration, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text := make([]byte, info.Size())
	if _, err := f.ReadAt(text, 0); err != nil {
		return nil, fmt.Errorf("read the configuration handed over: %w", err)
	}
	set, err := confparse.DecodeFileSet(text)
	if err != nil {
		return nil, fmt.Errorf("read the configuration handed over: %w", err)
	}
	env := set.Env()
	env.Reported = true
	return load(set, set.Main(), env, o), nil
}

// shed forgets what only engines need, so that the memory is free for the next
// reading: what is left are the texts, the global settings, and which
// processes are wanted.
func (c *configuration) shed() {
	rest := *c.Config
	if len(rest.VirtualServers) > 0 {
		rest.VirtualServers = []*config.VirtualServer{{}} // stands for all
	}
	c.Config, c.diags = &rest, nil
}

// textSize is how many bytes all files have that were read.
func (c *configuration) textSize() (sum int) {
	for _, name := range c.texts.Names() {
		text, _ := c.texts.Text(name)
		sum += len(text)
	}
	return sum
}

// writeTexts writes all files that were read, each under its name.
func (c *configuration) writeTexts(w io.Writer) error {
	for _, name := range c.texts.Names() {
		text, _ := c.texts.Text(name)
		if _, err := fmt.Fprintf(w, "# %s\n%s\n", name, text); err != nil {
			return err
		}
	}
	return nil
}

// compare takes out what cannot be used on this machine and returns what was
// found about it.
func (c *configuration) compare(p *Program, part preflight.Part) diag.List {
	if p.Preflight == nil {
		return nil
	}
	usable, found := p.Preflight(c.Config, part)
	c.Config = usable
	return found
}

// impossible is why this machine cannot run a configuration, "" when it can;
// l is what compare found. strict is reload_check_config: any error counts.
func (c *configuration) impossible(l diag.List, strict bool) string {
	for i := range l {
		if l[i].Class == diag.ClassFatal {
			return c.line(&l[i])
		}
	}
	if strict {
		return c.firstCounted(l)
	}
	return ""
}

// refusal is why a daemon cannot run with a configuration, and the exit status
// that says so; 0 when it can. strict is reload_check_config: any error counts.
// vrrp says that a VRRP process is wanted, which refuses incomplete instances.
func (c *configuration) refusal(strict, vrrp bool) (reason string, status int) {
	class := diag.ClassOwn
	for i := range c.diags {
		d := &c.diags[i]
		if s := fatalStatus(d.Class); s != 0 && (status == 0 || d.Class > class) {
			class, status, reason = d.Class, s, c.line(d)
		}
	}
	switch {
	case status != 0:
		return reason, status
	case !c.texts.Usable():
		return c.unusable(), ExitNoConfig
	case vrrp && c.Rejected:
		return c.firstCounted(slices.DeleteFunc(slices.Clone(c.diags), func(d diag.Diagnostic) bool { return d.Severity < diag.Error })), ExitConfig
	case strict && c.diags.ExitCode() != 0:
		return c.firstCounted(c.diags), ExitConfig
	}
	return "", 0
}

// unusable is why no file could be read.
func (c *configuration) unusable() string {
	for i := range c.diags {
		if c.diags[i].Severity == diag.Error {
			return c.line(&c.diags[i])
		}
	}
	return fmt.Sprintf(textNoFile, c.texts.Main())
}

// fatalStatus is the exit status of a daemon for a finding of this class, 0 if
// it runs all the same.
func fatalStatus(c diag.Class) int {
	switch c {
	case diag.ClassMissingParameter:
		return ExitConfig
	case diag.ClassInclude:
		return ExitNoConfig
	case diag.ClassOwn, diag.ClassLog, diag.ClassConfig, diag.ClassFatal, diag.ClassSecurity:
	}
	return 0
}

// firstCounted is the first finding of l that changes the exit status of -t.
func (c *configuration) firstCounted(l diag.List) string {
	for i := range l {
		if l[i:i+1].ExitCode() != 0 {
			return c.line(&l[i])
		}
	}
	return ""
}

// line is a finding in keepalived's words.
func (c *configuration) line(d *diag.Diagnostic) string {
	return diag.LogLine(*d, "", c.texts.Shown)
}

// fullLine adds what follows from the finding and how to mend it, for findings
// that keepalived does not make.
func (c *configuration) fullLine(d *diag.Diagnostic) string {
	text := c.line(d)
	for _, more := range []string{d.Effect, d.Hint} {
		if more != "" {
			text += " - " + more
		}
	}
	return text
}

// log logs the findings: keepalived's in its words and at its level, ours with
// what they mean.
func (c *configuration) log(log *slog.Logger, l diag.List) {
	detail := log.Enabled(context.Background(), slog.LevelDebug)
	for i := range l {
		d := &l[i]
		switch {
		case d.Class != diag.ClassOwn:
			log.Info(c.line(d), "code", d.Code)
		case d.Severity == diag.Note && !confparse.Unacted(*d):
			if detail {
				log.Debug(c.fullLine(d), "code", d.Code)
			}
		default:
			log.Warn(c.fullLine(d), "code", d.Code)
		}
	}
}
