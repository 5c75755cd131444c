package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// takeoverConfig is a pair with one advert a second; the backup's priority is
// 100, so its skew time is 156/256 s (RFC 3768 6.1).
const takeoverConfig = `vrrp_instance V {
	interface eth0
	virtual_router_id 9
	priority PRIORITY
	virtual_ipaddress { 198.51.100.10/24 }
}
`

// TestTakeover measures on the wire how long the address is nowhere: after a
// kill from the last advert of the dead master, after an orderly stop from its
// priority 0, each to the first gratuitous ARP of the other node.
func TestTakeover(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns")
	// The capture and the switch are this process, and late on a busy machine.
	const skew = 156 * time.Second / 256
	margin := time.Second
	if whole() {
		margin = 10 * time.Millisecond
	}
	for _, c := range []struct {
		name string
		end  func(*Run)
		most time.Duration
	}{
		{"kill -9", crash("a"), 3*time.Second + skew + margin},
		{"stop", stop("a"), skew + margin},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !whole() {
				t.Parallel()
			}
			config := func(priority string) string { return strings.Replace(takeoverConfig, "PRIORITY", priority, 1) }
			r := (&Lab{
				Name: "takeover", VIP: "198.51.100.10/24",
				Nodes: []Node{
					{Name: "a", Config: config("150"), Links: []Link{{"eth0", []string{"198.51.100.1/24"}}}},
					{Name: "b", Config: config("100"), Links: []Link{{"eth0", []string{"198.51.100.2/24"}}}},
				},
			}).Set(t, map[string]Daemon{"a": ours(t), "b": ours(t)})
			r.StartDaemon("a")
			waitFor(t, "a to be master", func() bool { return r.holder() == "a" })
			r.StartDaemon("b")
			advert := func(f Frame) bool { return f.From == "a" && f.IsAdvert() }
			started := time.Now()
			waitFor(t, "adverts that b can hear", func() bool { return len(r.Switch.Frames(started, advert)) > 2 })
			since := time.Now()
			c.end(r)
			waitFor(t, "b to be master", func() bool { return r.holder() == "b" })
			var garp []Frame
			waitFor(t, "the gratuitous ARP", func() bool {
				garp = r.Switch.Frames(since, func(f Frame) bool { return f.From == "b" && f.IsGARP() })
				return len(garp) > 0
			})
			adverts := r.Switch.Frames(started, advert)
			took := garp[0].Time.Sub(adverts[len(adverts)-1].Time)
			t.Logf("%s: gratuitous ARP %v after the last advert, at most %v", c.name, took, c.most)
			if took > c.most {
				t.Errorf("%v, want at most %v", took, c.most)
			}
		})
	}
}
