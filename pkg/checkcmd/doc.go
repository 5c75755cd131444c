// Package checkcmd is "gokeepalived check": it loads configurations the way
// the daemon does, and reports what it finds for people or for programs.
//
//	gokeepalived check [OPTIONS] [FILE...]
//	gokeepalived check --peer [OPTIONS] FILE FILE...
//
// With --peer the files are those of the nodes of one cluster, and package
// peercheck finds what makes them disagree.
//
// Facts of the text and facts of the machine (does the interface exist, may
// the script run) are reported apart; --offline leaves the second out.
//
// Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the
// check could not be made.
package checkcmd
