package daemon

import (
	"syscall"
	"unsafe"
)

// signalRTMin is the first real-time signal of the C library. The Go runtime
// leaves it to that library, so os/signal cannot catch it.
const signalRTMin = 34

// sigaction is the kernel's, of processors with 64 bits.
type sigaction struct {
	handler, flags, restorer, mask uint64
}

// catchRTMin keeps that signal from ending us.
func catchRTMin() {
	a := rtMinAction()
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, signalRTMin, uintptr(unsafe.Pointer(&a)), 0, unsafe.Sizeof(a.mask), 0, 0)
}
