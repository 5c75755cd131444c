package netif

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

// Names reads iproute2's tables of numbers and names from its directories.
// It reads them anew for every look-up: they are few.
type Names struct {
	// Dirs are the directories, the last one that knows a name wins.
	Dirs []string
}

// SystemNames are the tables where iproute2 looks for them: the
// distribution's defaults, then what the administrator overrides.
func SystemNames() Names {
	return Names{Dirs: []string{"/usr/share/iproute2", "/usr/lib/iproute2", "/etc/iproute2"}}
}

// ConfiguredNames are SystemNames with the directories that a configuration
// puts in their place.
func ConfiguredNames(g *config.VRRPGlobal) Names {
	n := SystemNames()
	if g.IPRouteEtcDir != "" {
		n.Dirs[2] = g.IPRouteEtcDir
	}
	if g.IPRouteUsrDir != "" {
		n.Dirs = []string{g.IPRouteUsrDir, n.Dirs[2]}
	}
	return n
}

var nameFiles = map[iproute.Table]string{
	iproute.Tables:           "rt_tables",
	iproute.Protocols:        "rt_protos",
	iproute.Scopes:           "rt_scopes",
	iproute.DSFields:         "rt_dsfield",
	iproute.Realms:           "rt_realms",
	iproute.Groups:           "group",
	iproute.AddressProtocols: "rt_addrprotos",
}

// builtinNames are known without any file, as iproute2 knows them.
var builtinNames = map[iproute.Table]map[string]uint32{
	iproute.Tables:    {"default": 253, "main": 254, "local": 255},
	iproute.Protocols: {"redirect": 1, "kernel": 2, "boot": 3, "static": 4, "ra": 9, "keepalived": 18},
	iproute.Scopes:    {"global": 0, "universe": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255},
	iproute.Groups:    {"default": 0},
}

// Number finds the number of a name.
func (n Names) Number(table iproute.Table, name string) (uint32, bool) {
	number, found := builtinNames[table][name]
	for _, dir := range n.Dirs {
		file := filepath.Join(dir, nameFiles[table])
		more, _ := filepath.Glob(filepath.Join(file+".d", "*.conf"))
		slices.Sort(more)
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
