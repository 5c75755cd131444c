package ipvs_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

func entry(first, last string, port uint16) config.GroupEntry {
	return config.GroupEntry{First: netip.MustParseAddr(first), Last: netip.MustParseAddr(last), Port: port}
}

// markConfig has three groups, the third with a mark of its own, and virtual
// servers that use them.
func markConfig() *config.Config {
	c := &config.Config{Global: config.NewGlobal()}
	c.Global.LVS.NFTables = "keepalived_ipvs"
	c.VirtualServerGroups = []*config.VirtualServerGroup{
		{Name: "A", Entries: []config.GroupEntry{entry("10.9.1.1", "10.9.1.4", 80), entry("fd00:9:1::1", "fd00:9:1::1", 80)}},
		{Name: "B", Entries: []config.GroupEntry{entry("10.9.1.3", "10.9.1.9", 80), entry("10.9.1.3", "10.9.1.3", 0)}},
		{Name: "C", Entries: []config.GroupEntry{{IsFwmark: true, Fwmark: 1001}}},
	}
	c.VirtualServers = []*config.VirtualServer{
		{Group: "A", Protocol: config.TCP},
		{Group: "B", Protocol: config.TCP},
		{Group: "C", Protocol: config.TCP},
		{Group: "A", Protocol: config.UDP},
		{Group: "A", Protocol: config.TCP},
	}
	return c
}

func TestMarks(t *testing.T) {
	c := markConfig()
	marks := ipvs.AssignMarks(c, nil)
	want := ipvs.Marks{{Group: "A", Protocol: config.TCP}: 1000, {Group: "B", Protocol: config.TCP}: 1002, {Group: "A", Protocol: config.UDP}: 1003}
	if fmt.Sprint(marks) != fmt.Sprint(want) {
		t.Errorf("marks %v, want %v", marks, want)
	}
	var lines []string
	for _, e := range ipvs.MarkEntries(c, marks) {
		lines = append(lines, fmt.Sprintf("%s %s-%s %d: %d", e.Protocol, e.First, e.Last, e.Port, e.Mark))
	}
	expect(t, "entries", strings.Join(lines, "\n"), `
tcp 10.9.1.1-10.9.1.4 80: 1000
tcp fd00:9:1::1-fd00:9:1::1 80: 1000
tcp 10.9.1.5-10.9.1.9 80: 1002
tcp 10.9.1.3-10.9.1.3 0: 1002
udp 10.9.1.1-10.9.1.4 80: 1003
udp fd00:9:1::1-fd00:9:1::1 80: 1003`)

	var keys []string
	for _, s := range ipvs.Services(c.VirtualServers[0], c.VirtualServerGroups[0], marks) {
		keys = append(keys, s.Key.String())
	}
	expect(t, "services", strings.Join(keys, "\n"), "Fwm 1000\nFwm 1000 inet6")

	// A reload that drops the first keeps the marks of the others.
	c.VirtualServers = c.VirtualServers[1:4]
	c.VirtualServers = append(c.VirtualServers, &config.VirtualServer{Group: "B", Protocol: config.SCTP})
	next := ipvs.AssignMarks(c, marks)
	want = ipvs.Marks{{Group: "B", Protocol: config.TCP}: 1002, {Group: "A", Protocol: config.UDP}: 1003, {Group: "B", Protocol: config.SCTP}: 1000}
	if fmt.Sprint(next) != fmt.Sprint(want) {
		t.Errorf("after reload %v, want %v", next, want)
	}
	c.Global.LVS.NFTables = ""
	if ipvs.AssignMarks(c, nil) != nil {
		t.Error("marks without nftables_ipvs")
	}
}

// TestMarkTable sends packets through the real rules and reads their marks
// back from a counter of another table.
func TestMarkTable(t *testing.T) {
	nstest.Require(t, "netns", "nftables")
	ns := nstest.New(t, "gkipvs-marks")
	ns.AddAddress("lo", "10.9.1.1/32", "10.9.1.5/32", "10.9.1.10/32", "10.9.1.3/32", "fd00:9:1::1/128")
	m := ipvs.NewMarkTable("keepalived_ipvs", -1, ns.Name)
	if err := m.Set(nil); err != nil {
		t.Fatal(err)
	}
	c := markConfig()
	entries := ipvs.MarkEntries(c, ipvs.AssignMarks(c, nil))
	for range 2 { // the second time replaces
		if err := m.Set(entries); err != nil {
			t.Fatal(err)
		}
	}
	ns.Run("nft", `table inet watch { set marks { typeof ip daddr . th dport . meta mark; flags dynamic; }; set marks6 { typeof ip6 daddr . th dport . meta mark; flags dynamic; };
		chain input { type filter hook input priority 0; ip version 4 add @marks { ip daddr . th dport . meta mark }; ip6 version 6 add @marks6 { ip6 daddr . th dport . meta mark }; }; }`)
	for _, probe := range []string{"10.9.1.1:80", "10.9.1.5:80", "10.9.1.10:80", "10.9.1.1:81", "10.9.1.3:80", "10.9.1.3:81", "[fd00:9:1::1]:80", "[fd00:9:1::1]:81"} {
		ns.Do(func() {
			if c, err := net.DialTimeout("tcp", probe, time.Second); err == nil {
				c.Close()
			}
		})
	}
	ns.Do(func() {
		if c, err := net.Dial("udp", "10.9.1.1:80"); err == nil {
			_, _ = c.Write([]byte("x"))
			c.Close()
		}
	})
	seen := ns.Run("nft", "-n", "list", "table", "inet", "watch")
	for _, want := range []string{
		"10.9.1.1 . 80 . 0x000003e8", "10.9.1.5 . 80 . 0x000003ea", "10.9.1.10 . 80 . 0x00000000", "10.9.1.1 . 81 . 0x00000000",
		"10.9.1.3 . 80 . 0x000003e8", "10.9.1.3 . 81 . 0x000003ea", "10.9.1.1 . 80 . 0x000003eb",
		"fd00:9:1::1 . 80 . 0x000003e8", "fd00:9:1::1 . 81 . 0x00000000",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("no packet with %q in:\n%s", want, seen)
		}
	}
	var many []ipvs.MarkEntry
	for i := range 2000 {
		a := netip.AddrFrom4([4]byte{10, 10, byte(i >> 8), byte(i)})
		many = append(many, ipvs.MarkEntry{Protocol: config.TCP, First: a, Last: a, Port: 80, Mark: 7})
	}
	if err := m.Set(many); err != nil {
		t.Fatal(err)
	}
	if list := ns.Run("nft", "list", "map", "ip", "keepalived_ipvs", "tcp_map"); strings.Count(list, " : ") < 2000 {
		t.Errorf("only %d elements", strings.Count(list, " : "))
	}
	if err := m.Set(nil); err != nil {
		t.Fatal(err)
	}
	if left := ns.Run("nft", "list", "tables"); strings.Contains(left, "keepalived_ipvs") {
		t.Errorf("left over: %s", left)
	}
}
