package vrrp_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

var randomEvents = flag.Int("vrrp.events", 20000, "how many random events TestRandomEvents plays")

// world is three routers with a sync group and a router of its own each, on
// two links where anything may happen.
//
//	eth0  --- a --- b --- c ---   A (VRID 1), C (VRID 3)
//	eth1  --- a --- b --- c ---   B (VRID 2)
//	A and B are a sync group.
type world struct {
	t      *testing.T
	random *rand.Rand
	net    *scenario.Network
	// history is what happened last, for the report of a failure.
	history []string
	// vmac says which routers use a VMAC for C, addresses how many virtual
	// ones each router has. Only a reload changes that: the next process
	// does not look for what it does not know.
	vmac      [3]bool
	addresses [3]int
}

var worldNames = []string{"a", "b", "c"}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 7)), net: scenario.NewNetwork(seed, nil)}
	for i := range worldNames {
		r := w.net.AddRouter(worldNames[i], w.random.IntN(2) == 0, w.config(i), w.links(i)...)
		r.Observe = func(a vrrp.Action) { w.observe(r, a) }
		r.Start(vrrp.Start{})
	}
	return w
}

func (w *world) links(i int) (list []vrrp.Interface) {
	for n := range 2 {
		list = append(list, vrrp.Interface{
			Name: fmt.Sprintf("eth%d", n), Up: true, Running: true, Multicast: true, MTU: 1500, HardwareLen: 6,
			Addresses: []vrrp.InterfaceAddress{{Prefix: w.source(i, n)}},
		})
	}
	return list
}

func (w *world) source(i, n int) netip.Prefix {
	return netip.MustParsePrefix(fmt.Sprintf("10.9.%d.%d/24", n, i+1))
}

// config is a configuration of router i; parts of it are chosen anew each
// time.
func (w *world) config(i int) *config.Config {
	c := &config.Config{Global: config.NewGlobal()}
	c.Scripts = []*config.TrackScript{{Name: "s", Rise: 1 + w.random.IntN(2), Fall: 1 + w.random.IntN(2)}}
	c.Files = []*config.TrackFile{{Name: "f"}}
	c.Processes = []*config.TrackProcess{{Name: "p"}}
	c.BFD = []*config.BFDInstance{{Name: "d"}}
	for n, name := range []string{"A", "B", "C"} {
		v := config.NewVRRPInstance()
		v.Name, v.VirtualRouterID, v.Priority = name, uint8(n+1), uint8(100+50*i)
		v.Interface = fmt.Sprintf("eth%d", n%2)
		v.Family, v.Version, v.AdvertInterval = config.IPv4, 3, 100*time.Millisecond
		v.MulticastGroup = c.Global.VRRP.MulticastGroup4
		v.GARP = config.GARPSettings{MasterRepeat: 2, MasterDelay: time.Second, MasterRefreshRepeat: 1, LowerPrioRepeat: 1}
		for k := range 1 + (w.addresses[i]+n)%3 {
			v.VirtualAddresses = append(v.VirtualAddresses, &config.Address{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.9.%d.%d/24", n%2, 100+10*n+k))})
		}
		if n != 2 {
			v.Group = "G"
		} else if w.vmac[i] {
			v.VMAC = &config.VMAC{}
		}
		c.Instances = append(c.Instances, v)
	}
	w.vary(c)
	c.Instances[2].TrackScripts = []config.Track{{Name: "s", Weight: 10 * w.random.IntN(2)}}
	c.Instances[2].TrackFiles = []config.Track{{Name: "f", Weight: 1}}
	g := &config.SyncGroup{Name: "G", Members: []string{"A", "B"}}
	if w.random.IntN(2) == 0 {
		g.TrackProcesses = []config.Track{{Name: "p"}}
	}
	if w.random.IntN(2) == 0 {
		g.TrackBFD = []config.Track{{Name: "d"}}
	}
	c.SyncGroups = []*config.SyncGroup{g}
	return c
}

// vary switches on, now and then, what must not change the invariants.
func (w *world) vary(c *config.Config) {
	if w.random.IntN(3) == 0 {
		c.Global.VRRP.GARPInterval = 7 * time.Millisecond
	}
	if w.random.IntN(4) == 0 {
		c.LinkDelays = []*config.LinkDelay{{Interface: "eth0", Down: 120 * time.Millisecond, Up: 50 * time.Millisecond}}
	}
	if w.random.IntN(6) == 0 {
		c.Global.VRRP.StartupDelay = 300 * time.Millisecond
	}
	for _, v := range c.Instances {
		switch w.random.IntN(10) {
		case 0:
			v.NoPreempt = true
		case 1:
			v.PreemptDelay = 400 * time.Millisecond
		case 2:
			v.HigherPrioSendAdvert = true
		case 3:
			v.LowerPrioNoAdvert = true
		case 4:
			v.GARP.MasterRefresh, v.GARP.LowerPrioDelay = 300*time.Millisecond, 200*time.Millisecond
		case 5:
			v.TimerExpiredBackup = 254
		case 6:
			v.Accept = false
		}
	}
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.history[max(0, len(w.history)-30):] {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

func (w *world) say(format string, args ...any) {
	w.history = append(w.history, fmt.Sprintf("%.6f ", w.net.Now().Sub(scenario.Epoch).Seconds())+fmt.Sprintf(format, args...))
	if len(w.history) > 200 {
		w.history = append(w.history[:0], w.history[100:]...)
	}
}

// observe checks each action.
func (w *world) observe(r *scenario.Router, a vrrp.Action) {
	switch a := a.(type) {
	case vrrp.SendGARP:
		if !r.Behind() && !r.Has(a.Address) {
			w.fail("%s announces %v, which it does not have", r.Name, a.Address)
		}
	case *vrrp.SendAdvert:
		var adv wire.Advert
		if adv.Decode(a.Data[20:], config.IPv4) != wire.Accepted || adv.Priority != a.Priority ||
			!wire.ChecksumOK(a.Data[20:], wire.ChecksumPseudo, a.Source, a.Destination) {
			w.fail("%s sends a bad advert: %x", r.Name, a.Data)
		}
	case vrrp.Emit:
		if s, ok := a.Event.(event.InstanceState); ok {
			if s.Reason == "" {
				w.fail("%s: %s is %v without a reason", r.Name, s.Instance, s.State)
			}
			w.say("  %s %s %v: %s", r.Name, s.Instance, s.State, s.Reason)
		}
	}
}

// check looks at the state of everything.
func (w *world) check() {
	for _, r := range w.net.Routers() {
		if !r.Alive() || !r.Awake() {
			continue
		}
		if at, ok := r.Engine.Deadline(); ok && at.Before(w.net.Now()) {
			w.fail("%s: deadline %v has passed", r.Name, at)
		}
		snap := r.Engine.Snapshot()
		masters := 0
		for i := range snap.Instances {
			w.checkInstance(r, &snap.Instances[i], &snap)
			if snap.Instances[i].State == event.Master && i < 2 {
				masters++
			}
		}
		if masters == 1 {
			w.fail("%s: one member of the sync group is Master", r.Name)
		}
		if (masters == 2) != (snap.SyncGroups[0].State == event.Master) {
			w.fail("%s: sync group is %v with %d Masters", r.Name, snap.SyncGroups[0].State, masters)
		}
	}
}

func (w *world) checkInstance(r *scenario.Router, v *status.VRRPInstance, snap *status.VRRP) {
	for k, a := range v.Config.VirtualAddresses {
		has := r.Has(a.Prefix.Addr())
		if has && v.State != event.Master {
			w.fail("%s %s is %v and has %v", r.Name, v.Name, v.State, a.Prefix)
		}
		if v.VirtualSet[k] != has {
			w.fail("%s %s: %v is there: %v, thought so: %v", r.Name, v.Name, a.Prefix, has, v.VirtualSet[k])
		}
	}
	causes := len(v.FaultCauses)
	if v.Config.Group != "" {
		causes = len(snap.Instances[0].FaultCauses) + len(snap.Instances[1].FaultCauses)
	}
	running := v.State == event.Master || v.State == event.Backup
	if running == (causes > 0) {
		w.fail("%s %s is %v with %d causes of Fault: %+v %v", r.Name, v.Name, v.State, causes, v.Transitions, snap.StartupDelayed)
	}
	if running == v.NextTimer.IsZero() {
		w.fail("%s %s is %v, timer %v", r.Name, v.Name, v.State, v.NextTimer)
	}
	if v.EffectivePriority == 0 || v.EffectivePriority == 255 {
		w.fail("%s %s has priority %d", r.Name, v.Name, v.EffectivePriority)
	}
	for i, t := range v.Transitions {
		if t.Reason == "" || t.From == t.To || i > 0 && t.From != v.Transitions[i-1].To {
			w.fail("%s %s: transition %d: %+v", r.Name, v.Name, i, t)
		}
	}
}

// one plays one random event.
func (w *world) one() {
	i := w.random.IntN(len(worldNames))
	r := w.net.Routers()[i]
	link := fmt.Sprintf("eth%d", w.random.IntN(2))
	if !r.Alive() {
		w.say("%s restarts", r.Name)
		for n, l := range w.links(i) {
			if r.Interface(l.Name) == nil {
				r.AddInterface(w.links(i)[n])
			}
		}
		r.Restart(w.config(i), false, vrrp.Start{})
		return
	}
	switch w.random.IntN(24) {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		d := time.Duration(w.random.IntN(200000)) * time.Microsecond
		w.say("advance %v", d)
		w.net.Advance(d)
	case 8:
		up, running := w.random.IntN(3) > 0, w.random.IntN(3) > 0
		w.say("%s %s up %v running %v", r.Name, link, up, running)
		r.SetLink(link, up, running)
	case 9:
		w.say("%s loses an address", r.Name)
		w.loseAddress(r)
	case 10:
		n := w.random.IntN(2)
		w.say("%s loses or gets its source on eth%d", r.Name, n)
		if r.Has(w.source(i, n).Addr()) {
			for _, ev := range r.RemoveAddress(fmt.Sprintf("eth%d", n), w.source(i, n)) {
				r.Step(ev)
			}
		} else {
			r.AddAddress(fmt.Sprintf("eth%d", n), w.source(i, n))
		}
	case 11, 12:
		ev := vrrp.ScriptResult{Script: "s", Exit: w.random.IntN(2)}
		w.say("%s script %d", r.Name, ev.Exit)
		r.Step(ev)
	case 13:
		ev := vrrp.FileValue{File: "f", Value: int64(w.random.IntN(600) - 300)}
		w.say("%s file %d", r.Name, ev.Value)
		r.Step(ev)
	case 14:
		ok := w.random.IntN(3) > 0
		w.say("%s process and BFD %v", r.Name, ok)
		r.Step(vrrp.ProcessQuorum{Process: "p", ProcessCount: vrrp.ProcessCount{OK: ok}})
		r.Step(vrrp.BFDState{Session: "d", Up: w.random.IntN(3) > 0})
	case 15:
		w.say("%s %s vanishes or comes back", r.Name, link)
		w.toggleInterface(r, i, link)
	case 16, 17:
		w.stranger(r)
	case 18:
		w.say("partition")
		sides := map[string]int{}
		for _, name := range worldNames {
			sides[name] = w.random.IntN(2)
		}
		w.net.Partition(sides)
	case 19:
		w.net.Loss = []float64{0, 0, 0.2, 0.6}[w.random.IntN(4)]
		w.net.Jitter = time.Duration(w.random.IntN(5)+1) * time.Millisecond
		w.net.Duplicate = w.net.Loss / 2
		w.say("loss %v", w.net.Loss)
	case 20:
		if w.random.IntN(4) == 0 {
			w.say("%s is killed", r.Name)
			r.Kill()
		}
	case 21:
		if !r.Awake() {
			return
		}
		w.vmac[i], w.addresses[i] = w.random.IntN(2) == 0, w.random.IntN(3)
		w.say("%s reloads, VMAC %v", r.Name, w.vmac[i])
		r.Step(vrrp.Reload{Config: w.config(i)})
	case 22:
		d := time.Duration(w.random.IntN(500)) * time.Millisecond
		w.say("%s is held up for %v", r.Name, d)
		if r.Awake() {
			r.Pause(d)
		}
	case 23:
		w.say("%s base priority, resync, stop", r.Name)
		r.Step(vrrp.SetBasePriority{Instance: "C", Priority: uint8(w.random.IntN(256))})
		if r.Awake() {
			r.Step(vrrp.Resync{Interfaces: r.Facts()})
		}
		if w.random.IntN(6) == 0 {
			r.Step(vrrp.Stop{})
			w.net.Advance(2 * time.Second)
			w.empty(r)
		}
	}
	w.net.Settle()
}

// empty checks that a router that has ended has left nothing behind.
func (w *world) empty(r *scenario.Router) {
	if r.Alive() {
		if r.Awake() {
			w.fail("%s has not ended", r.Name)
		}
		return
	}
	for n := range 3 {
		for k := range 3 {
			if a := netip.MustParseAddr(fmt.Sprintf("10.9.%d.%d", n%2, 100+10*n+k)); r.Has(a) {
				w.fail("%s has left %v", r.Name, a)
			}
		}
	}
}

// loseAddress has somebody remove a virtual address.
func (w *world) loseAddress(r *scenario.Router) {
	snap := r.Engine.Snapshot()
	v := &snap.Instances[w.random.IntN(len(snap.Instances))]
	a := v.Config.VirtualAddresses[w.random.IntN(len(v.Config.VirtualAddresses))]
	for _, name := range []string{v.Config.Interface, v.VMAC} {
		for _, ev := range r.RemoveAddress(name, a.Prefix) {
			r.Step(ev)
		}
	}
}

func (w *world) toggleInterface(r *scenario.Router, i int, link string) {
	if r.Interface(link) != nil {
		r.DeleteInterface(link)
		return
	}
	for _, l := range w.links(i) {
		if l.Name == link {
			f := *r.AddInterface(l)
			r.Step(vrrp.InterfaceChanged{Interface: f})
		}
	}
}

// stranger sends a packet from outside: a good one of a router that comes and
// goes, or a bad one, which must change nothing.
func (w *world) stranger(r *scenario.Router) {
	src, dst := netip.MustParseAddr("10.9.0.200"), netip.MustParseAddr("224.0.0.18")
	a := wire.Advert{Version: 3, Type: 1, VRID: uint8(w.random.IntN(4) + 1), Priority: uint8(w.random.IntN(256)), Interval: 10}
	h := wire.IPv4{TotalLen: 28, TTL: 255, Protocol: wire.ProtocolVRRP, Source: src, Destination: dst}
	good := w.random.IntN(4) == 0
	data := a.Append(h.Append(nil), config.IPv4)
	wire.SetChecksum(data[20:], wire.ChecksumPseudo, src, dst)
	if !good {
		data[20+w.random.IntN(8)] ^= byte(1 + w.random.IntN(255))
		data = data[:28-w.random.IntN(8)*w.random.IntN(2)]
		// A flip that the checksum does not see is a good packet after all.
		if len(data) == 28 && wire.ChecksumOK(data[20:], wire.ChecksumPseudo, src, dst) {
			return
		}
	}
	w.say("%s hears a stranger, good %v: %x", r.Name, good, data[20:])
	before := timersOf(r)
	r.Inject(config.IPv4, wire.ProtocolVRRP, vrrp.Packet{Data: data})
	if !good && r.Awake() && timersOf(r) != before {
		w.fail("%s: a refused packet moved a timer:\n%s\n%s", r.Name, before, timersOf(r))
	}
}

func timersOf(r *scenario.Router) string {
	s := ""
	for _, v := range r.Engine.Snapshot().Instances {
		s += fmt.Sprint(v.Name, v.State, v.NextTimer, v.MasterAddress, v.MasterAdvertInterval, " ")
	}
	return s
}

// settle stops all disturbance, mends what is broken, and waits: then there
// is one Master for each virtual router.
func (w *world) settle() {
	w.say("settle")
	w.net.Partition(nil)
	w.net.Loss, w.net.Duplicate = 0, 0
	w.net.Advance(time.Second) // nobody sleeps any more
	for i, r := range w.net.Routers() {
		if !r.Alive() {
			r.Restart(w.config(i), false, vrrp.Start{})
		}
		for n := range 2 {
			link := fmt.Sprintf("eth%d", n)
			if r.Interface(link) == nil {
				w.toggleInterface(r, i, link)
			}
			r.SetLink(link, true, true)
			r.AddAddress(link, w.source(i, n))
		}
		for range 4 {
			r.Step(vrrp.ScriptResult{Script: "s"})
		}
		r.Step(vrrp.FileValue{File: "f", Value: 0})
		r.Step(vrrp.ProcessQuorum{Process: "p", ProcessCount: vrrp.ProcessCount{Count: 1, OK: true}})
		r.Step(vrrp.BFDState{Session: "d", Up: true})
	}
	w.net.Advance(20 * time.Second)
	w.check()
	masters := map[string]int{}
	for _, r := range w.net.Routers() {
		for _, v := range r.Engine.Snapshot().Instances {
			if v.State == event.Master {
				masters[v.Name]++
			} else if v.State != event.Backup {
				w.fail("%s %s is %v: %v", r.Name, v.Name, v.State, v.FaultCauses)
			}
		}
	}
	for _, name := range []string{"A", "B", "C"} {
		if masters[name] != 1 {
			w.fail("%d Masters of %s", masters[name], name)
		}
	}
}

// TestRandomEvents plays random sequences and looks for what must never
// happen. Ten million: go test -run RandomEvents -vrrp.events 10000000
// -timeout 0.
func TestRandomEvents(t *testing.T) {
	const round = 500
	for seed := uint64(1); int(seed)*round <= *randomEvents; seed++ {
		w := newWorld(t, seed)
		for range round {
			w.one()
			w.check()
		}
		w.settle()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
