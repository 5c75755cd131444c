package checkcmd

import (
	"path"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// withFile is a FileSystem with one more file: standard input.
type withFile struct {
	confparse.FileSystem
	path string
	text []byte
}

// ReadFile implements confparse.FileSystem.
func (f withFile) ReadFile(path string) ([]byte, error) {
	if path == f.path {
		return f.text, nil
	}
	return f.FileSystem.ReadFile(path)
}

// Stat implements confparse.FileSystem.
func (f withFile) Stat(path string) (confparse.FileKind, error) {
	if path == f.path {
		return confparse.FileRegular, nil
	}
	return f.FileSystem.Stat(path)
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// literal protects the wildcards in a name that is the name of a file: the
// shell has expanded patterns already.
func literal(files confparse.FileSystem, dir, name string) string {
	if !strings.ContainsAny(name, `*?[]{}\`) {
		return name
	}
	if _, err := files.Stat(absolute(dir, name)); err != nil {
		return name
	}
	var b strings.Builder
	for i := range len(name) {
		if strings.IndexByte(`*?[]{},\`, name[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// sharedFile splits ID=FILE. A file whose name is all of it comes first.
func sharedFile(files confparse.FileSystem, dir, operand string) (id, file string, ok bool) {
	id, file, ok = strings.Cut(operand, "=")
	if !ok || id == "" || file == "" || strings.Contains(id, "/") {
		return "", "", false
	}
	if _, err := files.Stat(absolute(dir, operand)); err == nil {
		return "", "", false
	}
	return id, file, true
}
