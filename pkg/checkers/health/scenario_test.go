package health

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// TestScenarios plays the scripts of testdata/scenarios. Their commands:
//
//	config            the input is a configuration, see parseConfig
//	start [addr=(A,..)] [FILE=VALUE..]  on an empty kernel
//	advance D         let D pass; checks that become due are started
//	good|bad N [...]  end the probe of checker N (text= exit= signal= timeout,
//	                  passed=digest|regex length=A/B), or bad local
//	addr +A|-A, file NAME VALUE, bfd NAME up|down
//	weight ADDR:PORT N  an operator sets the weight of a server
//	refuse            the kernel refuses the next Program that must succeed
//	reload [FILE=VALUE..], stop [keep]
//	table             what the kernel would hold
//	state             servers and checkers
//	at                the next deadline
//
// Every command prints the actions it caused.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := newScenario()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return s.run(t, d)
		})
	})
}

type scenario struct {
	now     time.Time
	begin   time.Time
	e       *Engine
	cfg     *config.Config
	kernel  ipvs.Mirror
	running map[CheckerID]StartProbe
	refuse  bool
	out     strings.Builder
}

func newScenario() *scenario {
	begin := time.Unix(1_000_000, 0)
	return &scenario{now: begin, begin: begin, running: map[CheckerID]StartProbe{}}
}

func (s *scenario) run(t *testing.T, d *datadriven.TestData) string {
	s.out.Reset()
	arg := func(i int) string {
		if i < len(d.CmdArgs) {
			return d.CmdArgs[i].Key
		}
		return ""
	}
	switch d.Cmd {
	case "config":
		s.cfg = parseConfig(t, d.Input)
	case "start":
		s.kernel = ipvs.Mirror{}
		clear(s.running)
		s.begin = s.now
		s.e = New(s.cfg, rand.New(rand.NewPCG(1, 1)))
		ev := Start{Files: map[string]int64{}}
		for _, a := range d.CmdArgs {
			if a.Key == "addr" {
				for _, v := range a.Vals {
					ev.Addresses = append(ev.Addresses, netip.MustParseAddr(v))
				}
				continue
			}
			n, err := strconv.ParseInt(a.Vals[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			ev.Files[a.Key] = n
		}
		s.step(ev)
	case "advance":
		d, err := time.ParseDuration(arg(0))
		if err != nil {
			t.Fatal(err)
		}
		s.advance(d)
	case "good", "bad":
		s.result(t, d)
	case "addr":
		a := netip.MustParseAddr(arg(0)[1:])
		if arg(0)[0] == '+' {
			s.step(AddressAdded{a})
		} else {
			s.step(AddressRemoved{a})
		}
	case "file":
		n, err := strconv.ParseInt(arg(1), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s.step(FileValue{arg(0), n})
	case "bfd":
		s.step(BFDState{arg(0), arg(1) == "up"})
	case "weight":
		n, err := strconv.Atoi(arg(1))
		if err != nil {
			t.Fatal(err)
		}
		s.step(SetWeight{s.server(arg(0)), n})
	case "refuse":
		s.refuse = true
	case "reload":
		ev := Reload{Config: s.cfg, Files: map[string]int64{}}
		for _, a := range d.CmdArgs {
			n, err := strconv.ParseInt(a.Vals[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			ev.Files[a.Key] = n
		}
		s.step(ev)
	case "stop":
		s.step(Stop{DontRelease: arg(0) == "keep"})
	case "table":
		s.out.WriteString(s.kernel.Table().String())
	case "state":
		s.state()
	case "at":
		at, ok := s.e.Deadline()
		if !ok {
			return "none\n"
		}
		fmt.Fprintf(&s.out, "%v\n", at.Sub(s.begin))
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	if s.out.Len() == 0 {
		return "ok\n"
	}
	return s.out.String()
}

// server finds the first real server with this address, nil if there is none.
func (s *scenario) server(address string) *config.RealServer {
	for _, vs := range s.cfg.VirtualServers {
		for _, rs := range vs.RealServers {
			if netip.AddrPortFrom(rs.Address, rs.Port).String() == address {
				return rs
			}
		}
	}
	return nil
}

func (s *scenario) advance(d time.Duration) {
	end := s.now.Add(d)
	for {
		at, ok := s.e.Deadline()
		if !ok || at.After(end) {
			break
		}
		s.now = at
		s.step(Timer{})
	}
	s.now = end
}

func (s *scenario) result(t *testing.T, d *datadriven.TestData) {
	n, err := strconv.Atoi(d.CmdArgs[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := s.running[CheckerID(n)]
	if !ok {
		t.Fatalf("%s: checker %d has no probe", d.Pos, n)
	}
	delete(s.running, p.ID)
	o := Outcome{Text: "failed"}
	if d.Cmd == "bad" {
		o.Verdict = Bad
	}
	for _, a := range d.CmdArgs[1:] {
		switch a.Key {
		case "local":
			o.Verdict = LocalTrouble
			o.Text = "socket bind failed."
		case "timeout":
			o.TimedOut, o.Text = true, "timeout"
		case "text":
			o.Text = strings.ReplaceAll(a.Vals[0], "_", " ")
		case "exit":
			o.Exit, _ = strconv.Atoi(a.Vals[0])
			o.Text = ""
		case "signal":
			o.Signal, _ = strconv.Atoi(a.Vals[0])
			o.Text = ""
		case "passed":
			o.Passed = map[string]Passed{"digest": PassedDigest, "regex": PassedRegex}[a.Vals[0]]
		case "length":
			o.HasLength = true
			if _, err := fmt.Sscanf(a.Vals[0], "%d/%d", &o.ContentLength, &o.Received); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("%s: unknown argument %q", d.Pos, a.Key)
		}
	}
	s.step(Result{ID: p.ID, Run: p.Run, Outcome: o})
}

func (s *scenario) step(ev Event) { s.perform(s.e.Step(s.now, ev)) }

func (s *scenario) perform(actions []Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case StartProbe:
			s.running[a.ID] = a
			rs := s.e.checkers[a.ID].rs
			fmt.Fprintf(&s.out, "%v probe %d %s %s", s.now.Sub(s.begin), a.ID, a.Checker.Kind, rs.cfg.Name)
			if a.Checker.HTTP != nil {
				fmt.Fprintf(&s.out, " url %d", a.URL)
			}
			s.out.WriteString("\n")
		case CancelProbe:
			delete(s.running, a.ID)
			fmt.Fprintf(&s.out, "cancel %d\n", a.ID)
		case CancelAll:
			clear(s.running)
			s.out.WriteString("cancel all\n")
		case Log:
			if a.Level == Detail {
				s.out.WriteString("-D ")
			}
			fmt.Fprintf(&s.out, "| %s\n", a.Text)
		case Emit:
			s.out.WriteString(eventLine(a.Event))
		case Flush:
			s.kernel.Apply(ipvs.Op{Kind: ipvs.Flush})
			s.out.WriteString("flush\n")
		case Finished:
			s.out.WriteString("finished\n")
		case *Program:
			s.program(a)
		}
	}
}

func (s *scenario) program(p *Program) {
	if s.refuse && p.MustSucceed {
		s.refuse = false
		s.out.WriteString("program refused\n")
		s.perform(s.e.Step(s.now, ProgramFailed{p}))
		return
	}
	for _, c := range p.Changes {
		for _, line := range applyChange(&s.kernel, c) {
			s.out.WriteString(line + "\n")
		}
	}
	s.perform(p.Then)
}

// applyChange makes m what c says and returns what that took.
func applyChange(m *ipvs.Mirror, c ipvs.Change) []string {
	var lines []string
	do := func(kind ipvs.OpKind, d ipvs.Destination) {
		op := ipvs.Op{Kind: kind, Key: c.Key, Settings: c.Settings, Dest: d}
		if errno := m.Apply(op); errno != 0 {
			lines = append(lines, fmt.Sprintf("%s: %v", op, errno))
			return
		}
		lines = append(lines, op.String())
	}
	old := m.Service(c.Key)
	switch {
	case c.Gone:
		do(ipvs.DelService, ipvs.Destination{})
		return lines
	case old == nil:
		do(ipvs.NewService, ipvs.Destination{})
	case old.ServiceSettings != c.Settings:
		do(ipvs.SetService, ipvs.Destination{})
	}
	for _, d := range c.Put {
		was := m.Service(c.Key).Destination(d.Key())
		switch {
		case was == nil:
			do(ipvs.NewDest, d)
		case *was != d:
			do(ipvs.SetDest, d)
		}
	}
	for _, key := range c.Drop {
		if was := m.Service(c.Key).Destination(key); was != nil {
			do(ipvs.DelDest, *was)
		}
	}
	return lines
}

func eventLine(ev event.Event) string {
	word := map[bool]string{true: "UP", false: "DOWN"}
	mail := func(s string) string {
		if s == "" {
			return ""
		}
		return " mail " + s
	}
	switch ev := ev.(type) {
	case event.RealServerState:
		return fmt.Sprintf("RS %s %s %s%s\n", ev.RealServer, ev.VirtualServer, word[ev.Up], mail(ev.Mail))
	case event.VirtualServerState:
		return fmt.Sprintf("VS %s %s%s\n", ev.VirtualServer, word[ev.Up], mail(ev.Mail))
	case event.CheckerState:
		return fmt.Sprintf("mail RS %s %s %s: %s\n", ev.RealServer, ev.VirtualServer, word[ev.Up], ev.Mail)
	}
	return fmt.Sprintf("%T\n", ev)
}

func (s *scenario) state() {
	for _, vs := range s.e.servers {
		fmt.Fprintf(&s.out, "%s quorum=%v weight=%d sorry=%v\n", vs.cfg.Name, vs.quorumUp, vs.liveWeight(), vs.sorryInUse())
		for _, rs := range vs.servers {
			fmt.Fprintf(&s.out, "  %s alive=%v weight=%d failed=%d\n", rs.cfg.Name, rs.alive, rs.weight(), rs.failed)
			for _, ck := range rs.checkers {
				fmt.Fprintf(&s.out, "    %d %s up=%v run=%v failures=%d\n", ck.id, ck.cfg.Kind, ck.up, ck.hasRun, ck.failures)
			}
		}
	}
}
