package health

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// recorded is a folder of configurations with the tables and log lines that
// keepalived 2.4.3 made of them, found beside the repository.
func recorded(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir + "/go.mod"); err == nil {
			break
		}
	}
	cases := filepath.Join(filepath.Dir(dir), "shared/spec/ipvs-cases")
	if _, err := os.Stat(cases); err != nil {
		t.Skip("the recorded cases (../shared/spec/ipvs-cases) are not here")
	}
	return cases
}

// TestRecordedCases plays each recorded case: all servers up, the first down,
// all down, all up again, stop. Tables and log lines must be keepalived's.
func TestRecordedCases(t *testing.T) {
	cases, err := filepath.Glob(recorded(t) + "/*/keepalived.conf")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			g := startGolden(t, dir)
			g.compare("start.txt")
			g.settle()
			g.compare("up.txt")
			for _, step := range []struct {
				file string
				down []string
			}{
				{"one-down.txt", []string{"11"}},
				{"two-down.txt", []string{"11", "12"}},
				{"three-down.txt", []string{"11", "12", "13"}},
				{"all-down.txt", []string{"11", "12", "13", "14"}},
				{"up.txt", nil},
			} {
				if !g.has(step.file) {
					continue
				}
				g.down = step.down
				g.settle()
				g.compare(step.file)
			}
			g.step(Stop{})
			if s := g.kernel.Table().String(); s != "" {
				t.Errorf("after stop:\n%s", s)
			}
			g.compareLog()
		})
	}
}

type golden struct {
	*scenario
	t    *testing.T
	dir  string
	down []string // last parts of the addresses that do not answer
	log  []string
}

func startGolden(t *testing.T, dir string) *golden {
	g := &golden{scenario: newScenario(), t: t, dir: dir}
	env := confparse.Env{HostName: "lb", WorkDir: dir, Now: time.Unix(0, 0), Getenv: func(string) (string, bool) { return "", false }}
	cfg, _, _ := confparse.Load(confparse.OSFiles(), filepath.Join(dir, "keepalived.conf"), env)
	g.cfg = cfg
	g.e = New(cfg, rand.New(rand.NewPCG(1, 1)))
	g.step(Start{})
	g.collect()
	return g
}

// settle lets 12 seconds pass, in which every probe is answered at once.
func (g *golden) settle() {
	end := g.now.Add(12 * time.Second)
	for {
		for _, id := range slices.Sorted(maps.Keys(g.running)) {
			p := g.running[id]
			delete(g.running, id)
			o := Outcome{Text: "failed"}
			if g.isDown(p.Checker) {
				o.Verdict = Bad
			}
			g.step(Result{ID: id, Run: p.Run, Outcome: o})
		}
		at, ok := g.e.Deadline()
		if !ok || at.After(end) {
			break
		}
		g.now = at
		g.step(Timer{})
	}
	g.now = end
	g.collect()
}

func (g *golden) isDown(c *config.Checker) bool {
	a := c.Destination.Addr().String()
	return slices.ContainsFunc(g.down, func(n string) bool {
		return strings.HasSuffix(a, "."+n) || strings.HasSuffix(a, ":"+n)
	})
}

// collect moves log lines from the scenario's output to the log.
func (g *golden) collect() {
	for line := range strings.Lines(g.out.String()) {
		if text, ok := strings.CutPrefix(line, "| "); ok {
			g.log = append(g.log, strings.TrimSpace(text))
		}
	}
	g.out.Reset()
}

func (g *golden) has(name string) bool {
	_, err := os.Stat(filepath.Join(g.dir, name))
	return err == nil
}

// compare compares the table with a recorded one; ipvsadm sorts it.
func (g *golden) compare(name string) {
	g.t.Helper()
	if !g.has(name) {
		return
	}
	text, err := os.ReadFile(filepath.Join(g.dir, name))
	if err != nil {
		g.t.Fatal(err)
	}
	want, got := sortedLines(string(text)), sortedLines(g.kernel.Table().String())
	if want != got {
		g.t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

func sortedLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// compareLog compares the log lines of the whole run. Their order depends on
// timers; the lines themselves do not.
func (g *golden) compareLog() {
	g.collect()
	text, err := os.ReadFile(filepath.Join(g.dir, "log.txt"))
	if err != nil {
		g.t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "Initializing ipvs\n")
	if !found {
		g.t.Fatal("log.txt does not start as expected")
	}
	var want []string
	for line := range strings.Lines(after) {
		line = strings.TrimSpace(line)
		if line != "Startup complete" && line != "Stopping" && line != "" {
			want = append(want, line)
		}
	}
	g.t.Helper()
	if w, got := sortedLines(strings.Join(want, "\n")), sortedLines(strings.Join(g.log, "\n")); w != got {
		g.t.Errorf("log:\n%s\nwant:\n%s", got, w)
	}
}
