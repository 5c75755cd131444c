package confparse

import "strings"

// scriptValue is the value of a script keyword after both tokenisers.
type scriptValue struct {
	// args are the program and its arguments.
	args []string
	// text is the command as one string, without its outer quotes.
	text string
	// rest are the words after the command: user and group.
	rest []string
}

// SplitScript splits the raw line of a script keyword. The second word is the
// command line: it is split once more, now with escapes resolved. problem is
// empty, or says in keepalived's words why the value cannot be used.
//
// keepalived 2.4.3 resolves escapes only in the second round, 2.2.7 in both:
// \\x41 in a quoted command is \x41 here.
func SplitScript(raw string) (args []string, text string, rest []string, problem string) {
	words, problem := splitQuoted(raw, false)
	if problem != "" || len(words) < 2 {
		return nil, "", nil, problem
	}
	args, problem = splitQuoted(words[1], true)
	if problem != "" {
		return nil, "", nil, problem
	}
	return args, words[1], words[2:], ""
}

// SplitEscaped splits the raw line of a keyword that takes escapes but no
// command: the HTTP regex.
func SplitEscaped(raw string) (words []string, problem string) {
	return splitQuoted(raw, true)
}

func splitScriptValue(l *Line) (scriptValue, string) {
	var v scriptValue
	var problem string
	v.args, v.text, v.rest, problem = SplitScript(l.Raw())
	return v, problem
}

// splitQuoted splits s at white space. '...' and "..." group, also in the
// middle of a word, and are dropped; the other kind of quote inside is text. A
// backslash protects the next character: the pair is kept as it is, or turned
// into what it stands for.
func splitQuoted(s string, resolve bool) (words []string, problem string) {
	var word []byte
	for i := 0; ; {
		for i < len(s) && isSpace(s[i]) {
			i++
		}
		if i == len(s) {
			return words, ""
		}
		word = word[:0]
		var quote byte
		for ; i < len(s) && (quote != 0 || !isSpace(s[i])); i++ {
			switch c := s[i]; {
			case c == '\\' && i+1 < len(s):
				if !resolve {
					word = append(word, c, s[i+1])
					i++
					break
				}
				e, n := escape(s[i+1:])
				word = append(word, e)
				i += n
			case c == quote && quote != 0:
				quote = 0
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			default:
				word = append(word, c)
			}
		}
		if quote != 0 {
			return words, "String '" + s + "': missing terminating " + string(quote)
		}
		words = append(words, string(word))
	}
}

// escape reads what follows a backslash and returns the byte it stands for
// and its length.
func escape(s string) (byte, int) {
	const plain, meant = "abEfnrtv", "\a\b\x1b\f\n\r\t\v"
	if i := strings.IndexByte(plain, s[0]); i >= 0 {
		return meant[i], 1
	}
	switch c := s[0]; {
	case '0' <= c && c <= '7':
		v, n := 0, 0
		for n < len(s) && n < 3 && '0' <= s[n] && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		return byte(v), n
	case c == 'x' && len(s) > 1 && hexDigit(s[1]) >= 0:
		v, n := 0, 1
		for n < len(s) && n < 3 && hexDigit(s[n]) >= 0 {
			v = v*16 + hexDigit(s[n])
			n++
		}
		return byte(v), n
	case c == 'c' && len(s) > 1:
		return s[1] & 0x1f, 2
	}
	return s[0], 1
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
