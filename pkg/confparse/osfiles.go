package confparse

import (
	"io/fs"
	"os"
)

// OSFiles is the FileSystem of this machine.
func OSFiles() FileSystem { return osFiles{} }

type osFiles struct{}

func (osFiles) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

func (osFiles) Stat(path string) (FileKind, error) {
	info, err := os.Stat(path)
	if err != nil {
		return FileOther, err
	}
	return kindOf(info.Mode()), nil
}

func (osFiles) ReadDir(path string) ([]string, error) {
	d, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

func kindOf(m fs.FileMode) FileKind {
	switch {
	case m.IsDir():
		return FileDirectory
	case !m.IsRegular():
		return FileOther
	case m.Perm()&0o111 != 0:
		return FileExecutable
	}
	return FileRegular
}
