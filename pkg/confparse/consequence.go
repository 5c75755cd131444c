package confparse

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// unknownKeyword is how a finding about a word that no block has begins.
const unknownKeyword = "Unknown keyword '"

// causes lets every finding that follows from another one name the one that
// all began with. The reader's findings about a word come first: what a byte
// order mark, a no-break space or an unfilled definition does to it follows.
func causes(read, decoded diag.List) {
	readerCauses(read, decoded)
	rootCauses(read, decoded)
	// What only we report is as bad as what it leads to.
	worst := map[diag.Range]diag.Severity{}
	for i := range decoded {
		if d := &decoded[i]; !d.CausedBy.IsZero() {
			worst[d.CausedBy] = max(worst[d.CausedBy], d.Severity)
		}
	}
	for _, list := range []diag.List{read, decoded} {
		for i := range list {
			switch d := &list[i]; d.Code {
			case codeOwnDropped, diag.CodeByteOrderMark, diag.CodeNoBreakSpace, diag.CodeUnknownDefinition:
				d.Severity = max(d.Severity, worst[d.Subject])
			}
		}
	}
}

// readerCauses finds what follows from findings of the reader.
func readerCauses(read, decoded diag.List) {
	// A no-break space is reported once for a file, where one stands first.
	type lineOf struct {
		file string
		line int
	}
	words, spaces := map[lineOf][]diag.Range{}, map[string]diag.Range{}
	for i := range read {
		switch at := read[i].Subject; read[i].Code {
		case diag.CodeByteOrderMark, diag.CodeUnknownDefinition:
			key := lineOf{at.File, at.Start.Line}
			words[key] = append(words[key], at)
		case diag.CodeNoBreakSpace:
			spaces[at.File] = at
		}
	}
	for i := range decoded {
		d := &decoded[i]
		for _, at := range words[lineOf{d.Subject.File, d.Subject.Start.Line}] {
			if within := at.Start.Byte <= d.Subject.Start.Byte && d.Subject.End.Byte <= at.End.Byte; within || d.Code == codeUnknownKeyword && overlap(at, d.Subject) {
				d.CausedBy = at
			}
		}
		if d.Code != codeUnknownKeyword {
			continue
		}
		if c, _ := utf8.DecodeRuneInString(strings.TrimPrefix(d.Summary, unknownKeyword)); strangeSpace(c) && !spaces[d.Subject.File].IsZero() {
			d.CausedBy = spaces[d.Subject.File]
		}
	}
}

// rootCauses replaces causes that have a cause themselves by that one.
func rootCauses(read, decoded diag.List) {
	caused := func(d diag.Diagnostic) bool { return !d.CausedBy.IsZero() }
	if !slices.ContainsFunc(read, caused) && !slices.ContainsFunc(decoded, caused) {
		return // thousands of findings may have none
	}
	roots, from := map[diag.Range]bool{}, map[diag.Range]diag.Range{}
	for _, list := range []diag.List{read, decoded} {
		for i := range list {
			if d := &list[i]; d.CausedBy.IsZero() {
				roots[d.Subject] = true
			} else if d.CausedBy != d.Subject {
				from[d.Subject] = d.CausedBy
			}
		}
	}
	const farthest = 16
	orphans := map[diag.Range]diag.Range{}
	for i := range decoded {
		d := &decoded[i]
		for n := 0; !d.CausedBy.IsZero() && !roots[d.CausedBy]; n++ {
			next, ok := from[d.CausedBy]
			if !ok || n == farthest {
				// Nobody reports the cause itself: the first of its
				// consequences stands for it.
				first, another := orphans[d.CausedBy]
				if !another {
					orphans[d.CausedBy], roots[d.Subject] = d.Subject, true
				}
				d.CausedBy = first
				break
			}
			d.CausedBy = next
		}
		if d.CausedBy == d.Subject && !roots[d.Subject] {
			d.CausedBy = diag.Range{}
		}
	}
}

// overlap reports whether two places in one file have a character in common.
func overlap(a, b diag.Range) bool {
	return a.Start.Byte < b.End.Byte && b.Start.Byte < a.End.Byte
}
