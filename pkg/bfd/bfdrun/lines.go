package bfdrun

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// textFeedBroken is ours.
const textFeedBroken = "Cannot receive BFD events: %v"

// TextReceived is the line of a consumer, with -D.
func TextReceived(s State, delivered int64) string {
	state := "Down"
	if s.Up {
		state = "Up"
	}
	return fmt.Sprintf(logtext.BFDReceived, s.Session, state, delivered)
}
