// Package diag is the one form in which every finding about a configuration
// travels: from the source reader, the keyword tables and the cross-checks to
// the log, to -t and to the check command.
//
// A Diagnostic never stops the reader. It says where (Range and the chain of
// includes and definitions that led there), what keepalived does about it
// (Class, which decides the exit status of -t), how serious we think it is
// (Severity, which decides the exit status of check), and how to mend it.
package diag
