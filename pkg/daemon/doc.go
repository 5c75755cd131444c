// Package daemon is everything about keepalived that is a process: options,
// start, children, signals, reload, pid files, logging, systemd, dump files.
// Engines know nothing of it; they are run through the Engine interface.
//
//	  first process                 (background mode only: reads the files, locks the pid files, waits
//	       |                         until the daemon has written its pid, exits)
//	     parent      supervises, reads the files, has no engine
//	    /  |   \     each child: a socket pair for commands, a memory file with the texts of the configuration
//	checker vrrp bfd one engine each, started only when the configuration needs it
//
// All are the same executable, started again as /proc/self/exe with the same
// arguments; a handoff in the environment says which of them a process is.
// See docs/design/01-process-model.md.
package daemon
