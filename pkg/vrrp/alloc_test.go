package vrrp_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// variant is a way to configure an instance that changes what a packet needs.
type variant struct {
	name   string
	change func(*config.VRRPInstance)
}

var variants = []variant{
	{"v2", func(v *config.VRRPInstance) { v.Version = 2 }},
	{"v2 PASS", func(v *config.VRRPInstance) { v.Version, v.Auth = 2, config.AuthPass }},
	{"v2 AH", func(v *config.VRRPInstance) { v.Version, v.Auth, v.AuthPass = 2, config.AuthAH, [8]byte{'x'} }},
	{"v3", func(v *config.VRRPInstance) {}},
	{"v3 HMAC", func(v *config.VRRPInstance) {
		v.HMAC = &config.AuthHMAC{Keys: map[uint8][]byte{1: bytes.Repeat([]byte{1}, 32)}, ActiveKey: 1, TimeWindow: 5 * time.Second}
	}},
	{"v3 unicast", func(v *config.VRRPInstance) {
		for _, a := range []string{"10.9.0.1", "10.9.0.2", "10.9.0.3"} {
			v.Peers = append(v.Peers, config.UnicastPeer{Address: netip.MustParseAddr(a), MaxTTL: 255})
		}
		v.CheckUnicastSource = true
	}},
	{"v3 IPv6", func(v *config.VRRPInstance) {
		v.Family = config.IPv6
		v.MulticastGroup = netip.MustParseAddr("ff02::12")
		v.VirtualAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("fe80::99/64")}}
	}},
	{"v3 100 addresses", func(v *config.VRRPInstance) {
		for i := range 99 {
			v.VirtualAddresses = append(v.VirtualAddresses, &config.Address{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.9.1.%d/32", i+1))})
		}
	}},
}

// oneInstance is a configuration with one virtual router, version 3 over IPv4
// unless changed.
func oneInstance(priority uint8, change func(*config.VRRPInstance)) *config.Config {
	c := &config.Config{Global: config.NewGlobal()}
	v := config.NewVRRPInstance()
	v.Name, v.Interface, v.VirtualRouterID, v.Priority = "V1", "eth0", 51, priority
	v.Family, v.Version = config.IPv4, 3
	v.MulticastGroup = c.Global.VRRP.MulticastGroup4
	v.VirtualAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.0.100/24")}}
	v.GARP = config.GARPSettings{MasterRepeat: 1, MasterRefreshRepeat: 1, LowerPrioRepeat: 1}
	if change != nil {
		change(v)
	}
	c.Instances = append(c.Instances, v)
	return c
}

func eth0(n int) vrrp.Interface {
	return vrrp.Interface{
		Name: "eth0", Index: 2, Up: true, Running: true, Multicast: true, MTU: 1500, HardwareLen: 6,
		Addresses: []vrrp.InterfaceAddress{
			{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.9.0.%d/24", n))},
			{Prefix: netip.MustParsePrefix(fmt.Sprintf("fe80::%d/64", n))},
		},
	}
}

// pair is a Master, a Backup, and the adverts that go from one to the other.
type pair struct {
	now            time.Time
	master, backup *vrrp.Engine
	packet         vrrp.Packet
}

func newPair(tb testing.TB, v variant) *pair {
	p := &pair{now: scenario.Epoch}
	p.master = vrrp.New(oneInstance(200, v.change), vrrp.Options{})
	p.backup = vrrp.New(oneInstance(100, v.change), vrrp.Options{})
	p.master.Step(p.now, vrrp.Start{Interfaces: []vrrp.Interface{eth0(1)}})
	p.backup.Step(p.now, vrrp.Start{Interfaces: []vrrp.Interface{eth0(2)}})
	p.packet.Socket = 1
	p.advance()
	p.deliver()
	if s := p.state(p.backup); s.Counters.AdvertReceived != 1 {
		tb.Fatalf("advert not accepted: %+v", s.Drops)
	}
	return p
}

func (p *pair) state(e *vrrp.Engine) status.VRRPInstance { return e.Snapshot().Instances[0] }

// advance lets the master send its next advert.
func (p *pair) advance() {
	at, _ := p.master.Deadline()
	p.now = at
	for _, a := range p.master.Step(p.now, vrrp.Timer{}) {
		if s, ok := a.(*vrrp.SendAdvert); ok && s.Destination != netip.MustParseAddr("10.9.0.3") && s.Destination != s.Source {
			p.packet.Data = append(p.packet.Data[:0], s.Data...)
			p.packet.Source, p.packet.Destination, p.packet.HopLimit = s.Source, s.Destination, 255
		}
	}
}

func (p *pair) deliver() { p.backup.Step(p.now, &p.packet) }

// TestNoAllocation holds the promise that an advert sent or received costs no
// garbage.
func TestNoAllocation(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			p := newPair(t, v)
			for range 3 {
				p.advance()
				p.deliver()
			}
			before := p.state(p.backup).Counters.AdvertReceived
			if n := testing.AllocsPerRun(50, func() {
				p.advance()
				p.deliver()
			}); n != 0 {
				t.Errorf("%v allocations for an advert sent and received", n)
			}
			if got := p.state(p.backup).Counters.AdvertReceived - before; got != 51 {
				t.Errorf("%d of 51 adverts accepted", got)
			}
		})
	}
}

func BenchmarkSendAdvert(b *testing.B) {
	for _, v := range variants {
		b.Run(v.name, func(b *testing.B) {
			p := newPair(b, v)
			b.ReportAllocs()
			for b.Loop() {
				at, _ := p.master.Deadline()
				p.master.Step(at, vrrp.Timer{})
			}
		})
	}
}

func BenchmarkReceiveAdvert(b *testing.B) {
	for _, v := range variants {
		b.Run(v.name, func(b *testing.B) {
			p := newPair(b, v)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				p.advance()
				b.StartTimer()
				p.deliver()
			}
		})
	}
}

// thousandMasters is an engine of a thousand Masters.
func thousandMasters() *vrrp.Engine {
	c := oneInstance(255, nil)
	for i := range 999 {
		v := *c.Instances[0]
		v.Name, v.VirtualRouterID = fmt.Sprintf("V%d", i+2), uint8(i%255+1)
		v.Interface = fmt.Sprintf("eth%d", i/255+1)
		c.Instances = append(c.Instances, &v)
	}
	links := []vrrp.Interface{eth0(1)}
	for i := range 5 {
		l := eth0(1)
		l.Name, l.Index = fmt.Sprintf("eth%d", i+1), i+3
		links = append(links, l)
	}
	e := vrrp.New(c, vrrp.Options{})
	e.Step(scenario.Epoch, vrrp.Start{Interfaces: links})
	first, _ := e.Deadline()
	e.Step(first, vrrp.Timer{}) // all become Master
	return e
}

// BenchmarkThousandAdverts is one Step in which a thousand Masters advertise.
func BenchmarkThousandAdverts(b *testing.B) {
	e := thousandMasters()
	b.ReportAllocs()
	for b.Loop() {
		at, _ := e.Deadline()
		e.Step(at, vrrp.Timer{})
	}
}

// BenchmarkThousandSnapshots is what a walk through SNMP asks of the loop once
// a second.
func BenchmarkThousandSnapshots(b *testing.B) {
	e := thousandMasters()
	b.ReportAllocs()
	for b.Loop() {
		e.Snapshot()
	}
}

// TestTooManyAddresses has more virtual addresses than an advert can carry:
// 255 are listed, and all are set.
func TestTooManyAddresses(t *testing.T) {
	many := func(v *config.VRRPInstance) {
		v.VirtualAddresses = nil
		for i := range 300 {
			v.VirtualAddresses = append(v.VirtualAddresses, &config.Address{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.8.%d.%d/32", i/200, i%200+1))})
		}
	}
	for _, tt := range []struct {
		mtu, want int
	}{{1500, 255}, {576, 131}} {
		e := vrrp.New(oneInstance(255, func(v *config.VRRPInstance) { many(v); v.Version = 2 }), vrrp.Options{})
		l := eth0(1)
		l.MTU = tt.mtu
		said := false
		for _, a := range e.Step(scenario.Epoch, vrrp.Start{Interfaces: []vrrp.Interface{l}}) {
			if line, ok := a.(vrrp.Log); ok && line.Text == fmt.Sprintf("(V1) only %d of 300 virtual addresses fit into an advert, treating the others as excluded", tt.want) {
				said = true
			}
		}
		if !said {
			t.Errorf("MTU %d: nobody is told", tt.mtu)
		}
		set := 0
		for _, a := range e.Step(scenario.Epoch.Add(time.Second), vrrp.Timer{}) {
			switch a := a.(type) {
			case *vrrp.SendAdvert:
				if n := int(a.Data[23]); n != tt.want || len(a.Data) != 20+8+4*tt.want+8 || len(a.Data) > tt.mtu {
					t.Errorf("MTU %d: advert lists %d addresses in %d bytes", tt.mtu, n, len(a.Data))
				}
			case vrrp.AddAddress:
				set++
			}
		}
		if set != 300 {
			t.Errorf("MTU %d: %d addresses set", tt.mtu, set)
		}
	}
}
