// Package logging turns slog records into the log of keepalived: syslog
// datagrams, lines on the console, lines in a file.
//
// The message of a record is the whole line, in keepalived's words. Attributes
// never show in the classic form; they are extra keys in JSON lines.
//
//	engine --Handle--> a bounded queue for each output --its goroutine--> output
//
// Handle never waits for an output, and no output waits for another. What does
// not fit into a queue, or what an output does not take (no log daemon, a full
// disk), is dropped and counted, and the count is logged as soon as the output
// takes lines again.
package logging
