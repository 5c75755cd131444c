package daemon

import (
	"fmt"
	"strings"
	"syscall"
)

// Log lines that other programs look for.
const (
	textStartingKeepalived = "Starting %s"
	textRunningOn          = "Running on %s (built for Linux %s)"
	textNewerKernel        = "WARNING - keepalived was built for newer Linux %s, running on %s"
	textConfigFile         = "Configuration file %s"
	textOpening            = "Opening file '%s'."
	textNotSteady          = "Running without real-time priority (%v): adverts may be late on a busy machine; max_auto_priority -1 asks for none"
	textRealtime           = "Set realtime priority %d"
	textResting            = "A thread has computed for %d ms without a pause: no real-time priority for %v s"
	textAutoPriority       = "NOTICE: setting config option max_auto_priority should result in better keepalived performance"
	textIdent              = "Changing syslog ident to %s"
	textNothingToRun       = "Warning - keepalived has no configuration to run"
	textStarting           = "Starting %s child process, pid=%d"
	textStartupComplete    = "Startup complete"

	textReloading      = "Reloading ..."
	textChildReloading = "Reloading"
	textReloadComplete = "Reload complete"
	textReloadQueued   = "Reload already in progress, request queued"
	textReloadDequeued = "Processing queued reload"
	textCannotChange   = "Cannot change %s at a reload - please restart keepalived"
	textNotValid       = "New config failed validation, see %s for details"

	textStopping        = "Stopping"
	textStopped         = "Stopped"
	textStoppedUsage    = "Stopped - used %s user time, %s system time"
	textStoppedUsages   = "Stopped - used (self/children) %s/%s user time, %s/%s system time"
	textCPUUsage        = "CPU usage (self/children) user: %s/%s system: %s/%s"
	textStoppedFinally  = "Stopped %s"
	textForcing         = "%s process failed to die - forcing termination"
	textPermanent       = "pid %d exited with permanent error %s. Terminating"
	textSignalled       = "pid %d exited due to signal %d (%s)%s"
	textKilledHint      = " - has rlimit_rttime been exceeded?"
	textExited          = "pid %d exited with status %d"
	textDiedRespawning  = "%s child process(%d) died: Respawning"
	textDiedExiting     = "%s child process(%d) died: Exiting"
	textDelayed         = "Restart of %s process delayed %d seconds to limit respawn rate"
	textTooMuchCPU      = "%s process has used too much CPU time, %s may need to be increased"
	textPIDLocked       = "Another process has pid file %s locked"
	textAlreadyRunning  = "daemon is already running"
	textNamespaceOpen   = "Failed to open %s"
	textNamespaceFailed = "Unable to set network namespace %s - exiting"

	textPrintingData  = "Printing %s data for process(%d) on signal"
	textPrintingStats = "Printing %s stats for process(%d) on signal"
	textClearingStats = "Printing and clearing %s stats for process(%d) on signal"

	textRunningScript   = "Running %s script %s"
	textScriptSucceeded = "%s script script succeeded"
	textScriptFailed    = "%s script script failed, status %d"
	textScriptTimedOut  = "%s script timed out"
	textScriptEnded     = "%s script ended: %s"

	textScheduleReload  = "Scheduling reload for %s"
	textReloadTimeMoved = "Reload time updated from %s to %s"
	textCancelReload    = "Cancelling reload scheduled for %s"
	textReloadTimePast  = "Reload time %s is in the past - ignoring"
	textReloadTimeForm  = "Reload time %s format is incorrect - ignoring"
	textReloadTimeBad   = "Invalid reload time '%s' specified - ignoring"

	textAddressAdded   = "Netlink reflector reports IP %s added to %s"
	textAddressRemoved = "Netlink reflector reports IP %s removed from %s"

	textTestFile = "Unable to open config-test log file %s %d - %s"
)

// Lines of our own.
const (
	textNoFile        = "No configuration file could be read: %s"
	textNoPIDFile     = "Cannot use pid file %s: %v - choose another place with the option for it (-p, -r, -c, -b)"
	textKeeping       = "The running configuration stays in force: %s"
	textLastWords     = "pid %d: %s"
	textNoAnswer      = "%s process(%d) does not take the message %s: %v"
	textStillStopping = "%s process is still stopping after %v - waiting for it to finish"
	textCorePattern   = "Option -M: core pattern '%s' not set, because it would count for the whole system"
	textCannot        = "Cannot %s: %v - %s"
	textPrivileges    = "%v - run as root, or with at least the capabilities NET_ADMIN, NET_RAW, KILL, SETUID, SETGID and SYS_NICE"
	textReason        = "(%s) %s: %s"
	textHangs         = "%s process(%d) has not answered for %v - the service manager's watchdog is left to restart the daemon unless it does"
	textHangsNoMore   = "%s process(%d) answers again"
	textHangsAlone    = "%s process(%d) hangs and has no parent any more - giving up"
	textParentGone    = "The parent process has gone - stopping"
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
	const title, indent = "Command line:", "             "
	var lines []string
	current := title
	for _, arg := range argv {
		word := fmt.Sprintf(" '%s'", arg)
		if len(current)+len(word) > commandLineWidth && len(current) > len(title) {
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
