package e2e

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// interopStep is one event on both whole machines, and who must then be
// master of the rows that preempt and of those that do not.
type interopStep struct {
	name            string
	do              func(m *matrix)
	preempt, nopree string
}

// interopSteps are failover and failback by every way a master can go; in a
// busy run by the two that other machines see most of.
func interopSteps() []interopStep {
	steps := []interopStep{
		{"a starts", func(m *matrix) { m.run.StartDaemon("a") }, "a", "a"},
		{"b joins", func(m *matrix) { m.run.StartDaemon("b") }, "a", "a"},
		{"a is killed", func(m *matrix) { m.run.Crash("a") }, "b", "b"},
		{"a comes back", func(m *matrix) { m.run.StartDaemon("a") }, "a", "b"},
	}
	if whole() {
		steps = append(steps, interopTour...)
	}
	return append(steps,
		interopStep{"a stops", func(m *matrix) { m.run.Stop("a") }, "b", "b"},
		interopStep{"b stops at last", func(m *matrix) { m.run.Stop("b") }, "", ""})
}

// interopTour begins and ends with a and b both there.
var interopTour = []interopStep{
	{"b stops", func(m *matrix) { m.run.Stop("b") }, "a", "a"},
	{"b comes back", func(m *matrix) { m.run.StartDaemon("b") }, "a", "a"},
	{"a loses its links", func(m *matrix) { m.carrier("a", false) }, "b", "b"},
	{"a's links are back", func(m *matrix) { m.carrier("a", true) }, "a", "b"},
	{"b is killed", func(m *matrix) { m.run.Crash("b") }, "a", "a"},
	{"b comes back again", func(m *matrix) { m.run.StartDaemon("b") }, "a", "a"},
}

// matrix is one performance of all rows with one pair of daemons:
//
//	a ── m1 ── b    one bridge of the switch per row,
//	  ── m2 ──      all captured with sender and row
//	   ...
type matrix struct {
	t        testing.TB
	run      *Run
	rows     []interopRow
	segments []*Segment
	logged   map[string]int // bytes of daemon.log that earlier steps have seen
	seen     map[string]bool
}

// TestInterop performs the matrix (a busy run: a part of it) with keepalived on both nodes, ours on both,
// and one of each in both roles. Everything that another machine, or the
// operator of this one, sees must be as with keepalived on both.
func TestInterop(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns", "nftables", "keepalived")
	own, real := ours(t), theirs(t)
	// want is what keepalived on both nodes showed, once model is closed.
	var want map[string][]string
	model, chosen := make(chan struct{}), false
	// All rows in more than two pairings at a time are too much for a machine
	// of two processors.
	stages := make(chan struct{}, 4)
	if whole() {
		stages = make(chan struct{}, 2)
	}
	perform := func(t *testing.T, a, b Daemon) map[string][]string {
		stages <- struct{}{}
		defer func() { <-stages }()
		return performMatrix(t, a, b)
	}
	t.Run("keepalived+keepalived", func(t *testing.T) {
		chosen = true
		t.Parallel()
		defer close(model)
		want = perform(t, real, real)
	})
	if !chosen {
		close(model)
	}
	for _, p := range []struct {
		name string
		a, b Daemon
	}{{"ours+ours", own, own}, {"ours+keepalived", own, real}, {"keepalived+ours", real, own}} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			got := perform(t, p.a, p.b)
			<-model
			if want == nil {
				t.Log("not compared with keepalived on both nodes, which failed itself or was not asked for")
				return
			}
			for _, r := range interopRows() {
				if diff := Observation(want[r.Name]).Diff(got[r.Name]); diff != "" {
					t.Errorf("%s differs from keepalived on both nodes:\n%s", r.Name, diff)
				}
			}
		})
	}
}

// performMatrix returns what was seen of each row.
func performMatrix(t *testing.T, a, b Daemon) map[string][]string {
	m := &matrix{t: t, rows: interopRows(), logged: map[string]int{}, seen: map[string]bool{}}
	m.run = &Run{TB: t, Lab: &Lab{Name: "interop"}, Hosts: map[string]*Host{}, daemons: map[string]Daemon{"a": a, "b": b},
		cmds: map[string]*exec.Cmd{}}
	m.prepare()
	t.Cleanup(func() {
		if t.Failed() {
			m.keepLogs()
		}
	})
	seen := map[string][]string{}
	for _, s := range interopSteps() {
		began := time.Now()
		s.do(m)
		m.settle(s)
		settled := time.Now()
		// Two intervals of calm: each master must be heard, and nobody else.
		time.Sleep(2500 * time.Millisecond)
		m.check(s, settled)
		m.observe(s, began, settled, seen)
		if t.Failed() {
			t.FailNow()
		}
	}
	return seen
}

func (m *matrix) prepare() {
	m.run.Switch = NewSwitch(m.t, "switch")
	for n, name := range []string{"a", "b"} {
		h := NewHost(m.t, name)
		h.Quiet()
		m.run.Hosts[name] = h
		conf := interopConfig(m.rows, n+1)
		if m.run.daemons[name].Name == "keepalived" {
			conf = forKeepalived + conf
		}
		if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(conf), 0o644); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, r := range m.rows {
		m.segments = append(m.segments, m.run.Switch.Segment(r.link(),
			End{m.run.Hosts["a"], r.link(), []string{r.ownPrefix(1)}},
			End{m.run.Hosts["b"], r.link(), []string{r.ownPrefix(2)}}))
	}
	for _, h := range m.run.Hosts {
		h.LinksUp()
	}
	// A unicast master whose peer does not answer would fall silent when the
	// kernel gives up looking for its MAC: a few seconds later, or not within
	// the step.
	for n, host := range []string{"a", "b"} {
		for i, r := range m.rows {
			m.segments[i].Neighbour(host, r.own(2-n), []string{"b", "a"}[n])
		}
	}
}

// carrier plugs in or out every cable of a host, but of followers.
func (m *matrix) carrier(host string, on bool) {
	for i, r := range m.rows {
		if !r.Follower {
			m.segments[i].SetCarrier(host, on)
		}
	}
}

// holders maps every row to the living nodes that have its address.
func (m *matrix) holders() map[string]string {
	got := map[string]string{}
	for _, node := range []string{"a", "b"} {
		if !m.run.alive(node) {
			continue
		}
		addrs, err := m.run.Hosts[node].links.AddrList(nil, netlink.FAMILY_ALL)
		if err != nil {
			continue // changed while it was read
		}
		on := map[string]bool{}
		for _, a := range addrs {
			on[a.IPNet.String()] = true
		}
		for _, r := range m.rows {
			if on[r.vip()] {
				got[r.Name] += node
			}
		}
	}
	return got
}

// wrong lists the rows whose holder is not the one that s asks for.
func (m *matrix) wrong(s interopStep) []string {
	var bad []string
	got := m.holders()
	for _, r := range m.rows {
		want := s.preempt
		if r.NoPreempt {
			want = s.nopree
		}
		if got[r.Name] != want {
			bad = append(bad, fmt.Sprintf("%s held by %q, want %q", r.Name, got[r.Name], want))
		}
	}
	return bad
}

func (m *matrix) settle(s interopStep) {
	deadline := time.Now().Add(60 * time.Second)
	for {
		bad := m.wrong(s)
		if len(bad) == 0 {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("step %q: a minute later:\n%s", s.name, strings.Join(bad, "\n"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// check wants exactly one master, by addresses and by adverts since settled.
func (m *matrix) check(s interopStep, settled time.Time) {
	for _, bad := range m.wrong(s) {
		m.t.Errorf("step %q: after it had settled: %s", s.name, bad)
	}
	heard := map[string]map[string]int{}
	for _, f := range m.run.Switch.Frames(settled, Frame.IsAdvert) {
		if v := f.vrrp(); len(v) < 3 || v[2] == 0 {
			continue
		}
		node, link, _ := strings.Cut(f.From, " ")
		if heard[link] == nil {
			heard[link] = map[string]int{}
		}
		heard[link][node]++
	}
	for _, r := range m.rows {
		want := s.preempt
		if r.NoPreempt {
			want = s.nopree
		}
		for _, node := range []string{"a", "b"} {
			switch n := heard[r.link()][node]; {
			case node == want && n == 0:
				m.t.Errorf("step %q: %s: master %s is silent", s.name, r.Name, node)
			case node != want && n > 0:
				m.t.Errorf("step %q: %s: %d adverts of %s beside the master's", s.name, r.Name, n, node)
			}
		}
	}
}

// entering is the log line of a change of state.
var entering = regexp.MustCompile(`\(([^)]+)\):? [Ee]ntering (\w+) (?i:state)`)

// observe adds what the step showed of every row: new frames of each node,
// the adverts of the calm second, changes of state and the addresses.
func (m *matrix) observe(s interopStep, began, settled time.Time, seen map[string][]string) {
	byLink := map[string]string{}
	for _, r := range m.rows {
		byLink[r.link()] = r.Name
		seen[r.Name] = append(seen[r.Name], "== "+s.name)
	}
	say := func(row, format string, args ...any) { seen[row] = append(seen[row], fmt.Sprintf(format, args...)) }

	for _, f := range m.run.Switch.Frames(began, func(f Frame) bool { return f.IsAdvert() || f.IsAnnouncement() }) {
		_, link, _ := strings.Cut(f.From, " ")
		// How many fall into a step is chance, and so is a last one of the
		// kind that was sent before.
		if key := f.From + f.maskedForRow(); !m.seen[key] {
			m.seen[key] = true
			say(byLink[link], "new frame %s: %s", f.From, f.maskedForRow())
		}
		if f.IsAdvert() && f.Time.After(settled) {
			if key := s.name + f.From + f.maskedForRow(); !m.seen[key] {
				m.seen[key] = true
				say(byLink[link], "steady advert %s: %s", f.From, f.maskedForRow())
			}
		}
	}
	for _, node := range []string{"a", "b"} {
		h := m.run.Hosts[node]
		log, err := os.ReadFile(filepath.Join(h.Dir, "daemon.log"))
		if err == nil {
			for _, hit := range entering.FindAllSubmatch(log[m.logged[node]:], -1) {
				if name := string(hit[1]); seen[name] != nil {
					say(name, "%s enters %s", node, hit[2])
				}
			}
			m.logged[node] = len(log)
		}
		for _, l := range lines(h.Run("ip", "-o", "addr")) {
			l, _, _ = strings.Cut(l, `\`)
			f := strings.Fields(l)
			if name := m.rowOf(f[1]); name != "" {
				say(name, "%s has %s", node, strings.Join(f[1:], " "))
			}
		}
	}
}

// rowOf is the row that an interface or VMAC belongs to.
func (m *matrix) rowOf(ifname string) string {
	for _, r := range m.rows {
		if slices.Contains([]string{r.link(), fmt.Sprintf("vrrp.%d", r.Number), fmt.Sprintf("vrrp6.%d", r.Number)}, ifname) {
			return r.Name
		}
	}
	return ""
}

func (m *matrix) keepLogs() {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		return
	}
	for name, h := range m.run.Hosts {
		if b, err := os.ReadFile(filepath.Join(h.Dir, "daemon.log")); err == nil {
			_ = os.WriteFile(filepath.Join(dir, name+".log"), b, 0o644)
		}
		// Links as the kernel has them, and what was lost on the way to a
		// daemon that believes something else.
		state, _ := h.Try("sh", "-c", "ip -d -o addr; ip -o link; cat /proc/net/netlink")
		_ = os.WriteFile(filepath.Join(dir, name+".net"), []byte(state), 0o644)
	}
	var sent strings.Builder
	for _, f := range m.run.Switch.Frames(time.Time{}, func(f Frame) bool { return f.IsAdvert() || f.IsAnnouncement() }) {
		fmt.Fprintf(&sent, "%s %s: %s\n", f.Time.Format("15:04:05.000000"), f.From, f.maskedForRow())
	}
	_ = os.WriteFile(filepath.Join(dir, "frames.txt"), []byte(sent.String()), 0o644)
	m.t.Logf("frames, and logs of %s on a, %s on b: %s", m.run.daemons["a"].Name, m.run.daemons["b"].Name, dir)
}

// IsAnnouncement reports whether the frame is a broadcast gratuitous ARP (not
// the kernel's answer to one that claims its own address) or a neighbour
// advertisement to all nodes.
func (f Frame) IsAnnouncement() bool {
	typ, p := f.payload()
	return f.IsGARP() && f.Data[0] == 0xff || typ == 0x86dd && len(p) >= 64 && p[6] == 58 && p[40] == 136 && p[24] == 0xff
}

// vrrp is the VRRP part of an advert.
func (f Frame) vrrp() []byte {
	typ, p := f.payload()
	if typ == 0x86dd {
		return p[40:]
	}
	n := int(p[0]&15) * 4
	if p[9] == 51 {
		n += 24
	}
	if len(p) < n {
		return nil
	}
	return p[n:]
}

// maskedForRow is Masked without what also depends on how many packets went
// before: the sequence number and digest of AH. The digest is checked by the
// receiver. The IPv6 flow label is the kernel's.
func (f Frame) maskedForRow() string {
	d := append([]byte(nil), f.Data...)
	switch typ, p := (Frame{Data: d}).payload(); {
	case typ == 0x0800 && len(p) >= 44 && p[9] == 51:
		clear(p[28:44])
	case typ == 0x86dd && len(p) >= 40:
		binary.BigEndian.PutUint32(p, binary.BigEndian.Uint32(p)&^0xfffff)
	}
	return Frame{Data: d}.Masked()
}
