// Package track watches what a configuration makes the VRRP engine and the
// checkers depend on, and tells changes to a callback: the results of track
// scripts, the numbers in track files, the count of tracked processes.
//
// It knows no weights, no rise and fall and no states: it says what happened,
// the engine decides what that means and logs it.
//
// Scripts, Files and Processes have the same life: Start once, Update with the
// lists of a new configuration any number of times, Stop once. These three
// must not be called at the same time. What an Update does not change goes on
// undisturbed: a running script, the phase of its interval, a watch. Callbacks
// come one at a time per watcher, on a goroutine of the watcher, never from
// within Start or Update, and never after Stop has returned; they must not
// wait for anything and must not call the watcher.
package track
