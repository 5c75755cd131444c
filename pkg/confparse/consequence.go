package confparse

import (
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
		if d.Code != codeUnknownKeyword && d.Code != codeUnexpectedOpen {
			continue
		}
		if c, _ := utf8.DecodeRuneInString(strings.TrimPrefix(d.Summary, unknownKeyword)); strangeSpace(c) && !spaces[d.Subject.File].IsZero() {
			d.CausedBy = spaces[d.Subject.File]
		}
		for _, at := range words[lineOf{d.Subject.File, d.Subject.Start.Line}] {
			if overlap(at, d.Subject) {
				d.CausedBy = at
			}
		}
	}
	roots, from := map[diag.Range]bool{}, map[diag.Range]diag.Range{}
	for _, list := range []diag.List{read, decoded} {
		for i := range list {
			if d := &list[i]; d.CausedBy.IsZero() {
				roots[d.Subject] = true
			} else {
				from[d.Subject] = d.CausedBy
			}
		}
	}
	const farthest = 16
	worst := map[diag.Range]diag.Severity{}
	for i := range decoded {
		d := &decoded[i]
		for n := 0; !d.CausedBy.IsZero() && !roots[d.CausedBy]; n++ {
			d.CausedBy = from[d.CausedBy]
			if n == farthest {
				d.CausedBy = diag.Range{}
			}
		}
		if !d.CausedBy.IsZero() {
			worst[d.CausedBy] = max(worst[d.CausedBy], d.Severity)
		}
	}
	// What only we report is as bad as what it leads to.
	for _, list := range []diag.List{read, decoded} {
		for i := range list {
			switch d := &list[i]; d.Code {
			case codeOwnDropped, diag.CodeByteOrderMark, diag.CodeNoBreakSpace, diag.CodeUnknownDefinition:
				d.Severity = max(d.Severity, worst[d.Subject])
			}
		}
	}
}

// overlap reports whether two places in one file have a character in common.
func overlap(a, b diag.Range) bool {
	return a.Start.Byte < b.End.Byte && b.Start.Byte < a.End.Byte
}
