package mib

import (
	"net/netip"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

type (
	// OID is an object identifier.
	OID = agentx.OID
	// Value is the value of an object; the zero Value is that of a row that
	// does not have the object.
	Value = agentx.Value
)

// Syntax is the type of an object: as the MIB file has it, and on the wire.
type Syntax struct {
	Text string
	Kind agentx.Kind
	// Convention is set when Text is a textual convention of KEEPALIVED-MIB.
	Convention *Convention
}

// Convention is what a textual convention stands for.
type Convention struct{ Doc, Text string }

// Types of the objects.
var (
	displayString = plain("DisplayString", agentx.KindOctets)
	inetType      = plain("InetAddressType", agentx.KindInteger)
	inetAddress   = plain("InetAddress", agentx.KindOctets)
	inetPort      = plain("InetPortNumber", agentx.KindGauge32)
	prefixLength  = plain("InetAddressPrefixLength", agentx.KindGauge32)
	inetScope     = plain("InetScopeType", agentx.KindInteger)
	ifIndex       = plain("InterfaceIndex", agentx.KindInteger)
	integer32     = plain("Integer32", agentx.KindInteger)
	unsigned32    = plain("Unsigned32", agentx.KindGauge32)
	gauge32       = plain("Gauge32", agentx.KindGauge32)
	counter32     = plain("Counter32", agentx.KindCounter32)
	counter64     = plain("Counter64", agentx.KindCounter64)
	truth         = plain("TruthValue", agentx.KindInteger)
	onOff         = enum("enabled(1)", "disabled(2)")
	trueFalse     = enum("true(1)", "false(2)")
	setUnset      = enum("set(1)", "unset(2)")
	weight254     = plain("Integer32 (-254..254)", agentx.KindInteger)
	octet         = plain("Unsigned32 (0..255)", agentx.KindGauge32)
	macAddress    = plain("MacAddress", agentx.KindOctets)
	ipAddress     = plain("IpAddress", agentx.KindIPAddress)
	rowStatus     = plain("RowStatus", agentx.KindInteger)
	timeTicks     = plain("TimeTicks", agentx.KindTimeTicks)

	vrrpState  = textual("VrrpState", "State of a VRRP instance or sync group.", "init(0)", "backup(1)", "master(2)", "fault(3)", "unknown(4)", "shutdown(5)", "deleted(6)")
	routeType  = textual("RouteType", "Type of a route.", "unicast(1)", "ecmp(2)", "blackhole(3)", "anycast(4)", "multicast(5)", "broadcast(6)", "unreachable(7)", "prohibit(8)", "throw(9)", "nat(10)", "xresolve(11)")
	ruleAction = textual("RuleAction", "What a routing rule does with the packets it matches.", "table(1)", "goto(2)", "nop(3)", "blackhole(6)", "unreachable(7)", "prohibit(8)")
	realm      = Syntax{"Realm", agentx.KindGauge32, &Convention{"Realm of a route.", "Unsigned32 (1..65535)"}}
	prefType   = textual("PrefType", "Preference of an IPv6 route.", "low(1)", "medium(2)", "high(3)")
	encapType  = textual("EncapType", "Lightweight tunnel of a route.", "mpls(1)", "ip(2)", "ila(3)", "ip6(4)")
	routeProto = enum("unspec(1)", "redirect(2)", "kernel(3)", "boot(4)", "static(5)", "gated(9)", "ra(10)", "mrt(11)", "zebra(12)", "bird(13)", "dnrouted(14)", "xorp(15)", "ntk(16)", "dhcp(17)", "keepalived(112)")
)

func plain(text string, kind agentx.Kind) Syntax { return Syntax{Text: text, Kind: kind} }

func enum(words ...string) Syntax {
	return plain("INTEGER { "+strings.Join(words, ", ")+" }", agentx.KindInteger)
}

func textual(name, doc string, words ...string) Syntax {
	s := enum(words...)
	return Syntax{name, s.Kind, &Convention{doc, s.Text}}
}

var none Value

// yes is true(1), enabled(1), set(1) or false(2), disabled(2), unset(2).
func yes(b bool) Value {
	if b {
		return agentx.Integer(1)
	}
	return agentx.Integer(2)
}

func integer[T ~int | ~int32 | ~int64 | ~uint8](n T) Value {
	return agentx.Integer(int32(min(max(int64(n), -1<<31), 1<<31-1)))
}

func gauge[T ~int | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](n T) Value {
	return agentx.Gauge(uint32(min(uint64(max(n, 0)), 1<<32-1)))
}

// optional reads a number that may be missing.
func optional[T ~uint8 | ~uint16 | ~uint32](n *T) Value {
	if n == nil {
		return none
	}
	return agentx.Gauge(uint32(*n))
}

// seconds are whole seconds, cut.
func seconds(d time.Duration) Value { return gauge(int64(d / time.Second)) }

// microseconds of d.
func microseconds(d time.Duration) Value { return gauge(d.Microseconds()) }

// text is a string that is left out when empty.
func text(s string) Value {
	if s == "" {
		return none
	}
	return agentx.Text(s)
}

// script is a command, its words in single quotes.
func script(s *config.Script) Value {
	if s == nil {
		return none
	}
	return agentx.Text(s.Quoted())
}

// Numbers of InetAddressType (RFC 4001).
const (
	inetUnknown = 0
	inetIPv4    = 1
	inetIPv6    = 2
	inetDNS     = 16
)

func familyType(f config.Family) Value {
	switch f {
	case config.IPv4:
		return agentx.Integer(inetIPv4)
	case config.IPv6:
		return agentx.Integer(inetIPv6)
	case config.FamilyNone:
	}
	return none
}

func addressType(a netip.Addr) Value { return familyType(config.FamilyOf(a)) }

func address(a netip.Addr) Value {
	if !a.IsValid() {
		return none
	}
	return agentx.InetAddress(a)
}

func prefixAddress(p netip.Prefix) Value { return address(p.Addr()) }

func prefixBits(p netip.Prefix) Value {
	if !p.IsValid() {
		return none
	}
	return gauge(p.Bits())
}

// scope turns a scope of the kernel into an InetScopeType (RFC 4007 words).
func scope(s uint8) Value {
	switch config.Scope(s) {
	case config.ScopeHost:
		return agentx.Integer(1)
	case config.ScopeLink:
		return agentx.Integer(2)
	case config.ScopeSite:
		return agentx.Integer(5)
	case config.ScopeGlobal:
		return agentx.Integer(14)
	case config.ScopeNowhere:
	}
	return none
}
