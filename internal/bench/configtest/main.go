// Command configtest compares "-t" of gokeepalived with keepalived's on
// generated files, in the same run: wall time and peak resident memory of the
// whole process, and check's time beside it. It fails when a limit is exceeded.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"syscall"
	"time"
)

func main() {
	ours := flag.String("ours", "bin/gokeepalived", "binary to measure")
	theirs := flag.String("theirs", "keepalived", "binary to compare with")
	runs := flag.Int("runs", 9, "runs of each, alternating")
	flag.Parse()
	dir, err := os.MkdirTemp("", "configtest")
	if err != nil {
		fatal(err)
	}
	defer os.RemoveAll(dir)
	exceeded := false
	for _, size := range sizes {
		lines := size.lines
		path := filepath.Join(dir, fmt.Sprintf("%d.conf", lines))
		if err := generate(path, lines); err != nil {
			fatal(err)
		}
		n := *runs
		if lines > 100000 {
			n = 3
		}
		commands := [][]string{
			{*theirs, "-t", "-f", path},
			{*ours, "-t", "-f", path},
			{*ours, "check", "--offline", path},
		}
		names := []string{"keepalived -t", "gokeepalived -t", "gokeepalived check"}
		figures := make([][]figure, len(commands))
		for range n {
			for i, c := range commands {
				f, err := measure(c)
				if err != nil {
					fatal(err)
				}
				figures[i] = append(figures[i], f)
			}
		}
		base, test, check := median(figures[0]), median(figures[1]), median(figures[2])
		for i, m := range []figure{base, test, check} {
			fmt.Printf("%7d lines  %-20s median %8.2f ms  peak %6.1f MB  time ratio %.2f  exit %d\n",
				lines, names[i], ms(m.wall), float64(m.rss)/1024, float64(m.wall)/float64(base.wall), m.exit)
		}
		for _, why := range size.exceeded(base, test, check) {
			fmt.Printf("%7d lines  LIMIT EXCEEDED: %s\n", lines, why)
			exceeded = true
		}
	}
	if exceeded {
		os.RemoveAll(dir)
		os.Exit(1)
	}
}

// size is a number of lines and what a file of that size may take: -t against
// keepalived's, its wall time, its memory. Zero is no limit. check may take
// twice as long as -t.
type size struct {
	lines int
	ratio float64
	wall  time.Duration
	rss   int64 // KiB
}

var sizes = []size{
	{lines: 50, wall: 10 * time.Millisecond},
	{lines: 66000, ratio: 1.0, rss: 100 * 1024},
	{lines: 660000, ratio: 1.5},
}

func (s size) exceeded(base, test, check figure) (out []string) {
	if s.ratio > 0 && float64(test.wall) > s.ratio*float64(base.wall) {
		out = append(out, fmt.Sprintf("-t takes more than %.1f of keepalived's time", s.ratio))
	}
	if s.wall > 0 && test.wall > s.wall {
		out = append(out, fmt.Sprintf("-t takes more than %v", s.wall))
	}
	if s.rss > 0 && test.rss > s.rss {
		out = append(out, fmt.Sprintf("-t needs more than %d MB", s.rss/1024))
	}
	if check.wall > 2*test.wall {
		out = append(out, "check takes more than twice the time of -t")
	}
	return out
}

type figure struct {
	wall time.Duration
	rss  int64 // KiB
	exit int
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func measure(args []string) (figure, error) {
	cmd := exec.Command(args[0], args[1:]...)
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if _, bad := err.(*exec.ExitError); err != nil && !bad {
		return figure{}, err
	}
	return figure{wall, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, cmd.ProcessState.ExitCode()}, nil
}

func median(fs []figure) figure {
	sort.Slice(fs, func(i, j int) bool { return fs[i].wall < fs[j].wall })
	return fs[len(fs)/2]
}

// generate writes a load balancer's file of about the given number of lines:
// virtual servers with four checked real servers each.
func generate(path string, lines int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "global_defs {\n    router_id bench\n}\n")
	written := 3
	for vs := 0; written < lines; vs++ {
		fmt.Fprintf(w, "virtual_server 10.%d.%d.%d 80 {\n    delay_loop 5\n    lb_algo wrr\n    lb_kind NAT\n    protocol TCP\n", 1+vs>>16, vs>>8&255, vs&255)
		for rs := range 4 {
			fmt.Fprintf(w, "    real_server 172.%d.%d.%d 8080 {\n        weight %d\n        TCP_CHECK {\n            connect_timeout 3\n        }\n    }\n",
				16+vs>>14&15, vs>>6&255, vs<<2&255|rs, 10+rs)
		}
		fmt.Fprintf(w, "}\n")
		written += 6 + 4*6
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "configtest:", err)
	os.Exit(1)
}
