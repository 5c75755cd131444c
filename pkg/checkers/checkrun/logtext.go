package checkrun

import "fmt"

// The lines that outside tools match, in keepalived's words.

const (
	lineInit   = "Initializing ipvs"
	lineReinit = "Reinitializing ipvs"
)

func lineStuck(pid int) string {
	return fmt.Sprintf("Child (PID %d) failed to terminate after kill", pid)
}

// Lines of our own.
const (
	lineAwait = " - the virtual servers wait for it, everything else runs"
	lineCame  = "IPVS is there now: starting the virtual servers"
)
