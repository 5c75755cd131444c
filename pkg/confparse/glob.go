package confparse

import (
	"path"
	"slices"
	"strings"
)

// globMatch is what a pattern gave.
type globMatch struct {
	// names are the files found, as the pattern spells them: alternatives in
	// their order, the matches of each sorted.
	names []string
	// missing are the alternatives of which what stands in front of the first
	// wildcard does not exist.
	missing []string
	// alternatives is how many the braces make, wild whether any has a
	// wildcard.
	alternatives int
	wild         bool
}

// mostAlternatives bounds what the braces of one pattern may expand to.
const mostAlternatives = 4096

// glob finds files as glob(3) with GLOB_BRACE does, relative to dir.
func glob(files FileSystem, dir, pattern string) globMatch {
	var m globMatch
	for _, alternative := range expandBraces(pattern) {
		m.alternatives++
		wild := hasWildcard(alternative)
		m.wild = m.wild || wild
		names, literal := matchPath(files, dir, alternative)
		if len(names) == 0 && (!wild || !literal) {
			m.missing = append(m.missing, alternative)
		}
		slices.Sort(names)
		m.names = append(m.names, names...)
	}
	return m
}

// matchPath finds the paths that match a pattern without braces. literal is
// false if a component in front of the first wildcard does not exist.
func matchPath(files FileSystem, dir, pattern string) (names []string, literal bool) {
	prefix := ""
	rest := strings.TrimLeft(pattern, "/")
	if rest != pattern {
		prefix, dir = pattern[:len(pattern)-len(rest)], "/"
	}
	found, wild := []string{prefix}, false
	for rest != "" {
		component, after, slash := rest, "", ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			component = rest[:i]
			after = strings.TrimLeft(rest[i:], "/")
			slash = rest[i : len(rest)-len(after)]
		}
		rest = after
		var next []string
		if !hasWildcard(component) {
			component = unescape(component)
			for _, f := range found {
				if _, err := files.Stat(join(dir, f+component)); err == nil {
					next = append(next, f+component+slash)
				}
			}
			if len(next) == 0 {
				return nil, wild
			}
		} else {
			wild = true
			for _, f := range found {
				entries, err := files.ReadDir(join(dir, f))
				if err != nil {
					continue
				}
				for _, e := range entries {
					if !matchName(component, e) {
						continue
					}
					if slash != "" {
						if kind, err := files.Stat(join(dir, f+e)); err != nil || kind != FileDirectory {
							continue
						}
					}
					next = append(next, f+e+slash)
				}
			}
			if len(next) == 0 {
				return nil, true
			}
		}
		found = next
	}
	return found, true
}

// join is the absolute path of name, which counts from dir if it is relative.
func join(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// expandBraces expands {a,b} like csh: nested, in order. Braces that do not
// close and {} are text.
func expandBraces(pattern string) []string {
	out := []string{}
	pending := []string{pattern}
	for len(pending) > 0 && len(out) < mostAlternatives {
		p := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		open, commas, end := findBraces(p)
		if end < 0 {
			out = append(out, p)
			continue
		}
		// Pushed backwards, so that the first alternative is expanded next.
		bounds := append(append([]int{open}, commas...), end)
		for i := len(bounds) - 1; i > 0 && len(pending) < mostAlternatives; i-- {
			pending = append(pending, p[:open]+p[bounds[i-1]+1:bounds[i]]+p[end+1:])
		}
	}
	return out
}

// findBraces finds the first brace that closes, its commas and its end; end
// is -1 if there is none.
func findBraces(p string) (open int, commas []int, end int) {
	for open = 0; open < len(p); open++ {
		switch p[open] {
		case '\\':
			open++
			continue
		case '{':
		default:
			continue
		}
		if strings.HasPrefix(p[open:], "{}") {
			continue
		}
		commas = commas[:0]
		depth := 0
		for i := open; i < len(p); i++ {
			switch p[i] {
			case '\\':
				i++
			case '{':
				depth++
			case ',':
				if depth == 1 {
					commas = append(commas, i)
				}
			case '}':
				if depth--; depth == 0 {
					return open, commas, i
				}
			}
		}
	}
	return 0, nil, -1
}

func hasWildcard(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '*', '?':
			return true
		case '[':
			if strings.IndexByte(s[i+1:], ']') >= 0 {
				return true
			}
		}
	}
	return false
}

// unescape removes the backslashes that protect characters.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// matchName reports whether a file name matches a pattern of fnmatch(3): * ?
// [a-z] [!a] [^a] [[:digit:]] and backslashes. A leading dot is matched only
// by a dot.
func matchName(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") && !strings.HasPrefix(pattern, `\.`) {
		return false
	}
	// One star at a time is enough: a later star can take whatever an earlier
	// one could.
	starP, starN := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if width, ok := matchChar(pattern[p:], name[n]); ok {
				p += width
				n++
				continue
			}
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchChar matches one character with the element that starts pattern and
// returns its width.
func matchChar(pattern string, c byte) (width int, ok bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		if width, in := matchBracket(pattern, c); width > 0 {
			return width, in
		}
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	}
	return 1, pattern[0] == c
}

// matchBracket matches c with a bracket expression. Its width is 0 if pattern
// does not start with a complete one.
func matchBracket(pattern string, c byte) (width int, in bool) {
	i := 1
	not := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if not {
		i++
	}
	for first := true; i < len(pattern) && (first || pattern[i] != ']'); first = false {
		if strings.HasPrefix(pattern[i:], "[:") {
			if n := strings.Index(pattern[i+2:], ":]"); n >= 0 {
				in = in || inClass(pattern[i+2:i+2+n], c)
				i += n + 4
				continue
			}
		}
		lo, w := bracketChar(pattern[i:])
		i += w
		hi := lo
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			hi, w = bracketChar(pattern[i+1:])
			i += 1 + w
		}
		in = in || lo <= c && c <= hi
	}
	if i >= len(pattern) {
		return 0, false
	}
	return i + 1, in != not
}

func bracketChar(s string) (c byte, width int) {
	if s[0] == '\\' && len(s) > 1 {
		return s[1], 2
	}
	return s[0], 1
}

// inClass is the named character class in the C locale.
func inClass(class string, c byte) bool {
	lower, upper := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z'
	graph := '!' <= c && c <= '~'
	switch class {
	case "alpha":
		return lower || upper
	case "digit":
		return isDigit(c)
	case "alnum":
		return lower || upper || isDigit(c)
	case "lower":
		return lower
	case "upper":
		return upper
	case "space":
		return isSpace(c)
	case "blank":
		return isBlank(c)
	case "xdigit":
		return hexDigit(c) >= 0
	case "punct":
		return graph && !lower && !upper && !isDigit(c)
	case "graph":
		return graph
	case "print":
		return graph || c == ' '
	case "cntrl":
		return c < ' ' || c == 0x7f
	}
	return false
}
