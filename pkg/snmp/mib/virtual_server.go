package mib

import (
	"slices"
	"strconv"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var (
	virtualServerOID = checkOID.Append(3)
	realServerOID    = checkOID.Append(4)
)

// counters are the kernel's counters that both tables show.
type counters struct {
	status.IPVSStats
	ok bool
}

// serverRow is a virtual server.
type serverRow struct {
	*status.VirtualServer
	view *View
	at   int
}

func servers(v *View) []serverRow {
	list := make([]serverRow, len(v.Checkers.VirtualServers))
	for i := range v.Checkers.VirtualServers {
		list[i] = serverRow{&v.Checkers.VirtualServers[i], v, i}
	}
	return list
}

// counted is the same server with counters, nil when a reload has made it
// another one.
func (r *serverRow) counted() *status.VirtualServer {
	if r.view.Counters == nil {
		return nil
	}
	list := r.view.Counters().VirtualServers
	if r.at < len(list) && list[r.at].Config == r.Config {
		return &list[r.at]
	}
	return nil
}

func (r *serverRow) counters() counters {
	if c := r.counted(); c != nil {
		return counters{c.Stats, true}
	}
	return counters{}
}

func serverType(vs *config.VirtualServer) Value {
	switch {
	case vs.IsFwmark:
		return agentx.Integer(1)
	case vs.Group != "":
		return agentx.Integer(3)
	}
	return agentx.Integer(2)
}

func protocol(vs *config.VirtualServer) Value {
	switch vs.Protocol {
	case config.TCP:
		return agentx.Integer(1)
	case config.UDP:
		return agentx.Integer(2)
	case config.SCTP:
		return agentx.Integer(3)
	case config.ProtocolNone:
	}
	return agentx.Integer(4)
}

// schedulers are the values of virtualServerLoadBalancingAlgo.
var schedulers = []string{"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"}

func schedulerSyntax() Syntax {
	words := make([]string, 0, len(schedulers)+1)
	for i, s := range schedulers {
		words = append(words, s+"("+strconv.Itoa(i+1)+")")
	}
	return enum(append(words, "unknown(99)")...)
}

func schedulerValue(r *serverRow) Value {
	if i := slices.Index(schedulers, r.Config.Scheduler); i >= 0 {
		return integer(i + 1)
	}
	return agentx.Integer(99)
}

var (
	forwardKind  = enum("nat(1)", "dr(2)", "tun(3)")
	tunnelKind   = enum("ipip(1)", "gue(2)", "gre(3)")
	tunnelSum    = enum("nocsum(1)", "csum(2)", "remcsum(3)")
	aliveDead    = enum("alive(1)", "dead(2)")
	whenDown     = enum("remove(1)", "inhibit(2)")
	quorumStatus = enum("met(1)", "notMet(2)", "shutdown(3)")
)

func forwardValue(f *config.Forwarding) Value {
	if f.Method == config.ForwardNone {
		return none
	}
	return integer(f.Method)
}

// tunnel reads an option of a tunnel.
func tunnel(f *config.Forwarding, value func() Value) Value {
	if f.Method != config.TUN {
		return none
	}
	return value()
}

// tunnelColumns are type, port and checksum.
func tunnelColumns[R any](first uint32, prefix string, of func(*R) *config.Forwarding) []Column[R] {
	return []Column[R]{
		{Number: first, Name: prefix + "TunnelType", Syntax: tunnelKind, Doc: "Kind of the tunnel.", Read: func(r *R) Value {
			return tunnel(of(r), func() Value { return integer(int(of(r).Tunnel) + 1) })
		}},
		{Number: first + 1, Name: prefix + "TunnelPort", Syntax: inetPort, Doc: "Port of a GUE tunnel.", Read: func(r *R) Value {
			return tunnel(of(r), func() Value { return gauge(of(r).Port) })
		}},
		{Number: first + 2, Name: prefix + "TunnelCsum", Syntax: tunnelSum, Doc: "Checksum of the tunnel.", Read: func(r *R) Value {
			return tunnel(of(r), func() Value { return integer(int(of(r).Checksum) + 1) })
		}},
	}
}

// counterColumn reads a counter; a row without counters does not have it.
func counterColumn[R any](number uint32, name string, s Syntax, doc string, of func(*R) counters, read func(*counters) Value) Column[R] {
	return Column[R]{Number: number, Name: name, Syntax: s, Doc: doc, Read: func(r *R) Value {
		c := of(r)
		if !c.ok {
			return none
		}
		return read(&c)
	}}
}

// counter is one counter of the kernel in the words of the MIB.
type counter struct {
	name, doc string
	read      func(*counters) uint64
}

// rates are per second. The plain objects have 32 bits and stop at their
// greatest value, the pairs of Low and High have 64.
var rates = []counter{
	{"RateCps", "Connections a second", func(c *counters) uint64 { return c.ConnectionRate }},
	{"RateInPPS", "Packets to the servers a second", func(c *counters) uint64 { return c.InPacketRate }},
	{"RateOutPPS", "Packets from the servers a second", func(c *counters) uint64 { return c.OutPacketRate }},
	{"RateInBPS", "Bytes to the servers a second", func(c *counters) uint64 { return c.InByteRate }},
	{"RateOutBPS", "Bytes from the servers a second", func(c *counters) uint64 { return c.OutByteRate }},
}

func rateColumns[R any](first uint32, prefix string, of func(*R) counters) (list []Column[R]) {
	for i, n := range rates {
		list = append(list, counterColumn(first+uint32(i), prefix+n.name, gauge32, n.doc+".", of, func(c *counters) Value { return gauge(n.read(c)) }))
	}
	return list
}

// wideColumns are the 64-bit counters and rates.
func wideColumns[R any](first uint32, prefix string, of func(*R) counters) []Column[R] {
	list := []Column[R]{
		counterColumn(first, prefix+"StatsConns64", counter64, "Connections, 64 bits.", of, func(c *counters) Value { return agentx.Counter64(c.Connections) }),
		counterColumn(first+1, prefix+"StatsInPkts64", counter64, "Packets to the servers, 64 bits.", of, func(c *counters) Value { return agentx.Counter64(c.InPackets) }),
		counterColumn(first+2, prefix+"StatsOutPkts64", counter64, "Packets from the servers, 64 bits.", of, func(c *counters) Value { return agentx.Counter64(c.OutPackets) }),
	}
	for i, n := range rates {
		at := first + 3 + 2*uint32(i)
		list = append(list,
			counterColumn(at, prefix+n.name+"Low", unsigned32, n.doc+", lower 32 bits.", of, func(c *counters) Value { return agentx.Gauge(uint32(n.read(c))) }),
			counterColumn(at+1, prefix+n.name+"High", unsigned32, n.doc+", upper 32 bits.", of, func(c *counters) Value { return agentx.Gauge(uint32(n.read(c) >> 32)) }))
	}
	return list
}

// fullRateColumns are the rates with their 64 bits in one object.
func fullRateColumns[R any](first uint32, prefix string, of func(*R) counters) (list []Column[R]) {
	for i, n := range rates {
		list = append(list, counterColumn(first+uint32(i), prefix+n.name+"64", counter64, n.doc+", 64 bits.", of, func(c *counters) Value { return agentx.Counter64(n.read(c)) }))
	}
	return list
}

func serviceFlag(f config.ServiceFlags) func(*serverRow) Value {
	return func(r *serverRow) Value { return yes(r.Config.Flags&f != 0) }
}

// hashed is IP_VS_SVC_F_HASHED, which the kernel keeps to itself.
func hashed(*serverRow) Value { return yes(false) }

// persistent reads a setting of a persistent service.
func persistent(r *serverRow, value func() Value) Value {
	if r.Config.PersistenceTimeout == 0 {
		return none
	}
	return value()
}

func (r *serverRow) up() (n int) {
	for i := range r.RealServers {
		n += oneIf(r.RealServers[i].Up)
	}
	return n
}

func (r *serverRow) addressValue(value Value) Value {
	if r.Config.IsFwmark || r.Config.Group != "" {
		return none
	}
	return value
}

const serverIndex = "virtualServerIndex"

func virtualServerTable() *Table[serverRow] {
	return &Table[serverRow]{
		Name: "virtualServerTable", OID: virtualServerOID, Doc: "The virtual servers.", Index: []string{serverIndex},
		Rows: func(v *View) []Row[serverRow] { return numbered(nil, servers(v)) },
		Columns: slices.Concat([]Column[serverRow]{
			position[serverRow](1, serverIndex, "Position of the virtual server."),
			{Number: 2, Name: "virtualServerType", Syntax: enum("fwmark(1)", "ip(2)", "group(3)"), Doc: "What the server is named by.", Read: func(r *serverRow) Value { return serverType(r.Config) }},
			{Number: 3, Name: "virtualServerNameOfGroup", Syntax: displayString, Doc: "Name of its group.", Read: func(r *serverRow) Value { return text(r.Config.Group) }},
			{Number: 4, Name: "virtualServerFwMark", Syntax: unsigned32, Doc: "Firewall mark.", Read: func(r *serverRow) Value {
				if !r.Config.IsFwmark {
					return none
				}
				return gauge(r.Config.Fwmark)
			}},
			{Number: 5, Name: "virtualServerAddrType", Syntax: inetType, Doc: "Type of the addresses.", Read: func(r *serverRow) Value { return familyType(r.Config.Family) }},
			{Number: 6, Name: "virtualServerAddress", Syntax: inetAddress, Doc: "Address.", Read: func(r *serverRow) Value { return r.addressValue(address(r.Config.Address)) }},
			{Number: 7, Name: "virtualServerPort", Syntax: inetPort, Doc: "Port.", Read: func(r *serverRow) Value { return r.addressValue(gauge(r.Config.Port)) }},
			{Number: 8, Name: "virtualServerProtocol", Syntax: enum("tcp(1)", "udp(2)", "sctp(3)", "none(4)"), Doc: "Transport protocol.", Read: func(r *serverRow) Value { return protocol(r.Config) }},
			{Number: 9, Name: "virtualServerLoadBalancingAlgo", Syntax: schedulerSyntax(), Doc: "Scheduler.", Read: schedulerValue},
			{Number: 10, Name: "virtualServerLoadBalancingKind", Syntax: forwardKind, Doc: "Default of the forwarding method.", Read: func(r *serverRow) Value { return forwardValue(&r.Config.Forwarding) }},
			// The service stays in the table while all its servers are down.
			{Number: 11, Name: "virtualServerStatus", Syntax: aliveDead, Doc: "Whether the service is in the IPVS table.", Read: func(*serverRow) Value { return yes(true) }},
			{Number: 12, Name: "virtualServerVirtualHost", Syntax: displayString, Doc: "Default of virtualhost.", Read: func(r *serverRow) Value { return text(r.Config.Checks.VirtualHost) }},
			{Number: 13, Name: "virtualServerPersist", Syntax: onOff, Doc: "Whether clients keep their server.", Read: func(r *serverRow) Value { return yes(r.Config.PersistenceTimeout > 0) }},
			{Number: 14, Name: "virtualServerPersistTimeout", Syntax: unsigned32, Doc: "How long, in seconds.", Read: func(r *serverRow) Value {
				return persistent(r, func() Value { return seconds(r.Config.PersistenceTimeout) })
			}},
			{Number: 15, Name: "virtualServerPersistGranularity", Syntax: inetAddress, Doc: "Mask of an IPv4 client.", Read: func(r *serverRow) Value {
				if r.Config.Family != config.IPv4 {
					return none
				}
				return agentx.Octets(slices.Clone(r.Config.PersistenceMask4[:]))
			}},
			{Number: 16, Name: "virtualServerDelayLoop", Syntax: unsigned32, Doc: "Default of delay_loop in seconds.", Read: func(r *serverRow) Value { return seconds(r.Config.Checks.DelayLoop) }},
			{Number: 17, Name: "virtualServerHaSuspend", Syntax: truth, Doc: "Whether checks rest while the address is not on this node.", Read: func(r *serverRow) Value { return yes(r.Config.HASuspend) }},
			{Number: 18, Name: "virtualServerAlpha", Syntax: onOff, Doc: "Whether servers are down until their first check.", Read: func(r *serverRow) Value { return yes(r.Config.Alpha) }},
			{Number: 19, Name: "virtualServerOmega", Syntax: onOff, Doc: "Whether notifications are made when the daemon stops.", Read: func(r *serverRow) Value { return yes(r.Config.Omega) }},
			{Number: 20, Name: "virtualServerRealServersTotal", Syntax: unsigned32, Doc: "Number of real servers.", Read: func(r *serverRow) Value { return gauge(len(r.RealServers)) }},
			{Number: 21, Name: "virtualServerRealServersUp", Syntax: unsigned32, Doc: "Number of real servers that are up.", Read: func(r *serverRow) Value { return gauge(r.up()) }},
			{Number: 22, Name: "virtualServerQuorum", Syntax: unsigned32, Doc: "Weight that makes the quorum.", Read: func(r *serverRow) Value { return gauge(r.Config.Quorum) }},
			{Number: 23, Name: "virtualServerQuorumStatus", Syntax: quorumStatus, Doc: "Whether the quorum is held.", Read: func(r *serverRow) Value { return yes(r.QuorumUp) }},
			{Number: 24, Name: "virtualServerQuorumUp", Syntax: displayString, Doc: "Script run when the quorum is gained.", Read: func(r *serverRow) Value { return script(r.Config.QuorumUp) }},
			{Number: 25, Name: "virtualServerQuorumDown", Syntax: displayString, Doc: "Script run when the quorum is lost.", Read: func(r *serverRow) Value { return script(r.Config.QuorumDown) }},
			{Number: 26, Name: "virtualServerHysteresis", Syntax: unsigned32, Doc: "Distance between gaining and losing the quorum.", Read: func(r *serverRow) Value { return gauge(r.Config.Hysteresis) }},
			counterColumn(27, "virtualServerStatsConns", gauge32, "Connections.", (*serverRow).counters, func(c *counters) Value { return agentx.Gauge(uint32(c.Connections)) }),
			counterColumn(28, "virtualServerStatsInPkts", counter32, "Packets to the servers.", (*serverRow).counters, func(c *counters) Value { return agentx.Counter32(c.InPackets) }),
			counterColumn(29, "virtualServerStatsOutPkts", counter32, "Packets from the servers.", (*serverRow).counters, func(c *counters) Value { return agentx.Counter32(c.OutPackets) }),
			counterColumn(30, "virtualServerStatsInBytes", counter64, "Bytes to the servers.", (*serverRow).counters, func(c *counters) Value { return agentx.Counter64(c.InBytes) }),
			counterColumn(31, "virtualServerStatsOutBytes", counter64, "Bytes from the servers.", (*serverRow).counters, func(c *counters) Value { return agentx.Counter64(c.OutBytes) }),
		}, rateColumns(32, "virtualServer", (*serverRow).counters), []Column[serverRow]{
			{Number: 37, Name: "virtualServerOPS", Syntax: truth, Doc: "Whether each packet is scheduled for itself.", Read: serviceFlag(config.ServiceOnePacket)},
		}, wideColumns(38, "virtualServer", (*serverRow).counters), []Column[serverRow]{
			{Number: 51, Name: "virtualServerPersistGranularity6", Syntax: unsigned32, Doc: "Prefix length of an IPv6 client.", Read: func(r *serverRow) Value {
				if r.Config.Family != config.IPv6 {
					return none
				}
				return gauge(r.Config.PersistenceMask6)
			}},
			{Number: 52, Name: "virtualServerHashed", Syntax: truth, Doc: "Whether the kernel has hashed the service; never shown.", Read: hashed},
			{Number: 53, Name: "virtualServerSHFallback", Syntax: truth, Doc: "Whether sh goes on to the next server.", Read: serviceFlag(config.ServiceSched1)},
			{Number: 54, Name: "virtualServerSHPort", Syntax: truth, Doc: "Whether sh uses the port.", Read: serviceFlag(config.ServiceSched2)},
			{Number: 55, Name: "virtualServerSched3", Syntax: truth, Doc: "Third flag of the scheduler.", Read: serviceFlag(config.ServiceSched3)},
			{Number: 56, Name: "virtualServerActionWhenDown", Syntax: whenDown, Doc: "Default of inhibit_on_failure.", Read: func(r *serverRow) Value { return yes(!r.Config.InhibitOnFailure) }},
			{Number: 57, Name: "virtualServerRetry", Syntax: unsigned32, Doc: "Default of retry, 0 for that of the checker.", Read: func(r *serverRow) Value { return gauge(r.Config.Checks.Retry) }},
			{Number: 58, Name: "virtualServerDelayBeforeRetry", Syntax: unsigned32, Doc: "Default of delay_before_retry in seconds.", Read: func(r *serverRow) Value { return seconds(r.Config.Checks.DelayBeforeRetry) }},
			{Number: 59, Name: "virtualServerWarmup", Syntax: unsigned32, Doc: "Default of warmup in seconds.", Read: func(r *serverRow) Value { return seconds(r.Config.Checks.Warmup) }},
			{Number: 60, Name: "virtualServerWeight", Syntax: integer32, Doc: "Default of the weight.", Read: func(r *serverRow) Value { return integer(r.Config.Weight) }},
			{Number: 61, Name: "virtualServerSmtpAlert", Syntax: onOff, Doc: "Whether changes of the quorum are mailed.", Read: func(r *serverRow) Value { return yes(r.Config.SMTPAlert) }},
			{Number: 62, Name: "virtualServerMHFallback", Syntax: truth, Doc: "Whether mh goes on to the next server.", Read: serviceFlag(config.ServiceSched1)},
			{Number: 63, Name: "virtualServerMHPort", Syntax: truth, Doc: "Whether mh uses the port.", Read: serviceFlag(config.ServiceSched2)},
			microColumn(64, "virtualServerDelayLoopUsec", "delay_loop", func(r *serverRow) time.Duration { return r.Config.Checks.DelayLoop }),
			microColumn(65, "virtualServerDelayBeforeRetrUsec", "delay_before_retry", func(r *serverRow) time.Duration { return r.Config.Checks.DelayBeforeRetry }),
			microColumn(66, "virtualServerWarmupUsec", "warmup", func(r *serverRow) time.Duration { return r.Config.Checks.Warmup }),
			microColumn(67, "virtualServerConnTimeoutUsec", "connect_timeout", func(r *serverRow) time.Duration { return r.Config.Checks.ConnectTimeout }),
		}, tunnelColumns(68, "virtualServer", func(r *serverRow) *config.Forwarding { return &r.Config.Forwarding }), []Column[serverRow]{
			{Number: 71, Name: "virtualServerName", Syntax: displayString, Doc: "snmp_name.", Read: func(r *serverRow) Value { return text(r.Config.SNMPName) }},
			{Number: 72, Name: "virtualServerQuorumUpPath", Syntax: displayString, Doc: "File executed when the quorum is gained.", Read: func(r *serverRow) Value { return r.view.scriptPath(r.Config.QuorumUp) }},
			{Number: 73, Name: "virtualServerQuorumDownPath", Syntax: displayString, Doc: "File executed when the quorum is lost.", Read: func(r *serverRow) Value { return r.view.scriptPath(r.Config.QuorumDown) }},
		}, fullRateColumns(74, "virtualServer", (*serverRow).counters)),
	}
}

func microColumn[R any](number uint32, name, keyword string, of func(*R) time.Duration) Column[R] {
	return Column[R]{Number: number, Name: name, Syntax: unsigned32, Doc: "Default of " + keyword + " in microseconds.", Read: func(r *R) Value { return microseconds(of(r)) }}
}
