package checkers

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/pcre"
)

// regexCase is a pattern with options, and a subject.
type regexCase struct {
	pattern, options, subject string
}

func (c regexCase) String() string {
	return fmt.Sprintf("/%s/%s on %q", c.pattern, c.options, c.subject)
}

// pcre2Says is what pcre2test finds for each case: the match and what follows
// it, "no match", or "error".
func pcre2Says(t *testing.T, cases []regexCase) []string {
	t.Helper()
	tool := needCommand(t, "pcre2test")
	var in strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&in, "/% x/hex,aftertext,no_start_optimize", c.pattern)
		if c.options != "" {
			in.WriteString("," + strings.ReplaceAll(c.options, " ", ","))
		}
		in.WriteString("\n    ")
		for _, b := range []byte(c.subject) {
			fmt.Fprintf(&in, `\x%02x`, b)
		}
		in.WriteString("\\=callout_none\n\n")
	}
	// Its start optimisations are off: with them 10.42 finds no match for
	// (?=(a)a[[:^alpha:]]{2})|(?=a)a in "a  #".
	cmd := exec.Command(tool, "-q")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pcre2test: %v\n%s", err, out)
	}
	var said []string
	for _, line := range strings.Split(string(out), "\n") {
		last := len(said) - 1
		switch {
		case strings.HasPrefix(line, "/"):
			said = append(said, "compiling")
		case strings.HasPrefix(line, "    ") && said[last] == "compiling":
			said[last] = "matching"
		case strings.HasPrefix(line, "Failed: error") && said[last] == "compiling":
			said[last] = "error"
		case strings.HasPrefix(line, "Failed: error"):
			said[last] = "failed"
		case line == "No match":
			said[last] = "no match"
		case strings.HasPrefix(line, " 0: "):
			said[last] = line[4:]
		case strings.HasPrefix(line, " 0+ "):
			said[last] += " + " + line[4:]
		}
	}
	if len(said) != len(cases) {
		t.Fatalf("pcre2test answered %d of %d cases", len(said), len(cases))
	}
	return said
}

// weSay is the same from us, and "unsupported" for what we refuse.
func weSay(re *compiledRegex, err error, subject string) string {
	if bad := (*pcre.Error)(nil); errors.As(err, &bad) {
		if bad.Unsupported {
			return "unsupported"
		}
		return "error"
	}
	if err != nil {
		return err.Error()
	}
	start, end, err := re.find([]byte(subject), 0)
	switch {
	case err != nil:
		return "failed"
	case start < 0:
		return "no match"
	}
	utf := re.Alphabet == pcre.UTF8
	return shown(subject[start:end], utf) + " + " + shown(subject[end:], utf)
}

// shown is text as pcre2test shows it.
func shown(text string, utf bool) string {
	var out bytes.Buffer
	write := func(r rune) {
		switch {
		case r >= ' ' && r <= '~':
			out.WriteRune(r)
		case utf && r > 0x7f:
			fmt.Fprintf(&out, `\x{%x}`, r)
		case utf:
			fmt.Fprintf(&out, `\x{%02x}`, r)
		default:
			fmt.Fprintf(&out, `\x%02x`, r)
		}
	}
	if utf {
		for _, r := range text {
			write(r)
		}
	} else {
		for _, b := range []byte(text) {
			write(rune(b))
		}
	}
	return out.String()
}

// compareWithPCRE2 lets pcre2test and us judge cases. What we refuse as not
// supported is no difference; how much is supported is for the caller to say.
func compareWithPCRE2(t *testing.T, cases []regexCase) (supported int) {
	t.Helper()
	bad := 0
	var re *compiledRegex
	var err error
	for i, want := range pcre2Says(t, cases) {
		c := cases[i]
		if i == 0 || c.pattern != cases[i-1].pattern || c.options != cases[i-1].options {
			re, err = compileRegex(&config.HTTPRegex{Pattern: c.pattern, Options: strings.Fields(c.options)})
		}
		got := weSay(re, err, c.subject)
		switch {
		case got == "unsupported":
		case got == want:
			supported++
		case bad < 20:
			t.Errorf("%v: %s, PCRE2 says %s", c, got, want)
			fallthrough
		default:
			bad++
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d cases differ", bad, len(cases))
	}
	return supported
}

// TestRegexParts compares each thing that PCRE2's syntax has, with each option.
func TestRegexParts(t *testing.T) {
	subjects := []string{"", "a", "ab", "b\nA", "a\n", "\n\na1_ B", "é a\r\n", "aaaa", "abab-]{"}
	var cases []regexCase
	for i, part := range regexParts {
		for j, option := range append([]string{"", "utf ucp", "caseless ucp", "caseless utf"}, pcre.Options...) {
			for _, form := range []string{"%s", "(?<n>a)%s", "a|(b)%s+a?", "(?<=a)%s"} {
				cases = append(cases, regexCase{strings.ReplaceAll(form, "%s", part), option, subjects[(i+j)%len(subjects)]})
			}
		}
	}
	if n := compareWithPCRE2(t, cases); n < len(cases)*9/10 {
		t.Errorf("only %d of %d cases are supported", n, len(cases))
	}
}

// TestRegexSets compares which characters are in each set.
func TestRegexSets(t *testing.T) {
	sets := strings.Fields(`. \d \D \w \W \s \S \h \H \v \V \N \R \X [\d] [^\w] [\S] [a-z] [^A-Z] \x{e9} [\xc0-\xd6] \b. \B.
		\pL \PL \p{Lu} \p{Ll} \p{Lt} \p{L&} \pM \pN \p{Nd} \pP \pS \p{Sc} \pZ \p{Zs} \pC \p{Cc} \p{Cn} \p{Any} \p{Xan} \p{Xsp} \p{Xwd} \p{sc:Latin}`)
	for _, name := range strings.Fields("alpha lower upper alnum ascii blank cntrl digit graph print punct space word xdigit") {
		sets = append(sets, "[[:"+name+":]]", "[[:^"+name+":]]")
	}
	var cases []regexCase
	for _, set := range sets {
		for _, options := range []string{"", "caseless", "ucp", "ucp caseless"} {
			for b := range 0x100 {
				cases = append(cases, regexCase{set, options, string([]byte{byte(b)})})
			}
		}
		for _, options := range []string{"utf", "utf caseless", "utf ucp", "utf ucp caseless"} {
			for _, r := range "\x00\n 7@AZaz_~\u0085\u00a0¤ª¼ßéÉ×ĀāſKǅΣςσ٣‿\u1680\u2028\u2029\u200d中🙂́" {
				cases = append(cases, regexCase{set, options, string(r)})
			}
		}
	}
	if n := compareWithPCRE2(t, cases); n < len(cases)*95/100 {
		t.Errorf("only %d of %d cases are supported", n, len(cases))
	}
}

// TestRegexRandom compares patterns put together at random, many of them wrong.
func TestRegexRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var cases []regexCase
	for range 20000 {
		cases = append(cases, randomRegex(r))
	}
	if n := compareWithPCRE2(t, cases); n < len(cases)*9/10 {
		t.Errorf("only %d of %d cases are supported", n, len(cases))
	}
}

// randomRegex makes a pattern, options and a subject.
func randomRegex(r *rand.Rand) regexCase {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	var c regexCase
	if r.IntN(2) == 0 {
		for range 1 + r.IntN(7) {
			c.pattern += pick(regexParts)
		}
	} else {
		c.pattern = wholeRegex(r, 3)
	}
	for range 3 {
		if r.IntN(4) == 0 {
			o := pcre.Options[r.IntN(len(pcre.Options))]
			if !strings.Contains(" "+c.options+" ", " "+o+" ") {
				c.options = strings.TrimSpace(c.options + " " + o)
			}
		}
	}
	for range r.IntN(9) {
		c.subject += pick([]string{"a", "b", "A", "B", " ", "\n", "\r", "aa", "ab", "_", "1", "\xe9", "é", "\x85", "-", "]", "a{", "\t", "#", "ſ", "k", "É"})
	}
	return c
}

var regexParts = []string{
	"a", "a", "b", "A", "B", "é", "\xe9", " ", "1", "#", "-", "]", "{", "}", "_", "k", "s",
	".", "^", "$", "|", "(", "(", ")", ")", ")", "*", "+", "?", "{2}", "{1,}", "{,2}", "{0}", "{0,2}", "++", "*?", "?+", "{2}+",
	`\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\h`, `\H`, `\v`, `\V`, `\N`, `\R`, `\X`, `\C`, `\b`, `\B`, `\A`, `\Z`, `\z`, `\G`, `\K`,
	`\Q`, `\E`, `\Qa|\E`, `\1`, `\2`, `\g1`, `\g{-1}`, `\k<n>`, `\k{n}`, `(?P=n)`, `\x61`, `\x{61}`, `\u0061`, `\U`, `\x`, `\xA`, `\o{141}`, `\141`, `\cA`, `\12`, `\e`, `\a`, `\_`, `\-`, `\y`,
	`[ab]`, `[^ab]`, `[a-c]`, `[[:alpha:]]`, `[[:^alpha:]]`, `[[:upper:]]`, `[]`, `[^]`, `[]a]`, `[^]a]`, `[\d_]`, `[\W]`, `[^\w]`, `[a-\d]`, `[\Qa-\E]`, `[a-]`, `[-a]`, `[\b]`, `[A-Z]`, `[^A-Z]`, `[[:foo:]]`, `[[:space:]]`, `[ a]`, `[`, `[^`, `[:`, `\p{L}`, `\P{Lu}`, `\p{^Ll}`, `\pN`, `[\p{Lu}]`, `[[:punct:]]`, `[^é]`, `[é]`, `[à-ü]`,
	"(?:a|b)", "(a)", "(b|a)", "(?<n>a)", "(?'n'b)", "(?P<m>a)", "(?|(a)|(b))", "(?>a+)", "(?=a)", "(?!a)", "(?<=a)", "(?<!b)", "(?<=a|bb)", "(?<=(a)b)",
	"(?:", "(?<n>", "(?>", "(?|", "(?=", "(?!", "(?<=", "(?<!",
	"(?i)", "(?-i)", "(?s)", "(?m)", "(?x)", "(?xx)", "(?n)", "(?U)", "(?J)", "(?^)", "(?i:a)", "(?i:", "(?i-s:b)", "(?#c)",
	"(?1)", "(?2)", "(?R)", "(?&n)", "(?P>n)", "(?-1)", "(?+1)", `\g<1>`, "(?(1)a|b)", "(?(1)", "(?(<n>)a)", "(?(n)a|b)", "(?(R)a|b)", "(?(?=a)", "(?(?<=a)b|a)", "(?(DEFINE)(?<q>a))", "(?C)", "(?C1)",
	"(*FAIL)", "(*F)", "(*MARK:a)", "(*ACCEPT)", "(*COMMIT)", "(*pla:a)", "(*nlb:a)", "(*atomic:a|b)", "(*UTF)", "(*UCP)",
}

// wholeRegex makes a pattern with its parentheses in order.
func wholeRegex(r *rand.Rand, depth int) string {
	var out string
	for range 1 + r.IntN(4) {
		if depth > 0 && r.IntN(3) == 0 {
			open := []string{"(", "(", "(", "(?:", "(?|", "(?>", "(?=", "(?!", "(?<=", "(?<n>", "(?i:", "(?(1)", "(?(?=a)", "(?<!", "(?(DEFINE)", "(?x:", "(?xx:"}
			out += open[r.IntN(len(open))] + wholeRegex(r, depth-1) + ")"
		} else {
			out += regexParts[r.IntN(len(regexParts))]
			if strings.ContainsAny(out[len(out)-1:], "()[") {
				out += "a"
			}
		}
		if r.IntN(4) == 0 {
			out += []string{"*", "+", "?", "{2}", "{0,2}", "*?", "++", "|", "|", "|"}[r.IntN(10)]
		}
	}
	return out
}
