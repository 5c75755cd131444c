//go:build amd64 || arm64

package daemon

// Addresses of the handler and of what it returns to, 0 for the kernel's own.
var doNothingAddr, sigreturnAddr uintptr

// rtMinAction is what happens at signalRTMin: it is caught by a handler that
// does nothing. What is caught is at its default again in scripts; what is
// ignored would stay ignored.
func rtMinAction() sigaction {
	const onStack, restart, restorer = 0x08000000, 0x10000000, 0x04000000 // SA_*
	a := sigaction{handler: uint64(doNothingAddr), flags: onStack | restart}
	if sigreturnAddr != 0 {
		a.flags |= restorer
		a.restorer = uint64(sigreturnAddr)
	}
	return a
}
