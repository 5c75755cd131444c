package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

// Daemon is an implementation under test.
type Daemon struct {
	Name string
	// Path is the binary, Args are options besides the usual ones.
	Path string
	Args []string
}

// Node is one host of a lab that runs the daemon.
type Node struct {
	Name string
	// Config is the text of keepalived.conf.
	Config string
	// Links are interface name and addresses, in order.
	Links []Link
	// Setup prepares the host before the daemon starts; may be nil.
	Setup func(r *Run, h *Host)
}

// Link is one interface of a host.
type Link struct {
	Name      string
	Addresses []string
}

// Step is one thing that happens, and who must be master when it has settled.
type Step struct {
	Name string
	Do   func(r *Run)
	// Holder is the node that must hold VIP; "" for none.
	Holder string
	// Until is a further condition to wait for; may be nil.
	Until func(r *Run) bool
	// TablesOpen leaves the IPVS tables out: which server a check has found
	// dead by now is chance here.
	TablesOpen bool
}

// Lab is one published setup with the story that is told on it.
type Lab struct {
	Name  string
	Nodes []Node
	// Others are hosts without the daemon: real servers, clients.
	Others []Node
	// VIP is the address to look for, as "ip addr" prints it ("10.0.0.1/32").
	// Empty: the setup has none, Mark says who is master.
	VIP string
	// Mark, for a lab without VIP, is the file that the notify script of a
	// new master writes its calls to (below the host's Dir).
	Mark  string
	Steps []Step
	// IPVS labs need a kernel with IPVS.
	IPVS bool
}

// Run is one performance of a lab.
type Run struct {
	testing.TB
	Lab     *Lab
	Switch  *Switch
	Hosts   map[string]*Host
	daemons map[string]Daemon
	cmds    map[string]*exec.Cmd
	since   time.Time
	seen    map[string]bool // frames by node
}

// Observation is what the outside saw after each step, as text that can be
// compared line by line.
type Observation []string

// Set builds the hosts of the lab, each with its daemon ready to be started.
func (l *Lab) Set(t testing.TB, daemons map[string]Daemon) *Run {
	t.Helper()
	r := &Run{TB: t, Lab: l, Hosts: map[string]*Host{}, daemons: daemons, cmds: map[string]*exec.Cmd{}, seen: map[string]bool{}}
	r.Switch = NewSwitch(t, "switch")
	port := 1
	for _, n := range append(append([]Node(nil), l.Nodes...), l.Others...) {
		h := NewHost(t, n.Name)
		r.Hosts[n.Name] = h
		for _, link := range n.Links {
			r.Switch.Connect(h, link.Name, port, link.Addresses...)
			port++
		}
		if n.Config != "" {
			if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(n.Config), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if n.Setup != nil {
			n.Setup(r, h)
		}
	}
	return r
}

// Perform runs the lab with the given daemon on each node.
func (l *Lab) Perform(t testing.TB, daemons map[string]Daemon) Observation {
	t.Helper()
	r := l.Set(t, daemons)
	defer func() {
		if t.Failed() {
			r.dumpLogs()
		}
	}()
	var obs Observation
	for _, s := range l.Steps {
		r.since = time.Now()
		s.Do(r)
		waitFor(t, fmt.Sprintf("%s: step %q: %q to hold the address", l.Name, s.Name, s.Holder), func() bool { return r.holder() == s.Holder })
		if s.Until != nil {
			waitFor(t, fmt.Sprintf("%s: step %q to settle", l.Name, s.Name), func() bool { return s.Until(r) })
		}
		// What comes right after the move belongs to the step: one more
		// advert and the first burst.
		time.Sleep(1200 * time.Millisecond)
		if got := r.holder(); got != s.Holder {
			t.Fatalf("%s: step %q: master moved on to %q", l.Name, s.Name, got)
		}
		obs = append(obs, "== "+s.Name)
		obs = append(obs, r.observe(s)...)
	}
	return obs
}

// StartDaemon starts the node's daemon in the foreground with its log in
// daemon.log.
func (r *Run) StartDaemon(node string) {
	h := r.Hosts[node]
	d := r.daemons[node]
	r.cmds[node] = h.Start("daemon.log", append([]string{d.Path, "--dont-fork", "--log-console", "--log-detail"}, d.Args...)...)
	waitFor(r, node+" to write its pid file", func() bool {
		return h.Running("/run/keepalived.pid")
	})
}

// Crash kills every process of the node's daemon at once with SIGKILL.
func (r *Run) Crash(node string) {
	h := r.Hosts[node]
	// Children first, in one command: none has time to see its parent die
	// and clean up.
	h.Run("sh", "-c", "kill -KILL $(cat /run/vrrp.pid /run/checkers.pid /run/keepalived.pid 2>/dev/null)")
	waitFor(r, node+" to be gone", func() bool { return !r.alive(node) })
}

// Stop sends TERM to the node's daemon and waits for its end.
func (r *Run) Stop(node string) {
	h := r.Hosts[node]
	h.Run("sh", "-c", "kill -TERM $(cat /run/keepalived.pid)")
	waitFor(r, node+" to stop", func() bool {
		_, err := os.Stat(h.Path("/run/keepalived.pid"))
		return os.IsNotExist(err)
	})
}

// holder is the one node that has the VIP (or, without one, whose script ran
// last); "several" if more than one has.
func (r *Run) holder() string {
	if r.Lab.VIP == "" {
		return r.lastMarked()
	}
	var on []string
	for _, n := range r.Lab.Nodes {
		// A crashed node keeps its addresses; only a living one holds.
		if r.Hosts[n.Name].HasAddress(r.Lab.VIP) && r.alive(n.Name) {
			on = append(on, n.Name)
		}
	}
	switch len(on) {
	case 0:
		return ""
	case 1:
		return on[0]
	}
	return "several"
}

// alive reports whether the process of the node's pid file runs.
func (r *Run) alive(node string) bool { return r.Hosts[node].Running("/run/keepalived.pid") }

// lastMarked is the living node whose newest script call is the newest of all.
func (r *Run) lastMarked() string {
	best, when := "", time.Time{}
	for _, n := range r.Lab.Nodes {
		fi, err := os.Stat(filepath.Join(r.Hosts[n.Name].Dir, r.Lab.Mark))
		if err == nil && fi.ModTime().After(when) && r.alive(n.Name) {
			best, when = n.Name, fi.ModTime()
		}
	}
	return best
}

// observe writes down the state of every node and the frames of this step.
func (r *Run) observe(s Step) []string {
	var out []string
	for _, n := range r.Lab.Nodes {
		h := r.Hosts[n.Name]
		say := func(what, format string, args ...any) {
			out = append(out, fmt.Sprintf("%s %s: %s", n.Name, what, fmt.Sprintf(format, args...)))
		}
		for _, l := range lines(h.Run("ip", "-o", "addr")) {
			// "2: eth0    inet 10.0.0.1/24 scope global eth0\ valid_lft ..."
			l, _, _ = strings.Cut(l, `\`)
			if f := strings.Fields(l); len(f) > 3 && f[1] != "lo" {
				say("address", "%s", strings.Join(f[1:], " "))
			}
		}
		if r.Lab.IPVS && !s.TablesOpen {
			for _, l := range lines(h.Run("ipvsadm", "-Sn")) {
				say("ipvs", "%s", l)
			}
		}
		for _, file := range []string{"scripts.log", "mail.log"} {
			b, _ := os.ReadFile(filepath.Join(h.Dir, file))
			for _, l := range lines(string(b)) {
				// keepalived's last mail never leaves; ours does.
				if !strings.Contains(l, " - Stopping |") {
					say(file, "%s", l)
				}
			}
		}
		adverts := r.Switch.Frames(r.since, func(f Frame) bool { return f.From == n.Name && f.IsAdvert() })
		for _, l := range r.new(n.Name, adverts) {
			say("new advert", "%s", l)
		}
		if n.Name == s.Holder && len(adverts) > 0 {
			say("steady advert", "%s", adverts[len(adverts)-1].Masked())
		}
		for _, l := range r.new(n.Name, r.Switch.Frames(r.since, func(f Frame) bool { return f.From == n.Name && f.IsGARP() })) {
			say("new garp", "%s", l)
		}
	}
	return out
}

// new returns the masked frames that the node had not sent before in this run,
// sorted. How many of a kind fall into a step, and whether one more of the old
// kind leaves before the step takes effect, depends on the moment.
func (r *Run) new(node string, frames []Frame) []string {
	var out []string
	for _, f := range frames {
		key := node + f.Masked()
		if !r.seen[key] {
			r.seen[key] = true
			out = append(out, f.Masked())
		}
	}
	sort.Strings(out)
	return out
}

// dumpLogs prints what the daemons said.
func (r *Run) dumpLogs() {
	for name, h := range r.Hosts {
		for _, log := range []string{"daemon.log", "scripts.log", "mail.log"} {
			if b, err := os.ReadFile(filepath.Join(h.Dir, log)); err == nil {
				r.Logf("---- %s %s\n%s", name, log, bytes.TrimSpace(b))
			}
		}
	}
}

// Diff compares two observations line by line; "" if they are equal.
func (want Observation) Diff(got Observation) string {
	var b strings.Builder
	count := map[string]int{}
	section := func(o Observation, sign int) {
		head := ""
		for _, l := range o {
			if strings.HasPrefix(l, "== ") {
				head = l
				continue
			}
			count[head+"\n"+l] += sign
		}
	}
	section(want, -1)
	section(got, 1)
	var keys []string
	for k, n := range count {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		head, l, _ := strings.Cut(k, "\n")
		if count[k] < 0 {
			fmt.Fprintf(&b, "%s: only keepalived: %s\n", head, l)
		} else {
			fmt.Fprintf(&b, "%s: only ours:       %s\n", head, l)
		}
	}
	return b.String()
}
