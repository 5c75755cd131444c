package status

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

// The one-line forms of addresses, routes, rules and scripts, which the data
// dump and JSON share.

// prefixText is a prefix without the length of a single address.
func prefixText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

var scopeNames = map[config.Scope]string{
	config.ScopeGlobal: "global", config.ScopeSite: "site", config.ScopeLink: "link",
	config.ScopeHost: "host", config.ScopeNowhere: "nowhere",
}

func scopeText(s config.Scope) string {
	if name, ok := scopeNames[s]; ok {
		return name
	}
	return fmt.Sprint(uint8(s))
}

// broadcast is the broadcast address of a, invalid for none.
func broadcast(a *config.Address) netip.Addr {
	if a.BroadcastAuto == 0 || !a.Prefix.Addr().Is4() {
		return a.Broadcast
	}
	b := a.Prefix.Masked().Addr().As4()
	if a.BroadcastAuto == '+' {
		for bit := a.Prefix.Bits(); bit < 32; bit++ {
			b[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	return netip.AddrFrom4(b)
}

// addressText is "10.9.0.100/24 dev eth0 scope global set". dev is where an
// address without interface of its own goes.
func addressText(a *config.Address, dev string, set bool) string {
	var b strings.Builder
	b.WriteString(prefixText(a.Prefix))
	if brd := broadcast(a); brd.IsValid() {
		fmt.Fprintf(&b, " brd %s", brd)
	}
	if a.Dev != "" {
		dev = a.Dev
	}
	fmt.Fprintf(&b, " dev %s scope %s", dev, scopeText(a.Scope))
	if a.Label != "" {
		fmt.Fprintf(&b, " label %s", a.Label)
	}
	if a.Peer.IsValid() {
		fmt.Fprintf(&b, " peer %s", netip.PrefixFrom(a.Peer, a.Prefix.Bits()))
	}
	for _, flag := range []struct {
		on   bool
		word string
	}{{a.Home, "home"}, {a.DAD, "-nodad"}, {a.MngTmpAddr, "mngtmpaddr"}, {a.NoPrefixRoute, "noprefixroute"}, {a.AutoJoin, "autojoin"}} {
		if flag.on {
			b.WriteString(" " + flag.word)
		}
	}
	b.WriteString(lifetimeText(a))
	if set {
		b.WriteString(" set")
	}
	return b.String()
}

// lifetimeText is the preferred lifetime of an IPv6 address.
func lifetimeText(a *config.Address) string {
	switch lft := a.PreferredLifetime; {
	case !a.Prefix.Addr().Is6():
		return ""
	case lft == nil && a.Prefix.IsSingleIP(), lft != nil && *lft == 0:
		return " deprecated"
	case lft == nil || *lft < 0:
		return " preferred_lft forever"
	default:
		return fmt.Sprintf(" preferred_lft %d", wholeSeconds(*lft))
	}
}

// Names finds the numbers of iproute2's names; nil knows the built-in ones.
type Names = iproute.Names

// builtin are the names that every kernel has.
type builtin struct{}

func (builtin) Number(t iproute.Table, name string) (uint32, bool) {
	var number uint32
	var ok bool
	switch t {
	case iproute.Tables:
		number, ok = map[string]uint32{"default": 253, "main": 254, "local": 255}[name]
	case iproute.Scopes:
		number, ok = map[string]uint32{"global": 0, "universe": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255}[name]
	case iproute.Protocols:
		number, ok = map[string]uint32{"kernel": 2, "boot": 3, "static": 4, "keepalived": 18}[name]
	case iproute.DSFields, iproute.Realms, iproute.Groups, iproute.AddressProtocols:
	}
	return number, ok
}

func known(n Names) Names {
	if n == nil {
		return builtin{}
	}
	return n
}

var orderNames = map[iproute.Order]string{iproute.Prepend: "prepend", iproute.Append: "append", iproute.Add: "add"}

var routeTypeNames = map[uint8]string{
	2: "local ", 3: "broadcast ", 4: "anycast ", 5: "multicast ", 6: "blackhole ", 7: "unreachable ", 8: "prohibit ",
	9: "throw ", 10: "nat ", 11: "xresolve ",
}

var metricNames = map[uint8]string{
	iproute.MetricMTU: "mtu", iproute.MetricWindow: "window", iproute.MetricRTT: "rtt", iproute.MetricRTTVar: "rttvar",
	iproute.MetricSSThresh: "ssthresh", iproute.MetricCwnd: "cwnd", iproute.MetricAdvMSS: "advmss",
	iproute.MetricReordering: "reordering", iproute.MetricHopLimit: "hoplimit", iproute.MetricInitCwnd: "initcwnd",
	iproute.MetricFeatures: "features", iproute.MetricRTOMin: "rto_min", iproute.MetricInitRwnd: "initrwnd",
	iproute.MetricQuickAck: "quickack", iproute.MetricFastOpenNoCookie: "fastopen_no_cookie",
}

// routeText is "prepend 192.0.2.0/24 via inet 10.9.0.2 dev eth0 proto 18". A
// line that cannot be read is shown as written.
func routeText(line *config.Route, names Names) string {
	r, err := iproute.ParseRoute(line.Words, known(names))
	if err != nil {
		return strings.Join(line.Words, " ")
	}
	var b strings.Builder
	order := r.Order
	if r.Type > iproute.TypeMulticast && order == iproute.Prepend {
		order = iproute.Add // the kernel keeps one of these
	}
	fmt.Fprintf(&b, "%s %s%s", orderNames[order], routeTypeNames[r.Type], r.Destination)
	if r.From.IsValid() {
		fmt.Fprintf(&b, " from %s", r.From)
	}
	if r.TOS != 0 {
		fmt.Fprintf(&b, " tos %d", r.TOS)
	}
	if r.Source.IsValid() {
		fmt.Fprintf(&b, " src %s", r.Source)
	}
	b.WriteString(hopText(&r.Hop))
	if r.Table != 0 {
		fmt.Fprintf(&b, " table %d", r.Table)
	}
	fmt.Fprintf(&b, " proto %d", r.Protocol)
	if r.Scope != 0 {
		fmt.Fprintf(&b, " scope %d", r.Scope)
	}
	if r.Metric != nil {
		fmt.Fprintf(&b, " metric %d", *r.Metric)
	}
	for _, m := range r.Metrics {
		fmt.Fprintf(&b, " %s%s %d", metricNames[m.Number], choose(m.Locked, " lock", ""), m.Value)
	}
	for i := range r.NextHops {
		h := &r.NextHops[i]
		b.WriteString(" nexthop" + hopText(h))
		if h.Weight > 1 {
			fmt.Fprintf(&b, " weight %d", h.Weight)
		}
	}
	if line.NoTrack {
		b.WriteString(" no_track")
	}
	return b.String()
}

// hopText is " via inet ADDRESS dev NAME onlink", "" for nothing.
func hopText(h *iproute.NextHop) string {
	text := ""
	if h.Via.IsValid() {
		text += " via " + choose(h.Via.Is4(), "inet ", "inet6 ") + h.Via.String()
	}
	if h.Dev != "" {
		text += " dev " + h.Dev
	}
	if h.OnLink {
		text += " onlink"
	}
	return text
}

var ruleActionNames = map[iproute.RuleAction]string{
	iproute.RuleNop: " type nop", iproute.RuleBlackhole: " type blackhole",
	iproute.RuleUnreachable: " type unreachable", iproute.RuleProhibit: " type prohibit",
}

// ruleText is "from 10.9.0.100 priority 1000 tos 0x0 protocol 18 lookup 100".
func ruleText(line *config.Rule, names Names) string {
	r, err := iproute.ParseRule(line.Words, known(names))
	if err != nil {
		return strings.Join(line.Words, " ")
	}
	var b strings.Builder
	if r.Not {
		b.WriteString("not ")
	}
	b.WriteString("from ")
	b.WriteString(allOr(r.From))
	if r.To.IsValid() {
		fmt.Fprintf(&b, " to %s", allOr(r.To))
	}
	if r.Priority != nil {
		fmt.Fprintf(&b, " priority %d", *r.Priority)
	}
	if r.Mark != nil {
		fmt.Fprintf(&b, " fwmark 0x%x", *r.Mark)
		if r.MarkMask != nil {
			fmt.Fprintf(&b, "/0x%x", *r.MarkMask)
		}
	}
	if r.Input != "" {
		fmt.Fprintf(&b, " iif %s", r.Input)
	}
	if r.Output != "" {
		fmt.Fprintf(&b, " oif %s", r.Output)
	}
	fmt.Fprintf(&b, " tos 0x%x protocol %d", r.TOS, r.Protocol)
	switch r.Action {
	case iproute.RuleTable:
		fmt.Fprintf(&b, " lookup %d", r.Table)
	case iproute.RuleGoto:
		fmt.Fprintf(&b, " goto %d", r.Goto)
	case iproute.RuleNop, iproute.RuleBlackhole, iproute.RuleUnreachable, iproute.RuleProhibit:
		b.WriteString(ruleActionNames[r.Action])
	}
	if line.NoTrack {
		b.WriteString(" no_track")
	}
	return b.String()
}

func allOr(p netip.Prefix) string {
	if !p.IsValid() {
		return "all"
	}
	return prefixText(p)
}

// scriptText is the words of a command in single quotes.
func scriptText(s *config.Script) string {
	if s.ReadFile != "" {
		return "'<" + s.ReadFile + "'"
	}
	words := slices.Clone(s.Args)
	if len(words) > 0 && strings.Contains(words[0], "/") {
		words[0] = path.Clean(words[0])
	}
	return "'" + strings.Join(words, "' '") + "'"
}
