//go:build linux

package snmp

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// late is how much later an advert of one of 1,000 instances may come while
// somebody asks the process for everything it knows. A backup waits for three
// intervals of a second.
const late = 100 * time.Millisecond

// dumpTime is how long a dump of 1,000 instances may take.
const dumpTime = 100 * time.Millisecond

// TestThousandInstances asks for the state of 1,000 instances in every way
// there is, and measures how long that takes and what it does to their
// adverts. It wants the machine for itself: GK_LONG=1.
func TestThousandInstances(t *testing.T) {
	if os.Getenv("GK_LONG") == "" {
		t.Skip("GK_LONG is not set")
	}
	const links, each = 4, 250
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Address())
	h := NewHost(t, "1000")
	var conf strings.Builder
	conf.WriteString("global_defs {\n\tenable_snmp_vrrp\n\tenable_snmp_rfc\n\tsnmp_socket unix:DIR/agentx\n\tenable_dbus\n\tstate_dump_file DIR/data\n}\n")
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
	worst := func(since time.Time) (gap time.Duration) {
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
			}
		}
		return gap
	}
	const long = 6 * time.Second
	begun := time.Now()
	time.Sleep(long)
	quiet := worst(begun)
	t.Logf("nobody asks: longest time between two adverts %v", quiet)

	w := bus.Watch("org.keepalived.Vrrp1", "/org/keepalived/Vrrp1")
	for _, ask := range []struct {
		what  string
		limit time.Duration // for one answer, on a machine without other work
		ask   func()
	}{
		{"snmpbulkwalk of KEEPALIVED-MIB", time.Minute, func() { h.Walk(ka) }},
		{"snmpbulkwalk of VRRPv3-MIB", time.Minute, func() { h.Walk(".1.3.6.1.2.1.207") }},
		{"snmpwalk of the instances", time.Minute, func() {
			h.Run("snmpwalk", "-v2c", "-cpublic", "-On", "-m", "", "-t10", "127.0.0.1:1161", ka+".2.3")
		}},
		{"dump", dumpTime, func() { h.dump(t) }},
		{"gokeepalived status", time.Second, func() { h.Run(ours(t), "status", "-p", filepath.Join(h.dir, "parent.pid")) }},
		{"a property of every instance over D-Bus", time.Minute, func() {
			for n := range links {
				for vrid := 1; vrid <= each; vrid++ {
					path := fmt.Sprintf("/Instance/w%d/%d/IPv4", n, vrid)
					if got := w.Call(path, "org.freedesktop.DBus.Properties.Get", "org.keepalived.Vrrp1.Instance", "State"); !strings.Contains(got, "Master") {
						t.Fatalf("state of %s: %s", path, got)
					}
				}
			}
		}},
	} {
		begun, times := time.Now(), 0
		var longest time.Duration
		for time.Since(begun) < long {
			one := time.Now()
			ask.ask()
			longest = max(longest, time.Since(one))
			times++
		}
		gap := worst(begun)
		t.Logf("%s, %d times: up to %v; longest time between two adverts %v", ask.what, times, longest, gap)
		if longest > ask.limit {
			t.Errorf("%s took %v", ask.what, longest)
		}
		if gap > time.Second+late {
			t.Errorf("%s: adverts came up to %v late, %v while nobody asked", ask.what, gap-time.Second, quiet-time.Second)
		}
	}
}

// dump asks for a data dump of the VRRP process and waits for it.
func (h *Host) dump(t *testing.T) {
	t.Helper()
	file := filepath.Join(h.dir, "data")
	_ = os.Remove(file)
	text, err := os.ReadFile(filepath.Join(h.dir, "vrrp.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
	}
	t.Fatal("no dump")
}
