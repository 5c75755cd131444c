package script

import (
	"fmt"
	"syscall"
	"time"
)

// Outcome is how a run ended.
type Outcome uint8

// Outcomes.
const (
	// Exited by itself; ExitCode says how.
	Exited Outcome = iota
	// Signalled is death by a signal that we did not send.
	Signalled
	// TimedOut is a script that was still running at its timeout, whatever it
	// did with the signal. If not even KILL ends it, this is reported 4 s
	// after the timeout while the process goes on.
	TimedOut
	// NotExecuted is a script that could not be started at all: Err says why.
	NotExecuted
	// Stopped is a script that was ended by Stop or Kill.
	Stopped
)

// String is a word for logs.
func (o Outcome) String() string {
	switch o {
	case Exited:
		return "exited"
	case Signalled:
		return "signalled"
	case TimedOut:
		return "timed out"
	case NotExecuted:
		return "not executed"
	case Stopped:
		return "stopped"
	}
	return "unknown"
}

// Result is the end of one run.
type Result struct {
	Outcome Outcome
	// ExitCode is 0..255, of Exited only.
	ExitCode int
	// Signal is that of Signalled.
	Signal syscall.Signal
	// Err is why a script was NotExecuted.
	Err error
	// PID is 0 when there was no process.
	PID int
	// Started is when the run was asked for, Took how long it lasted.
	Started time.Time
	Took    time.Duration
}

// OK reports whether the script ended by itself with status 0.
func (r Result) OK() bool { return r.Outcome == Exited && r.ExitCode == 0 }

// Reason is the bracket of keepalived's log lines: "exited with status 3",
// "due to signal 9"; for a script that could not be executed, why. It is ""
// for success and for a timeout, which have lines of their own.
func (r Result) Reason() string {
	switch r.Outcome {
	case Exited:
		if r.ExitCode != 0 {
			return fmt.Sprintf("exited with status %d", r.ExitCode)
		}
	case Signalled:
		return fmt.Sprintf("due to signal %d", int(r.Signal))
	case NotExecuted:
		return fmt.Sprintf("could not be executed: %v", r.Err)
	case TimedOut, Stopped:
	}
	return ""
}
