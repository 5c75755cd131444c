package health

import (
	"fmt"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// The lines that outside tools match, in keepalived's words.

const lineBFD = "Activating BFD healthchecker"

func lineServerUp(rs, vs string, inhibit bool) string {
	if inhibit {
		return "Enabling service " + rs + " of VS " + vs
	}
	return "Adding service " + rs + " to VS " + vs
}

func lineServerDown(rs, vs string, inhibit bool) string {
	if inhibit {
		return "Disabling service " + rs + " of VS " + vs
	}
	return "Removing service " + rs + " from VS " + vs
}

func lineServerStops(rs, vs string, inhibited bool) string {
	if inhibited {
		return "Shutting down (inhibited) service " + rs + " from VS " + vs
	}
	return "Shutting down service " + rs + " from VS " + vs
}

func lineServerGone(rs string) string { return "service " + rs + " no longer exist" }

func lineWeight(from, to int64, active bool, rs, vs string) string {
	word := "inactive"
	if active {
		word = "active"
	}
	return fmt.Sprintf("Changing weight from %d to %d for %s service %s of VS %s", from, to, word, rs, vs)
}

func lineGained(t threshold, weight int64, vs string) string {
	return fmt.Sprintf("Gained quorum %d+%d=%d <= %d for VS %s", t.quorum, t.hysteresis, t.value, weight, vs)
}

func lineLost(t threshold, weight int64, vs string) string {
	return fmt.Sprintf("Lost quorum %d-%d=%d > %d for VS %s", t.quorum, t.hysteresis, t.value, weight, vs)
}

func lineStartDown(t threshold, weight int64, vs string) string {
	return fmt.Sprintf("Starting with quorum down %d-%d=%d > %d for VS %s", t.quorum, t.hysteresis, t.value, weight, vs)
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
		return "Enabling sorry server " + sorry + " to VS " + vs
	}
	return "Adding sorry server " + sorry + " to VS " + vs
}

func lineSorryOut(sorry, vs string, inhibit bool) string {
	if inhibit {
		return "Disabling sorry server " + sorry + " from VS " + vs
	}
	return "Removing sorry server " + sorry + " from VS " + vs
}

func linePoolOut(vs string) string { return "Removing alive servers from the pool for VS " + vs }
func linePoolIn(vs string) string  { return "Adding alive servers to the pool for VS " + vs }

func lineChecker(verb, rs, vs string) string {
	return verb + " healthchecker for service " + rs + " for VS " + vs
}

const (
	verbActivating   = "Activating"
	verbDeactivating = "Deactivating"
	verbSuspending   = "Suspending"
)

func lineVSGone(vs *config.VirtualServer) string {
	if vs.Group != "" {
		return "Removing Virtual Server Group [" + vs.Group + "]"
	}
	return "Removing Virtual Server " + vs.Name
}

// lineEntryGone names the entry as the group line had it: a range with its
// end, a firewall mark as the number alone.
func lineEntryGone(g config.GroupEntry, p config.Protocol, group string) string {
	return "VS [" + entryName(g, p, "") + "] in group " + group + " no longer exists"
}

func lineEntryAdded(g config.GroupEntry, p config.Protocol, group string) string {
	return "VS [" + entryName(g, p, "FWM ") + "] added into group " + group
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
		return "Netlink reflector reports IP " + addr + " added"
	}
	return "Netlink reflector reports IP " + addr + " removed"
}

func lineFileFault(rs, file string, fault bool) string {
	if fault {
		return "(" + rs + "): tracked file " + file + " now FAULT state"
	}
	return "(" + rs + "): tracked file " + file + " leaving FAULT state"
}

func lineBFDState(session, rs string, up bool) string {
	word := "DOWN"
	if up {
		word = "UP"
	}
	return "BFD check of [" + session + "] RS(" + rs + ") is " + word
}

func lineLength(rs, vs string, url *config.HTTPURL, want, got uint64) string {
	return fmt.Sprintf("http_check for RS %s VS %s url %s%s: content_length (%d) does not match received bytes (%d)",
		rs, vs, url.VirtualHost, url.Path, want, got)
}

func lineURLGood(p Passed, rs, path string) string {
	what := "HTTP status code success"
	switch p {
	case PassedDigest:
		what = "MD5 digest success"
	case PassedRegex:
		what = "Regex match success"
	case PassedStatus:
	}
	return what + " to " + rs + " url(" + path + ")"
}

// lineLocalTrouble says why a check could not be made; text ends in
// "Rescheduling" in the words of the probe.
func lineLocalTrouble(k config.CheckerKind, rs, text string) string {
	return k.String() + " (" + rs + ") " + text + " Rescheduling."
}

// sorryName is the sorry server as log lines call it.
func sorryName(vs *config.VirtualServer) string {
	s := vs.SorryServer
	return "[" + s.Address.String() + "]:" + vs.Protocol.String() + ":" + strconv.Itoa(int(s.Port))
}
