package mib

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// routeRow is one virtual route.
type routeRow struct {
	iproute.Route
	view *View
	set  bool
}

// routesOf reads the lines of an instance, which were checked with the
// configuration.
func routesOf(r *instanceRow) []routeRow {
	list := make([]routeRow, 0, len(r.Config.Routes))
	for i, c := range r.Config.Routes {
		route, err := iproute.ParseRoute(c.Words, r.view.Names)
		if err != nil {
			route = iproute.Route{} // a name was taken out of iproute2's tables
		}
		list = append(list, routeRow{route, r.view, at(r.RoutesSet, i)})
	}
	return list
}

// tableMain is the routing table main.
const tableMain = 254

// routeTypes are the values of RouteType by RTN_*.
var routeTypes = map[uint8]int{1: 1, 3: 6, 4: 4, 5: 5, 6: 3, 7: 7, 8: 8, 9: 9, 10: 10, 11: 11}

func (r *routeRow) typeValue() Value {
	if len(r.NextHops) > 0 {
		return agentx.Integer(2) // ecmp
	}
	if n, ok := routeTypes[r.Type]; ok {
		return integer(n)
	}
	return none
}

// metric finds a metric.
func (r *routeRow) metric(number uint8) *iproute.Metric {
	i := slices.IndexFunc(r.Metrics, func(m iproute.Metric) bool { return m.Number == number })
	if i < 0 {
		return nil
	}
	return &r.Metrics[i]
}

func metricValue(number uint8, scale uint32) func(*routeRow) Value {
	return func(r *routeRow) Value {
		if m := r.metric(number); m != nil {
			return gauge(m.Value / scale)
		}
		return none
	}
}

func metricLock(number uint8) func(*routeRow) Value {
	return func(r *routeRow) Value {
		if m := r.metric(number); m != nil {
			return yes(m.Locked)
		}
		return none
	}
}

func metricFlag(number uint8, bits uint32) func(*routeRow) Value {
	return func(r *routeRow) Value {
		m := r.metric(number)
		return yes(m != nil && m.Value&bits != 0)
	}
}

// realmOf is one half of a pair of realms.
func realmOf(realms uint32, shift uint) Value {
	if n := realms >> shift & 0xffff; n != 0 {
		return gauge(n)
	}
	return none
}

// encapValue reads a field of an encapsulation.
func encapValue(e *iproute.Encap, read func(*iproute.Encap) Value) Value {
	if e == nil {
		return none
	}
	return read(e)
}

// encapColumns are the columns of an encapsulation; of gives it for a row.
func encapColumns[R any](first uint32, prefix string, of func(*R) *iproute.Encap) []Column[R] {
	field := func(n uint32, name string, s Syntax, doc string, read func(*iproute.Encap) Value) Column[R] {
		return Column[R]{Number: first + n, Name: prefix + name, Syntax: s, Doc: doc, Read: func(r *R) Value { return encapValue(of(r), read) }}
	}
	return []Column[R]{
		field(0, "EncapType", encapType, "Kind of the lightweight tunnel.", func(e *iproute.Encap) Value { return integer(int(e.Kind)) }),
		field(1, "EncapMplsLabels", displayString, "MPLS labels, outermost first, with slashes between.", func(e *iproute.Encap) Value {
			labels := make([]string, len(e.Labels))
			for i, n := range e.Labels {
				labels[i] = strconv.FormatUint(uint64(n), 10)
			}
			return text(strings.Join(labels, "/"))
		}),
		field(2, "EncapId", counter64, "Tunnel id.", func(e *iproute.Encap) Value {
			if e.ID == nil {
				return none
			}
			return agentx.Counter64(*e.ID)
		}),
		field(3, "EncapDstAddress", inetAddress, "Outer destination address.", func(e *iproute.Encap) Value { return address(e.Destination) }),
		field(4, "EncapSrcAddress", inetAddress, "Outer source address.", func(e *iproute.Encap) Value { return address(e.Source) }),
		field(5, "EncapTOS", octet, "Outer type of service or traffic class.", func(e *iproute.Encap) Value { return optional(e.TOS) }),
		field(6, "EncapTTL", plain("Unsigned32 (1..255)", agentx.KindGauge32), "Outer time to live or hop limit.", func(e *iproute.Encap) Value { return optional(e.TTL) }),
		field(7, "EncapFlags", unsigned32, "Flags of the tunnel.", func(e *iproute.Encap) Value { return optional(e.Flags) }),
		field(8, "EncapIlaLocator", counter64, "Locator of an ILA tunnel.", func(e *iproute.Encap) Value {
			if e.Kind != iproute.EncapILA {
				return none
			}
			return agentx.Counter64(e.Locator)
		}),
	}
}

const routeIndex = "vrrpRouteIndex"

// routeRows are the virtual routes of all instances.
func routeRows(v *View) (rows []Row[routeRow]) {
	for i, r := range instances(v) {
		rows = append(rows, numbered(OID{uint32(i + 1)}, routesOf(&r))...)
	}
	return rows
}

func routeTable() *Table[routeRow] {
	return &Table[routeRow]{
		Name: "vrrpRouteTable", OID: vrrpOID.Append(7), Doc: "The virtual routes of the instances.", Index: []string{instanceIndex, routeIndex},
		Rows: routeRows,
		Columns: slices.Concat([]Column[routeRow]{
			position[routeRow](1, routeIndex, "Position of the route."),
			{Number: 2, Name: "vrrpRouteAddressType", Syntax: inetType, Doc: "Type of the addresses in this row.", Read: func(r *routeRow) Value { return familyType(r.Family) }},
			{Number: 3, Name: "vrrpRouteDestination", Syntax: inetAddress, Doc: "Destination.", Read: func(r *routeRow) Value { return prefixAddress(r.Destination) }},
			{Number: 4, Name: "vrrpRouteDestinationMask", Syntax: prefixLength, Doc: "Length of its prefix.", Read: func(r *routeRow) Value { return prefixBits(r.Destination) }},
			{Number: 5, Name: "vrrpRouteGateway", Syntax: inetAddress, Doc: "Gateway.", Read: func(r *routeRow) Value { return address(r.Hop.Via) }},
			{Number: 6, Name: "vrrpRouteSecondaryGateway", Syntax: inetAddress, Doc: "Second gateway of the old syntax; never there.", Read: func(*routeRow) Value { return none }},
			{Number: 7, Name: "vrrpRouteSource", Syntax: inetAddress, Doc: "Preferred source address.", Read: func(r *routeRow) Value { return address(r.Source) }},
			{Number: 8, Name: "vrrpRouteMetric", Syntax: unsigned32, Doc: "Metric, 0 for that of the kernel.", Read: func(r *routeRow) Value {
				if r.Metric == nil {
					return gauge(0)
				}
				return gauge(*r.Metric)
			}},
			{Number: 9, Name: "vrrpRouteScope", Syntax: inetScope, Doc: "Scope.", Read: func(r *routeRow) Value { return scope(r.Scope) }},
			{Number: 10, Name: "vrrpRouteType", Syntax: routeType, Doc: "Type of the route.", Read: func(r *routeRow) Value { return r.typeValue() }},
			{Number: 11, Name: "vrrpRouteIfIndex", Syntax: ifIndex, Doc: "Number of the interface.", Read: func(r *routeRow) Value { return r.view.indexOf(r.Hop.Dev) }},
			{Number: 12, Name: "vrrpRouteIfName", Syntax: displayString, Doc: "Name of the interface.", Read: func(r *routeRow) Value { return text(r.Hop.Dev) }},
			{Number: 13, Name: "vrrpRouteRoutingTable", Syntax: unsigned32, Doc: "Number of the routing table.", Read: func(r *routeRow) Value {
				if r.Table == 0 {
					return gauge(tableMain)
				}
				return gauge(r.Table)
			}},
			{Number: 14, Name: "vrrpRouteStatus", Syntax: setUnset, Doc: "Whether the route is on this node.", Read: func(r *routeRow) Value { return yes(r.set) }},
			{Number: 15, Name: "vrrpRouteFromAddress", Syntax: inetAddress, Doc: "Source of the packets, IPv6 only.", Read: func(r *routeRow) Value { return prefixAddress(r.From) }},
			{Number: 16, Name: "vrrpRouteFromAddressMask", Syntax: prefixLength, Doc: "Length of its prefix.", Read: func(r *routeRow) Value { return prefixBits(r.From) }},
			{Number: 17, Name: "vrrpRouteTos", Syntax: octet, Doc: "Type of service.", Read: func(r *routeRow) Value {
				if r.TOS == 0 {
					return none
				}
				return gauge(r.TOS)
			}},
			{Number: 18, Name: "vrrpRouteProtocol", Syntax: routeProto, Doc: "Protocol that set the route, one above the number of the kernel.", Read: func(r *routeRow) Value { return integer(int(r.Protocol) + 1) }},
			{Number: 19, Name: "vrrpRouteECN", Syntax: truth, Doc: "Whether ECN is used.", Read: metricFlag(iproute.MetricFeatures, 1)},
			{Number: 20, Name: "vrrpRouteQuickAck", Syntax: truth, Doc: "Whether acknowledgements are sent at once.", Read: metricFlag(iproute.MetricQuickAck, ^uint32(0))},
			{Number: 21, Name: "vrrpRouteExpires", Syntax: plain("Integer32 (1..2147483647)", agentx.KindInteger), Doc: "Lifetime in seconds.", Read: func(r *routeRow) Value {
				if r.Expires == nil {
					return none
				}
				return integer(int64(*r.Expires))
			}},
			{Number: 22, Name: "vrrpRouteMTU", Syntax: unsigned32, Doc: "MTU.", Read: metricValue(iproute.MetricMTU, 1)},
			{Number: 23, Name: "vrrpRouteMTULock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricMTU)},
			{Number: 24, Name: "vrrpRouteHopLimit", Syntax: plain("Unsigned32 (1..256)", agentx.KindGauge32), Doc: "Hop limit.", Read: metricValue(iproute.MetricHopLimit, 1)},
			{Number: 25, Name: "vrrpRouteAdvmss", Syntax: unsigned32, Doc: "MSS that is advertised.", Read: metricValue(iproute.MetricAdvMSS, 1)},
			{Number: 26, Name: "vrrpRouteAdvmssLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricAdvMSS)},
			{Number: 27, Name: "vrrpRouteRTT", Syntax: plain("Unsigned32 (1..536870)", agentx.KindGauge32), Doc: "Round trip time in milliseconds.", Read: metricValue(iproute.MetricRTT, 8)},
			{Number: 28, Name: "vrrpRouteRTTLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricRTT)},
			{Number: 29, Name: "vrrpRouteRTTvar", Syntax: plain("Unsigned32 (1..1073741)", agentx.KindGauge32), Doc: "Variance of the round trip time in milliseconds.", Read: metricValue(iproute.MetricRTTVar, 4)},
			{Number: 30, Name: "vrrpRouteRTTvarLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricRTTVar)},
			{Number: 31, Name: "vrrpRouteReordering", Syntax: unsigned32, Doc: "Reordering that is expected.", Read: metricValue(iproute.MetricReordering, 1)},
			{Number: 32, Name: "vrrpRouteReorderingLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricReordering)},
			{Number: 33, Name: "vrrpRouteWindow", Syntax: unsigned32, Doc: "Greatest window.", Read: metricValue(iproute.MetricWindow, 1)},
			{Number: 34, Name: "vrrpRouteCwnd", Syntax: unsigned32, Doc: "Clamp of the congestion window.", Read: metricValue(iproute.MetricCwnd, 1)},
			{Number: 35, Name: "vrrpRouteCwndLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricCwnd)},
			{Number: 36, Name: "vrrpRouteSSthresh", Syntax: unsigned32, Doc: "Slow start threshold.", Read: metricValue(iproute.MetricSSThresh, 1)},
			{Number: 37, Name: "vrrpRouteSSthreshLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricSSThresh)},
			{Number: 38, Name: "vrrpRouteRTOMin", Syntax: unsigned32, Doc: "Least retransmission timeout in milliseconds.", Read: metricValue(iproute.MetricRTOMin, 1)},
			{Number: 39, Name: "vrrpRouteRTOMinLock", Syntax: truth, Doc: "Whether it is fixed.", Read: metricLock(iproute.MetricRTOMin)},
			{Number: 40, Name: "vrrpRouteInitCwnd", Syntax: unsigned32, Doc: "First congestion window.", Read: metricValue(iproute.MetricInitCwnd, 1)},
			{Number: 41, Name: "vrrpRouteInitRwnd", Syntax: unsigned32, Doc: "First receive window.", Read: metricValue(iproute.MetricInitRwnd, 1)},
			{Number: 42, Name: "vrrpRouteCongCtl", Syntax: displayString, Doc: "Congestion control.", Read: func(r *routeRow) Value { return text(r.CongestionControl) }},
			{Number: 43, Name: "vrrpRoutePref", Syntax: prefType, Doc: "Preference, IPv6 only.", Read: preference},
			{Number: 44, Name: "vrrpRouteRealmDst", Syntax: realm, Doc: "Realm of the destination.", Read: func(r *routeRow) Value { return realmOf(r.Hop.Realms, 0) }},
			{Number: 45, Name: "vrrpRouteRealmSrc", Syntax: realm, Doc: "Realm of the source.", Read: func(r *routeRow) Value { return realmOf(r.Hop.Realms, 16) }},
		}, encapColumns(46, "vrrpRoute", func(r *routeRow) *iproute.Encap { return r.Hop.Encap }), []Column[routeRow]{
			{Number: 55, Name: "vrrpRouteFastOpenNoCookie", Syntax: truth, Doc: "Whether TCP fast open needs no cookie.", Read: func(r *routeRow) Value {
				if r.metric(iproute.MetricFastOpenNoCookie) == nil {
					return none
				}
				return metricFlag(iproute.MetricFastOpenNoCookie, ^uint32(0))(r)
			}},
		}),
	}
}

// preference turns ICMPV6_ROUTER_PREF_* into a PrefType.
func preference(r *routeRow) Value {
	if r.Preference == nil {
		return none
	}
	switch *r.Preference {
	case 3:
		return agentx.Integer(1)
	case 1:
		return agentx.Integer(3)
	}
	return agentx.Integer(2)
}

// hopRow is one way out of a route with several.
type hopRow struct {
	iproute.NextHop
	view   *View
	family config.Family
}

const hopIndex = "vrrpRouteNextHopIndex"

func nextHopTable() *Table[hopRow] {
	return &Table[hopRow]{
		Name: "vrrpRouteNextHopTable", OID: vrrpOID.Append(11), Doc: "The next hops of virtual routes with several.", Index: []string{instanceIndex, routeIndex, hopIndex},
		Rows: func(v *View) (rows []Row[hopRow]) {
			for _, route := range routeRows(v) {
				list := make([]hopRow, 0, len(route.Data.NextHops))
				for _, h := range route.Data.NextHops {
					list = append(list, hopRow{h, v, route.Data.Family})
				}
				rows = append(rows, numbered(route.Index, list)...)
			}
			return rows
		},
		Columns: slices.Concat([]Column[hopRow]{
			position[hopRow](1, hopIndex, "Position of the next hop."),
			{Number: 2, Name: "vrrpRouteNextHopAddressType", Syntax: inetType, Doc: "Type of the address.", Read: func(h *hopRow) Value {
				if h.Via.IsValid() {
					return addressType(h.Via)
				}
				return familyType(h.family)
			}},
			{Number: 3, Name: "vrrpRouteNextHopAddress", Syntax: inetAddress, Doc: "Gateway.", Read: func(h *hopRow) Value { return address(h.Via) }},
			{Number: 4, Name: "vrrpRouteNextHopIfIndex", Syntax: ifIndex, Doc: "Number of the interface.", Read: func(h *hopRow) Value { return h.view.indexOf(h.Dev) }},
			{Number: 5, Name: "vrrpRouteNextHopIfName", Syntax: displayString, Doc: "Name of the interface.", Read: func(h *hopRow) Value { return text(h.Dev) }},
			{Number: 6, Name: "vrrpRouteNextHopWeight", Syntax: plain("Unsigned32 (1..256)", agentx.KindGauge32), Doc: "Weight, if one is given.", Read: func(h *hopRow) Value {
				if h.Weight <= 1 {
					return none
				}
				return gauge(h.Weight)
			}},
			{Number: 7, Name: "vrrpRouteNextHopOnlink", Syntax: truth, Doc: "Whether the gateway counts as on the link.", Read: func(h *hopRow) Value { return yes(h.OnLink) }},
			{Number: 8, Name: "vrrpRouteNextHopRealmDst", Syntax: realm, Doc: "Realm of the destination.", Read: func(h *hopRow) Value { return realmOf(h.Realms, 0) }},
			{Number: 9, Name: "vrrpRouteNextHopRealmSrc", Syntax: realm, Doc: "Realm of the source.", Read: func(h *hopRow) Value { return realmOf(h.Realms, 16) }},
		}, encapColumns(10, "vrrpRouteNextHop", func(h *hopRow) *iproute.Encap { return h.Encap })),
	}
}
