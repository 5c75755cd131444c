package logtext

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// otherwise are texts that neither the description nor the recording has, and
// why they are here all the same.
var otherwise = map[string]string{
	"Exited":            "described as NAME exited with status N, where NAME may be pid N",
	"NewerKernel":       "takes a kernel older than the headers that keepalived was built with",
	"OwnerRestored":     "described by its beginning",
	"PacketLengthShort": "described by its end, beside PacketTooLong",
	"ScriptNotExeced":   "described by its beginning",
}

// texts are the constants of this package by name.
func texts(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "logtext.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			for i, name := range v.Names {
				text, err := strconv.Unquote(v.Values[i].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out[name.Name] = text
			}
		}
		return true
	})
	if len(out) < 200 {
		t.Fatalf("%d texts found, there must be more", len(out))
	}
	return out
}

// TestTextsAreKeepalived looks for every text in what is known of
// keepalived's log.
func TestTextsAreKeepalived(t *testing.T) {
	described := description(t)
	recorded := recording(t)
	for name, text := range texts(t) {
		re := pattern(name, text)
		known := slices.ContainsFunc(recorded, re.MatchString) || slices.ContainsFunc(described, re.MatchString)
		switch why := otherwise[name]; {
		case !known && why == "":
			t.Errorf("%s: %q is neither in the description nor in the recording", name, text)
		case known && why != "":
			t.Errorf("%s: is known, so that it needs no reason (%s)", name, why)
		}
	}
}

// TestPatterns keeps the search from finding everything.
func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		name, text, line string
		want             bool
	}{
		{"X", "(%s) sent 0 priority", "(VI_1) sent 0 priority", true},
		{"X", "(%s) sent 0 priority", "sent 0 priority", true},
		{"X", "(%s) sent 0 priority", "(VI_1) sent 0 priority now", false},
		{"X", "(%s) sent 0 priority", "(VI_1) Sent 0 priority", false},
		{"X", "(%s): sent %d", "(VI_1) sent 1", false},
		{"X", "Stopped", "Stopped - used", false},
		{"X", "Adding %s to VS %s", "Adding|Removing R to VS X", true},
		{"EndX", " after %d retries", "failed after 3 retries.", true},
		{"X", "Invalid cpu_id:%d", "(Line 2) Invalid cpu_id:99", true},
		{"X", "Invalid cpu_id:%d", "(k.conf: Line 2) Invalid cpu_id:99", true},
	} {
		if got := pattern(tt.name, tt.text).MatchString(tt.line); got != tt.want {
			t.Errorf("pattern(%q) matches %q: %v", tt.text, tt.line, got)
		}
	}
}

// description are the log lines that the description has: its code spans, and
// the logs of its examples.
func description(t *testing.T) []string {
	t.Helper()
	const dir = "../../../shared/spec"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the description of keepalived is not here: %v", err)
	}
	var out []string
	for _, file := range glob(t, dir+"/*.md") {
		for _, l := range lines(t, file) {
			for _, m := range codeSpan.FindAllStringSubmatch(l, -1) {
				out = append(out, strings.TrimSpace(m[1]+m[2]))
			}
		}
	}
	for _, file := range glob(t, dir+"/ipvs-cases/*/log.txt") {
		out = append(out, lines(t, file)...)
	}
	return out
}

var codeSpan = regexp.MustCompile("``(.+?)``|`([^`]+)`")

// recording are the lines of Debian's keepalived 2.2.7, each kind once.
func recording(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, l := range lines(t, "testdata/keepalived-2.2.7.log") {
		_, text, ok := strings.Cut(l, ": ")
		if !ok {
			t.Fatalf("no line of a log: %q", l)
		}
		out = append(out, text)
	}
	return out
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s (%v)", pattern, err)
	}
	return files
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

var (
	verb = regexp.MustCompile(`%[-0-9]*[a-z]`)
	word = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// pattern matches what a text is filled in to. The description leaves the name
// in front out here and there, has "Adding|Removing service" for two texts and
// no dot at the end; -D puts a place in front of findings.
func pattern(name, text string) *regexp.Regexp {
	var s strings.Builder
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if rest, ok := strings.CutPrefix(text, "(%s) "); ok {
		s.WriteString(`(\(.*\) )?`)
		text = rest
	} else if rest, ok := strings.CutPrefix(text, "(%s): "); ok {
		s.WriteString(`(\(.*\): )?`)
		text = rest
	}
	literal := func(part string) {
		s.WriteString(word.ReplaceAllString(regexp.QuoteMeta(part), `(?:[A-Za-z-]+\\?\|)*$0(?:\\?\|[A-Za-z-]+)*`))
	}
	for {
		at := verb.FindStringIndex(text)
		if at == nil {
			break
		}
		literal(text[:at[0]])
		s.WriteString(".*")
		text = text[at[1]:]
	}
	literal(text)
	if part(name) {
		return regexp.MustCompile(s.String())
	}
	if strings.HasSuffix(text, ":") {
		s.WriteString(".*") // the beginning of a line
	}
	return regexp.MustCompile(`^(\((\S+: )?Line \d+\) )?` + s.String() + `\.?$`)
}

// part reports whether a text is a part of lines.
func part(name string) bool {
	return slices.ContainsFunc([]string{"End", "What", "Reason"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// TestTextsAreSaid finds texts that no code says, and texts that are written
// out elsewhere.
func TestTextsAreSaid(t *testing.T) {
	all := texts(t)
	pieces := piecesOf(all)
	used := map[string]bool{}
	for _, dir := range []string{"../../cmd", "../../pkg"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch {
			case strings.HasSuffix(path, "pkg/confparse"), strings.HasSuffix(path, "pkg/logtext"):
				return fs.SkipDir // the words of a configuration; the texts themselves
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				read(t, path, pieces, used)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range all {
		if !used[name] {
			t.Errorf("%s: nothing says %q", name, all[name])
		}
	}
}

// read notes the texts that a file uses, and complains about those that it
// writes out.
func read(t *testing.T, path string, pieces map[string]string, used map[string]bool) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "logtext" {
				used[n.Sel.Name] = true
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(n.Value)
			if err != nil {
				t.Fatal(err)
			}
			if name := pieces[s]; name != "" {
				t.Errorf("%s: %q is in %s of package logtext", fset.Position(n.Pos()), s, name)
			}
		}
		return true
	})
}

// shortestPiece is how long a string must be to belong to one text only.
const shortestPiece = 15

// piecesOf has every text, and every piece of one between what is filled in, to
// the name of the text.
func piecesOf(all map[string]string) map[string]string {
	out := map[string]string{}
	for name, text := range all {
		for _, p := range append(verb.Split(text, -1), text) {
			if len(p) >= shortestPiece {
				out[p] = name
			}
		}
	}
	return out
}
