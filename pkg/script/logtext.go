package script

import (
	"errors"
	"strings"
	"syscall"
)

// Log lines in keepalived's words.
const (
	lineNotAccessible  = "Script %s cannot be accessed - %s"
	lineNotInPath      = "Cannot find script %s in path - disabling"
	linePathPermission = "Permissions failure for script %s in path - disabling"
	lineResolvedByPath = "WARNING - script `%s` resolved by path search to `%s`. Please specify full path."
	lineNotExecutable  = "WARNING - script '%s' is not executable for uid:gid %d:%d - disabling."
	lineUnsafe         = "Unsafe permissions found for script '%s'."
	lineUnsafeDisabled = "Unsafe permissions found for script '%s' - disabling."
	lineWrongType      = "Wrong file type found in script path '%s'."
	lineNoShebang      = "Please add a #! shebang to script %s"
	lineNoUser         = "Script user '%s' does not exist"
	lineNoGroup        = "Script group '%s' does not exist"
	lineNoDefaultUser  = "Unable to set default user keepalived_script for script"
	// lineNoInterpreter is ours: keepalived runs such a script and takes the
	// failure for success.
	lineNoInterpreter = "Script %s cannot be executed - its interpreter %s does not exist"
)

// Reason is the text of err as the C library has it: "No such file or
// directory".
func Reason(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error()
	if text == "" {
		return err.Error()
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
