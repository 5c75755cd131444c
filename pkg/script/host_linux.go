package script

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Host is the Machine that we run on.
type Host struct{}

// Lstat implements Machine.
func (Host) Lstat(path string) (FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return FileInfo{}, err
	}
	out := FileInfo{Mode: info.Mode()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		out.UID, out.GID = st.Uid, st.Gid
	}
	return out, nil
}

// Readlink implements Machine.
func (Host) Readlink(path string) (string, error) { return os.Readlink(path) }

// Head implements Machine.
func (Host) Head(path string, n int) ([]byte, error) {
	// O_NONBLOCK: a FIFO that took the file's place must not hold us.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, n)
	n, err = io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// Self implements Machine.
func (Host) Self() Credentials {
	c := Credentials{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	groups, err := os.Getgroups()
	if err != nil {
		return c
	}
	for _, g := range groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}

// SearchPath implements Machine.
func (Host) SearchPath() []string { return filepath.SplitList(os.Getenv("PATH")) }

// WorkDir implements Machine.
func (Host) WorkDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return dir
}

// Access implements Machine: by the kernel as c when we may become c, else by
// the mode bits.
func (h Host) Access(path string, c Credentials, mode AccessMode) error {
	if self := h.Self(); self.UID == c.UID && self.GID == c.GID {
		return access(path, mode)
	}
	if !maySetIDs() {
		return AccessByMode(h, path, c, mode)
	}
	result := make(chan error)
	go func() {
		// File system identity belongs to a thread. This one is never
		// unlocked, so it dies with the goroutine.
		runtime.LockOSThread()
		if err := becomeForFiles(c); err != nil {
			result <- AccessByMode(h, path, c, mode)
			return
		}
		result <- access(path, mode)
	}()
	return <-result
}

func access(path string, mode AccessMode) error {
	err := unix.Faccessat(unix.AT_FDCWD, path, uint32(mode), unix.AT_EACCESS)
	if err != nil {
		return &fs.PathError{Op: "access", Path: path, Err: err}
	}
	return nil
}

// becomeForFiles makes the calling thread, and it alone, act on files as c.
func becomeForFiles(c Credentials) error {
	var list unsafe.Pointer
	if len(c.Groups) > 0 {
		list = unsafe.Pointer(&c.Groups[0])
	}
	if _, _, errno := syscall.RawSyscall(sysSetgroups, uintptr(len(c.Groups)), uintptr(list), 0); errno != 0 {
		return errno
	}
	// These two have no error; a second call tells what is in force.
	if _, err := unix.SetfsgidRetGid(int(c.GID)); err != nil {
		return err
	}
	if now, err := unix.SetfsgidRetGid(-1); err != nil || uint32(now) != c.GID {
		return syscall.EPERM
	}
	if _, err := unix.SetfsuidRetUid(int(c.UID)); err != nil {
		return err
	}
	if now, err := unix.SetfsuidRetUid(-1); err != nil || uint32(now) != c.UID {
		return syscall.EPERM
	}
	return nil
}
