package checkers

import (
	"context"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Texts of a failed connection.
const (
	textTimeout = "timeout"
	textFailed  = "failed"
)

// probeTCP connects and closes again: success is an established connection,
// nothing is sent.
func probeTCP(ctx context.Context, t *Target) health.Outcome {
	conn, err := dial(ctx, t.Checker, "tcp")
	if err != nil {
		return connectOutcome(err)
	}
	conn.Close()
	return good()
}

// connectOutcome is the outcome of a connection that failed with err.
func connectOutcome(err error) health.Outcome {
	if isTimeout(err) {
		return timedOut(textTimeout)
	}
	if o, local := classify(err); local {
		return o
	}
	return bad(textFailed)
}

// bracketed is the destination as log lines have it: [ADDR]:PORT.
func bracketed(c *config.Checker) string {
	return "[" + c.Destination.Addr().String() + "]:" + strconv.Itoa(int(c.Destination.Port()))
}

// sentence makes the first letter a capital, as the texts of the C library
// have it.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
