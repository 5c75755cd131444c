package health

import (
	"fmt"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// How this package fills in the lines of package logtext.

func lineServerUp(rs, vs string, inhibit bool) string {
	if inhibit {
		return fmt.Sprintf(logtext.ServerEnabling, rs, vs)
	}
	return fmt.Sprintf(logtext.ServerAdding, rs, vs)
}

func lineServerDown(rs, vs string, inhibit bool) string {
	if inhibit {
		return fmt.Sprintf(logtext.ServerDisabling, rs, vs)
	}
	return fmt.Sprintf(logtext.ServerRemoving, rs, vs)
}

func lineServerStops(rs, vs string, inhibited bool) string {
	if inhibited {
		return fmt.Sprintf(logtext.ServerStoppingInhibit, rs, vs)
	}
	return fmt.Sprintf(logtext.ServerStopping, rs, vs)
}

func lineServerGone(rs string) string { return fmt.Sprintf(logtext.ServerGone, rs) }

func lineWeight(from, to int64, active bool, rs, vs string) string {
	word := "inactive"
	if active {
		word = "active"
	}
	return fmt.Sprintf(logtext.ServerWeight, from, to, word, rs, vs)
}

func lineGained(t threshold, weight int64, vs string) string {
	return fmt.Sprintf(logtext.QuorumGained, t.quorum, t.hysteresis, t.value, weight, vs)
}

func lineLost(t threshold, weight int64, vs string) string {
	return fmt.Sprintf(logtext.QuorumLost, t.quorum, t.hysteresis, t.value, weight, vs)
}

func lineStartDown(t threshold, weight int64, vs string) string {
	return fmt.Sprintf(logtext.QuorumStartDown, t.quorum, t.hysteresis, t.value, weight, vs)
}

// mailQuorum is the body of a quorum mail, which has "+" and "<=" whatever
// happened.
func mailQuorum(what string, t threshold, weight int64) string {
	return fmt.Sprintf("=> %s %d+%d=%d <= %d <=", what, t.quorum, t.hysteresis, t.value, weight)
}

const (
	mailStartUp   = "Starting with quorum up"
	mailStartDown = "Starting with quorum down"
	mailGained    = "Gained quorum"
	mailLost      = "Lost quorum"
	mailShutdown  = "=> Shutting down <="
	mailRemoving  = "=> Removing <="
)

func lineSorryIn(sorry, vs string, inhibit bool) string {
	if inhibit {
		return fmt.Sprintf(logtext.SorryEnabling, sorry, vs)
	}
	return fmt.Sprintf(logtext.SorryAdding, sorry, vs)
}

func lineSorryOut(sorry, vs string, inhibit bool) string {
	if inhibit {
		return fmt.Sprintf(logtext.SorryDisabling, sorry, vs)
	}
	return fmt.Sprintf(logtext.SorryRemoving, sorry, vs)
}

func linePoolOut(vs string) string { return fmt.Sprintf(logtext.PoolRemoving, vs) }
func linePoolIn(vs string) string  { return fmt.Sprintf(logtext.PoolAdding, vs) }

func lineChecker(verb, rs, vs string) string {
	return fmt.Sprintf(logtext.CheckerVerb, verb, rs, vs)
}

const (
	verbActivating   = "Activating"
	verbDeactivating = "Deactivating"
	verbSuspending   = "Suspending"
)

func lineVSGone(vs *config.VirtualServer) string {
	if vs.Group != "" {
		return fmt.Sprintf(logtext.VirtualServerGroupGone, vs.Group)
	}
	return fmt.Sprintf(logtext.VirtualServerGone, vs.Name)
}

// lineEntryGone names the entry as the group line had it: a range with its
// end, a firewall mark as the number alone.
func lineEntryGone(g config.GroupEntry, p config.Protocol, group string) string {
	return fmt.Sprintf(logtext.GroupEntryGone, entryName(g, p, ""), group)
}

func lineEntryAdded(g config.GroupEntry, p config.Protocol, group string) string {
	return fmt.Sprintf(logtext.GroupEntryAdded, entryName(g, p, "FWM "), group)
}

func entryName(g config.GroupEntry, p config.Protocol, mark string) string {
	if g.IsFwmark {
		return fmt.Sprintf("%s%d", mark, g.Fwmark)
	}
	s := fmt.Sprintf("[%s]:%s:%d", g.First, p, g.Port)
	if g.Last.IsValid() && g.Last != g.First {
		s += "-" + g.Last.String()
	}
	return s
}

func lineAddress(addr string, added bool) string {
	if added {
		return fmt.Sprintf(logtext.AddressAppeared, addr)
	}
	return fmt.Sprintf(logtext.AddressDisappeared, addr)
}

func lineFileFault(rs, file string, fault bool) string {
	if fault {
		return fmt.Sprintf(logtext.TrackFileFault, rs, file)
	}
	return fmt.Sprintf(logtext.TrackFileLeaves, rs, file)
}

func lineBFDState(session, rs string, up bool) string {
	word := "DOWN"
	if up {
		word = "UP"
	}
	return fmt.Sprintf(logtext.CheckBFD, session, rs, word)
}

func lineLength(rs, vs string, url *config.HTTPURL, want, got uint64) string {
	return fmt.Sprintf(logtext.CheckWebLength,
		rs, vs, url.VirtualHost, url.Path, want, got)
}

func lineURLGood(p Passed, rs, path string) string {
	what := logtext.ReasonStatusGood
	switch p {
	case PassedDigest:
		what = logtext.ReasonDigestGood
	case PassedRegex:
		what = logtext.ReasonRegexGood
	case PassedStatus:
	}
	return fmt.Sprintf(logtext.CheckWebURL, what, rs, path)
}

// lineLocalTrouble says why a check could not be made. It is ours: keepalived
// has the kind, text and "Rescheduling.", and neither the server nor the cause.
func lineLocalTrouble(k config.CheckerKind, rs, text, cause string) string {
	line := fmt.Sprintf("%s (%s) %s Rescheduling.", k, rs, text)
	if cause != "" {
		line += " (" + cause + ")"
	}
	return line
}

// sorryName is the sorry server as log lines call it.
func sorryName(vs *config.VirtualServer) string {
	s := vs.SorryServer
	return "[" + s.Address.String() + "]:" + vs.Protocol.String() + ":" + strconv.Itoa(int(s.Port))
}
