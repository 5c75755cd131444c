package bfdrun

import "fmt"

// Lines of our own.
const textFeedBroken = "Cannot receive BFD events: %v"

// TextReceived is the line of a consumer, with -D.
func TextReceived(s State, delivered int64) string {
	state := "Down"
	if s.Up {
		state = "Up"
	}
	return fmt.Sprintf("Received BFD event: instance %s is in state %s (delivered in %d usec)", s.Session, state, delivered)
}
