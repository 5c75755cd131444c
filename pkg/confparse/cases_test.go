package confparse_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/preflight/preflighttest"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// kinds are the kinds of findings that the recorded cases are about.
var kinds = map[string]string{
	"KA0010": "long", "KA0011": "nul", "KA0020": "quote", "KA0030": "missing-file", "KA0031": "no-match", "KA0032": "missing-file",
	"KA0033": "directory", "KA0034": "executable", "KA0036": "loop", "KA0039": "repeated-check", "KA0051": "too-long",
	"KA0053": "parameters", "KA0054": "parameters", "KA0060": "seq", "KA0061": "lst",
	"KA0201": "unknown", "KA0202": "no-open", "KA0203": "stray-open", "KA0204": "stray-close", "KA0205": "no-close", "KA0206": "extra", "KA0207": "missing",
	"KA0301": "value", "KA0302": "adjusted", "KA0304": "deprecated", "KA0305": "duplicate", "KA0307": "block",
	"KA0401": "conflict", "KA0402": "reference",
	"KA1000": "interface", "KA1001": "interface", "KA1009": "interface", "KA1050": "security", "KA1060": "user", "KA1061": "user",
}

// caseFindings are the findings of each recorded case that has any, as the
// record's words tell them: line and kind, without repetitions by keepalived's
// passes. "-" is a finding that keepalived makes without a line. "differs" in
// the comment: we say something else on purpose.
var caseFindings = map[string]string{
	"004": "3 value", "005": "4 value", "006": "3 value", "007": "3 value, 4 value", "008": "3 value", "009": "4 value",
	"010": "3 quote, 3 missing", "011": "3 value", "012": "4 unknown", "013": "3 value, 4 value", "014": "3 unknown, 4 unknown",
	"015": "4 value", "016": "4 value", "017": "1 unknown, 1 stray-open, 3 unknown, 4 unknown", "018": "4 value",
	// differs: keepalived names the line before, and counts the rest of a long
	// line as one more.
	"021": "3 nul", "023": "3 long", "024": "3 long, 3 unknown",
	"025": "4 value", "026": "4 value", "027": "3 value",
	"035": "3 no-close", "036": "5 stray-close, 5 unknown, 7 value",
	"037": "3 no-open, 3 unknown, 4 value, 4 unknown, 5 stray-close, 5 unknown", "038": "3 stray-open, 6 unknown",
	"039": "2 stray-open, 6 unknown", "040": "4 value", "041": "3 stray-open, 3 unknown, 4 value, 6 unknown",
	"043": "2 unknown, 2 stray-open, 3 unknown, 4 unknown", "044": "3 unknown, 3 stray-open, 6 unknown, 7 unknown, 8 unknown",
	"045": "2 unknown", "046": "3 unknown", "047": "2 unknown, 2 stray-open, 3 unknown, 4 unknown, 4 stray-open, 5 unknown", "049": "8 extra",
	// differs: keepalived reads nothing behind line 3.
	"050": "3 missing, 4 value",
	"051": "3 missing, 4 value", "053": "3 value, 4 value, 5 value, 8 value, 9 adjusted, 10 value", "054": "9 value, 10 value",
	// A missing brace of a list is only logged.
	"056": "4 no-open, 6 value, 6 unknown, 7 stray-close, 7 unknown",
	"057": "3 stray-open, 5 unknown, 6 unknown", "058": "3 adjusted",
	"060": "4 value, 5 value", "061": "4 value, 5 value, 6 value, 7 value, 8 value",
	"062": "3 value, 4 value, 4 stray-open, 4 unknown, 5 unknown, 6 unknown, 7 unknown", "063": "3 value, 3 stray-open, 3 unknown, 4 unknown",
	"064": "3 value, 4 value", "065": "2 unknown, 6 value, 8 value, 9 value", "066": "7 value, 8 value", "067": "6 unknown, 7 value", "068": "5 value",
	"069": "6 value", "070": "2 unknown, 3 unknown, 5 unknown, 7 value",
	// differs: ${_HASH} is the character, so that line 4 has a value.
	"071": "3 value, 4 value",
	"072": "3 value", "073": "3 value, 4 parameters, 4 value, 4 stray-open, 4 unknown, 5 unknown", "074": "4 value", "075": "4 value, 5 value, 6 value",
	// differ from 2.4.3, as 2.2.7 and the manual: conditions, replicators and
	// definitions that come out of a definition.
	"076": "5 value", "077": "4 value", "078": "10 value, 11 value",
	"079": "4 too-long, 4 value", "080": "3 value, 6 value, 8 value", "081": "3 value", "082": "4 unknown, 5 unknown, 7 value, 8 value",
	"083": "6 value, 8 unknown", "084": "inc/bad.conf:1 unknown",
	// differs from 2.4.3, as 2.2.7 and the manual: a comment does not end a
	// definition.
	"085": "7 value",
	"086": "10 value", "087": "3 value, inc/sub/pwd.conf:1 value", "090": "3 value", "091": "3 value, 4 value, 5 value", "092": "3 value",
	"093": "3 seq, 4 seq, 5 seq, 6 seq, 7 unknown", "094": "3 value", "095": "6 value", "096": "3 value, 4 value", "097": "3 lst, 4 lst, 5 lst",
	"098": "3 value, 4 value, 5 value", "099": "3 value, 5 reference", "100": "inc/frag.conf:2 value, inc/sub/deep.conf:1 value, inc/frag.conf:4 value, 4 value",
	"101": "2 missing-file", "102": "2 missing-file", "103": "2 missing-file", "104": "2 no-match", "106": "inc/g1.conf:1 value, inc/g2.conf:1 value",
	"107": "3 missing-file", "108": "3 missing-file, inc/g1.conf:1 value", "109": "2 directory", "110": "2 directory", "111": "5 missing-file",
	// differs: include_check readable is taken as read.
	"112": "5 repeated-check",
	"113": "2 missing-file", "114": "2 unknown, 3 unknown, 4 unknown", "115": "3 value", "116": "5 value, inc/g1.conf:1 value", "117": "3 executable",
	"118": "3 missing-file", "119": "- security", "123": "3 user", "124": "3 interface, - interface",
	// differs: keepalived ends at the missing interface, and does not miss the
	// address.
	"126": "2 conflict, 3 interface, 6 duplicate, - interface",
	"129": "7 value, 2 block", "132": "2 missing-file, 3 unknown", "134": "- security", "135": "- security", "136": "14 user",
	// differs: said at once instead of when no more files can be opened.
	"138": "2 loop",
	"139": "3 missing-file", "140": "3 interface", "141": "3 interface, 5 unknown", "142": "13 unknown, - security", "143": "3 deprecated",
	// differs: a name space that is missing hides nothing.
	"144": "3 unknown, 4 block",
	"145": "- security", "146": "7 duplicate, 3 reference", "147": "5 duplicate", "148": "9 duplicate",
	"149": "3 value, 5 parameters, 5 value, 5 stray-open, 5 unknown, 6 unknown",
}

// caseExits are the exit statuses where keepalived is not followed.
var caseExits = map[string]struct {
	exit int
	why  string
}{
	"138": {diag.ExitConfig, "a file that includes itself is an error"},
	"144": {diag.ExitConfig, "a name space that is missing hides no errors"},
}

// caseMachine has the programs that the cases name.
func caseMachine() *preflighttest.Machine {
	m := preflighttest.New()
	m.Links = m.Links[:1]
	m.Add("/bin", scripttest.File{Target: "usr/bin"})
	for _, name := range []string{"true", "sh", "which", "echo"} {
		m.Add("/usr/bin/"+name, scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	}
	return m
}

// TestConfigCases compares the exit status of -t, and the set of what is
// complained about in which line, with the record of keepalived 2.4.3.
func TestConfigCases(t *testing.T) {
	dir := confparse.SharedDir(t, "spec", "config-cases")
	table, err := os.ReadFile(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(table)) {
		columns := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(columns) < 5 || columns[0] == "file" {
			continue
		}
		file, recorded := columns[0], columns[3]
		number := file[:3]
		if _, any := caseFindings[number]; any {
			seen++
		}
		t.Run(strings.TrimSuffix(file, ".conf"), func(t *testing.T) {
			want, err := strconv.Atoi(columns[1])
			if err != nil {
				t.Fatal(err)
			}
			why := "as keepalived 2.4.3"
			if o, ok := caseExits[number]; ok {
				want, why = o.exit, o.why
			}
			cfg, set, found := confparse.Load(confparse.OSFiles(), file, confparse.CaseEnv(dir, columns[4]))
			found = append(found, preflight.Check(cfg, caseMachine())...)
			if got := found.ExitCode(); got != want {
				t.Errorf("exit status %d, want %d (%s)", got, want, why)
			}
			got := map[string]bool{}
			for i := range found {
				checkInside(t, set, &found[i])
				if what := lineAndKind(&found[i], file); what != "" {
					got[what] = true
				}
			}
			expected := strings.FieldsFunc(caseFindings[number], func(r rune) bool { return r == ',' })
			for i := range expected {
				expected[i] = strings.TrimSpace(expected[i])
			}
			slices.Sort(expected)
			if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, expected) {
				t.Errorf("findings %q, want %q; recorded: %s", have, expected, recorded)
			}
		})
	}
	if seen != len(caseFindings) {
		t.Errorf("%d of %d expectations belong to a case", seen, len(caseFindings))
	}
}

// lineAndKind is what keepalived says too: "" for findings of our own and
// those that only a running daemon logs.
func lineAndKind(d *diag.Diagnostic, main string) string {
	if d.Class == diag.ClassOwn || d.Class == diag.ClassLog && d.Machine {
		return ""
	}
	kind, ok := kinds[d.Code]
	if !ok {
		kind = d.Code
	}
	switch r := d.Reported(); {
	case d.Unplaced || r.IsZero():
		return "- " + kind
	case r.File != main:
		return fmt.Sprintf("%s:%d %s", r.File, r.Start.Line, kind)
	default:
		return fmt.Sprintf("%d %s", r.Start.Line, kind)
	}
}
