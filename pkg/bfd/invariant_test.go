package bfd

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
)

// Random histories of two nodes: whatever happens, what consumers are told
// agrees with the states, deadlines lie ahead, discriminators are in order,
// and once the link is whole again both sides come up.
func TestInvariants(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			s := newScenario()
			do := func(words ...string) { s.command(t, nil, words) }
			settings := [][]string{{}, {"passive"}, {"tx=20ms", "rx=20ms", "mult=3"}, {"tx=200ms", "rx=300ms", "mult=2"}, {"tx=2s", "mult=2"}}
			configure := func(name string, passive bool) {
				do("clear", name)
				choice := settings[r.IntN(len(settings))]
				if len(choice) == 1 && choice[0] == "passive" && !passive {
					choice = nil
				}
				do(append([]string{"session", name}, choice...)...)
			}
			// Two passive ends never meet.
			for _, name := range []string{"a", "b"} {
				configure(name, name == "a")
				do("start", name)
			}
			for range 60 {
				name := []string{"a", "b"}[r.IntN(2)]
				switch r.IntN(8) {
				case 0:
					do("link", name, []string{"up", "down"}[r.IntN(2)])
				case 1:
					do("lose", name, fmt.Sprint(r.IntN(8)))
				case 2:
					configure(name, name == "a")
					if s.nodes[name].engine != nil {
						do("reload", name)
					}
				case 3:
					do("crash", name)
				case 4:
					do("start", name)
				case 5:
					if s.nodes[name].engine != nil && !s.nodes[name].engine.stopped {
						do("stop", name)
					}
				}
				s.advance(time.Duration(r.Int64N(int64(3 * time.Second))))
				s.check(t)
			}
			for _, name := range []string{"a", "b"} {
				do("link", name, "up")
				do("lose", name, "0")
				if e := s.nodes[name].engine; e == nil || e.stopped {
					do("start", name)
				}
			}
			// The longest detection time, and the slow timers.
			s.advance(40 * time.Second)
			s.check(t)
			for _, n := range s.nodes {
				if got := n.engine.sessions[0].state; got != wire.Up {
					t.Errorf("%s: %v although all is well", n.name, got)
				}
			}
		})
	}
}

func (s *scenario) check(t *testing.T) {
	t.Helper()
	for _, n := range s.nodes {
		if n.engine == nil || n.engine.stopped {
			continue
		}
		if at, ok := n.engine.Deadline(); ok && at.Before(s.now) {
			t.Errorf("%s: deadline %v ago", n.name, s.now.Sub(at))
		}
		known := 0
		for _, x := range n.engine.sessions {
			if x.state == wire.Up && !x.told {
				t.Errorf("%s is Up and consumers do not know", n.name)
			}
			if x.state == wire.Up && x.expireAt.IsZero() {
				t.Errorf("%s is Up and nothing ends it", n.name)
			}
			if x.polling && x.state != wire.Up {
				t.Errorf("%s polls in %v", n.name, x.state)
			}
			if !x.polling && (x.usedTx != x.desiredTx || x.usedRx != x.requiredRx) {
				t.Errorf("%s uses other timers than it says", n.name)
			}
			if n.engine.byDiscr[x.discr] != x {
				t.Errorf("%s: discriminator is lost", n.name)
			}
			known++
			if x.oldDiscr != 0 {
				known++
			}
		}
		if len(n.engine.byDiscr) != known || len(n.engine.byAddress) != len(n.engine.sessions) {
			t.Errorf("%s: %d discriminators, %d addresses for %d sessions", n.name, len(n.engine.byDiscr), len(n.engine.byAddress), len(n.engine.sessions))
		}
	}
}
