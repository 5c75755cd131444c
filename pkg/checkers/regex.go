package checkers

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// regexTime bounds one match: a pattern that goes back and forth on hostile
// input counts as not matching.
const regexTime = 500 * time.Millisecond

// compiledRegex is the regex of one url.
type compiledRegex struct {
	re       *regexp2.Regexp
	utf      bool
	anchored bool
	min, max uint64 // bytes; max 0 is no limit
}

// compileRegex compiles the regex of a url as a check will use it. Options
// that mean nothing here are ignored, as are unknown ones.
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
		min: r.MinOffset, max: r.MaxOffset,
	}
	pattern := r.Pattern
	if slices.Contains(r.Options, "literal") {
		pattern = regexp2.Escape(pattern)
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

// matches reports whether the pattern matches in subject with a match that
// starts at an offset of min to max. Without utf every byte is a character.
func (c *compiledRegex) matches(subject []byte) bool {
	if c.min > uint64(len(subject)) {
		return false
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
	m, err := c.re.FindRunesMatchStartingAt(text, start)
	if err != nil || m == nil || m.Index > last {
		return false
	}
	return !c.anchored || m.Index == start
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
