package confparse

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unsafe"
)

// magic starts an encoded set; the digit is the version of the format.
const magic = "gokeepalived files 1\n"

// ErrNotFileSet is returned for bytes that Encode did not write.
var ErrNotFileSet = errors.New("not an encoded file set")

// Encode writes the set, so that another process can read the same
// configuration. Numbers are varints, strings have their length in front. Long
// texts go to w as they are, if it is an io.StringWriter.
func (s *FileSet) Encode(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(magic) // Flush has the errors
	var digits [binary.MaxVarintLen64]byte
	num := func(v int) { _, _ = b.Write(binary.AppendUvarint(digits[:0], uint64(v))) }
	str := func(v string) {
		num(len(v))
		_, _ = b.WriteString(v)
	}
	flag := func(v bool) {
		if v {
			num(1)
		} else {
			num(0)
		}
	}
	str(s.main)
	str(s.env.ConfigID)
	str(s.env.HostName)
	str(s.env.WorkDir)
	var nanos int64
	if !s.env.Now.IsZero() {
		nanos = s.env.Now.UnixNano()
	}
	_, _ = b.Write(binary.AppendVarint(digits[:0], nanos))
	flag(s.env.IncludeCheckAll)
	flag(s.env.Test)
	flag(s.env.Reload)

	num(len(s.vars))
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		str(name)
		str(s.vars[name].value)
		flag(s.vars[name].ok)
	}
	num(len(s.kinds))
	for _, p := range slices.Sorted(maps.Keys(s.kinds)) {
		str(p)
		num(int(s.kinds[p].kind))
		str(encodeError(s.kinds[p].err))
	}
	num(len(s.dirs))
	for _, p := range slices.Sorted(maps.Keys(s.dirs)) {
		str(p)
		num(len(s.dirs[p].names))
		for _, n := range s.dirs[p].names {
			str(n)
		}
		str(encodeError(s.dirs[p].err))
	}
	num(len(s.files))
	for _, p := range slices.Sorted(maps.Keys(s.files)) {
		str(p)
		str(s.files[p].text)
		str(encodeError(s.files[p].err))
	}
	return b.Flush()
}

// DecodeFileSet reads what Encode wrote. The bytes become the texts of the set:
// they must not change any more.
func DecodeFileSet(b []byte) (*FileSet, error) {
	text, ok := strings.CutPrefix(unsafe.String(unsafe.SliceData(b), len(b)), magic)
	if !ok {
		return nil, ErrNotFileSet
	}
	d := setDecoder{s: text}
	set := newFileSet(nil, d.str(), Env{})
	set.env.ConfigID = d.str()
	set.env.HostName = d.str()
	set.env.WorkDir = d.str()
	set.env.Now = instant(d.varint())
	set.env.IncludeCheckAll = d.flag()
	set.env.Test = d.flag()
	set.env.Reload = d.flag()
	for range d.count() {
		name := d.str()
		set.vars[name] = varRecord{value: d.str(), ok: d.flag()}
	}
	for range d.count() {
		p := d.str()
		set.kinds[p] = kindRecord{kind: FileKind(d.count()), err: decodeError(d.str())}
	}
	for range d.count() {
		p := d.str()
		var r dirRecord
		for range d.count() {
			r.names = append(r.names, d.str())
		}
		r.err = decodeError(d.str())
		set.dirs[p] = r
	}
	for range d.count() {
		p := d.str()
		set.files[p] = fileRecord{text: d.str(), err: decodeError(d.str())}
	}
	if d.bad || d.s != "" {
		return nil, ErrNotFileSet
	}
	return set, nil
}

// setDecoder reads from s until something does not fit.
type setDecoder struct {
	s   string
	bad bool
}

func (d *setDecoder) fail() {
	d.bad, d.s = true, ""
}

func (d *setDecoder) varint() int64 {
	v, n := binary.Varint([]byte(d.s[:min(len(d.s), binary.MaxVarintLen64)]))
	if n <= 0 {
		d.fail()
		return 0
	}
	d.s = d.s[n:]
	return v
}

// count reads a number that cannot be greater than what is left, so that a
// damaged one never makes a loop long.
func (d *setDecoder) count() int {
	v, n := binary.Uvarint([]byte(d.s[:min(len(d.s), binary.MaxVarintLen64)]))
	if n <= 0 || v > uint64(len(d.s)) {
		d.fail()
		return 0
	}
	d.s = d.s[n:]
	return int(v)
}

func (d *setDecoder) str() string {
	n := d.count()
	if n > len(d.s) {
		d.fail()
		return ""
	}
	v := d.s[:n]
	d.s = d.s[n:]
	return v
}

func (d *setDecoder) flag() bool { return d.count() == 1 }

// remoteError is an error of the process that encoded the set. It keeps its
// words and what kind it is.
type remoteError struct {
	words string
	kind  error
}

func (e remoteError) Error() string { return e.words }
func (e remoteError) Unwrap() error { return e.kind }

func encodeError(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return "n" + reason(err)
	case errors.Is(err, fs.ErrPermission):
		return "p" + reason(err)
	}
	return "o" + reason(err)
}

func decodeError(s string) error {
	if s == "" {
		return nil
	}
	switch s[0] {
	case 'n':
		return remoteError{s[1:], fs.ErrNotExist}
	case 'p':
		return remoteError{s[1:], fs.ErrPermission}
	}
	return remoteError{s[1:], nil}
}
