package confparse

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"
	"unsafe"
)

// FileSystem is where configuration files come from. Paths are absolute.
// Errors wrap fs.ErrNotExist or fs.ErrPermission where that is the reason.
type FileSystem interface {
	// ReadFile returns the whole file. The bytes belong to the caller.
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
// files, directory listings, environment variables, the settings of Env. It is
// itself a FileSystem, so reading it again gives exactly the same:
//
//	lines, _, diags := Read(set, set.Main(), set.Env())
type FileSet struct {
	main string
	env  Env
	// under is asked for what is not known yet; nil for a decoded set.
	under FileSystem

	files map[string]fileRecord
	kinds map[string]kindRecord
	dirs  map[string]dirRecord
	vars  map[string]varRecord
	// sources are the files that were read, by the name that ranges carry.
	sources map[string]*source
}

type fileRecord struct {
	text string
	err  error
}

type kindRecord struct {
	kind FileKind
	err  error
}

type dirRecord struct {
	names []string
	err   error
}

type varRecord struct {
	value string
	ok    bool
}

// largestFile bounds what is read, in bytes: places are 32 bits wide.
const largestFile = 1 << 30

var errTooLarge = errors.New("file too large")

func newFileSet(under FileSystem, main string, env Env) *FileSet {
	return &FileSet{
		main: main, env: env, under: under,
		files: map[string]fileRecord{}, kinds: map[string]kindRecord{},
		dirs: map[string]dirRecord{}, vars: map[string]varRecord{},
		sources: map[string]*source{},
	}
}

// Main is the path or pattern that Read was given.
func (s *FileSet) Main() string { return s.main }

// Env is what Read was given, with the environment variables that were looked
// up. The caller may change Test and Reload before it reads again.
func (s *FileSet) Env() Env {
	env := s.env
	env.Getenv = s.getenv
	return env
}

// Usable reports whether a main file could be read at all.
func (s *FileSet) Usable() bool { return len(s.sources) > 0 }

// Names are the files that were read, as ranges name them, sorted.
func (s *FileSet) Names() []string { return slices.Sorted(maps.Keys(s.sources)) }

// Text returns the text of a file by the name that ranges carry.
func (s *FileSet) Text(file string) (string, bool) {
	f, ok := s.sources[file]
	if !ok {
		return "", false
	}
	return f.text, true
}

// Shown is the name of a file in keepalived's messages: relative to the
// directory of the file that includes it. Ranges carry a name that can be
// opened instead.
func (s *FileSet) Shown(file string) string {
	if f, ok := s.sources[file]; ok {
		return f.shown
	}
	return file
}

// ReadFile implements FileSystem.
func (s *FileSet) ReadFile(path string) ([]byte, error) {
	text, err := s.readText(path)
	return []byte(text), err
}

func (s *FileSet) readText(path string) (string, error) {
	if r, ok := s.files[path]; ok {
		return r.text, r.err
	}
	if s.under == nil {
		return "", fs.ErrNotExist
	}
	data, err := s.under.ReadFile(path)
	if len(data) > largestFile {
		data, err = nil, errTooLarge
	}
	// Nothing else keeps data, so the copy of a conversion can be saved.
	r := fileRecord{text: unsafe.String(unsafe.SliceData(data), len(data)), err: err}
	s.files[path] = r
	return r.text, r.err
}

// Stat implements FileSystem.
func (s *FileSet) Stat(path string) (FileKind, error) {
	r, ok := s.kinds[path]
	if !ok && s.under == nil {
		return FileOther, fs.ErrNotExist
	}
	if !ok {
		r.kind, r.err = s.under.Stat(path)
		s.kinds[path] = r
	}
	return r.kind, r.err
}

// ReadDir implements FileSystem.
func (s *FileSet) ReadDir(path string) ([]string, error) {
	r, ok := s.dirs[path]
	if !ok && s.under == nil {
		return nil, fs.ErrNotExist
	}
	if !ok {
		r.names, r.err = s.under.ReadDir(path)
		s.dirs[path] = r
	}
	return r.names, r.err
}

func (s *FileSet) getenv(name string) (string, bool) {
	r, ok := s.vars[name]
	if !ok {
		if s.env.Getenv != nil {
			r.value, r.ok = s.env.Getenv(name)
		}
		s.vars[name] = r
	}
	return r.value, r.ok
}

// reason is why a file could not be used, in the words of the C library.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	s := err.Error()
	if s != "" && 'a' <= s[0] && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// instant keeps the point in time that Env.Now is, across processes.
func instant(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}
