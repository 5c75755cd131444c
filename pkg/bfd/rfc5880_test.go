package bfd

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// lab is one engine with one session, and a neighbor that is played by the
// test.
type lab struct {
	t    *testing.T
	e    *Engine
	now  time.Time
	peer wire.Control // what the neighbor sends next
	sent []wire.Control
}

var (
	labSelf = netip.MustParseAddr("10.0.0.1")
	labPeer = netip.MustParseAddr("10.0.0.2")
)

// labSession has a min_tx of 60 ms, a min_rx of 50 ms, an idle_tx of 1 s and a
// multiplier of 4.
func labSession() *config.BFDInstance {
	c := config.NewBFDInstance()
	c.Name, c.Neighbor, c.TTL, c.VRRP = "S", labPeer, 255, true
	c.MinTx, c.MinRx, c.Multiplier = 60*time.Millisecond, 50*time.Millisecond, 4
	return c
}

func newLab(t *testing.T, change func(*config.BFDInstance)) *lab {
	c := labSession()
	if change != nil {
		change(c)
	}
	l := &lab{t: t, now: time.Unix(1000, 0), e: New(&config.Config{BFD: []*config.BFDInstance{c}}, Options{Random: rand.New(rand.NewPCG(3, 4))})}
	// A neighbor with a min_tx of 40 ms, a min_rx of 80 ms and a multiplier
	// of 3.
	l.peer = wire.Control{Version: 1, State: wire.Down, DetectMult: 3, MyDiscr: 77, DesiredMinTx: 1000000, RequiredMinRx: 80000}
	l.step(Start{})
	l.settle()
	return l
}

func (l *lab) step(ev Event) {
	var answers []Event
	for _, a := range l.e.Step(l.now, ev) {
		switch a := a.(type) {
		case *SendControl:
			var c wire.Control
			if d := c.Decode(a.Data); d != wire.Accepted {
				l.t.Fatalf("sent %v", d)
			}
			// We take no echo packets (6.8.9) and use none of these bits.
			if c.RequiredMinEchoRx != 0 || c.Auth || c.Multipoint || c.Demand || c.ControlPlaneIndependent {
				l.t.Fatalf("sent %+v", c)
			}
			l.sent = append(l.sent, c)
		case OpenSocket:
			answers = append(answers, SocketOpened{a.ID})
		}
	}
	for _, ev := range answers {
		l.step(ev)
	}
}

// settle does what is due now.
func (l *lab) settle() { l.wait(0) }

// wait lets time pass.
func (l *lab) wait(d time.Duration) {
	end := l.now.Add(d)
	for {
		at, ok := l.e.Deadline()
		if !ok || at.After(end) {
			l.now = end
			return
		}
		if at.After(l.now) {
			l.now = at
		}
		l.step(Timer{})
	}
}

// hear passes a packet of the neighbor, with changes, and returns what it was
// answered at once.
func (l *lab) hear(change func(*wire.Control)) []wire.Control {
	l.sent = nil
	p := l.peer
	if change != nil {
		change(&p)
	}
	l.step(&Packet{Data: p.Append(nil), Source: labPeer, Destination: labSelf, TTL: 255})
	return l.sent
}

func (l *lab) s() *session { return l.e.sessions[0] }

// up brings the session up with both sides at their fast timers.
func (l *lab) up() {
	l.t.Helper()
	l.hear(nil)
	l.peer.YourDiscr, l.peer.State = l.s().discr, wire.Up
	l.peer.DesiredMinTx = 40000
	l.hear(func(c *wire.Control) { c.Final = true })
	l.hear(func(c *wire.Control) { c.Final = true })
	if l.s().state != wire.Up || l.s().polling {
		l.t.Fatalf("%v, polling %v", l.s().state, l.s().polling)
	}
}

// 6.2, 6.8.6: the state machine, every state and every received state.
func TestRFC5880_6_8_6_StateMachine(t *testing.T) {
	for _, tt := range []struct{ from, received, want wire.State }{
		{wire.Down, wire.AdminDown, wire.Down}, {wire.Down, wire.Down, wire.Init}, {wire.Down, wire.Init, wire.Up}, {wire.Down, wire.Up, wire.Down},
		{wire.Init, wire.AdminDown, wire.Down}, {wire.Init, wire.Down, wire.Init}, {wire.Init, wire.Init, wire.Up}, {wire.Init, wire.Up, wire.Up},
		{wire.Up, wire.AdminDown, wire.Down}, {wire.Up, wire.Down, wire.Down}, {wire.Up, wire.Init, wire.Up}, {wire.Up, wire.Up, wire.Up},
	} {
		t.Run(fmt.Sprintf("%v hears %v", tt.from, tt.received), func(t *testing.T) {
			l := newLab(t, nil)
			switch tt.from {
			case wire.Init:
				l.hear(nil)
			case wire.Up:
				l.up()
			case wire.Down, wire.AdminDown:
			}
			if l.s().state != tt.from {
				t.Fatalf("in %v", l.s().state)
			}
			l.hear(func(c *wire.Control) { c.State, c.YourDiscr = tt.received, l.s().discr })
			if got := l.s().state; got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
			if tt.from == wire.Up && tt.want == wire.Down && l.s().diag != wire.DiagNeighborDown {
				t.Errorf("diagnostic %v", l.s().diag)
			}
		})
	}
}

// 6.1: a passive system begins nothing.
func TestRFC5880_6_1_Passive(t *testing.T) {
	l := newLab(t, func(c *config.BFDInstance) { c.Passive = true })
	l.wait(time.Minute)
	if len(l.sent) != 0 {
		t.Errorf("sent %v", l.sent)
	}
	if got := l.hear(nil); len(got) != 1 || got[0].State != wire.Init || got[0].YourDiscr != 77 {
		t.Errorf("answered %v", got)
	}
	l.wait(5 * time.Second)
	l.sent = nil
	l.wait(time.Minute)
	if len(l.sent) != 0 {
		t.Errorf("goes on after the neighbor has gone: %d packets", len(l.sent))
	}
}

// 6.8.3: not Up, the interval is at least a second.
func TestRFC5880_6_8_3_SlowUntilUp(t *testing.T) {
	l := newLab(t, nil)
	l.wait(10 * time.Second)
	for _, c := range l.sent {
		if c.DesiredMinTx < 1000000 {
			t.Errorf("advertises %d us", c.DesiredMinTx)
		}
	}
	if n := len(l.sent); n < 10 || n > 15 {
		t.Errorf("%d packets in 10 s", n)
	}
}

// 6.5: a poll sequence goes on until Final comes, and never answers itself.
func TestRFC5880_6_5_Poll(t *testing.T) {
	l := newLab(t, nil)
	l.hear(nil)
	l.peer.YourDiscr, l.peer.State = l.s().discr, wire.Up
	l.hear(nil)
	l.sent = nil
	l.wait(200 * time.Millisecond)
	if len(l.sent) < 2 {
		t.Fatalf("%d packets", len(l.sent))
	}
	for _, c := range l.sent {
		if !c.Poll {
			t.Errorf("no poll in %+v", c)
		}
	}
	// Asked while asking: the answer has Final and not Poll.
	if got := l.hear(func(c *wire.Control) { c.Poll = true }); len(got) != 1 || !got[0].Final || got[0].Poll {
		t.Errorf("answered %+v", got)
	}
	l.hear(func(c *wire.Control) { c.Final = true })
	l.sent = nil
	l.wait(200 * time.Millisecond)
	for _, c := range l.sent {
		if c.Poll {
			t.Errorf("still polls after Final: %+v", c)
		}
	}
}

// 6.8.7: Final is sent at once, whatever the timers say, and once.
func TestRFC5880_6_8_7_FinalAtOnce(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	for range 5 {
		got := l.hear(func(c *wire.Control) { c.Poll = true })
		if len(got) != 1 || !got[0].Final {
			t.Errorf("answered %+v", got)
		}
	}
}

// 6.8.2, 6.8.7: the interval is the greater of ours and what the neighbor can
// take, with 10 to 25 percent off.
func TestRFC5880_6_8_7_Interval(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	var last time.Time
	seen := 0
	for range 2000 {
		before := l.s().sent
		at, _ := l.e.Deadline()
		l.now = at
		// Keep it alive.
		l.hear(nil)
		l.step(Timer{})
		if l.s().sent == before {
			continue
		}
		if !last.IsZero() {
			seen++
			if d := l.now.Sub(last); d < 60*time.Millisecond || d > 72*time.Millisecond+time.Microsecond {
				t.Fatalf("interval %v of 80 ms", d)
			}
		}
		last = l.now
	}
	if seen < 100 {
		t.Errorf("only %d intervals seen", seen)
	}
}

// 6.8.7: a neighbor that requires nothing gets nothing but answers.
func TestRFC5880_6_8_7_ZeroRequiredMinRx(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	l.hear(func(c *wire.Control) { c.RequiredMinRx = 0 })
	l.sent = nil
	l.wait(100 * time.Millisecond)
	if len(l.sent) != 0 {
		t.Errorf("sent %+v", l.sent)
	}
	if got := l.hear(func(c *wire.Control) { c.RequiredMinRx, c.Poll = 0, true }); len(got) != 1 {
		t.Errorf("a poll is answered with %+v", got)
	}
}

// 6.6, 6.8.7: a neighbor in demand mode gets nothing while both are Up.
func TestRFC5880_6_6_Demand(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	l.hear(func(c *wire.Control) { c.Demand = true })
	l.sent = nil
	l.wait(100 * time.Millisecond)
	if len(l.sent) != 0 {
		t.Errorf("sent %+v", l.sent)
	}
	l.hear(nil)
	l.wait(100 * time.Millisecond)
	if len(l.sent) == 0 {
		t.Error("nothing after the end of demand mode")
	}
}

// 6.8.4: the detection time is the neighbor's multiplier times the greater of
// what we require and what it wants.
func TestRFC5880_6_8_4_DetectionTime(t *testing.T) {
	for _, tt := range []struct {
		mult uint8
		tx   uint32
		want time.Duration
	}{{3, 40000, 150 * time.Millisecond}, {3, 70000, 210 * time.Millisecond}, {1, 70000, 70 * time.Millisecond}, {255, 4294967295, 255 * 4294967295 * time.Microsecond}} {
		l := newLab(t, nil)
		l.up()
		l.hear(func(c *wire.Control) { c.DetectMult, c.DesiredMinTx = tt.mult, tt.tx })
		if got := l.s().detectionTime(); got != tt.want {
			t.Errorf("%d x %d us: %v, want %v", tt.mult, tt.tx, got, tt.want)
		}
		if tt.want > time.Minute {
			continue
		}
		l.wait(tt.want - time.Microsecond)
		if l.s().state != wire.Up {
			t.Errorf("%v before the time", l.s().state)
		}
		l.wait(time.Microsecond)
		if s := l.s(); s.state != wire.Down || s.diag != wire.DiagExpired || s.remoteDiscr != 0 {
			t.Errorf("%v, %v, remote discriminator %d", s.state, s.diag, s.remoteDiscr)
		}
	}
}

// 6.8.3: a slower rate of ours, and a faster one that we can take, count only
// when the neighbor has agreed.
func TestRFC5880_6_8_3_ChangeNeedsPoll(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	c := labSession()
	c.MinTx, c.MinRx = 500*time.Millisecond, 10*time.Millisecond
	l.step(Reload{&config.Config{BFD: []*config.BFDInstance{c}}})
	s := l.s()
	if !s.polling || s.txInterval() != 80*time.Millisecond || s.remoteTxInterval() != 50*time.Millisecond {
		t.Errorf("polling %v, tx %v, remote tx %v", s.polling, s.txInterval(), s.remoteTxInterval())
	}
	l.hear(func(c *wire.Control) { c.Final = true })
	if s.polling || s.txInterval() != 500*time.Millisecond || s.remoteTxInterval() != 40*time.Millisecond {
		t.Errorf("after the poll: polling %v, tx %v, remote tx %v", s.polling, s.txInterval(), s.remoteTxInterval())
	}
	// The other way round it counts at once.
	l.step(Reload{&config.Config{BFD: []*config.BFDInstance{labSession()}}})
	if !s.polling || s.txInterval() != 80*time.Millisecond || s.remoteTxInterval() != 50*time.Millisecond {
		t.Errorf("polling %v, tx %v, remote tx %v", s.polling, s.txInterval(), s.remoteTxInterval())
	}
	// A change during the poll needs another one.
	l.step(Reload{&config.Config{BFD: []*config.BFDInstance{c}}})
	l.hear(func(c *wire.Control) { c.Final = true })
	if !s.polling {
		t.Error("the answer to the first question was taken for that to the second")
	}
	l.hear(func(c *wire.Control) { c.Final = true })
	if s.polling || s.txInterval() != 500*time.Millisecond {
		t.Errorf("polling %v, tx %v", s.polling, s.txInterval())
	}
}

// 6.8.1: discriminators are never 0 and never the same.
func TestRFC5880_6_8_1_Discriminators(t *testing.T) {
	var list []*config.BFDInstance
	for i := range 300 {
		c := labSession()
		c.Name, c.Neighbor = fmt.Sprint("S", i), netip.AddrFrom4([4]byte{10, 1, byte(i / 256), byte(i)})
		list = append(list, c)
	}
	e := New(&config.Config{BFD: list}, Options{})
	e.Step(time.Unix(1, 0), Start{})
	if len(e.byDiscr) != len(list) || e.byDiscr[0] != nil {
		t.Errorf("%d discriminators for %d sessions", len(e.byDiscr), len(list))
	}
}

// 6.8.16: an orderly end says AdminDown with its diagnostic.
func TestRFC5880_6_8_16_AdminDown(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	l.sent = nil
	l.step(Stop{})
	if len(l.sent) != 1 || l.sent[0].State != wire.AdminDown || l.sent[0].Diag != wire.DiagAdminDown || l.sent[0].YourDiscr != 77 {
		t.Errorf("sent %+v", l.sent)
	}
	if _, ok := l.e.Deadline(); ok {
		t.Error("still has a deadline")
	}
}

// RFC 5881 5, RFC 5082: a TTL below ours less max_hops is refused.
func TestRFC5881_5_TTL(t *testing.T) {
	for _, tt := range []struct {
		ttl     uint8
		hops    int
		arrives int
		want    bool
	}{
		{255, 0, 255, true}, {255, 0, 254, false}, {255, 2, 253, true}, {255, 2, 252, false},
		{64, 0, 64, true}, {64, 0, 255, true}, {64, 0, 63, false}, {255, 255, 1, true}, {255, -1, 1, true}, {255, 0, -1, true},
	} {
		l := newLab(t, func(c *config.BFDInstance) { c.TTL, c.MaxHops = tt.ttl, tt.hops })
		l.step(&Packet{Data: l.peer.Append(nil), Source: labPeer, Destination: labSelf, TTL: tt.arrives})
		if got := l.s().state == wire.Init; got != tt.want {
			t.Errorf("ttl %d max_hops %d: TTL %d accepted: %v", tt.ttl, tt.hops, tt.arrives, got)
		}
		if counted := l.s().drops[wire.DropTTL] == 1; counted == tt.want {
			t.Errorf("TTL %d counted: %v", tt.arrives, counted)
		}
	}
}

// RFC 5881 3: without our discriminator the addresses decide; the more precise
// session comes first.
func TestRFC5881_3_Demultiplexing(t *testing.T) {
	any, one := labSession(), labSession()
	one.Name, one.Source = "T", labSelf
	e := New(&config.Config{BFD: []*config.BFDInstance{any, one}}, Options{})
	now := time.Unix(1, 0)
	e.Step(now, Start{})
	p := wire.Control{Version: 1, State: wire.Down, DetectMult: 3, MyDiscr: 5, DesiredMinTx: 1000000, RequiredMinRx: 1}
	other := netip.MustParseAddr("10.0.0.9")
	for _, tt := range []struct {
		source, destination netip.Addr
		multi               bool
		want                *session
		drop                wire.Drop
	}{
		{labPeer, labSelf, false, e.sessions[1], wire.Accepted}, {labPeer, other, false, e.sessions[0], wire.Accepted},
		{other, labSelf, false, nil, wire.DropUnknownSession}, {labPeer, labSelf, true, nil, wire.DropUnknownSession},
	} {
		if s, drop := e.judge(&Packet{Data: p.Append(nil), Source: tt.source, Destination: tt.destination, TTL: 255, MultiHop: tt.multi}); s != tt.want || drop != tt.drop {
			t.Errorf("%v to %v: %v", tt.source, tt.destination, drop)
		}
	}
	p.YourDiscr = e.sessions[0].discr
	if s, drop := e.judge(&Packet{Data: p.Append(nil), Source: other, Destination: labSelf, TTL: 255}); drop != wire.Accepted || s != e.sessions[0] {
		t.Errorf("with our discriminator, from another source: %v", drop)
	}
}

// A session that leaves Up has a new discriminator, and understands the old
// one until the neighbor knows.
func TestNewDiscriminator(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	before := l.s().discr
	l.hear(func(c *wire.Control) { c.State = wire.Down })
	if l.s().discr == before || l.s().state != wire.Down {
		t.Fatalf("%v with discriminator %x", l.s().state, l.s().discr)
	}
	l.hear(func(c *wire.Control) { c.State = wire.Down })
	if l.s().state != wire.Init {
		t.Errorf("the old discriminator is not understood: %v", l.s().state)
	}
	l.hear(func(c *wire.Control) { c.State, c.YourDiscr = wire.Init, l.s().discr })
	if l.e.byDiscr[before] != nil || len(l.e.byDiscr) != 1 {
		t.Error("the old discriminator is kept for ever")
	}
}

// A process that was held up reads its sockets first: the neighbor is alive.
func TestHeldUp(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	l.now = l.now.Add(5 * time.Second)
	l.hear(nil)
	l.step(Timer{})
	if l.s().state != wire.Up {
		t.Errorf("%v", l.s().state)
	}
}

// The path of packets and timers allocates nothing.
func TestNoAllocation(t *testing.T) {
	l := newLab(t, nil)
	l.up()
	data := l.peer.Append(nil)
	packet := &Packet{Source: labPeer, Destination: labSelf, TTL: 255}
	poll := l.peer
	poll.Poll = true
	question := poll.Append(nil)
	sent := l.s().sent
	if n := testing.AllocsPerRun(200, func() {
		packet.Data = data
		l.e.Step(l.now, packet)
		packet.Data = question
		l.e.Step(l.now, packet)
		at, _ := l.e.Deadline()
		l.now = at
		l.e.Step(l.now, Timer{})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if l.s().state != wire.Up || l.s().sent < sent+400 {
		t.Errorf("%v, %d packets", l.s().state, l.s().sent-sent)
	}
}

// TestRetry: what cannot be opened is tried again after 1, 2, 4 ... 60 s.
func TestRetry(t *testing.T) {
	var r retry
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		if got := r.next(); got != want*time.Second {
			t.Errorf("wait %d is %v, want %v s", i+1, got, want)
		}
	}
}
