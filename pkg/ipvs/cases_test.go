package ipvs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

// cases lists the recorded configurations, each a folder with keepalived's
// tables; nil when they are not there.
func cases(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs("../../../shared/spec/ipvs-cases")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "*", "keepalived.conf"))
	if err != nil || len(dirs) == 0 {
		t.Skipf("recorded cases are not at %s", root)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

func load(t testing.TB, path string) *config.Config {
	t.Helper()
	cfg, _, diags := confparse.Load(confparse.OSFiles(), path, confparse.Env{Now: time.Now()})
	if len(cfg.VirtualServers) == 0 {
		t.Fatalf("%s: no virtual server: %v", path, diags)
	}
	return cfg
}

// model is which server belongs into the table when: a few lines of
// spec/ipvs.md, enough to judge the tables. The real thing is checkers/health.
type model struct {
	cfg    *config.Config
	quorum []bool
}

func newModel(cfg *config.Config) *model {
	return &model{cfg: cfg, quorum: make([]bool, len(cfg.VirtualServers))}
}

// table is what should be there while the servers that dead names are down.
func (m *model) table(dead func(*config.RealServer) bool) ipvs.Table {
	var out ipvs.Table
	for i, vs := range m.cfg.VirtualServers {
		live := 0
		for _, rs := range vs.RealServers {
			if !dead(rs) {
				live += rs.Weight
			}
		}
		switch {
		case live == 0 || live < int(vs.Quorum)-int(vs.Hysteresis):
			m.quorum[i] = false
		case live >= int(vs.Quorum)+int(vs.Hysteresis):
			m.quorum[i] = true
		}
		sorry := vs.SorryServer != nil && !m.quorum[i]
		for _, s := range ipvs.Services(vs, m.cfg.Group(vs.Group), nil) {
			for _, rs := range vs.RealServers {
				switch up := !dead(rs) && !sorry; {
				case up:
					s.Destinations = append(s.Destinations, ipvs.RealServer(s.Key, rs, int64(rs.Weight)))
				case rs.InhibitOnFailure:
					s.Destinations = append(s.Destinations, ipvs.RealServer(s.Key, rs, 0))
				}
			}
			switch ss := vs.SorryServer; {
			case sorry:
				s.Destinations = append(s.Destinations, ipvs.SorryServer(s.Key, ss, 1))
			case ss != nil && ss.Inhibit:
				s.Destinations = append(s.Destinations, ipvs.SorryServer(s.Key, ss, 0))
			}
			out = append(out, s)
		}
	}
	return out
}

// number is the last part of an address as it is written: the same for the
// IPv4 and the IPv6 address of a server.
func number(rs *config.RealServer) string {
	s := rs.Address.String()
	return s[strings.LastIndexAny(s, ".:")+1:]
}

func down(numbers ...string) func(*config.RealServer) bool {
	return func(rs *config.RealServer) bool { return slices.Contains(numbers, number(rs)) }
}

// alpha are the servers that wait for their first check.
func alpha(rs *config.RealServer) bool {
	return slices.ContainsFunc(rs.Checkers, func(c *config.Checker) bool { return c.Alpha })
}

// phases are the recorded moments in order.
var phases = []struct {
	file string
	dead func(*config.RealServer) bool
}{
	{"start.txt", alpha},
	{"up.txt", down()},
	{"one-down.txt", down("11")},
	{"two-down.txt", down("11", "12")},
	{"three-down.txt", down("11", "12", "13")},
	{"all-down.txt", down("11", "12", "13", "14")},
	{"up.txt", down()},
}

// changesTo says the way of p to a table in changes.
func changesTo(p *ipvs.Programmer, next ipvs.Table) []ipvs.Change {
	changes := ipvs.Changes(next)
	wanted := p.Wanted()
	for i := range changes {
		if s := wanted.Service(changes[i].Key); s != nil {
			for _, d := range s.Destinations {
				if next[i].Destination(d.Key()) == nil {
					changes[i].Drop = append(changes[i].Drop, d.Key())
				}
			}
		}
	}
	for i := range wanted {
		if next.Service(wanted[i].Key) == nil {
			changes = append(changes, ipvs.Change{Key: wanted[i].Key, Gone: true})
		}
	}
	return changes
}

// TestRecordedRequests compares the requests of a start with all servers up
// with those that keepalived made, as sets.
func TestRecordedRequests(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			cfg := load(t, filepath.Join(dir, "keepalived.conf"))
			if filepath.Base(dir) == "alpha-sorry" {
				t.Skip("has requests of two phases under one heading")
			}
			b, err := os.ReadFile(filepath.Join(dir, "ops.txt"))
			if err != nil {
				t.Fatal(err)
			}
			_, start, _ := strings.Cut(string(b), "\n")
			start, _, _ = strings.Cut(start, "# ")
			k := ipvstest.New()
			ipvs.NewProgrammer(k).Apply(ipvs.Changes(newModel(cfg).table(down())))
			if got, want := sortLines(k.TakeLog()+"\n"), sortLines(start); got != want {
				t.Errorf("requests:\n%s\nrecorded:\n%s", got, want)
			}
		})
	}
}

// TestRecordedTables takes a real kernel through the recorded phases of every
// case and compares its table with the recorded one.
func TestRecordedTables(t *testing.T) {
	nstest.Require(t, "netns", "ipvs")
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			ns, k := balancer(t, "gkipvs-case")
			m := newModel(load(t, filepath.Join(dir, "keepalived.conf")))
			p := ipvs.NewProgrammer(k)
			for _, phase := range phases {
				recorded, err := os.ReadFile(filepath.Join(dir, phase.file))
				if os.IsNotExist(err) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				r := p.Try(changesTo(p, m.table(phase.dead)))
				for _, err := range r.Refused {
					t.Errorf("%s: %v", phase.file, err)
				}
				if got, want := dump(ns), trimLines(string(recorded)); got != want {
					t.Errorf("%s:\n%s\nrecorded:\n%s", phase.file, got, want)
				}
				if phase.file == "up.txt" {
					compareThresholds(t, ns, dir)
				}
			}
			for _, err := range p.Apply(changesTo(p, nil)).Refused {
				t.Error(err)
			}
			if left := dump(ns); left != "" {
				t.Errorf("left over after the stop:\n%s", left)
			}
		})
	}
}

func compareThresholds(t *testing.T, ns *nstest.NS, dir string) {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join(dir, "up-thresholds.txt"))
	if err != nil {
		return // only one case has them
	}
	_, shown, _ := strings.Cut(ns.Run("ipvsadm", "-Ln", "--thresholds"), "\n")
	if got, want := trimLines(shown), trimLines(string(recorded)); got != want {
		t.Errorf("thresholds:\n%s\nrecorded:\n%s", got, want)
	}
}
