package track

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// procTable is what can be asked about running processes.
type procTable interface {
	// pids are all processes.
	pids() []int
	// comm is the kernel's name of a process, "" if it is gone or a zombie.
	comm(pid int) string
	// cmdline are its arguments, nil if it is gone, a zombie or a kernel
	// thread.
	cmdline(pid int) []string
}

// procFS is the procTable of the proc file system.
type procFS struct{}

func (procFS) pids() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (procFS) comm(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// PID (NAME) STATE ...; the name may have anything in it.
	first, last := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if first < 0 || last < first || last+2 >= len(stat) || stat[last+2] == 'Z' || stat[last+2] == 'X' {
		return ""
	}
	return string(stat[first+1 : last])
}

func (procFS) cmdline(pid int) []string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}
