package ipvs_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// startKeepalived runs the installed keepalived's checker process alone in ns
// until it has programmed its table.
func startKeepalived(t *testing.T, ns *nstest.NS, conf string) *nstest.Process {
	t.Helper()
	dir := t.TempDir()
	p := ns.Start("keepalived", "-n", "-l", "-D", "-C", "-f", conf,
		"-p", filepath.Join(dir, "parent.pid"), "-c", filepath.Join(dir, "checkers.pid"))
	p.WaitOutput("Activating BFD healthchecker", 30*time.Second)
	return p
}

// randomConfig writes virtual servers of every form, without checkers, so that
// all servers are up. The words are those that 2.2.7 and 2.4.3 both know.
func randomConfig(r *rand.Rand) string {
	var b strings.Builder
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	groups := r.IntN(3)
	for g := range groups {
		fmt.Fprintf(&b, "virtual_server_group G%d {\n", g)
		for i := range 1 + r.IntN(3) {
			fmt.Fprintf(&b, "    %s\n", pick(
				fmt.Sprintf("10.9.1%d%d.%d 80", g, i, 1+r.IntN(200)),
				fmt.Sprintf("10.9.1%d%d.10-%d 443", g, i, 11+r.IntN(10)),
				fmt.Sprintf("10.9.1%d%d.250-10.9.1%d%d.255 8080", g, i, g, i),
				fmt.Sprintf("10.9.1%d%d.%d/%d 80", g, i, 32*r.IntN(8), 28+r.IntN(4)),
				fmt.Sprintf("fwmark %d", 100+10*g+i)))
		}
		b.WriteString("}\n")
	}
	server := func(addr, indent string, nat bool) {
		port := ""
		if nat && r.IntN(2) == 0 {
			port = fmt.Sprint(" ", 1000+r.IntN(60000))
		}
		fmt.Fprintf(&b, "    real_server %s%s {\n", addr, port)
		for _, line := range []string{
			fmt.Sprintf("weight %d", r.IntN(3)*r.IntN(70000)), "inhibit_on_failure",
			fmt.Sprintf("uthreshold %d\n%slthreshold %d", 100+r.IntN(1000), indent, r.IntN(100)),
		} {
			if r.IntN(3) == 0 {
				b.WriteString(indent + line + "\n")
			}
		}
		b.WriteString("    }\n")
	}
	for v := range 3 + r.IntN(5) {
		six := r.IntN(4) == 0
		head := fmt.Sprintf("10.9.2.%d %d", 1+v, 1+r.IntN(65535))
		protocol := true
		switch {
		case six:
			head = fmt.Sprintf("fd00:9:2::%d %d", 1+v, 1+r.IntN(65535))
		case v < groups:
			head = fmt.Sprintf("group G%d", v)
		case r.IntN(5) == 0:
			head, protocol = fmt.Sprintf("fwmark %d", 1+v), false
		case r.IntN(5) == 0:
			head = fmt.Sprintf("10.9.2.%d", 1+v)
		}
		fmt.Fprintf(&b, "virtual_server %s {\n    delay_loop 60\n", head)
		sched := pick("rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq")
		fmt.Fprintf(&b, "    lvs_sched %s\n", sched)
		if sched == "sh" || sched == "mh" {
			for _, flag := range []string{sched + "-port", sched + "-fallback"} {
				if r.IntN(2) == 0 {
					b.WriteString("    " + flag + "\n")
				}
			}
		} else if r.IntN(4) == 0 {
			b.WriteString("    flag-" + pick("1", "2", "3") + "\n")
		}
		if protocol {
			fmt.Fprintf(&b, "    protocol %s\n", pick("TCP", "UDP", "SCTP"))
		}
		method := pick("NAT", "DR", "TUN", "TUN type gre csum", "TUN type gue port 6080 remcsum")
		fmt.Fprintf(&b, "    lvs_method %s\n", method)
		switch r.IntN(4) {
		case 0:
			fmt.Fprintf(&b, "    persistence_timeout %d\n", 1+r.IntN(5000))
		case 1:
			b.WriteString("    persistence_timeout\n")
			switch {
			case six:
				fmt.Fprintf(&b, "    persistence_granularity %d\n", 1+r.IntN(128))
			case strings.HasPrefix(head, "group"):
				// 2.2.7 forgets the mask of a group; we apply it.
			default:
				fmt.Fprintf(&b, "    persistence_granularity 255.255.%d.0\n", r.IntN(256))
			}
		}
		if r.IntN(3) == 0 {
			sorry := "10.9.0.99"
			if six {
				sorry = "fd00:9::99"
			}
			fmt.Fprintf(&b, "    sorry_server %s\n", sorry)
			if r.IntN(2) == 0 {
				b.WriteString("    sorry_server_inhibit\n")
			}
		}
		for s := range 1 + r.IntN(4) {
			addr := fmt.Sprintf("10.9.0.%d", 11+s)
			if six {
				addr = fmt.Sprintf("fd00:9::%d", 11+s)
			}
			server(addr, "        ", method == "NAT")
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// TestAgainstKeepalived starts the installed keepalived and our code on the
// same configurations, in two namespaces of the same kernel.
func TestAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "ipvs", "keepalived")
	runs := uint64(8)
	if testing.Short() {
		runs = 3
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			conf := filepath.Join(t.TempDir(), "keepalived.conf")
			text := randomConfig(rand.New(rand.NewPCG(seed, 3)))
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			theirNS, _ := balancer(t, "gkipvs-ka")
			ourNS, k := balancer(t, "gkipvs-our")
			keepalived := startKeepalived(t, theirNS, conf)

			m := newModel(load(t, conf))
			for _, err := range ipvs.NewProgrammer(k).Apply(ipvs.Changes(m.table(down()))).Refused {
				t.Errorf("%v", err)
			}
			want := dump(theirNS)
			if got := dump(ourNS); got != want || want == "" {
				t.Errorf("table:\n%s\nkeepalived's:\n%s\nconfiguration:\n%s\nkeepalived said:\n%s", got, want, text, keepalived.Output())
			}
			if got, want := ourNS.Run("ipvsadm", "-Ln", "--thresholds"), theirNS.Run("ipvsadm", "-Ln", "--thresholds"); got != want {
				t.Errorf("thresholds:\n%s\nkeepalived's:\n%s\nconfiguration:\n%s", got, want, text)
			}
		})
	}
}

// TestOverATableOfKeepalived takes over what a keepalived left behind that did
// not remove it, which is what a replaced daemon finds.
func TestOverATableOfKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "ipvs", "keepalived")
	conf := filepath.Join(t.TempDir(), "keepalived.conf")
	text := randomConfig(rand.New(rand.NewPCG(1, 3)))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ns, k := balancer(t, "gkipvs-over")
	startKeepalived(t, ns, conf)
	before := dump(ns)
	p := ipvs.NewProgrammer(k)
	r := p.Apply(ipvs.Changes(newModel(load(t, conf)).table(down())))
	if len(r.Missing) != 0 || len(r.Refused) != strings.Count(before, "\n")+1 {
		t.Errorf("%d entries, %d errors, missing %v", strings.Count(before, "\n")+1, len(r.Refused), r.Missing)
	}
	for _, err := range r.Refused {
		if !strings.Contains(err.Error(), " already exists(17) (") {
			t.Error(err)
		}
	}
	if after := dump(ns); after != before {
		t.Errorf("table:\n%s\nbefore:\n%s", after, before)
	}
}
