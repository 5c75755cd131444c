// Command ipvstable compares how long gokeepalived's IPVS code and keepalived
// take to program 1,000 services of 10 servers each into an empty table, in the
// same run and kernel; then one change and the removal, ours alone. On a
// machine without IPVS it runs itself in user-mode Linux, on one processor.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

const (
	services = 1000
	servers  = 10
)

func main() {
	theirs := flag.String("theirs", "keepalived", "binary to compare with")
	runs := flag.Int("runs", 5, "runs of each, alternating")
	inside := flag.Bool("inside", false, "do not go into user-mode Linux")
	flag.Parse()
	if err := bench(*theirs, *runs, *inside); err != nil {
		fmt.Fprintln(os.Stderr, "ipvstable:", err)
		os.Exit(1)
	}
}

func bench(theirs string, runs int, inside bool) error {
	if _, err := os.Stat("/proc/net/ip_vs"); err != nil && !inside {
		return rerun(runs, theirs)
	}
	// The networks made below belong to this thread.
	runtime.LockOSThread()
	dir, err := os.MkdirTemp("", "ipvstable")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	table := wanted()
	var ours, other, change, removal []time.Duration
	for range runs {
		if err := freshNetwork(); err != nil {
			return err
		}
		d, err := keepalived(theirs, dir, table)
		if err != nil {
			return err
		}
		if err := freshNetwork(); err != nil {
			return err
		}
		other = append(other, d)
		all, one, gone, err := gokeepalived(table)
		if err != nil {
			return err
		}
		ours, change, removal = append(ours, all), append(change, one), append(removal, gone)
	}
	base := median(other)
	fmt.Printf("%d x %d  keepalived    median %8.2f ms\n", services, servers, ms(base))
	fmt.Printf("%d x %d  gokeepalived  median %8.2f ms  time ratio %.2f\n", services, servers, ms(median(ours)), float64(median(ours))/float64(base))
	fmt.Printf("%d x %d  gokeepalived  one weight changed: median %.3f ms; everything removed: median %.2f ms\n", services, servers, ms(median(change)), ms(median(removal)))
	return nil
}

// freshNetwork makes a network of our own, so that nothing of the machine is
// touched. Every run gets one, because the kernel keeps removed destinations for
// minutes and searches them when it adds one.
func freshNetwork() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"link", "add", "lb0", "type", "dummy"}, {"addr", "add", "10.9.0.1/16", "dev", "lb0"}, {"link", "set", "lb0", "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}

func rerun(runs int, theirs string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command("scripts/uml-exec", self, "-inside", "-runs", fmt.Sprint(runs), "-theirs", theirs)
	cmd.Env = append(os.Environ(), "GKUML_PIN=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

func wanted() ipvs.Table {
	t := make(ipvs.Table, services)
	for i := range t {
		t[i].Key = ipvs.AddressKey(config.TCP, netip.AddrFrom4([4]byte{10, 8, byte(i >> 8), byte(i)}), 80)
		t[i].ServiceSettings = ipvs.ServiceSettings{Scheduler: "wrr", Netmask: 0xffffffff}
		for j := range servers {
			t[i].Destinations = append(t[i].Destinations, ipvs.Destination{
				Addr: netip.AddrFrom4([4]byte{10, 9, byte(1 + i>>8), byte(i + j)}), Port: uint16(8000 + j), Weight: 1 + j,
				Forwarding: config.Forwarding{Method: config.NAT},
			})
		}
	}
	return t
}

func gokeepalived(t ipvs.Table) (all, one, gone time.Duration, err error) {
	k, err := ipvs.Open("")
	if err != nil {
		return 0, 0, 0, err
	}
	defer k.Close()
	p := ipvs.NewProgrammer(k)
	timed := func(changes []ipvs.Change) time.Duration {
		start := time.Now()
		r := p.Apply(changes)
		took := time.Since(start)
		if err == nil && len(r.Refused) > 0 {
			err = fmt.Errorf("%d errors, the first: %w", len(r.Refused), r.Refused[0])
		}
		return took
	}
	all = timed(ipvs.Changes(t))
	if err == nil {
		err = complete()
	}
	s := t[services/2]
	d := s.Destinations[0]
	d.Weight = 99
	one = timed([]ipvs.Change{{Key: s.Key, Settings: s.ServiceSettings, Put: []ipvs.Destination{d}}})
	var all2 []ipvs.Change
	for i := range t {
		all2 = append(all2, ipvs.Change{Key: t[i].Key, Gone: true})
	}
	gone = timed(all2)
	return all, one, gone, err
}

// keepalived measures from the line before its first request to the line after
// the last.
func keepalived(binary, dir string, t ipvs.Table) (time.Duration, error) {
	var b strings.Builder
	for _, s := range t {
		fmt.Fprintf(&b, "virtual_server %s %d {\n\tprotocol TCP\n\tlvs_sched wrr\n\tlvs_method NAT\n", s.Key.Addr, s.Key.Port)
		for _, d := range s.Destinations {
			fmt.Fprintf(&b, "\treal_server %s %d {\n\t\tweight %d\n\t}\n", d.Addr, d.Port, d.Weight)
		}
		b.WriteString("}\n")
	}
	conf := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(conf, []byte(b.String()), 0o600); err != nil {
		return 0, err
	}
	cmd := exec.Command(binary, "-n", "-l", "-C", "-f", conf, "-p", filepath.Join(dir, "parent.pid"), "-c", filepath.Join(dir, "checkers.pid"))
	out, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var begin time.Time
	var took time.Duration
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.Contains(line, "nitializing ipvs"):
			begin = time.Now()
		case strings.Contains(line, "Activating BFD healthchecker"):
			took = time.Since(begin)
			if err = complete(); err != nil {
				return 0, err
			}
			if err = cmd.Process.Signal(syscall.SIGTERM); err != nil {
				return 0, err
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		return 0, err
	}
	if took == 0 {
		return 0, fmt.Errorf("%s did not start", binary)
	}
	return took, nil
}

// complete fails unless the whole table is there.
func complete() error {
	b, err := os.ReadFile("/proc/thread-self/net/ip_vs")
	if err != nil {
		return err
	}
	if n := strings.Count(string(b), "->") - 1; n != services*servers {
		return fmt.Errorf("%d of %d destinations are in the table", n, services*servers)
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
