package track

import (
	"bytes"
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// What is watched in folders: a plain write without close is not a change
// yet, as with keepalived. Creation matters for links only, which nobody
// closes.
const folderEvents = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE |
	unix.IN_CREATE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR

// folderGone are the events after which a watch sees nothing more.
const folderGone = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_UNMOUNT | unix.IN_IGNORED

// notification is one inotify event: a name in a watched folder, or the folder
// itself ("").
type notification struct {
	watch int
	mask  uint32
	name  string
}

// notifications decodes what one read of an inotify descriptor returned.
func notifications(buf []byte) []notification {
	var list []notification
	for len(buf) >= unix.SizeofInotifyEvent {
		n := notification{
			watch: int(int32(binary.NativeEndian.Uint32(buf))),
			mask:  binary.NativeEndian.Uint32(buf[4:]),
		}
		size := uint64(binary.NativeEndian.Uint32(buf[12:]))
		buf = buf[unix.SizeofInotifyEvent:]
		if size > uint64(len(buf)) {
			break
		}
		name, _, _ := bytes.Cut(buf[:size], []byte{0})
		n.name = string(name)
		buf = buf[size:]
		list = append(list, n)
	}
	return list
}

// inotify is an inotify descriptor in the runtime's poller.
type inotify struct{ file *os.File }

func newInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &inotify{os.NewFile(uintptr(fd), "inotify")}, nil
}

// add watches a folder; a folder that is watched already keeps its number.
func (n *inotify) add(dir string) (int, error) {
	watch := -1
	err := n.control(func(fd int) (err error) {
		watch, err = unix.InotifyAddWatch(fd, dir, folderEvents)
		return err
	})
	return watch, err
}

// remove ends a watch; one that has ended by itself is no error.
func (n *inotify) remove(watch int) {
	_ = n.control(func(fd int) error {
		_, err := unix.InotifyRmWatch(fd, uint32(watch))
		return err
	})
}

func (n *inotify) control(f func(fd int) error) error {
	raw, err := n.file.SyscallConn()
	if err != nil {
		return err
	}
	if controlErr := raw.Control(func(fd uintptr) { err = f(int(fd)) }); controlErr != nil {
		return controlErr
	}
	return err
}
