package lvs

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The cases mostly wait, whatever the number of processors.
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// fullVariable asks for all cases.
const fullVariable = "GKUML_FULL"

// TestLive is described in doc.go.
func TestLive(t *testing.T) {
	nstest.Require(t, "netns", "ipvs", "keepalived")
	ours := builtBinary(t)
	cases := liveCases()
	names := map[string]bool{}
	for _, c := range cases {
		if names[c.name] {
			t.Fatalf("%s twice", c.name)
		}
		names[c.name] = true
	}
	if full := os.Getenv(fullVariable) == "1"; full {
		t.Logf("full set: %d configurations", len(cases))
	} else {
		all := len(cases)
		cases = slices.DeleteFunc(cases, func(c live) bool { return !c.ci })
		t.Logf("default set: %d of %d configurations (%s=1 for all)", len(cases), all, fullVariable)
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			perform(t, c, fmt.Sprint(i), ours)
		})
	}
}

// builtBinary is what "make build" made.
func builtBinary(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../../../bin/gokeepalived")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return path
}

// side is one of the two daemons with its namespace.
type side struct {
	*nstest.Process
	t       testing.TB
	ns      *nstest.NS
	conf    string
	servers map[int][]net.Listener
	kernel  ipvs.Kernel
	seen    int // how much of the output belongs to earlier steps
}

// newSide makes the namespace with servers up to number 4, all up.
func newSide(t testing.TB, name string) *side {
	t.Helper()
	s := &side{t: t, ns: nstest.New(t, "gklvs"+name), servers: map[int][]net.Listener{}}
	s.conf = filepath.Join(t.TempDir(), "keepalived.conf")
	s.ns.Do(func() {
		var b strings.Builder
		b.WriteString("link add lb0 type dummy\naddr add 10.9.0.1/16 dev lb0\naddr add fd00:9::1/64 dev lb0 nodad\nlink set lb0 up\n")
		for n := 1; n <= 4; n++ {
			fmt.Fprintf(&b, "addr add 10.9.0.1%d/32 dev lb0\naddr add fd00:9::1%d/128 dev lb0 nodad\n", n, n)
		}
		cmd := exec.Command("ip", "-batch", "-")
		cmd.Stdin = strings.NewReader(b.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	})
	s.ns.Do(func() {
		var err error
		if s.kernel, err = ipvs.Open(""); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() { s.kernel.Close() })
	for n := 1; n <= 4; n++ {
		s.up(n)
	}
	return s
}

func (s *side) up(n int) {
	s.t.Helper()
	s.ns.Do(func() {
		for _, addr := range []string{fmt.Sprintf("10.9.0.1%d:%d", n, checkPort), fmt.Sprintf("[fd00:9::1%d]:%d", n, checkPort)} {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				s.t.Fatal(err)
			}
			s.t.Cleanup(func() { l.Close() })
			s.servers[n] = append(s.servers[n], l)
			go acceptAll(l)
		}
	})
}

func acceptAll(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Close()
	}
}

func (s *side) down(n int) {
	for _, l := range s.servers[n] {
		l.Close()
	}
	delete(s.servers, n)
}

func (s *side) write(conf string) {
	s.t.Helper()
	if err := os.WriteFile(s.conf, []byte(conf), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *side) start(binary string) {
	s.t.Helper()
	dir := filepath.Dir(s.conf)
	s.Process = s.ns.Start(binary, "-n", "-l", "-C", "-f", s.conf, "-p", filepath.Join(dir, "parent.pid"), "-c", filepath.Join(dir, "checkers.pid"))
}

// lines counts the lines since the last step that contain any of the words.
func (s *side) lines(words ...string) int {
	n := 0
	for line := range strings.Lines(s.Output()[s.seen:]) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) {
			n++
		}
	}
	return n
}

// table is what ipvsadm says, in an order of its own: that of the kernel
// depends on the namespace.
func (s *side) table() string {
	var lines []string
	s.ns.Do(func() {
		out, err := exec.Command("ipvsadm", "-Sn").Output()
		if err != nil {
			s.t.Fatalf("ipvsadm: %v", err)
		}
		for line := range strings.Lines(string(out)) {
			lines = append(lines, strings.TrimSpace(line))
		}
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// state is the table as our own code reads it, with thresholds, which ipvsadm
// does not save. It is much cheaper than a command.
func (s *side) state() string {
	table, err := s.kernel.Table()
	if err != nil {
		s.t.Fatalf("%s: %v", s.ns.Name, err)
	}
	var lines []string
	for _, v := range table {
		lines = append(lines, fmt.Sprintf("%v %+v", v.Key, v.ServiceSettings))
		for _, d := range v.Destinations {
			lines = append(lines, fmt.Sprintf("%v -> %+v", v.Key, d))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// patience is for a daemon to notice, with many beside it on one processor.
const patience = 60 * time.Second

// perform is the story of one configuration.
func perform(t *testing.T, c live, id, ours string) {
	theirs, our := newSide(t, id+"k"), newSide(t, id+"o")
	sides := []*side{theirs, our}
	then, thenTop := c.then, c.thenTop
	if then == nil {
		then = next(c.services)
	}
	alphas := 0
	for _, s := range c.services {
		if strings.Contains(s.lines, "alpha") {
			alphas += transitions([]service{s}, 1, 2, 3, 4)
		}
	}
	alive := "" // a step whose result must not be an empty table
	step := func(name string, waitFor int, words []string, do func(s *side)) {
		for _, s := range sides {
			s.seen = 0
			if s.Process != nil {
				s.seen = len(s.Output())
			}
			do(s)
		}
		if name == "stop" {
			for _, s := range sides {
				if err := s.Wait(patience); err != nil {
					t.Errorf("%s: %v", s.ns.Name, err)
				}
			}
		} else {
			for _, s := range sides {
				nstest.Eventually(t, patience, fmt.Sprintf("%s: %d lines with %q", name, waitFor, words), func() (bool, string) {
					return s.lines(words...) >= waitFor, s.Output()
				})
			}
		}
		if why := c.differs[name]; why != "" {
			t.Logf("%s not compared: %s", name, why)
			return
		}
		if name == "reload" && alphas > 0 {
			return // new servers wait for their check
		}
		want, got := settle(sides)
		if want != got {
			t.Fatalf("%s: table:\n%s\nkeepalived's:\n%s\nconfiguration:\n%s\nkeepalived said:\n%s\nwe said:\n%s",
				name, got, want, text(c.top, c.services), theirs.Output(), our.Output())
		}
		alive += got
	}
	conf := text(c.top, c.services)
	success, failed := []string{" success."}, []string{" failed."}
	step("start", 1, []string{"Activating BFD healthchecker"}, func(s *side) {
		s.write(conf)
		s.start(map[*side]string{theirs: "keepalived", our: ours}[s])
	})
	if alphas > 0 {
		step("first checks", 0, nil, func(s *side) {
			s.seen = 0
			nstest.Eventually(t, patience, "first checks", func() (bool, string) { return s.lines(success...) >= alphas, s.Output() })
		})
	}
	step("one down", transitions(c.services, 1), failed, func(s *side) { s.down(1) })
	step("all down", transitions(c.services, 2, 3), failed, func(s *side) { s.down(2); s.down(3) })
	step("up again", transitions(c.services, 1, 2, 3), success, func(s *side) { s.up(1); s.up(2); s.up(3) })
	step("reload", 1, []string{"Reload complete"}, func(s *side) {
		s.write(text(thenTop, then))
		s.Signal(syscall.SIGHUP)
	})
	if alphas > 0 {
		step("new servers", 0, nil, func(s *side) {
			nstest.Eventually(t, patience, "new servers", func() (bool, string) {
				return strings.Contains(s.Output(), "Reload complete") && strings.Contains(s.Output(), "[10.9.0.14]:tcp:80 success."), s.Output()
			})
		})
	}
	step("one down after reload", transitions(then, 2), failed, func(s *side) { s.down(2) })
	if alive == "" {
		t.Error("the tables were always empty")
	}
	step("stop", 0, nil, func(s *side) { s.Signal(syscall.SIGTERM) })
	if left := our.table(); left != "" {
		t.Errorf("we left:\n%s", left)
	}
}

// settle waits until the tables are equal and stay so, and returns them.
func settle(sides []*side) (want, got string) { return settleFor(sides, 2) }

// settleFor is settle with so many looks at equal tables.
func settleFor(sides []*side, looks int) (want, got string) {
	equal := 0
	for end := time.Now().Add(30 * time.Second); equal < looks && time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		if equal++; sides[0].state() != sides[1].state() {
			equal = 0
		}
	}
	want, got = sides[0].table(), sides[1].table()
	if equal < looks && want == got {
		want, got = sides[0].state(), sides[1].state() // thresholds
	}
	return want, got
}
