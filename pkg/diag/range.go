package diag

import "fmt"

// Pos is a place in a file. Line and Column count from 1, Column in bytes;
// Byte counts from 0 at the start of the file. The zero Pos is "unknown".
type Pos struct {
	Line, Column, Byte int
}

// Range is a stretch of text in one file: Start is its first byte, End the
// place after its last. The zero Range belongs to findings without a place.
type Range struct {
	File       string
	Start, End Pos
}

// IsZero reports whether the range names no place.
func (r Range) IsZero() bool { return r.File == "" && r.Start.Line == 0 }

// String is file:line:column of the start.
func (r Range) String() string {
	if r.Start.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d:%d", r.File, r.Start.Line, r.Start.Column)
}

// To joins two ranges of the same file into the stretch from the start of r
// to the end of last; a last in another file leaves r as it is.
func (r Range) To(last Range) Range {
	if r.File != last.File || last.End.Byte < r.End.Byte {
		return r
	}
	r.End = last.End
	return r
}
