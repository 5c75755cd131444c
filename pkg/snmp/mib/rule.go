package mib

import (
	"net/netip"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// ruleRow is one virtual rule.
type ruleRow struct {
	iproute.Rule
	set bool
}

// newRuleRow reads a line, which was checked with the configuration. A
// preference that the daemon has chosen is shown as if it were written.
func newRuleRow(v *View, c *config.Rule, set bool) ruleRow {
	rule, err := iproute.ParseRule(c.Words, v.Names)
	if err != nil {
		rule = iproute.Rule{} // a name was taken out of iproute2's tables
	}
	if rule.Priority == nil {
		if n, ok := v.VRRP.RulePreferences[c]; ok {
			rule.Priority = &n
		}
	}
	return ruleRow{rule, set}
}

const ruleIndex = "vrrpRuleIndex"

var word32 = plain("Unsigned32 (0..4294967295)", agentx.KindGauge32)

// only reads a prefix in the columns of one direction.
func only(p netip.Prefix, read func(netip.Prefix) Value) Value {
	if !p.IsValid() {
		return none
	}
	return read(p)
}

func prefixType(p netip.Prefix) Value { return addressType(p.Addr()) }

// first is the selector that the four obsolete columns show.
func (r *ruleRow) first() netip.Prefix {
	if r.From.IsValid() {
		return r.From
	}
	return r.To
}

func (r *ruleRow) direction() Value {
	switch {
	case r.From.IsValid():
		return agentx.Text("from")
	case r.To.IsValid():
		return agentx.Text("to")
	}
	return none
}

// tableNumber is the table of a rule that looks one up.
func (r *ruleRow) tableNumber() Value {
	if r.Action != iproute.RuleTable || r.L3MDev {
		return none
	}
	return gauge(r.Table)
}

func port(p *iproute.Range16, last bool) Value {
	switch {
	case p == nil:
		return none
	case last:
		return gauge(p.Last)
	}
	return gauge(p.First)
}

func (r *ruleRow) mask() Value {
	switch {
	case r.MarkMask != nil:
		return gauge(*r.MarkMask)
	case r.Mark != nil:
		return gauge(^uint32(0))
	}
	return none
}

func ruleTable() *Table[ruleRow] {
	return &Table[ruleRow]{
		Name: "vrrpRuleTable", OID: vrrpOID.Append(8), Doc: "The virtual rules of the instances.", Index: []string{instanceIndex, ruleIndex},
		Rows: func(v *View) (rows []Row[ruleRow]) {
			for i, r := range instances(v) {
				list := make([]ruleRow, 0, len(r.Config.Rules))
				for j, c := range r.Config.Rules {
					list = append(list, newRuleRow(v, c, at(r.RulesSet, j)))
				}
				rows = append(rows, numbered(OID{uint32(i + 1)}, list)...)
			}
			return rows
		},
		Columns: []Column[ruleRow]{
			{Number: 1, Name: ruleIndex, Syntax: plain("Unsigned32 (1..4294967295)", agentx.KindGauge32), Doc: "Position of the rule."},
			{Number: 2, Name: "vrrpRuleDirection", Syntax: displayString, Doc: "Selector that the next three objects show: from or to.", Status: "obsolete", Read: (*ruleRow).direction},
			{Number: 3, Name: "vrrpRuleAddressType", Syntax: inetType, Doc: "Type of its address.", Status: "obsolete", Read: func(r *ruleRow) Value { return only(r.first(), prefixType) }},
			{Number: 4, Name: "vrrpRuleAddress", Syntax: inetAddress, Doc: "Its address.", Status: "obsolete", Read: func(r *ruleRow) Value { return only(r.first(), prefixAddress) }},
			{Number: 5, Name: "vrrpRuleAddressMask", Syntax: prefixLength, Doc: "Length of its prefix.", Status: "obsolete", Read: func(r *ruleRow) Value { return only(r.first(), prefixBits) }},
			{Number: 6, Name: "vrrpRuleRoutingTable", Syntax: unsigned32, Doc: "Routing table that is looked up.", Read: (*ruleRow).tableNumber},
			{Number: 7, Name: "vrrpRuleStatus", Syntax: setUnset, Doc: "Whether the rule is on this node.", Read: func(r *ruleRow) Value { return yes(r.set) }},
			{Number: 8, Name: "vrrpRuleInvert", Syntax: truth, Doc: "Whether the rule matches all but what it selects.", Read: func(r *ruleRow) Value { return yes(r.Not) }},
			{Number: 9, Name: "vrrpRuleDestinationAddressType", Syntax: inetType, Doc: "Type of the destination.", Read: func(r *ruleRow) Value { return only(r.To, prefixType) }},
			{Number: 10, Name: "vrrpRuleDestinationAddress", Syntax: inetAddress, Doc: "Destination.", Read: func(r *ruleRow) Value { return only(r.To, prefixAddress) }},
			{Number: 11, Name: "vrrpRuleDestinationAddressMask", Syntax: prefixLength, Doc: "Length of its prefix.", Read: func(r *ruleRow) Value { return only(r.To, prefixBits) }},
			{Number: 12, Name: "vrrpRuleSourceAddressType", Syntax: inetType, Doc: "Type of the source.", Read: func(r *ruleRow) Value { return only(r.From, prefixType) }},
			{Number: 13, Name: "vrrpRuleSourceAddress", Syntax: inetAddress, Doc: "Source.", Read: func(r *ruleRow) Value { return only(r.From, prefixAddress) }},
			{Number: 14, Name: "vrrpRuleSourceAddressMask", Syntax: prefixLength, Doc: "Length of its prefix.", Read: func(r *ruleRow) Value { return only(r.From, prefixBits) }},
			{Number: 15, Name: "vrrpRuleTos", Syntax: octet, Doc: "Type of service, 0 for any.", Read: func(r *ruleRow) Value { return gauge(r.TOS) }},
			{Number: 16, Name: "vrrpRuleFwmark", Syntax: word32, Doc: "Firewall mark.", Read: func(r *ruleRow) Value { return optional(r.Mark) }},
			{Number: 17, Name: "vrrpRuleFwmask", Syntax: word32, Doc: "Bits of the firewall mark that count.", Read: (*ruleRow).mask},
			{Number: 18, Name: "vrrpRuleRealmDst", Syntax: realm, Doc: "Realm of the destination.", Read: func(r *ruleRow) Value { return realmOf(r.Realms, 0) }},
			{Number: 19, Name: "vrrpRuleRealmSrc", Syntax: realm, Doc: "Realm of the source.", Read: func(r *ruleRow) Value { return realmOf(r.Realms, 16) }},
			{Number: 20, Name: "vrrpRuleInInterface", Syntax: displayString, Doc: "Interface that packets come from.", Read: func(r *ruleRow) Value { return text(r.Input) }},
			{Number: 21, Name: "vrrpRuleOutInterface", Syntax: displayString, Doc: "Interface that packets go to.", Read: func(r *ruleRow) Value { return text(r.Output) }},
			{Number: 22, Name: "vrrpRuleTarget", Syntax: word32, Doc: "Preference of the rule to go on with.", Read: func(r *ruleRow) Value {
				if r.Action != iproute.RuleGoto {
					return none
				}
				return gauge(r.Goto)
			}},
			{Number: 23, Name: "vrrpRuleAction", Syntax: ruleAction, Doc: "What is done.", Read: func(r *ruleRow) Value { return integer(r.Action) }},
			{Number: 24, Name: "vrrpRuleTableNo", Syntax: unsigned32, Doc: "Routing table that is looked up.", Read: (*ruleRow).tableNumber},
			{Number: 25, Name: "vrrpRulePreference", Syntax: unsigned32, Doc: "Preference.", Read: func(r *ruleRow) Value { return optional(r.Priority) }},
			{Number: 26, Name: "vrrpRuleSuppressPrefixLen", Syntax: plain("Unsigned32 (0..128)", agentx.KindGauge32), Doc: "Routes with a prefix up to this length are left out.", Read: func(r *ruleRow) Value { return optional(r.SuppressPrefixLength) }},
			{Number: 27, Name: "vrrpRuleSuppressGroup", Syntax: displayString, Doc: "Routes with an interface of this group are left out.", Read: func(r *ruleRow) Value {
				if r.SuppressGroup == nil {
					return none
				}
				return agentx.Text(strconv.FormatUint(uint64(*r.SuppressGroup), 10))
			}},
			{Number: 28, Name: "vrrpRuleTunnelIdHigh", Syntax: unsigned32, Doc: "Upper half of the tunnel id.", Read: func(r *ruleRow) Value { return tunnelID(r, 32) }},
			{Number: 29, Name: "vrrpRuleTunnelIdLow", Syntax: unsigned32, Doc: "Lower half of the tunnel id.", Read: func(r *ruleRow) Value { return tunnelID(r, 0) }},
			{Number: 30, Name: "vrrpRuleUidRangeStart", Syntax: unsigned32, Doc: "First user.", Read: func(r *ruleRow) Value {
				if r.UIDs == nil {
					return none
				}
				return gauge(r.UIDs.First)
			}},
			{Number: 31, Name: "vrrpRuleUidRangeEnd", Syntax: unsigned32, Doc: "Last user.", Read: func(r *ruleRow) Value {
				if r.UIDs == nil {
					return none
				}
				return gauge(r.UIDs.Last)
			}},
			{Number: 32, Name: "vrrpRuleL3mdev", Syntax: truth, Doc: "Whether the table of the VRF is looked up.", Read: func(r *ruleRow) Value {
				if !r.L3MDev {
					return none
				}
				return yes(true)
			}},
			{Number: 33, Name: "vrrpRuleProtocol", Syntax: routeProto, Doc: "Protocol that set the rule, if it is not ours.", Read: func(r *ruleRow) Value {
				if r.Protocol == iproute.ProtocolKeepalived {
					return none
				}
				return integer(int(r.Protocol) + 1)
			}},
			{Number: 34, Name: "vrrpRuleIPProto", Syntax: unsigned32, Doc: "Protocol of the packets.", Read: func(r *ruleRow) Value {
				if r.IPProtocol == 0 {
					return none
				}
				return gauge(r.IPProtocol)
			}},
			{Number: 35, Name: "vrrpRuleSrcPortStart", Syntax: unsigned32, Doc: "First source port.", Read: func(r *ruleRow) Value { return port(r.SourcePort, false) }},
			{Number: 36, Name: "vrrpRuleSrcPortEnd", Syntax: unsigned32, Doc: "Last source port.", Read: func(r *ruleRow) Value { return port(r.SourcePort, true) }},
			{Number: 37, Name: "vrrpRuleDstPortStart", Syntax: unsigned32, Doc: "First destination port.", Read: func(r *ruleRow) Value { return port(r.DestinationPort, false) }},
			{Number: 38, Name: "vrrpRuleDstPortEnd", Syntax: unsigned32, Doc: "Last destination port.", Read: func(r *ruleRow) Value { return port(r.DestinationPort, true) }},
		},
	}
}

func tunnelID(r *ruleRow, shift uint) Value {
	if r.TunnelID == nil {
		return none
	}
	return gauge(*r.TunnelID >> shift & (1<<32 - 1))
}
