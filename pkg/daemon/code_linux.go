package daemon

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBackCode unmaps the pages of the program's code and constants. The parent
// sleeps once its children run, but a start and a reload have taken it through
// most of the program. The kernel has the pages in its cache of files, so that
// what is used again is back within a microsecond a piece; the rest no longer
// counts as ours. Memory that is locked (vrrp_no_swap) stays as it is.
//
// Children do not do this: after it, the first takeover would have to wait for
// code that the kernel had dropped meanwhile.
func giveBackCode() {
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return // no /proc: it is only a saving
	}
	program, err := os.Readlink(ownExecutable)
	if err != nil {
		return
	}
	for _, m := range codeMappings(text, program) {
		// Not unix.Madvise: the memory is nobody's slice.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// mapping is a part of the address space.
type mapping struct {
	from, to uintptr
	resident int // KiB
}

// codeMappings are the mappings of the program's file, in /proc/self/smaps,
// that can be had again from the file: not writable, and with no page of their
// own, which relocations and breakpoints make.
func codeMappings(smaps []byte, program string) (list []mapping) {
	var m mapping
	ours := false
	for line := range bytes.Lines(smaps) {
		text := strings.TrimSuffix(string(line), "\n")
		name, value, _ := strings.Cut(text, ":")
		switch {
		case !strings.Contains(name, " "):
			var kib int
			if _, err := fmt.Sscan(value, &kib); err != nil || !ours {
				continue
			}
			switch {
			case name == "Rss":
				m.resident = kib
			case name == "Anonymous" && kib == 0:
				list = append(list, m)
			}
		default: // FROM-TO PERMISSIONS OFFSET DEVICE INODE PATH
			var permissions, skip, path string
			m = mapping{}
			n, _ := fmt.Sscanf(text, "%x-%x %s %s %s %s %s", &m.from, &m.to, &permissions, &skip, &skip, &skip, &path)
			ours = n == 7 && path == program && !strings.Contains(permissions, "w")
		}
	}
	return list
}
