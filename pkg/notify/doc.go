// Package notify tells scripts and FIFOs what happens: it is the event.Sink
// behind notify, notify_*, quorum_*, notify_up, notify_down and the three
// notify FIFOs with their scripts.
//
// For every event the scripts are started first, the special one before the
// generic one, then the lines are written. Nothing waits for a script, except
// Close, which gives those of the STOP state of instances one second. Lines
// are written in the order of the events, each with one write; a line for
// which the pipe has no room is dropped and counted, as no reader may hold the
// others up.
package notify
