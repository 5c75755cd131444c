package ipvs

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Command is a request in the numbering of the old socket option interface,
// which keepalived's error lines use.
type Command uint16

// Commands.
const (
	CmdAdd         Command = 1154
	CmdEdit        Command = 1155
	CmdDel         Command = 1156
	CmdFlush       Command = 1157
	CmdAddDest     Command = 1159
	CmdDelDest     Command = 1160
	CmdEditDest    Command = 1161
	CmdTimeout     Command = 1162
	CmdStartDaemon Command = 1163
	CmdStopDaemon  Command = 1164
	CmdZero        Command = 1167
)

var commandNames = map[Command]string{
	CmdAdd: "ADD", CmdEdit: "EDIT", CmdDel: "DEL", CmdFlush: "FLUSH",
	CmdAddDest: "ADDDEST", CmdDelDest: "DELDEST", CmdEditDest: "EDITDEST",
	CmdTimeout: "TIMEOUT", CmdStartDaemon: "STARTDAEMON", CmdStopDaemon: "STOPDAEMON",
	CmdZero: "ZERO",
}

// String is e.g. IP_VS_SO_SET_ADDDEST.
func (c Command) String() string { return "IP_VS_SO_SET_" + commandNames[c] }

var opCommands = [...]Command{
	NewService: CmdAdd, SetService: CmdEdit, DelService: CmdDel,
	NewDest: CmdAddDest, SetDest: CmdEditDest, DelDest: CmdDelDest, Flush: CmdFlush,
}

// Error is a request that the kernel refused. Its text is keepalived's log
// line.
type Error struct {
	Command Command
	Errno   syscall.Errno
	// Op is what was asked, nil for requests that are not about the table.
	Op *Op
}

// NewError is the error for an operation on the table.
func NewError(op Op, errno syscall.Errno) *Error {
	return &Error{Command: opCommands[op.Kind], Errno: errno, Op: &op}
}

// Error is "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already
// exists(17) (10.9.1.1:tcp:80 -> 10.9.0.11:80)".
func (e *Error) Error() string {
	errno := e.shown()
	return fmt.Sprintf(logtext.IPVSError, e.Command, uint16(e.Command), e.Command.text(errno), int(errno), e.entry())
}

// shown is the number in the log. The netlink library of keepalived has one
// code for a missing service and a missing destination, so that both are
// reported as ENOENT.
func (e *Error) shown() syscall.Errno {
	if e.Errno == syscall.ESRCH {
		return syscall.ENOENT
	}
	return e.Errno
}

// Remedy is what helps against err, for behind its text, "" if unknown.
func Remedy(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	switch {
	case e.Errno == syscall.ENOENT && e.Op != nil && (e.Command == CmdAdd || e.Command == CmdEdit):
		return " - the kernel needs the module of the scheduler (ip_vs_" + e.Op.Settings.Scheduler + ") and of the persistence engine"
	case e.Errno == syscall.EAFNOSUPPORT, e.Errno == syscall.EOPNOTSUPP:
		return " - this kernel's IPVS was built without that"
	}
	return ""
}

// Unwrap gives the error number.
func (e *Error) Unwrap() error { return e.Errno }

// Harmless reports whether what was to be added exists, or what was to be
// deleted or changed does not: Programmer knows what to do then. The request
// counts as done, though it is logged.
func (e *Error) Harmless() bool {
	switch e.Command {
	case CmdAdd, CmdAddDest:
		return e.Errno == syscall.EEXIST
	case CmdEditDest, CmdDelDest:
		return e.Errno == syscall.ENOENT || e.Errno == syscall.ESRCH
	case CmdDel, CmdStopDaemon:
		return e.Errno == syscall.ESRCH
	case CmdStartDaemon:
		return e.Errno == syscall.EEXIST
	}
	return false
}

// Harmless reports whether err is nil or a harmless *Error.
func Harmless(err error) bool {
	var e *Error
	return err == nil || errors.As(err, &e) && e.Harmless()
}

func (e *Error) entry() string {
	if e.Op == nil {
		return ""
	}
	switch e.Op.Kind {
	case NewService, SetService, DelService:
		return fmt.Sprintf(" (%s)", e.Op.Key)
	case NewDest, SetDest, DelDest:
		return fmt.Sprintf(" (%s -> %s:%d)", e.Op.Key, e.Op.Dest.Addr, e.Op.Dest.Port)
	case Flush:
	}
	return ""
}

func (c Command) text(errno syscall.Errno) string {
	switch {
	case errno == syscall.EEXIST && c == CmdAdd:
		return "Service already exists"
	case errno == syscall.EEXIST && c == CmdAddDest:
		return "Destination already exists"
	case errno == syscall.EEXIST && c == CmdStartDaemon:
		return "Daemon has already run"
	case errno == syscall.ENOENT && (c == CmdAdd || c == CmdEdit):
		return "Scheduler or persistence engine not found"
	case errno == syscall.ENOENT && (c == CmdEditDest || c == CmdDelDest):
		return "No such destination"
	}
	switch errno {
	case syscall.EPERM:
		return "Permission denied (you must be root)"
	case syscall.EINVAL:
		return "Invalid operation.  Possibly wrong module version, address not unicast, ..."
	case syscall.ENOPROTOOPT:
		return "Protocol not available"
	case syscall.ENOMEM:
		return "Memory allocation problem"
	case syscall.EOPNOTSUPP:
		return "Operation not supported with IPv6"
	case syscall.EAFNOSUPPORT:
		return "Operation not supported with specified address family"
	}
	return strerror(errno)
}

// strerror is the C library's text.
func strerror(errno syscall.Errno) string {
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
