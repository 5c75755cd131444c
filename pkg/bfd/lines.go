package bfd

import (
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// How this package fills in the lines of package logtext.

func textUp(name string) string        { return fmt.Sprintf(logtext.BFDUp, name) }
func textAdminDown(name string) string { return fmt.Sprintf(logtext.BFDAdminDown, name) }
func textDown(name string, local, remote wire.Diag) string {
	return fmt.Sprintf(logtext.BFDDown, name, local, remote)
}
func textExpired(name string, after, overdue time.Duration) string {
	return fmt.Sprintf(logtext.BFDExpired, name, after.Milliseconds(), overdue.Microseconds())
}
func textPolling(name string) string   { return fmt.Sprintf(logtext.BFDPolling, name) }
func textSendError(name string) string { return fmt.Sprintf(logtext.BFDSendError, name) }

// textRefused is about a packet for s, if one was found: what is wrong, and
// whose it is.
func textRefused(p *Packet, s *session, c *wire.Control, why wire.Drop) []string {
	var wrong string
	switch why {
	case wire.DropUnknownSession:
		return []string{fmt.Sprintf(logtext.BFDRefused, p.Source, p.SourcePort, fmt.Sprintf(logtext.ReasonBFDNoSession, c.YourDiscr))}
	case wire.DropAuth:
		return []string{fmt.Sprintf(logtext.BFDRefused, p.Source, p.SourcePort, logtext.ReasonBFDAuth)}
	case wire.DropTTL:
		return []string{fmt.Sprintf(logtext.BFDTTL, p.TTL, s.minTTL())}
	case wire.DropAdminDown, wire.Accepted:
		return []string{fmt.Sprintf(logtext.BFDRefused, p.Source, p.SourcePort, why)}
	case wire.DropTooShort:
		wrong = fmt.Sprintf(logtext.BFDTooSmall, len(p.Data))
	case wire.DropVersion:
		wrong = fmt.Sprintf(logtext.BFDVersion, c.Version)
	case wire.DropLength:
		wrong = fmt.Sprintf(logtext.BFDLength, c.Length, len(p.Data))
	case wire.DropMultiplier:
		wrong = logtext.BFDMultiplier
	case wire.DropMultipoint:
		wrong = logtext.BFDMultipoint
	case wire.DropMyDiscriminator:
		wrong = logtext.BFDMyDiscriminator
	case wire.DropNoDiscriminator:
		wrong = logtext.BFDNoDiscriminator
	case wire.DropPollAndFinal:
		wrong = logtext.BFDPollAndFinal
	case wire.DropDiagnostic:
		wrong = fmt.Sprintf(logtext.BFDDiagnostic, c.Diag)
	}
	return []string{wrong, fmt.Sprintf(logtext.BFDBogus, p.Source, p.SourcePort)}
}

// blanks are as wide as the name in front of other lines.
func blanks(name string) string { return fmt.Sprintf("%*s", len(name)+3, "") }

func textDetection(name string, is, was time.Duration) string {
	return fmt.Sprintf(logtext.BFDDetection, blanks(name), is.Microseconds(), was.Microseconds())
}

// textParameters is the table of what was negotiated.
func (s *session) textParameters() [4]string {
	row := func(end string, minTx, minRx, tx time.Duration, mult uint8, detect time.Duration) string {
		return fmt.Sprintf(logtext.BFDRow, blanks(s.cfg.Name), end,
			minTx.Microseconds(), minRx.Microseconds(), tx.Microseconds(), mult, detect.Microseconds())
	}
	return [4]string{
		fmt.Sprintf(logtext.BFDTable, s.cfg.Name),
		fmt.Sprintf(logtext.BFDColumns, blanks(s.cfg.Name)),
		row("local", s.desiredTx, s.requiredRx, s.txInterval(), s.cfg.Multiplier, s.detectionTime()),
		row("remote", s.remoteMinTx, s.remoteMinRx, s.remoteTxInterval(), s.remoteMult, s.remoteDetectionTime()),
	}
}

// Lines of our own.

func textNoSocket(name, why string, again time.Duration) string {
	return fmt.Sprintf(logtext.BFDNoSocket+" until it opens (%s) - next attempt in %d s; is source_ip an address of this machine?", name, why, int(again/time.Second))
}
func textNoListener(l Listener, why string, again time.Duration) string {
	return fmt.Sprintf("Unable to listen for BFD on UDP port %d of %s (%s) - next attempt in %d s; does another BFD program run here?", l.Port(), l.Family, why, int(again/time.Second))
}
