// Command failover measures how long a backup is without a master.
//
// Two nodes on a bridge, both gokeepalived, then both keepalived, with version
// 3 adverts every 10 ms, 100 ms and 1 s. The master's port is blocked again
// and again; the time from its last advert on the wire to the first advert of
// the other, and to its gratuitous ARP, is read from a capture with kernel
// time stamps:
//
//	master, priority 200          backup, priority 100
//	gkfail-1 eth0                 eth0 gkfail-2
//	          └── p1 [br0 gkfail-sw] p2 ──┘
//	              ^ blocked and freed, captured on br0
//
// RFC 5798 wants 3 intervals + (256-100)/256 of one. That is measured on an
// idle machine, beside four busy loops, and beside them with vrrp_rt_priority
// set. With long intervals several such pairs run at a time, which have
// nothing to do between their adverts. Then with 1000 addresses, each
// announced once, and adverts every 200 ms: the time from the first advert to
// the last gratuitous ARP. Needs root, bin/gokeepalived (make build) and
// keepalived.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// interval is an advert_int to measure.
type interval struct {
	text string
	time time.Duration
	// pairs run at a time; the rounds are shared among them.
	pairs int
	// settled is how many adverts of the master in a row end a round.
	settled int
}

var intervals = []interval{
	{"0.01", 10 * time.Millisecond, 1, 20},
	{"0.1", 100 * time.Millisecond, 2, 5},
	{"1", time.Second, 5, 2},
}

// ideal is the master down interval of priority 100.
func (i interval) ideal() time.Duration { return 3*i.time + i.time*156/256 }

// setting is what goes on beside it.
type setting struct {
	name     string
	loops    int
	realtime bool
}

var settings = []setting{
	{"idle", 0, false},
	{"4 loops", 4, false},
	{"4 loops, vrrp_rt_priority", 4, true},
}

func main() {
	rounds := flag.Int("rounds", 50, "takeovers to measure in each setting")
	ours := flag.String("gokeepalived", "bin/gokeepalived", "our program")
	theirs := flag.String("keepalived", "keepalived", "the program to compare with")
	only := flag.String("only", "", "measure only this advert_int, or \"addresses\"")
	load := flag.String("load", "", "measure only settings whose name begins with this")
	flag.Parse()
	b := bench{rounds: *rounds, only: *only, load: *load}
	path, err := filepath.Abs(*ours)
	b.programs = [2]program{{"gokeepalived", path}, {"keepalived", *theirs}}
	if err = errors.Join(err, b.run()); err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
}

type program struct{ name, path string }

type bench struct {
	rounds     int
	only, load string
	programs   [2]program
}

func (b *bench) run() error {
	for _, i := range intervals {
		if b.only != "" && b.only != i.text {
			continue
		}
		fmt.Printf("takeover after the master's last advert, adverts every %v, %d rounds; RFC 5798: %v\n", i.time, b.rounds, i.ideal())
		fmt.Printf("%-26s %-14s %12s %12s %12s %12s\n", "", "", "median", "99 %", "max", "median ARP")
		for _, s := range settings {
			if !strings.HasPrefix(s.name, b.load) {
				continue
			}
			for _, p := range b.programs {
				if err := b.takeovers(p, i, s); err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, p.name, err)
				}
			}
		}
	}
	if b.only != "" && b.only != "addresses" {
		return nil
	}
	return b.manyAddresses()
}

// takeovers prints one line of the table.
func (b *bench) takeovers(p program, i interval, s setting) error {
	if s.loops > 0 {
		defer burn(s.loops)()
	}
	what := node{p.path, s.realtime, 1, i.text}
	var (
		all           sync.WaitGroup
		mu            sync.Mutex
		adverts, arps []time.Duration
		failed        error
	)
	for n := range i.pairs {
		all.Go(func() {
			a, g, err := measure(what, fmt.Sprintf("gkfail%d", n), b.rounds/i.pairs, i.settled)
			mu.Lock()
			defer mu.Unlock()
			adverts, arps, failed = append(adverts, a...), append(arps, g...), errors.Join(failed, err)
		})
	}
	all.Wait()
	if failed != nil {
		return failed
	}
	slices.Sort(adverts)
	slices.Sort(arps)
	fmt.Printf("%-26s %-14s %12s %12s %12s %12s\n", s.name, p.name,
		ms(adverts[len(adverts)/2]), ms(adverts[len(adverts)*99/100]), ms(adverts[len(adverts)-1]), ms(arps[len(arps)/2]))
	return nil
}

func (b *bench) manyAddresses() error {
	const addresses, rounds = 1000, 5
	fmt.Printf("\nfrom the first advert to the last gratuitous ARP, %d addresses, %d rounds\n", addresses, rounds)
	for _, p := range b.programs {
		adverts, arps, err := measure(node{p.path, false, addresses, "0.2"}, "gkfail0", rounds, 5)
		if err != nil {
			return fmt.Errorf("%d addresses, %s: %w", addresses, p.name, err)
		}
		for i := range arps {
			arps[i] -= adverts[i]
		}
		slices.Sort(arps)
		fmt.Printf("%-26s %-14s %12s %12s %12s\n", "idle", p.name, ms(arps[len(arps)/2]), "", ms(arps[len(arps)-1]))
	}
	return nil
}

// node is what runs on both machines.
type node struct {
	program   string
	realtime  bool
	addresses int
	interval  string // advert_int
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/1e6) }

// measure runs two nodes of one program in namespaces that begin with prefix
// and returns the times of takeovers.
func measure(what node, prefix string, rounds, settled int) (adverts, arps []time.Duration, err error) {
	dir, err := os.MkdirTemp("", "failover")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	defer removeNetwork(prefix)
	if err := makeNetwork(prefix); err != nil {
		return nil, nil, err
	}
	wire, err := openCapture(prefix+"-sw", "br0")
	if err != nil {
		return nil, nil, err
	}
	defer wire.close()
	for i, priority := range []int{200, 100} {
		stop, err := startNode(what, fmt.Sprintf("%s-%d", prefix, i+1), dir, i+1, priority)
		if err != nil {
			return nil, nil, err
		}
		defer stop()
	}
	for range rounds + 1 {
		if err := wire.quiet(master, settled); err != nil {
			return nil, nil, err
		}
		if err := port(prefix, "disabled"); err != nil {
			return nil, nil, err
		}
		advert, arp, err := wire.takeover(what.addresses)
		if err != nil {
			return nil, nil, err
		}
		adverts, arps = append(adverts, advert), append(arps, arp)
		if err := port(prefix, "forwarding"); err != nil {
			return nil, nil, err
		}
	}
	// The first one warms up.
	return adverts[1:], arps[1:], nil
}

// burn runs busy loops of normal priority until stopped.
func burn(loops int) (stop func()) {
	var all []*exec.Cmd
	for range loops {
		c := exec.Command("sh", "-c", "while :; do :; done")
		if c.Start() == nil {
			all = append(all, c)
		}
	}
	return func() {
		for _, c := range all {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
}

func startNode(what node, namespace, dir string, i, priority int) (stop func(), err error) {
	conf := filepath.Join(dir, fmt.Sprintf("%d.conf", i))
	global := ""
	if what.realtime {
		global = "global_defs {\n vrrp_rt_priority 50\n vrrp_rlimit_rttime 1000000\n}\n"
	}
	text := fmt.Sprintf(`%svrrp_instance V {
  interface eth0
  virtual_router_id 51
  version 3
  advert_int %s
  priority %d
  garp_master_repeat 1
  garp_master_delay 0
  virtual_ipaddress { 10.9.0.100/24 }
  virtual_ipaddress_excluded {
%s  }
}
`, global, what.interval, priority, excluded(what.addresses-1))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.log", i)))
	if err != nil {
		return nil, err
	}
	c := exec.Command("ip", "netns", "exec", namespace, what.program, "-n", "-l", "-G", "-P", "-f", conf,
		"-p", filepath.Join(dir, fmt.Sprintf("%d.pid", i)), "-r", filepath.Join(dir, fmt.Sprintf("%d.vrrp", i)))
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = c.Process.Signal(os.Interrupt)
		ended := make(chan struct{})
		go func() { _ = c.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(8 * time.Second):
			_ = c.Process.Kill()
		}
		log.Close()
	}, nil
}

// excluded are n more addresses.
func excluded(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    10.10.%d.%d/32\n", i/250, i%250)
	}
	return b.String()
}

func command(args ...string) error {
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// port sets the state of the master's bridge port: disabled lets nothing through, without
// the master losing its carrier.
func port(prefix, state string) error {
	return command("ip", "netns", "exec", prefix+"-sw", "bridge", "link", "set", "dev", "p1", "state", state)
}

func makeNetwork(prefix string) error {
	removeNetwork(prefix)
	for _, line := range []string{
		"ip netns add gkfail-sw",
		"ip -n gkfail-sw link add br0 type bridge mcast_snooping 0",
		"ip -n gkfail-sw link set br0 up",
		"ip netns add gkfail-1", "ip netns add gkfail-2",
		"ip -n gkfail-sw link add p1 master br0 type veth peer name eth0 netns gkfail-1",
		"ip -n gkfail-sw link add p2 master br0 type veth peer name eth0 netns gkfail-2",
		"ip -n gkfail-sw link set p1 up", "ip -n gkfail-sw link set p2 up",
		"ip -n gkfail-1 link set lo up", "ip -n gkfail-2 link set lo up",
		"ip -n gkfail-1 addr add 10.9.0.1/24 dev eth0", "ip -n gkfail-2 addr add 10.9.0.2/24 dev eth0",
		"ip -n gkfail-1 link set eth0 up", "ip -n gkfail-2 link set eth0 up",
	} {
		if err := command(strings.Fields(strings.ReplaceAll(line, "gkfail", prefix))...); err != nil {
			return err
		}
	}
	return nil
}

func removeNetwork(prefix string) {
	for _, n := range []string{"-sw", "-1", "-2"} {
		_ = command("ip", "netns", "del", prefix+n)
	}
}
