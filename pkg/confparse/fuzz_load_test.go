package confparse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// FuzzLoad loads any text: nothing may panic, every range has to lie inside of
// its file, and a second load gives the same.
func FuzzLoad(f *testing.F) {
	seeds, err := filepath.Glob("../../testdata/config/*/in.conf")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		// Small pieces are easier to change: one per block.
		for block := range strings.SplitSeq(string(text), "\n}\n") {
			f.Add(block + "\n}\n")
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		files := mapFiles{"/k": s}
		env := Env{HostName: "node1", WorkDir: "/"}
		lines, set, diags := readAtMost(2000, files, "k", env)
		checkPlaces(t, lines, set, diags)
		d := decode(lines, nil, env)
		for _, f := range d.diags {
			checkRange(t, f.Subject, s, f.Summary)
			checkRange(t, f.Context, s, f.Summary)
			if f.Code == "" || f.Summary == "" {
				t.Errorf("finding without code or summary: %+v", f)
			}
		}
		decoded := len(d.diags)
		found := d.findings(diags)
		roots := map[diag.Range]bool{}
		for _, f := range found.Independent() {
			roots[f.Subject] = true
		}
		for _, f := range found {
			if !f.CausedBy.IsZero() && !roots[f.CausedBy] {
				t.Errorf("%s follows from %v, which nobody reports", f.Summary, f.CausedBy)
			}
		}
		again := decode(lines, nil, env)
		if len(again.diags) != decoded {
			t.Errorf("%d findings, then %d", decoded, len(again.diags))
		}
	})
}

func checkRange(t *testing.T, r diag.Range, text, what string) {
	t.Helper()
	if r.IsZero() {
		return
	}
	if r.File != "k" || r.Start.Byte < 0 || r.End.Byte < r.Start.Byte || r.End.Byte > len(text) || r.Start.Line < 1 || r.Start.Column < 1 {
		t.Errorf("%s: range %+v in a file of %d bytes", what, r, len(text))
	}
}
