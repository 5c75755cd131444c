package netif

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// ruleInvert is FIB_RULE_INVERT (linux/fib_rules.h).
const ruleInvert = 2

// AddRule adds a rule. One that is there already is a success: it is ours
// from then on.
func (k *Kernel) AddRule(r *iproute.Rule) error {
	// Without NLM_F_EXCL the kernel takes the same rule twice.
	return ignore(k.conn.do(ruleRequest(unix.RTM_NEWRULE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, r)), unix.EEXIST)
}

// DeleteRule removes a rule. One that is not there is unix.ENOENT, as the
// kernel says it.
func (k *Kernel) DeleteRule(r *iproute.Rule) error {
	return k.conn.do(ruleRequest(unix.RTM_DELRULE, 0, r))
}

// ruleRequest is struct fib_rule_hdr, which has the layout of struct rtmsg,
// with everything the line says.
func ruleRequest(typ, flags int, r *iproute.Rule) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(typ, flags)
	msg := &nl.RtMsg{RtMsg: unix.RtMsg{
		Family: familyNumber(r.Family),
		Tos:    r.TOS,
		Type:   uint8(r.Action),
	}}
	if r.Table < 256 {
		msg.Table = uint8(r.Table)
	}
	if r.Not {
		msg.Flags |= ruleInvert
	}
	add := func(typ int, data []byte) { req.AddData(nl.NewRtAttr(typ, data)) }
	req.AddData(msg)
	if r.From.IsValid() {
		msg.Src_len = uint8(r.From.Bits())
		add(unix.FRA_SRC, r.From.Addr().AsSlice())
	}
	if r.To.IsValid() {
		msg.Dst_len = uint8(r.To.Bits())
		add(unix.FRA_DST, r.To.Addr().AsSlice())
	}
	if r.Priority != nil {
		add(unix.FRA_PRIORITY, nl.Uint32Attr(*r.Priority))
	}
	add(unix.FRA_PROTOCOL, []byte{r.Protocol})
	if r.Mark != nil {
		add(unix.FRA_FWMARK, nl.Uint32Attr(*r.Mark))
	}
	if r.MarkMask != nil {
		add(unix.FRA_FWMASK, nl.Uint32Attr(*r.MarkMask))
	}
	if r.Input != "" {
		add(unix.FRA_IIFNAME, nl.ZeroTerminated(r.Input))
	}
	if r.Output != "" {
		add(unix.FRA_OIFNAME, nl.ZeroTerminated(r.Output))
	}
	if r.TunnelID != nil {
		add(unix.FRA_TUN_ID, binary.BigEndian.AppendUint64(nil, *r.TunnelID))
	}
	if r.UIDs != nil {
		add(unix.FRA_UID_RANGE, append(nl.Uint32Attr(r.UIDs.First), nl.Uint32Attr(r.UIDs.Last)...))
	}
	if r.IPProtocol != 0 {
		add(unix.FRA_IP_PROTO, []byte{r.IPProtocol})
	}
	for _, p := range []struct {
		typ   int
		ports *iproute.Range16
	}{{unix.FRA_SPORT_RANGE, r.SourcePort}, {unix.FRA_DPORT_RANGE, r.DestinationPort}} {
		if p.ports != nil {
			add(p.typ, append(nl.Uint16Attr(p.ports.First), nl.Uint16Attr(p.ports.Last)...))
		}
	}
	if r.Table >= 256 {
		add(unix.FRA_TABLE, nl.Uint32Attr(r.Table))
	}
	if r.Action == iproute.RuleGoto {
		add(unix.FRA_GOTO, nl.Uint32Attr(r.Goto))
	}
	if r.L3MDev {
		add(unix.FRA_L3MDEV, []byte{1})
	}
	if r.Realms != 0 {
		add(unix.FRA_FLOW, nl.Uint32Attr(r.Realms))
	}
	if r.SuppressPrefixLength != nil {
		add(unix.FRA_SUPPRESS_PREFIXLEN, nl.Uint32Attr(*r.SuppressPrefixLength))
	}
	if r.SuppressGroup != nil {
		add(unix.FRA_SUPPRESS_IFGROUP, nl.Uint32Attr(*r.SuppressGroup))
	}
	return req
}

// Rules lists the rules of one family.
func (k *Kernel) Rules(f config.Family) ([]InstalledRule, error) {
	var list []InstalledRule
	err := k.conn.dump(
		func() *nl.NetlinkRequest {
			req := nl.NewNetlinkRequest(unix.RTM_GETRULE, 0)
			req.AddData(&nl.RtMsg{RtMsg: unix.RtMsg{Family: familyNumber(f)}})
			return req
		},
		func() { list = list[:0] },
		func(typ uint16, data []byte) {
			if r, ok := parseRule(data); ok && typ == unix.RTM_NEWRULE {
				list = append(list, r)
			}
		})
	return list, err
}

// parseRule reads the body of an RTM_NEWRULE or RTM_DELRULE message.
func parseRule(data []byte) (InstalledRule, bool) {
	if len(data) < unix.SizeofRtMsg {
		return InstalledRule{}, false
	}
	r := InstalledRule{
		TOS:    data[3],
		Table:  uint32(data[4]),
		Action: data[7],
		Not:    binary.NativeEndian.Uint32(data[8:12])&ruleInvert != 0,
	}
	switch data[0] {
	case unix.AF_INET:
		r.Family = config.IPv4
	case unix.AF_INET6:
		r.Family = config.IPv6
	default:
		return InstalledRule{}, false
	}
	for typ, value := range attributes(data[unix.SizeofRtMsg:]) {
		switch typ {
		case unix.FRA_SRC:
			r.From = rulePrefix(value, data[2])
		case unix.FRA_DST:
			r.To = rulePrefix(value, data[1])
		case unix.FRA_PRIORITY:
			r.Priority = attrUint32(value)
		case unix.FRA_TABLE:
			r.Table = attrUint32(value)
		case unix.FRA_FWMARK:
			r.Mark = attrUint32(value)
		case unix.FRA_FWMASK:
			r.MarkMask = attrUint32(value)
		case unix.FRA_IIFNAME:
			r.Input = attrString(value)
		case unix.FRA_OIFNAME:
			r.Output = attrString(value)
		case unix.FRA_GOTO:
			r.Goto = attrUint32(value)
		case unix.FRA_PROTOCOL:
			r.Protocol, r.ProtocolReported = attrUint8(value), true
		}
	}
	return r, true
}

// rulePrefix is invalid when the length does not fit the address.
func rulePrefix(value []byte, bits uint8) netip.Prefix {
	return netip.PrefixFrom(attrAddr(value), int(bits))
}
