package logging

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// FileFor is the log file of a child: suffix ("_vrrp") goes before the last
// dot of the name.
func FileFor(path, suffix string) string {
	dir, name := filepath.Split(path)
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return dir + name[:i] + suffix + name[i:]
	}
	return path + suffix
}

// fileOutput is a log file.
type fileOutput struct {
	textOutput
	path string
	f    *os.File
	// looked is when it was looked whether the file is still in its place.
	looked time.Time
}

// lookEvery is how often a file is looked for that was moved away without
// anybody telling us.
const lookEvery = time.Second

func (o *fileOutput) write(lines []line) {
	if now := time.Now(); now.Sub(o.looked) >= lookEvery {
		o.looked = now
		o.reopen()
	}
	o.textOutput.write(lines)
}

func openFile(opt Options) (*fileOutput, error) {
	o := &fileOutput{
		textOutput: textOutput{ident: opt.Ident, pid: opt.PID, json: opt.JSON, stamp: fileStamp},
		path:       opt.File,
	}
	return o, o.open()
}

// open appends to the file. The default place is a directory that everybody
// may write to, so a link is not followed.
func (o *fileOutput) open() error {
	f, err := os.OpenFile(o.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o666)
	if err != nil {
		return err
	}
	o.f, o.w = f, f
	return nil
}

func (o *fileOutput) reopen() {
	old := o.f
	now, err := os.Lstat(o.path)
	if err == nil {
		if open, err := old.Stat(); err == nil && os.SameFile(open, now) {
			return
		}
	}
	if o.open() == nil {
		_ = old.Close()
	}
}

func (o *fileOutput) close() { _ = o.f.Close() }
