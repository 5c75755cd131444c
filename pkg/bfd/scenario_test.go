package bfd

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Scenarios are two engines, a at 10.0.0.1 and b at 10.0.0.2, on a simulated
// link with a delay of 1 ms:
//
//	session a|b [name=S] [tx=60ms] [rx=50ms] [idle=1s] [mult=4] [passive] [ttl=255] [hops=0]
//	          [multihop] [source=IP] [vrrp] [checker]     adds to the configuration
//	start a|b [detail]     with debug lines
//	crash a|b, stop a|b, reload a|b, repeat a|b
//	link a|b up|down       what that side sends arrives or is lost
//	lose a|b N             the next N packets of that side are lost
//	ttl N                  what packets arrive with
//	nosocket a|b yes|no    sockets cannot be opened
//	clear a|b              forgets the configuration written so far
//	advance D              lets time pass
//	show a|b, count a|b    state; packets sent since the last count
//
// The answer is what happened: log lines, announcements, and packets that
// differ from the last one of the same side.
type scenario struct {
	now   time.Time
	begin time.Time
	nodes map[string]*node
	ttl   int
	wire  []flight
	out   strings.Builder
}

type node struct {
	s        *scenario
	name     string
	addr     netip.Addr
	peer     string
	cfg      *config.Config
	engine   *Engine
	sockets  map[SocketID]OpenSocket
	noSocket bool
	cut      bool
	lose     int
	last     string
	sent     int
}

type flight struct {
	at   time.Time
	to   *node
	data []byte
	port uint16
}

const flightTime = time.Millisecond

func newScenario() *scenario {
	s := &scenario{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ttl: 255, nodes: map[string]*node{}}
	s.begin = s.now
	for i, name := range []string{"a", "b"} {
		s.nodes[name] = &node{
			s: s, name: name, addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), peer: string("ba"[i]),
			cfg: &config.Config{}, sockets: map[SocketID]OpenSocket{},
		}
	}
	return s
}

func (s *scenario) say(n *node, format string, args ...any) {
	fmt.Fprintf(&s.out, "%7.3f %s: %s\n", s.now.Sub(s.begin).Seconds(), n.name, fmt.Sprintf(format, args...))
}

// step feeds an event and what follows from it.
func (n *node) step(ev Event) {
	var answers []Event
	for _, a := range n.engine.Step(n.s.now, ev) {
		switch a := a.(type) {
		case OpenSocket:
			if n.noSocket {
				answers = append(answers, ActionFailed{Action: a, Text: "cannot assign requested address"})
			} else {
				n.sockets[a.ID] = a
				answers = append(answers, SocketOpened{a.ID})
			}
		case CloseSocket:
			delete(n.sockets, a.ID)
		case *SendControl:
			n.send(a)
		case Log:
			level := ""
			if a.Level < 0 {
				level = "debug "
			}
			n.s.say(n, "%slog %s", level, a.Text)
		case Announce:
			n.s.say(n, "announce %s %s to %s", a.Session, map[bool]string{true: "Up", false: "Down"}[a.Up],
				[]string{"", "vrrp", "checker", "both"}[a.To])
		case Listen:
			n.s.say(n, "listen %s %d %v", a.Listener.Family, a.Listener.Port(), a.On)
		case Finished:
			n.s.say(n, "finished")
		}
	}
	for _, ev := range answers {
		n.step(ev)
	}
}

func (n *node) send(a *SendControl) {
	socket, ok := n.sockets[a.Socket]
	if !ok {
		panic("packet on a closed socket")
	}
	n.sent++
	var c wire.Control
	if d := c.Decode(a.Data); d != wire.Accepted {
		panic(fmt.Sprintf("sent a packet that is %v", d))
	}
	flags := ""
	for _, f := range []struct {
		on   bool
		text string
	}{{c.Poll, " poll"}, {c.Final, " final"}, {c.YourDiscr == 0, " your=0"}, {c.Diag != 0, " diag=" + c.Diag.String()}} {
		if f.on {
			flags += f.text
		}
	}
	text := fmt.Sprintf("sends %s tx=%d rx=%d mult=%d%s", c.State, c.DesiredMinTx, c.RequiredMinRx, c.DetectMult, flags)
	if text != n.last {
		n.s.say(n, "%s", text)
		n.last = text
	}
	if n.cut {
		return
	}
	if n.lose > 0 {
		n.lose--
		return
	}
	to := n.s.nodes[n.peer]
	if to.engine != nil && socket.Remote.Addr() == to.addr {
		n.s.wire = append(n.s.wire, flight{n.s.now.Add(flightTime), to, append([]byte(nil), a.Data...), socket.Remote.Port()})
	}
}

// advance moves time from one event to the next.
func (s *scenario) advance(d time.Duration) {
	end := s.now.Add(d)
	for {
		next, timer := end, (*node)(nil)
		for _, name := range []string{"a", "b"} {
			if n := s.nodes[name]; n.engine != nil {
				if at, ok := n.engine.Deadline(); ok && !at.After(next) && (timer == nil || at.Before(next)) {
					next, timer = at, n
				}
			}
		}
		// Packets first: see Timer.
		if len(s.wire) > 0 && !s.wire[0].at.After(next) {
			f := s.wire[0]
			s.wire = s.wire[1:]
			if f.at.After(s.now) {
				s.now = f.at
			}
			if f.to.engine != nil {
				f.to.step(&Packet{Data: f.data, Source: s.nodes[f.to.peer].addr, Destination: f.to.addr, TTL: s.ttl, MultiHop: f.port == PortMultiHop})
			}
			continue
		}
		if timer == nil {
			s.now = end
			return
		}
		if next.After(s.now) {
			s.now = next
		}
		timer.step(Timer{})
	}
}

func (s *scenario) run(t *testing.T, d *datadriven.TestData) string {
	s.out.Reset()
	for _, line := range strings.Split(d.Input, "\n") {
		if w := strings.Fields(line); len(w) > 0 {
			s.command(t, d, w)
		}
	}
	if s.out.Len() == 0 {
		return "nothing\n"
	}
	return s.out.String()
}

func (s *scenario) command(t *testing.T, d *datadriven.TestData, w []string) {
	var n *node
	if len(w) > 1 {
		n = s.nodes[w[1]]
	}
	switch w[0] {
	case "session":
		c, err := parseSession(n, w[2:])
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		n.cfg.BFD = append(n.cfg.BFD, c)
	case "clear":
		n.cfg = &config.Config{}
	case "start":
		seed := uint64(n.name[0])
		n.engine = New(n.cfg, Options{Detail: len(w) > 2, Random: rand.New(rand.NewPCG(seed, seed))})
		n.sockets, n.last = map[SocketID]OpenSocket{}, ""
		n.step(Start{})
	case "crash":
		n.engine = nil
	case "stop":
		n.step(Stop{})
	case "reload":
		n.step(Reload{n.cfg})
	case "repeat":
		n.step(Repeat{VRRP | Checker})
	case "link":
		n.cut = w[2] == "down"
	case "lose":
		n.lose, _ = strconv.Atoi(w[2])
	case "ttl":
		s.ttl, _ = strconv.Atoi(w[1])
	case "nosocket":
		n.noSocket = w[2] == "yes"
	case "advance":
		by, err := time.ParseDuration(w[1])
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		s.advance(by)
	case "count":
		fmt.Fprintf(&s.out, "%s has sent %d packets\n", n.name, n.sent)
		n.sent = 0
	case "show":
		snap := n.engine.Snapshot()
		for _, x := range snap.Sessions {
			fmt.Fprintf(&s.out, "%s %s: %s, remote %s, tx %v, detection %v, polling %v, refused %v\n",
				n.name, x.Config.Name, x.State, x.RemoteState, x.TxInterval, x.DetectionTime, x.Polling, x.Drops)
		}
		if len(snap.Drops) > 0 {
			fmt.Fprintf(&s.out, "%s refused %v\n", n.name, snap.Drops)
		}
	default:
		d.Fatalf(t, "unknown command %s", w[0])
	}
}

func parseSession(n *node, words []string) (*config.BFDInstance, error) {
	c := config.NewBFDInstance()
	c.Name, c.Neighbor, c.TTL = "S", n.s.nodes[n.peer].addr, 255
	c.MinTx, c.MinRx, c.Multiplier = 60*time.Millisecond, 50*time.Millisecond, 4
	var err error
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		number, _ := strconv.Atoi(value)
		switch key {
		case "name":
			c.Name = value
		case "tx":
			c.MinTx, err = time.ParseDuration(value)
		case "rx":
			c.MinRx, err = time.ParseDuration(value)
		case "idle":
			c.IdleTx, err = time.ParseDuration(value)
		case "mult":
			c.Multiplier = uint8(number)
		case "passive":
			c.Passive = true
		case "ttl":
			c.TTL = uint8(number)
		case "hops":
			c.MaxHops = number
		case "multihop":
			c.MultiHop = true
		case "source":
			c.Source, err = netip.ParseAddr(value)
		case "neighbor":
			c.Neighbor, err = netip.ParseAddr(value)
		case "vrrp":
			c.VRRP = true
		case "checker":
			c.Checker = true
		default:
			err = fmt.Errorf("unknown setting %s", w)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := newScenario()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return s.run(t, d) })
	})
}
