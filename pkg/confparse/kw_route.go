package confparse

import (
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var staticRoutes = routeBlock("static_routes", true, func(r *drafts) *[]*config.Route { return &r.cfg.StaticRoutes }, Meta{
	Process: ProcVRRP, Doc: "Routes that are added at start.",
})

// routeBlock is a list of routes, one per line.
func routeBlock[T any](name string, static bool, field func(*T) *[]*config.Route, m Meta) Keyword[T] {
	m.Repeat, m.OnBad = RepeatMerge, "the route is dropped"
	return ListBlock(name, routeRows(static), m, func(d *decoder, t *T, s *Line) {
		if r := d.route(s, static); r != nil {
			list := field(t)
			*list = append(*list, r)
		}
	}, nil)
}

// routeLine is a line of routes or rules while it is read. out are its words
// as ip-route(8) and ip-rule(8) take them: what is ignored is left out,
// deprecated words are replaced, numbers are decimal.
type routeLine struct {
	d *decoder
	s *Line
	// i is the word that is read next.
	i   int
	out []string
	// what is route or rule.
	what   string
	family config.Family
	static bool

	dest, dev  string
	second     bool // "or"
	noTrack    bool
	protocol   bool // another one than keepalived's
	trackGroup string
	// action, preference and target are those of a rule.
	action             string
	preference, target *uint64
	tableOnly          bool
}

// drop reports why the line is not used.
func (l *routeLine) drop(at Placed, summary, hint string) bool {
	l.d.dropEntry(at, summary, hint)
	return false
}

// value is the word after the one at i-1; a missing one is fatal to
// keepalived.
func (l *routeLine) value() (Word, bool) {
	if l.i == len(l.s.Words) {
		l.d.missingAt(l.s, l.i+1, "")
		return Word{}, false
	}
	w := l.s.Words[l.i]
	l.i++
	return w, true
}

// is takes the next word if it is the given one.
func (l *routeLine) is(word string) bool {
	if l.i < len(l.s.Words) && l.s.Words[l.i].Text == word {
		l.i++
		return true
	}
	return false
}

// put adds words to those that are kept.
func (l *routeLine) put(words ...string) bool {
	l.out = append(l.out, words...)
	return true
}

// want fixes the family, or drops the line when it is another one.
func (l *routeLine) want(at Placed, f config.Family, summary string) bool {
	if l.family == config.FamilyNone {
		l.family = f
	}
	if l.family != f {
		return l.drop(at, summary, "")
	}
	return true
}

const mixedFamilies = "Cannot mix IPv4 and IPv6 addresses for route"

func (d *decoder) route(s *Line, static bool) *config.Route {
	l := &routeLine{d: d, s: s, what: "route", static: static}
	for l.i < len(s.Words) {
		w := s.Words[l.i]
		l.i++
		read, known := routeWords[w.Text]
		if w.Text == "track_group" && !static {
			known = false
		}
		if known {
			if !read(l, w) {
				return nil
			}
			continue
		}
		if !l.destination(w) {
			return nil
		}
	}
	if l.dest == "" {
		l.drop(s, "Route must have a destination", "")
		return nil
	}
	r := &config.Route{NoTrack: l.noTrack, TrackGroup: l.trackGroup}
	l.finishTracking(r, &r.Block)
	r.Words = l.out
	return r
}

// finishTracking decides whether a route is watched.
func (l *routeLine) finishTracking(r *config.Route, b *config.Block) {
	d, s := l.d, l.s
	b.Head = s.Range()
	b.Range = b.Head
	if l.protocol && !r.NoTrack {
		d.adjust(s, "Route cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol", "protocol keepalived is used; no_track keeps yours")
		l.out = without(l.out, "protocol")
	}
	if l.dev == "" {
		if r.TrackGroup != "" {
			d.complain(s, codeConflict, "Cannot specify track_group for route "+l.dest+" without an interface", "track_group is ignored", "write dev")
			r.TrackGroup = ""
		}
		if !r.NoTrack {
			d.adjust(s, "Warning - cannot track route "+l.dest+" with no interface specified, not tracking", "nobody notices when it is deleted; write dev, or no_track")
			r.NoTrack = true
		}
	}
}

// without takes an option and its value out of words.
func without(words []string, option string) []string {
	for i := 0; i+1 < len(words); i++ {
		if words[i] == option {
			return append(words[:i:i], words[i+2:]...)
		}
	}
	return words
}

// routeTypes may stand in front of the destination.
var routeTypes = []string{"unicast", "local", "broadcast", "brd", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"}

// destination reads [TYPE] DEST. Any word that is nothing else is taken for
// one; the last wins.
func (l *routeLine) destination(w Word) bool {
	typed := ""
	if n, err := strconv.ParseUint(w.Text, 10, 8); contains(routeTypes, w.Text) || err == nil {
		number := w
		var ok bool
		if w, ok = l.value(); !ok {
			return false
		}
		typed = number.Text
		if err == nil {
			if n == 0 || int(n) > len(routeTypes)-1 {
				return l.drop(number, "unknown route type "+number.Text, "the kernel knows 1 to 11")
			}
			typed = routeTypes[n-1]
			if n > 3 {
				typed = routeTypes[n]
			}
		}
	}
	word := w.Text
	switch word {
	case "default", "any", "all":
		word = "default"
	case "default6":
		if !l.want(w, config.IPv6, mixedFamilies) {
			return false
		}
		word = "default"
		typed = strings.TrimSpace(typed)
		l.put("inet6")
	default:
		p, ok := parsePrefix(word)
		if !ok {
			text, bits, cut := strings.Cut(word, "/")
			a, valid := parseIP(text)
			if !valid || !cut {
				return l.drop(w, "unknown route keyword "+word, suggestWord(word, routeKeywords))
			}
			l.d.complain(w, codeBadValue, "Invalid address prefix len "+bits+" for address "+word+" - using "+itoa(a.BitLen()), "", "")
			p, _ = a.Prefix(a.BitLen())
			word = p.String()
		}
		if !l.want(w, config.FamilyOf(p.Addr()), mixedFamilies) {
			return false
		}
	}
	if l.dest != "" {
		l.d.own(w, codeOwnDropped, "the destination "+l.dest+" is replaced by "+w.Text, "a word that is no option is taken for the destination", "write via in front of a gateway, and a prefix as ADDRESS/LENGTH")
		l.out = append(l.out[:0:0], l.cutDestination()...)
	}
	l.dest = w.Text
	if typed != "" {
		return l.put("to", typed, word)
	}
	return l.put("to", word)
}

// cutDestination is out without the destination of before.
func (l *routeLine) cutDestination() []string {
	for i, w := range l.out {
		if w != "to" {
			continue
		}
		n := 2
		if i+1 < len(l.out) && contains(routeTypes, l.out[i+1]) {
			n = 3
		}
		return append(append([]string(nil), l.out[:i]...), l.out[i+n:]...)
	}
	return l.out
}

// number reads a decimal number; bad is keepalived's message.
func (l *routeLine) number(option string, hi int64, bad string) bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	n, problem := l.d.readInteger(w, within(0, hi))
	if problem != "" {
		l.d.complain(w, codeEntry, expand(bad, "", option, w.Text), problem+"; "+l.d.spec.OnBad, "")
		return false
	}
	return l.put(option, strconv.FormatInt(n, 10))
}

// lookup reads a number up to hi or a name, which only the machine knows.
func (l *routeLine) lookup(option string, hi uint64, bad string) (Word, bool) {
	w, ok := l.value()
	if !ok {
		return w, false
	}
	if !isName(w.Text) {
		n, err := strconv.ParseUint(w.Text, 0, 64)
		if err != nil || n > hi {
			return w, l.drop(w, expand(bad, "", option, w.Text), "")
		}
		return w, l.put(option, strconv.FormatUint(n, 10))
	}
	return w, l.put(option, w.Text)
}

// isName reports whether a word may be a name of one of iproute2's tables.
func isName(word string) bool {
	return word != "" && (word[0] >= 'a' && word[0] <= 'z' || word[0] >= 'A' && word[0] <= 'Z' || word[0] == '_')
}

func (l *routeLine) address(bad string) (Word, config.Family, bool) {
	w, ok := l.value()
	if !ok {
		return w, config.FamilyNone, false
	}
	a, ok := parseIP(w.Text)
	if !ok {
		return w, config.FamilyNone, l.drop(w, expand(bad, "", "", w.Text), "")
	}
	return w, config.FamilyOf(a), true
}

// realms reads [SRC/]DST.
func (l *routeLine) realms(bad, only string) bool {
	w, ok := l.value()
	if !ok {
		return false
	}
	for part := range strings.SplitSeq(w.Text, "/") {
		if n, err := strconv.ParseUint(part, 0, 32); !isName(part) && (err != nil || n > 255) {
			return l.drop(w, expand(bad, "", "", w.Text), "")
		}
	}
	if strings.Count(w.Text, "/") > 1 {
		return l.drop(w, expand(bad, "", "", w.Text), "")
	}
	return l.want(w, config.IPv4, only) && l.put("realms", w.Text)
}

// familyWord reads inet or inet6, and swallows the word after it as
// keepalived does: it has to be the last one.
func (l *routeLine) familyWord(w Word) bool {
	f := config.IPv4
	if w.Text == "inet6" {
		f = config.IPv6
	}
	if l.family != config.FamilyNone && l.family != f {
		return l.drop(w, w.Text+" specified for "+l.family.String()+" "+l.what, "")
	}
	l.family = f
	if l.i < len(l.s.Words) {
		l.d.own(l.s.Words[l.i], codeOwnOrder, "'"+l.s.Words[l.i].Text+"' after "+w.Text+" is skipped", "the word is lost", "put "+w.Text+" at the end of the line")
		l.i++
	}
	return l.put(w.Text)
}
