package daemon

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Lines of our own.
const (
	textNotSteady      = "Running without real-time priority (%v): adverts may be late on a busy machine; max_auto_priority -1 asks for none"
	textResting        = "A thread has computed for %d ms without a pause: no real-time priority for %v s"
	textScriptEnded    = "%s script ended: %s"
	textReloadDequeued = "Processing queued reload"
	textNoFile         = "No configuration file could be read: %s"
	textNoPIDFile      = "Cannot use pid file %s: %v - choose another place with the option for it (-p, -r, -c, -b)"
	textKeeping        = "The running configuration stays in force: %s"
	textLastWords      = "pid %d: %s"
	textNoAnswer       = "%s process(%d) does not take the message %s: %v"
	textStillStopping  = "%s process is still stopping after %v - waiting for it to finish"
	textCorePattern    = "Option -M: core pattern '%s' not set, because it would count for the whole system"
	textCannot         = "Cannot %s: %v - %s"
	textPrivileges     = "%v - run as root, or with at least the capabilities NET_ADMIN, NET_RAW, KILL, SETUID, SETGID and SYS_NICE"
	textReason         = "(%s) %s: %s"
	textHangs          = "%s process(%d) has not answered for %v - the service manager's watchdog is left to restart the daemon unless it does"
	textHangsNoMore    = "%s process(%d) answers again"
	textHangsAlone     = "%s process(%d) hangs and has no parent any more - giving up"
	textParentGone     = "The parent process has gone - stopping"
)

// textPlea follows the death of a child.
var textPlea = [...]string{
	"  Please report this at https://github.com/gokeepalived/gokeepalived/issues",
	"  with your configuration files and the log lines around this time;",
	"  lines of the dead process itself say most",
}

// commandLineWidth is how long a line with arguments may get.
const commandLineWidth = 102

// commandLineText is the lines that show how we were called.
func commandLineText(argv []string) []string {
	const indent = "             "
	var lines []string
	current := logtext.CommandLine
	for _, arg := range argv {
		word := fmt.Sprintf(" '%s'", arg)
		if len(current)+len(word) > commandLineWidth && len(current) > len(indent) {
			lines = append(lines, current)
			current = indent
		}
		current += word
	}
	return append(lines, current)
}

// signalName is strsignal(3).
func signalName(s syscall.Signal) string {
	name := s.String()
	return strings.ToUpper(name[:1]) + name[1:]
}
