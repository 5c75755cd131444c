package lvs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// randomVariable is the number of the first story of TestRandomLives, and how
// many there are: "100+20".
const randomVariable = "GKUML_RANDOM"

// TestRandomLives gives random configurations to both daemons, lets servers die
// and come back and reloads other random configurations, all at random, and
// compares the tables after each step.
//
// Reloads find all servers up, and thresholds, entries of groups, methods,
// inhibit_on_failure and sorry servers stay: what else a reload changes 2.2.7
// forgets to send, and a server that is down or that comes while the sorry
// server is in use it leaves in the table with a weight (docs/compatibility.md).
func TestRandomLives(t *testing.T) {
	nstest.Require(t, "netns", "ipvs", "keepalived")
	ours := builtBinary(t)
	first, count := uint64(1), 12
	switch text := os.Getenv(randomVariable); {
	case text != "":
		if _, err := fmt.Sscanf(text, "%d+%d", &first, &count); err != nil {
			t.Fatal(err)
		}
	default:
		t.Skipf("for exploring: %s=1+12 plays the first twelve", randomVariable)
	}
	for i := range count {
		seed := first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			randomLife(t, seed, ours)
		})
	}
}

// randomGroup is the group of every random configuration.
var randomGroup = group("10.9.1.5 80\n10.9.1.7-9 81\nfd00:8::7 80")

// randomServices makes virtual servers that have much in common with those of
// another call, so that reloads find things to keep. What must not change comes
// from fixed.
func randomServices(r *rand.Rand, fixed uint64) []service {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	constant := rand.New(rand.NewPCG(fixed, 6))
	always := func(words ...string) string { return words[constant.IntN(len(words))] }
	var services []service
	for _, head := range []string{"10.9.1.1 80", "10.9.1.2 80", "fwmark 7", "group G", "fd00:8::1 80"} {
		method := always("NAT", "DR", "TUN")
		sorry, inhibit := always("", "", "8", "9"), always("", "inhibit_on_failure", "sorry_server_inhibit")
		inhibits := [5]string{1: always("", "; inhibit_on_failure"), 4: always("", "; inhibit_on_failure")}
		if r.IntN(3) == 0 && len(services) > 0 {
			continue
		}
		six := map[bool]string{true: "/6"}[strings.HasPrefix(head, "fd00")]
		// Of both families at once only tunnels can be.
		if head == "group G" {
			method = "TUN"
		}
		lines := []string{"lvs_sched " + pick("rr", "wrr", "wlc", "sed"), "lvs_method " + method}
		if head != "fwmark 7" {
			lines = append(lines, "protocol TCP")
		}
		if sorry != "" {
			address := "10.9.0.9" + sorry
			if six != "" {
				address = "fd00:9::9" + sorry
			}
			lines = append(lines, "sorry_server "+address+" 80")
		}
		if sorry != "" || inhibit != "sorry_server_inhibit" {
			lines = append(lines, inhibit)
		}
		// With all servers up there is always a quorum.
		quorum, hysteresis := 1+r.IntN(6), 0
		if quorum == 2 {
			hysteresis = r.IntN(2)
		}
		lines = append(lines, fmt.Sprintf("quorum %d", quorum), fmt.Sprintf("hysteresis %d", hysteresis),
			pick("", "", "persistence_timeout 60", "persistence_timeout 120"))
		var servers []server
		for n := 1; n <= 4; n++ {
			if r.IntN(4) == 0 && (n < 4 || len(servers) > 0) {
				continue
			}
			s := fmt.Sprintf("%d%s 80; weight %d", n, six, 3+r.IntN(5))
			servers = append(servers, server(s+inhibits[n]))
		}
		services = append(services, service{head, strings.Join(lines, "; "), servers})
	}
	r.Shuffle(len(services), func(i, j int) { services[i], services[j] = services[j], services[i] })
	return services
}

func randomLife(t *testing.T, seed uint64, ours string) {
	r := rand.New(rand.NewPCG(seed, 5))
	id := strconv.FormatUint(seed, 10)
	theirs, our := newSide(t, "r"+id+"k"), newSide(t, "r"+id+"o")
	sides := []*side{theirs, our}
	services := randomServices(r, seed)
	down := map[int]bool{}
	var story []string
	step := func(name string, lines int, word string, do func(*side)) {
		t.Helper()
		story = append(story, name)
		for _, s := range sides {
			s.seen = 0
			if s.Process != nil {
				s.seen = len(s.Output())
			}
			do(s)
		}
		for _, s := range sides {
			nstest.Eventually(t, patience, fmt.Sprintf("%s: %d lines with %q", name, lines, word), func() (bool, string) {
				return s.lines(word) >= lines, s.Output()
			})
		}
		if want, got := settleFor(sides, 6); want != got {
			t.Fatalf("seed %d, %s: table:\n%s\nkeepalived's:\n%s\nconfiguration:\n%s\nkeepalived said:\n%s\nwe said:\n%s",
				seed, strings.Join(story, ", "), got, want, text(randomGroup, services), theirs.Output(), our.Output())
		}
	}
	conf := text(randomGroup, services)
	step("start", 1, "Activating BFD healthchecker", func(s *side) {
		s.write(conf)
		s.start(map[*side]string{theirs: "keepalived", our: ours}[s])
	})
	up := func(n int) {
		delete(down, n)
		step(fmt.Sprintf("%d up", n), transitions(services, n), " success.", func(s *side) { s.up(n) })
	}
	for range 12 {
		n := 1 + r.IntN(4)
		switch {
		case r.IntN(4) == 0:
			for n := 1; n <= 4; n++ {
				if down[n] {
					up(n)
				}
			}
			services = randomServices(r, seed)
			conf := text(randomGroup, services)
			step("reload", 1, "Reload complete", func(s *side) {
				s.write(conf)
				s.Signal(syscall.SIGHUP)
			})
		case down[n]:
			up(n)
		default:
			down[n] = true
			step(fmt.Sprintf("%d down", n), transitions(services, n), " failed.", func(s *side) { s.down(n) })
		}
	}
	for _, s := range sides {
		s.Signal(syscall.SIGTERM)
		if err := s.Wait(patience); err != nil {
			t.Errorf("%s: %v", s.ns.Name, err)
		}
	}
	if left := our.table(); left != "" {
		t.Errorf("seed %d: we left:\n%s", seed, left)
	}
}
