package checkers

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// regexTime bounds one match: a pattern that goes back and forth on hostile
// input is a failure.
const regexTime = 500 * time.Millisecond

// compiledRegex is the regex of one url.
type compiledRegex struct {
	re        *regexp2.Regexp
	utf       bool
	anchored  bool
	firstLine bool   // the match starts before the first line ends
	min, max  uint64 // bytes; max 0 is no limit
}

// compileRegex compiles the regex of a url as a check will use it. Of PCRE2's
// options most are about speed or about what is captured, which no check sees;
// they are ignored, as are unknown ones.
func compileRegex(r *config.HTTPRegex) (*compiledRegex, error) {
	var opt regexp2.RegexOptions
	for word, bit := range map[string]regexp2.RegexOptions{
		"caseless": regexp2.IgnoreCase, "multiline": regexp2.Multiline, "dotall": regexp2.Singleline,
		"extended": regexp2.IgnorePatternWhitespace, "no_auto_capture": regexp2.ExplicitCapture,
	} {
		if slices.Contains(r.Options, word) {
			opt |= bit
		}
	}
	c := &compiledRegex{
		utf: slices.Contains(r.Options, "utf"), anchored: slices.Contains(r.Options, "anchored"),
		firstLine: slices.Contains(r.Options, "firstline"),
		min:       r.MinOffset, max: r.MaxOffset,
	}
	pattern := r.Pattern
	if slices.Contains(r.Options, "literal") {
		pattern = regexp2.Escape(pattern)
	} else {
		pattern = rewrite(pattern, slices.Contains(r.Options, "allow_empty_class"),
			slices.Contains(r.Options, "dollar_endonly") && !slices.Contains(r.Options, "multiline"))
	}
	if !c.utf {
		pattern = string(bytesAsRunes([]byte(pattern)))
	}
	re, err := regexp2.Compile(pattern, opt)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", r.Pattern, err)
	}
	re.MatchTimeout = regexTime
	c.re = re
	return c, nil
}

// rewrite puts what some options mean into the pattern: with emptyClass [] is a
// class of nothing, and with endOnly $ is the very end, not before a last line
// feed.
func rewrite(pattern string, emptyClass, endOnly bool) string {
	if !emptyClass && !endOnly {
		return pattern
	}
	var out strings.Builder
	for class := false; pattern != ""; {
		token := pattern[:1]
		switch {
		case token == `\` && len(pattern) > 1:
			token = pattern[:2]
		case class:
			class = token != "]"
		case emptyClass && strings.HasPrefix(pattern, "[]"):
			pattern = pattern[2:]
			out.WriteString("(?!)")
			continue
		case emptyClass && strings.HasPrefix(pattern, "[^]"):
			pattern = pattern[3:]
			out.WriteString(`[\s\S]`)
			continue
		case token == "[":
			class = true
			// A bracket that comes first is one of the class.
			for _, first := range []string{"[^]", "[]", "[^"} {
				if strings.HasPrefix(pattern, first) {
					token = first
					break
				}
			}
		case endOnly && token == "$":
			pattern = pattern[1:]
			out.WriteString(`\z`)
			continue
		}
		out.WriteString(token)
		pattern = pattern[len(token):]
	}
	return out.String()
}

// matches reports whether the pattern matches in subject with a match that
// starts at an offset of min to max. Without utf every byte is a character. An
// error says that it took too long.
func (c *compiledRegex) matches(subject []byte) (bool, error) {
	if c.min > uint64(len(subject)) {
		return false, nil
	}
	var text []rune
	start, last := int(c.min), len(subject)
	if c.max > 0 && c.max < uint64(last) {
		last = int(c.max)
	}
	if c.utf {
		text = []rune(string(subject))
		start, last = utf8.RuneCount(subject[:start]), utf8.RuneCount(subject[:last])
	} else {
		text = bytesAsRunes(subject)
	}
	if c.firstLine {
		if i := slices.Index(text[start:], '\n'); i >= 0 {
			last = min(last, start+i)
		}
	}
	m, err := c.re.FindRunesMatchStartingAt(text, start)
	if err != nil || m == nil || m.Index > last {
		return false, err
	}
	return !c.anchored || m.Index == start, nil
}

// bytesAsRunes makes a character of each byte.
func bytesAsRunes(p []byte) []rune {
	out := make([]rune, len(p))
	for i, b := range p {
		out[i] = rune(b)
	}
	return out
}

// regexOf is the compiled regex of a url, nil if it has none or the pattern is
// wrong, in which case the configuration was warned about.
func (t *Target) regexOf(url int) *compiledRegex {
	if t.regex == nil {
		t.regex = make([]*compiledRegex, len(t.Checker.HTTP.URLs))
		for i, u := range t.Checker.HTTP.URLs {
			if u.Regex != nil {
				t.regex[i], _ = compileRegex(u.Regex)
			}
		}
	}
	return t.regex[url]
}
