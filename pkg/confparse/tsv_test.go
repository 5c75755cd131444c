package confparse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// row is one row of the list of keywords of keepalived 2.4.3.
type row struct {
	block, keyword, args, limits, value, repeat, process, effect, bad, status string
}

func tsvRows(t testing.TB) []row {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir(t, "spec"), "keywords.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := append(strings.Split(line, "\t"), make([]string, 10)...)
		rows = append(rows, row{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9]})
	}
	return rows
}

func specIndex() map[[2]string]Spec {
	index := map[[2]string]Spec{}
	for _, s := range Keywords() {
		index[[2]string{s.Block, s.Keyword}] = s
	}
	return index
}

// TestEveryKeywordIsInTheTable compares the table with the list, both ways.
func TestEveryKeywordIsInTheTable(t *testing.T) {
	rows := tsvRows(t)
	index := specIndex()
	if len(index) != len(Keywords()) {
		t.Errorf("%d rows, %d different ones", len(Keywords()), len(index))
	}
	for _, r := range rows {
		key := [2]string{r.block, r.keyword}
		if _, ok := index[key]; !ok {
			t.Errorf("%s: %s is not in the table", r.block, r.keyword)
		}
		delete(index, key)
	}
	for key := range index {
		if !ourOwn[key] {
			t.Errorf("%s: %s is in the table and not in the list", key[0], key[1])
		}
	}
}

// ourOwn are spellings that we take in addition.
var ourOwn = map[[2]string]bool{}

func TestColumns(t *testing.T) {
	index := specIndex()
	for _, r := range tsvRows(t) {
		s, ok := index[[2]string{r.block, r.keyword}]
		if !ok || r.block == "(parser)" {
			continue
		}
		at := r.block + ": " + r.keyword
		if s.Args != r.args {
			t.Errorf("%s: args %q, want %q", at, s.Args, r.args)
		}
		if s.Range != r.limits {
			t.Errorf("%s: range %q, want %q", at, s.Range, r.limits)
		}
		if got := defaultColumn(s); got != r.value {
			t.Errorf("%s: default %q, want %q", at, got, r.value)
		}
		if got := s.Repeat.String(); got != r.repeat {
			t.Errorf("%s: repeat %q, want %q", at, got, r.repeat)
		}
		if got := s.Process.String(); got != r.process {
			t.Errorf("%s: process %q, want %q", at, got, r.process)
		}
		if s.Doc == "" {
			t.Errorf("%s: no doc", at)
		}
	}
}

func defaultColumn(s Spec) string {
	out := ""
	switch {
	case strings.Contains(s.Default, "absent="), strings.HasPrefix(s.Default, "as "):
		out = s.Default
	case s.Default != "":
		out = "absent=" + s.Default
	}
	if s.Bare != "" {
		if out != "" {
			out += "; "
		}
		out += "bare=" + s.Bare
	}
	return out
}
