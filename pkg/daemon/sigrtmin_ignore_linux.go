//go:build !amd64 && !arm64

package daemon

// rtMinAction is what happens at signalRTMin: nothing, in scripts too, as
// there is no handler for this processor.
func rtMinAction() sigaction { return sigaction{handler: 1} } // SIG_IGN
