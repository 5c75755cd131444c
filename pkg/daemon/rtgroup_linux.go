package daemon

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A kernel with CONFIG_RT_GROUP_SCHED gives each control group of version 1 a
// share of real-time. A group without any refuses the class; one with little
// lets a process run that long in each period and then holds it back for the
// rest, busy machine or not: 3 % were 970 ms of silence in every second for 250
// instances with adverts every 10 ms, which take 13 %.

// steadyShare is the least share of a processor that a process wants before it
// takes the real-time class unasked: with 30 % those 250 instances had no
// change of state beside four busy loops.
const steadyShare = 0.3

// enoughRealtime is an error if the control group of this process has less
// real-time than steadyShare. Without such a limit there is nothing to read.
func enoughRealtime(proc, cgroup string) error {
	groups, err := os.ReadFile(filepath.Join(proc, "self/cgroup"))
	if err != nil {
		return nil //nolint:nilerr // no control groups
	}
	for line := range strings.Lines(string(groups)) {
		// "4:cpu,cpuacct:/system.slice"
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || !slices.Contains(strings.Split(fields[1], ","), "cpu") {
			continue
		}
		dir := filepath.Join(cgroup, fields[1], fields[2])
		runtime, err1 := microseconds(filepath.Join(dir, "cpu.rt_runtime_us"))
		period, err2 := microseconds(filepath.Join(dir, "cpu.rt_period_us"))
		if err1 != nil || err2 != nil || runtime < 0 || period <= 0 {
			return nil // -1 is no limit
		}
		if share := float64(runtime) / float64(period); share < steadyShare {
			return fmt.Errorf("the control group %s has %.0f %% of a processor for that, in cpu.rt_runtime_us", fields[2], 100*share)
		}
	}
	return nil
}

func microseconds(file string) (int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
}
