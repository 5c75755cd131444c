//go:build linux

package mib

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

const (
	ownMIB   = "../../../packaging/mibs/KEEPALIVED-MIB.txt"
	theirMIB = "/usr/share/snmp/mibs/KEEPALIVED-MIB.txt"
)

// smi are the base modules, which Debian may not ship.
func smi(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("testdata/smi")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMIBFile has libsmi and net-snmp read the file.
func TestMIBFile(t *testing.T) {
	nstest.Require(t, "snmp")
	lint := func(path string) string {
		cmd := exec.Command("smilint", "-s", "-l", "5", path)
		cmd.Env = append(os.Environ(), "SMIPATH="+smi(t))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("smilint: %v: %s", err, out)
		}
		return string(out)
	}
	if out := lint(ownMIB); out != "" {
		t.Errorf("smilint says\n%s", out)
	}
	// That smilint finds mistakes at all.
	broken := filepath.Join(t.TempDir(), "KEEPALIVED-MIB.txt")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(Text()), "SYNTAX       VrrpState", "SYNTAX       NoSuchType", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := lint(broken); !strings.Contains(out, "NoSuchType") {
		t.Errorf("smilint does not find a mistake: %q", out)
	}

	known := translate(t, ownMIB)
	m := &module{}
	for _, list := range [][]node{globalNodes, vrrpNodes, checkNodes} {
		for _, n := range list {
			n.describe(m)
		}
	}
	for _, o := range m.objects {
		if known[o.name].oid != o.oid.String() {
			t.Errorf("%s is %v, net-snmp reads %q", o.name, o.oid, known[o.name].oid)
		}
	}
}

// translated is what net-snmp says of an object.
type translated struct{ oid, kind string }

// translate is what net-snmp reads in a MIB file, by name.
func translate(t *testing.T, path string) map[string]translated {
	t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command("snmptranslate", append([]string{"-M", smi(t), "-m", path}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("snmptranslate: %v: %s", err, out)
		}
		return string(out)
	}
	list := map[string]translated{}
	for _, m := range regexp.MustCompile(`(?m)^"(\S+)"\s+"([0-9.]+)"$`).FindAllStringSubmatch(run("-Tz"), -1) {
		list[m[1]] = translated{oid: m[2]}
	}
	// " |     +-- -RW- EnumVal   vrrpInstancePreempt(13)", and below it
	// "Textual Convention: ..." and "Values: ...".
	entry := regexp.MustCompile(`\+-- ([-RWN]{4}) (\S+)\s+(\w+)\((\d+)\)`)
	name := ""
	for line := range strings.SplitSeq(run("-Tp", ".1.3.6.1.4.1.9586.100.5"), "\n") {
		if m := entry.FindStringSubmatch(line); m != nil {
			name = m[3]
			list[name] = translated{list[name].oid, m[1] + " " + m[2]}
		} else if strings.Contains(line, "+--") {
			name = ""
		} else if i := strings.Index(line, "Values: "); i >= 0 && name != "" {
			list[name] = translated{list[name].oid, list[name].kind + " " + line[i:]}
		}
	}
	return list
}

// TestSameObjects compares numbers, types, access and enumerations with the
// MIB file of the installed keepalived, 2.2.7.
func TestSameObjects(t *testing.T) {
	nstest.Require(t, "keepalived", "snmp")
	if _, err := os.Stat(theirMIB); err != nil {
		t.Fatal(err)
	}
	ours, theirs := translate(t, ownMIB), translate(t, theirMIB)
	objects := 0
	for name, want := range theirs {
		got, ok := ours[name]
		switch {
		case strings.HasPrefix(want.oid, "1.3.6.1.4.1.9586.100.5.4"): // conformance
		case !ok && strings.HasPrefix(want.oid, keepalivedOID.String()):
			t.Errorf("%s is not there", name)
		case name == "vrrpRouteNextHopEncapType": // not-accessible there, as no index
		case got != want:
			t.Errorf("%s: %+v, keepalived has %+v", name, got, want)
		default:
			objects++
		}
	}
	if objects < 400 {
		t.Errorf("only %d objects", objects)
	}
	newer := map[string]bool{"v3ChecksumAsV2": true, "vrrpInstanceV3ChecksumAsV2": true}
	for name, o := range ours {
		if !strings.HasPrefix(o.oid, keepalivedOID.String()) {
			continue
		}
		if _, ok := theirs[name]; !ok && !newer[name] && !strings.HasPrefix(o.oid, "1.3.6.1.4.1.9586.100.5.4") {
			t.Errorf("%s is ours alone", name)
		}
	}
	t.Logf("%d objects are the same", objects)
}
