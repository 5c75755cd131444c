package notify

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// fullEvery limits the lines about dropped lines, per FIFO.
const fullEvery = 10 * time.Second

// fifo is one open notify FIFO. A failed open leaves it without descriptor:
// the daemon goes on without it.
type fifo struct {
	// prefix is "", "vrrp_" or "lvs_"; spoken is how write errors call it.
	prefix, spoken string
	path           string
	owner          script.Credentials
	log            *slog.Logger

	mu sync.Mutex
	fd int // -1: not open
	// created FIFOs are ours to remove, as long as the path still leads to
	// the same inode.
	created  bool
	dev, ino uint64
	dropped  uint64
	unsaid   uint64
	silent   time.Time
}

// openFIFO creates the FIFO unless it is there, and opens it for reading and
// writing, so that lines queue up for a reader that comes later.
func openFIFO(prefix, spoken, path string, owner script.Credentials, log *slog.Logger) *fifo {
	f := &fifo{prefix: prefix, spoken: spoken, path: path, owner: owner, log: log, fd: -1}
	switch err := unix.Mkfifo(path, 0o644); {
	case err == nil:
		f.created = true
	case !errors.Is(err, unix.EEXIST):
		log.Info(fmt.Sprintf(lineCreateFailed, prefix, path, err))
		return f
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		var errno unix.Errno
		errors.As(err, &errno)
		log.Info(fmt.Sprintf(logtext.FIFOOpenFailed+lineRefused, prefix, path, int(errno), err))
		return f
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO ||
		st.Uid != uint32(unix.Geteuid()) && st.Uid != owner.UID {
		log.Info(fmt.Sprintf(logtext.FIFONotOurs, prefix, path))
		unix.Close(fd)
		f.created = false
		return f
	}
	f.fd, f.dev, f.ino = fd, uint64(st.Dev), st.Ino
	if f.created && (st.Uid != owner.UID || st.Gid != owner.GID) {
		// By descriptor: the path may lead elsewhere by now.
		if err := unix.Fchown(fd, int(owner.UID), int(owner.GID)); err != nil {
			log.Info(fmt.Sprintf(lineOwnerFailed, prefix, path, err))
		}
	}
	return f
}

// same reports whether f is what openFIFO would make of these.
func (f *fifo) same(prefix, path string, owner script.Credentials) bool {
	return f.fd >= 0 && f.prefix == prefix && f.path == path && f.owner.UID == owner.UID && f.owner.GID == owner.GID
}

// write writes one line or drops it.
func (f *fifo) write(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd < 0 {
		return
	}
	for {
		_, err := unix.Write(f.fd, []byte(line))
		switch {
		case err == nil:
			return
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			f.full()
			return
		default:
			f.log.Info(fmt.Sprintf(logtext.FIFOWriteError+lineWhich, f.spoken, script.Reason(err), f.path))
			return
		}
	}
}

// full counts a dropped line and says so now and then.
func (f *fifo) full() {
	f.dropped++
	f.unsaid++
	if now := time.Now(); !now.Before(f.silent) {
		f.log.Warn(fmt.Sprintf(lineFull, f.prefix, f.path, f.unsaid))
		f.unsaid = 0
		f.silent = now.Add(fullEvery)
	}
}

// close closes the FIFO and removes it if we made it.
func (f *fifo) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd < 0 {
		return
	}
	if f.unsaid > 0 {
		f.log.Warn(fmt.Sprintf(lineFull, f.prefix, f.path, f.unsaid))
	}
	var st unix.Stat_t
	if f.created && unix.Lstat(f.path, &st) == nil && uint64(st.Dev) == f.dev && st.Ino == f.ino {
		_ = unix.Unlink(f.path)
	}
	unix.Close(f.fd)
	f.fd = -1
}
