package bfdrun

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Lines of our own.
const (
	textOddEvent   = "BFD event ignored: %v - are all processes of the daemon of one version?"
	textFeedBroken = "Cannot receive BFD events: %v - what depends on a BFD session stays as it is until the daemon is started again"
)

// TextReceived is the line of a consumer, with -D.
func TextReceived(s State, delivered int64) string {
	state := "Down"
	if s.Up {
		state = "Up"
	}
	return fmt.Sprintf(logtext.BFDReceived, s.Session, state, delivered)
}
