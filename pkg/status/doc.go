// Package status holds what the engines say about themselves: snapshots,
// plain data without behaviour, from which dump files, statistics, JSON, SNMP
// and D-Bus answers are made, and the writers of the first three.
//
// Stats and JSON have keepalived's exact form. The data dump is text for
// people; its section titles and the lines that scripts grep are keepalived's,
// the rest is as near as our engines make it. Passwords and keys are in none
// of them.
package status
