// Package status holds what the engines say about themselves: snapshots,
// plain data without behaviour, from which dump files, statistics, JSON, SNMP
// and D-Bus answers are made.
package status
