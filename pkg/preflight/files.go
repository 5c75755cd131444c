package preflight

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// fifo checks a notify FIFO and its script.
func (c *check) fifo(f *config.FIFO, prefix, keyword string, viol *violation) {
	if f.Path == "" {
		return
	}
	at := c.cfg.Global.At(keyword)
	owner, known := c.fifoOwner(f, prefix, at)
	if !known {
		*f = config.FIFO{}
		return
	}
	if info, err := c.machine.Lstat(f.Path); err == nil {
		var line string
		switch {
		case info.Mode.Type() == fs.ModeSymlink:
			line = fmt.Sprintf(logtext.FIFOOpenFailed, prefix, f.Path, 40) // ELOOP
		case info.Mode.Type() != fs.ModeNamedPipe, info.UID != c.machine.Self().UID && info.UID != owner.UID:
			line = fmt.Sprintf(logtext.FIFONotOurs, prefix, f.Path)
		}
		if line != "" {
			c.add(at, diag.Diagnostic{
				Code: CodeFIFO, Severity: diag.Error, Class: diag.ClassLog, Unplaced: true,
				Summary: line, Effect: "nothing is written to it", Hint: "remove " + f.Path + " or make it a FIFO of the right owner",
			})
		}
	}
	c.command(&f.Script, c.cfg.Global.At(keyword+"_script"), keyword, viol)
}

// fifoOwner is the user that a FIFO belongs to; false if it does not exist.
func (c *check) fifoOwner(f *config.FIFO, prefix string, at diag.Range) (script.Credentials, bool) {
	owner, bad := c.resolver.Credentials(f.Owner())
	if bad == nil {
		return owner, true
	}
	line := fmt.Sprintf(logtext.FIFODefaultUser, prefix, f.Path)
	if f.User != "" {
		line = fmt.Sprintf(logtext.FIFOUser, prefix, f.Path)
	}
	c.add(at, diag.Diagnostic{
		Code: CodeScriptUser, Severity: diag.Error, Class: diag.ClassLog, Unplaced: true,
		Summary: line, Effect: bad.Line + "; nothing is written to it", Hint: bad.Hint,
	})
	return owner, false
}

// processors checks the CPUs that processes are bound to. One that is not
// there clears the whole set.
func (c *check) processors() {
	g := &c.cfg.Global
	for _, p := range []struct {
		settings *config.ProcessSettings
		name     string
	}{{&g.VRRPProcess, "vrrp"}, {&g.CheckerProcess, "checker"}, {&g.BFDProcess, "bfd"}} {
		i := slices.IndexFunc(p.settings.CPUs, func(cpu int) bool { return cpu >= c.machine.CPUs() })
		if i < 0 {
			continue
		}
		if c.part&Parent != 0 {
			c.add(g.At(p.name+"_cpu_affinity"), diag.Diagnostic{
				Code: CodeCPU, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: fmt.Sprintf(logtext.CPUInvalid, p.settings.CPUs[i], p.name),
				Effect:  fmt.Sprintf("this machine has the CPUs 0 to %d; the process may use all of them", c.machine.CPUs()-1),
			})
		}
		p.settings.CPUs = nil
	}
}

// mailServer looks its name up. keepalived does that while it reads the file,
// and sends no mail at all if it fails; here every mail asks anew.
func (c *check) mailServer() {
	s := &c.cfg.Global.SMTP
	if s.Server == "" {
		return
	}
	if _, err := netip.ParseAddr(s.Server); err == nil {
		return
	}
	err := c.machine.LookupHost(s.Server)
	if err == nil {
		return
	}
	c.add(c.cfg.Global.At("smtp_server"), diag.Diagnostic{
		Code: CodeMailServer, Severity: diag.Warning, Class: diag.ClassConfig,
		Summary: fmt.Sprintf(logtext.MailServerInvalid, s.Server, s.Port),
		Effect:  err.Error() + "; keepalived sends no mail, gokeepalived looks the name up for every mail",
		Hint:    "mend the name, or write the address",
	})
}

// trackFiles checks the places of track files.
func (c *check) trackFiles() {
	for _, f := range c.cfg.Files {
		folder := filepath.Dir(f.Path)
		at := f.At("file")
		name, readOnly, err := c.machine.FileSystem(folder)
		switch {
		case err != nil:
			c.add(at, diag.Diagnostic{
				Code: CodeTrackFolder, Severity: diag.Warning, Class: diag.ClassLog, Unplaced: true,
				Summary: fmt.Sprintf(logtext.TrackFileNoFolder, f.Name),
				Effect:  "keepalived drops it; here it is 0 until " + folder + " exists",
			})
		case name != "" || readOnly:
			why := "is on a file system (" + name + ") that does not report changes"
			if name == "" {
				why = "is on a file system that is mounted read-only"
			}
			c.add(at, diag.Diagnostic{
				Code: CodeTrackFS, Severity: diag.Warning, Class: diag.ClassOwn,
				Summary: fmt.Sprintf("track file %s: %s %s", f.Name, f.Path, why),
				Effect:  "changes may not be noticed", Hint: "put it below /run",
			})
		}
	}
}

// saveDir checks the place of config_save_dir, which keepalived makes while it
// reads the file, also for -t.
func (c *check) saveDir() {
	dir := &c.cfg.Global.ConfigSaveDir
	if *dir == "" {
		return
	}
	_, err := c.machine.Lstat(filepath.Dir(filepath.Clean(*dir)))
	if err == nil {
		return
	}
	why := syscall.ENOENT
	errors.As(err, &why)
	text := why.Error() // the C library starts with a capital
	c.add(c.cfg.Global.At("config_save_dir"), diag.Diagnostic{
		Code: CodeSaveDir, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: fmt.Sprintf(logtext.SaveDirFailed, *dir, int(why), strings.ToUpper(text[:1])+text[1:]), Effect: "no copies are saved",
	})
	*dir = ""
}

// namespaces checks that the network namespaces exist.
func (c *check) namespaces() {
	g := &c.cfg.Global
	for _, n := range []struct{ name, keyword string }{
		{g.NetNamespace, "net_namespace"}, {ipvsNamespace(g), "net_namespace_ipvs"},
	} {
		if n.name == "" {
			continue
		}
		if _, err := c.machine.Lstat("/run/netns/" + n.name); err != nil {
			c.add(g.At(n.keyword), diag.Diagnostic{
				Code: CodeNamespace, Severity: diag.Error, Class: diag.ClassOwn,
				Summary: fmt.Sprintf("network namespace %s doesn't exist", n.name),
				Effect:  "the daemon cannot start", Hint: "ip netns add " + n.name,
			})
		}
	}
}

func ipvsNamespace(g *config.Global) string {
	if g.NetNamespaceIPVS == nil {
		return ""
	}
	return *g.NetNamespaceIPVS
}

// trackProcesses notes where process events do not work.
func (c *check) trackProcesses() {
	if len(c.cfg.Processes) == 0 || c.cfg.Global.NetNamespace == "" {
		return
	}
	c.add(c.cfg.Processes[0].Head, diag.Diagnostic{
		Code: CodeProcessEvents, Severity: diag.Note, Class: diag.ClassOwn,
		Summary: "the kernel reports no process events inside network namespace " + c.cfg.Global.NetNamespace,
		Effect:  "tracked processes are counted every second",
	})
}
