package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkcmd"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/daemon"
)

// root is the root of the repository.
const root = "../.."

// TestGeneratedFilesAreFresh fails when a table was changed and scripts/generate
// was not run.
func TestGeneratedFilesAreFresh(t *testing.T) {
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		old, err := os.ReadFile(filepath.Join(root, f.path))
		if err != nil {
			t.Errorf("%v; run scripts/generate", err)
		} else if !bytes.Equal(old, f.text) {
			t.Errorf("%s is stale at line %d; run scripts/generate", f.path, firstDifference(old, f.text))
		}
	}
	left, err := leftOver(root, files)
	if err != nil || len(left) > 0 {
		t.Errorf("pages of no code: %v %v; run scripts/generate", left, err)
	}
}

func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	n := 0
	for n < len(x) && n < len(y) && bytes.Equal(x[n], y[n]) {
		n++
	}
	return n + 1
}

// TestRun writes into an empty repository, mends a changed file, and removes
// the page of a code that is gone.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "docs/man"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("docs/man/gokeepalived.conf.5", manualStart+manualEnd)
	put("docs/man/gokeepalived-check.1", optionStart+manualEnd)
	if err := os.MkdirAll(filepath.Join(dir, "pkg/diag"), 0o755); err != nil {
		t.Fatal(err)
	}
	put("pkg/diag/json.go", "package diag\n")
	put("README.md", "top\n"+readmeStart)
	if err := run(dir); err == nil {
		t.Error("a README without end marker is accepted")
	}
	put("README.md", "top\n"+readmeStart+"old\n"+readmeEnd+"bottom\n")
	for range 2 {
		if err := run(dir); err != nil {
			t.Fatal(err)
		}
		put("docs/keywords.md", "old")
		put("docs/diagnostics/KA0000.md", "old")
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.HasPrefix(s, "top\n"+readmeStart+"| block") || !strings.HasSuffix(s, readmeEnd+"bottom\n") || strings.Contains(s, "old") {
		t.Errorf("README.md is %s", s)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "docs/keywords.md")); err != nil || len(text) < 1000 {
		t.Errorf("docs/keywords.md was not mended: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "docs/diagnostics/KA0000.md")); !os.IsNotExist(err) {
		t.Errorf("the page of no code is there: %v", err)
	}
}

// TestEveryCodeHasAPart keeps the index from showing bare digits.
func TestEveryCodeHasAPart(t *testing.T) {
	for _, table := range checkcmd.Codes() {
		for _, c := range table {
			if title, _ := partOf(c.Code); strings.HasSuffix(title, "xx") {
				t.Errorf("%s belongs to no part of the index", c.Code)
			}
		}
	}
}

func TestCoveragesCountEveryKeyword(t *testing.T) {
	n := 0
	for _, c := range coverages() {
		n += c.acted + c.none + c.later
	}
	if want := len(confparse.Keywords()); n != want {
		t.Errorf("%d keywords are counted, there are %d", n, want)
	}
}

// TestManualsFormat has mandoc look at every page.
func TestManualsFormat(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		nstest.Missing(t, "mandoc", err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/man/*.[1-8]"))
	if err != nil || len(pages) < 3 {
		t.Fatalf("pages %v: %v", pages, err)
	}
	out, err := exec.Command(mandoc, append([]string{"-T", "lint", "-W", "warning"}, pages...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}

// TestBashCompletion asks bash what it would offer.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	script := filepath.Join(root, "packaging/completion/gokeepalived.bash")
	for _, tt := range []struct {
		words string
		// want have to be offered, not those after "!".
		want []string
	}{
		{"gokeepalived ''", []string{"check", "schema", "version", "!--pid"}},
		{"gokeepalived --config", []string{"--config-test", "--config-id", "!--format"}},
		{"gokeepalived check --f", []string{"--format", "--fail-on", "!--pid"}},
		{"gokeepalived check --format ''", []string{"json", "sarif", "!check"}},
		{"gokeepalived check --format = s", []string{"sarif", "!json"}},
		{"gokeepalived check --explain KA121", []string{"KA1211"}},
		{"gokeepalived check gen_", []string{"gen_test.go", "!--format"}},
		{"gokeepalived -f gen_", []string{"gen_test.go"}},
		{"gokeepalived --config-test gen_", []string{"!gen_test.go"}},
		{"gokeepalived --config-test = gen_", []string{"gen_test.go"}},
		{"gokeepalived --signum ''", []string{"RELOAD"}},
		{"keepalived --config", []string{"--config-test", "--config-id"}},
		{"keepalived ''", []string{"!check", "!schema"}},
	} {
		cmd := exec.Command(bash, "--norc", "-c", `source "$1"; eval "COMP_WORDS=($2)"; COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _gokeepalived; printf '%s\n' "${COMPREPLY[@]}"`, "bash", script, tt.words)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", tt.words, err, out)
		}
		offered := "\n" + string(out)
		for _, w := range tt.want {
			w, not := strings.CutPrefix(w, "!")
			if strings.Contains(offered, "\n"+w+"\n") == not {
				t.Errorf("%s: offered %q, want %v", tt.words, out, tt.want)
			}
		}
	}
}

// TestCompletionNamesEveryOption compares the files with the tables.
func TestCompletionNamesEveryOption(t *testing.T) {
	var long []string
	for _, f := range daemon.Flags() {
		long = append(long, f.Long)
	}
	for _, o := range checkcmd.Options() {
		long = append(long, o.Long)
	}
	if len(long) < 30 {
		t.Errorf("only %d options", len(long))
	}
	for _, f := range completions() {
		for _, name := range long {
			want := "--" + name
			if strings.HasSuffix(f.path, ".fish") {
				want = " -l " + name + " "
			}
			if !strings.Contains(string(f.text), want) {
				t.Errorf("%s lacks --%s", f.path, name)
			}
		}
	}
	for long := range argumentValues {
		found := false
		for _, f := range daemon.Flags() {
			found = found || f.Long == long
		}
		if !found {
			t.Errorf("values of --%s, which is no option", long)
		}
	}
}
