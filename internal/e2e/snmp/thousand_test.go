//go:build linux

package snmp

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// TestThousandInstances walks through 1,000 instances and measures how long
// that takes and what it does to their adverts. It wants the machine for
// itself: GK_LONG=1.
func TestThousandInstances(t *testing.T) {
	if os.Getenv("GK_LONG") == "" {
		t.Skip("GK_LONG is not set")
	}
	const links, each = 4, 250
	h := NewHost(t, "1000")
	var conf strings.Builder
	conf.WriteString("global_defs {\n\tenable_snmp_vrrp\n\tenable_snmp_rfc\n\tsnmp_socket unix:DIR/agentx\n}\n")
	peers := make([]*nstest.Capture, links)
	for n := range links {
		dev, peer := fmt.Sprintf("w%d", n), fmt.Sprintf("x%d", n)
		nstest.Veth(t, h.NS, dev, h.NS, peer)
		h.AddAddress(dev, fmt.Sprintf("10.9.%d.1/24", n))
		peers[n] = h.Capture(peer)
		for vrid := 1; vrid <= each; vrid++ {
			fmt.Fprintf(&conf, "vrrp_instance V_%d_%d {\n\tinterface %s\n\tvirtual_router_id %d\n\tversion 3\n\tadvert_int 1\n\tvirtual_ipaddress {\n\t\t10.10.%d.%d/32\n\t}\n}\n", n, vrid, dev, vrid, n, vrid)
		}
	}
	h.StartDaemon(ours(t), conf.String())
	h.Await(fmt.Sprintf("%s.4.%d", instance, links*each), "INTEGER: 2")
	h.Await(fmt.Sprintf("%s.4.%d", instance, 1), "INTEGER: 2")

	// worst is the longest time between two adverts of one router from since on.
	worst := func(since time.Time) (gap time.Duration, adverts int) {
		for _, c := range peers {
			last := map[byte]time.Time{}
			for _, f := range c.Frames() {
				b, ok := f.IPv4()
				if !ok || len(b) < 22 || b[9] != 112 || f.Time.Before(since) {
					continue
				}
				vrid := b[21]
				if before, ok := last[vrid]; ok {
					gap = max(gap, f.Time.Sub(before))
				}
				last[vrid] = f.Time
				adverts++
			}
		}
		return gap, adverts
	}
	begun := time.Now()
	nstest.Eventually(t, patience, "five seconds of adverts", func() (bool, string) {
		return time.Since(begun) > 5*time.Second, ""
	})
	quiet, _ := worst(begun)

	begun = time.Now()
	lines := h.Walk(ka)
	bulk := time.Since(begun)
	rfc := h.Walk(".1.3.6.1.2.1.207")
	begunSlow := time.Now()
	out := h.Run("snmpwalk", "-v2c", "-cpublic", "-On", "-m", "", "-t10", "127.0.0.1:1161", ka+".2.3")
	slow := time.Since(begunSlow)
	for time.Since(begun) < 5*time.Second {
		h.Walk(ka)
	}
	loaded, adverts := worst(begun)
	t.Logf("%d and %d objects; snmpbulkwalk of the first %v, snmpwalk of %d %v; longest time between two adverts %v before, %v meanwhile (%d adverts)",
		len(lines), len(rfc), bulk, strings.Count(out, "\n"), slow, quiet, loaded, adverts)
	if bulk > 60*time.Second {
		t.Errorf("the walk took %v", bulk)
	}
	// A backup waits for three intervals; 148 ms were measured.
	if loaded > quiet+500*time.Millisecond {
		t.Errorf("adverts came up to %v late, %v without the walk", loaded-time.Second, quiet-time.Second)
	}
}
