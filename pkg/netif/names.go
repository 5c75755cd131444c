package netif

import (
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// nameTable is one of iproute2's tables of numbers and names.
type nameTable string

// The tables, by the name of their file below the iproute2 directories.
const (
	addressProtocols nameTable = "rt_addrprotos"
)

// nameDirs are where iproute2 looks: the distribution's defaults, then what
// the administrator overrides.
var nameDirs = [...]string{"/usr/share/iproute2", "/usr/lib/iproute2", "/etc/iproute2"}

// lookupName finds the number of a name; the last file that has it wins.
func lookupName(table nameTable, name string) (uint32, bool) {
	var number uint32
	found := false
	for _, dir := range nameDirs {
		file := filepath.Join(dir, string(table))
		more, _ := filepath.Glob(filepath.Join(file+".d", "*.conf"))
		sort.Strings(more)
		for _, f := range append([]string{file}, more...) {
			text, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if n, ok := findName(string(text), name); ok {
				number, found = n, true
			}
		}
	}
	return number, found
}

// findName reads the text of one table: lines of a number and a name, with
// comments after #.
func findName(text, name string) (number uint32, found bool) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) != 2 || words[1] != name {
			continue
		}
		if n, err := strconv.ParseUint(words[0], 0, 32); err == nil {
			number, found = uint32(n), true
		}
	}
	return number, found
}
