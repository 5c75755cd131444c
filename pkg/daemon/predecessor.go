package daemon

import (
	"context"
	"io"
	"os"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/vrrprun"
	"golang.org/x/sys/unix"
)

// lastRun is the configuration that the VRRP process runs with, or ran with
// when it was killed. If a reload comes before the next process does, that one
// gets it as its predecessor's, to remove what its own does not name.
type lastRun struct {
	bundle *os.File // a descriptor of its own; nil before the first process was ready
	// launched is what the newest process was started with.
	launched *os.File
}

// give hands the predecessor's configuration to a process that is started with
// bundle, if that is another one.
func (l *lastRun) give(h *handoff, bundle *os.File) {
	l.launched = bundle
	if l.bundle != nil && !sameFile(l.bundle, bundle) {
		h.Predecessor = h.give(l.bundle)
	}
}

// ready notes that the newest process runs: it has removed what was left.
func (l *lastRun) ready() { l.is(l.launched) }

// is notes that the process runs with this configuration now.
func (l *lastRun) is(bundle *os.File) {
	fd, err := unix.FcntlInt(bundle.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return // the one before names most of the same
	}
	l.close()
	l.bundle = os.NewFile(uintptr(fd), bundle.Name())
}

func (l *lastRun) close() {
	if l.bundle != nil {
		_ = l.bundle.Close()
		l.bundle = nil
	}
}

func sameFile(a, b *os.File) bool {
	x, err := a.Stat()
	y, err2 := b.Stat()
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// takePredecessor reads the configuration of a killed predecessor; nil if
// there is none. Without it we can run as well.
func (c *childProcess) takePredecessor(h *handoff) *config.Config {
	if h.Predecessor == 0 {
		return nil
	}
	f := os.NewFile(uintptr(h.Predecessor), "predecessor")
	defer f.Close()
	conf, err := openBundle(f, &c.opt)
	if err != nil {
		c.log.Error(err.Error())
		return nil
	}
	return conf.Config
}

// clearing is the VRRP engine of a process that only removes what a killed one
// left. Nobody is told of anything, and it has no state.
type clearing struct{ *vrrprun.Engine }

func (e clearing) Run(context.Context) error { return e.Clear() }

func (e clearing) Data(io.Writer) error { return nil }
