// Command lvsdaemon compares gokeepalived with keepalived as whole daemons with 1,000
// services of 10 servers each: start to the complete table, a reload that
// changes the weight of one server, the stop to the empty table, and the end of the
// daemon. On a machine without IPVS it runs itself in user-mode Linux, kept on one
// processor, as it has one inside.
//
// keepalived kills its children 5 s after the signal, with what they have not
// taken out. A stop that did not get to the empty table is compared by the
// destinations that it took out in a second.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	services = 1000
	servers  = 10
	// quiet is between the start and the reload, as with any operator.
	quiet = 2 * time.Second
)

func main() {
	theirs := flag.String("theirs", "keepalived", "binary to compare with")
	ours := flag.String("ours", "bin/gokeepalived", "binary to measure")
	runs := flag.Int("runs", 3, "runs of each, alternating")
	inside := flag.Bool("inside", false, "do not go into user-mode Linux")
	flag.Parse()
	if err := bench(*theirs, *ours, *runs, *inside); err != nil {
		fmt.Fprintln(os.Stderr, "lvsdaemon:", err)
		os.Exit(1)
	}
}

// figure is one run of a daemon.
type figure struct {
	start, reload, empty, end time.Duration
	left                      int // destinations after the stop
}

// whole is the time to take out one destination, times all there were: the
// time to the empty table, had the stop gone on as it went.
func (f figure) whole() time.Duration {
	return f.empty * (services * servers) / time.Duration(services*servers-f.left)
}

func bench(theirs, ours string, runs int, inside bool) error {
	if _, err := os.Stat("/proc/net/ip_vs"); err != nil && !inside {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		cmd := exec.Command("scripts/uml-exec", self, "-inside", "-runs", fmt.Sprint(runs), "-theirs", theirs, "-ours", ours)
		cmd.Env = append(os.Environ(), "GKUML_PIN=1")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	}
	// The networks made below belong to this thread.
	runtime.LockOSThread()
	dir, err := os.MkdirTemp("", "lvsdaemon")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	figures := map[string][]figure{}
	for range runs {
		for _, binary := range []string{theirs, ours} {
			f, err := measure(binary, dir)
			if err != nil {
				return fmt.Errorf("%s: %w", binary, err)
			}
			figures[binary] = append(figures[binary], f)
		}
	}
	for _, part := range []struct {
		name string
		of   func(figure) time.Duration
	}{
		{"start to the complete table", func(f figure) time.Duration { return f.start }},
		{"reload, one weight changed", func(f figure) time.Duration { return f.reload }},
		{"stop to the empty table", figure.whole},
		{"stop to the daemon's end", func(f figure) time.Duration { return f.end }},
	} {
		// Whatever else the machine does only adds, so the best run says most.
		a, b := sorted(figures[theirs], part.of), sorted(figures[ours], part.of)
		fmt.Printf("%d x %d  %-28s keepalived %8.1f ms (median %8.1f)  gokeepalived %8.1f ms (median %8.1f)  time ratio %.2f\n",
			services, servers, part.name, ms(a[0]), ms(a[len(a)/2]), ms(b[0]), ms(b[len(b)/2]), float64(b[0])/float64(a[0]))
	}
	for name, binary := range map[string]string{"keepalived": theirs, "gokeepalived": ours} {
		for _, f := range figures[binary] {
			if f.left > 0 {
				fmt.Printf("%d x %d  %s left %d destinations behind after a stop of %.1f ms\n", services, servers, name, f.left, ms(f.end))
			}
		}
	}
	return nil
}

// lines collects a daemon's log and wakes who waits for it.
type lines struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.buf.Write(p)
}

// wait waits until each text has been logged n times.
func (l *lines) wait(n int, texts ...string) error {
	timeout := time.After(time.Minute)
	for {
		l.mu.Lock()
		all := true
		for _, text := range texts {
			all = all && bytes.Count(l.buf.Bytes(), []byte(text)) >= n
		}
		l.mu.Unlock()
		if all {
			return nil
		}
		select {
		case <-l.more:
			// Not at every line: looking costs time on the same processor.
			time.Sleep(2 * time.Millisecond)
		case <-timeout:
			return fmt.Errorf("no %q in a minute; log:\n%s", texts, l.buf.String())
		}
	}
}

func measure(binary, dir string) (f figure, err error) {
	if err := freshNetwork(); err != nil {
		return f, err
	}
	conf := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(conf, config(1), 0o600); err != nil {
		return f, err
	}
	log := &lines{more: make(chan struct{}, 1)}
	cmd := exec.Command(binary, "-n", "-l", "-C", "-f", conf, "-p", filepath.Join(dir, "parent.pid"), "-c", filepath.Join(dir, "checkers.pid"))
	cmd.Stdout, cmd.Stderr = log, log
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return f, err
	}
	defer cmd.Process.Kill()
	if err := log.wait(1, "Activating BFD healthchecker"); err != nil {
		return f, err
	}
	f.start = time.Since(begin)
	if n, err := destinations(); err != nil || n != services*servers {
		return f, errors.Join(err, fmt.Errorf("%d destinations after the start", n))
	}
	if err := log.wait(1, "Startup complete"); err != nil {
		return f, err
	}
	if err := os.WriteFile(conf, config(9), 0o600); err != nil {
		return f, err
	}
	time.Sleep(quiet)
	begin = time.Now()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return f, err
	}
	if err := log.wait(1, "Changing weight from 1 to 9", "Reload complete"); err != nil {
		return f, err
	}
	f.reload = time.Since(begin)
	begin = time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return f, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for ticks := time.NewTicker(look); ; {
		select {
		case err := <-ended:
			ticks.Stop()
			f.end = time.Since(begin)
			if f.empty == 0 {
				f.empty = f.end
			}
			if err != nil {
				return f, err
			}
			// keepalived kills its children after 5 s, done or not.
			f.left, err = destinations()
			return f, err
		case <-ticks.C:
			if f.empty == 0 && empty() {
				f.empty = time.Since(begin)
			}
		}
	}
}

// look is how often it is looked whether the table is empty.
const look = 10 * time.Millisecond

// empty reports whether the table has no service. It reads only the beginning
// of it, not to hold up who empties it.
func empty() bool {
	f, err := os.Open("/proc/thread-self/net/ip_vs")
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := f.Read(head)
	return !bytes.Contains(head[:n], []byte("\nTCP"))
}

// config is the file; one server of it has the weight.
func config(weight int) []byte {
	var b bytes.Buffer
	for i := range services {
		fmt.Fprintf(&b, "virtual_server 10.8.%d.%d 80 {\n\tprotocol TCP\n\tlvs_sched wrr\n\tlvs_method NAT\n", i>>8, i&255)
		for j := range servers {
			w := 1
			if i == services/2 && j == servers/2 {
				w = weight
			}
			fmt.Fprintf(&b, "\treal_server 10.9.%d.%d %d {\n\t\tweight %d\n\t}\n", 1+i>>8, i&255, 8000+j, w)
		}
		b.WriteString("}\n")
	}
	return b.Bytes()
}

// destinations counts those in the kernel's table.
func destinations() (int, error) {
	b, err := os.ReadFile("/proc/thread-self/net/ip_vs")
	return strings.Count(string(b), "->") - 1, err
}

// freshNetwork makes a network of our own for each run, because the kernel
// keeps removed destinations for minutes and searches them when it adds one.
func freshNetwork() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"link", "set", "lo", "up"}, {"link", "add", "lb0", "type", "dummy"}, {"addr", "add", "10.9.0.1/16", "dev", "lb0"}, {"link", "set", "lb0", "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}

func sorted(f []figure, of func(figure) time.Duration) []time.Duration {
	d := make([]time.Duration, len(f))
	for i := range f {
		d[i] = of(f[i])
	}
	slices.Sort(d)
	return d
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
