package confparse

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// TestRead runs the scripts in testdata/read. Commands:
//
//	file path=NAME          adds a file next to the main one
//	read [id=ID] [all] [places] [env=NAME=VALUE] [main=NAME] [pattern=P]
//
// read prints the logical lines, each with the number that keepalived would
// report, then the findings. With places each word has its own place and the
// way that led there. <CR>, <NUL>, <VT>, <FF>, <TAB>, <BOM>, <NBSP>, <EMSP>,
// <E9> and <x*N> in the input stand for what cannot be seen. Files are
// forgotten after read. -rewrite writes the expectations anew.
func TestRead(t *testing.T) {
	datadriven.Walk(t, "testdata/read", func(t *testing.T, path string) {
		files := mapFiles{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "file":
				var name string
				d.ScanArgs(t, "path", &name)
				files["/etc/keepalived/"+name] = invisible(d.Input) + "\n"
				return ""
			case "read":
				out := runRead(t, d, files)
				clear(files)
				return out
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

func runRead(t *testing.T, d *datadriven.TestData, files mapFiles) string {
	main := "k.conf"
	env := Env{HostName: "node1.example", WorkDir: "/etc/keepalived", Now: instant(1)}
	if d.HasArg("main") {
		d.ScanArgs(t, "main", &main)
	}
	if d.HasArg("id") {
		d.ScanArgs(t, "id", &env.ConfigID)
	}
	env.IncludeCheckAll = d.HasArg("all")
	env.Getenv = func(name string) (string, bool) {
		for _, a := range d.CmdArgs {
			for _, v := range a.Vals {
				if value, ok := strings.CutPrefix(v, name+"="); ok && a.Key == "env" {
					return value, true
				}
			}
		}
		return "", false
	}
	if d.Input != "" {
		text := invisible(d.Input) + "\n"
		if cut, ok := strings.CutSuffix(text, "<END>\n"); ok {
			text = cut
		}
		files[join(env.WorkDir, main)] = text
	}
	pattern := main
	if d.HasArg("pattern") {
		d.ScanArgs(t, "pattern", &pattern)
	}
	lines, set, diags := readAtMost(10000, files, pattern, env)
	checkPlaces(t, lines, set, diags)
	checkSecondRead(t, lines, set, diags)
	return printLines(main, lines, d.HasArg("places")) + printFindings(main, diags)
}

var repeated = regexp.MustCompile(`<(.)\*(\d+)>`)

// invisible puts the characters in that a test file cannot show.
func invisible(s string) string {
	s = strings.NewReplacer("<CR>", "\r", "<NUL>", "\x00", "<VT>", "\v", "<FF>", "\f", "<TAB>", "\t",
		"<BOM>", "\ufeff", "<E9>", "\xe9", "<NBSP>", "\u00a0", "<EMSP>", "\u2003").Replace(s)
	return repeated.ReplaceAllStringFunc(s, func(m string) string {
		part := repeated.FindStringSubmatch(m)
		n, _ := strconv.Atoi(part[2])
		return strings.Repeat(part[1], n)
	})
}

func printLines(main string, lines []Line, places bool) string {
	var b strings.Builder
	for i := range lines {
		l := &lines[i]
		if r := l.Range(); r.File != main {
			fmt.Fprintf(&b, "%s:", r.File)
		}
		fmt.Fprintf(&b, "%d", l.Range().Start.Line)
		for _, w := range l.Words {
			text := w.Text
			if len(text) > 60 {
				text = fmt.Sprintf("%s...%d", text[:20], len(text))
			}
			switch {
			case w.Quoted():
				text = strconv.Quote(text)
			case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
				text = strconv.Quote(text)
				text = "(" + text[1:len(text)-1] + ")"
			}
			b.WriteByte(' ')
			b.WriteString(text)
			if places {
				fmt.Fprintf(&b, "@%s%s", printRange(main, w.Range()), printChain(main, w.Chain()))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func printFindings(main string, diags diag.List) string {
	var b strings.Builder
	classes := [...]string{"own", "log", "config", "fatal", "security", "parameter", "include"}
	for _, d := range diags {
		summary := d.Summary
		if len(summary) > 150 {
			summary = summary[:150] + "..."
		}
		fmt.Fprintf(&b, "%s %s/%s %s %s\n", d.Code, d.Severity, classes[d.Class], printRange(main, d.Subject)+printChain(main, d.Chain), summary)
		if d.Effect != "" {
			fmt.Fprintf(&b, "   = %s\n", d.Effect)
		}
		if d.Hint != "" {
			fmt.Fprintf(&b, "   ? %s\n", d.Hint)
		}
	}
	return b.String()
}

func printRange(main string, r diag.Range) string {
	s := fmt.Sprintf("%d:%d-%d", r.Start.Line, r.Start.Column, r.End.Column)
	if r.File != main {
		s = r.File + ":" + s
	}
	return s
}

func printChain(main string, chain []diag.Frame) string {
	var b strings.Builder
	for _, f := range chain {
		fmt.Fprintf(&b, "<%s %s>", f.What, printRange(main, f.Range))
	}
	return b.String()
}

// checkPlaces fails if a range lies outside of its file, or if an unexpanded
// word does not stand where its range says.
func checkPlaces(t testing.TB, lines []Line, set *FileSet, diags diag.List) {
	t.Helper()
	check := func(r diag.Range) string {
		if r.IsZero() {
			return ""
		}
		s, ok := set.Text(r.File)
		if !ok {
			t.Fatalf("range %v: no such file", r)
		}
		if r.Start.Byte < 0 || r.End.Byte < r.Start.Byte || r.End.Byte > len(s) {
			t.Fatalf("range %+v is outside of its file of %d bytes", r, len(s))
		}
		if n := strings.Count(s[:r.Start.Byte], "\n") + 1; n != r.Start.Line || r.End.Line != n {
			t.Fatalf("range %+v starts in line %d", r, n)
		}
		if n := r.Start.Byte - (strings.LastIndexByte(s[:r.Start.Byte], '\n') + 1) + 1; n != r.Start.Column {
			t.Fatalf("range %+v starts in column %d", r, n)
		}
		if strings.Contains(s[r.Start.Byte:r.End.Byte], "\n") {
			t.Fatalf("range %+v goes over the end of its line", r)
		}
		return s[r.Start.Byte:r.End.Byte]
	}
	for i := range lines {
		l := &lines[i]
		check(l.Range())
		check(l.Span())
		r, _ := l.RangeOf(0, len(l.Raw()))
		check(r)
		if len(l.Words) == 0 {
			t.Fatalf("line at %v has no words", l.Range())
		}
		for _, w := range l.Words {
			there := check(w.Range())
			if l.made == nil && strings.Trim(there, `"`) != w.Text {
				t.Fatalf("word %q: the file has %q at %v", w.Text, there, w.Range())
			}
			for _, f := range w.Chain() {
				check(f.Range)
			}
		}
	}
	for _, d := range diags {
		if d.Subject.Start.Line > 0 {
			check(d.Subject)
		}
		for _, f := range d.Chain {
			check(f.Range)
		}
	}
}

// checkSecondRead reads the encoded set again and expects the same.
func checkSecondRead(t testing.TB, lines []Line, set *FileSet, diags diag.List) {
	t.Helper()
	var b strings.Builder
	if err := set.Encode(&b); err != nil {
		t.Fatal(err)
	}
	again, err := DecodeFileSet([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	lines2, set2, diags2 := readAtMost(10000, again, again.Main(), again.Env())
	if a, b := printLines("", lines, true), printLines("", lines2, true); a != b {
		t.Fatalf("the encoded set reads differently:\n%s\nfirst\n%s", b, a)
	}
	if a, b := printFindings("", diags), printFindings("", diags2); a != b {
		t.Fatalf("the encoded set has other findings:\n%s\nfirst\n%s", b, a)
	}
	if a, b := slices.Sorted(maps.Keys(set.sources)), set2.Names(); !slices.Equal(a, b) {
		t.Fatalf("the encoded set has files %v, first %v", b, a)
	}
}
