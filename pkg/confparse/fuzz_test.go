package confparse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead reads any text as main file; "\x00FILE\n" in it starts an included
// file. Nothing may panic or go on for long, and every range has to lie inside
// of its file.
func FuzzRead(f *testing.F) {
	scripts, err := filepath.Glob("testdata/read/*")
	if err != nil || len(scripts) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n\n") {
			input, _, _ := strings.Cut(part, "\n----")
			f.Add(invisible(input))
		}
	}
	f.Add("include a\n\x00a\n$X=${Y}${Y}\ninclude ../k\n\x00b\n~SEQ(n,9) include a\n")
	f.Fuzz(func(t *testing.T, s string) {
		files := mapFiles{}
		main, rest, more := strings.Cut(s, "\x00")
		files["/k"] = main
		for more {
			var part, name, body string
			part, rest, more = strings.Cut(rest, "\x00")
			name, body, _ = strings.Cut(part, "\n")
			files[join("/", name)] = body
		}
		lines, set, diags := readAtMost(2000, files, "k", Env{ConfigID: "one", WorkDir: "/"})
		checkPlaces(t, lines, set, diags)
		for i := range lines {
			splitScriptValue(&lines[i])
		}
	})
}

func FuzzDecodeFileSet(f *testing.F) {
	_, set, _ := Read(mapFiles{"/k": "include a*\n$X=${_ENV A}\n$X\n", "/ab": "x\n", "/a!": ""}, "k", Env{WorkDir: "/"})
	var b strings.Builder
	if err := set.Encode(&b); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(b.String()))
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := DecodeFileSet(b)
		if err != nil {
			return
		}
		var out strings.Builder
		if err := set.Encode(&out); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzMatchName(f *testing.F) {
	f.Add("*[!a-c]?.c[[:digit:]]", "xdy.c1")
	f.Add(`\*[]]`, "*]")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		matchName(pattern, name)
		expandBraces(pattern)
	})
}
