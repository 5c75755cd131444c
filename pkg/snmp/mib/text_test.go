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
	mibFolder   = "../../../packaging/mibs"
	theirFolder = "/usr/share/snmp/mibs"
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

// TestMIBFiles has libsmi and net-snmp read the files.
func TestMIBFiles(t *testing.T) {
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
	for _, file := range Modules() {
		path := filepath.Join(mibFolder, file.Name+".txt")
		if out := lint(path); out != "" {
			t.Errorf("smilint says\n%s", out)
		}
		known := translate(t, path, file.root.oid.String())
		m := &module{objects: file.notified}
		for _, n := range file.nodes {
			n.describe(m)
		}
		for _, o := range m.objects {
			if known[o.name].oid != o.oid.String() {
				t.Errorf("%s is %v, net-snmp reads %q", o.name, o.oid, known[o.name].oid)
			}
		}
	}
	// That smilint finds mistakes at all.
	broken := filepath.Join(t.TempDir(), "KEEPALIVED-MIB.txt")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(keepalivedModule().Text()), "SYNTAX       VrrpState", "SYNTAX       NoSuchType", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := lint(broken); !strings.Contains(out, "NoSuchType") {
		t.Errorf("smilint does not find a mistake: %q", out)
	}
}

// translated is what net-snmp says of an object.
type translated struct{ oid, kind string }

// translate is what net-snmp reads in a MIB file, by name.
func translate(t *testing.T, path, root string) map[string]translated {
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
	for line := range strings.SplitSeq(run("-Tp", "."+root), "\n") {
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

// notServed are objects of the RFCs that we don't have.
var notServed = map[string]bool{"vrrpOperAuthKey": true} // a key is never shown

// TestSameRFCObjects compares numbers, types and enumerations with the files of
// the installed keepalived; access is what we serve, always read-only.
func TestSameRFCObjects(t *testing.T) {
	nstest.Require(t, "keepalived", "snmp")
	for file, their := range map[*ModuleFile]string{rfc2787Module(): "VRRP-MIB.txt", rfc6527Module(): "VRRPv3-MIB.txt"} {
		root := file.root.oid.String()
		ours, theirs := translate(t, filepath.Join(mibFolder, file.Name+".txt"), root), translate(t, filepath.Join(theirFolder, their), root)
		objects := 0
		for name, want := range theirs {
			if !strings.HasPrefix(want.oid, root+".") {
				continue
			}
			_, wantType, typed := strings.Cut(want.kind, " ")
			_, gotType, _ := strings.Cut(ours[name].kind, " ")
			switch {
			case !typed || notServed[name]:
			case ours[name].oid != want.oid || gotType != wantType:
				t.Errorf("%s: %+v, theirs %+v", name, ours[name], want)
			default:
				objects++
			}
		}
		if objects < 20 {
			t.Errorf("%s: only %d objects", file.Name, objects)
		}
		t.Logf("%s: %d objects are the same", file.Name, objects)
	}
}

// newer are the objects that the file of 2.3.3 has and that of 2.2.7 has not.
var newer = map[string]translated{
	"realServerNotifyUpPath":      {"3.4.1.56", "-R-- String"},
	"realServerNotifyDownPath":    {"3.4.1.57", "-R-- String"},
	"realServerRateCps64":         {"3.4.1.58", "-R-- Counter64"},
	"realServerRateInPPS64":       {"3.4.1.59", "-R-- Counter64"},
	"realServerRateOutPPS64":      {"3.4.1.60", "-R-- Counter64"},
	"realServerRateInBPS64":       {"3.4.1.61", "-R-- Counter64"},
	"realServerRateOutBPS64":      {"3.4.1.62", "-R-- Counter64"},
	"v3ChecksumAsV2":              {"1.12", "-R-- EnumVal Values: true(1), false(2)"},
	"virtualServerQuorumUpPath":   {"3.3.1.72", "-R-- String"},
	"virtualServerQuorumDownPath": {"3.3.1.73", "-R-- String"},
	"virtualServerRateCps64":      {"3.3.1.74", "-R-- Counter64"},
	"virtualServerRateInPPS64":    {"3.3.1.75", "-R-- Counter64"},
	"virtualServerRateOutPPS64":   {"3.3.1.76", "-R-- Counter64"},
	"virtualServerRateInBPS64":    {"3.3.1.77", "-R-- Counter64"},
	"virtualServerRateOutBPS64":   {"3.3.1.78", "-R-- Counter64"},
	"vrrpInstanceV3ChecksumAsV2":  {"2.3.1.36", "-R-- EnumVal Values: true(1), false(2)"},
	"vrrpScriptPath":              {"2.9.1.10", "-R-- String"},
	"vrrpScriptIntervalUsec":      {"2.9.1.11", "-R-- Unsigned"},
	"vrrpScriptTimeoutUsec":       {"2.9.1.12", "-R-- Unsigned"},
}

// TestSameObjects compares numbers, types, access and enumerations with the
// MIB file of the installed keepalived, 2.2.7.
func TestSameObjects(t *testing.T) {
	nstest.Require(t, "keepalived", "snmp")
	root := keepalivedOID.String()
	ours := translate(t, filepath.Join(mibFolder, "KEEPALIVED-MIB.txt"), root)
	theirs := translate(t, filepath.Join(theirFolder, "KEEPALIVED-MIB.txt"), root)
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
	since := 0
	for name, o := range ours {
		if _, ok := theirs[name]; !ok && strings.HasPrefix(o.oid, root) && !strings.HasPrefix(o.oid, "1.3.6.1.4.1.9586.100.5.4") {
			if want := newer[name]; (translated{strings.TrimPrefix(o.oid, root+"."), o.kind}) != want {
				t.Errorf("%s is %+v, in 2.3.3 %+v", name, o, want)
			}
			since++
		}
	}
	if since != len(newer) {
		t.Errorf("%d of %d objects that came after 2.2.7", since, len(newer))
	}
	t.Logf("%d objects are the same", objects)
}
