package script

import (
	"errors"
	"strings"
	"syscall"
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
