package netif

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
)

// sysctlRecord is a file that says what to put back if we are killed.
type sysctlRecord struct {
	path string
	here string // first line
	// written is what the file holds, "" while there is none.
	written string
	// failed is told when the file cannot be had, failing that it was.
	failed  func(error)
	failing bool
}

// Record keeps a file at path, while anything is changed, from which the next
// process learns what to put back if this one is killed. What a killed process
// has left there is taken over: the values of its record count as those from
// before, and PutBackUnclaimed puts back what nobody has held.
//
// A record of another boot or network namespace means nothing here, nor does a
// value that somebody has changed since, as that of an interface made anew.
// One that somebody else could have written is not read. failed is told what
// goes wrong with the file; sysctls are changed all the same.
func (s *Sysctls) Record(path string, failed func(error)) {
	r := &sysctlRecord{path: path, failed: failed}
	var err error
	if r.here, err = whereabouts(); err != nil {
		r.fail(err)
		return
	}
	s.record = r
	text, err := readOwn(path)
	if err != nil {
		r.fail(err)
	}
	place, lines, _ := strings.Cut(text, "\n")
	if place == r.here {
		for line := range strings.Lines(lines) {
			s.takeOver(line)
		}
	}
	r.written = text
	s.save()
}

// fail reports the first failure of several.
func (r *sysctlRecord) fail(err error) {
	if !r.failing {
		r.failing = true
		r.failed(fmt.Errorf("record of sysctls: %w", err))
	}
}

// takeOver takes a line of a record over: path, value before, value now.
func (s *Sysctls) takeOver(line string) {
	f := strings.Fields(line)
	if len(f) != 3 || !fs.ValidPath(f[0]) {
		return
	}
	if now, err := s.Read(f[0]); err == nil && now == f[2] {
		s.saved[f[0]] = &savedSysctl{before: f[1], value: f[2], changed: true}
	}
}

// PutBackUnclaimed puts back what was taken over from a killed process and has
// not been held since: it is no longer wanted.
func (s *Sysctls) PutBackUnclaimed() error {
	defer s.save()
	var all error
	// "all" first, as in RestoreRPFilter.
	for _, path := range append([]string{rpFilterAll}, slices.Sorted(maps.Keys(s.saved))...) {
		kept := s.saved[path]
		if kept == nil || kept.owners > 0 {
			continue
		}
		delete(s.saved, path)
		if err := s.Set(path, kept.before); err != nil && !isMissing(err) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// save writes the record anew, or removes it when there is nothing to put
// back. It replaces the file at once, so that no half of it is ever read.
func (s *Sysctls) save() {
	r := s.record
	if r == nil {
		return
	}
	var lines strings.Builder
	for _, path := range slices.Sorted(maps.Keys(s.saved)) {
		if kept := s.saved[path]; kept.changed {
			fmt.Fprintln(&lines, path, kept.before, kept.value)
		}
	}
	text := ""
	if lines.Len() > 0 {
		text = r.here + "\n" + lines.String()
	}
	if text == r.written {
		return
	}
	err := replaceFile(r.path, text)
	if err != nil {
		r.fail(err)
		return
	}
	r.written, r.failing = text, false
}

// whereabouts names this boot and the calling thread's network namespace.
func whereabouts() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	namespace, err := os.Readlink("/proc/thread-self/ns/net")
	return strings.TrimSpace(string(boot)) + " " + namespace, err
}

// maxRecord bounds what is read of a record, in bytes: some 100,000 lines.
const maxRecord = 8 << 20

// readOwn reads a file that nobody but us can have written; "" if there is
// none.
func readOwn(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.Mode().IsRegular() || int(owner) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return "", &fs.PathError{Op: "read", Path: path, Err: errors.New("somebody else may have written it")}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxRecord))
	return string(text), err
}

// replaceFile writes a file under another name and gives it its own then, or
// removes it if there is nothing to write. A link in the way is not followed.
func replaceFile(path, text string) error {
	if text == "" {
		return removeFile(path)
	}
	next := path + ".new"
	if err := removeFile(next); err != nil {
		return err
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(next, path)
	}
	return err
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
