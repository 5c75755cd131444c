package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// stateHead opens the instance of every stateConfig.
const stateHead = `vrrp_instance V {
	interface eth0
	virtual_router_id 51
	version 3
	priority 200
	advert_int 0.1
	garp_master_delay 0
`

// TestState runs each configuration alone, with either implementation on a
// machine of its own, until it is master. All that the kernel then shows must
// be equal; and after our end everything must be as it was before.
//
//	eth0 10.9.0.1, fd00:9::1     eth2 10.9.2.1     nobody else
func TestState(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns", "nftables", "keepalived")
	t.Parallel()
	for why, reason := range stateElsewhere {
		t.Logf("not compared: %s: %s", why, reason)
	}
	own, real := ours(t), theirs(t)
	free := make(chan struct{}, 8)
	for _, c := range stateConfigs {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			free <- struct{}{}
			defer func() { <-free }()
			// On either machine the same things have the same names and
			// numbers.
			_, want, theirRest := c.perform(t, real)
			before, got, after := c.perform(t, own)
			if len(got) < 50 {
				t.Fatalf("only %d lines of state", len(got))
			}
			want, got = c.comparable(want), c.comparable(got)
			if diff := Observation(want).Diff(got); diff != "" {
				t.Errorf("as master:\n%s", diff)
			}
			// What the kernel itself leaves behind it leaves to both.
			after = slices.DeleteFunc(after, func(l string) bool {
				return strings.Contains(l, `"protocol":"kernel"`) && slices.Contains(theirRest, l) && !slices.Contains(before, l)
			})
			if diff := Observation(before).Diff(after); diff != "" {
				t.Errorf("after the end, against before the start (\"only keepalived\"):\n%s", diff)
			}
		})
	}
}

// stateHost is the machine that stateConfigs are written for.
func stateHost(t *testing.T) *Host {
	sw := NewSwitch(t, "switch")
	h := NewHost(t, "alone")
	h.Quiet()
	h.Run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1")
	sw.Segment("s0", End{h, "eth0", []string{"10.9.0.1/24", "fd00:9::1/64"}})
	sw.Segment("s2", End{h, "eth2", []string{"10.9.2.1/24"}})
	h.LinksUp()
	return h
}

// perform returns the state before the start, as master and after the end.
func (c stateConfig) perform(t *testing.T, d Daemon) (before, master, after []string) {
	t.Helper()
	h := stateHost(t)
	text := c.text + "\n" + stateHead + c.body + "\n}\n"
	if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := &Run{TB: t, Lab: &Lab{Name: c.name}, Hosts: map[string]*Host{"alone": h}, daemons: map[string]Daemon{"alone": d},
		cmds: map[string]*exec.Cmd{}}
	log := func() string {
		b, _ := os.ReadFile(filepath.Join(h.Dir, "daemon.log"))
		return string(b)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("---- log of %s\n%s", d.Name, log())
		}
	})
	before = h.state()
	r.StartDaemon("alone")
	// The burst comes after all else of A, become MASTER.
	waitFor(t, d.Name+" to be master", func() bool { return strings.Contains(log(), "Entering MASTER STATE") })
	h.calm()
	master = h.state()
	r.Stop("alone")
	waitFor(t, d.Name+" to end", func() bool { return !r.alive("alone") })
	return before, master, h.state()
}

// calm waits until the addresses and links have not changed for a while.
func (h *Host) calm() {
	h.t.Helper()
	last, since := "", time.Now()
	waitFor(h.t, "the state to be calm", func() bool {
		addrs, err := h.links.AddrList(nil, 0)
		if now := fmt.Sprint(addrs, err); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 400*time.Millisecond
	})
}

// stateCommands print what a configuration can change.
const stateCommands = `
echo '# link'; ip -j -d addr
echo '# route4'; ip -j -d -4 route show table all
echo '# route6'; ip -j -d -6 route show table all
echo '# rule4'; ip -j -d -4 rule
echo '# rule6'; ip -j -d -6 rule
echo '# nft'; nft -j list ruleset
echo '# sysctl'; grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/igmp_link_local_mcast_reports; true # some cannot be read
`

// state is all of it, one line per object.
func (h *Host) state() []string {
	h.t.Helper()
	var out []string
	what := ""
	for _, l := range lines(h.Run("sh", "-c", stateCommands)) {
		switch {
		case strings.HasPrefix(l, "# "):
			what = l[2:]
			out = append(out, "== "+what)
		case what == "sysctl":
			out = append(out, l)
		default:
			objects, err := jsonLines(what, []byte(l))
			if err != nil {
				h.t.Fatalf("%s: %v: %s", what, err, l)
			}
			out = append(out, objects...)
		}
	}
	return out
}

// jsonLines splits the list that ip or nft prints, without what differs from
// one time to the next.
func jsonLines(what string, text []byte) ([]string, error) {
	var list []any
	if what == "nft" {
		var all struct{ NFTables []any }
		if err := json.Unmarshal(text, &all); err != nil {
			return nil, err
		}
		list = all.NFTables
	} else if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	var out []string
	for i, o := range list {
		if object, ok := o.(map[string]any); ok && what == "nft" && object["metainfo"] != nil {
			continue
		}
		b, err := json.Marshal(timeless(o))
		if err != nil {
			return nil, err
		}
		if what == "nft" {
			// Their order counts: one more field that says so.
			b = fmt.Appendf(nil, "%s #%d", b, i)
		}
		out = append(out, string(b))
	}
	return out, nil
}

// timeless removes handles and hides lifetimes that run.
func timeless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			switch n, isNumber := field.(float64); {
			case key == "handle", key == "link_netnsid":
				delete(v, key)
			case isNumber && slices.Contains([]string{"valid_life_time", "preferred_life_time", "expires", "packets", "bytes"}, key) && n > 0 && n < 1<<31:
				v[key] = "N"
			default:
				v[key] = timeless(field)
			}
		}
	case []any:
		for i := range v {
			v[i] = timeless(v[i])
		}
	}
	return v
}

// comparable is the state without what this configuration leaves out.
func (c stateConfig) comparable(state []string) []string {
	var out []string
	for _, l := range state {
		skip := false
		for _, w := range c.without {
			switch w {
			case otherRPFilter:
				skip = skip || strings.Contains(l, "/rp_filter:") && !strings.Contains(l, "/vrrp.") && !strings.Contains(l, "/all/")
			case newIPv6Tables:
				skip = skip || strings.Contains(l, `"family":"ip6"`)
			case otherARPIgnore:
				skip = skip || strings.Contains(l, "/arp_ignore:")
			case nextHopEncap:
				skip = skip || strings.Contains(l, `"dst":"10.4.0.0/24"`)
			}
		}
		if !skip {
			out = append(out, l)
		}
	}
	return out
}
