// Command instances measures many virtual routers in one process, and memory.
//
// Two nodes are joined by four veth pairs; each has the same instances, spread
// over the links. First both are gokeepalived, then both keepalived:
//
//	master, priority 200   gkinst-1 l0 ── l0 gkinst-2   backup, priority 100
//	                                l1 ── l1
//	                                l2 ── l2
//	                                l3 ── l3
//
// With 1,000 instances and adverts every second: the time until the first node
// is master of all, the CPU that either node takes then, and the memory of the
// whole process tree, resident and proportional (shared pages divided among
// their users). With one instance: the memory. With 250 instances and adverts
// every 10 ms, beside four busy loops: CPU, and changes of state, of which
// there should be none; once as it is and once with vrrp_rt_priority. Needs
// root, bin/gokeepalived (make build) and keepalived.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// footprintLimit is what parent and VRRP process may take with one instance and
// everything else off, in MiB. Agents, mail, TLS and firewall cost nothing until
// a configuration asks for them.
const footprintLimit = 25

// links is how many veth pairs there are.
const links = 4

// setting is one thing to measure.
type setting struct {
	name      string
	instances int
	// interval is advert_int.
	interval string
	// watch is how long CPU and changes of state are counted.
	watch    time.Duration
	loops    int
	realtime bool
}

func main() {
	ours := flag.String("gokeepalived", "bin/gokeepalived", "our program")
	theirs := flag.String("keepalived", "keepalived", "the program to compare with")
	steady := flag.Duration("steady", 15*time.Second, "time to watch 1,000 instances")
	stress := flag.Duration("stress", 60*time.Second, "time to watch 250 instances beside busy loops")
	only := flag.String("only", "", "measure only settings whose name ends with this")
	flag.Parse()
	if err := run(*ours, *theirs, *only, *steady, *stress); err != nil {
		fmt.Fprintln(os.Stderr, "instances:", err)
		os.Exit(1)
	}
}

func run(ours, theirs, only string, steady, stress time.Duration) error {
	ours, err := filepath.Abs(ours)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %-13s %9s %9s %9s %9s %9s %8s\n", "", "", "all", "CPU of", "CPU of", "resident", "propor-", "spurious")
	fmt.Printf("%-34s %-13s %9s %9s %9s %9s %9s %8s\n", "", "", "master", "master", "backup", "MiB", "tional", "changes")
	for _, s := range []setting{
		{"1 instance, 1 s", 1, "1", 5 * time.Second, 0, false},
		{"1,000 instances, 1 s", 1000, "1", steady, 0, false},
		{"250 at 10 ms", 250, "0.01", steady, 0, false},
		{"250 at 10 ms, 4 loops", 250, "0.01", stress, 4, false},
		{"250 at 10 ms, 4 loops, rt_priority", 250, "0.01", stress, 4, true},
	} {
		if !strings.HasSuffix(s.name, only) {
			continue
		}
		for _, program := range []struct{ name, path string }{{"gokeepalived", ours}, {"keepalived", theirs}} {
			r, err := measure(program.path, s)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, program.name, err)
			}
			fmt.Printf("%-34s %-13s %7.2f s %7.1f %% %7.1f %% %9.1f %9.1f %8d\n", s.name, program.name,
				r.allMaster.Seconds(), r.masterCPU, r.backupCPU, r.resident, r.proportional, r.changes)
			if program.path == ours && s.instances == 1 && r.resident > footprintLimit {
				return fmt.Errorf("%s: %.1f MiB are resident, the limit is %d", s.name, r.resident, footprintLimit)
			}
		}
	}
	return nil
}

// result is what one setting gave.
type result struct {
	// allMaster is from the start of the process to the last address.
	allMaster time.Duration
	// CPU in per cent of one processor.
	masterCPU, backupCPU float64
	// Memory of the master's processes in MiB.
	resident, proportional float64
	// changes of state on both nodes while nothing happened.
	changes int
}

func measure(program string, s setting) (r result, err error) {
	dir, err := os.MkdirTemp("", "instances")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	defer removeNetwork()
	if err := makeNetwork(); err != nil {
		return r, err
	}
	began := time.Now()
	master, err := startNode(program, dir, 1, s)
	if err != nil {
		return r, err
	}
	defer master.stop()
	if err := master.waitAddresses(s.instances); err != nil {
		return r, err
	}
	r.allMaster = time.Since(began)
	backup, err := startNode(program, dir, 2, s)
	if err != nil {
		return r, err
	}
	defer backup.stop()
	// The second bursts of gratuitous ARPs are over by then.
	time.Sleep(7 * time.Second)
	if s.loops > 0 {
		defer burn(s.loops)()
		time.Sleep(time.Second)
	}
	changes := master.changes() + backup.changes()
	m, b := master.cpu(), backup.cpu()
	from := time.Now()
	time.Sleep(s.watch)
	elapsed := time.Since(from)
	r.masterCPU = 100 * float64(master.cpu()-m) / float64(elapsed)
	r.backupCPU = 100 * float64(backup.cpu()-b) / float64(elapsed)
	r.changes = master.changes() + backup.changes() - changes
	r.resident, r.proportional = master.memory()
	return r, nil
}
