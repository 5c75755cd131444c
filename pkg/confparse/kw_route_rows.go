package confparse

// The words of a route and of a rule, for the reference.

func routeRows(static bool) specRows {
	return rowsWith(routeRowList, static, "needs dev", "Instances that go to FAULT if the route is lost.")
}

func ruleRows(static bool) specRows {
	return rowsWith(ruleRowList, static, "needs dev or iif", "Instances that go to FAULT if the rule is lost.")
}

// rowsWith adds what only static items have.
func rowsWith(list specRows, static bool, needs, doc string) specRows {
	if !static {
		return list
	}
	return append(list[:len(list):len(list)], Spec{Keyword: "track_group", Meta: Meta{
		Args: "<GROUP>", Range: needs, Default: "none", Repeat: RepeatFirst, Process: ProcVRRP, Doc: doc,
	}})
}

// routeKeywords and ruleKeywords are what a wrong word may have been meant
// to be.
var routeKeywords, ruleKeywords = wordsOf(routeRowList), wordsOf(ruleRowList)

func wordsOf(rows specRows) []string {
	var out []string
	for _, r := range rows {
		if r.Keyword[0] != '/' && r.Keyword[0] != '<' && r.Keyword[0] != '[' {
			out = append(out, r.Keyword)
		}
	}
	return out
}

var routeRowList = specRows{
	{Keyword: "[to] <DEST>[/<PREFIX>]", Meta: Meta{Range: "address, default, any, all; default6 old for inet6 default", Process: ProcVRRP, Doc: "Destination."}},
	{Keyword: "<TYPE>", Meta: Meta{Args: "<DEST>", Range: "unicast local broadcast brd anycast multicast blackhole unreachable prohibit throw nat xresolve or 0-255", Default: "unicast", Process: ProcVRRP, Doc: "Route type in front of the destination."}},
	{Keyword: "inet", Meta: Meta{Default: "family of addresses, else IPv4", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Force IPv4."}},
	{Keyword: "inet6", Meta: Meta{Default: "family of addresses, else IPv4", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Force IPv6."}},
	{Keyword: "src", Meta: Meta{Args: "<IP>", Default: "none", Process: ProcVRRP, Doc: "Preferred source address."}},
	{Keyword: "as", Meta: Meta{Args: "[to] <IP>", Repeat: RepeatOnce, Status: StatusNoEffect, Process: ProcVRRP, Doc: "Refused."}},
	{Keyword: "via", Meta: Meta{Args: "[inet|inet6] <IP>", Default: "none", Process: ProcVRRP, Doc: "Gateway."}},
	{Keyword: "gw", Meta: Meta{Args: "[inet|inet6] <IP>", Default: "none", Alias: "via", Deprecated: "write via", Process: ProcVRRP, Doc: "Gateway."}},
	{Keyword: "or", Meta: Meta{Args: "<IP>", Default: "none", Repeat: RepeatFirst, Deprecated: "write nexthop", Process: ProcVRRP, Doc: "Second gateway."}},
	{Keyword: "from", Meta: Meta{Args: "<IP>[/<PREFIX>]", Range: "IPv6 only", Default: "none", Process: ProcVRRP, Doc: "Source prefix."}},
	{Keyword: "tos", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "0", Process: ProcVRRP, Doc: "TOS."}},
	{Keyword: "dsfield", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "0", Alias: "tos", Process: ProcVRRP, Doc: "Same as tos."}},
	{Keyword: "table", Meta: Meta{Args: "<TABLE>", Range: "0-4294967295 or rt_tables name", Default: "main", Process: ProcVRRP, Doc: "Routing table."}},
	{Keyword: "protocol", Meta: Meta{Args: "<PROTO>", Range: "0-255 or rt_protos name", Default: "keepalived (18)", Process: ProcVRRP, Doc: "Route protocol."}},
	{Keyword: "scope", Meta: Meta{Args: "<SCOPE>", Range: "0-255 or rt_scopes name", Default: "global", Process: ProcVRRP, Doc: "Scope."}},
	{Keyword: "metric", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Metric."}},
	{Keyword: "priority", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Alias: "metric", Process: ProcVRRP, Doc: "Same as metric."}},
	{Keyword: "preference", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Alias: "metric", Process: ProcVRRP, Doc: "Same as metric."}},
	{Keyword: "dev", Meta: Meta{Args: "<IFNAME>", Default: "none", Process: ProcVRRP, Doc: "Output interface."}},
	{Keyword: "oif", Meta: Meta{Args: "<IFNAME>", Default: "none", Alias: "dev", Process: ProcVRRP, Doc: "Same as dev."}},
	{Keyword: "onlink", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Gateway is on the link."}},
	{Keyword: "encap", Meta: Meta{Args: "ip|ip6|mpls|ila ...", Range: "see encap rows", Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Lightweight tunnel."}},
	{Keyword: "expires", Meta: Meta{Args: "<SECS>", Range: "0-4294967295 s; IPv6 only", Default: "never", Process: ProcVRRP, Doc: "Lifetime."}},
	{Keyword: "mtu", Meta: Meta{Args: "[lock] <N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "MTU metric."}},
	{Keyword: "hoplimit", Meta: Meta{Args: "<N>", Range: "0-255", Default: "none", Process: ProcVRRP, Doc: "Hop limit metric."}},
	{Keyword: "advmss", Meta: Meta{Args: "[lock] <N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "MSS metric."}},
	{Keyword: "rtt", Meta: Meta{Args: "[lock] <TIME>", Range: "0.2-120 s; unit s, sec, secs, ms; bare number in 1/8 ms", Default: "none", Process: ProcVRRP, Doc: "RTT metric."}},
	{Keyword: "rttvar", Meta: Meta{Args: "[lock] <TIME>", Range: "0.2-120 s; bare number in 1/4 ms", Default: "none", Process: ProcVRRP, Doc: "RTT variance metric."}},
	{Keyword: "reordering", Meta: Meta{Args: "[lock] <N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Reordering metric."}},
	{Keyword: "window", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Window metric."}},
	{Keyword: "cwnd", Meta: Meta{Args: "[lock] <N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Cwnd metric."}},
	{Keyword: "ssthresh", Meta: Meta{Args: "[lock] <N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Ssthresh metric."}},
	{Keyword: "realms", Meta: Meta{Args: "[<SRC>/]<DST>", Range: "0-255 or rt_realms name; IPv4 only", Default: "none", Process: ProcVRRP, Doc: "Realms."}},
	{Keyword: "rto_min", Meta: Meta{Args: "[lock] <TIME>", Range: "0.2-120 s; bare number in ms", Default: "none", Process: ProcVRRP, Doc: "Rto_min metric."}},
	{Keyword: "initcwnd", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Initcwnd metric."}},
	{Keyword: "initrwnd", Meta: Meta{Args: "<N>", Range: "0-4294967295", Default: "none", Process: ProcVRRP, Doc: "Initrwnd metric."}},
	{Keyword: "features", Meta: Meta{Args: "ecn", Default: "none", Repeat: RepeatMerge, Process: ProcVRRP, Doc: "Feature flag."}},
	{Keyword: "quickack", Meta: Meta{Args: "0|1", Default: "none", Process: ProcVRRP, Doc: "Quickack metric."}},
	{Keyword: "congctl", Meta: Meta{Args: "[lock] <NAME>", Default: "none", Process: ProcVRRP, Doc: "Congestion control."}},
	{Keyword: "pref", Meta: Meta{Args: "low|medium|high|<N>", Range: "0-255; IPv6 only", Default: "none", Process: ProcVRRP, Doc: "Router preference."}},
	{Keyword: "ttl-propagate", Meta: Meta{Args: "enabled|disabled", Default: "none", Process: ProcVRRP, Doc: "MPLS TTL propagation."}},
	{Keyword: "fastopen_no_cookie", Meta: Meta{Args: "0|1", Default: "none", Process: ProcVRRP, Doc: "TCP fast open without cookie."}},
	{Keyword: "add", Meta: Meta{Default: "prepend", Process: ProcVRRP, Doc: "Fail if a matching route exists."}},
	{Keyword: "prepend", Meta: Meta{Default: "prepend", Process: ProcVRRP, Doc: "Add before matching routes."}},
	{Keyword: "append", Meta: Meta{Default: "prepend", Process: ProcVRRP, Doc: "Add after matching routes."}},
	{Keyword: "nexthop", Meta: Meta{Args: "via <IP> [dev <IFNAME>] [weight <N>] ...", Range: "last on the line", Default: "none", Repeat: RepeatList, Process: ProcVRRP, Doc: "Multipath next hop."}},
	{Keyword: "no_track", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Do not restore or react when the route is deleted."}},
	{Keyword: "vrf", Meta: Meta{Args: "<IFNAME>", Range: "existing VRF", Default: "none", Process: ProcVRRP, Doc: "Use the VRF's table."}},
	{Keyword: "/encap ip", Meta: Meta{Args: "[id <N>] [dst <IP>] [src <IP>] [tos <N>] [ttl <N>] [flags <N>]", Range: "needs dst or id", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "IPv4 tunnel."}},
	{Keyword: "/encap ip6", Meta: Meta{Args: "[id <N>] [dst <IP>] [src <IP>] [tc <N>] [hoplimit <N>] [flags <N>]", Range: "needs dst or id", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "IPv6 tunnel."}},
	{Keyword: "/encap mpls", Meta: Meta{Args: "<LABEL>[/<LABEL>]...", Range: "20-bit labels", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "MPLS labels."}},
	{Keyword: "/encap ila", Meta: Meta{Args: "<LOCATOR>", Range: "four 16-bit hex groups", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "ILA locator."}},
	{Keyword: "/encap id", Meta: Meta{Args: "<N>", Range: "0-18446744073709551615", Default: "none", Process: ProcVRRP, Doc: "Tunnel id (ip, ip6)."}},
	{Keyword: "/encap dst", Meta: Meta{Args: "<IP>", Range: "family of the type", Default: "none", Process: ProcVRRP, Doc: "Tunnel destination (ip, ip6)."}},
	{Keyword: "/encap src", Meta: Meta{Args: "<IP>", Range: "family of the type", Default: "none", Process: ProcVRRP, Doc: "Tunnel source (ip, ip6)."}},
	{Keyword: "/encap tos", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "none", Process: ProcVRRP, Doc: "TOS (ip)."}},
	{Keyword: "/encap tc", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "none", Process: ProcVRRP, Doc: "Traffic class (ip6)."}},
	{Keyword: "/encap ttl", Meta: Meta{Args: "<N>", Range: "0-255", Default: "none", Process: ProcVRRP, Doc: "TTL (ip)."}},
	{Keyword: "/encap hoplimit", Meta: Meta{Args: "<N>", Range: "0-255", Default: "none", Process: ProcVRRP, Doc: "Hop limit (ip6)."}},
	{Keyword: "/encap flags", Meta: Meta{Args: "<N>", Range: "0-65535", Default: "none", Process: ProcVRRP, Doc: "Flags (ip, ip6)."}},
	{Keyword: "/nexthop via", Meta: Meta{Args: "[inet|inet6] <IP>", Range: "family of the route", Default: "none", Process: ProcVRRP, Doc: "Gateway."}},
	{Keyword: "/nexthop dev", Meta: Meta{Args: "<IFNAME>", Default: "none", Process: ProcVRRP, Doc: "Interface."}},
	{Keyword: "/nexthop weight", Meta: Meta{Args: "<N>", Range: "1-256", Default: "1", Process: ProcVRRP, Doc: "Weight."}},
	{Keyword: "/nexthop onlink", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Gateway is on the link."}},
	{Keyword: "/nexthop encap", Meta: Meta{Args: "ip|ip6|mpls|ila ...", Range: "as in the route", Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Lightweight tunnel."}},
	{Keyword: "/nexthop realms", Meta: Meta{Args: "[<SRC>/]<DST>", Range: "IPv4 only", Default: "none", Process: ProcVRRP, Doc: "Realms."}},
	{Keyword: "/nexthop as", Meta: Meta{Args: "[to] <IP>", Repeat: RepeatOnce, Status: StatusNoEffect, Process: ProcVRRP, Doc: "Refused."}},
}

var ruleRowList = specRows{
	{Keyword: "inet", Meta: Meta{Default: "family of addresses, else IPv4", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Force IPv4."}},
	{Keyword: "inet6", Meta: Meta{Default: "family of addresses, else IPv4", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Force IPv6."}},
	{Keyword: "from", Meta: Meta{Args: "<IP>[/<PREFIX>]", Range: "or default, any, all", Default: "any", Process: ProcVRRP, Doc: "Source selector."}},
	{Keyword: "to", Meta: Meta{Args: "<IP>[/<PREFIX>]", Range: "or default, any, all", Default: "any", Process: ProcVRRP, Doc: "Destination selector."}},
	{Keyword: "table", Meta: Meta{Args: "<TABLE>", Range: "1-4294967295 or rt_tables name", Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: look up in this table."}},
	{Keyword: "lookup", Meta: Meta{Args: "<TABLE>", Range: "1-4294967295 or rt_tables name", Default: "none", Repeat: RepeatOnce, Alias: "table", Process: ProcVRRP, Doc: "Same as table."}},
	{Keyword: "not", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Invert the match."}},
	{Keyword: "preference", Meta: Meta{Args: "<N>", Range: "0-4294967295, base 0 (0x, 0 octal)", Default: "16384 counting down, with a config error message", Process: ProcVRRP, Doc: "Rule priority."}},
	{Keyword: "order", Meta: Meta{Args: "<N>", Range: "0-4294967295, base 0", Default: "as preference", Alias: "preference", Process: ProcVRRP, Doc: "Same as preference."}},
	{Keyword: "priority", Meta: Meta{Args: "<N>", Range: "0-4294967295, base 0", Default: "as preference", Alias: "preference", Process: ProcVRRP, Doc: "Same as preference."}},
	{Keyword: "tos", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "0", Process: ProcVRRP, Doc: "TOS selector."}},
	{Keyword: "dsfield", Meta: Meta{Args: "<N>", Range: "0-255 or rt_dsfield name", Default: "0", Alias: "tos", Process: ProcVRRP, Doc: "Same as tos."}},
	{Keyword: "fwmark", Meta: Meta{Args: "<N>[/<MASK>]", Range: "0-4294967295 each, base 0", Default: "none", Process: ProcVRRP, Doc: "Mark selector."}},
	{Keyword: "realms", Meta: Meta{Args: "[<SRC>/]<DST>", Range: "0-255 or rt_realms name; IPv4 and table only", Default: "none", Process: ProcVRRP, Doc: "Realms."}},
	{Keyword: "suppress_prefixlength", Meta: Meta{Args: "<N>", Range: "0-2147483647; table only", Default: "none", Process: ProcVRRP, Doc: "Ignore routes with at most this prefix length."}},
	{Keyword: "sup_pl", Meta: Meta{Args: "<N>", Range: "as suppress_prefixlength", Default: "none", Alias: "suppress_prefixlength", Process: ProcVRRP, Doc: "Same as suppress_prefixlength."}},
	{Keyword: "suppress_ifgroup", Meta: Meta{Args: "<GROUP>", Range: "0-2147483647 or name; table only", Default: "none", Process: ProcVRRP, Doc: "Ignore routes through this link group."}},
	{Keyword: "sup_group", Meta: Meta{Args: "<GROUP>", Range: "as suppress_ifgroup", Default: "none", Alias: "suppress_ifgroup", Process: ProcVRRP, Doc: "Same as suppress_ifgroup."}},
	{Keyword: "dev", Meta: Meta{Args: "<IFNAME>", Default: "none", Alias: "iif", Process: ProcVRRP, Doc: "Input interface."}},
	{Keyword: "iif", Meta: Meta{Args: "<IFNAME>", Default: "none", Process: ProcVRRP, Doc: "Input interface."}},
	{Keyword: "oif", Meta: Meta{Args: "<IFNAME>", Default: "none", Process: ProcVRRP, Doc: "Output interface."}},
	{Keyword: "tunnel-id", Meta: Meta{Args: "<N>", Range: "0-18446744073709551615", Default: "none", Process: ProcVRRP, Doc: "Tunnel id selector."}},
	{Keyword: "uidrange", Meta: Meta{Args: "<N>-<N>", Default: "none", Process: ProcVRRP, Doc: "User id selector."}},
	{Keyword: "l3mdev", Meta: Meta{Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: table of the l3 master device."}},
	{Keyword: "protocol", Meta: Meta{Args: "<N>", Range: "0-255, number only", Default: "keepalived (18)", Process: ProcVRRP, Doc: "Rule protocol."}},
	{Keyword: "ipproto", Meta: Meta{Args: "<PROTO>", Range: "0-255 or protocol name", Default: "any", Process: ProcVRRP, Doc: "IP protocol selector."}},
	{Keyword: "sport", Meta: Meta{Args: "<N>-<N>", Range: "0-65535 each", Default: "any", Process: ProcVRRP, Doc: "Source port range."}},
	{Keyword: "dport", Meta: Meta{Args: "<N>-<N>", Range: "0-65535 each", Default: "any", Process: ProcVRRP, Doc: "Destination port range."}},
	{Keyword: "no_track", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Do not restore or react when the rule is deleted."}},
	{Keyword: "type", Meta: Meta{Args: "<ACTION>", Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Optional word in front of goto, nop or a type."}},
	{Keyword: "goto", Meta: Meta{Args: "<N>", Range: "0-4294967295, above preference", Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: jump to a rule."}},
	{Keyword: "nop", Meta: Meta{Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: nothing."}},
	{Keyword: "blackhole", Meta: Meta{Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: drop."}},
	{Keyword: "unreachable", Meta: Meta{Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: unreachable."}},
	{Keyword: "prohibit", Meta: Meta{Default: "none", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Action: prohibited."}},
	{Keyword: "<UNKNOWN>", Meta: Meta{Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Any other word, other route types included."}},
}
