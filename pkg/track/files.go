package track

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// FileValue is the number that stands in a track file.
type FileValue struct {
	// Name is that of the track_file block.
	Name string
	// Value is 0 for a file that is missing, empty or holds no number.
	Value int
}

// FileOptions are what Files needs.
type FileOptions struct {
	Log *slog.Logger
	// Changed gets values that differ from the last one told or returned.
	Changed func(FileValue)
}

// fileLimit is how much of a track file is read.
const fileLimit = 127

// folderRetry is how often a folder that cannot be watched is tried again,
// and its files are read meanwhile.
const folderRetry = time.Second

// Files watches track files by their folders.
type Files struct {
	opt FileOptions

	// telling serialises reading a file and telling its value, so that values
	// are told in the order in which they were read. Taken before mu.
	telling sync.Mutex
	mu      sync.Mutex
	notify  *inotify
	broken  error // why there is no inotify
	files   map[string]*watchedFile
	folders map[string]*folder
	retry   *time.Timer
	every   time.Duration // folderRetry, less in tests
	stopped bool
	loop    sync.WaitGroup
}

// watchedFile is one track_file block.
type watchedFile struct {
	block *config.TrackFile
	value int
	// places are the folders and names whose events concern the file: where
	// the path says it is, and where it really is.
	places []place
}

type place struct{ dir, name string }

// folder is a watched folder; watch is -1 while it cannot be watched.
type folder struct {
	watch int
	users int
}

// NewFiles returns a watcher of nothing.
func NewFiles(opt FileOptions) *Files {
	return &Files{opt: opt, every: folderRetry, files: map[string]*watchedFile{}, folders: map[string]*folder{}}
}

// Start writes the init_file values, then begins to watch list. It returns the
// present value of every file, in the order of list.
func (f *Files) Start(list []*config.TrackFile) []FileValue {
	for _, block := range list {
		if err := initialise(block); err != nil {
			f.opt.Log.Info(fmt.Sprintf(lineFileNotInit, block.Name, err))
		}
	}
	return f.Update(list)
}

// initialise writes the init_file value if the file is missing, or over a
// regular file with overwrite. It follows no link: in a folder where others
// may write, it would let them choose the file.
func initialise(block *config.TrackFile) error {
	if block.InitValue == nil {
		return nil
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if info, err := os.Lstat(block.Path); err == nil {
		if !block.Overwrite || !info.Mode().IsRegular() {
			return nil
		}
		flags = os.O_WRONLY | os.O_TRUNC | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	}
	file, err := os.OpenFile(block.Path, flags, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%d\n", *block.InitValue)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Update goes on with list and returns the present value of every file in it.
// It writes no init_file values.
func (f *Files) Update(list []*config.TrackFile) []FileValue {
	f.telling.Lock()
	defer f.telling.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	values := make([]FileValue, 0, len(list))
	if f.stopped {
		return values
	}
	if f.notify == nil && f.broken == nil && len(list) > 0 {
		f.begin()
	}
	old := f.files
	f.files = make(map[string]*watchedFile, len(list))
	for _, block := range list {
		w := old[block.Name]
		if w == nil || w.block.Path != block.Path {
			w = &watchedFile{block: block}
		}
		w.block = block
		f.files[block.Name] = w
		f.settle(w) // watches before it reads, so that no change is missed
		f.read(w)
		values = append(values, FileValue{Name: block.Name, Value: w.value})
	}
	for name, w := range old {
		if f.files[name] != w {
			f.leave(w.places)
		}
	}
	return values
}

// begin opens inotify and starts to listen. f.mu is held.
func (f *Files) begin() {
	f.notify, f.broken = newInotify()
	if f.broken == nil {
		f.loop.Go(f.listen)
	}
}

// settle works out where w is and watches the folders. f.mu is held.
func (f *Files) settle(w *watchedFile) {
	was := w.places
	w.places = places(w.block.Path)
	for _, p := range w.places {
		f.enter(p.dir, w.block)
	}
	f.leave(was)
}

// places are the folder of the path as written and, when links lead away from
// there, the folder of the file itself.
func places(path string) []place {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	written := place{filepath.Dir(path), filepath.Base(path)}
	if dir, err := filepath.EvalSymlinks(written.dir); err == nil {
		written.dir = dir
	}
	list := []place{written}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		if p := (place{filepath.Dir(real), filepath.Base(real)}); p != written {
			list = append(list, p)
		}
	}
	return list
}

// linked reports whether the path leads through a link of its own folder.
func (w *watchedFile) linked() bool { return len(w.places) > 1 }

func (f *Files) enter(dir string, block *config.TrackFile) {
	d := f.folders[dir]
	if d == nil {
		d = &folder{watch: -1}
		f.folders[dir] = d
		if err := f.watch(dir, d); err != nil {
			f.opt.Log.Info(fmt.Sprintf(lineFileNoWatch, dir, block.Name, err))
		}
	}
	d.users++
}

func (f *Files) watch(dir string, d *folder) error {
	err := f.broken
	if err == nil {
		d.watch, err = f.notify.add(dir)
	}
	if err != nil {
		d.watch = -1
		f.again()
	}
	return err
}

func (f *Files) leave(places []place) {
	for _, p := range places {
		d := f.folders[p.dir]
		if d.users--; d.users > 0 {
			continue
		}
		delete(f.folders, p.dir)
		if d.watch >= 0 {
			f.notify.remove(d.watch)
		}
	}
}

// again arms the retry of folders that cannot be watched. f.mu is held.
func (f *Files) again() {
	if f.retry != nil || f.stopped {
		return
	}
	f.retry = time.AfterFunc(f.every, func() {
		f.telling.Lock()
		defer f.telling.Unlock()
		f.mu.Lock()
		f.retry = nil
		dirs := map[string]bool{}
		for dir, d := range f.folders {
			if d.watch < 0 && !f.stopped {
				dirs[dir] = true
				_ = f.watch(dir, d)
			}
		}
		f.mu.Unlock()
		f.refresh(func(w *watchedFile) bool {
			for _, p := range w.places {
				if dirs[p.dir] {
					return true
				}
			}
			return false
		})
	})
}

// listen reads inotify until it is closed.
func (f *Files) listen() {
	buf := make([]byte, 64*1024)
	for {
		n, err := f.notify.file.Read(buf)
		if err != nil {
			return // closed
		}
		f.handle(notifications(buf[:n]))
	}
}

func (f *Files) handle(list []notification) {
	f.telling.Lock()
	defer f.telling.Unlock()
	f.mu.Lock()
	// The same folder can have two paths (bind mounts), which share a watch.
	dirs := map[int][]string{}
	for dir, d := range f.folders {
		dirs[d.watch] = append(dirs[d.watch], dir)
	}
	changed := map[place]bool{}
	everything := false
	for _, n := range list {
		if n.mask&unix.IN_Q_OVERFLOW != 0 {
			everything = true
			continue
		}
		for _, dir := range dirs[n.watch] {
			switch {
			case n.mask&folderGone != 0:
				f.gone(dir, n.mask)
				changed[place{dir, ""}] = true
			case n.mask&unix.IN_CREATE != 0 && !isLink(filepath.Join(dir, n.name)):
				// A new file has its value when it is closed.
			default:
				changed[place{dir, n.name}] = true
			}
		}
	}
	touched := map[string]bool{}
	for p := range changed {
		touched[p.dir] = true
	}
	f.mu.Unlock()
	f.refresh(func(w *watchedFile) bool {
		for _, p := range w.places {
			// A link may change by one with another name (..data of
			// Kubernetes volumes).
			if everything || changed[p] || changed[place{p.dir, ""}] || w.linked() && touched[p.dir] {
				return true
			}
		}
		return false
	})
}

// gone notes that a folder can no longer be watched. f.mu is held.
func (f *Files) gone(dir string, mask uint32) {
	d := f.folders[dir]
	if d == nil || d.watch < 0 {
		return
	}
	if mask&unix.IN_MOVE_SELF != 0 {
		f.notify.remove(d.watch)
	}
	d.watch = -1
	f.opt.Log.Info(fmt.Sprintf(lineFileUnwatched, dir))
	f.again()
}

// isLink reports whether path is a symbolic link or has several names.
func isLink(path string) bool {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return false
	}
	return st.Mode&unix.S_IFMT == unix.S_IFLNK || st.Nlink > 1
}

// refresh reads the chosen files again and tells those that changed. f.telling
// is held, f.mu is not.
func (f *Files) refresh(chosen func(*watchedFile) bool) {
	f.mu.Lock()
	var changes []FileValue
	for _, w := range f.files {
		if f.stopped || !chosen(w) {
			continue
		}
		f.settle(w)
		was := w.value
		f.read(w)
		if w.value != was {
			changes = append(changes, FileValue{Name: w.block.Name, Value: w.value})
		}
	}
	f.mu.Unlock()
	for _, c := range changes {
		f.opt.Changed(c)
	}
}

// read takes the value of w from its file. f.mu is held.
func (f *Files) read(w *watchedFile) {
	text, err := head(w.block.Path)
	if err != nil {
		w.value = 0
		return
	}
	value, digits, ok := fileNumber(text)
	if !ok {
		f.opt.Log.Info(fmt.Sprintf(logtext.TrackFileInvalid, digits, w.block.Path))
		return
	}
	w.value = value
}

// head returns the start of a file. A FIFO in its place doesn't hold us up: it
// is as empty as a missing file.
func head(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeNamedPipe != 0 {
		return nil, os.ErrInvalid
	}
	buf := make([]byte, fileLimit)
	n, err := io.ReadFull(file, buf)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return buf[:n], err
}

// Stop ends the watching.
func (f *Files) Stop() {
	f.telling.Lock()
	f.mu.Lock()
	f.stopped = true
	if f.retry != nil {
		f.retry.Stop()
	}
	if f.notify != nil {
		f.notify.file.Close()
	}
	f.mu.Unlock()
	f.telling.Unlock()
	f.loop.Wait()
}
