package confparse

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// valueHint says what is often wrong with a value that is no good at all; else
// it is hint.
func valueHint(at Placed, hint string) string {
	w, ok := at.(Word)
	if !ok || w.Text == "" {
		return hint
	}
	switch text := w.Text; {
	case text[0] == '=' || text == ":":
		return "the value follows the keyword without " + text[:1]
	case text == "-" || text == "*":
		return "write the entry alone, without " + text + " in front"
	case fromWeb(text) != "":
		return fromWeb(text)
	case unfilled(text):
		return "a placeholder was not filled in"
	case strings.HasSuffix(text, ";") || strings.HasSuffix(text, ","):
		return "remove the " + text[len(text)-1:] + ": it is part of the value"
	}
	return hint
}

// unfilled reports whether a word looks like a placeholder of a template.
func unfilled(text string) bool {
	if text[0] == '$' || strings.ContainsAny(text, "<>") || strings.Contains(text, "{{") || strings.HasPrefix(text, "X.X.") {
		return true
	}
	for _, frame := range []string{"@", "%", "__"} {
		if len(text) > 2*len(frame) && strings.HasPrefix(text, frame) && strings.Contains(text[len(frame):], frame) {
			return true
		}
	}
	// VIP_1, PRIORITY_1: no value of keepalived looks like that.
	capitals := strings.ContainsRune(text, '_')
	for _, c := range text {
		capitals = capitals && (c == '_' || c == '/' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z')
	}
	return capitals
}

// fromWeb says what a web page or a word processor has left in a word.
func fromWeb(text string) string {
	switch {
	case strings.ContainsAny(text, "“”„‟«»"), strings.ContainsAny(text, "‘’‚"):
		return "these are typographic quotes; write \""
	case strings.Contains(text, "&quot;") || strings.Contains(text, "&amp;") || strings.Contains(text, "&lt;") || strings.Contains(text, "&gt;") || strings.Contains(text, "&nbsp;"):
		return "this is HTML; write the character itself"
	case strings.Contains(text, "<br>") || strings.Contains(text, "</p>") || strings.Contains(text, "</pre>") || strings.Contains(text, "</code>") || strings.Contains(text, "</span>"):
		return "remove what is HTML"
	case strings.IndexFunc(text, strangeSpace) >= 0:
		return "there is a no-break space in it; write an ordinary one"
	case strings.ContainsAny(text, "−‐‑‒–—"):
		return "this is a typographic dash; write -"
	}
	return ""
}

// strangeSpace reports whether c looks like a blank and separates no words.
func strangeSpace(c rune) bool { return c >= utf8.RuneSelf && unicode.IsSpace(c) || c == '\u200b' }

// commentHint is about lines that are comments in other languages.
func commentHint(word string) string {
	for _, mark := range []string{"//", "/*", "*/", ";", "--", "<!--", "-->"} {
		if strings.HasPrefix(word, mark) {
			return "comments start with # or !"
		}
	}
	return ""
}

// unitHint is about a time with a unit, which only stands in words: args are
// those of the keyword.
func unitHint(args, text string) string {
	base := time.Second
	switch args {
	case "<SECS>", "<TIMER>", "<DECIMAL>", "[<SECS>]", "[all] <SECS>":
	case "<MS>":
		base = time.Millisecond
	case "<USECS>":
		base = time.Microsecond
	default:
		return ""
	}
	digits := strings.TrimRightFunc(text, unicode.IsLetter)
	unit, known := map[string]time.Duration{
		"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
		"ms": time.Millisecond, "msec": time.Millisecond, "us": time.Microsecond, "usec": time.Microsecond,
		"m": time.Minute, "min": time.Minute, "h": time.Hour,
	}[strings.ToLower(text[len(digits):])]
	n, err := strconv.ParseFloat(digits, 64)
	if !known || err != nil {
		return ""
	}
	return "write " + strconv.FormatFloat(n*float64(unit)/float64(base), 'f', -1, 64) + ", without a unit"
}

// addressHint says what is wrong with a word that is no address.
func addressHint(text string) string {
	a, err := netip.ParseAddrPort(text)
	switch {
	case err == nil:
		return "write the port as a word of its own: " + a.Addr().String() + " " + itoa(int(a.Port()))
	case strings.ContainsAny(text, "[]"):
		return "an IPv6 address stands without brackets"
	case strings.Contains(text, "%"):
		return "write the interface as a word of its own, where it can stand"
	case capitals(text) && text[0] > '9':
		return "a placeholder was not filled in"
	case strings.IndexFunc(text, unicode.IsLetter) == 0 && !strings.Contains(text, ":"):
		return "names are not looked up: write the address"
	}
	return ""
}
