package script

import (
	"errors"
	"io/fs"
)

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

// ErrNoAccount is a user or group that the machine does not know.
var ErrNoAccount = errors.New("no such account")

// AccessMode is what Access asks for.
type AccessMode uint32

// Access modes.
const (
	// Reach is whether the file can be found at all (F_OK).
	Reach AccessMode = 0
	// Execute is whether it may be executed (X_OK).
	Execute AccessMode = 1
)

// Machine is the part of a host that scripts depend on. Errors of files are
// those of package fs with the kernel's error number inside.
type Machine interface {
	// Lstat describes the file itself, not what a link points to.
	Lstat(path string) (FileInfo, error)
	Readlink(path string) (string, error)
	// Head returns the first n bytes of a file, fewer if it is shorter.
	Head(path string, n int) ([]byte, error)
	// Access asks whether c may do mode with path, as the kernel sees it.
	Access(path string, c Credentials, mode AccessMode) error

	// User finds an account by name; unknown: ErrNoAccount.
	User(name string) (Account, error)
	// Group finds the number of a group by name; unknown: ErrNoAccount.
	Group(name string) (uint32, error)
	// Groups are the supplementary groups of an account.
	Groups(a Account) ([]uint32, error)
	// Self is who we are.
	Self() Credentials
	// SearchPath is the list of folders in $PATH.
	SearchPath() []string
	// WorkDir is the folder that relative paths start from.
	WorkDir() string
}
