package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// errLocked is why a pid file cannot be had: another process holds it.
var errLocked = errors.New("locked by another process")

// pidFile is a pid file that this process, or the one that handed it over,
// has locked. The lock belongs to the open file, so it lasts until the last
// process that inherited it has gone.
type pidFile struct {
	path string
	f    *os.File
}

// lockPIDFile creates or takes over the file at path, locks and empties it. A
// link is not followed, and a file that holds anything but a number is left
// alone: somebody mistyped the path.
func lockPIDFile(path string) (*pidFile, error) {
	if filepath.Dir(path) == ownRunDir {
		if err := makeRunDir(ownRunDir); err != nil {
			return nil, err
		}
	}
	for {
		p, err := tryLockPIDFile(path)
		if p != nil || err != nil {
			return p, err
		}
	}
}

// tryLockPIDFile returns neither file nor error when the file was replaced
// before it was locked.
func tryLockPIDFile(path string) (*pidFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, err
	}
	p, err := claim(f, path)
	if p == nil {
		_ = f.Close()
	}
	return p, err
}

func claim(f *os.File, path string) (*pidFile, error) {
	open, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !open.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &lock); err != nil {
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
			return nil, errLocked
		}
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	named, err := os.Lstat(path)
	if err != nil || !os.SameFile(open, named) {
		return nil, nil
	}
	pid, err := readPID(f, path)
	if err != nil {
		return nil, err
	}
	if isKeepalived(pid) {
		return nil, errLocked
	}
	if err := f.Truncate(0); err != nil {
		return nil, err
	}
	return &pidFile{path: path, f: f}, f.Chmod(0o644)
}

// readPID makes sure that the file is a pid file, and returns what it holds, 0
// if it is empty.
func readPID(f *os.File, path string) (int, error) {
	text, err := io.ReadAll(io.LimitReader(io.NewSectionReader(f, 0, 64), 64))
	if err != nil {
		return 0, err
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return 0, nil
	}
	pid, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil {
		return 0, &fs.PathError{Op: "open", Path: path, Err: errors.New("holds something else than a process number")}
	}
	return int(pid), nil
}

// isKeepalived reports whether a process is somebody else's keepalived: 2.2.7
// does not lock its pid files, and two masters of the same instances on one
// machine are nothing to find out about later.
func isKeepalived(pid int) bool {
	if pid == 0 || pid == os.Getpid() {
		return false
	}
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || filepath.Base(strings.TrimSuffix(exe, " (deleted)")) != "keepalived" {
		return false
	}
	// A number left by a crash may be that of a child of ours by now.
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !bytes.Contains(status, fmt.Appendf(nil, "\nPPid:\t%d\n", os.Getpid()))
}

// adoptPIDFile is a pid file that was handed over as an open descriptor.
func adoptPIDFile(path string, fd uintptr) *pidFile {
	return &pidFile{path: path, f: os.NewFile(fd, path)}
}

// write puts the number of a process into the file.
func (p *pidFile) write(pid int) error {
	text := fmt.Appendf(nil, "%d\n", pid)
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err := p.f.WriteAt(text, 0)
	return err
}

// remove deletes the file, unless its name belongs to another file by now,
// and gives up the lock.
func (p *pidFile) remove() {
	open, err := p.f.Stat()
	if err == nil {
		if named, err := os.Lstat(p.path); err == nil && os.SameFile(open, named) {
			_ = os.Remove(p.path)
		}
	}
	_ = p.f.Close()
}

// makeRunDir makes a directory of pid files, 0755 whatever the umask.
func makeRunDir(path string) error {
	err := os.Mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, 0o755)
}
