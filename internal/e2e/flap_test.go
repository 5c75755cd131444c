package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// flapConfig has adverts every 10 ms and something of every kind that comes
// and goes with a master: addresses, a route, a rule, a VMAC, drop rules.
const flapConfig = `
vrrp_sync_group G {
	group { PLAIN V6 }
}
vrrp_instance PLAIN {
	interface eth0
	virtual_router_id 1
	version 3
	advert_int 0.01
	virtual_ipaddress { 10.9.0.101/24 }
	virtual_routes { 10.1.0.0/24 via 10.9.0.2 dev eth0 }
	virtual_rules { from 10.1.0.0/24 table 77 priority 100 }
}
vrrp_instance V6 {
	interface eth0
	virtual_router_id 2
	version 3
	advert_int 0.01
	virtual_ipaddress {
		fe80::102
		fd00:9::102/64
	}
}
vrrp_instance VMAC {
	interface eth0
	use_vmac
	virtual_router_id 3
	version 3
	advert_int 0.01
	virtual_ipaddress { 10.9.0.103/24 }
}
vrrp_instance GUARDED {
	interface eth0
	no_accept
	virtual_router_id 4
	version 3
	advert_int 0.01
	virtual_ipaddress { 10.9.0.104/24 }
}
`

var flapAddresses = []string{"10.9.0.101/24", "fd00:9::102/64", "10.9.0.103/24", "10.9.0.104/24"}

// TestFlaps pulls and plugs the cable 1,000 times (60 in a busy run); every tenth time it waits
// for the loss and the return of everything. What the process and the kernel
// hold afterwards must be what they held after the first few.
func TestFlaps(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns", "nftables")
	warmUp, flaps := 20, 60
	if whole() {
		warmUp, flaps = 50, 1000
	}
	own := ours(t)

	sw := NewSwitch(t, "switch")
	start := func(name string) (*Host, *Segment) {
		h := NewHost(t, name)
		h.Quiet()
		cable := sw.Segment(name, End{h, "eth0", []string{"10.9.0.1/24", "fd00:9::1/64"}})
		h.LinksUp()
		if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(flapConfig), 0o644); err != nil {
			t.Fatal(err)
		}
		r := &Run{TB: t, Lab: &Lab{Name: "flaps"}, Hosts: map[string]*Host{name: h},
			daemons: map[string]Daemon{name: own}, cmds: map[string]*exec.Cmd{}}
		r.StartDaemon(name)
		h.waitAddresses(flapAddresses, true)
		return h, cable
	}
	calm, _ := start("calm")
	h, cable := start("flapping")

	var before holding
	var stateBefore []string
	for i := range warmUp + flaps {
		if i == warmUp {
			h.waitAddresses(flapAddresses, true)
			h.calm()
			before, stateBefore = h.holds(), h.state()
		}
		wait := i%10 == 0
		cable.SetCarrier("flapping", false)
		if wait {
			h.waitAddresses(flapAddresses, false)
		} else {
			// Anywhere in the election: before the loss is seen up to mastership.
			time.Sleep(time.Duration(i%7) * time.Millisecond)
		}
		cable.SetCarrier("flapping", true)
		if wait {
			h.waitAddresses(flapAddresses, true)
		} else {
			time.Sleep(time.Duration(i%13) * 4 * time.Millisecond)
		}
	}
	h.waitAddresses(flapAddresses, true)
	h.calm()
	after, stateAfter := h.holds(), h.state()
	// The log may be writing to the console just now.
	for deadline := time.Now().Add(20 * time.Second); !slices.Equal(after.descriptors, before.descriptors) && time.Now().Before(deadline); after = h.holds() {
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("before %+v, after %d flaps %+v", before, flaps, after)
	if !slices.Equal(after.descriptors, before.descriptors) {
		t.Errorf("descriptors before %q, after %q", before.descriptors, after.descriptors)
	}
	if after.threads > before.threads+2 {
		t.Errorf("%d threads, %d before", after.threads, before.threads)
	}
	if after.rss > before.rss+before.rss/4+4<<10 {
		t.Errorf("resident %d KiB, %d before", after.rss, before.rss)
	}
	if diff := Observation(stateBefore).Diff(stateAfter); diff != "" {
		t.Errorf("kernel state before (\"only keepalived\") and after:\n%s", diff)
	}
	if want, got := calm.goroutines(), h.goroutines(); len(want) < 3 || !slices.Equal(got, want) {
		t.Errorf("goroutines are\n%s\nwithout flaps\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// waitAddresses waits until the host has all of the addresses, or none.
func (h *Host) waitAddresses(want []string, present bool) {
	h.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		addrs, err := h.links.AddrList(nil, netlink.FAMILY_ALL)
		found := 0
		for _, a := range addrs {
			if slices.Contains(want, a.IPNet.String()) {
				found++
			}
		}
		if err == nil && (present && found == len(want) || !present && found == 0) {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%s has %d of %d addresses after a minute, want present=%t", h.Name, found, len(want), present)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// holding is what a process holds.
type holding struct {
	descriptors []string // their kinds, sorted
	threads     int
	rss         int // KiB
}

// procOf is the folder below /proc of the process with that pid file.
func (h *Host) procOf(role string) string {
	h.t.Helper()
	pid, err := os.ReadFile(h.Path("/run/" + role + ".pid"))
	if err != nil {
		h.t.Fatal(err)
	}
	return h.Path("/proc/" + strings.TrimSpace(string(pid)))
}

// holds looks at the host's VRRP process.
func (h *Host) holds() holding { return h.holdsOf("vrrp") }

// holdsOf looks at the process with that pid file.
func (h *Host) holdsOf(role string) (held holding) {
	h.t.Helper()
	proc := h.procOf(role)
	entries, err := os.ReadDir(proc + "/fd")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		// The console is open for as long as a line takes that syslog did not take.
		if to, err := os.Readlink(proc + "/fd/" + e.Name()); err == nil && to != "/dev/console" {
			kind, _, _ := strings.Cut(to, "[")
			held.descriptors = append(held.descriptors, kind)
		}
	}
	slices.Sort(held.descriptors)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, l := range lines(string(status)) {
		name, value, _ := strings.Cut(l, ":")
		switch name {
		case "Threads":
			fmt.Sscan(value, &held.threads)
		case "VmRSS":
			fmt.Sscan(value, &held.rss)
		}
	}
	return held
}

// goroutine is the line of a crash report that says where one was started.
var goroutine = regexp.MustCompile(`(?m)^created by (\S+)`)

// goroutines ends the host's VRRP process with a crash report and returns
// where its goroutines were started, sorted.
func (h *Host) goroutines() []string {
	h.t.Helper()
	log := filepath.Join(h.Dir, "daemon.log")
	h.Run("sh", "-c", "kill -ABRT $(cat /run/vrrp.pid)")
	var report []byte
	waitFor(h.t, "the crash report of "+h.Name, func() bool {
		all, err := os.ReadFile(log)
		at := bytes.Index(all, []byte("signal 6 (aborted) was sent"))
		if err != nil || at < 0 {
			return false
		}
		report = all[at:]
		return bytes.Contains(report, []byte("\n-----\n"))
	})
	var out []string
	for _, hit := range goroutine.FindAllSubmatch(report, -1) {
		// How many the collector has going is the runtime's affair.
		if who := string(hit[1]); !strings.HasPrefix(who, "runtime.") {
			out = append(out, who)
		}
	}
	slices.Sort(out)
	return out
}
