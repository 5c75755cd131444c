package confparse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/preflight/preflighttest"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// corpusEnv is that of the machine on which the exit codes were recorded.
func corpusEnv(dir string) confparse.Env {
	return confparse.Env{HostName: "vm", WorkDir: dir, Test: true, Now: time.Unix(1700000000, 0)}
}

// corpusMachine has every interface that cfg names, and the programs of a
// small Debian with /bin merged into /usr/bin.
func corpusMachine(cfg *config.Config) *preflighttest.Machine {
	m := preflighttest.New()
	m.Path = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
	for _, dir := range []string{"bin", "sbin"} {
		m.Add("/"+dir, scripttest.File{Target: "usr/" + dir})
	}
	for _, name := range strings.Fields("killall pidof pgrep curl systemctl service python3 awk true false sh bash cat test grep ls echo touch kill sleep env nc wget ping ip") {
		m.Add("/usr/bin/"+name, scripttest.File{Mode: 0o755, Head: "\x7fELF"})
		m.Add("/usr/sbin/"+name, scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	}
	m.Hosts = map[string]bool{"localhost": true}
	m.Links = []preflight.Interface{{Name: "lo", Loopback: true}}
	seen := map[string]bool{"lo": true, "": true}
	add := func(names ...string) {
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				m.Links = append(m.Links, preflight.Interface{Name: n, Multicast: true})
			}
		}
	}
	// The recording machine took the names of macvlans for those of interfaces.
	add("eth0", "vrrp.51", "vrrp.253")
	tracks := func(list []config.Track) {
		for _, t := range list {
			add(t.Name)
		}
	}
	addresses := func(list []*config.Address) {
		for _, a := range list {
			add(a.Dev)
		}
	}
	routes := func(words []string) {
		for i, w := range words[:max(len(words)-1, 0)] {
			if w == "dev" || w == "iif" || w == "oif" {
				add(words[i+1])
			}
		}
	}
	for _, v := range cfg.Instances {
		add(v.Interface)
		tracks(v.TrackInterfaces)
		addresses(v.VirtualAddresses)
		addresses(v.ExcludedAddresses)
		for _, r := range v.Routes {
			routes(r.Words)
		}
		for _, r := range v.Rules {
			routes(r.Words)
		}
	}
	for _, g := range cfg.SyncGroups {
		tracks(g.TrackInterfaces)
	}
	addresses(cfg.StaticAddresses)
	for _, r := range cfg.StaticRoutes {
		routes(r.Words)
	}
	for _, r := range cfg.StaticRules {
		routes(r.Words)
	}
	for _, g := range cfg.GARPGroups {
		add(g.Interfaces...)
	}
	for _, l := range cfg.LinkDelays {
		add(l.Interface)
	}
	for _, l := range cfg.LinkbeatInterfaces {
		add(l.Interface)
	}
	return m
}

// corpusExceptions are the files whose exit code differs, and why.
var corpusExceptions = map[string]string{
	"0129": "2.4.3 refuses /bin/true where /bin is a link; the resolved path is judged here, as 2.2.7 does",
	"0347": "a comment inside a multi-line definition, which 2.4.3 lost and 2.2.7 honours",
	"0396": "the recording machine lacks router1-outside",
	"0397": "the recording machine lacks router1-outside",
	"0367": "the recording machine lacks interfaces that ~SEQ names",
	"0400": "keepalived hangs on a definition that uses itself; here it is an error",
	"0450": "the recording machine lacks interfaces that are named by definitions",
	"0444": "the network namespace is missing on the recording machine: nothing was checked in it",
	"0455": "the network namespace is missing on the recording machine: nothing was checked in it",
	"0456": "the network namespace is missing on the recording machine: nothing was checked in it",
	"0457": "the network namespace is missing on the recording machine: nothing was checked in it",
}

// TestCorpus compares exit codes with those of keepalived 2.4.3 on a machine
// that has every interface.
func TestCorpus(t *testing.T) {
	dir := confparse.SharedDir(t, "corpus")
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(index)), "\n")[1:]
	same := 0
	for _, line := range rows {
		f := strings.Split(line, "\t")
		name, want := f[0], f[5]
		t.Run(name, func(t *testing.T) {
			cfg, set, found := confparse.Load(confparse.OSFiles(), name+".conf", corpusEnv(dir))
			found = append(found, preflight.Check(cfg, corpusMachine(cfg))...)
			for i := range found {
				checkInside(t, set, &found[i])
			}
			got := strconv.Itoa(found.ExitCode())
			if got == want {
				same++
			}
			if why, ok := corpusExceptions[name]; ok {
				if got == want {
					t.Errorf("exit %s as keepalived; no longer an exception (%s)", got, why)
				}
				return
			}
			if got == want {
				return
			}
			t.Errorf("%s: exit %s, keepalived %s", f[2], got, want)
			for _, d := range found {
				if d.Class != diag.ClassOwn {
					t.Logf("%d: %s (%d)", d.Subject.Start.Line, d.Summary, d.Class)
				}
			}
		})
	}
	says := fmt.Sprintf("of %d files `-t` ends with the exit status recorded with keepalived 2.4.3 on %d", len(rows), same)
	documented(t, says)
}

// documented fails if docs/compatibility.md does not say so: numbers in it
// must not go stale.
func documented(t *testing.T, says string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), says) {
		t.Errorf("docs/compatibility.md should say: %s", says)
	}
}

// checkInside fails if a range of the finding lies outside of its file, or
// over the end of a line.
func checkInside(t *testing.T, set *confparse.FileSet, d *diag.Diagnostic) {
	t.Helper()
	ranges := []diag.Range{d.Subject, d.Context, d.Logged}
	for _, f := range d.Chain {
		ranges = append(ranges, f.Range)
	}
	for _, r := range ranges {
		if r.IsZero() {
			continue
		}
		text, ok := set.Text(r.File)
		if !ok {
			t.Errorf("%s: %v is in no file", d.Summary, r)
			continue
		}
		for _, p := range []diag.Pos{r.Start, r.End} {
			if p.Byte < 0 || p.Byte > len(text) || p.Line != strings.Count(text[:p.Byte], "\n")+1 || p.Column != p.Byte-strings.LastIndexByte(text[:p.Byte], '\n') {
				t.Errorf("%s: place %+v in a file of %d bytes", d.Summary, p, len(text))
			}
		}
		if r.End.Byte < r.Start.Byte {
			t.Errorf("%s: range %+v ends before it starts", d.Summary, r)
		}
	}
}
