package confparse

import (
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

const max32 = int64(maxUint32)

// routeWords are the options of a route, by their first word.
var routeWords = map[string]func(*routeLine, Word) bool{
	"inet": (*routeLine).familyWord, "inet6": (*routeLine).familyWord,
	"to": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		return ok && l.destination(w)
	},
	"src": func(l *routeLine, _ Word) bool {
		w, f, ok := l.address("invalid route src address %v")
		return ok && l.want(w, f, mixedFamilies) && l.put("src", w.Text)
	},
	"as": func(l *routeLine, w Word) bool {
		l.is("to")
		_, ok := l.value()
		l.d.complain(w, codeBadValue, `"as to" for MPLS only - ignoring`, "the option is ignored", "")
		return ok
	},
	"via": func(l *routeLine, _ Word) bool { return l.via("invalid route via address %v", mixedFamilies) },
	"gw": func(l *routeLine, w Word) bool {
		l.d.deprecated(l.s, `"gw" for routes is deprecated. Please use "via"`, false)
		return l.via("invalid route via address %v", mixedFamilies)
	},
	"or": func(l *routeLine, w Word) bool {
		if l.second {
			return l.drop(w, `"or" already specified for route`, "")
		}
		l.d.deprecated(l.s, `"or" for routes is deprecated. Please use "nexthop"`, false)
		w, f, ok := l.address(`Invalid "or" address %v`)
		l.second = true
		return ok && l.want(w, f, mixedFamilies) && l.put("or", w.Text)
	},
	"from": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		p, ok := parsePrefix(w.Text)
		if !ok {
			return l.drop(w, "invalid route from address "+w.Text, "")
		}
		if p.Addr().Is4() {
			return l.drop(w, "route from address only supported with IPv6 ("+w.Text+")", "")
		}
		return l.want(w, config.IPv6, mixedFamilies) && l.put("from", w.Text)
	},
	"tos": tosWord, "dsfield": tosWord,
	"table": func(l *routeLine, _ Word) bool {
		_, ok := l.lookup("table", maxUint32, "Routing table %v not found for route")
		return ok
	},
	"protocol": func(l *routeLine, _ Word) bool {
		w, ok := l.lookup("protocol", 255, "Protocol %v not found or invalid for route")
		l.protocol = w.Text != "18" && w.Text != "keepalived"
		return ok
	},
	"scope": func(l *routeLine, _ Word) bool {
		_, ok := l.lookup("scope", 255, "Scope %v not found or invalid for route")
		return ok
	},
	"metric": metricWord, "priority": metricWord, "preference": metricWord,
	"dev": devWord, "oif": devWord,
	"onlink": func(l *routeLine, _ Word) bool { return l.put("onlink") },
	"encap": func(l *routeLine, _ Word) bool {
		l.encap()
		return true
	},
	"expires": func(l *routeLine, w Word) bool {
		return l.number("expires", max32, "Invalid expires time %v specified for route") && l.want(w, config.IPv6, "expires is only valid for IPv6")
	},
	"mtu":        metricNumber("mtu", true, max32, "Invalid MTU %v specified for route"),
	"hoplimit":   metricNumber("hoplimit", false, 255, "Invalid hoplimit %v specified for route"),
	"advmss":     metricNumber("advmss", true, max32, "Invalid advmss %v specified for route"),
	"reordering": metricNumber("reordering", true, max32, "Invalid reordering value %v specified for route"),
	"window":     metricNumber("window", false, max32, "Invalid window value %v specified for route"),
	"cwnd":       metricNumber("cwnd", true, max32, "Invalid cwnd value %v specified for route"),
	"ssthresh":   metricNumber("ssthresh", true, max32, "Invalid ssthresh value %v specified for route"),
	"initcwnd":   metricNumber("initcwnd", false, max32, "Invalid initcwnd value %v specified for route"),
	"initrwnd":   metricNumber("initrwnd", false, max32, "Invalid initrwnd value %v specified for route"),
	"quickack":   metricNumber("quickack", false, 1, "Invalid quickack value %v specified for route"),
	"fastopen_no_cookie": metricNumber("fastopen_no_cookie", false, 1,
		"Invalid fastopen_no_cookie value %v specified for route"),
	"rtt": metricTime("rtt", 8), "rttvar": metricTime("rttvar", 4), "rto_min": metricTime("rto_min", 1),
	"realms": func(l *routeLine, _ Word) bool {
		return l.realms("Invalid realms %v for route", "realms are only valid for IPv4")
	},
	"features": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if w.Text != "ecn" {
			l.d.complain(w, codeBadValue, "feature "+w.Text+" not supported", "it is ignored", "")
			return true
		}
		return l.put("features", "ecn")
	},
	"congctl": func(l *routeLine, _ Word) bool {
		l.put("congctl")
		if l.is("lock") {
			l.put("lock")
		}
		w, ok := l.value()
		return ok && l.put(w.Text)
	},
	"pref": func(l *routeLine, option Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if !contains([]string{"low", "medium", "high"}, w.Text) {
			if _, problem := l.d.readInteger(w, within(0, 255)); problem != "" {
				return l.drop(w, "Invalid pref value "+w.Text+" specified for route", "low, medium, high or a number")
			}
		}
		return l.want(option, config.IPv6, "pref is only valid for IPv6") && l.put("pref", w.Text)
	},
	"ttl-propagate": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if w.Text != "enabled" && w.Text != "disabled" {
			l.d.complain(w, codeBadValue, "ttl-propagate value "+w.Text+" not recognised", "disabled is used", "enabled and disabled are known")
			return l.put("ttl-propagate", "disabled")
		}
		return l.put("ttl-propagate", w.Text)
	},
	"add":     func(l *routeLine, _ Word) bool { return l.put("add") },
	"prepend": func(l *routeLine, _ Word) bool { return l.put("prepend") },
	"append":  func(l *routeLine, _ Word) bool { return l.put("append") },
	"no_track": func(l *routeLine, _ Word) bool {
		l.noTrack = true
		return true
	},
	"vrf": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		return ok && l.put("vrf", w.Text)
	},
	"track_group": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if l.trackGroup != "" {
			return l.drop(w, "track_group "+w.Text+" is a duplicate", "")
		}
		return l.group(w)
	},
	"nexthop": func(l *routeLine, w Word) bool { return l.nextHops(w) },
}

// group takes a track_group that is known.
func (l *routeLine) group(w Word) bool {
	if _, ok := l.d.names.trackers[w.Text]; !ok {
		l.d.complain(w, codeReference, "track_group "+w.Text+" not found", "it is ignored", "a track_group must stand before the block that uses it")
		return true
	}
	l.trackGroup = w.Text
	return true
}

func tosWord(l *routeLine, _ Word) bool {
	_, ok := l.lookup("tos", 255, "TOS value %v is invalid")
	return ok
}

func metricWord(l *routeLine, _ Word) bool {
	return l.number("metric", max32, "Invalid metric %v specified for route")
}

func devWord(l *routeLine, _ Word) bool {
	w, ok := l.value()
	l.dev = w.Text
	return ok && l.put("dev", w.Text)
}

// via reads [inet|inet6] ADDRESS.
func (l *routeLine) via(bad, mixed string) bool {
	forced := config.FamilyNone
	switch {
	case l.is("inet"):
		forced = config.IPv4
	case l.is("inet6"):
		forced = config.IPv6
	}
	w, f, ok := l.address(bad)
	if !ok {
		return false
	}
	if forced != config.FamilyNone && forced != f {
		return l.drop(w, mixed, "")
	}
	return l.want(w, f, mixed) && l.put("via", w.Text)
}

func metricNumber(option string, lock bool, hi int64, bad string) func(*routeLine, Word) bool {
	return func(l *routeLine, _ Word) bool {
		locked := lock && l.is("lock")
		if locked {
			l.put(option, "lock")
			at := len(l.out)
			if !l.number(option, hi, bad) {
				return false
			}
			l.out = append(l.out[:at], l.out[at+1:]...)
			return true
		}
		return l.number(option, hi, bad)
	}
}

// metricTime reads a time with a unit, or a number in 1/scale ms.
func metricTime(option string, scale int) func(*routeLine, Word) bool {
	return func(l *routeLine, _ Word) bool {
		l.put(option)
		if l.is("lock") {
			l.put("lock")
		}
		w, ok := l.value()
		if !ok {
			return false
		}
		digits := strings.TrimRight(w.Text, "secm")
		v, err := strconv.ParseFloat(digits, 64)
		unit := w.Text[len(digits):]
		if err != nil || strings.ContainsAny(digits, "eExXpP+-") || !contains([]string{"", "s", "sec", "secs", "ms"}, unit) {
			return l.drop(w, "Invalid "+option+" "+w.Text+" for route", "a number with s or ms")
		}
		ms := v / float64(scale)
		switch unit {
		case "":
		case "ms":
			ms = v
		default:
			ms = v * 1000
		}
		switch {
		case ms > 120000:
			l.d.adjust(w, option+" "+w.Text+" exceeds maximum 120s, resetting", "120 s is used")
			return l.put("120s")
		case ms < 200:
			l.d.adjust(w, option+" "+w.Text+" is less than minimum 0.2s, resetting", "0.2 s is used")
			return l.put("200ms")
		}
		return l.put(w.Text)
	}
}

// nextHops reads everything after the first nexthop. A bad hop and what
// follows are left out, and the route is kept.
func (l *routeLine) nextHops(w Word) bool {
	if l.second {
		l.d.complain(w, codeConflict, `Cannot specify nexthops with "or" route`, "", "")
		return l.drop(w, "Route has trailing nonsense - nexthop", "write nexthop instead of or")
	}
	for {
		mark := len(l.out)
		l.put("nexthop")
		if !l.nextHop() {
			l.out = l.out[:mark]
			l.i = len(l.s.Words)
			return true
		}
		if l.i == len(l.s.Words) {
			return true
		}
		if !l.is("nexthop") {
			l.d.complain(l.s.Words[l.i], codeEntry, "Route has trailing nonsense after nexthops - "+l.s.Words[l.i].Text, "the rest of the line is ignored", "")
			l.i = len(l.s.Words)
			return true
		}
	}
}

// nextHop reads the options of one hop, up to a word that is none. Reports
// about it say that the hop is dropped.
func (l *routeLine) nextHop() bool {
	spec := *l.d.spec
	spec.OnBad = "this hop and those after it are dropped"
	outer := l.d.spec
	l.d.spec = &spec
	defer func() { l.d.spec = outer }()
	for l.i < len(l.s.Words) {
		w := l.s.Words[l.i]
		l.i++
		ok := true
		switch w.Text {
		case "via":
			ok = l.via("invalid nexthop address %v", "Address family mismatch for next hop")
		case "dev":
			var v Word
			v, ok = l.value()
			l.put("dev", v.Text)
		case "weight":
			ok = l.hopWeight()
		case "onlink":
			l.put("onlink")
		case "encap":
			l.encap()
		case "realms":
			ok = l.realms("Invalid realms %v for nexthop", "realms are only valid for IPv4")
		case "as":
			l.is("to")
			if _, ok = l.value(); ok {
				ok = l.drop(w, "'as [to]' (nat) not supported", "")
			}
		default:
			l.i--
			return true
		}
		if !ok {
			return false
		}
	}
	return true
}

func (l *routeLine) hopWeight() bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	n, problem := l.d.readInteger(w, within(0, 256))
	if problem != "" || n == 0 {
		return l.drop(w, "Invalid weight "+w.Text+" specified for route", "1 to 256")
	}
	return l.put("weight", strconv.FormatInt(n, 10))
}
