package iproute

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Route is one line of virtual_routes or static_routes.
type Route struct {
	Family config.Family
	// Type is RTN_*, unicast by default.
	Type uint8
	// Destination matches everything for default; host bits are kept as
	// written.
	Destination netip.Prefix
	// From is the source prefix of an IPv6 route, invalid for none.
	From netip.Prefix
	TOS  uint8
	// Table is the number of the routing table, 0 for main, or for the one
	// of VRF if that is given.
	Table    uint32
	VRF      string
	Protocol uint8
	Scope    uint8
	// Source is the preferred source address, invalid for none.
	Source netip.Addr
	// Metric is nil for the kernel's default.
	Metric *uint32
	// Hop is where packets go when there are no NextHops.
	Hop      NextHop
	NextHops []NextHop
	// Expires is the lifetime in seconds, nil for ever; IPv6 only.
	Expires *uint32
	Metrics []Metric
	// CongestionControl is the name of an algorithm; CongestionLock fixes it.
	CongestionControl string
	CongestionLock    bool
	// Preference is ICMPV6_ROUTER_PREF_*, nil for none; IPv6 only.
	Preference *uint8
	// TTLPropagate is nil for the kernel's default.
	TTLPropagate *bool
	Order        Order
}

// Order says where a route goes among those that match the same packets.
type Order uint8

// Orders; Prepend is the default.
const (
	Prepend Order = iota
	Append
	Add // fail if there is one
)

// NextHop is one way out.
type NextHop struct {
	// Via is the gateway, of either family; invalid for a connected route.
	Via    netip.Addr
	Dev    string // "" lets the kernel find it
	OnLink bool
	// Weight is 1..256, only in NextHops.
	Weight uint16
	Realms uint32
	Encap  *Encap
}

// EncapKind is a lightweight tunnel; the numbers are LWTUNNEL_ENCAP_*.
type EncapKind uint16

// Kinds of lightweight tunnels.
const (
	EncapMPLS EncapKind = 1
	EncapIP   EncapKind = 2
	EncapILA  EncapKind = 3
	EncapIP6  EncapKind = 4
)

// Encap is the encapsulation of a route. Which fields count depends on Kind.
type Encap struct {
	Kind                EncapKind
	ID                  *uint64
	Source, Destination netip.Addr
	// TOS is the traffic class, TTL the hop limit of an outer IPv6 header.
	TOS, TTL *uint8
	Flags    *uint16
	// Labels of MPLS, 20 bits each, outermost first.
	Labels []uint32
	// Locator of ILA.
	Locator uint64
}

// Metric is one RTAX_* value of a route.
type Metric struct {
	// Number is RTAX_*.
	Number uint8
	Value  uint32
	Locked bool
}

// Numbers of metrics (linux/rtnetlink.h).
const (
	MetricLock             = 1
	MetricMTU              = 2
	MetricWindow           = 3
	MetricRTT              = 4
	MetricRTTVar           = 5
	MetricSSThresh         = 6
	MetricCwnd             = 7
	MetricAdvMSS           = 8
	MetricReordering       = 9
	MetricHopLimit         = 10
	MetricInitCwnd         = 11
	MetricFeatures         = 12
	MetricRTOMin           = 13
	MetricInitRwnd         = 14
	MetricQuickAck         = 15
	MetricCongestion       = 16
	MetricFastOpenNoCookie = 17
)

const featureECN = 1

// Types of routes (RTN_*).
var routeTypes = map[string]uint8{
	"unicast": 1, "local": 2, "broadcast": 3, "brd": 3, "anycast": 4, "multicast": 5,
	"blackhole": 6, "unreachable": 7, "prohibit": 8, "throw": 9, "nat": 10, "xresolve": 11,
}

// TypeUnicast is an ordinary route; Types above TypeMulticast have no way out.
const (
	TypeUnicast   = 1
	TypeMulticast = 5
)

// metricWord is a word that sets a metric to a number.
type metricWord struct {
	number uint8
	limit  uint64
	lock   bool // "lock" may stand before the number
}

const max32 = 1<<32 - 1

var metricWords = map[string]metricWord{
	"mtu":                {MetricMTU, max32, true},
	"hoplimit":           {MetricHopLimit, 255, false},
	"advmss":             {MetricAdvMSS, max32, true},
	"reordering":         {MetricReordering, max32, true},
	"window":             {MetricWindow, max32, false},
	"cwnd":               {MetricCwnd, max32, true},
	"ssthresh":           {MetricSSThresh, max32, true},
	"initcwnd":           {MetricInitCwnd, max32, false},
	"initrwnd":           {MetricInitRwnd, max32, false},
	"quickack":           {MetricQuickAck, 1, false},
	"fastopen_no_cookie": {MetricFastOpenNoCookie, 1, false},
}

// timeWords set a metric to a time; the kernel counts in 1/scale ms, and so
// does a number without a unit.
var timeWords = map[string]struct {
	number uint8
	scale  time.Duration
}{
	"rtt":     {MetricRTT, 8},
	"rttvar":  {MetricRTTVar, 4},
	"rto_min": {MetricRTOMin, 1},
}

// routeReader is a route with what is known while its line is read.
type routeReader struct {
	words
	route   Route
	family  family
	hasDest bool
	second  netip.Addr // of "or"
}

// ParseRoute reads the words of a route line. no_track and track_group are
// not part of them.
func ParseRoute(line []string, names Names) (Route, error) {
	r := routeReader{
		words: words{list: line, names: names},
		route: Route{Type: TypeUnicast, Protocol: ProtocolKeepalived},
	}
	for r.more() {
		word, _ := r.next("route")
		if err := r.option(word); err != nil {
			return Route{}, err
		}
	}
	return r.finish()
}

func (r *routeReader) finish() (Route, error) {
	if r.family == family(config.FamilyNone) {
		r.family = family(config.IPv4)
	}
	r.route.Family = config.Family(r.family)
	if !r.hasDest {
		return Route{}, fmt.Errorf("route without a destination")
	}
	if !r.route.Destination.IsValid() {
		r.route.Destination = allOf(r.route.Family)
	}
	if r.second.IsValid() {
		if len(r.route.NextHops) > 0 {
			return Route{}, fmt.Errorf("or: together with nexthop")
		}
		first := r.route.Hop
		first.Weight = 1
		other := NextHop{Via: r.second, Dev: first.Dev, OnLink: first.OnLink, Weight: 1}
		r.route.NextHops = []NextHop{first, other}
		r.route.Hop = NextHop{}
	}
	return r.route, nil
}

// option reads what follows one word.
func (r *routeReader) option(word string) error {
	if m, ok := metricWords[word]; ok {
		return r.metric(word, m)
	}
	if t, ok := timeWords[word]; ok {
		return r.time(word, t.number, t.scale)
	}
	route := &r.route
	var err error
	switch word {
	case "inet", "inet6":
		return r.family.want(word, familyWord(word))
	case "src":
		if route.Source, err = r.address(word); err == nil {
			err = r.family.want(word, config.FamilyOf(route.Source))
		}
	case "or":
		if r.second, err = r.address(word); err == nil {
			err = r.family.want(word, config.FamilyOf(r.second))
		}
	case "from":
		return r.from()
	case "tos", "dsfield":
		err = assign(&route.TOS, r.names8(word, DSFields))
	case "table":
		route.Table, err = r.named(word, Tables, max32)
	case "protocol":
		err = assign(&route.Protocol, r.names8(word, Protocols))
	case "scope":
		err = assign(&route.Scope, r.names8(word, Scopes))
	case "metric", "priority", "preference":
		route.Metric, err = r.pointer32(word)
	case "expires":
		if route.Expires, err = r.pointer32(word); err == nil {
			err = r.family.want(word, config.IPv6)
		}
	case "features":
		err = r.feature()
	case "congctl":
		route.CongestionLock = r.skip("lock")
		route.CongestionControl, err = r.next(word)
	case "pref":
		err = r.preference()
	case "ttl-propagate":
		var value string
		if value, err = r.next(word); err == nil {
			on := value == "enabled"
			route.TTLPropagate = &on
		}
	case "vrf":
		route.VRF, err = r.next(word)
	case "add":
		route.Order = Add
	case "prepend":
		route.Order = Prepend
	case "append":
		route.Order = Append
	case "nexthop":
		return r.nextHops()
	case "to":
		if word, err = r.next(word); err == nil {
			err = r.destination(word)
		}
	default:
		done, hopErr := r.hopOption(&route.Hop, word)
		if done || hopErr != nil {
			return hopErr
		}
		return r.destination(word)
	}
	return err
}

func familyWord(word string) config.Family {
	if word == "inet6" {
		return config.IPv6
	}
	return config.IPv4
}

// destination reads [TYPE] DEST[/LEN].
func (r *routeReader) destination(word string) error {
	if typ, ok := routeTypes[word]; ok {
		r.route.Type = typ
		var err error
		if word, err = r.next(word); err != nil {
			return err
		}
	}
	r.hasDest = true
	switch {
	case word == "default6":
		r.route.Destination = allOf(config.IPv6)
		return r.family.want(word, config.IPv6)
	case everything(word):
		r.route.Destination = netip.Prefix{}
		return nil
	}
	p, err := parsePrefix("destination", word)
	if err != nil {
		return err
	}
	r.route.Destination = p
	return r.family.want("destination", config.FamilyOf(p.Addr()))
}

func (r *routeReader) from() error {
	word, err := r.next("from")
	if err != nil {
		return err
	}
	if r.route.From, err = parsePrefix("from", word); err != nil {
		return err
	}
	if !r.route.From.Addr().Is6() {
		return fmt.Errorf("from: only IPv6 routes have a source prefix")
	}
	return r.family.want("from", config.IPv6)
}

// hopOption reads an option of a way out; false if word is none.
func (r *routeReader) hopOption(hop *NextHop, word string) (bool, error) {
	var err error
	switch word {
	case "via", "gw":
		var forced config.Family
		if f := r.peek(); f == "inet" || f == "inet6" {
			forced = familyWord(f)
			r.at++
		}
		if hop.Via, err = r.address(word); err != nil {
			return true, err
		}
		if forced == config.FamilyNone {
			return true, r.family.want(word, config.FamilyOf(hop.Via))
		}
		if forced != config.FamilyOf(hop.Via) {
			err = fmt.Errorf("%s: %v is not %v", word, hop.Via, forced)
		}
	case "dev", "oif":
		hop.Dev, err = r.next(word)
	case "onlink":
		hop.OnLink = true
	case "realms":
		if hop.Realms, err = r.realms(); err == nil {
			err = r.family.want(word, config.IPv4)
		}
	case "encap":
		hop.Encap, err = r.encap()
	default:
		return false, nil
	}
	return true, err
}

// nextHops reads everything after the first nexthop.
func (r *routeReader) nextHops() error {
	hop := NextHop{Weight: 1}
	for r.more() {
		word, _ := r.next("nexthop")
		switch word {
		case "nexthop":
			r.route.NextHops = append(r.route.NextHops, hop)
			hop = NextHop{Weight: 1}
		case "weight":
			n, err := r.number(word, 256)
			if err != nil || n == 0 {
				return fmt.Errorf("weight: not a number from 1 to 256")
			}
			hop.Weight = uint16(n)
		default:
			done, err := r.hopOption(&hop, word)
			if err != nil {
				return err
			}
			if !done {
				return fmt.Errorf("nexthop: unknown option %q", word)
			}
		}
	}
	r.route.NextHops = append(r.route.NextHops, hop)
	return nil
}

func (r *routeReader) metric(word string, m metricWord) error {
	locked := m.lock && r.skip("lock")
	n, err := r.number(word, m.limit)
	if err != nil {
		return err
	}
	r.setMetric(Metric{m.number, uint32(n), locked})
	return nil
}

func (r *routeReader) setMetric(m Metric) {
	for i := range r.route.Metrics {
		if r.route.Metrics[i].Number == m.Number {
			r.route.Metrics[i] = m
			return
		}
	}
	r.route.Metrics = append(r.route.Metrics, m)
}

func (r *routeReader) feature() error {
	word, err := r.next("features")
	if err == nil && word == "ecn" {
		r.setMetric(Metric{Number: MetricFeatures, Value: featureECN})
	}
	return err
}

// time reads a time as ip-route(8) writes it: a number with s, sec, secs or
// ms, or without a unit in the kernel's own.
func (r *routeReader) time(word string, number uint8, scale time.Duration) error {
	locked := r.skip("lock")
	text, err := r.next(word)
	if err != nil {
		return err
	}
	digits := strings.TrimRight(text, "secm")
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.ContainsAny(digits, "eExXpP") {
		return fmt.Errorf("%s: %q is not a time", word, text)
	}
	var ticks float64
	switch text[len(digits):] {
	case "":
		ticks = value
	case "s", "sec", "secs":
		ticks = value * 1000 * float64(scale)
	case "ms":
		ticks = value * float64(scale)
	default:
		return fmt.Errorf("%s: %q has no known unit", word, text)
	}
	if ticks < 0 || ticks > float64(120*1000*scale) {
		return fmt.Errorf("%s: %q is not between 0.2 and 120 seconds", word, text)
	}
	// Less than 0.2 s is raised to it, as keepalived does.
	ticks = max(ticks, float64(200*scale))
	r.setMetric(Metric{number, uint32(ticks), locked})
	return nil
}

func (r *routeReader) preference() error {
	word, err := r.next("pref")
	if err != nil {
		return err
	}
	var value uint8
	switch word {
	case "low":
		value = 3
	case "medium":
		value = 0
	case "high":
		value = 1
	default:
		n, err := parseNumber("pref", word, 255)
		if err != nil {
			return err
		}
		value = uint8(n)
	}
	r.route.Preference = &value
	return r.family.want("pref", config.IPv6)
}

// names8 returns a reader of a number 0..255 or a name.
func (w *words) names8(keyword string, table Table) func() (uint8, error) {
	return func() (uint8, error) {
		n, err := w.named(keyword, table, 255)
		return uint8(n), err
	}
}

func assign[T any](to *T, read func() (T, error)) error {
	v, err := read()
	if err == nil {
		*to = v
	}
	return err
}

func (w *words) pointer32(keyword string) (*uint32, error) {
	n, err := w.number(keyword, max32)
	if err != nil {
		return nil, err
	}
	v := uint32(n)
	return &v, nil
}
