package checkers

import (
	"fmt"
	"slices"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/pcre"
)

// regexTime bounds one match: a pattern that goes back and forth on hostile
// input is a failure.
const regexTime = 500 * time.Millisecond

// compiledRegex is the regex of one url.
type compiledRegex struct {
	pcre.Translation
	re       *regexp2.Regexp
	min, max uint64 // bytes; max 0 is no limit
}

// compileRegex compiles the regex of a url as a check will use it.
func compileRegex(r *config.HTTPRegex) (*compiledRegex, error) {
	t, err := pcre.Translate(r.Pattern, r.Options)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", r.Pattern, err)
	}
	re, err := regexp2.Compile(t.Text, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", r.Pattern, err)
	}
	re.MatchTimeout = regexTime
	return &compiledRegex{Translation: t, re: re, min: r.MinOffset, max: r.MaxOffset}, nil
}

// matches reports whether the pattern matches in subject with a match that
// starts at an offset of min to max. An error says that it took too long, or
// that the subject is not the UTF-8 that utf wants.
func (c *compiledRegex) matches(subject []byte) (bool, error) {
	if c.min > uint64(len(subject)) {
		return false, nil
	}
	last := len(subject)
	if c.max > 0 && c.max < uint64(last) {
		last = int(c.max)
	}
	start, _, err := c.find(subject, int(c.min))
	return err == nil && start >= 0 && start <= last, err
}

// find searches subject from an offset on, and returns where the match starts
// and ends, in bytes; -1 if there is none.
func (c *compiledRegex) find(subject []byte, from int) (start, end int, err error) {
	text, err := c.Alphabet.Runes(subject)
	if err != nil {
		return -1, -1, err
	}
	if c.Alphabet == pcre.UTF8 {
		before, err := c.Alphabet.Runes(subject[:from])
		if err != nil {
			return -1, -1, fmt.Errorf("offset %d is inside a character", from)
		}
		from = len(before)
	}
	m, err := c.re.FindRunesMatchStartingAt(text, from)
	if err != nil || m == nil {
		return -1, -1, err
	}
	if c.FirstLine {
		if i := slices.Index(text[from:], '\n'); i >= 0 && m.Index > from+i {
			return -1, -1, nil
		}
	}
	start, end = m.Index, m.Index+m.Length
	if c.KeepGroup > 0 {
		if g := m.GroupByNumber(c.KeepGroup); len(g.Captures) > 0 {
			start = g.Index
		}
	}
	if c.Alphabet == pcre.UTF8 {
		return len(string(text[:start])), len(string(text[:end])), nil
	}
	return start, end, nil
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
