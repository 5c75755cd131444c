// Command failover measures how long a backup is without a master.
//
// Two nodes on a bridge, both gokeepalived, then both keepalived, with version
// 3 adverts every 10 ms. The master's port is blocked again and again; the
// time from its last advert on the wire to the first advert of the other, and
// to its gratuitous ARP, is read from a capture with kernel time stamps:
//
//	master, priority 200          backup, priority 100
//	gkfail-1 eth0                 eth0 gkfail-2
//	          └── p1 [br0 gkfail-sw] p2 ──┘
//	              ^ blocked and freed, captured on br0
//
// RFC 5798 wants 3 x 10 ms + (256-100) x 10 ms / 256 = 36.094 ms. That is
// measured on an idle machine, with every CPU busy, and with every CPU busy
// and vrrp_rt_priority set. Then with 1000 addresses, each announced once, and
// adverts every 200 ms: the time from the first advert to the last gratuitous
// ARP. Needs root,
// bin/gokeepalived (make build) and keepalived.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const ideal = 30*time.Millisecond + 156*10*time.Millisecond/256

func main() {
	rounds := flag.Int("rounds", 60, "takeovers to measure in each setting")
	ours := flag.String("gokeepalived", "bin/gokeepalived", "our program")
	theirs := flag.String("keepalived", "keepalived", "the program to compare with")
	flag.Parse()
	if err := run(*rounds, *ours, *theirs); err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
}

func run(rounds int, ours, theirs string) error {
	ours, err := filepath.Abs(ours)
	if err != nil {
		return err
	}
	fmt.Printf("takeover after the master's last advert, %d rounds; RFC 5798: %v\n", rounds, ideal)
	fmt.Printf("%-34s %-14s %10s %10s %10s %12s\n", "", "", "median", "99 %", "max", "median ARP")
	for _, setting := range []struct {
		name     string
		busy     bool
		realtime bool
	}{
		{"idle", false, false},
		{"every CPU busy", true, false},
		{"every CPU busy, vrrp_rt_priority", true, true},
	} {
		for _, program := range []struct{ name, path string }{{"gokeepalived", ours}, {"keepalived", theirs}} {
			adverts, arps, err := measure(node{program.path, setting.realtime, 1, "0.01"}, rounds, setting.busy)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", setting.name, program.name, err)
			}
			slices.Sort(adverts)
			slices.Sort(arps)
			fmt.Printf("%-34s %-14s %10s %10s %10s %12s\n", setting.name, program.name,
				ms(adverts[len(adverts)/2]), ms(adverts[len(adverts)*99/100]), ms(adverts[len(adverts)-1]),
				ms(arps[len(arps)/2]))
		}
	}
	fmt.Printf("\nfrom the first advert to the last gratuitous ARP, %d addresses, %d rounds\n", manyAddresses, manyRounds)
	for _, program := range []struct{ name, path string }{{"gokeepalived", ours}, {"keepalived", theirs}} {
		adverts, arps, err := measure(node{program.path, false, manyAddresses, "0.2"}, manyRounds, false)
		if err != nil {
			return fmt.Errorf("%d addresses, %s: %w", manyAddresses, program.name, err)
		}
		for i := range arps {
			arps[i] -= adverts[i]
		}
		slices.Sort(arps)
		fmt.Printf("%-34s %-14s %10s %10s %10s\n", "idle", program.name, ms(arps[len(arps)/2]), "", ms(arps[len(arps)-1]))
	}
	return nil
}

// The second measurement.
const (
	manyAddresses = 1000
	manyRounds    = 5
)

// node is what runs on both machines.
type node struct {
	program   string
	realtime  bool
	addresses int
	interval  string // advert_int
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/1e6) }

// measure runs two nodes of one program and returns the times of takeovers.
func measure(what node, rounds int, busy bool) (adverts, arps []time.Duration, err error) {
	dir, err := os.MkdirTemp("", "failover")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	defer removeNetwork()
	if err := makeNetwork(); err != nil {
		return nil, nil, err
	}
	wire, err := openCapture("gkfail-sw", "br0")
	if err != nil {
		return nil, nil, err
	}
	defer wire.close()
	for i, priority := range []int{200, 100} {
		stop, err := startNode(what, dir, i+1, priority)
		if err != nil {
			return nil, nil, err
		}
		defer stop()
	}
	if busy {
		defer burn()()
	}
	for range rounds + 1 {
		if err := wire.quiet(master, 20); err != nil {
			return nil, nil, err
		}
		if err := port("p1", "disabled"); err != nil {
			return nil, nil, err
		}
		advert, arp, err := wire.takeover(what.addresses)
		if err != nil {
			return nil, nil, err
		}
		adverts, arps = append(adverts, advert), append(arps, arp)
		if err := port("p1", "forwarding"); err != nil {
			return nil, nil, err
		}
	}
	// The first one warms up.
	return adverts[1:], arps[1:], nil
}

// burn keeps every CPU busy with processes of normal priority until stopped.
func burn() (stop func()) {
	var all []*exec.Cmd
	for range runtime.NumCPU() {
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

func startNode(what node, dir string, i, priority int) (stop func(), err error) {
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
	c := exec.Command("ip", "netns", "exec", fmt.Sprintf("gkfail-%d", i), what.program, "-n", "-l", "-G", "-P", "-f", conf,
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

// port sets the bridge port's state: disabled lets nothing through, without
// the master losing its carrier.
func port(name, state string) error {
	return command("ip", "netns", "exec", "gkfail-sw", "bridge", "link", "set", "dev", name, "state", state)
}

func makeNetwork() error {
	removeNetwork()
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
		if err := command(strings.Fields(line)...); err != nil {
			return err
		}
	}
	return nil
}

func removeNetwork() {
	for _, n := range []string{"gkfail-sw", "gkfail-1", "gkfail-2"} {
		_ = command("ip", "netns", "del", n)
	}
}
