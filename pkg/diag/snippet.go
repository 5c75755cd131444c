package diag

import (
	"strings"
	"unicode/utf8"
)

// snippetWidth is how many characters of a source line a report shows.
const snippetWidth = 100

// snippet is a source line made fit to print, with the marks below it.
type snippet struct {
	line, marks string
}

// snippetOf cuts the line of r out of its file. Secrets are masked, what a
// terminal would act on is replaced, a long line is cut around the subject.
func snippetOf(src Source, r Range) (snippet, bool) {
	line, ok := lineOf(src, r)
	if !ok {
		return snippet{}, false
	}
	from := min(max(r.Start.Column-1, 0), len(line))
	to := len(line)
	if r.End.Line == r.Start.Line {
		to = min(max(r.End.Column-1, from), len(line))
	}
	line = maskSecret(line)
	before, subject, after := printable(line[:from]), printable(line[from:to]), printable(line[to:])
	if n := utf8.RuneCountInString(before); n > snippetWidth/2 {
		before = "..." + lastRunes(before, snippetWidth/2-3)
	}
	subject = firstRunes(subject, snippetWidth)
	after = firstRunes(after, max(0, snippetWidth-utf8.RuneCountInString(before)-utf8.RuneCountInString(subject)))
	marks := strings.Map(func(c rune) rune {
		if c == '\t' {
			return c
		}
		return ' '
	}, before)
	marks += strings.Repeat("^", max(1, utf8.RuneCountInString(subject)))
	return snippet{line: strings.TrimRight(before+subject+after, " \t"), marks: marks}, true
}

// lineOf is the text of the line that r starts in.
func lineOf(src Source, r Range) (string, bool) {
	if src == nil || r.Start.Line == 0 {
		return "", false
	}
	text, ok := src.Text(r.File)
	if !ok || r.Start.Byte > len(text) {
		return "", false
	}
	start := strings.LastIndexByte(text[:r.Start.Byte], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	return strings.TrimRight(line, "\r"), true
}

// maskSecret hides passwords: reports end up in logs. auth_pass and password
// count anywhere, key only as the first word of a line.
func maskSecret(line string) string {
	for _, keyword := range [...]string{"auth_pass", "password", "key"} {
		i := strings.Index(line, keyword)
		if i < 0 || i > 0 && !strings.ContainsRune(" \t{}\"", rune(line[i-1])) {
			continue
		}
		if keyword == "key" && strings.Trim(line[:i], " \t\"") != "" {
			continue
		}
		rest := line[i+len(keyword):]
		value := strings.TrimLeft(rest, " \t\"")
		if len(value) < len(rest) {
			line = line[:len(line)-len(value)] + strings.Repeat("*", len(value))
		}
	}
	return line
}

// printable replaces what a terminal would act on, and bytes that are not
// UTF-8, by a question mark; a TAB stays.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || c != '\t' && (c < ' ' || c >= 0x7f && c < 0xa0) {
			return '?'
		}
		return c
	}, s)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func lastRunes(s string, n int) string {
	skip := utf8.RuneCountInString(s) - n
	for i := range s {
		if skip <= 0 {
			return s[i:]
		}
		skip--
	}
	return s
}
