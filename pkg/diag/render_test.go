package diag

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected files anew")

type texts map[string]string

func (t texts) Text(file string) (string, bool) {
	s, ok := t[file]
	return s, ok
}

// at is the range of the n-th (from 1) occurrence of what in a file.
func (t texts) at(file, what string, n int) Range {
	s, from := t[file], 0
	for ; n > 0; n-- {
		i := strings.Index(s[from:], what)
		if i < 0 {
			panic("no " + what + " in " + file)
		}
		from += i + 1
	}
	from--
	line := strings.Count(s[:from], "\n") + 1
	column := from - strings.LastIndexByte(s[:from], '\n')
	return Range{File: file,
		Start: Pos{Line: line, Column: column, Byte: from},
		End:   Pos{Line: line, Column: column + len(what), Byte: from + len(what)}}
}

var sample = texts{
	"etc/k.conf": "global_defs {\n\trouter_ïd lb1 # ünd\n}\n$BLK= \\\n  advertint 1 \\\n  auth_pass \"geheim\"\nvrrp_instance VI {\n  $BLK\n  include sub/a,b:c.conf\n}\n" +
		strings.Repeat("x ", 60) + "oddword" + strings.Repeat(" y", 80) + "\n",
	"etc/sub/a,b:c.conf": "priority 300\n",
}

func sampleList() List {
	use := Frame{Kind: FrameExpansion, What: "in expansion of $BLK", Range: sample.at("etc/k.conf", "$BLK", 2)}
	include := Frame{Kind: FrameInclude, What: "included from", Range: sample.at("etc/k.conf", "include sub/a,b:c.conf", 1)}
	return List{
		{Code: "KA0001", Severity: Error, Class: ClassFatal, Summary: "Config files missing 'x.conf'.", Subject: Range{File: "x.conf"}},
		{Code: "KA0201", Severity: Error, Class: ClassConfig, Summary: "Unknown keyword 'router_ïd'", Effect: "the line is ignored",
			Hint: "did you mean router_id?", Subject: sample.at("etc/k.conf", "router_ïd", 1)},
		{Code: "KA0201", Severity: Error, Class: ClassConfig, Summary: "Unknown keyword 'advertint'", Effect: "the line is ignored",
			Subject: sample.at("etc/k.conf", "advertint", 1), Context: sample.at("etc/k.conf", "vrrp_instance VI", 1), Chain: []Frame{use}},
		{Code: "KA0302", Severity: Warning, Class: ClassConfig, Summary: "Truncating auth_pass to 8 characters",
			Subject: sample.at("etc/k.conf", "\"geheim\"", 1), Chain: []Frame{use}},
		{Code: "KA0301", Severity: Error, Class: ClassConfig, Summary: "number '300' outside range [1, 255]\x1b[2J", Effect: "100% default",
			Subject: sample.at("etc/sub/a,b:c.conf", "300", 1), Chain: []Frame{include}},
		{Code: "KA0056", Severity: Note, Class: ClassOwn, Summary: "odd \xff", Subject: sample.at("etc/k.conf", "oddword", 1), Machine: true},
		{Code: "KA0205", Severity: Error, Class: ClassConfig, Summary: "There are 1 missing '}'s or extra '{'s"},
	}
}

// TestRenderers compares each form of the report with testdata/NAME;
// -update writes them.
func TestRenderers(t *testing.T) {
	tool := Tool{Name: "gokeepalived", Version: "0.1", URI: "https://example.org", Pages: "https://example.org/findings/"}
	forms := map[string]func(*strings.Builder) error{
		"report.txt": func(b *strings.Builder) error { return WriteText(b, sampleList(), TextOptions{Source: sample}) },
		"report.ansi": func(b *strings.Builder) error {
			return WriteText(b, sampleList()[:2], TextOptions{Source: sample, Color: true})
		},
		"report.json":   func(b *strings.Builder) error { return WriteJSON(b, sampleList()) },
		"report.sarif":  func(b *strings.Builder) error { return WriteSARIF(b, sampleList(), tool, sample, LanguageCodes()) },
		"report.github": func(b *strings.Builder) error { return WriteGitHub(b, sampleList(), sample) },
		"report.log": func(b *strings.Builder) error {
			for _, d := range sampleList() {
				b.WriteString(LogLine(d, "etc/k.conf", func(s string) string { return strings.TrimPrefix(s, "etc/") }) + "\n")
				b.WriteString(LogLine(d, "", nil) + "\n")
			}
			return nil
		},
		"empty.json":  func(b *strings.Builder) error { return WriteJSON(b, nil) },
		"empty.sarif": func(b *strings.Builder) error { return WriteSARIF(b, nil, tool, nil) },
	}
	for name, write := range forms {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
			if strings.Contains(b.String(), "geheim") {
				t.Error("the password is in the report")
			}
		})
	}
}

func TestJSONReadsBack(t *testing.T) {
	var b strings.Builder
	if err := WriteJSON(&b, sampleList()); err != nil {
		t.Fatal(err)
	}
	var report JSONReport
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.DisallowUnknownFields()
	if err := d.Decode(&report); err != nil {
		t.Fatal(err)
	}
	if report.Version != JSONVersion || len(report.Findings) != len(sampleList()) || report.Summary != (JSONSummary{5, 1, 1}) {
		t.Errorf("read back %+v", report)
	}
}

func TestReported(t *testing.T) {
	a, b, c := Range{File: "a"}, Range{File: "b"}, Range{File: "c"}
	d := Diagnostic{Subject: a, Chain: []Frame{{Kind: FrameExpansion, Range: b}, {Kind: FrameInclude, Range: c}}}
	if got := d.Reported(); got != b {
		t.Errorf("Reported() = %v, want the use of the definition in b", got)
	}
	d.Chain = d.Chain[1:]
	if got := d.Reported(); got != a {
		t.Errorf("Reported() = %v, want the included file a", got)
	}
}

func TestMaskSecret(t *testing.T) {
	for line, want := range map[string]string{
		`  auth_pass geheim`:               `  auth_pass ******`,
		`auth_pass`:                        `auth_pass`,
		`password "x y"`:                   `password "****`,
		`authentication { auth_pass abc }`: `authentication { auth_pass *****`,
		`key 1 hex:00ff`:                   `key **********`,
		`monkey 1 2`:                       `monkey 1 2`,
		`turnkey password x`:               `turnkey password *`,
	} {
		if got := maskSecret(line); got != want {
			t.Errorf("maskSecret(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestCodesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range LanguageCodes() {
		if seen[c.Code] {
			t.Errorf("%s is explained twice", c.Code)
		}
		seen[c.Code] = true
		if c.Code < "KA0001" || c.Code > "KA0199" || c.Title == "" || c.Meaning == "" || c.Mend == "" {
			t.Errorf("%s is out of range or lacks a text: %+v", c.Code, c)
		}
	}
	if _, ok := Explain("KA9999", LanguageCodes()); ok {
		t.Error("KA9999 is explained")
	}
}

func TestSuggest(t *testing.T) {
	keywords := []string{"virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_router_id", "priority", "interface", "weight", "garp_master_delay", "vrrp_garp_master_delay", "url"}
	for word, want := range map[string]string{
		"virtual_ipadress":  "virtual_ipaddress",
		"virtual_ipaddres":  "virtual_ipaddress",
		"VIRTUAL_ROUTER_ID": "virtual_router_id",
		"prioirty":          "priority",
		"priorty":           "priority",
		"intreface":         "interface",
		"wieght":            "weight",
		"ulr":               "url",
		"priority":          "",
		"frobnicate":        "",
		"xyz":               "",
		"a":                 "",
		"":                  "",
	} {
		if got := Suggest(word, keywords); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzRenderers(f *testing.F) {
	f.Add("a\tb\xff\ncd", "x\x1b", 3, 1)
	f.Fuzz(func(t *testing.T, text, words string, from, n int) {
		if from < 0 || n < 0 || from > len(text) || n > len(text)-from {
			return
		}
		line := strings.Count(text[:from], "\n") + 1
		column := from - strings.LastIndexByte(text[:from], '\n')
		r := Range{File: "f", Start: Pos{line, column, from}, End: Pos{line, column + n, from + n}}
		src := texts{"f": text}
		l := List{{Code: "KA0001", Summary: words, Effect: words, Hint: words, Subject: r, Chain: []Frame{{What: words, Range: r}}}}
		var b strings.Builder
		for _, err := range []error{
			WriteText(&b, l, TextOptions{Source: src}), WriteJSON(&b, l),
			WriteSARIF(&b, l, Tool{}, src), WriteGitHub(&b, l, src),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if strings.ContainsAny(b.String(), "\x1b\x00") {
			t.Errorf("control characters in %q", b.String())
		}
	})
}

func TestUnplacedLogLine(t *testing.T) {
	d := Diagnostic{Summary: "x", Subject: Range{File: "k.conf", Start: Pos{Line: 3}}}
	if got := LogLine(d, "", nil); got != "(k.conf: Line 3) x" {
		t.Errorf("got %q", got)
	}
	d.Unplaced = true
	if got := LogLine(d, "", nil); got != "x" {
		t.Errorf("unplaced: got %q", got)
	}
}
