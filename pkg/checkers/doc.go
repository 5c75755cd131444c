// Package checkers asks servers how they are. There is one function type for
// all kinds of checks (Probe), one table from kind to function (Of), and one
// file per kind. A probe does one check and returns; when it is repeated, how
// failures count and what follows from them is decided in checkers/health.
//
//	config.Checker --Target--> Probe(ctx) --health.Outcome--> checkers/health
//
// TCP_CHECK has a second implementation, Pool, that makes thousands of
// connections from one goroutine; FILE_CHECK and BFD_CHECK have no probe,
// their state comes as an event.
//
// Probes trust nobody: every read has a limit in time and size, and memory
// does not grow with what a server sends.
package checkers
