// Package script finds, judges and runs the external commands of a
// configuration: track scripts, MISC_CHECK programs, notify scripts, FIFO
// scripts, start-up and shutdown scripts.
//
// A Resolver turns the words of the file (config.Script) into a Command: the
// path that execve gets, and the numbers of the user who runs it. What it
// finds on the way (not found, not executable, writable by others) is data, a
// Verdict with keepalived's log lines; the caller logs it, reports it or drops
// the script.
//
// A Runner starts Commands. Each script gets its own process group, /dev/null
// as its three standard files, nothing else open, default signals, ordinary
// scheduling and a TERM when our process dies. No shell is involved, except
// that a file without "#!" line is run as "/bin/sh FILE". Start never blocks:
// the fork happens on a thread of the runner's own. A script that outlives its
// timeout gets TERM, then KILL, as a group. Every child is waited for.
//
// The package must not reap processes that it did not start, and nothing else
// in a process that uses it may call wait4(-1).
package script
