package ipvs

import "github.com/gokeepalived/gokeepalived/pkg/config"

// WantedTimeouts are those of lvs_timeouts.
func WantedTimeouts(g *config.LVSGlobal) Timeouts {
	var t Timeouts
	if g.TCPTimeout != nil {
		t.TCP = *g.TCPTimeout
	}
	if g.TCPFinTimeout != nil {
		t.TCPFin = *g.TCPFinTimeout
	}
	if g.UDPTimeout != nil {
		t.UDP = *g.UDPTimeout
	}
	return t
}

// TimeoutKeeper changes the kernel's connection timeouts and knows the way
// back.
type TimeoutKeeper struct {
	kernel Kernel
	// original is what was found before the first change, set what the
	// kernel has from us; nil while nothing was changed.
	original, set *Timeouts
}

// NewTimeoutKeeper returns a TimeoutKeeper that has not changed anything.
func NewTimeoutKeeper(k Kernel) *TimeoutKeeper { return &TimeoutKeeper{kernel: k} }

// Set makes the timeouts what t says; those that t does not name get back the
// value that was found at first. The zero Timeouts restores all.
func (k *TimeoutKeeper) Set(t Timeouts) error {
	if k.original == nil {
		if t == (Timeouts{}) {
			return nil
		}
		found, err := k.kernel.Timeouts()
		if err != nil {
			return err
		}
		k.original, k.set = &found, &found
	}
	t = t.Over(*k.original)
	if t == *k.set {
		return nil
	}
	if err := k.kernel.SetTimeouts(t); err != nil {
		return err
	}
	k.set = &t
	return nil
}
