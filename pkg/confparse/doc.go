// Package confparse turns keepalived.conf into config.Config and a list of
// findings. It is pure: files, host name, environment and time are arguments,
// and bad input never stops it.
//
//	files --Read--> []Line --keyword tables--> config.Config + diag.List
//
// Read does everything below the keywords: physical lines, comments, includes,
// @conditions, $definitions, ~SEQ and ~LST, braces, words. What comes out is
// one flat list of logical lines: words, an opening brace or a closing brace.
// Load walks that list with the keyword tables.
//
// # The reader
//
// A physical line is cut out of its file (source.go) and loses its comment
// (comment.go). Then, from its start: a condition (condition.go), a definition
// (define.go) or a replicator (replicate.go) takes the line; else definitions
// are substituted (define.go, builtin.go), an include reads its files
// (include.go, glob.go), and what is left is split at braces and into words
// (word.go). What a definition, a replicator or a brace leaves goes through the
// same again. Lines that need none of this take a short cut (simpleLine).
//
// Nothing in the files can make the reader fail, hang or grow without end:
// definitions and files that use themselves are found, and what they all make
// is bounded (mostLines).
//
// # Places
//
// Text reaches a logical line by many ways: an included file, a definition, a
// replicator. Two places matter and both are kept:
//
//   - Word.Range is where the text of the word stands: in the value of the
//     definition if it came out of one. Word.Chain leads from there outwards.
//   - Line.Range is what keepalived would name: the line on which the outermost
//     definition or replicator was used, in the file that holds that line.
//     Line.Span is where the text of the line begins to stand.
package confparse
