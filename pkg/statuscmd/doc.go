// Package statuscmd is "gokeepalived status": it asks a running daemon for its
// Report and prints it, or answers about the objects that were named. It
// changes nothing.
package statuscmd
