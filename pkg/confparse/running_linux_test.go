package confparse_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// verdict is what -t says about a file: the exit status, the lines that it
// names, and the messages that it makes without naming a line.
type verdict struct {
	exit     int
	lines    map[string]bool // FILE:LINE
	unplaced map[string]bool
	// texts are all messages, ours with the line each names.
	texts map[string]string
}

var namedLine = regexp.MustCompile(`^\((?:(.*): )?Line (\d+)\) (.*)$`)

func (v *verdict) add(message, main string) {
	if v.lines == nil {
		v.lines, v.unplaced, v.texts = map[string]bool{}, map[string]bool{}, map[string]string{}
	}
	m := namedLine.FindStringSubmatch(message)
	if m == nil {
		v.unplaced[message], v.texts[message] = true, ""
		return
	}
	at := filepath.Base(m[1]) + ":" + m[2]
	if m[1] == "" {
		at = filepath.Base(main) + ":" + m[2]
	}
	v.lines[at], v.texts[m[3]] = true, at
}

// runningKeepalived asks the installed keepalived about a file in dir.
func runningKeepalived(t *testing.T, ns *nstest.NS, dir, main string, more ...string) verdict {
	t.Helper()
	// Some files make 2.2.7 hang.
	cmd := ns.Command(append([]string{"timeout", "-s", "KILL", "2", "keepalived", "-t", "-f", main}, more...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	v := verdict{}
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		v.exit = failed.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		v.add(strings.TrimRight(line, "\n"), main)
	}
	return v
}

// ourVerdict is what we say on the same machine. counted leaves out what
// never changes the exit status.
func ourVerdict(ns *nstest.NS, env confparse.Env, main string) (all, counted verdict) {
	var found diag.List
	ns.Do(func() {
		cfg, _, list := confparse.Load(confparse.OSFiles(), main, env)
		found = append(list, preflight.Check(cfg, preflight.Host{})...)
	})
	all.exit = found.ExitCode()
	for _, d := range found {
		if d.Class == diag.ClassOwn {
			continue
		}
		line := diag.LogLine(d, main, nil)
		all.add(line, main)
		if d.Class != diag.ClassLog {
			counted.add(line, main)
		}
	}
	return all, counted
}

// differences compares what two programs complain about. A message without a
// line is the same wherever the other one places it; of a line that both
// name, the words may differ. Behind a missing argument keepalived reads no
// further.
func differences(theirs, ours, counted verdict) []string {
	var out []string
	for at := range theirs.lines {
		if !ours.lines[at] {
			out = append(out, "keepalived only: "+at+" "+textAt(theirs, at))
		}
	}
	for text := range theirs.unplaced {
		if _, said := ours.texts[text]; !said {
			out = append(out, "keepalived only: "+text)
		}
	}
	if theirs.exit == diag.ExitMissingParameter {
		return out
	}
	for text, at := range counted.texts {
		if _, said := theirs.texts[text]; !said && !theirs.lines[at] {
			out = append(out, "ours only: "+at+" "+text)
		}
	}
	slices.Sort(out)
	return out
}

func textAt(v verdict, at string) string {
	for text, place := range v.texts {
		if place == at {
			return text
		}
	}
	return ""
}

const (
	noIPTables   = "Debian built 2.2.7 without iptables, and it complains about vrrp_iptables; 2.4.3 does not"
	hangs        = "2.2.7 hangs"
	noNamespace  = "the network namespace does not exist: keepalived exits 0 and checks nothing behind it"
	lacking      = "keepalived says only what an instance lacks, here the rest of its mistakes are said too"
	scriptIsGone = "keepalived has dropped the missing script before it looks at its weight"
	bfdIsGone    = "a BFD instance without neighbour does not exist here for those that name it"
)

// runningExceptions are the files about which 2.2.7 and we say something else,
// and why.
var runningExceptions = map[string]string{
	"0036": lacking, "0134": lacking, "0138": lacking, "0231": lacking, "0232": lacking, "0278": lacking,
	"0086": scriptIsGone, "0087": scriptIsGone, "0330": scriptIsGone,
	"0207": hangs, "0208": hangs, "0209": hangs,
	"0341": noIPTables, "0360": noIPTables, "0367": noIPTables, "0387": noIPTables, "0442": noIPTables, "0443": noIPTables, "0450": noIPTables,
	"0458": noIPTables, "0460": noIPTables, "0463": noIPTables, "0468": noIPTables, "0472": noIPTables,
	"0368": "keepalived does not look at the peers of an instance without interface", "0369": "keepalived does not look at the peers of an instance without interface",
	"0400": hangs + ", on a definition that uses itself",
	"0402": "a comment that ends in a backslash, of which 2.2.7 leaves a word behind; 2.4.3 does not",
	"0415": bfdIsGone, "0422": noIPTables + "; " + bfdIsGone, "0429": bfdIsGone,
	"0416": "the port of a server that a group overrules is said once, not for each entry of the group",
	"0434": "2.4.3 complains about a second helo_name, 2.2.7 does not",
	"0444": noNamespace, "0455": noNamespace, "0456": noNamespace, "0457": noNamespace,
	"0467": noIPTables + "; it reads the scripts before enable_script_security, which stands below them",
}

// TestCorpusAgainstRunningKeepalived gives the published files to the
// installed keepalived 2.2.7 and to Load and preflight, in a network namespace
// that has every interface that any of them names: the exit status and the
// lines complained about are the same. The numbers stand in
// docs/compatibility.md.
func TestCorpusAgainstRunningKeepalived(t *testing.T) {
	nstest.Require(t, "netns")
	confparse.Keepalived227(t)
	dir := confparse.SharedDir(t, "corpus")
	files, err := filepath.Glob(filepath.Join(dir, "*.conf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	ns := nstest.New(t, "gkcorpus")
	addInterfaces(t, ns, dir, files)
	sameExit, sameLines := 0, 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".conf")
		theirs := runningKeepalived(t, ns, dir, name+".conf", "-i", "vm")
		ours, counted := ourVerdict(ns, corpusEnv(dir), name+".conf")
		diff := differences(theirs, ours, counted)
		if len(diff) == 0 {
			sameLines++
		}
		if theirs.exit == ours.exit {
			sameExit++
		} else {
			diff = append(diff, fmt.Sprintf("exit %d, keepalived %d", ours.exit, theirs.exit))
		}
		switch why, known := runningExceptions[name]; {
		case len(diff) == 0 && known:
			t.Errorf("%s: as keepalived; no longer an exception (%s)", name, why)
		case len(diff) > 0 && !known:
			t.Errorf("%s:\n   %s", name, strings.Join(diff, "\n   "))
		}
	}
	documented(t, fmt.Sprintf("Of %d published files the running keepalived 2.2.7 ends with the same exit status on %d and complains about the same lines on %d", len(files), sameExit, sameLines))
}

// caseExceptions are the recorded cases about which 2.2.7 and we say something
// else, and why.
var caseExceptions = map[string]string{
	"021": "2.4.3 reports NUL bytes, 2.2.7 does not",
	"023": "2.4.3 reports long lines, 2.2.7 cuts them",
	"025": "2.4.3 ignores the backslash at the end of a comment, 2.2.7 leaves it as a word",
	"071": "${_HASH} is the character, as the manual has it",
	"073": "2.4.3 counts the parameters of ${_RANDOM}, 2.2.7 does not",
	"112": "include_check readable is accepted, as the manual has it",
	"126": "keepalived ends at the missing interface",
	"144": "keepalived checks nothing behind a name space that is missing",
}

// TestConfigCasesAgainstRunningKeepalived gives the recorded cases to the
// installed keepalived 2.2.7.
func TestConfigCasesAgainstRunningKeepalived(t *testing.T) {
	nstest.Require(t, "netns")
	confparse.Keepalived227(t)
	dir := confparse.SharedDir(t, "spec", "config-cases")
	table, err := os.ReadFile(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	ns := nstest.New(t, "gkcases")
	for line := range strings.Lines(string(table)) {
		columns := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(columns) < 5 || columns[0] == "file" || strings.Contains(columns[4], ":") {
			continue
		}
		file, number := columns[0], columns[0][:3]
		theirs := runningKeepalived(t, ns, dir, file, strings.Fields(columns[4])...)
		ours, counted := ourVerdict(ns, confparse.CaseEnv(dir, columns[4]), file)
		diff := differences(theirs, ours, counted)
		if theirs.exit != ours.exit {
			diff = append(diff, fmt.Sprintf("exit %d, keepalived %d", ours.exit, theirs.exit))
		}
		switch why, known := caseExceptions[number]; {
		case len(diff) == 0 && known:
			t.Errorf("%s: as keepalived; no longer an exception (%s)", file, why)
		case len(diff) > 0 && !known:
			t.Errorf("%s:\n   %s", file, strings.Join(diff, "\n   "))
		}
	}
}

// addInterfaces makes the interfaces that files name, as bridges.
func addInterfaces(t *testing.T, ns *nstest.NS, dir string, files []string) {
	t.Helper()
	made := map[string]bool{"lo": true}
	for _, file := range files {
		cfg, _, _ := confparse.Load(confparse.OSFiles(), filepath.Base(file), corpusEnv(dir))
		for _, l := range corpusMachine(cfg).Links {
			if made[l.Name] {
				continue
			}
			made[l.Name] = true
			a := netlink.NewLinkAttrs()
			a.Name = l.Name
			if err := ns.Netlink().LinkAdd(&netlink.Bridge{LinkAttrs: a}); err != nil {
				// A placeholder that is no name for an interface.
				t.Logf("%s: %v", l.Name, err)
			}
		}
	}
}
