package daemon

import (
	"io"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/bfdrun"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// bfdEngine is the BFD engine as a child runs it.
type bfdEngine struct{ *bfdrun.Engine }

func newBFDEngine(s Start) (Engine, error) {
	return bfdEngine{bfdrun.New(s.Config, bfdrun.Options{
		Log: s.Log, Detail: s.Options.LogDetail > 0, Ready: s.Ready, VRRP: s.BFDToVRRP, Checker: s.BFDToChecker,
	})}, nil
}

func (e bfdEngine) Data(w io.Writer) error {
	s := e.Snapshot()
	return status.WriteBFD(w, &s)
}

// Report is how everything is, for the status command.
func (e bfdEngine) Report() *status.Report {
	s := e.Snapshot()
	return s.Report()
}
