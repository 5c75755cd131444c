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
