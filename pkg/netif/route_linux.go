package netif

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Attributes that golang.org/x/sys/unix lacks (linux/lwtunnel.h,
// linux/mpls_iptunnel.h, linux/ila.h).
const (
	lwtunnelID    = 1
	lwtunnelDst   = 2
	lwtunnelSrc   = 3
	lwtunnelTTL   = 4
	lwtunnelTOS   = 5
	lwtunnelFlags = 6
	mplsDst       = 1
	ilaLocator    = 1
)

// AddRoute adds a route. One that is there already is a success: it is ours
// from then on.
func (k *Kernel) AddRoute(r *iproute.Route, find LinkFinder) error {
	flags := unix.NLM_F_CREATE
	switch r.Order {
	case iproute.Add:
		flags |= unix.NLM_F_EXCL
	case iproute.Append:
		flags |= unix.NLM_F_APPEND
	case iproute.Prepend:
	}
	req, err := routeRequest(unix.RTM_NEWROUTE, flags, r, find)
	if err != nil {
		return err
	}
	if r.Expires != nil {
		req.AddData(nl.NewRtAttr(unix.RTA_EXPIRES, nl.Uint32Attr(*r.Expires)))
	}
	if r.Preference != nil {
		req.AddData(nl.NewRtAttr(unix.RTA_PREF, []byte{*r.Preference}))
	}
	if r.TTLPropagate != nil {
		on := byte(0)
		if *r.TTLPropagate {
			on = 1
		}
		req.AddData(nl.NewRtAttr(unix.RTA_TTL_PROPAGATE, []byte{on}))
	}
	if metrics := encodeMetrics(r); metrics != nil {
		req.AddData(metrics)
	}
	return ignore(k.conn.do(req), unix.EEXIST)
}

// DeleteRoute removes a route. One that is not there is unix.ESRCH, as the
// kernel says it.
func (k *Kernel) DeleteRoute(r *iproute.Route, find LinkFinder) error {
	req, err := routeRequest(unix.RTM_DELROUTE, 0, r, find)
	if err != nil {
		return err
	}
	return k.conn.do(req)
}

// routeRequest has what makes a route the one it is: destination, table,
// metric and ways out.
func routeRequest(typ, flags int, r *iproute.Route, find LinkFinder) (*nl.NetlinkRequest, error) {
	req := nl.NewNetlinkRequest(typ, flags)
	table := tableOf(r, find)
	msg := &nl.RtMsg{RtMsg: unix.RtMsg{
		Family:   familyNumber(r.Family),
		Dst_len:  uint8(r.Destination.Bits()),
		Tos:      r.TOS,
		Protocol: r.Protocol,
		Scope:    r.Scope,
		Type:     r.Type,
	}}
	if table < 256 {
		msg.Table = uint8(table)
	}
	if r.From.IsValid() {
		msg.Src_len = uint8(r.From.Bits())
	}
	if r.Hop.OnLink {
		msg.Flags |= unix.RTNH_F_ONLINK
	}
	req.AddData(msg)
	add := func(typ int, data []byte) { req.AddData(nl.NewRtAttr(typ, data)) }
	if r.Destination.Bits() > 0 {
		add(unix.RTA_DST, r.Destination.Addr().AsSlice())
	}
	if r.From.IsValid() {
		add(unix.RTA_SRC, r.From.Addr().AsSlice())
	}
	if msg.Table == 0 {
		add(unix.RTA_TABLE, nl.Uint32Attr(table))
	}
	if r.Source.IsValid() {
		add(unix.RTA_PREFSRC, r.Source.AsSlice())
	}
	if r.Metric != nil {
		add(unix.RTA_PRIORITY, nl.Uint32Attr(*r.Metric))
	}
	if r.Hop.Dev != "" {
		index, err := indexOf(r.Hop.Dev, find)
		if err != nil {
			return nil, err
		}
		add(unix.RTA_OIF, nl.Uint32Attr(uint32(index)))
	}
	for _, a := range hopAttributes(&r.Hop, r.Family) {
		req.AddData(a)
	}
	if len(r.NextHops) > 0 {
		b, err := encodeNextHops(r, find)
		if err != nil {
			return nil, err
		}
		add(unix.RTA_MULTIPATH, b)
	}
	return req, nil
}

func familyNumber(f config.Family) uint8 {
	if f == config.IPv6 {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

func indexOf(name string, find LinkFinder) (int, error) {
	if link := find(name); link != nil {
		return link.Index, nil
	}
	return 0, fmt.Errorf("interface %s: %w", name, unix.ENODEV)
}

// hopAttributes are those of a way out except its interface.
func hopAttributes(h *iproute.NextHop, f config.Family) []*nl.RtAttr {
	var out []*nl.RtAttr
	switch {
	case !h.Via.IsValid():
	case config.FamilyOf(h.Via) == f:
		out = append(out, nl.NewRtAttr(unix.RTA_GATEWAY, h.Via.AsSlice()))
	default:
		// struct rtvia
		via := binary.NativeEndian.AppendUint16(nil, uint16(familyNumber(config.FamilyOf(h.Via))))
		out = append(out, nl.NewRtAttr(unix.RTA_VIA, append(via, h.Via.AsSlice()...)))
	}
	if h.Realms != 0 {
		out = append(out, nl.NewRtAttr(unix.RTA_FLOW, nl.Uint32Attr(h.Realms)))
	}
	if h.Encap != nil {
		out = append(out,
			nl.NewRtAttr(unix.RTA_ENCAP_TYPE, nl.Uint16Attr(uint16(h.Encap.Kind))),
			encodeEncap(h.Encap))
	}
	return out
}

// encodeNextHops is a row of struct rtnexthop, each with its attributes.
func encodeNextHops(r *iproute.Route, find LinkFinder) ([]byte, error) {
	var out []byte
	for i := range r.NextHops {
		h := &r.NextHops[i]
		hop := make([]byte, unix.SizeofRtNexthop)
		if h.OnLink {
			hop[2] = unix.RTNH_F_ONLINK
		}
		hop[3] = uint8(max(h.Weight, 1) - 1)
		if h.Dev != "" {
			index, err := indexOf(h.Dev, find)
			if err != nil {
				return nil, err
			}
			binary.NativeEndian.PutUint32(hop[4:], uint32(index))
		}
		for _, a := range hopAttributes(h, r.Family) {
			hop = append(hop, a.Serialize()...)
		}
		binary.NativeEndian.PutUint16(hop, uint16(len(hop)))
		out = append(out, hop...)
	}
	return out, nil
}

func encodeEncap(e *iproute.Encap) *nl.RtAttr {
	out := nl.NewRtAttr(unix.RTA_ENCAP|unix.NLA_F_NESTED, nil)
	switch e.Kind {
	case iproute.EncapMPLS:
		var stack []byte
		for i, label := range e.Labels {
			entry := label << 12
			if i == len(e.Labels)-1 {
				entry |= 1 << 8 // bottom of the stack
			}
			stack = binary.BigEndian.AppendUint32(stack, entry)
		}
		out.AddRtAttr(mplsDst, stack)
	case iproute.EncapILA:
		out.AddRtAttr(ilaLocator, binary.BigEndian.AppendUint64(nil, e.Locator))
	case iproute.EncapIP, iproute.EncapIP6:
		if e.ID != nil {
			out.AddRtAttr(lwtunnelID, binary.BigEndian.AppendUint64(nil, *e.ID))
		}
		if e.Destination.IsValid() {
			out.AddRtAttr(lwtunnelDst, e.Destination.AsSlice())
		}
		if e.Source.IsValid() {
			out.AddRtAttr(lwtunnelSrc, e.Source.AsSlice())
		}
		if e.TTL != nil {
			out.AddRtAttr(lwtunnelTTL, []byte{*e.TTL})
		}
		if e.TOS != nil {
			out.AddRtAttr(lwtunnelTOS, []byte{*e.TOS})
		}
		if e.Flags != nil {
			out.AddRtAttr(lwtunnelFlags, binary.BigEndian.AppendUint16(nil, *e.Flags))
		}
	}
	return out
}

// encodeMetrics is RTA_METRICS, nil when the line has none.
func encodeMetrics(r *iproute.Route) *nl.RtAttr {
	if len(r.Metrics) == 0 && r.CongestionControl == "" {
		return nil
	}
	out := nl.NewRtAttr(unix.RTA_METRICS, nil)
	var locked uint32
	for _, m := range r.Metrics {
		if m.Locked {
			locked |= 1 << m.Number
		}
		out.AddRtAttr(int(m.Number), nl.Uint32Attr(m.Value))
	}
	if r.CongestionControl != "" {
		out.AddRtAttr(iproute.MetricCongestion, nl.ZeroTerminated(r.CongestionControl))
		if r.CongestionLock {
			locked |= 1 << iproute.MetricCongestion
		}
	}
	if locked != 0 {
		out.AddRtAttr(iproute.MetricLock, nl.Uint32Attr(locked))
	}
	return out
}

// Routes lists the routes of one family with one protocol (RTPROT_*).
func (k *Kernel) Routes(f config.Family, protocol uint8) ([]InstalledRoute, error) {
	// With strict checking the kernel filters by protocol itself (4.20): a
	// full table need not come here.
	_ = unix.SetsockoptInt(k.conn.fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	defer unix.SetsockoptInt(k.conn.fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 0)
	var list []InstalledRoute
	err := k.conn.dump(
		func() *nl.NetlinkRequest {
			req := nl.NewNetlinkRequest(unix.RTM_GETROUTE, 0)
			req.AddData(&nl.RtMsg{RtMsg: unix.RtMsg{Family: familyNumber(f), Protocol: protocol}})
			return req
		},
		func() { list = list[:0] },
		func(typ uint16, data []byte) {
			if r, ok := parseRoute(data); ok && typ == unix.RTM_NEWROUTE && r.Protocol == protocol {
				list = append(list, r)
			}
		})
	return list, err
}

// parseRoute reads the body of an RTM_NEWROUTE or RTM_DELROUTE message.
func parseRoute(data []byte) (InstalledRoute, bool) {
	if len(data) < unix.SizeofRtMsg {
		return InstalledRoute{}, false
	}
	r := InstalledRoute{
		TOS:      data[3],
		Table:    uint32(data[4]),
		Protocol: data[5],
		Type:     data[7],
	}
	any := netip.IPv4Unspecified()
	switch data[0] {
	case unix.AF_INET:
		r.Family = config.IPv4
	case unix.AF_INET6:
		r.Family, any = config.IPv6, netip.IPv6Unspecified()
	default:
		return InstalledRoute{}, false
	}
	if binary.NativeEndian.Uint32(data[8:12])&unix.RTM_F_CLONED != 0 {
		return InstalledRoute{}, false
	}
	dst, src := any, any
	var single InstalledHop
	for typ, value := range attributes(data[unix.SizeofRtMsg:]) {
		switch typ {
		case unix.RTA_DST:
			dst = attrAddr(value)
		case unix.RTA_SRC:
			src = attrAddr(value)
		case unix.RTA_TABLE:
			r.Table = attrUint32(value)
		case unix.RTA_PRIORITY:
			r.Metric = attrUint32(value)
		case unix.RTA_OIF:
			single.Index = int(attrUint32(value))
		case unix.RTA_GATEWAY, unix.RTA_VIA:
			single.Via = gateway(typ, value)
		case unix.RTA_MULTIPATH:
			r.Hops = parseNextHops(value)
		}
	}
	if len(r.Hops) == 0 {
		r.Hops = []InstalledHop{single}
	}
	if int(data[1]) > any.BitLen() || int(data[2]) > any.BitLen() || dst.BitLen() != any.BitLen() || src.BitLen() != any.BitLen() {
		return InstalledRoute{}, false
	}
	r.Destination = netip.PrefixFrom(dst, int(data[1]))
	if data[2] > 0 {
		r.From = netip.PrefixFrom(src, int(data[2]))
	}
	return r, true
}

func gateway(typ uint16, value []byte) netip.Addr {
	if typ == unix.RTA_VIA {
		value = value[min(2, len(value)):]
	}
	return attrAddr(value)
}

func parseNextHops(b []byte) []InstalledHop {
	var out []InstalledHop
	for len(b) >= unix.SizeofRtNexthop {
		size := int(binary.NativeEndian.Uint16(b))
		if size < unix.SizeofRtNexthop || size > len(b) {
			break
		}
		hop := InstalledHop{Index: int(int32(binary.NativeEndian.Uint32(b[4:])))}
		for typ, value := range attributes(b[unix.SizeofRtNexthop:size]) {
			if typ == unix.RTA_GATEWAY || typ == unix.RTA_VIA {
				hop.Via = gateway(typ, value)
			}
		}
		out = append(out, hop)
		b = b[min(align4(size), len(b)):]
	}
	return out
}
