//go:build linux && !386 && !arm

package script

import "syscall"

// sysSetgroups takes 32-bit group numbers and changes one thread only, unlike
// syscall.Setgroups.
const sysSetgroups = syscall.SYS_SETGROUPS
