package script

import "io/fs"

// FileInfo is what the checks need to know of a file.
type FileInfo struct {
	// Mode has the type and permission bits, setuid, setgid and sticky.
	Mode fs.FileMode
	// UID and GID own it.
	UID, GID uint32
}

// Account is a user of the machine.
type Account struct {
	Name     string
	UID, GID uint32
}

// Machine is the part of this host that scripts depend on. Paths are absolute.
type Machine interface {
	// Lstat describes the file itself, not what a link points to.
	Lstat(path string) (FileInfo, error)
	Readlink(path string) (string, error)
	// Head returns the first n bytes of a file, fewer if it is shorter.
	Head(path string, n int) ([]byte, error)
	// Access asks the kernel whether c may reach path (mode 0) or execute it
	// (mode 1).
	Access(path string, c Credentials, mode uint32) error

	// User finds an account by name or by number.
	User(name string) (Account, error)
	// Group finds a group by name or by number.
	Group(name string) (uint32, error)
	// Groups are the supplementary groups of an account.
	Groups(a Account) ([]uint32, error)
	// Self is who we are.
	Self() Credentials
	// SearchPath is $PATH.
	SearchPath() []string
}

// Host is the Machine that we run on.
type Host struct{}
