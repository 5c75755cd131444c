package daemon

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// testConfiguration is -t: read, check against this machine, say what was
// found, exit.
func (p *Program) testConfiguration(o Options) int {
	defer collectRarely()()
	workDir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return ExitFatal
	}
	out := io.Writer(os.Stderr)
	if o.ConfigTestFile != "" {
		syscall.Umask(testUmask(&o))
		f, err := os.OpenFile(o.ConfigTestFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o644)
		if err != nil {
			var errno syscall.Errno
			errors.As(err, &errno)
			fmt.Fprintf(os.Stderr, logtext.TestFile+"\n", o.ConfigTestFile, int(errno), script.Reason(err))
			return ExitFatal
		}
		defer f.Close()
		out = f
	}
	c := readConfiguration(&o, workDir, false)
	findings := c.diags
	if c.texts.Usable() {
		findings = append(findings, p.machineFindings(c)...)
	}
	for i := range findings {
		if shown(&findings[i]) {
			fmt.Fprintln(out, c.line(&findings[i]))
		}
	}
	if !c.texts.Usable() && findings.ExitCode() == 0 {
		return exitTestUnusable
	}
	return findings.ExitCode()
}

// shown reports whether -t prints a finding: what keepalived counts, what it
// says about included files in any case, and that a keyword is not acted on.
// The rest is for the log and for check.
func shown(d *diag.Diagnostic) bool {
	switch d.Class {
	case diag.ClassOwn:
		return confparse.Unacted(*d)
	case diag.ClassLog:
		switch d.Code {
		case diag.CodeIncludeMissing, diag.CodeIncludeNoMatch, diag.CodeIncludeSome, diag.CodeIncludeDirectory, diag.CodeIncludeKind, diag.CodeIncludeOpen:
			return true
		}
		return false
	case diag.ClassConfig, diag.ClassFatal, diag.ClassSecurity, diag.ClassMissingParameter, diag.ClassInclude:
	}
	return true
}

// testUmask is the umask before the configuration is read.
func testUmask(o *Options) int {
	if o.Umask != nil {
		return int(*o.Umask)
	}
	return 0o177
}

// machineFindings compares a configuration with this machine, inside its
// network namespace. A namespace that does not exist leaves that out.
func (p *Program) machineFindings(c *configuration) diag.List {
	var found diag.List
	check := func() { found = c.compare(p, preflight.All|preflight.Names) }
	if name := c.Global.NetNamespace; name != "" {
		if err := insideNamespace(name, check); err != nil {
			return nil
		}
		return found
	}
	check()
	return found
}
