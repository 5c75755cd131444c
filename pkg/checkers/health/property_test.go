package health

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// TestRandomHistories plays random events and looks after each whether state,
// counters, announcements and the kernel's table still agree.
func TestRandomHistories(t *testing.T) {
	for seed := range uint64(25) {
		h := &history{
			scenario: newScenario(), t: t, rnd: rand.New(rand.NewPCG(seed, 7)),
			up: map[string]bool{}, seed: seed,
		}
		h.cfg = parseConfig(t, h.configText())
		h.e = New(h.cfg, h.rnd)
		h.play(Start{Files: h.files(), Addresses: []netip.Addr{netip.MustParseAddr("10.9.1.1")}})
		for range 400 {
			h.random()
			if t.Failed() {
				t.Fatalf("seed %d, last output:\n%s", seed, h.out.String())
			}
		}
		h.play(Stop{})
		if s := h.kernel.Table().String(); s != "" {
			t.Fatalf("seed %d: after stop:\n%s", seed, s)
		}
	}
}

type history struct {
	*scenario
	t    *testing.T
	rnd  *rand.Rand
	seed uint64
	// up is the last announced state of servers and virtual servers.
	up   map[string]bool
	last string
}

func (h *history) files() map[string]int64 {
	return map[string]int64{"a": int64(h.rnd.IntN(3) - 1), "b": int64(h.rnd.IntN(7) - 3)}
}

// configText makes a configuration; two of them have much in common, so that
// reloads find things to keep.
func (h *history) configText() string {
	var b strings.Builder
	r := h.rnd
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	b.WriteString("group G 10.9.1.5-10.9.1.6:80 " + pick("fwm:5", "10.9.1.8:80", "") + "\n")
	for _, vs := range []string{"10.9.1.1:80 ha_suspend", "10.9.1.2:80", "10.9.1.2:81 udp", "group:G", "group:G udp method=dr", "fwm:9"} {
		if r.IntN(5) == 0 {
			continue
		}
		fmt.Fprintf(&b, "vs %s sched=%s quorum=%d hysteresis=%d %s %s omega\n", vs, pick("rr", "wlc"), 1+r.IntN(4), r.IntN(2),
			pick("", "sorry=10.9.0.10:80", "sorry=10.9.0.12:80", "sorry=10.9.0.10:80 sorry_inhibit"), pick("", "alert"))
		for n := 11; n < 15; n++ {
			if r.IntN(4) == 0 {
				continue
			}
			fmt.Fprintf(&b, " rs 10.9.0.%d:80 weight=%d %s\n", n, r.IntN(4), pick("", "", "inhibit"))
			for range r.IntN(3) {
				fmt.Fprintf(&b, "  %s retry=%d every=%ds %s\n",
					pick("tcp", "http urls=2", "http fast", "smtp", "misc name=/s dynamic", "file name=a", "file name=b fileweight=2", "bfd name=s"),
					r.IntN(3), 1+r.IntN(5), pick("", "", "alpha"))
			}
		}
	}
	return b.String()
}

// random makes one thing happen.
func (h *history) random() {
	r := h.rnd
	switch n := r.IntN(100); {
	case n < 30:
		h.now = h.now.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
		h.play(Timer{})
	case n < 85:
		for id, p := range h.running { // any one
			delete(h.running, id)
			o := Outcome{Verdict: Verdict(r.IntN(20) / 9), Exit: r.IntN(6), Text: "failed"}
			if o.Verdict == Good {
				o.Exit = 0
			}
			h.play(Result{ID: id, Run: p.Run, Outcome: o})
			break
		}
	case n < 88:
		h.play(FileValue{"a", int64(r.IntN(2))})
	case n < 91:
		h.play(FileValue{"b", int64(r.IntN(9) - 4)})
	case n < 93:
		h.play(BFDState{"s", r.IntN(2) == 0})
	case n < 95:
		h.play(AddressRemoved{netip.MustParseAddr("10.9.1.1")})
	case n < 97:
		h.play(AddressAdded{netip.MustParseAddr("10.9.1.1")})
	case n < 98 && r.IntN(2) == 0:
		h.play(SetWeight{h.anyServer(), r.IntN(4)})
	case n < 98:
		h.play(Result{ID: CheckerID(r.IntN(40)), Run: uint64(r.IntN(1000))}) // of a probe long gone
	default:
		h.cfg = parseConfig(h.t, h.configText())
		h.play(Reload{Config: h.cfg, Files: h.files()})
	}
}

// anyServer is one of the configuration, or of none.
func (h *history) anyServer() *config.RealServer {
	if len(h.cfg.VirtualServers) == 0 || h.rnd.IntN(10) == 0 {
		return &config.RealServer{}
	}
	list := h.cfg.VirtualServers[h.rnd.IntN(len(h.cfg.VirtualServers))].RealServers
	if len(list) == 0 {
		return nil
	}
	return list[h.rnd.IntN(len(list))]
}

// play makes one step; now and then the kernel refuses.
func (h *history) play(ev Event) {
	h.out.Reset()
	h.refuse = h.rnd.IntN(15) == 0
	fmt.Fprintf(&h.out, "%T%+v\n", ev, ev)
	h.step(ev)
	h.announcements()
	h.check()
}

// announcements follows who was said to be up: nobody is twice in a row.
func (h *history) announcements() {
	for line := range strings.Lines(h.out.String()) {
		if strings.Contains(line, "file exists") || strings.Contains(line, "no such") {
			h.t.Errorf("kernel: %s", line)
		}
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "RS" && words[0] != "VS" {
			continue
		}
		name := words[1]
		state := words[2]
		if words[0] == "RS" {
			// A group's virtual server may change its protocol.
			name, state = strings.Replace(words[1], ":udp:", ":tcp:", 1)+words[2], words[3]
		}
		if before, known := h.up[name]; known && before == (state == "UP") && state == "UP" {
			h.t.Errorf("%s announced twice as %s", name, state)
		}
		h.up[name] = state == "UP"
	}
}

func (h *history) check() {
	if h.e.stopped {
		return
	}
	for _, vs := range h.e.servers {
		h.checkServer(vs)
	}
	// The table is what the state says, computed afresh, and the kernel has it.
	want := map[string]bool{}
	for _, c := range newTable().difference(build(newTable(), h.e.servers), nil, h.e.servers) {
		want[c.Key.String()] = true
		for _, d := range c.Put {
			want[fmt.Sprintf("%s %+v", c.Key, d)] = true
		}
	}
	got := map[string]bool{}
	for _, s := range h.kernel.Table() {
		got[s.Key.String()] = true
		for _, d := range s.Destinations {
			got[fmt.Sprintf("%s %+v", s.Key, d)] = true
		}
	}
	for k := range want {
		if !got[k] {
			h.t.Errorf("the kernel lacks %s", k)
		}
	}
	for k := range got {
		if !want[k] {
			h.t.Errorf("the kernel has %s", k)
		}
	}
}

func (h *history) checkServer(vs *virtualServer) {
	name := vs.cfg.Name
	w := vs.liveWeight()
	q, hy := int64(vs.cfg.Quorum), int64(vs.cfg.Hysteresis)
	if vs.quorumUp && (w == 0 || w < q-hy) || !vs.quorumUp && w >= q+hy {
		h.t.Errorf("%s: quorum %v with weight %d, quorum %d, hysteresis %d", name, vs.quorumUp, w, q, hy)
	}
	for _, rs := range vs.servers {
		failed := 0
		for _, ck := range rs.checkers {
			if !ck.up {
				failed++
			}
			if ck.kind.timed && (ck.place >= 0) == (ck.run != 0) {
				h.t.Errorf("%s %s checker %d: waiting %v, running %v", name, rs.cfg.Name, ck.id, ck.place >= 0, ck.run != 0)
			}
			if !ck.up && ck.contribution != 0 {
				h.t.Errorf("%s %s checker %d is failed and contributes %d", name, rs.cfg.Name, ck.id, ck.contribution)
			}
		}
		if failed != rs.failed || rs.alive != (failed == 0) {
			h.t.Errorf("%s %s: alive %v, counted %d failed, has %d", name, rs.cfg.Name, rs.alive, rs.failed, failed)
		}
	}
}
