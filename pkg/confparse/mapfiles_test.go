package confparse

import (
	"io/fs"
	"path"
	"strings"
)

// mapFiles is a FileSystem of texts by absolute path. A path that ends in *
// is executable, one that ends in ! may not be opened.
type mapFiles map[string]string

func (m mapFiles) ReadFile(p string) ([]byte, error) {
	if s, ok := m[p]; ok {
		return []byte(s), nil
	}
	if _, ok := m[p+"*"]; ok {
		return []byte(m[p+"*"]), nil
	}
	if _, ok := m[p+"!"]; ok {
		return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrPermission}
	}
	return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
}

func (m mapFiles) Stat(p string) (FileKind, error) {
	if _, ok := m[p]; ok {
		return FileRegular, nil
	}
	if _, ok := m[p+"!"]; ok {
		return FileRegular, nil
	}
	if _, ok := m[p+"*"]; ok {
		return FileExecutable, nil
	}
	for name := range m {
		if strings.HasPrefix(name, strings.TrimSuffix(p, "/")+"/") {
			return FileDirectory, nil
		}
	}
	return FileOther, &fs.PathError{Op: "stat", Path: p, Err: fs.ErrNotExist}
}

func (m mapFiles) ReadDir(p string) ([]string, error) {
	seen := map[string]bool{}
	for name := range m {
		rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path.Clean(p), "/")+"/")
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(rest, "/")
		seen[strings.TrimRight(first, "*!")] = true
	}
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	if names == nil {
		return nil, fs.ErrNotExist
	}
	return names, nil
}
