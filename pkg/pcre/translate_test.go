package pcre

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
)

// The comparison with PCRE2 itself is in pkg/checkers, where patterns are also
// matched.

func TestTranslate(t *testing.T) {
	for _, tc := range []struct{ pattern, options, want string }{
		{`status: ok`, "", `status\x{3a}\x{20}ok`},
		{`\d+`, "", `[0-9]+`},
		{`a.b$`, "", `a[^\x{a}]b\Z`},
		{`a++`, "", `(?>a+)`},
		{`a+\E ?b`, "extended", `a+?b`},
		{`(?P<n>a)(b)\k{n}`, "", `(?<1>a)(?<2>b)(?:(?(1)\k<1>|(?!)))`},
		{`(a)\1`, "match_unset_backref", `(?<1>a)(?:(?(1)\k<1>|))`},
		{`(?|(a)|(b))`, "", `(?:(?<1>a)|(?<1>b))`},
		{`(?<=ab|c)d`, "", `(?<=(?=ab)[\s\S]{2}|(?=c)[\s\S]{1})d`},
		{`a[b`, "caseless", ""},
		{`aB`, "caseless", `[Aa][Bb]`},
		{"\xe9", "", `\x{e0e9}`},
		{"\xe9", "ucp", `\x{e9}`},
		{"é", "utf", `\x{e9}`},
		{`(?(DEFINE)(?<o>[0-9]{1,3}))(?&o)\.(?&o)`, "", `(?:(?:[0-9]{1,3})\x{2e}(?:[0-9]{1,3}))(?:(?!)(?<1>))?`},
	} {
		got, err := Translate(tc.pattern, strings.Fields(tc.options))
		if got.Text != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("/%s/%s: %s, %v, want %s", tc.pattern, tc.options, got.Text, err, tc.want)
		}
	}
}

// TestUnsupported lists what PCRE2 can do and we cannot.
func TestUnsupported(t *testing.T) {
	for _, tc := range []struct{ pattern, options, want string }{
		{`(a(?1)?b)`, "", "recursion is not supported at offset 2"},
		{`a(?R)?b`, "", "recursion is not supported at offset 1"},
		{`(?<q>(.)\2)(?&q)`, "", "a subroutine that refers to its own groups is not supported at offset 11"},
		{`a(*SKIP)b`, "", "(*SKIP) is not supported at offset 1"},
		{`a(*ACCEPT)b`, "", "(*ACCEPT) is not supported at offset 1"},
		{`(*CRLF)a`, "", "(*CRLF) is not supported at offset 0"},
		{`(*LIMIT_MATCH=5)a`, "", "(*LIMIT_MATCH=5) is not supported at offset 0"},
		{`\C`, "utf", `\C with utf is not supported at offset 0`},
		{`a\X`, "utf", `\X with utf is not supported at offset 1`},
		{`(?i)(.)\1`, "utf", "a caseless back reference with utf is not supported at offset 7"},
		{`\p{Greek}`, "utf", `the property \p{Greek} is not supported at offset 0`},
		{`(*sr:a)`, "utf", "(*sr is not supported at offset 0"},
		{`(?*a)`, "", "a non-atomic lookahead is not supported at offset 0"},
		{strings.Repeat("(?1)", 1000) + "(" + strings.Repeat("a", 1000) + ")", "", "a pattern of more than 256 KiB, with its sets and subroutines written out, is not supported at offset 0"},
	} {
		_, err := Translate(tc.pattern, strings.Fields(tc.options))
		if bad := (*Error)(nil); !errors.As(err, &bad) || !bad.Unsupported || bad.Error() != tc.want {
			t.Errorf("/%s/%s: %v, want %s", tc.pattern, tc.options, err, tc.want)
		}
	}
}

// TestGroupsThatCallEachOther: what doubles with every group is refused before
// it takes long, also where nothing would be written.
func TestGroupsThatCallEachOther(t *testing.T) {
	for _, form := range []string{"(?%d)(?%d)", "(?%d){0}(?%d){0}", "(?<=(?%d)(?%d))", "(?(DEFINE)(?%d)(?%d))"} {
		pattern := "()"
		for n := 1; n <= 60; n++ {
			pattern += "(" + strings.ReplaceAll(form, "%d", strconv.Itoa(n)) + ")"
		}
		if _, err := Translate(pattern, nil); err == nil || !strings.Contains(err.Error(), "256 KiB") {
			t.Errorf("%s: %v", form, err)
		}
	}
}

// FuzzTranslate: whatever the pattern, there is an error or a pattern that
// regexp2 takes.
func FuzzTranslate(f *testing.F) {
	f.Add(`(?<n>a)|[[:alpha:]\d-]*+\Q.\E(?(1)b|c)(?<=x)\k<n>`, uint32(0))
	f.Add(`(?|(a)|(b))\1(?i:C)\p{Lu}\x{e9}`, uint32(1<<17|1<<18))
	f.Fuzz(func(t *testing.T, pattern string, bits uint32) {
		var options []string
		for i, o := range Options {
			if bits>>i&1 != 0 {
				options = append(options, o)
			}
		}
		got, err := Translate(pattern, options)
		if err != nil {
			return
		}
		if _, err := regexp2.Compile(got.Text, regexp2.None); err != nil {
			t.Errorf("%q %v: %q: %v", pattern, options, got.Text, err)
		}
	})
}
