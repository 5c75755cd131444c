//go:build linux

package vrrprun

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// bench is an engine whose loop does not run: the benchmark calls its parts,
// and the clock stands still unless it is moved.
//
//	gkrun-bench eth0 10.9.0.1 ── eth0 10.9.0.2 gkrun-bench2
type bench struct {
	*Engine
	a, b *nstest.NS
	time time.Time
}

func newBench(t testing.TB, instances, priority int, change ...func(*config.Config)) *bench {
	b := &bench{a: nstest.New(t, "gkrun-bench"), b: nstest.New(t, "gkrun-bench2"), time: time.Now()}
	nstest.Veth(t, b.a, "eth0", b.b, "eth0")
	b.a.AddAddress("eth0", "10.9.0.1/24")
	b.b.AddAddress("eth0", "10.9.0.2/24")
	cfg := newConfig()
	for i := 1; i <= instances; i++ {
		v := fast(newInstance(fmt.Sprint("V", i), uint8(i), fmt.Sprintf("10.9.1.%d/32", i)))
		v.Priority = uint8(priority)
		cfg.Instances = append(cfg.Instances, v)
	}
	for _, c := range change {
		c(cfg)
	}
	b.Engine = New(cfg, Options{})
	b.Engine.now = func() time.Time { return b.time }
	b.logs = eventloop.StartLogQueue(b.opt.Log)
	b.a.Do(func() {
		if err := b.open(); err != nil {
			t.Fatal(err)
		}
		if err := b.start(); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() {
		b.trackers.stop()
		b.a.Do(b.closeAll)
		b.logs.Close()
	})
	return b
}

// masters moves the clock until every instance is master and its gratuitous
// ARPs are over.
func (b *bench) masters(t testing.TB) {
	t.Helper()
	b.a.Do(func() {
		for range 200 {
			b.time = b.time.Add(100 * time.Millisecond)
			b.step(vrrp.Timer{})
		}
	})
	for _, v := range b.core.Snapshot().Instances {
		if v.State.String() != "MASTER" {
			t.Fatalf("%s is %v", v.Name, v.State)
		}
	}
}

// advertOf is what 10.9.0.2 sends for an instance with the given priority.
func advertOf(v *config.VRRPInstance, priority uint8) []byte {
	payload := []byte{0x31, v.VirtualRouterID, priority, byte(len(v.VirtualAddresses)), 0, 10, 0, 0}
	for _, a := range v.VirtualAddresses {
		payload = append(payload, a.Prefix.Addr().AsSlice()...)
	}
	pseudo := append([]byte{10, 9, 0, 2, 224, 0, 0, 18, 0, 112, 0, byte(len(payload))}, payload...)
	sum := ^uint16(headerSum(pseudo))
	payload[6], payload[7] = byte(sum>>8), byte(sum)
	return ipv4Packet("10.9.0.2", "224.0.0.18", 255, 112, payload)
}

// receiveOne sends the instance an advert that a backup accepts and returns
// what reads it: from the socket to the re-armed timer.
func (b *bench) receiveOne(t testing.TB) func() {
	var p *socketPair
	for _, p = range b.sockets {
	}
	v := b.cfg.Instances[0]
	from := openPairIn(t, b.b, vrrp.SocketSpec{Family: config.IPv4, Protocol: 112, Interface: "eth0", Group: v.MulticastGroup})
	advert := &vrrp.SendAdvert{Destination: v.MulticastGroup, Data: advertOf(v, 200)}
	sender := mmsg.NewSender(1)
	lost := func(int, unix.Errno) { t.Error("advert not sent") }
	return func() {
		addAdvert(sender, advert)
		sender.Send(from.send, 0, lost)
		b.time = b.time.Add(time.Millisecond)
		b.receive(p, false)
	}
}

// sendAll moves the clock to the next adverts of all instances and sends them.
func (b *bench) sendAll() {
	b.time = b.time.Add(100 * time.Millisecond)
	b.step(vrrp.Timer{})
}

func (b *bench) counters() (received, sent uint64) {
	for _, v := range b.core.Snapshot().Instances {
		received += v.Counters.AdvertReceived
		sent += v.Counters.AdvertSent
	}
	return received, sent
}

// After a pause the adverts that gathered in the socket are read before any
// timer fires, although they do not fit into one read pass: no instance takes
// over from a master that was never silent.
func TestLateWakeUp(t *testing.T) {
	const instances = 3 * receiveCount
	b := newBench(t, instances, 100)
	var p *socketPair
	for _, p = range b.sockets {
	}
	from := openPairIn(t, b.b, vrrp.SocketSpec{Family: config.IPv4, Protocol: 112, Interface: "eth0", Group: p.spec.Group})
	sender := mmsg.NewSender(1)
	for _, v := range b.cfg.Instances {
		addAdvert(sender, &vrrp.SendAdvert{Destination: v.MulticastGroup, Data: advertOf(v, 200)})
		sender.Send(from.send, 0, func(_ int, errno unix.Errno) { t.Fatal(errno) })
	}
	b.time = b.time.Add(time.Second) // past every master down timer
	passes := 0
	for {
		ready, err := b.poller.Wait(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(ready) == 0 {
			break
		}
		b.a.Do(func() { b.serve(ready) })
		passes++
	}
	b.a.Do(func() { b.step(vrrp.Timer{}) })
	if passes < 3 {
		t.Errorf("all read in %d passes: the test shows nothing", passes)
	}
	for _, v := range b.core.Snapshot().Instances {
		if v.State != event.Backup || v.Counters.AdvertReceived != 1 || v.Counters.BecomeMaster != 0 {
			t.Errorf("%s: %v, %+v", v.Name, v.State, v.Counters)
		}
	}
}

// The path of a packet and the path of a timer allocate nothing.
func TestNoAllocation(t *testing.T) {
	const runs = 100
	t.Run("receive", func(t *testing.T) {
		b := newBench(t, 1, 100)
		one := b.receiveOne(t)
		if n := testing.AllocsPerRun(runs, one); n != 0 {
			t.Errorf("%v allocations for each advert received", n)
		}
		if received, _ := b.counters(); received != runs+1 {
			t.Errorf("%d adverts accepted of %d", received, runs+1)
		}
	})
	t.Run("send", func(t *testing.T) {
		b := newBench(t, 100, 100)
		b.masters(t)
		_, before := b.counters()
		if n := testing.AllocsPerRun(runs, b.sendAll); n != 0 {
			t.Errorf("%v allocations for 100 adverts sent", n)
		}
		if _, sent := b.counters(); sent-before != 100*(runs+1) {
			t.Errorf("%d adverts sent, want %d", sent-before, 100*(runs+1))
		}
	})
}

// BenchmarkReceive is one advert through the kernel to a backup.
func BenchmarkReceive(b *testing.B) {
	e := newBench(b, 1, 100)
	one := e.receiveOne(b)
	b.ReportAllocs()
	for b.Loop() {
		one()
	}
}

// BenchmarkSend is one round of adverts of so many masters on one interface.
func BenchmarkSend(b *testing.B) {
	for _, n := range []int{1, 10, 100, 250} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newBench(b, n, 100)
			e.masters(b)
			b.ReportAllocs()
			for b.Loop() {
				e.sendAll()
			}
		})
	}
}

// BenchmarkTakeover is a backup that becomes master of 1000 addresses, each
// announced once, and yields again.
func BenchmarkTakeover(b *testing.B) {
	e := newBench(b, 1, 100, func(cfg *config.Config) {
		v := cfg.Instances[0]
		v.GARP = config.GARPSettings{MasterRepeat: 1}
		for i := range 999 {
			v.ExcludedAddresses = append(v.ExcludedAddresses, &config.Address{
				Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 10, byte(i / 250), byte(i % 250)}), 32)})
		}
	})
	v := e.cfg.Instances[0]
	var id vrrp.SocketID
	for id = range e.sockets {
	}
	yield := &vrrp.Packet{Socket: id, Data: advertOf(v, 200), HopLimit: -1}
	for b.Loop() {
		e.time = e.time.Add(time.Second)
		e.step(vrrp.Timer{})
		if e.core.Snapshot().Instances[0].State != event.Master {
			b.Fatal("not master")
		}
		b.StopTimer()
		e.step(yield)
		b.StartTimer()
	}
}
