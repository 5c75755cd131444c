package confparse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var staticRules = ruleBlock("static_rules", true, func(r *drafts) *[]*config.Rule { return &r.cfg.StaticRules }, Meta{
	Process: ProcVRRP, Doc: "Policy rules that are added at start.",
})

// ruleBlock is a list of policy rules, one per line.
func ruleBlock[T any](name string, static bool, field func(*T) *[]*config.Rule, m Meta) Keyword[T] {
	m.Repeat, m.OnBad = RepeatMerge, "the rule is dropped"
	return ListBlock(name, ruleRows(static), m, func(d *decoder, t *T, s *Line) {
		if r := d.rule(s, static); r != nil {
			list := field(t)
			*list = append(*list, r)
		}
	}, nil)
}

func (d *decoder) rule(s *Line, static bool) *config.Rule {
	l := &routeLine{d: d, s: s, what: "rule", static: static}
	for l.i < len(s.Words) {
		w := s.Words[l.i]
		l.i++
		read, known := ruleWords[w.Text]
		if w.Text == "track_group" && !static {
			known = false
		}
		if !known {
			l.drop(w, "Unknown rule option "+w.Text, suggestWord(w.Text, ruleKeywords))
			return nil
		}
		if !read(l, w) {
			return nil
		}
	}
	if !l.finishRule() {
		return nil
	}
	r := &config.Rule{NoTrack: l.noTrack, TrackGroup: l.trackGroup}
	r.Head = s.Range()
	r.Range = r.Head
	if l.protocol && !r.NoTrack {
		d.adjust(s, "Rule cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol", "protocol keepalived is used; no_track keeps yours")
		l.out = without(l.out, "protocol")
	}
	if r.TrackGroup != "" && l.dev == "" {
		d.complain(s, codeConflict, "Cannot specify track_group for rule without an interface", "track_group is ignored", "write iif")
		r.TrackGroup = ""
	}
	r.Words = l.out
	return r
}

// finishRule looks at the line as a whole.
func (l *routeLine) finishRule() bool {
	d, s := l.d, l.s
	switch {
	case l.action == "":
		return l.drop(s, "No action specified for rule - ignoring", "write table, or goto, nop, blackhole, unreachable, prohibit")
	case l.tableOnly && l.action != "table":
		return l.drop(s, "suppressor/realm specified for non table action - skipping", "")
	case l.target != nil && l.preference == nil:
		return l.drop(s, fmt.Sprintf("Invalid rule - goto target %d specified without preference", *l.target), "")
	case l.target != nil && *l.preference >= *l.target:
		return l.drop(s, fmt.Sprintf("Invalid rule - preference %d >= goto target %d", *l.preference, *l.target), "")
	}
	if l.preference == nil {
		f := 0
		if l.family == config.IPv6 {
			f = 1
		}
		d.adjust(s, fmt.Sprintf("Rule has no preference specified - setting to %d. This is probably not what you want.", 16384-d.rulesWithout[f]), "it comes before or after other rules by chance; write preference")
		d.rulesWithout[f]++
	}
	return true
}

// act sets the one action of a rule.
func (l *routeLine) act(w Word, action string) bool {
	if l.action != "" {
		return l.drop(w, "Cannot specify more than one of table/nop/goto/blackhole/prohibit/unreachable/l3mdev for rule", "")
	}
	l.action = action
	return true
}

// ruleWords are the options of a rule, by their first word.
var ruleWords = map[string]func(*routeLine, Word) bool{
	"inet": (*routeLine).familyWord, "inet6": (*routeLine).familyWord,
	"from": (*routeLine).selector, "to": (*routeLine).selector,
	"table": (*routeLine).ruleTable, "lookup": (*routeLine).ruleTable,
	"not":        func(l *routeLine, _ Word) bool { return l.put("not") },
	"preference": (*routeLine).rulePreference, "order": (*routeLine).rulePreference, "priority": (*routeLine).rulePreference,
	"tos": tosWord, "dsfield": tosWord,
	"fwmark": (*routeLine).ruleMark,
	"realms": func(l *routeLine, _ Word) bool {
		l.tableOnly = true
		return l.realms("invalid realms %v for rule", "realms is only valid for IPv4")
	},
	"suppress_prefixlength": suppressLength, "sup_pl": suppressLength,
	"suppress_ifgroup": suppressGroup, "sup_group": suppressGroup,
	"dev": inputWord, "iif": inputWord,
	"oif": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		return ok && l.put("oif", w.Text)
	},
	"tunnel-id": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		n, err := strconv.ParseUint(w.Text, 10, 64)
		if err != nil {
			return l.drop(w, "Invalid tunnel-id tunnel-id specified", "")
		}
		return l.put("tunnel-id", strconv.FormatUint(n, 10))
	},
	"uidrange": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if !isRange(w.Text, maxUint32) {
			return l.drop(w, "Invalid uidrange uidrange specified", "write FIRST-LAST")
		}
		return l.put("uidrange", w.Text)
	},
	"l3mdev": func(l *routeLine, w Word) bool { return l.act(w, "l3mdev") && l.put("l3mdev") },
	"protocol": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		n, problem := l.d.readInteger(w, within(0, 255))
		if problem != "" {
			l.d.complain(w, codeBadValue, "Invalid protocol "+w.Text, problem+"; it is ignored", "names are not known here, write the number")
			return true
		}
		l.protocol = n != 18
		return l.put("protocol", strconv.FormatInt(n, 10))
	},
	"ipproto": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		n, err := strconv.ParseUint(w.Text, 10, 8)
		if p, named := ipProtocols[strings.ToLower(w.Text)]; named {
			n, err = uint64(p), nil
		}
		if err != nil {
			l.d.complain(w, codeBadValue, "Invalid ipproto "+w.Text, "it is ignored: the rule holds for every protocol", "")
			return true
		}
		return l.put("ipproto", strconv.FormatUint(n, 10))
	},
	"sport": (*routeLine).rulePorts, "dport": (*routeLine).rulePorts,
	"no_track": func(l *routeLine, _ Word) bool {
		l.noTrack = true
		return true
	},
	"type": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		switch w.Text {
		case "goto", "nop", "blackhole", "unreachable", "prohibit":
			return l.ruleAction(w)
		}
		return l.drop(w, "Unknown rule option "+w.Text, "")
	},
	"goto": (*routeLine).ruleAction, "nop": (*routeLine).ruleAction, "blackhole": (*routeLine).ruleAction,
	"unreachable": (*routeLine).ruleAction, "prohibit": (*routeLine).ruleAction,
	"track_group": func(l *routeLine, _ Word) bool {
		w, ok := l.value()
		if !ok {
			return false
		}
		if l.trackGroup != "" {
			l.d.complain(w, codeDuplicate, "track_group "+w.Text+" is a duplicate", "the rest of the line is ignored", "")
			l.i = len(l.s.Words)
			return true
		}
		return l.group(w)
	},
}

// ruleAction reads an action that is not a table.
func (l *routeLine) ruleAction(w Word) bool {
	if w.Text == "goto" && l.i == len(l.s.Words) {
		_, ok := l.value()
		return ok
	}
	if !l.act(w, w.Text) {
		return false
	}
	if w.Text != "goto" {
		return l.put(w.Text)
	}
	v, ok := l.value()
	if !ok {
		return false
	}
	n, problem := l.d.readInteger(v, within(0, max32))
	if problem != "" {
		return l.drop(v, "Invalid target goto specified", "")
	}
	target := uint64(n)
	l.target = &target
	return l.put("goto", strconv.FormatUint(target, 10))
}

// selector reads from or to.
func (l *routeLine) selector(option Word) bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	if w.Text == "default" || w.Text == "any" || w.Text == "all" {
		return true
	}
	word := w.Text
	p, ok := parsePrefix(word)
	if !ok {
		text, bits, cut := strings.Cut(word, "/")
		a, valid := parseIP(text)
		if !valid || !cut {
			return l.drop(w, "Invalid rule "+option.Text+" address "+w.Text, "")
		}
		l.d.complain(w, codeBadValue, "Invalid address prefix len "+bits+" for address "+word+" - using "+itoa(a.BitLen()), "", "")
		p, _ = a.Prefix(a.BitLen())
		word = p.String()
	}
	return l.want(w, config.FamilyOf(p.Addr()), "rule specification has mixed IPv4 and IPv6") && l.put(option.Text, word)
}

func (l *routeLine) ruleTable(option Word) bool {
	if l.i == len(l.s.Words) {
		_, ok := l.value()
		return ok
	}
	if !l.act(option, "table") {
		return false
	}
	w, ok := l.lookup("table", maxUint32, "Routing table %v not found for rule")
	if ok && strings.Trim(w.Text, "0") == "" {
		return l.drop(w, "Table "+w.Text+" is not valid", "")
	}
	return ok
}

func (l *routeLine) rulePreference(option Word) bool {
	n, ok := l.baseNumber(option.Text, maxUint32, "Invalid rule preference %k specified")
	if !ok {
		return false
	}
	l.preference = &n
	l.out = without(l.out, "preference")
	return l.put("preference", strconv.FormatUint(n, 10))
}

func (l *routeLine) ruleMark(Word) bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	for part := range strings.SplitSeq(w.Text, "/") {
		if n, err := strconv.ParseUint(part, 0, 64); err != nil || n > maxUint32 {
			return l.drop(w, "Invalid rule fwmark "+w.Text+" specified", "")
		}
	}
	if strings.Count(w.Text, "/") > 1 {
		return l.drop(w, "Invalid rule fwmark "+w.Text+" specified", "")
	}
	return l.put("fwmark", w.Text)
}

func suppressLength(l *routeLine, w Word) bool {
	l.tableOnly = true
	return l.number("suppress_prefixlength", 1<<31-1, "Invalid suppress_prefixlength "+w.Text+" specified")
}

func suppressGroup(l *routeLine, _ Word) bool {
	l.tableOnly = true
	_, ok := l.lookup("suppress_ifgroup", 1<<31-1, "suppress_group %v is invalid")
	return ok
}

func inputWord(l *routeLine, _ Word) bool {
	w, ok := l.value()
	l.dev = w.Text
	return ok && l.put("iif", w.Text)
}

// rulePorts reads FIRST-LAST. A single port is refused and the rule kept
// without it, which is more than was asked for.
func (l *routeLine) rulePorts(option Word) bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	if !isRange(w.Text, 65535) {
		hint := "write FIRST-LAST"
		if _, err := strconv.ParseUint(w.Text, 10, 16); err == nil {
			hint = "write " + w.Text + "-" + w.Text
		}
		l.d.complain(w, codeBadValue, "invalid "+option.Text+" range "+w.Text, "it is ignored: the rule holds for every port", hint)
		return true
	}
	return l.put(option.Text, w.Text)
}

func isRange(word string, hi uint64) bool {
	first, last, ok := strings.Cut(word, "-")
	a, err1 := strconv.ParseUint(first, 10, 64)
	b, err2 := strconv.ParseUint(last, 10, 64)
	return ok && err1 == nil && err2 == nil && a <= hi && b <= hi
}

// ipProtocols are the names of /etc/protocols that rules are written with.
var ipProtocols = map[string]uint8{
	"icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "egp": 8, "udp": 17, "dccp": 33, "ipv6": 41,
	"rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "ospf": 89,
	"ipip": 94, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132, "udplite": 136,
}

// baseNumber reads a number in C syntax.
func (l *routeLine) baseNumber(option string, hi uint64, bad string) (uint64, bool) {
	w, ok := l.value()
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(w.Text), 0, 64)
	if err != nil || n > hi {
		return 0, l.drop(w, expand(bad, "", option, w.Text), "")
	}
	return n, true
}
