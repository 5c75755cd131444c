package script

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links a path may lead through (the kernel's
// MAXSYMLINKS).
const maxLinks = 40

// component is one step on the way to a file: a folder, a symbolic link, or
// the file itself.
type component struct {
	path string
	info FileInfo
}

// walk resolves the absolute path name and returns the real path and every
// component that was passed, folders of links included. Whoever can change
// one of them decides what is executed.
func walk(m Machine, name string) (real string, passed []component, err error) {
	seen := map[string]bool{}
	pass := func(p string, info FileInfo) {
		if !seen[p] {
			seen[p] = true
			passed = append(passed, component{p, info})
		}
	}
	info, err := m.Lstat("/")
	if err != nil {
		return "", nil, err
	}
	pass("/", info)
	real = "/"
	rest := strings.Split(name, "/")
	links := 0
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		switch word {
		case "", ".":
			continue
		case "..":
			real = path.Dir(real)
			continue
		}
		next := path.Join(real, word)
		info, err = m.Lstat(next)
		if err != nil {
			return "", passed, err
		}
		pass(next, info)
		if info.Mode.Type() != fs.ModeSymlink {
			if len(rest) > 0 && !info.Mode.IsDir() {
				return "", passed, &fs.PathError{Op: "lstat", Path: name, Err: syscall.ENOTDIR}
			}
			real = next
			continue
		}
		if links++; links > maxLinks {
			return "", passed, &fs.PathError{Op: "lstat", Path: name, Err: syscall.ELOOP}
		}
		target, err := m.Readlink(next)
		if err != nil {
			return "", passed, err
		}
		if strings.HasPrefix(target, "/") {
			real = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return real, passed, nil
}

// unsafe reports why somebody else than root could change c, "" if nobody
// can. A sticky folder protects what is in it, so that only its owner counts;
// group root may write everywhere.
func (c component) unsafe() string {
	perm := c.info.Mode.Perm()
	switch {
	case c.info.UID != 0:
		return fmt.Sprintf("%s is owned by uid %d, not by root", c.path, c.info.UID)
	case c.info.Mode.Type() == fs.ModeSymlink:
		return "" // its permission bits mean nothing
	case c.info.Mode.IsDir() && c.info.Mode&fs.ModeSticky != 0:
		return ""
	case perm&0o002 != 0:
		return fmt.Sprintf("%s is writable by everybody (mode %04o)", c.path, perm)
	case perm&0o020 != 0 && c.info.GID != 0:
		return fmt.Sprintf("%s is writable by group %d (mode %04o)", c.path, c.info.GID, perm)
	}
	return ""
}

// allows reports whether the mode bits of info give c the permission bits
// want (4 read, 2 write, 1 execute or search). The superuser may do
// everything but execute a file that nobody may.
func (c Credentials) allows(info FileInfo, want fs.FileMode) bool {
	perm := info.Mode.Perm()
	if c.UID == 0 {
		return info.Mode.IsDir() || want&1 == 0 || perm&0o111 != 0
	}
	switch {
	case c.UID == info.UID:
		perm >>= 6
	case c.inGroup(info.GID):
		perm >>= 3
	}
	return perm&want == want
}

func (c Credentials) inGroup(gid uint32) bool {
	if c.GID == gid {
		return true
	}
	for _, g := range c.Groups {
		if g == gid {
			return true
		}
	}
	return false
}

// AccessByMode answers Access from the mode bits alone, for machines that
// cannot ask the kernel as somebody else.
func AccessByMode(m Machine, name string, c Credentials, mode AccessMode) error {
	denied := &fs.PathError{Op: "access", Path: name, Err: syscall.EACCES}
	real, passed, err := walk(m, name)
	for _, step := range passed {
		// The file itself needs no search permission.
		if step.info.Mode.IsDir() && step.path != real && !c.allows(step.info, 1) {
			return denied
		}
	}
	if err != nil {
		return err
	}
	if mode == Execute && !c.allows(passed[len(passed)-1].info, 1) {
		return denied
	}
	return nil
}
