package mib

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// realRow is a real server, or the sorry server of a virtual server, which is
// its first row.
type realRow struct {
	server *serverRow
	sorry  *config.SorryServer // nil for a real server
	*status.RealServer
	at int // in the virtual server
}

func reals(r *serverRow) []realRow {
	list := make([]realRow, 0, len(r.RealServers)+1)
	if s := r.Config.SorryServer; s != nil {
		list = append(list, realRow{server: r, sorry: s})
	}
	for i := range r.RealServers {
		list = append(list, realRow{server: r, RealServer: &r.RealServers[i], at: i})
	}
	return list
}

func (r *realRow) addr() netip.Addr {
	if r.sorry != nil {
		return r.sorry.Address
	}
	return r.Config.Address
}

func (r *realRow) port() uint16 {
	if r.sorry != nil {
		return r.sorry.Port
	}
	return r.Config.Port
}

func (r *realRow) forwarding() *config.Forwarding {
	if r.sorry != nil {
		return &r.sorry.Forwarding
	}
	return &r.Config.Forwarding
}

// checks are the settings of a real server; a sorry server has none.
func (r *realRow) checks() config.CheckDefaults {
	if r.sorry != nil {
		return config.CheckDefaults{}
	}
	return r.Config.Checks
}

// regular reads an object that a sorry server does not have.
func regular(read func(*realRow) Value) func(*realRow) Value {
	return func(r *realRow) Value {
		if r.sorry != nil {
			return none
		}
		return read(r)
	}
}

func (r *realRow) counters() counters {
	vs := r.server.counted()
	switch {
	case vs == nil:
	case r.sorry != nil:
		return counters{vs.SorryStats, true}
	case r.at < len(vs.RealServers):
		return counters{vs.RealServers[r.at].Stats, true}
	}
	return counters{}
}

// threshold is left out when there is none.
func threshold(n uint32) Value {
	if n == 0 {
		return none
	}
	return gauge(n)
}

func (r *realRow) weight() Value {
	return integer(min(max(r.Effective, 0), math.MaxInt32))
}

func setWeight(r *realRow, new Value) (Change, agentx.Error) {
	if new.Int() < 0 {
		return nil, agentx.WrongValue
	}
	return SetWeight{r.Config, r.Base, int(new.Int())}, agentx.NoError
}

const realIndex = "realServerIndex"

func realServerTable() *Table[realRow] {
	return &Table[realRow]{
		Name: "realServerTable", OID: realServerOID, Doc: "The real and sorry servers.", Index: []string{serverIndex, realIndex},
		Rows: func(v *View) (rows []Row[realRow]) {
			for i, r := range servers(v) {
				rows = append(rows, numbered(OID{uint32(i + 1)}, reals(&r))...)
			}
			return rows
		},
		Columns: slices.Concat([]Column[realRow]{
			position[realRow](1, realIndex, "Position of the server; the sorry server comes first."),
			{Number: 2, Name: "realServerType", Syntax: enum("regular(1)", "sorry(2)"), Doc: "Whether it is a real or a sorry server.", Read: func(r *realRow) Value { return yes(r.sorry == nil) }},
			{Number: 3, Name: "realServerAddrType", Syntax: inetType, Doc: "Type of the address.", Read: func(r *realRow) Value { return addressType(r.addr()) }},
			{Number: 4, Name: "realServerAddress", Syntax: inetAddress, Doc: "Address.", Read: func(r *realRow) Value { return address(r.addr()) }},
			{Number: 5, Name: "realServerPort", Syntax: inetPort, Doc: "Port.", Read: func(r *realRow) Value { return gauge(r.port()) }},
			{Number: 6, Name: "realServerStatus", Syntax: aliveDead, Doc: "Whether its checks pass.", Read: regular(func(r *realRow) Value { return yes(r.Up) })},
			{Number: 7, Name: "realServerWeight", Syntax: integer32, Doc: "Weight, with what checkers add. A weight of 0 or more that is written replaces that of the configuration until it is read again.", Read: regular((*realRow).weight), Set: setWeight},
			{Number: 8, Name: "realServerUpperConnectionLimit", Syntax: unsigned32, Doc: "Connections at which it gets no more.", Read: regular(func(r *realRow) Value { return threshold(r.Config.UpperThreshold) })},
			{Number: 9, Name: "realServerLowerConnectionLimit", Syntax: unsigned32, Doc: "Connections below which it gets some again.", Read: regular(func(r *realRow) Value { return threshold(r.Config.LowerThreshold) })},
			{Number: 10, Name: "realServerActionWhenDown", Syntax: whenDown, Doc: "What is done when its checks fail.", Read: regular(func(r *realRow) Value { return yes(!r.Config.InhibitOnFailure) })},
			{Number: 11, Name: "realServerNotifyUp", Syntax: displayString, Doc: "Script run when it comes up.", Read: regular(func(r *realRow) Value { return script(r.Config.NotifyUp) })},
			{Number: 12, Name: "realServerNotifyDown", Syntax: displayString, Doc: "Script run when it goes down.", Read: regular(func(r *realRow) Value { return script(r.Config.NotifyDown) })},
			{Number: 13, Name: "realServerFailedChecks", Syntax: unsigned32, Doc: "Number of checkers that fail.", Read: regular(func(r *realRow) Value { return gauge(r.FailedCheckers) })},
			counterColumn(14, "realServerStatsConns", gauge32, "Connections.", (*realRow).counters, func(c *counters) Value { return agentx.Gauge(uint32(c.Connections)) }),
			counterColumn(15, "realServerStatsActiveConns", gauge32, "Connections that are active.", (*realRow).counters, func(c *counters) Value { return gauge(c.ActiveConnections) }),
			counterColumn(16, "realServerStatsInactiveConns", gauge32, "Connections that are inactive.", (*realRow).counters, func(c *counters) Value { return gauge(c.InactiveConnections) }),
			counterColumn(17, "realServerStatsPersistentConns", gauge32, "Clients that keep the server.", (*realRow).counters, func(c *counters) Value { return gauge(c.PersistentConn) }),
			counterColumn(18, "realServerStatsInPkts", counter32, "Packets to the server.", (*realRow).counters, func(c *counters) Value { return agentx.Counter32(c.InPackets) }),
			counterColumn(19, "realServerStatsOutPkts", counter32, "Packets from the server.", (*realRow).counters, func(c *counters) Value { return agentx.Counter32(c.OutPackets) }),
			counterColumn(20, "realServerStatsInBytes", counter64, "Bytes to the server.", (*realRow).counters, func(c *counters) Value { return agentx.Counter64(c.InBytes) }),
			counterColumn(21, "realServerStatsOutBytes", counter64, "Bytes from the server.", (*realRow).counters, func(c *counters) Value { return agentx.Counter64(c.OutBytes) }),
		}, rateColumns(22, "realServer", (*realRow).counters), wideColumns(27, "realServer", (*realRow).counters), []Column[realRow]{
			{Number: 40, Name: "realServerForwardingMethod", Syntax: forwardKind, Doc: "How packets reach it.", Read: func(r *realRow) Value { return forwardValue(r.forwarding()) }},
			{Number: 41, Name: "realServerVirtualHost", Syntax: displayString, Doc: "Its own default of virtualhost.", Read: func(r *realRow) Value { return text(r.checks().VirtualHost) }},
			{Number: 42, Name: "realServerAlpha", Syntax: onOff, Doc: "Whether it is down until its first check.", Read: func(r *realRow) Value { return yes(r.checks().Alpha) }},
			{Number: 43, Name: "realServerRetry", Syntax: unsigned32, Doc: "Default of retry, 0 for that of the checker.", Read: func(r *realRow) Value { return gauge(r.checks().Retry) }},
			{Number: 44, Name: "realServerDelayBeforeRetry", Syntax: unsigned32, Doc: "Default of delay_before_retry in seconds.", Read: func(r *realRow) Value { return seconds(r.checks().DelayBeforeRetry) }},
			{Number: 45, Name: "realServerWarmup", Syntax: unsigned32, Doc: "Default of warmup in seconds.", Read: func(r *realRow) Value { return seconds(r.checks().Warmup) }},
			{Number: 46, Name: "realServerDelayLoop", Syntax: unsigned32, Doc: "Default of delay_loop in seconds.", Read: func(r *realRow) Value { return seconds(r.checks().DelayLoop) }},
			{Number: 47, Name: "realServerSmtpAlert", Syntax: onOff, Doc: "Whether its changes are mailed.", Read: func(r *realRow) Value { return yes(r.sorry == nil && r.Config.SMTPAlert) }},
			microColumn(48, "realServerDelayBeforeRetryUsec", "delay_before_retry", func(r *realRow) time.Duration { return r.checks().DelayBeforeRetry }),
			microColumn(49, "realServerWarmupUsec", "warmup", func(r *realRow) time.Duration { return r.checks().Warmup }),
			microColumn(50, "realServerDelayLoopUsec", "delay_loop", func(r *realRow) time.Duration { return r.checks().DelayLoop }),
			microColumn(51, "realServerConnTimeoutUsec", "connect_timeout", func(r *realRow) time.Duration { return r.checks().ConnectTimeout }),
		}, tunnelColumns(52, "realServer", (*realRow).forwarding), []Column[realRow]{
			{Number: 55, Name: "realServerName", Syntax: displayString, Doc: "snmp_name.", Read: regular(func(r *realRow) Value { return text(r.Config.SNMPName) })},
			{Number: 56, Name: "realServerNotifyUpPath", Syntax: displayString, Doc: "File executed when it comes up.", Read: regular(func(r *realRow) Value { return r.server.view.scriptPath(r.Config.NotifyUp) })},
			{Number: 57, Name: "realServerNotifyDownPath", Syntax: displayString, Doc: "File executed when it goes down.", Read: regular(func(r *realRow) Value { return r.server.view.scriptPath(r.Config.NotifyDown) })},
		}, fullRateColumns(58, "realServer", (*realRow).counters)),
	}
}
