// Package logtext has keepalived's log lines, for what happens while it
// starts, runs and stops. Monitoring, log filters and people match them, so
// that they are here, in one file, and nowhere else: the packages that say them
// fill them in.
//
// The texts are formats of package fmt: lines without time, identity and level.
// A name that begins with End, What or Reason is a part, which others are
// filled in with or go on with.
//
// What belongs here: a text that the real keepalived says. What does not: a
// text that only gokeepalived says, which stays with the code that says it
// (mostly in files named lines.go), because nobody matches it yet and it may be
// improved; and what is said about the words of a configuration file, which
// stands beside the keyword in package confparse.
//
// The tests hold that line: each text must be in the description of keepalived
// that we work from or in testdata/keepalived-2.2.7.log; something must say
// it; and no other package may write it out. The recording is what Debian's
// keepalived 2.2.7 logged with -D, each kind of line once, with its syslog
// priority (30 is daemon.info; "-": taken from the console): while our tests
// compared us with it, and while it was given wrong configurations, bad packets,
// failing scripts, reloads, dying children, and SNMP and D-Bus daemons that came
// and went.
package logtext
