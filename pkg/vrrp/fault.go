package vrrp

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// causeKind says what kind of thing keeps an instance in Fault.
type causeKind uint8

const (
	causeTracked      causeKind = iota // an unweighted tracker, see cause.object
	causePending                       // first result of an unweighted script
	causeVMAC                          // VMAC not created yet
	causeVMACFailed                    // VMAC cannot be created
	causeNoInterface                   // configured interface does not exist
	causeNoSource                      // no address to send from
	causeSourceAbsent                  // track_src_ip: configured source not on the interface
	causeSocket                        // socket cannot be opened
	causeNoMulticast                   // interface without multicast and no peers, or loopback
	causeNoPeers                       // unicast_fault_no_peer
	causeDuplicate                     // same VRID twice on a link
)

// cause is one entry of the set that must be empty before an instance leaves
// Fault.
type cause struct {
	kind   causeKind
	object *object // of causeTracked and causePending
	// text says it in words, start is the line logged when an instance starts
	// with it, "" for none.
	text, start string
	// over says in words that it has ended, "" for "no longer: " and text.
	over  string
	since time.Time
}

// silent reports whether nobody is told: the instance only waits for something
// that is on its way.
func (c *cause) silent() bool { return c.kind == causePending || c.kind == causeVMAC }

func (v *instance) findCause(kind causeKind, o *object) int {
	for i := range v.causes {
		if v.causes[i].kind == kind && v.causes[i].object == o {
			return i
		}
	}
	return -1
}

// addCause puts c into the set; the first one takes the instance to Fault.
func (v *instance) addCause(c cause) {
	if v.findCause(c.kind, c.object) >= 0 {
		return
	}
	c.since = v.e.now
	v.causes = append(v.causes, c)
	if !v.e.settling {
		v.hit(&c)
	}
}

// dropCause takes a cause out of the set; after the last one the instance
// leaves Fault.
func (v *instance) dropCause(kind causeKind, o *object) {
	i := v.findCause(kind, o)
	if i < 0 {
		return
	}
	w := because(v.causes[i].over)
	if w.text == "" {
		w.text = "no longer: " + v.causes[i].text
	}
	v.causes = append(v.causes[:i], v.causes[i+1:]...)
	switch {
	case v.e.settling:
	case len(v.causes) == 0:
		v.recovered(w)
	case v.silent && v.state == event.Init:
		v.becomeWaiting(because(v.causes[0].text)) // the VMAC is there, a result is not
	}
}

// setCause adds or drops.
func (v *instance) setCause(on bool, c cause) {
	if on {
		v.addCause(c)
	} else {
		v.dropCause(c.kind, c.object)
	}
}

func (v *instance) allSilent() bool {
	for i := range v.causes {
		if !v.causes[i].silent() {
			return false
		}
	}
	return true
}
