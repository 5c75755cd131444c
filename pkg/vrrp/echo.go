package vrrp

import (
	"net/netip"
	"time"
)

// place is an address on an interface.
type place struct {
	index  int
	prefix netip.Prefix
}

// echoTime is how long the report about a removal of our own may take. The
// driver reads the monitor right after it has carried out the actions.
const echoTime = 2 * time.Second

// addAddress asks for an address. If this Step has removed the same one first
// (a reload that changes its label, or gives it to another instance), the
// report of the removal that will come is ours and means nothing.
func (e *Engine) addAddress(s AddressSpec) {
	p := place{s.Index, s.Address.Prefix}
	for _, r := range e.removed {
		if r == p {
			e.again[p] = e.now.Add(echoTime)
		}
	}
	e.do(AddAddress{s})
}

func (e *Engine) removeAddress(s AddressSpec) {
	e.removed = append(e.removed, place{s.Index, s.Address.Prefix})
	e.do(RemoveAddress{AddressSpec: s})
}

// readded reports whether the removal is that of addAddress.
func (e *Engine) readded(index int, prefix netip.Prefix) bool {
	p := place{index, prefix}
	until, ok := e.again[p]
	delete(e.again, p)
	return ok && !e.now.After(until)
}
