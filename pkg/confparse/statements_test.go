package confparse

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// StatementCase is a few lines in a block, from testdata/statements: one for
// each thing that the list of keywords says in words about ranges, defaults,
// repetitions and bad values.
type StatementCase struct {
	Block string
	Lines []string
	// Plain and Text are whole files, without and with the lines; the first of
	// them is line At.
	Plain, Text string
	At          int
}

// statementFile is one file of cases, each with what is expected of it.
type statementFile struct {
	path  string
	parts []statementPart
}

type statementPart struct {
	// head is what stands before the case: the name of its block.
	head string
	c    StatementCase
	want string
}

// security lets commands run, so that -t says nothing about it.
const security = "global_defs {\n enable_script_security\n script_user root\n}\n"

func readStatements(t testing.TB) []statementFile {
	t.Helper()
	paths, err := filepath.Glob("testdata/statements/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no statements", err)
	}
	places := walkBlocks()
	places["top level"] = "%s\n"
	places["vrrp_instance"] = strings.Replace(places["vrrp_instance"], " priority 77\n", "", 1)
	places["vrrp_instance without addresses"] = strings.Replace(places["vrrp_instance"], walkVIP, "", 1)
	places["virtual_server bare"] = "virtual_server 10.0.0.1 80 {\n%s\nreal_server 10.0.0.2 80 {\n}\nreal_server 10.0.0.3 80 {\n}\n}\n"
	var files []statementFile
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := statementFile{path: path}
		block, head := "", ""
		for _, chunk := range strings.Split(strings.Trim(string(text), "\n"), "\n\n") {
			if name, ok := strings.CutPrefix(chunk, "block "); ok {
				block, head = name, chunk
				continue
			}
			place, ok := places[block]
			if !ok {
				t.Fatalf("%s: unknown block %q", path, block)
			}
			p := statementPart{head: head, c: StatementCase{Block: block}}
			head = ""
			for line := range strings.Lines(chunk) {
				if s, ok := strings.CutPrefix(line, "> "); ok {
					p.c.Lines = append(p.c.Lines, strings.TrimSuffix(s, "\n"))
				} else {
					p.want += line
				}
			}
			more := security
			if block == "top level" || strings.HasPrefix(block, "global_defs") {
				more = ""
			}
			p.want = strings.TrimSuffix(p.want, "\n")
			p.c.At = 1 + strings.Count(place[:strings.Index(place, "%s")], "\n")
			p.c.Plain = strings.Replace(place, "%s", "", 1) + more
			p.c.Text = strings.Replace(place, "%s", strings.Join(p.c.Lines, "\n"), 1) + more
			f.parts = append(f.parts, p)
		}
		files = append(files, f)
	}
	return files
}

// StatementCases are the cases of all files.
func StatementCases(t testing.TB) []StatementCase {
	var all []StatementCase
	for _, f := range readStatements(t) {
		for _, p := range f.parts {
			all = append(all, p.c)
		}
	}
	return all
}

// TestStatements loads every case and compares the exit status of -t, what is
// found, counted from the first line of the case, what only a daemon says, and
// the settings that the lines change.
func TestStatements(t *testing.T) {
	cases := 0
	for _, f := range readStatements(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.path), ".txt"), func(t *testing.T) {
			fresh := ""
			for _, p := range f.parts {
				cases++
				got := strings.TrimSuffix(p.c.outcome(), "\n")
				if *update {
					if p.head != "" {
						fresh += p.head + "\n\n"
					}
					fresh += "> " + strings.Join(p.c.Lines, "\n> ") + "\n" + got + "\n\n"
				} else if d := cmp.Diff(p.want, got); d != "" {
					t.Errorf("%s: %s (-want +got, rewrite with -update):\n%s", p.c.Block, strings.Join(p.c.Lines, "; "), d)
				}
			}
			if *update {
				if err := os.WriteFile(f.path, []byte(strings.TrimSuffix(fresh, "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if cases < 1000 {
		t.Errorf("only %d cases", cases)
	}
}

func (c StatementCase) outcome() string {
	plain, before := settingsOf(c.Plain, true)
	with, found := settingsOf(c.Text, true)
	_, daemon := settingsOf(c.Text, false)
	said := map[string]bool{}
	for _, f := range before {
		said[f.Summary] = true
	}
	var b strings.Builder
	fmt.Fprintf(&b, "exit %d\n", found.ExitCode())
	for _, f := range found {
		if !said[f.Summary] {
			b.WriteString(c.finding(f) + "\n")
		}
	}
	for _, f := range found {
		said[f.Summary] = true
	}
	for _, f := range daemon {
		if !said[f.Summary] {
			b.WriteString("daemon " + c.finding(f) + "\n")
		}
	}
	for _, line := range changes(plain, with) {
		b.WriteString(line + "\n")
	}
	return b.String()
}

func (c StatementCase) finding(f diag.Diagnostic) string {
	s := fmt.Sprintf("%+d:%d %s %s: %s", f.Subject.Start.Line-c.At, f.Subject.Start.Column, f.Code, classWords[f.Class], f.Summary)
	for _, more := range []struct{ mark, text string }{{" = ", f.Effect}, {" ? ", f.Hint}} {
		if more.text != "" {
			s += "\n  " + more.mark + more.text
		}
	}
	return s
}

// mostChanges is how many changed settings of a case are written.
const mostChanges = 8

// changes are the settings that are in one of two configurations, or different.
func changes(from, to map[string]string) []string {
	var out []string
	for path, value := range to {
		if from[path] != value {
			out = append(out, path+" = "+value)
		}
	}
	for path := range from {
		if _, ok := to[path]; !ok {
			out = append(out, path+" is gone")
		}
	}
	slices.Sort(out)
	if len(out) > mostChanges {
		out = append(out[:mostChanges], "...")
	}
	return out
}

// settingsOf loads text, and returns each setting by its path.
func settingsOf(text string, test bool) (map[string]string, diag.List) {
	cfg, _, found := Load(mapFiles{"/etc/k.conf": text}, "k.conf", Env{HostName: "node1", WorkDir: "/etc", Test: test})
	out := map[string]string{}
	var flatten func(path string, v any)
	flatten = func(path string, v any) {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			for k, e := range v {
				flatten(strings.TrimPrefix(path+"."+k, "."), e)
			}
		case []any:
			out[path] = fmt.Sprintf("%d items", len(v))
			for i, e := range v {
				flatten(fmt.Sprintf("%s[%d]", path, i), e)
			}
		default:
			text, err := json.Marshal(v)
			if err != nil {
				panic(err)
			}
			out[path] = string(text)
		}
	}
	flatten("", dumpValue(reflect.ValueOf(cfg)))
	return out, found
}
