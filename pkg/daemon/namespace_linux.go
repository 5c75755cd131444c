package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// netnsDir is where ip-netns(8) keeps named namespaces.
const netnsDir = "/run/netns"

// joinNamespace moves the calling thread, for good, into the named network
// namespace, and into a mount namespace of its own in which /run/keepalived is
// what others see as /run/keepalived/NAME: pid files of several namespaces
// don't get in each other's way.
func joinNamespace(name string) error {
	runtime.LockOSThread()
	path := filepath.Join(netnsDir, name)
	f, err := os.Open(path)
	if err != nil {
		return &namespaceError{path, err}
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("setns %s: %w", path, err)
	}
	return mountRunDir(name)
}

// namespaceError is a namespace that cannot be opened, in keepalived's words.
type namespaceError struct {
	path string
	err  error
}

func (e *namespaceError) Error() string {
	return fmt.Sprintf(logtext.NamespaceOpen, e.path) + ": " + script.Reason(e.err)
}

func (e *namespaceError) Unwrap() error { return e.err }

func mountRunDir(name string) error {
	if err := makeRunDir(ownRunDir); err != nil {
		return err
	}
	own := filepath.Join(ownRunDir, name)
	if err := makeRunDir(own); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	// Mounts made outside still reach us, ours don't reach the outside.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount(own, ownRunDir, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", own, ownRunDir, err)
	}
	return nil
}

// unmountRunDir undoes mountRunDir as far as the outside can see it: an empty
// directory of ours goes.
func unmountRunDir(name string) {
	if unix.Unmount(ownRunDir, unix.MNT_DETACH) == nil {
		_ = os.Remove(filepath.Join(ownRunDir, name))
	}
}

// insideNamespace runs f on a thread that is in the named namespace and ends
// with it.
func insideNamespace(name string, f func()) error {
	done := make(chan error)
	go func() {
		// Not unlocked: the thread is of no use to anybody else.
		runtime.LockOSThread()
		ns, err := os.Open(filepath.Join(netnsDir, name))
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	return <-done
}
