package confparse

import (
	"path/filepath"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Read reads the configuration at path (a name or glob pattern, as given to
// -f) with everything it includes.
func Read(files FileSystem, path string, env Env) ([]Line, *FileSet, diag.List) {
	r := &reader{files: files, set: &FileSet{main: path, byName: map[string]*source{}}, defs: map[string]string{}}
	r.file(filepath.Join(env.WorkDir, path), path, nil, span{})
	return r.lines, r.set, r.diags
}

type reader struct {
	files FileSystem
	set   *FileSet
	lines []Line
	diags diag.List
	defs  map[string]string
}

func (r *reader) file(path, name string, parent *origin, use span) {
	data, err := r.files.ReadFile(path)
	if err != nil {
		r.diags.Add(diag.Diagnostic{Code: "KA0001", Severity: diag.Error, Class: diag.ClassFatal,
			Summary: "Config files missing '" + name + "'."})
		return
	}
	src := &source{name: name, text: string(data)}
	r.set.sources = append(r.set.sources, src)
	r.set.byName[name] = src
	from := &origin{file: src, parent: parent, use: use}
	byteAt := uint32(0)
	for i, s := range strings.Split(src.text, "\n") {
		t := text{s: strings.TrimRight(s, "\r"), at: place{from, span{byteAt, uint32(i + 1), 1, uint32(len(s))}}}
		byteAt += uint32(len(s) + 1)
		r.line(t.trimBlanks(), filepath.Dir(path))
	}
}

func (r *reader) line(t text, dir string) {
	quoted := false
	for i := range len(t.s) {
		if t.s[i] == '"' {
			quoted = !quoted
		} else if !quoted && (t.s[i] == '#' || t.s[i] == '!') {
			t = t.slice(0, i).trimBlanks()
			break
		}
	}
	if t.s == "" {
		return
	}
	if rest, ok := strings.CutPrefix(t.s, "include "); ok {
		name := strings.TrimSpace(rest)
		r.file(filepath.Join(dir, name), name, t.at.from, t.at.span)
		return
	}
	if i := strings.IndexByte(t.s, '='); t.s[0] == '$' && i > 0 {
		r.defs[t.s[1:i]] = t.s[i+1:]
		return
	}
	for name, value := range r.defs {
		if i := strings.Index(t.s, "$"+name); i >= 0 {
			t.s = t.s[:i] + value + t.s[i+1+len(name):]
		}
		if i := strings.Index(t.s, "${"+name+"}"); i >= 0 {
			t.s = t.s[:i] + value + t.s[i+3+len(name):]
		}
	}
	for t.s != "" {
		i, quoted := 0, false
		for ; i < len(t.s) && (quoted || t.s[i] != '{' && t.s[i] != '}'); i++ {
			quoted = quoted != (t.s[i] == '"')
		}
		r.words(t.slice(0, i).trimBlanks(), LineWords)
		if i == len(t.s) {
			break
		}
		kind := LineOpen
		if t.s[i] == '}' {
			kind = LineClose
		}
		r.words(t.slice(i, i+1), kind)
		t = t.slice(i+1, len(t.s)).trimBlanks()
	}
}

func (r *reader) words(t text, kind LineKind) {
	l := Line{Kind: kind, Raw: t.s, at: t.at, segs: t.segs}
	for i := 0; i < len(t.s); {
		if isSpace(t.s[i]) {
			i++
			continue
		}
		if t.s[i] == '"' {
			n := strings.IndexByte(t.s[i+1:], '"')
			if n < 0 {
				break
			}
			w := Word{Text: t.s[i+1 : i+1+n], at: t.place(i, i+n+2)}
			w.at.len |= quotedBit
			l.Words = append(l.Words, w)
			i += n + 2
			continue
		}
		j := i
		for j < len(t.s) && !isSpace(t.s[j]) && t.s[j] != '"' {
			j++
		}
		l.Words = append(l.Words, Word{Text: t.s[i:j], at: t.place(i, j)})
		i = j
	}
	if len(l.Words) > 0 {
		r.lines = append(r.lines, l)
	}
}
