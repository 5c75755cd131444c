package mib

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// View is the state of one process at one moment. It is used by one goroutine.
type View struct {
	// Version is what keepalived -v says in its first line.
	Version string
	Config  *config.Config
	// VRRP is the state of the vrrp process, Checkers that of the checker
	// process; the other one is nil.
	VRRP     *status.VRRP
	Checkers *status.Checkers
	// Counters is the state of the checker process with the kernel's counters,
	// which are read when an object needs them.
	Counters func() *status.Checkers
	// ScriptPath finds the file that is executed for a script, "" if there is
	// none.
	ScriptPath func(*config.Script) string
	// Names finds the numbers of iproute2's names in routes and rules.
	Names iproute.Names
	// SysUpTime is the master's sysUpTime at a time, in hundredths of a
	// second.
	SysUpTime func(time.Time) uint32

	rows map[any]any // by table
}

// indexOf is the number of an interface as a value, none if there is none.
func (v *View) indexOf(name string) Value {
	if n := v.VRRP.Indices[name]; n != 0 {
		return integer(n)
	}
	return none
}

// scriptPath is the file that is executed for a script, none if there is none.
func (v *View) scriptPath(s *config.Script) Value {
	if s == nil || v.ScriptPath == nil {
		return none
	}
	return text(v.ScriptPath(s))
}

// sysUpTime is the value of a TimeStamp.
func (v *View) sysUpTime(t time.Time) Value {
	if t.IsZero() || v.SysUpTime == nil {
		return agentx.TimeTicks(0)
	}
	return agentx.TimeTicks(v.SysUpTime(t))
}
