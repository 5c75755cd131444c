package ipvs_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// balancer is a namespace with a dummy interface in the networks of all
// servers. IPVS wants addresses of destinations to be unicast there.
func balancer(t testing.TB, name string) (*nstest.NS, ipvs.Kernel) {
	t.Helper()
	nstest.Require(t, "netns", "ipvs")
	ns := nstest.New(t, name)
	ns.Run("ip", "link", "add", "lb0", "type", "dummy")
	ns.AddAddress("lb0", "10.9.0.1/16", "fd00:9::1/64")
	ns.Up("lb0")
	k, err := ipvs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return ns, k
}

// dump is the table as ipvsadm shows it, which sorts it.
func dump(ns *nstest.NS) string { return trimLines(ns.Run("ipvsadm", "-Sn")) }

// trimLines cuts trailing blanks off, which ipvsadm leaves here and there.
func trimLines(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, strings.TrimRight(line, " \n"))
	}
	return strings.Join(out, "\n")
}

func mustDo(t testing.TB, k ipvs.Kernel, ops []ipvs.Op) {
	t.Helper()
	for i, err := range k.Do(ops) {
		if err != nil {
			t.Errorf("%s: %v", ops[i], err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// everything has each kind of service and destination.
func everything() ipvs.Table {
	addr := netip.MustParseAddr
	nat := config.Forwarding{Method: config.NAT}
	dr := config.Forwarding{Method: config.DR}
	tunnel := func(kind config.TunnelType, port uint16, sum config.TunnelChecksum) config.Forwarding {
		return config.Forwarding{Method: config.TUN, Tunnel: kind, Port: port, Checksum: sum}
	}
	return ipvs.Table{
		{
			Key:             ipvs.AddressKey(config.TCP, addr("10.9.1.1"), 80),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "rr", Netmask: 0xffffffff},
			Destinations: []ipvs.Destination{
				{Addr: addr("10.9.0.11"), Port: 80, Forwarding: nat, Weight: 70000, UpperThreshold: 1000, LowerThreshold: 800},
				{Addr: addr("10.9.0.12"), Port: 8080, Forwarding: nat, Weight: 1<<31 - 1},
				{Addr: addr("10.9.0.13"), Port: 80, Forwarding: dr},
				{Addr: addr("10.9.0.14"), Port: 80, Forwarding: tunnel(config.TunnelIPIP, 0, 0), Weight: 1},
				{Addr: addr("10.9.0.15"), Port: 80, Forwarding: tunnel(config.TunnelGUE, 6080, config.TunnelRemoteChecksum), Weight: 1},
				{Addr: addr("10.9.0.16"), Port: 80, Forwarding: tunnel(config.TunnelGUE, 6081, config.TunnelChecksumOn), Weight: 1},
				{Addr: addr("10.9.0.17"), Port: 80, Forwarding: tunnel(config.TunnelGRE, 0, config.TunnelChecksumOn), Weight: 1},
				{Addr: addr("10.9.0.18"), Port: 80, Forwarding: tunnel(config.TunnelGRE, 0, 0), Weight: 1},
				{Addr: addr("fd00:9::11"), Port: 80, Forwarding: tunnel(config.TunnelIPIP, 0, 0), Weight: 1},
			},
		},
		{
			Key:             ipvs.AddressKey(config.TCP, addr("10.9.1.2"), 0),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "sh", Flags: ipvs.FlagPersistent | config.ServiceSched1 | config.ServiceSched2, Timeout: 360 * time.Second, Netmask: 0xffffff00},
		},
		{
			Key:             ipvs.AddressKey(config.TCP, addr("10.9.1.3"), 80),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "mh", Flags: config.ServiceSched1 | config.ServiceSched2, Netmask: 0xffffffff},
		},
		{
			Key:             ipvs.AddressKey(config.TCP, addr("fd00:9:1::1"), 443),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "wrr", Flags: ipvs.FlagPersistent | config.ServiceSched1 | config.ServiceSched3, Timeout: 120 * time.Second, Netmask: 64},
			Destinations: []ipvs.Destination{
				{Addr: addr("fd00:9::11"), Port: 8443, Forwarding: nat, Weight: 2},
				{Addr: addr("10.9.0.11"), Port: 443, Forwarding: tunnel(config.TunnelGRE, 0, 0), Weight: 1},
			},
		},
		{
			Key:             ipvs.AddressKey(config.UDP, addr("10.9.1.1"), 53),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "wlc", Flags: config.ServiceOnePacket, Netmask: 0xffffffff},
		},
		{
			Key:             ipvs.AddressKey(config.UDP, addr("10.9.1.2"), 5060),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "wlc", Flags: ipvs.FlagPersistent, Timeout: 60 * time.Second, Netmask: 0xffffffff, PersistenceEngine: "sip"},
		},
		{
			Key:             ipvs.AddressKey(config.SCTP, addr("10.9.1.1"), 80),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "fo", Netmask: 0xffffffff},
		},
		{
			Key:             ipvs.FwmarkKey(config.IPv4, 7),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "lblcr", Netmask: 0xffffffff},
			Destinations:    []ipvs.Destination{{Addr: addr("10.9.0.11"), Forwarding: dr, Weight: 1}},
		},
		{
			Key:             ipvs.FwmarkKey(config.IPv6, 7),
			ServiceSettings: ipvs.ServiceSettings{Scheduler: "sed", Netmask: 128},
			Destinations:    []ipvs.Destination{{Addr: addr("fd00:9::12"), Port: 8080, Forwarding: nat, Weight: 5}},
		},
	}
}

func TestKernelReadsBackWhatItWasGiven(t *testing.T) {
	ns, k := balancer(t, "gkipvs-table")
	want := everything()
	mustDo(t, k, ipvs.Plan(nil, want))
	got, err := k.Table()
	if err != nil {
		t.Fatal(err)
	}
	if a, b := sortedLines(got), sortedLines(want); a != b {
		t.Errorf("read back:\n%s\nwant:\n%s", a, b)
	}
	if ops := ipvs.Plan(got, want); len(ops) != 0 {
		t.Errorf("differs from what was asked for: %v", ops)
	}
	shown := strings.Split(dump(ns), "\n")
	slices.Sort(shown)
	// ipvsadm says the checksum of ipip tunnels nowhere, and of others always.
	if a, b := strings.Join(shown, "\n"), strings.TrimSpace(sortedLines(want)); a != b {
		t.Errorf("ipvsadm shows:\n%s\nwe write:\n%s", a, b)
	}

	// The other way: what it takes to change everything and to go.
	changed := everything()
	for i := range changed {
		changed[i].Scheduler = "lc"
		changed[i].Flags &= ipvs.FlagPersistent
		for j := range changed[i].Destinations {
			d := &changed[i].Destinations[j]
			d.Weight = 3
			if d.Family() == changed[i].Key.Family {
				d.Forwarding = config.Forwarding{Method: config.DR}
			}
		}
	}
	mustDo(t, k, ipvs.Plan(got, changed))
	if got, err = k.Table(); err != nil || len(ipvs.Plan(got, changed)) != 0 {
		t.Errorf("%v: differs from what was asked for: %v", err, ipvs.Plan(got, changed))
	}
	mustDo(t, k, ipvs.Plan(got, nil))
	if left := dump(ns); left != "" {
		t.Errorf("left over:\n%s", left)
	}
	if v := k.Version(); v.Major != 1 || v.Minor < 2 {
		t.Errorf("version %+v", v)
	}
}

// TestKernelErrors checks which request an error is put down to, in the
// middle of long batches, and its text.
func TestKernelErrors(t *testing.T) {
	ns, k := balancer(t, "gkipvs-errors")
	mustDo(t, k, ipvs.Plan(nil, ipvs.Table{{Key: key1, ServiceSettings: rr}, {Key: ipvs.AddressKey(config.TCP, netip.MustParseAddr("fd00:9:1::1"), 80), ServiceSettings: ipvs.ServiceSettings{Scheduler: "rr", Netmask: 128}}}))

	op := func(kind ipvs.OpKind, key ipvs.ServiceKey, d ipvs.Destination) ipvs.Op {
		return ipvs.Op{Kind: kind, Key: key, Settings: rr, Dest: d}
	}
	multicast := dest(1, 1)
	multicast.Addr = netip.MustParseAddr("224.0.0.1")
	unknown := rr
	unknown.Scheduler = "none-such"
	six := ipvs.AddressKey(config.TCP, netip.MustParseAddr("fd00:9:1::1"), 80)
	sixDest := ipvs.Destination{Addr: netip.MustParseAddr("fd00:9::77"), Port: 80, Forwarding: config.Forwarding{Method: config.NAT}}
	for _, c := range []struct {
		op   ipvs.Op
		want string
	}{
		{op(ipvs.NewService, key1, dest(0, 0)), "IPVS cmd IP_VS_SO_SET_ADD(1154) error: Service already exists(17) (10.9.1.1:tcp:80)"},
		{op(ipvs.SetService, key2, dest(0, 0)), "IPVS cmd IP_VS_SO_SET_EDIT(1155) error: Scheduler or persistence engine not found(2) (Fwm 3)"},
		{op(ipvs.DelService, ipvs.FwmarkKey(config.IPv6, 3), dest(0, 0)), "IPVS cmd IP_VS_SO_SET_DEL(1156) error: No such file or directory(2) (Fwm 3 inet6)"},
		{ipvs.Op{Kind: ipvs.NewService, Key: key2, Settings: unknown}, "IPVS cmd IP_VS_SO_SET_ADD(1154) error: Scheduler or persistence engine not found(2) (Fwm 3)"},
		{op(ipvs.NewService, ipvs.FwmarkKey(config.IPv4, 0), dest(0, 0)), "IPVS cmd IP_VS_SO_SET_ADD(1154) error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22) (Fwm 0)"},
		{op(ipvs.NewDest, key2, dest(11, 1)), "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: No such file or directory(2) (Fwm 3 -> 10.9.0.11:80)"},
		{op(ipvs.SetDest, key1, dest(200, 1)), "IPVS cmd IP_VS_SO_SET_EDITDEST(1161) error: No such destination(2) (10.9.1.1:tcp:80 -> 10.9.0.200:80)"},
		{op(ipvs.DelDest, key1, dest(200, 1)), "IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: No such destination(2) (10.9.1.1:tcp:80 -> 10.9.0.200:80)"},
		{op(ipvs.NewDest, key1, multicast), "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22) (10.9.1.1:tcp:80 -> 224.0.0.1:80)"},
		{op(ipvs.NewDest, key1, dest(1, 1)), ""},
		{op(ipvs.NewDest, key1, dest(1, 1)), "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17) (10.9.1.1:tcp:80 -> 10.9.0.1:80)"},
		// A destination of the other family is refused unless it is a tunnel.
		{op(ipvs.NewDest, key1, sixDest), "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22) (10.9.1.1:tcp:80 -> fd00:9::77:80)"},
		{op(ipvs.DelDest, six, sixDest), "IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: No such destination(2) (fd00:9:1::1:tcp:80 -> fd00:9::77:80)"},
	} {
		var ops []ipvs.Op
		for i := range byte(90) {
			ops = append(ops, op(ipvs.NewDest, key1, dest(100+i, 1)))
		}
		at := 70
		ops = slices.Insert(ops, at, c.op)
		errs := k.Do(ops)
		for i, err := range errs {
			if err != nil && i != at {
				t.Errorf("%s: put down to %s", err, ops[i])
			}
		}
		got := ""
		if errs != nil && errs[at] != nil {
			got = errs[at].Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.op, got, c.want)
		}
		if have := strings.Count(dump(ns), "-r 10.9.0.1"); have < 90 {
			t.Errorf("%s: only %d of the other destinations are there", c.op, have)
		}
		for i := range ops {
			ops[i].Kind = ipvs.DelDest
		}
		mustDo(t, k, slices.Delete(ops, at, at+1))
	}
}

func TestKernelStats(t *testing.T) {
	ns, k := balancer(t, "gkipvs-stats")
	ns.AddAddress("lo", "10.9.1.1/32")
	key := ipvs.AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)
	server := dest(1, 1)
	server.Port = 8080
	mustDo(t, k, ipvs.Plan(nil, ipvs.Table{{Key: key, ServiceSettings: rr, Destinations: []ipvs.Destination{server, dest(99, 0)}}}))

	var listener net.Listener
	var client net.Conn
	var err error
	ns.Do(func() {
		if listener, err = net.Listen("tcp", "10.9.0.1:8080"); err != nil {
			t.Fatal(err)
		}
	})
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("hello\n"))
			defer c.Close()
		}
	}()
	ns.Do(func() { client, err = net.DialTimeout("tcp", "10.9.1.1:80", 5*time.Second) })
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_ = client.SetDeadline(time.Now().Add(5 * time.Second))
	if line, err := bufio.NewReader(client).ReadString('\n'); line != "hello\n" {
		t.Fatalf("%q, %v", line, err)
	}
	// The kernel sums the counters up every two seconds.
	var s ipvs.ServiceStats
	nstest.Eventually(t, 30*time.Second, "counters of the connection", func() (bool, string) {
		s, err = k.Stats(key)
		return s.OutPackets >= 2, fmt.Sprintf("%+v, %v", s, err)
	})
	used, idle := s.Destinations[server.Key()], s.Destinations[dest(99, 0).Key()]
	if s.Connections != 1 || s.InPackets < 2 || s.OutPackets < 2 || s.InBytes < 80 || s.OutBytes < 80 {
		t.Errorf("service: %+v", s.Stats)
	}
	if used.Connections != 1 || used.ActiveConnections != 1 || used.InPackets != s.InPackets {
		t.Errorf("destination: %+v", used)
	}
	if idle != (ipvs.Stats{}) {
		t.Errorf("idle destination: %+v", idle)
	}
	if err := k.Zero(&key); err != nil {
		t.Error(err)
	}
	if s, err = k.Stats(key); err != nil || s.Connections != 0 || s.InBytes != 0 || s.Destinations[server.Key()].Connections != 0 {
		t.Errorf("after zero: %+v, %v", s, err)
	}
	if err := k.Zero(nil); err != nil {
		t.Error(err)
	}
	if err := k.Zero(&key2); err == nil || err.Error() != "IPVS cmd IP_VS_SO_SET_ZERO(1167) error: No such file or directory(2)" {
		t.Errorf("zero of what does not exist: %v", err)
	}
	if _, err := k.Stats(key2); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("stats of what does not exist: %v", err)
	}
}

func TestKernelTimeouts(t *testing.T) {
	_, k := balancer(t, "gkipvs-timeouts")
	before, err := k.Timeouts()
	if err != nil {
		t.Fatal(err)
	}
	if before != ipvs.DefaultTimeouts {
		t.Errorf("a new namespace has %+v", before)
	}
	if err := k.SetTimeouts(ipvs.Timeouts{UDP: 7 * time.Second}); err != nil {
		t.Fatal(err)
	}
	want := before
	want.UDP = 7 * time.Second
	if got, err := k.Timeouts(); got != want {
		t.Errorf("%+v, want %+v: %v", got, want, err)
	}
	if err := k.SetTimeouts(before); err != nil {
		t.Error(err)
	}
	if got, _ := k.Timeouts(); got != before {
		t.Errorf("restored: %+v", got)
	}
}

func TestKernelSyncDaemons(t *testing.T) {
	ns, k := balancer(t, "gkipvs-sync")
	master := ipvs.SyncDaemon{Role: ipvs.SyncMaster, Interface: "lb0", ID: 5, MaxLen: 1000, Group: netip.MustParseAddr("224.0.0.90"), Port: 8900, TTL: 3}
	if err := k.StartSyncDaemon(master); err != nil {
		t.Fatal(err)
	}
	backup := ipvs.SyncDaemon{Role: ipvs.SyncBackup, Interface: "lb0", ID: 6}
	if err := k.StartSyncDaemon(backup); err != nil {
		t.Fatal(err)
	}
	if err := k.StartSyncDaemon(backup); err == nil || err.Error() != "IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: Daemon has already run(17)" || !ipvs.Harmless(err) {
		t.Errorf("second start: %v", err)
	}
	shown := trimLines(ns.Run("ipvsadm", "-Ln", "--daemon"))
	want := "master sync daemon (mcast=lb0, syncid=5, maxlen=1000, group=224.0.0.90, port=8900, ttl=3)\n" +
		"backup sync daemon (mcast=lb0, syncid=6, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)"
	if shown != want {
		t.Errorf("ipvsadm shows:\n%s\nwant:\n%s", shown, want)
	}
	got, err := k.SyncDaemons()
	backup.MaxLen, backup.Group, backup.Port, backup.TTL = 1472, netip.MustParseAddr("224.0.0.81"), 8848, 1
	if err != nil || !slices.Equal(got, []ipvs.SyncDaemon{master, backup}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, role := range []ipvs.SyncDaemonRole{ipvs.SyncMaster, ipvs.SyncBackup} {
		if err := k.StopSyncDaemon(role); err != nil {
			t.Error(err)
		}
	}
	if err := k.StopSyncDaemon(ipvs.SyncMaster); err == nil || err.Error() != "IPVS cmd IP_VS_SO_SET_STOPDAEMON(1164) error: No such file or directory(2)" || !ipvs.Harmless(err) {
		t.Errorf("second stop: %v", err)
	}
	if got, err := k.SyncDaemons(); err != nil || len(got) != 0 {
		t.Errorf("after the stop: %+v, %v", got, err)
	}
}

func TestKernelsOfNamespacesAreApart(t *testing.T) {
	_, a := balancer(t, "gkipvs-a")
	_, b := balancer(t, "gkipvs-b")
	mustDo(t, a, []ipvs.Op{{Kind: ipvs.NewService, Key: key1, Settings: rr}})
	if table, err := b.Table(); err != nil || len(table) != 0 {
		t.Errorf("%v, %v", table, err)
	}
	mustDo(t, a, []ipvs.Op{{Kind: ipvs.Flush}})
	if table, err := a.Table(); err != nil || len(table) != 0 {
		t.Errorf("after the flush: %v, %v", table, err)
	}
	_, err := ipvs.Open("gkipvs-none")
	var open *ipvs.OpenError
	if !errors.As(err, &open) || err.Error() != "IPVS: Can't initialize ipvs: No such file or directory - is there a network namespace gkipvs-none?" {
		t.Errorf("open of a namespace that does not exist: %v", err)
	}
}

// TestProgrammerOnKernel disturbs a real kernel between the changes.
func TestProgrammerOnKernel(t *testing.T) {
	ns, k := balancer(t, "gkipvs-prog")
	ns.Run("ipvsadm", "-A", "-t", "10.9.1.1:80", "-s", "sh")
	ns.Run("ipvsadm", "-a", "-t", "10.9.1.1:80", "-r", "10.9.0.11:80", "-g", "-w", "9")
	ns.Run("ipvsadm", "-A", "-f", "77", "-s", "rr")
	p := ipvs.NewProgrammer(k)
	r := p.Apply(ipvs.Changes(everything()[:1]))
	if len(r.Refused) != 2 || len(r.Missing) != 0 || !ipvs.Harmless(r.Refused[0]) || !ipvs.Harmless(r.Refused[1]) {
		t.Errorf("%+v", r)
	}
	ns.Run("ipvsadm", "-d", "-t", "10.9.1.1:80", "-r", "10.9.0.12:8080")
	ns.Run("ipvsadm", "-e", "-t", "10.9.1.1:80", "-r", "10.9.0.13:80", "-m", "-w", "4")
	r, err := p.Resync()
	if err != nil || len(r.Refused)+len(r.Missing) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	want := sortLines(everything()[:1].String() + "-A -f 77 -s rr\n")
	if got := sortLines(dump(ns) + "\n"); got != want {
		t.Errorf("table:\n%s\nwant:\n%s", got, want)
	}
}
