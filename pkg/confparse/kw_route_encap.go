package confparse

import (
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// encap reads a lightweight tunnel. A bad one is left out; the line is read
// on at the word that was wrong, as keepalived does.
func (l *routeLine) encap() {
	mark := len(l.out)
	l.put("encap")
	if !l.encapKind() {
		l.out = l.out[:mark]
	}
}

func (l *routeLine) encapBad(at Placed, summary string) bool {
	l.d.complain(at, codeBadValue, summary, "the encapsulation is ignored", "")
	return false
}

func (l *routeLine) encapKind() bool {
	if l.i == len(l.s.Words) {
		return l.encapBad(l.s, "Missing encap type")
	}
	w := l.s.Words[l.i]
	l.i++
	l.put(w.Text)
	switch w.Text {
	case "ip":
		return l.encapIP("ip", config.IPv4, "tos", "ttl")
	case "ip6":
		return l.encapIP("ip6", config.IPv6, "tc", "hoplimit")
	case "mpls":
		return l.encapLabels()
	case "ila":
		return l.encapLocator()
	}
	// keepalived loses the word after an unknown type, too.
	l.i = min(l.i+1, len(l.s.Words))
	return l.encapBad(w, "Unknown encap type - "+w.Text)
}

func (l *routeLine) encapIP(kind string, family config.Family, tos, ttl string) bool {
	target := false
	for l.i+1 < len(l.s.Words) {
		option, w := l.s.Words[l.i].Text, l.s.Words[l.i+1]
		switch option {
		case "id":
			if _, err := strconv.ParseUint(w.Text, 10, 64); err != nil {
				return l.encapBad(w, "encap id "+w.Text+" value is invalid")
			}
			target = true
		case "dst", "src":
			a, ok := parseIP(w.Text)
			if !ok {
				return l.encapBad(w, "invalid encap "+option+" address "+w.Text)
			}
			if config.FamilyOf(a) != family {
				return l.encapBad(w, config.FamilyOf(a).String()+" address "+w.Text+" not valid for "+kind+" encapsulation")
			}
			target = target || option == "dst"
		case "flags", tos, ttl:
			hi := int64(255)
			if option == "flags" {
				hi = 65535
			}
			named := option == tos && isName(w.Text)
			if _, problem := l.d.readInteger(w, within(0, hi)); problem != "" && !named {
				return l.encapBad(w, option+" "+w.Text+" is not valid for "+kind+" encapsulation")
			}
		default:
			return target || l.encapBad(l.s, "address or id missing for "+kind+" encapsulation")
		}
		l.put(option, w.Text)
		l.i += 2
	}
	return target || l.encapBad(l.s, "address or id missing for "+kind+" encapsulation")
}

func (l *routeLine) encapLabels() bool {
	if l.i == len(l.s.Words) {
		return l.encapBad(l.s, "missing address for MPLS encapsulation")
	}
	w := l.s.Words[l.i]
	l.i++
	for label := range strings.SplitSeq(w.Text, "/") {
		if n, err := strconv.ParseUint(label, 0, 32); err != nil || n >= 1<<20 {
			return l.encapBad(w, "invalid mpls address "+w.Text+" for encapsulation")
		}
	}
	return l.put(w.Text)
}

func (l *routeLine) encapLocator() bool {
	if l.i == len(l.s.Words) {
		return l.encapBad(l.s, "missing locator for ILA encapsulation")
	}
	w := l.s.Words[l.i]
	l.i++
	groups := strings.Split(w.Text, ":")
	ok := len(groups) == 4
	for _, g := range groups {
		if _, err := strconv.ParseUint(g, 16, 16); err != nil {
			ok = false
		}
	}
	if !ok {
		return l.encapBad(w, "invalid locator "+w.Text+" for ila encapsulation")
	}
	return l.put(w.Text)
}
