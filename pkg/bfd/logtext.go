package bfd

import (
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
)

// Lines of keepalived that outside tools match.

func textUp(name string) string        { return "(" + name + ") Entering Up state" }
func textAdminDown(name string) string { return "(" + name + ") Entering AdminDown state" }
func textDown(name string, local, remote wire.Diag) string {
	return fmt.Sprintf("(%s) Entering Down state (Local diagnostic - %s, Remote diagnostic - %s)", name, local, remote)
}
func textExpired(name string, after, overdue time.Duration) string {
	return fmt.Sprintf("(%s) Expired after %d ms (%d usec overdue)", name, after.Milliseconds(), overdue.Microseconds())
}
func textPolling(name string) string   { return "(" + name + ") Starting poll sequence" }
func textSendError(name string) string { return "(" + name + ") Error sending packet" }

// textRefused is made with -D only: outsiders can cause it.
func textRefused(p *Packet, c *wire.Control, why wire.Drop) string {
	reason := why.String()
	if why == wire.DropUnknownSession {
		reason = fmt.Sprintf("session is not found - your discriminator field is 0x%x", c.YourDiscr)
	}
	return fmt.Sprintf("Discarding packet from [%s]:%d (%s)", p.Source, p.SourcePort, reason)
}

// blanks are as wide as the name in front of other lines.
func blanks(name string) string { return fmt.Sprintf("%*s", len(name)+3, "") }

func textDetection(name string, is, was time.Duration) string {
	return fmt.Sprintf("%sDetection time is %d us (was %d us)", blanks(name), is.Microseconds(), was.Microseconds())
}

// textParameters is the table of what was negotiated.
func (s *session) textParameters() [4]string {
	row := func(end string, minTx, minRx, tx time.Duration, mult uint8, detect time.Duration) string {
		return fmt.Sprintf("%s%-6s %8d %7d %8d %5d %12d", blanks(s.cfg.Name), end,
			minTx.Microseconds(), minRx.Microseconds(), tx.Microseconds(), mult, detect.Microseconds())
	}
	return [4]string{
		"(" + s.cfg.Name + ") ---------------< Session parameters >--------------",
		blanks(s.cfg.Name) + "         min_tx  min_rx  tx_intv  mult  detect_time",
		row("local", s.desiredTx, s.requiredRx, s.txInterval(), s.cfg.Multiplier, s.detectionTime()),
		row("remote", s.remoteMinTx, s.remoteMinRx, s.remoteTxInterval(), s.remoteMult, s.remoteDetectionTime()),
	}
}

// Lines of our own.

func textNoSocket(name, why string, again time.Duration) string {
	return fmt.Sprintf("(%s) Unable to open the output socket (%s) - next attempt in %d s", name, why, int(again/time.Second))
}
func textNoListener(l Listener, why string, again time.Duration) string {
	return fmt.Sprintf("Unable to listen for BFD on UDP port %d of %s (%s) - next attempt in %d s", l.Port(), l.Family, why, int(again/time.Second))
}
