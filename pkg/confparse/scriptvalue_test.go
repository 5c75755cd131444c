package confparse

import (
	"slices"
	"testing"
)

func TestSplitScript(t *testing.T) {
	tests := []struct {
		name, raw string
		args      []string
		rest      []string
		problem   string
	}{
		{name: "unquoted command is one word", raw: `script /bin/echo a b`, args: []string{"/bin/echo"}, rest: []string{"a", "b"}},
		{name: "quoted command with user and group", raw: `script "/bin/x 1" nobody nogroup`, args: []string{"/bin/x", "1"}, rest: []string{"nobody", "nogroup"}},
		{
			name: "2.4.3 resolves escapes once",
			raw:  `notify_backup "/p/a.sh 1 'a  b' c\x41 \"q r\" d\\x42 \\\"e\\\""`,
			args: []string{"/p/a.sh", "1", "a  b", "cA", `"q`, `r"`, `d\x42`, `\"e\"`},
		},
		{name: "outer single quotes", raw: `script '/bin/x "a b" c'`, args: []string{"/bin/x", "a b", "c"}},
		{name: "quotes in mid-word", raw: `script ab"c d"ef`, args: []string{"abc", "def"}},
		{name: "quotes in mid-word, both rounds", raw: `script "/x a'b c'd"`, args: []string{"/x", "ab cd"}},
		{name: "empty argument", raw: `script "/x '' b"`, args: []string{"/x", "", "b"}},
		{
			name: "escapes", raw: `script "/x \a\b\E\f\n\r\t\v \101\60\0617 \x41\x4g\xg \cA\c[ \z\\"`,
			args: []string{"/x", "\a\b\x1b\f\n\r\t\v", "A017", "A\x04gxg", "\x01\x1b", `z\`},
		},
		{name: "escaped blank joins", raw: `script "/x a\ b"`, args: []string{"/x", "a b"}},
		{name: "octal above 255 wraps", raw: `script "/x \777"`, args: []string{"/x", "\xff"}},
		{name: "lone backslash at the end stays", raw: `script /x\`, args: []string{`/x\`}},
		{name: "no value", raw: `script`, args: nil},
		{name: "empty value", raw: `script ""`, args: nil},
		{name: "open quote", raw: `script "/x a`, problem: `String 'script "/x a': missing terminating "`},
		{name: "open quote in the command", raw: `script "/x 'a"`, problem: `String '/x 'a': missing terminating '`},
		{name: "other quote does not end it", raw: `script "/x a'`, problem: `String 'script "/x a'': missing terminating "`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args, _, rest, problem := SplitScript(tt.raw)
			if !slices.Equal(args, tt.args) || !slices.Equal(rest, tt.rest) || problem != tt.problem {
				t.Errorf("SplitScript(%q) = %q, %q, %q\nwant %q, %q, %q", tt.raw, args, rest, problem, tt.args, tt.rest, tt.problem)
			}
		})
	}
}

func TestSplitEscaped(t *testing.T) {
	words, problem := SplitEscaped(`regex "a\\d \"b\"" 'c d'`)
	if want := []string{"regex", `a\d "b"`, "c d"}; !slices.Equal(words, want) || problem != "" {
		t.Errorf("got %q, %q; want %q", words, problem, want)
	}
}

func FuzzSplitScript(f *testing.F) {
	for _, s := range []string{`script "/bin/x 'a b' \x41"`, `script "a`, `notify \`, `s "\\\"e\\\""`, "script '\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		args, text, rest, problem := SplitScript(raw)
		if problem != "" {
			return
		}
		n := len(text)
		for _, w := range rest {
			n += len(w)
		}
		if n > len(raw) {
			t.Errorf("SplitScript(%q) made more text than there was: %q %q", raw, text, rest)
		}
		n = 0
		for _, w := range args {
			n += len(w)
		}
		if n > len(text) {
			t.Errorf("SplitScript(%q): arguments %q are longer than %q", raw, args, text)
		}
	})
}
