package checkrun

// Lines of our own.
const (
	lineAwait = " - the virtual servers wait for it, everything else runs"
	lineCame  = "IPVS is there now: starting the virtual servers"
)
