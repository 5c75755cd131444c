package daemon

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// role is which part of a daemon a process is.
type role string

// Roles, children in the order in which they are started.
const (
	roleParent  role = "parent"
	roleChecker role = "checker"
	roleVRRP    role = "vrrp"
	roleBFD     role = "bfd"
)

var childRoles = [...]role{roleChecker, roleVRRP, roleBFD}

// trait is what differs between roles besides their engine.
type trait struct {
	// name is in log lines: "Starting VRRP child process".
	name string
	// dump is in "Printing VRRP data for process(PID) on signal".
	dump string
	// ident is the syslog name, processName the kernel's with process_names.
	ident, processName string
	// suffix distinguishes log and dump files of children.
	suffix string
	// pidFile is the base name of the default pid file.
	pidFile string
	// rlimitKeyword is named when the process used too much CPU time.
	rlimitKeyword string
}

var traits = map[role]trait{
	roleParent: {name: "Keepalived", dump: "parent", ident: "Keepalived", processName: "keepalived", pidFile: "keepalived"},
	roleChecker: {name: "Healthcheck", dump: "checker", ident: "Keepalived_healthcheckers", processName: "keepalived_lvs",
		suffix: "_check", pidFile: "checkers", rlimitKeyword: "checker_rlimit_rttime"},
	roleVRRP: {name: "VRRP", dump: "VRRP", ident: "Keepalived_vrrp", processName: "keepalived_vrrp",
		suffix: "_vrrp", pidFile: "vrrp", rlimitKeyword: "vrrp_rlimit_rttime"},
	roleBFD: {name: "BFD", dump: "BFD", ident: "Keepalived_bfd", processName: "keepalived_bfd",
		suffix: "_bfd", pidFile: "bfd", rlimitKeyword: "bfd_rlimit_rttime"},
}

func (r role) trait() trait { return traits[r] }

// wanted reports whether a child is to run: it has configuration, or --all,
// and no option forbids it.
func (r role) wanted(o *Options, c *config.Config) bool {
	switch r {
	case roleChecker:
		return o.Checkers && (o.All || c.WantsCheckers())
	case roleVRRP:
		return o.VRRP && (o.All || c.WantsVRRP())
	case roleBFD:
		return o.BFD && (o.All || c.WantsBFD())
	case roleParent:
	}
	return false
}

// settings are the process settings of the role in a configuration.
func (r role) settings(g *config.Global) config.ProcessSettings {
	switch r {
	case roleChecker:
		return g.CheckerProcess
	case roleVRRP:
		return g.VRRPProcess
	case roleBFD:
		return g.BFDProcess
	case roleParent:
	}
	return config.ProcessSettings{Name: g.Process.Name}
}

// processName is what the kernel shows for the process, "" to leave it: its
// own keyword first, then process_names.
func (r role) processName(g *config.Global) string {
	if name := r.settings(g).Name; name != "" {
		return name
	}
	if g.ProcessNames {
		return r.trait().processName
	}
	return ""
}

// qualified adds namespace and instance to a name: "Keepalived_ns_inst".
func qualified(name string, g *config.Global) string {
	for _, part := range []string{g.NetNamespace, g.InstanceName} {
		if part != "" {
			name += "_" + part
		}
	}
	return name
}

// pidPath is the place of the role's pid file.
func (r role) pidPath(o *Options, g *config.Global) string {
	given := map[role]string{
		roleParent: o.PIDFile, roleVRRP: o.VRRPPIDFile, roleChecker: o.CheckersPIDFile, roleBFD: o.BFDPIDFile,
	}[r]
	if given != "" {
		return given
	}
	name := r.trait().pidFile
	if g.InstanceName != "" {
		name += "_" + g.InstanceName
	}
	return fmt.Sprintf("%s/%s.pid", runDir(g), name)
}

// Directories of pid files.
const (
	plainRunDir = "/run"
	ownRunDir   = "/run/keepalived"
)

func runDir(g *config.Global) string {
	if g.UsePIDDir || g.InstanceName != "" || g.NetNamespace != "" {
		return ownRunDir
	}
	return plainRunDir
}
