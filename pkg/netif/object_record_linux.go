package netif

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// ObjectRecord is a file that names what this process has put into the kernel,
// a line for each, so that the next process can remove it if this one is
// killed. It is written after each change, one line at the end: a line with
// "+" has come, one with "-" has gone. A nil ObjectRecord keeps nothing.
type ObjectRecord struct {
	path string
	here string // first line
	// lines are those in force, file what they are appended to, nil before
	// the first, and written how many there are in it.
	lines   map[string]bool
	file    *os.File
	written int
	failed  func(error)
	failing bool
}

// OpenObjectRecord returns the record at path with what a killed process has
// left in it. A record of another boot or network namespace, or one that
// somebody else could have written, counts as empty. failed is told what goes
// wrong with the file, once.
func OpenObjectRecord(path string, failed func(error)) *ObjectRecord {
	r := &ObjectRecord{path: path, lines: map[string]bool{}, failed: failed}
	here, err := whereabouts()
	if err != nil {
		r.fail(err)
		return nil
	}
	r.here = here
	text, err := readOwn(path)
	if err != nil {
		r.fail(err)
		return r
	}
	place, lines, _ := strings.Cut(text, "\n")
	if place != here {
		return r
	}
	for line := range strings.Lines(lines) {
		what, whole := strings.CutSuffix(line, "\n")
		switch {
		case !whole || what == "": // killed while it was written
		case what[0] == '+':
			r.lines[what[1:]] = true
		case what[0] == '-':
			delete(r.lines, what[1:])
		}
	}
	return r
}

func (r *ObjectRecord) fail(err error) {
	if !r.failing {
		r.failing = true
		r.failed(fmt.Errorf("record of addresses, routes and interfaces: %w", err))
	}
}

// Lines are what is there, or was left.
func (r *ObjectRecord) Lines() []string {
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.lines))
}

// Add notes that something is there; "" is nothing.
func (r *ObjectRecord) Add(line string) {
	if r == nil || line == "" || r.lines[line] {
		return
	}
	r.lines[line] = true
	r.append("+" + line)
}

// Remove notes that it has gone.
func (r *ObjectRecord) Remove(line string) {
	if r == nil || !r.lines[line] {
		return
	}
	delete(r.lines, line)
	r.append("-" + line)
}

// Close removes the file unless something is still there; with forget, even
// then.
func (r *ObjectRecord) Close(forget bool) {
	if r == nil {
		return
	}
	if r.file != nil {
		_ = r.file.Close()
		r.file = nil
	}
	if len(r.lines) == 0 || forget {
		if err := removeFile(r.path); err != nil {
			r.fail(err)
		}
	}
}

// maxDead is how many lines may be in the file beyond those in force, and as
// many again, before it is written anew.
const maxDead = 256

// append writes a line at the end, or everything anew where that is not
// possible or the file has become long.
func (r *ObjectRecord) append(line string) {
	var err error
	if r.file == nil || r.written > maxDead+2*len(r.lines) {
		err = r.rewrite()
	} else if _, err = r.file.WriteString(line + "\n"); err == nil {
		r.written++
	}
	if err != nil {
		r.fail(err)
	} else {
		r.failing = false
	}
}

func (r *ObjectRecord) rewrite() error {
	if r.file != nil {
		_ = r.file.Close()
		r.file = nil
	}
	var text strings.Builder
	fmt.Fprintln(&text, r.here)
	for _, line := range r.Lines() {
		fmt.Fprintln(&text, "+"+line)
	}
	if err := replaceFile(r.path, text.String()); err != nil {
		return err
	}
	file, err := os.OpenFile(r.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	r.file, r.written = file, len(r.lines)
	return nil
}
