//go:build linux

package nstest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// pollInterval is how often a condition is looked at.
const pollInterval = 2 * time.Millisecond

// Eventually waits until cond holds and fails the test if it does not within
// the given time. cond's string is what was seen last, for the message.
func Eventually(t testing.TB, within time.Duration, what string, cond func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		ok, seen := cond()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v; last seen: %s", what, within, seen)
		}
		<-tick.C
	}
}

// Addresses lists the addresses of an interface in the order of the kernel,
// none when there is no such interface.
func (n *NS) Addresses(dev string) []netip.Prefix {
	n.t.Helper()
	link, err := n.nl.LinkByName(dev)
	if err != nil {
		return nil
	}
	list, err := n.nl.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		n.t.Fatalf("%s: addresses of %s: %v", n.Name, dev, err)
	}
	var out []netip.Prefix
	for _, a := range list {
		ip, _ := netip.AddrFromSlice(a.IP)
		ones, _ := a.Mask.Size()
		out = append(out, netip.PrefixFrom(ip.Unmap(), ones))
	}
	return out
}

// HasAddress reports whether the interface has the address, prefix length
// included.
func (n *NS) HasAddress(dev, prefix string) bool {
	n.t.Helper()
	want := netip.MustParsePrefix(prefix)
	for _, p := range n.Addresses(dev) {
		if p == want {
			return true
		}
	}
	return false
}

// WaitAddress waits until the interface has the address, or has it no more.
func (n *NS) WaitAddress(dev, prefix string, present bool, within time.Duration) {
	n.t.Helper()
	what := fmt.Sprintf("%s: %s on %s: %t", n.Name, prefix, dev, present)
	Eventually(n.t, within, what, func() (bool, string) {
		return n.HasAddress(dev, prefix) == present, fmt.Sprint(n.Addresses(dev))
	})
}
