// Package logging turns slog records into the log of keepalived: syslog
// datagrams, lines on the console, lines in a file.
//
// The message of a record is the whole line, in keepalived's words. Attributes
// never show in the classic form; they are extra keys in JSON lines.
//
//	engine --Handle--> bounded queue --one goroutine--> outputs
//
// Handle never waits for an output: what does not fit into the queue is
// dropped and counted, and the count is logged as soon as there is room.
package logging
