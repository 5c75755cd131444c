package daemon

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// reasonCapacity is how many changes of state wait for their line.
const reasonCapacity = 1024

// reasonLog says why an instance changed its state. keepalived's own line for
// it, "(VI_1) Entering MASTER STATE", is the engine's; ours follows.
type reasonLog struct{ log *slog.Logger }

// Send logs the reason of a change.
func (r reasonLog) Send(e event.Event) {
	s, ok := e.(event.InstanceState)
	if !ok || s.State == event.Stop || s.Reason == "" || s.Reason == event.ReasonStart {
		return
	}
	r.log.LogAttrs(context.Background(), slog.LevelInfo, fmt.Sprintf(textReason, s.Instance, s.State, s.Reason),
		slog.String("instance", s.Instance), slog.String("state", s.State.String()),
		slog.Int("priority", int(s.Priority)), slog.String("reason", s.Reason))
}
