package netif

import "slices"

// sameAddress reports whether a and b are the same entry for the kernel: it
// refuses a second one and removes by these.
func sameAddress(a, b Address) bool {
	return a.Index == b.Index && a.Prefix == b.Prefix && a.Peer == b.Peer
}

// PlanAddresses says what is to be removed and what to be added so that an
// interface with the addresses present has exactly those wanted. What is in
// both stays. Both lists keep the order of their argument.
func PlanAddresses(present, wanted []Address) (remove, add []Address) {
	missing := func(a Address, from []Address) bool {
		return !slices.ContainsFunc(from, func(b Address) bool { return sameAddress(a, b) })
	}
	for _, a := range present {
		if missing(a, wanted) {
			remove = append(remove, a)
		}
	}
	for i, a := range wanted {
		if missing(a, present) && missing(a, wanted[:i]) {
			add = append(add, a)
		}
	}
	return remove, add
}
