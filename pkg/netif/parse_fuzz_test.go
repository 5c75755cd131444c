package netif

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The kernel is trusted, but not to never change its layouts.
func FuzzParse(f *testing.F) {
	req := addressRequest(unix.RTM_NEWADDR, Address{Index: 3, Prefix: prefix("10.9.0.1/24")})
	f.Add(req.Serialize())
	f.Add([]byte("\x08\x00\x00\x00\x10\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for h, data := range messages(b) {
			for _, typ := range []uint16{h.Type, unix.RTM_NEWLINK, unix.RTM_NEWADDR, unix.RTM_DELADDR, unix.RTM_DELROUTE, unix.RTM_DELRULE} {
				c, ok := parseChange(typ, data)
				if !ok {
					continue
				}
				if c.Kind == LinkChanged && c.Link.Name == "" {
					t.Errorf("link without name from % x", data)
				}
				if c.Kind == AddressAdded && !c.Address.Prefix.IsValid() {
					t.Errorf("address without prefix from % x", data)
				}
			}
		}
	})
}

func TestParseRoundTrip(t *testing.T) {
	a := Address{Index: 3, Prefix: prefix("10.9.0.1/24"), Scope: 253}
	b := addressRequest(unix.RTM_NEWADDR, a).Serialize()
	n := 0
	for h, data := range messages(b) {
		n++
		c, ok := parseChange(h.Type, data)
		if !ok || c.Kind != AddressAdded || c.Address != a {
			t.Errorf("got %+v", c)
		}
	}
	if n != 1 {
		t.Errorf("%d messages", n)
	}
}
