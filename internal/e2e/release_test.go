package e2e

import (
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// TestReleaseOptions: a stop takes the address away, with -X or without, and
// leaves it with -V, even beside -X. keepalived must do the same.
func TestReleaseOptions(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns", "keepalived")
	t.Parallel()
	const vip = "198.51.100.10/24"
	for _, c := range []struct {
		options string
		stays   bool
	}{{"", false}, {"-X", false}, {"-V", true}, {"-X -V", true}} {
		for _, d := range []Daemon{ours(t), theirs(t)} {
			t.Run(d.Name+" "+c.options, func(t *testing.T) {
				t.Parallel()
				d.Args = strings.Fields(c.options)
				r := (&Lab{
					Name: "release", VIP: vip,
					Nodes: []Node{{
						Name: "a", Config: strings.Replace(takeoverConfig, "PRIORITY", "255", 1),
						Links: []Link{{"eth0", []string{"198.51.100.1/24"}}},
					}},
				}).Set(t, map[string]Daemon{"a": d})
				r.StartDaemon("a")
				h := r.Hosts["a"]
				h.waitAddresses([]string{vip}, true)
				r.Stop("a")
				h.waitAddresses([]string{vip}, c.stays)
			})
		}
	}
}
