package daemon

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"
)

// fatalSignals end a process with a report. Faults of our own are panics and do
// not come this way; these are sent.
var fatalSignals = []os.Signal{syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGSEGV}

// maxReport bounds the stacks of a report, in bytes.
const maxReport = 1 << 20

// reportFatal makes a signal that somebody sent tell where all goroutines are, on
// stderr and to the parent, and then end us as that signal does. The runtime's
// own way takes ten seconds: it asks each thread in turn by SIGQUIT, which we
// catch.
func reportFatal(crash *os.File) {
	sent := make(chan os.Signal, 1)
	signal.Notify(sent, fatalSignals...)
	go func() {
		s := (<-sent).(syscall.Signal)
		stacks := make([]byte, maxReport)
		stacks = stacks[:runtime.Stack(stacks, true)]
		text := fmt.Sprintf("signal %d (%v) was sent to process %d\n\n%s\n-----\n", int(s), s, os.Getpid(), stacks)
		_, _ = crash.WriteString(text)
		_, _ = os.Stderr.WriteString(text)
		var standard sigaction
		_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&standard)), 0, unsafe.Sizeof(standard.mask), 0, 0)
		_ = syscall.Kill(os.Getpid(), s)
	}()
}
