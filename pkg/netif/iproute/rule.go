package iproute

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Rule is one line of virtual_rules or static_rules.
type Rule struct {
	Family config.Family
	// From and To are invalid for "all".
	From, To netip.Prefix
	// Not inverts the match.
	Not bool
	TOS uint8
	// Mark is nil for none; MarkMask is nil for all bits.
	Mark, MarkMask *uint32
	// Input and Output are interfaces, "" for any.
	Input, Output string
	TunnelID      *uint64
	UIDs          *Range32
	// IPProtocol is 0 for any.
	IPProtocol                  uint8
	SourcePort, DestinationPort *Range16

	Action RuleAction
	Table  uint32
	Goto   uint32
	L3MDev bool
	Realms uint32
	// SuppressPrefixLength and SuppressGroup are nil for none.
	SuppressPrefixLength, SuppressGroup *uint32

	// Priority is nil when the line has none.
	Priority *uint32
	Protocol uint8
}

// RuleAction is FR_ACT_*.
type RuleAction uint8

// Actions of rules.
const (
	RuleTable       RuleAction = 1
	RuleGoto        RuleAction = 2
	RuleNop         RuleAction = 3
	RuleBlackhole   RuleAction = 6
	RuleUnreachable RuleAction = 7
	RuleProhibit    RuleAction = 8
)

// Range16 and Range32 include both ends.
type Range16 struct{ First, Last uint16 }
type Range32 struct{ First, Last uint32 }

type ruleReader struct {
	words
	rule   Rule
	family family
	acts   bool
}

// ParseRule reads the words of a rule line. no_track and track_group are not
// part of them.
func ParseRule(line []string, names Names) (Rule, error) {
	r := ruleReader{words: words{list: line, names: names}, rule: Rule{Protocol: ProtocolKeepalived}}
	for r.more() {
		word, _ := r.next("rule")
		if err := r.option(word); err != nil {
			return Rule{}, err
		}
	}
	if r.family == family(config.FamilyNone) {
		r.family = family(config.IPv4)
	}
	r.rule.Family = config.Family(r.family)
	rule := &r.rule
	switch {
	case !r.acts:
		return Rule{}, fmt.Errorf("rule without an action")
	case rule.Action == RuleGoto && rule.Priority == nil:
		return Rule{}, fmt.Errorf("goto: needs a preference")
	case rule.Action == RuleGoto && rule.Goto <= *rule.Priority:
		return Rule{}, fmt.Errorf("goto: %d is not above the rule's own preference", rule.Goto)
	case rule.Action != RuleTable && (rule.Realms != 0 || rule.SuppressPrefixLength != nil || rule.SuppressGroup != nil):
		return Rule{}, fmt.Errorf("realms and suppress options need a table")
	}
	return *rule, nil
}

// act sets the one action of a rule.
func (r *ruleReader) act(word string, a RuleAction) error {
	if r.acts {
		return fmt.Errorf("%s: a second action", word)
	}
	r.acts = true
	r.rule.Action = a
	return nil
}

// option reads what follows one word.
func (r *ruleReader) option(word string) error {
	rule := &r.rule
	var err error
	switch word {
	case "inet", "inet6":
		return r.family.want(word, familyWord(word))
	case "from":
		rule.From, err = r.selector(word)
	case "to":
		rule.To, err = r.selector(word)
	case "not":
		rule.Not = true
	case "preference", "order", "priority":
		rule.Priority, err = r.pointer32(word)
	case "tos", "dsfield":
		err = assign(&rule.TOS, r.names8(word, DSFields))
	case "fwmark":
		err = r.mark()
	case "dev", "iif":
		rule.Input, err = r.next(word)
	case "oif":
		rule.Output, err = r.next(word)
	case "tunnel-id":
		var n uint64
		n, err = r.number(word, 1<<64-1)
		rule.TunnelID = &n
	case "uidrange":
		var first, last uint32
		if first, last, err = r.span(word, max32); err == nil {
			rule.UIDs = &Range32{first, last}
		}
	case "sport":
		rule.SourcePort, err = r.ports(word)
	case "dport":
		rule.DestinationPort, err = r.ports(word)
	case "ipproto":
		err = r.ipProtocol()
	case "protocol":
		var n uint64
		n, err = r.number(word, 255)
		rule.Protocol = uint8(n)
	case "realms":
		if rule.Realms, err = r.realms(); err == nil {
			err = r.family.want(word, config.IPv4)
		}
	case "suppress_prefixlength", "sup_pl":
		var n uint64
		n, err = r.number(word, 1<<31-1)
		v := uint32(n)
		rule.SuppressPrefixLength = &v
	case "suppress_ifgroup", "sup_group":
		var n uint32
		n, err = r.named(word, Groups, 1<<31-1)
		rule.SuppressGroup = &n
	default:
		return r.action(word)
	}
	return err
}

// action reads what a rule does.
func (r *ruleReader) action(word string) error {
	var err error
	if word == "type" {
		if word, err = r.next(word); err != nil {
			return err
		}
	}
	switch word {
	case "table", "lookup":
		if r.rule.Table, err = r.named(word, Tables, max32); err == nil && r.rule.Table == 0 {
			err = fmt.Errorf("%s: table 0", word)
		}
		if err == nil {
			err = r.act(word, RuleTable)
		}
	case "l3mdev":
		r.rule.L3MDev = true
		err = r.act(word, RuleTable)
	case "goto":
		var n uint64
		if n, err = r.number(word, max32); err == nil {
			r.rule.Goto = uint32(n)
			err = r.act(word, RuleGoto)
		}
	case "nop":
		err = r.act(word, RuleNop)
	case "blackhole":
		err = r.act(word, RuleBlackhole)
	case "unreachable":
		err = r.act(word, RuleUnreachable)
	case "prohibit":
		err = r.act(word, RuleProhibit)
	default:
		err = fmt.Errorf("unknown option %q", word)
	}
	return err
}

// selector reads a prefix or a word for all, which gives an invalid one.
func (r *ruleReader) selector(keyword string) (netip.Prefix, error) {
	word, err := r.next(keyword)
	if err != nil || everything(word) {
		return netip.Prefix{}, err
	}
	p, err := parsePrefix(keyword, word)
	if err != nil {
		return p, err
	}
	return p, r.family.want(keyword, config.FamilyOf(p.Addr()))
}

func (r *ruleReader) mark() error {
	word, err := r.next("fwmark")
	if err != nil {
		return err
	}
	value, mask, masked := strings.Cut(word, "/")
	n, err := parseNumber("fwmark", value, max32)
	if err != nil {
		return err
	}
	v := uint32(n)
	r.rule.Mark = &v
	if masked {
		if n, err = parseNumber("fwmark", mask, max32); err != nil {
			return err
		}
		m := uint32(n)
		r.rule.MarkMask = &m
	}
	return nil
}

// span reads FIRST-LAST.
func (r *ruleReader) span(keyword string, limit uint64) (first, last uint32, err error) {
	word, err := r.next(keyword)
	if err != nil {
		return 0, 0, err
	}
	from, to, ok := strings.Cut(word, "-")
	a, errA := strconv.ParseUint(from, 0, 64)
	b, errB := strconv.ParseUint(to, 0, 64)
	if !ok || errA != nil || errB != nil || a > limit || b > limit || a > b {
		return 0, 0, fmt.Errorf("%s: %q is not FIRST-LAST", keyword, word)
	}
	return uint32(a), uint32(b), nil
}

func (r *ruleReader) ports(keyword string) (*Range16, error) {
	first, last, err := r.span(keyword, 65535)
	if err != nil {
		return nil, err
	}
	return &Range16{uint16(first), uint16(last)}, nil
}

// ipProtocols are the names of /etc/protocols that rules are written with.
var ipProtocols = map[string]uint8{
	"icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "egp": 8, "udp": 17, "dccp": 33, "ipv6": 41,
	"rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "ospf": 89,
	"ipip": 94, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132, "udplite": 136,
}

func (r *ruleReader) ipProtocol() error {
	word, err := r.next("ipproto")
	if err != nil {
		return err
	}
	if n, ok := ipProtocols[word]; ok {
		r.rule.IPProtocol = n
		return nil
	}
	n, err := parseNumber("ipproto", word, 255)
	r.rule.IPProtocol = uint8(n)
	return err
}
