//go:build linux

package netif

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

// openIn opens a Kernel inside a namespace.
func openIn(t *testing.T, n *nstest.NS) *Kernel {
	t.Helper()
	var k *Kernel
	n.Do(func() {
		var err error
		if k, err = Open(KernelOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(k.Close)
	return k
}

// ipAddress is what "ip -j addr" says about an address.
type ipAddress struct {
	Family      string `json:"family"`
	Local       string `json:"local"`
	Address     string `json:"address"`
	PrefixLen   int    `json:"prefixlen"`
	Broadcast   string `json:"broadcast"`
	Scope       string `json:"scope"`
	Label       string `json:"label"`
	Deprecated  bool   `json:"deprecated"`
	NoDAD       bool   `json:"nodad"`
	Home        bool   `json:"home"`
	ManageTemp  bool   `json:"mngtmpaddr"`
	NoPrefix    bool   `json:"noprefixroute"`
	AutoJoin    bool   `json:"autojoin"`
	Tentative   bool   `json:"tentative"`
	ValidLife   uint32 `json:"valid_life_time"`
	PreferredLT uint32 `json:"preferred_life_time"`
}

func ipAddresses(t *testing.T, n *nstest.NS, dev string) []ipAddress {
	t.Helper()
	var links []struct {
		AddrInfo []ipAddress `json:"addr_info"`
	}
	if err := json.Unmarshal([]byte(n.Run("ip", "-j", "addr", "show", "dev", dev)), &links); err != nil {
		t.Fatal(err)
	}
	var out []ipAddress
	for _, l := range links {
		out = append(out, l.AddrInfo...)
	}
	return out
}

func TestAddresses(t *testing.T) {
	n := nstest.New(t, "gknet-addr")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Sysctl("ipv6/conf/eth0/addr_gen_mode", "1")
	n.Up("eth0", "eth1")
	k := openIn(t, n)
	index := n.Link("eth0").Attrs().Index
	none := time.Duration(0)
	const forever = 4294967295

	for _, c := range []struct {
		name string
		in   config.Address
		want ipAddress
	}{
		{"default", config.Address{Prefix: prefix("10.9.0.100/32")},
			ipAddress{Family: "inet", Local: "10.9.0.100", PrefixLen: 32, Scope: "global", Label: "eth0", ValidLife: forever, PreferredLT: forever}},
		{"everything of IPv4", config.Address{Prefix: prefix("10.9.0.100/24"), BroadcastAuto: '+', Label: "eth0:1", Scope: config.ScopeLink, NoPrefixRoute: true},
			ipAddress{Family: "inet", Local: "10.9.0.100", PrefixLen: 24, Broadcast: "10.9.0.255", Scope: "link", Label: "eth0:1", NoPrefix: true, ValidLife: forever, PreferredLT: forever}},
		{"peer", config.Address{Prefix: prefix("10.9.0.100/32"), Peer: addr("10.9.0.200")},
			ipAddress{Family: "inet", Local: "10.9.0.100", Address: "10.9.0.200", PrefixLen: 32, Scope: "global", Label: "eth0", ValidLife: forever, PreferredLT: forever}},
		{"IPv6 /128", config.Address{Prefix: prefix("fd00:9::64/128")},
			ipAddress{Family: "inet6", Local: "fd00:9::64", PrefixLen: 128, Scope: "global", Deprecated: true, NoDAD: true, ValidLife: forever}},
		{"IPv6 with flags", config.Address{Prefix: prefix("fd00:9::64/64"), Home: true, MngTmpAddr: true, NoPrefixRoute: true},
			ipAddress{Family: "inet6", Local: "fd00:9::64", PrefixLen: 64, Scope: "global", NoDAD: true, Home: true, ManageTemp: true, NoPrefix: true, ValidLife: forever, PreferredLT: forever}},
		{"a group that is joined", config.Address{Prefix: prefix("ff05::1234/128"), AutoJoin: true},
			ipAddress{Family: "inet6", Local: "ff05::1234", PrefixLen: 128, Scope: "site", Deprecated: true, NoDAD: true, AutoJoin: true, ValidLife: forever}},
		{"IPv6 deprecated", config.Address{Prefix: prefix("fd00:9::64/64"), PreferredLifetime: &none},
			ipAddress{Family: "inet6", Local: "fd00:9::64", PrefixLen: 64, Scope: "global", Deprecated: true, NoDAD: true, ValidLife: forever}},
		{"IPv6 with DAD", config.Address{Prefix: prefix("fd00:9::64/64"), DAD: true},
			ipAddress{Family: "inet6", Local: "fd00:9::64", PrefixLen: 64, Scope: "global", Tentative: true, ValidLife: forever, PreferredLT: forever}},
		{"IPv6 peer", config.Address{Prefix: prefix("fd00:9::64/128"), Peer: addr("fd00:9::65")},
			ipAddress{Family: "inet6", Local: "fd00:9::64", Address: "fd00:9::65", PrefixLen: 128, Scope: "global", Deprecated: true, NoDAD: true, ValidLife: forever}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := FromConfig(&c.in, index)
			if err := k.AddAddress(a); err != nil {
				t.Fatal(err)
			}
			if err := k.AddAddress(a); err != nil {
				t.Errorf("adding what is there: %v", err)
			}
			got := ipAddresses(t, n, "eth0")
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
			list, err := k.Addresses()
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, b := range list {
				found = found || sameAddress(a, b)
			}
			if !found {
				t.Errorf("%+v not in %+v", a, list)
			}
			if err := k.DeleteAddress(a); err != nil {
				t.Fatal(err)
			}
			if err := k.DeleteAddress(a); err != nil {
				t.Errorf("deleting what is gone: %v", err)
			}
			if got := ipAddresses(t, n, "eth0"); len(got) != 0 {
				t.Errorf("left over: %+v", got)
			}
		})
	}

	t.Run("another prefix length stays", func(t *testing.T) {
		n.AddAddress("eth0", "10.9.0.50/24")
		if err := k.DeleteAddress(Address{Index: index, Prefix: prefix("10.9.0.50/32")}); err != nil {
			t.Fatal(err)
		}
		if !n.HasAddress("eth0", "10.9.0.50/24") {
			t.Error("the administrator's address is gone")
		}
	})
	t.Run("refusals name the kernel's reason", func(t *testing.T) {
		err := k.AddAddress(Address{Index: 9999, Prefix: prefix("10.9.0.100/32")})
		if !errors.Is(err, unix.ENODEV) || Errno(err) != unix.ENODEV {
			t.Errorf("got %v", err)
		}
		if text := fmt.Sprint(err); !strings.HasPrefix(text, "Netlink: error: No such device(19), type=RTM_NEWADDR(20), seq=") || !strings.HasSuffix(text, ", pid=0") {
			t.Errorf("text %q", text)
		}
	})
}

func TestLinks(t *testing.T) {
	n := nstest.New(t, "gknet-link")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:01", "mtu", "1400", "group", "5")
	n.Run("ip", "link", "add", "link", "eth0", "name", "mv", "type", "macvlan", "mode", "private")
	n.Up("eth0", "mv")
	links, err := openIn(t, n).Links()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Link{}
	for _, l := range links {
		byName[l.Name] = l
	}
	eth0, mv, lo := byName["eth0"], byName["mv"], byName["lo"]
	if eth0.MTU != 1400 || eth0.Group != 5 || hex.EncodeToString(eth0.MAC) != "020000000001" ||
		hex.EncodeToString(eth0.Broadcast) != "ffffffffffff" || !eth0.Up() || eth0.Running() ||
		!eth0.Multicast() || eth0.Type != 1 || eth0.Kind != "veth" {
		t.Errorf("eth0: %+v", eth0)
	}
	if mv.Kind != KindMACVLAN || mv.Mode != MACVLANPrivate || mv.Parent != eth0.Index || !mv.Up() {
		t.Errorf("mv: %+v", mv)
	}
	if !lo.Loopback() || !lo.Running() {
		t.Errorf("lo: %+v", lo)
	}
}

func TestMonitor(t *testing.T) {
	n := nstest.New(t, "gknet-mon")
	var m *Monitor
	n.Do(func() {
		var err error
		if m, err = OpenMonitor(MonitorOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	defer m.Close()
	read := func() string {
		t.Helper()
		changes, err := m.Read(nil)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, c := range changes {
			switch c.Kind {
			case LinkChanged:
				words = append(words, fmt.Sprintf("link %s up=%t running=%t", c.Link.Name, c.Link.Up(), c.Link.Running()))
			case LinkRemoved:
				words = append(words, "gone "+c.Link.Name)
			case AddressAdded:
				words = append(words, "add "+c.Address.Prefix.String())
			case AddressRemoved:
				words = append(words, "remove "+c.Address.Prefix.String())
			}
		}
		return strings.Join(words, "; ")
	}
	if got := read(); got != "" {
		t.Errorf("before anything: %s", got)
	}
	n.Run("ip", "link", "add", "dum0", "type", "veth", "peer", "name", "dum1")
	if got := read(); !strings.Contains(got, "link dum0 up=false running=false") {
		t.Errorf("new link: %s", got)
	}
	n.Run("ip", "addr", "add", "10.9.0.1/24", "dev", "dum0")
	if got := read(); got != "add 10.9.0.1/24" {
		t.Errorf("new address: %s", got)
	}
	n.Run("ip", "addr", "del", "10.9.0.1/24", "dev", "dum0")
	if got := read(); got != "remove 10.9.0.1/24" {
		t.Errorf("removed address: %s", got)
	}
	// A port that leaves a bridge makes an RTM_DELLINK of its own.
	n.Run("ip", "link", "add", "br0", "type", "bridge")
	n.Run("ip", "link", "set", "dum0", "master", "br0")
	n.Run("ip", "link", "set", "dum0", "nomaster")
	if got := read(); strings.Contains(got, "gone") {
		t.Errorf("leaving a bridge: %s", got)
	}
	n.Run("ip", "link", "del", "dum0")
	if got := read(); !strings.Contains(got, "gone dum0") {
		t.Errorf("removed link: %s", got)
	}
}

func TestMonitorOverrun(t *testing.T) {
	n := nstest.New(t, "gknet-over")
	var m *Monitor
	n.Do(func() {
		var err error
		// The smallest buffer the kernel gives holds a few messages.
		if m, err = OpenMonitor(MonitorOptions{ReceiveBuffer: 1}); err != nil {
			t.Fatal(err)
		}
	})
	defer m.Close()
	var batch strings.Builder
	for i := range 200 {
		fmt.Fprintf(&batch, "ip addr add 10.9.1.%d/32 dev lo\n", i)
	}
	n.Run("sh", "-c", batch.String())
	if _, err := m.Read(nil); !errors.Is(err, ErrOverrun) {
		t.Fatalf("got %v, want an overrun", err)
	}
	n.Run("ip", "addr", "add", "10.9.2.1/32", "dev", "lo")
	changes, err := m.Read(nil)
	if err != nil || len(changes) != 1 || changes[0].Address.Prefix != prefix("10.9.2.1/32") {
		t.Errorf("after the overrun: %+v, %v", changes, err)
	}
}

// gknet-a eth0 ── eth0 gknet-b
func TestAnnouncements(t *testing.T) {
	a, b := nstest.New(t, "gknet-a"), nstest.New(t, "gknet-b")
	nstest.Veth(t, a, "eth0", b, "eth0")
	wire := b.Capture("eth0")
	k := openIn(t, a)
	var announcer *Announcer
	a.Do(func() {
		var err error
		if announcer, err = OpenAnnouncer(NewSysctls()); err != nil {
			t.Fatal(err)
		}
	})
	defer announcer.Close()
	links, err := k.Links()
	if err != nil {
		t.Fatal(err)
	}
	var eth0 Link
	for _, l := range links {
		if l.Name == "eth0" {
			eth0 = l
		}
	}
	mac := hex.EncodeToString(eth0.MAC)
	now := time.Unix(1, 0)
	send := func(ip string) {
		t.Helper()
		a.Do(func() {
			if err := announcer.Add(now, &eth0, addr(ip)); err != nil {
				t.Fatal(err)
			}
			if err := announcer.Flush(); err != nil {
				t.Fatal(err)
			}
		})
	}
	next := 0
	expect := func(what, frame string) {
		t.Helper()
		_, next = wire.Wait(next, 30*time.Second, what+" "+frame, func(f nstest.Frame) bool {
			return hex.EncodeToString(f.Data) == frame
		})
	}

	send("10.9.0.100")
	// 42 bytes, without padding.
	expect("gratuitous ARP", "ffffffffffff"+mac+"0806"+
		"0001080006040001"+mac+"0a090064"+"ffffffffffff"+"0a090064")

	na := func(router bool) string {
		return "333300000001" + mac + "86dd" + hex.EncodeToString(unsolicitedNA(eth0.MAC, addr("fd00:9::64"), router))
	}
	send("fd00:9::64")
	expect("neighbour advertisement", na(false))
	a.Sysctl("ipv6/conf/eth0/forwarding", "1")
	send("fd00:9::64")
	expect("neighbour advertisement within the age of the reading", na(false))
	now = now.Add(forwardingAge)
	send("fd00:9::64")
	expect("neighbour advertisement of a router", na(true))

	t.Run("no ARP", func(t *testing.T) {
		quiet := eth0
		quiet.Flags |= flagNoARP
		if err := announcer.Add(now, &quiet, addr("10.9.0.100")); err != nil || announcer.batch.Len() != 0 {
			t.Errorf("%v, %d packets", err, announcer.batch.Len())
		}
	})
	t.Run("no allocation", func(t *testing.T) {
		vip := addr("10.9.0.100")
		var failed error
		if n := testing.AllocsPerRun(100, func() {
			if err := announcer.Add(now, &eth0, vip); err != nil {
				failed = err
			}
			if err := announcer.Flush(); err != nil {
				failed = err
			}
		}); n != 0 || failed != nil {
			t.Errorf("%v allocations, %v", n, failed)
		}
	})
	t.Run("vanished interface", func(t *testing.T) {
		gone := eth0
		gone.Index = 4711
		if err := announcer.Add(now, &gone, addr("10.9.0.100")); err != nil {
			t.Fatal(err)
		}
		if err := announcer.Flush(); !errors.Is(err, unix.ENXIO) && !errors.Is(err, unix.ENODEV) {
			t.Errorf("got %v", err)
		}
	})
}

// An interface that is gone takes its settings along: its successor is set
// anew and gets back what it had itself.
func TestSysctlsOfVanishedInterface(t *testing.T) {
	n := nstest.New(t, "gknet-sysgone")
	const path = "ipv4/conf/eth0/promote_secondaries"
	s := NewSysctls()
	for _, before := range []string{"0", "1", "0"} {
		n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
		n.Sysctl(path, before)
		n.Do(func() {
			if found, changed, err := s.Hold(path, "1"); err != nil || found != before || changed != (before == "0") {
				t.Errorf("held: was %s, changed %t, %v; want %s", found, changed, err, before)
			}
		})
		if got := n.ReadSysctl(path); got != "1" {
			t.Errorf("set to %s", got)
		}
		n.Run("ip", "link", "del", "eth0")
		s.ForgetInterface("eth0")
	}
	n.Do(func() {
		if _, restored, err := s.Release(path); restored || err != nil {
			t.Errorf("released after all: %t, %v", restored, err)
		}
	})
}

func TestSysctls(t *testing.T) {
	n := nstest.New(t, "gknet-sysctl")
	const path = "ipv4/conf/lo/arp_ignore"
	n.Do(func() {
		s := NewSysctls()
		if _, _, err := s.Hold("ipv4/conf/nothere/arp_ignore", "1"); err == nil {
			t.Error("a missing sysctl was held")
		}
		for range 2 {
			if before, _, err := s.Hold(path, "1"); err != nil || before != "0" {
				t.Fatalf("before %q, %v", before, err)
			}
		}
		if v, err := s.Read(path); v != "1" || err != nil {
			t.Errorf("held %q, %v", v, err)
		}
		if _, restored, err := s.Release(path); restored || err != nil {
			t.Errorf("restored with an owner left: %v", err)
		}
		if before, restored, err := s.Release(path); !restored || before != "0" || err != nil {
			t.Errorf("not restored: %v", err)
		}
		if v, err := s.Read(path); v != "0" || err != nil {
			t.Errorf("after all %q, %v", v, err)
		}
		if _, restored, err := s.Release(path); restored || err != nil {
			t.Errorf("released once too often: %v", err)
		}
	})
}
