// Package scripttest has a script.Machine made of maps, for tests.
package scripttest

import (
	"io/fs"
	"path"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// File is a file, folder or link of a Machine.
type File struct {
	Mode     fs.FileMode
	UID, GID uint32
	// Target makes it a symbolic link.
	Target string
	Head   string
}

// Machine is a host with just these files and accounts.
type Machine struct {
	Files  map[string]File
	Users  map[string]script.Account
	GIDs   map[string]uint32
	Member map[string][]uint32
	Me     script.Credentials
	Path   []string
	Dir    string
	// Lookups counts the users that were asked for.
	Lookups int
}

// New returns a machine that has root, nobody and an empty file system and is
// run by root.
func New() *Machine {
	return &Machine{
		Files: map[string]File{"/": {Mode: fs.ModeDir | 0o755}},
		Users: map[string]script.Account{
			"root":   {Name: "root"},
			"nobody": {Name: "nobody", UID: 65534, GID: 65534},
		},
		GIDs:   map[string]uint32{"root": 0, "nogroup": 65534, "adm": 4},
		Member: map[string][]uint32{},
		Path:   []string{"/usr/bin"},
		Dir:    "/",
	}
}

// Add puts a file there, and the folders above it as root's with mode 755.
func (m *Machine) Add(name string, f File) *Machine {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if _, found := m.Files[dir]; !found {
			m.Files[dir] = File{Mode: fs.ModeDir | 0o755}
		}
		if dir == "/" {
			break
		}
	}
	if f.Target != "" {
		f.Mode = fs.ModeSymlink | 0o777
	}
	m.Files[name] = f
	return m
}

func (m *Machine) file(op, name string) (File, error) {
	f, found := m.Files[name]
	if !found {
		return f, &fs.PathError{Op: op, Path: name, Err: syscall.ENOENT}
	}
	return f, nil
}

// Lstat implements script.Machine.
func (m *Machine) Lstat(name string) (script.FileInfo, error) {
	f, err := m.file("lstat", name)
	return script.FileInfo{Mode: f.Mode, UID: f.UID, GID: f.GID}, err
}

// Readlink implements script.Machine.
func (m *Machine) Readlink(name string) (string, error) {
	f, err := m.file("readlink", name)
	return f.Target, err
}

// Head implements script.Machine.
func (m *Machine) Head(name string, n int) ([]byte, error) {
	f, err := m.file("open", name)
	head := []byte(f.Head)
	return head[:min(n, len(head))], err
}

// Access implements script.Machine.
func (m *Machine) Access(name string, c script.Credentials, mode script.AccessMode) error {
	return script.AccessByMode(m, name, c, mode)
}

// User implements script.Machine.
func (m *Machine) User(name string) (script.Account, error) {
	m.Lookups++
	a, found := m.Users[name]
	if !found {
		return a, script.ErrNoAccount
	}
	return a, nil
}

// Group implements script.Machine.
func (m *Machine) Group(name string) (uint32, error) {
	gid, found := m.GIDs[name]
	if !found {
		return 0, script.ErrNoAccount
	}
	return gid, nil
}

// Groups implements script.Machine.
func (m *Machine) Groups(a script.Account) ([]uint32, error) { return m.Member[a.Name], nil }

// Self implements script.Machine.
func (m *Machine) Self() script.Credentials { return m.Me }

// SearchPath implements script.Machine.
func (m *Machine) SearchPath() []string { return m.Path }

// WorkDir implements script.Machine.
func (m *Machine) WorkDir() string { return m.Dir }
