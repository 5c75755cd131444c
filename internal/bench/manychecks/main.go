// Command manychecks measures many TCP_CHECKs at delay_loop 2: 2,000 of gokeepalived and of keepalived
// as whole daemons in a kernel with IPVS (user-mode Linux when this one has
// none): processor time and lateness. Then 10,000 of gokeepalived's engine on
// this kernel with the IPVS side in memory: lateness and peak memory. Each
// checked server is an address of its own, and the time between two
// connections to it is what is judged.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/checkrun"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

const (
	delay = 2 * time.Second
	port  = 9000
	// settling is left out: the first checks are spread at random, and the
	// start is measured elsewhere.
	settling = 8 * time.Second
	window   = 20 * time.Second
)

func main() {
	theirs := flag.String("theirs", "keepalived", "binary to compare with")
	ours := flag.String("ours", "bin/gokeepalived", "binary to measure")
	inside := flag.Bool("inside", false, "measure the daemons here")
	engine := flag.String("engine", "", "be an engine without IPVS on this file")
	flag.Parse()
	var err error
	switch {
	case *engine != "":
		err = runEngine(*engine)
	case *inside:
		err = daemons(*theirs, *ours)
	default:
		err = bench(*theirs, *ours)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manychecks:", err)
		os.Exit(1)
	}
}

func bench(theirs, ours string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if _, err := os.Stat("/proc/net/ip_vs"); err != nil {
		cmd := exec.Command("scripts/uml-exec", self, "-inside", "-theirs", theirs, "-ours", ours)
		cmd.Env = append(os.Environ(), "GKUML_PIN=1")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
	} else if err := daemons(theirs, ours); err != nil {
		return err
	}
	return measure("gokeepalived, IPVS in memory", 10000, func(conf string) *exec.Cmd {
		return exec.Command(self, "-engine", conf)
	})
}

func daemons(theirs, ours string) error {
	for _, d := range []struct{ name, binary string }{{"keepalived", theirs}, {"gokeepalived", ours}} {
		err := measure(d.name, 2000, func(conf string) *exec.Cmd {
			dir := filepath.Dir(conf)
			return exec.Command(d.binary, "-n", "-l", "-C", "-f", conf, "-p", filepath.Join(dir, "parent.pid"), "-c", filepath.Join(dir, "checkers.pid"))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// measure lets a command check n servers and prints what it did.
func measure(name string, n int, command func(conf string) *exec.Cmd) error {
	// The network belongs to this thread, which ends with this goroutine.
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- measureHere(name, n, command)
	}()
	return <-done
}

func measureHere(name string, n int, command func(conf string) *exec.Cmd) error {
	if err := freshNetwork(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "manychecks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	conf := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(conf, configuration(n), 0o600); err != nil {
		return err
	}
	seen, err := listen()
	if err != nil {
		return err
	}
	cmd := command(conf)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(settling)
	begin, cpu := time.Now(), processorTime(cmd.Process.Pid)
	time.Sleep(window)
	end := time.Now()
	cpu = processorTime(cmd.Process.Pid) - cpu
	peak := peakMemory(cmd.Process.Pid)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, log.String())
	}
	late, servers := seen.lateness(begin, end)
	if len(late) == 0 {
		return fmt.Errorf("%s: no checks\n%s", name, log.String())
	}
	onTime := 0
	for _, l := range late {
		if l < delay/10 {
			onTime++
		}
	}
	failed := strings.Count(log.String(), " failed")
	fmt.Printf("%6d TCP_CHECKs  %-28s %6.1f checks/s on %d servers  CPU %5.1f %%  lateness p50 %6.1f ms  p99 %6.1f ms  max %6.1f ms  on time %.2f %%  peak %5.1f MB  failed %d\n",
		n, name, float64(len(late))/end.Sub(begin).Seconds(), servers, 100*cpu.Seconds()/end.Sub(begin).Seconds(),
		ms(late[len(late)/2]), ms(late[len(late)*99/100]), ms(late[len(late)-1]), 100*float64(onTime)/float64(len(late)), float64(peak)/1024, failed)
	return nil
}

// server is the address of number i.
func server(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}) }

// configuration has n servers, 10 to a virtual server.
func configuration(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&b, "virtual_server 10.8.%d.%d 80 {\n delay_loop %d\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n", i/10>>8, i/10&255, delay/time.Second)
		}
		fmt.Fprintf(&b, " real_server %s %d {\n  TCP_CHECK {\n   connect_timeout 1\n  }\n }\n", server(i), port)
		if i%10 == 9 {
			b.WriteString("}\n")
		}
	}
	return b.Bytes()
}

// arrivals are when connections came, by address.
type arrivals struct {
	mu sync.Mutex
	at map[netip.Addr][]time.Time
}

// listen accepts on every address.
func listen() (*arrivals, error) {
	l, err := net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", port))
	if err != nil {
		return nil, err
	}
	a := &arrivals{at: map[netip.Addr][]time.Time{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			now := time.Now()
			addr := c.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
			c.Close()
			a.mu.Lock()
			a.at[addr] = append(a.at[addr], now)
			a.mu.Unlock()
		}
	}()
	return a, nil
}

// lateness is how much longer than the delay the time between two checks of a
// server was, sorted; a server that was not checked again until the end counts
// with what it waited.
func (a *arrivals) lateness(begin, end time.Time) (late []time.Duration, servers int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, times := range a.at {
		last := time.Time{}
		for _, t := range times {
			if t.After(begin) && t.Before(end) && !last.IsZero() {
				late = append(late, t.Sub(last)-delay)
			}
			last = t
		}
		if waited := end.Sub(last) - delay; waited > 0 {
			late = append(late, waited)
		}
	}
	slices.Sort(late)
	return late, len(a.at)
}

// runEngine is the child without IPVS.
func runEngine(path string) error {
	env := confparse.Env{HostName: "lb", WorkDir: filepath.Dir(path), Now: time.Unix(0, 0), Getenv: os.LookupEnv}
	cfg, _, _ := confparse.Load(confparse.OSFiles(), path, env)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	return checkrun.New(cfg, checkrun.Options{
		OpenKernel: func(*config.Global) (ipvs.Kernel, error) { return ipvstest.New(), nil },
	}).Run(ctx)
}

// processorTime is what pid and its children have used.
func processorTime(pid int) time.Duration {
	total := time.Duration(0)
	for _, p := range family(pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(rest)
		for _, ticks := range f[11:13] {
			n, _ := strconv.Atoi(ticks)
			total += time.Duration(n) * time.Second / 100
		}
	}
	return total
}

// peakMemory is the largest resident size of pid and its children, kB.
func peakMemory(pid int) int {
	peak := 0
	for _, p := range family(pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p))
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
				n, _ := strconv.Atoi(f[1])
				peak += n
			}
		}
	}
	return peak
}

// family is pid and its children.
func family(pid int) []int {
	pids := []int{pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, f := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(f); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// freshNetwork makes a network of our own, with lo.
func freshNetwork() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		return err
	}
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"addr", "add", "127.1.0.0/16", "dev", "lo"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
