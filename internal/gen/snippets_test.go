package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// A configuration in a document loads without findings. One that shows a
// mistake says which before its fence: <!-- findings: KA0201 KA0301 -->
const findingsMark = "<!-- findings:"

// snippet is a fenced configuration of a document.
type snippet struct {
	line int
	text string
	want []string
}

// snippets are the fenced configurations of a Markdown text: those with a line
// that opens a block of the top level.
func snippets(text string) []snippet {
	var heads []string
	for _, s := range confparse.Keywords() {
		if s.Block == "" {
			heads = append(heads, s.Keyword)
		}
	}
	var out []snippet
	lines := strings.Split(text, "\n")
	var want []string
	for i := 0; i < len(lines); i++ {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(lines[i]), findingsMark); ok {
			want = strings.Fields(strings.TrimSuffix(rest, "-->"))
			continue
		}
		if !strings.HasPrefix(strings.TrimSpace(lines[i]), "```") {
			if strings.TrimSpace(lines[i]) != "" {
				want = nil
			}
			continue
		}
		start := i + 1
		i++
		for i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "```") {
			i++
		}
		body := lines[start:min(i, len(lines))]
		if slices.ContainsFunc(body, func(l string) bool {
			words := strings.Fields(l)
			return len(words) > 1 && words[len(words)-1] == "{" && slices.Contains(heads, words[0])
		}) {
			out = append(out, snippet{start + 1, strings.Join(body, "\n") + "\n", want})
		}
		want = nil
	}
	return out
}

// oneFile is a FileSystem of one text.
type oneFile string

func (f oneFile) ReadFile(path string) ([]byte, error) {
	if path == "/snippet.conf" {
		return []byte(f), nil
	}
	return nil, fs.ErrNotExist
}

func (f oneFile) Stat(path string) (confparse.FileKind, error) {
	_, err := f.ReadFile(path)
	return confparse.FileRegular, err
}

func (oneFile) ReadDir(string) ([]string, error) { return nil, fs.ErrNotExist }

// unescape undoes the escapes of roff that an example may need.
var unescape = strings.NewReplacer(`\-`, "-", `\e`, `\`, `\(ti`, "~")

// findings are the codes that a configuration makes, in order.
func findings(text string) (codes, said []string) {
	_, _, found := confparse.Load(oneFile(text), "snippet.conf", confparse.Env{HostName: "host", WorkDir: "/"})
	for _, d := range found {
		if !slices.Contains(codes, d.Code) {
			codes = append(codes, d.Code)
		}
		said = append(said, d.Subject.String()+": "+d.Summary)
	}
	slices.Sort(codes)
	return codes, said
}

func TestSnippetsLoad(t *testing.T) {
	n := 0
	check := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snippets(string(text)) {
			n++
			got, said := findings(s.text)
			want := slices.Clone(s.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s:%d: findings %v, the document says %v:\n%s", path, s.line, got, want, strings.Join(said, "\n"))
			}
		}
	}
	check(filepath.Join(root, "README.md"))
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			check(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile(filepath.Join(root, "docs/man/gokeepalived.conf.5"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(manual), "\n.EX\n")[1:] {
		n++
		example, _, _ := strings.Cut(part, "\n.EE\n")
		if got, said := findings(unescape.Replace(example) + "\n"); len(got) > 0 {
			t.Errorf("example of gokeepalived.conf(5): %v", said)
		}
	}
	if n < 2 {
		t.Errorf("only %d configurations found in the documents", n)
	}
}

func TestSnippets(t *testing.T) {
	text := "a\n```\nnot one\n```\n" + findingsMark + " KA0201 -->\n\n```text\nglobal_defs {\n  x\n}\n```\n```sh\nls\n```\n" +
		findingsMark + " KA0301 -->\nwords between\n```conf\nvrrp_instance A {\n}\n"
	got := snippets(text)
	if len(got) != 2 || got[0].line != 8 || !slices.Equal(got[0].want, []string{"KA0201"}) || got[0].text != "global_defs {\n  x\n}\n" ||
		len(got[1].want) != 0 {
		t.Errorf("snippets %+v", got)
	}
	if codes, _ := findings(got[0].text); !slices.Equal(codes, []string{"KA0201"}) {
		t.Errorf("findings %v", codes)
	}
}
