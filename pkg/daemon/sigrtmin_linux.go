package daemon

import (
	"syscall"
	"unsafe"
)

// signalRTMin is the first real-time signal of the C library. The Go runtime
// leaves it to that library, so os/signal cannot catch it.
const signalRTMin = 34

// ignoreRTMin makes the kernel ignore that signal, which would end us. struct
// sigaction starts with the handler; all else is zero.
func ignoreRTMin() {
	const ignore, maskSize = 1, 8 // SIG_IGN, sizeof(sigset_t)
	action := [8]uint64{ignore}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, signalRTMin, uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
}
