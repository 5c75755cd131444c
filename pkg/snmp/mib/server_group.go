package mib

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

const (
	serverGroupIndex  = "virtualServerGroupIndex"
	serverMemberIndex = "virtualServerGroupMemberIndex"
)

type serverGroupRow = *config.VirtualServerGroup

func serverGroupTable() *Table[serverGroupRow] {
	return &Table[serverGroupRow]{
		Name: "virtualServerGroupTable", OID: checkOID.Append(1), Doc: "The groups of virtual servers.", Index: []string{serverGroupIndex},
		Rows: func(v *View) []Row[serverGroupRow] { return numbered(nil, v.Checkers.Config.VirtualServerGroups) },
		Columns: []Column[serverGroupRow]{
			position[serverGroupRow](1, serverGroupIndex, "Position of the group."),
			{Number: 2, Name: "virtualServerGroupName", Syntax: displayString, Doc: "Name of the group.", Read: func(g *serverGroupRow) Value { return agentx.Text((*g).Name) }},
		},
	}
}

type memberRow struct{ config.GroupEntry }

// Types of members, in the order of the rows.
const (
	memberFwmark = 1
	memberIP     = 2
	memberRange  = 3
)

func (m *memberRow) kind() int {
	switch {
	case m.IsFwmark:
		return memberFwmark
	case m.Last.IsValid() && m.Last != m.First:
		return memberRange
	}
	return memberIP
}

// only reads an object of members of some types.
func (m *memberRow) only(value Value, kinds ...int) Value {
	for _, k := range kinds {
		if m.kind() == k {
			return value
		}
	}
	return none
}

func members(g *config.VirtualServerGroup) (list []memberRow) {
	for kind := memberFwmark; kind <= memberRange; kind++ {
		for _, e := range g.Entries {
			if m := (memberRow{e}); m.kind() == kind {
				list = append(list, m)
			}
		}
	}
	return list
}

func serverGroupMemberTable() *Table[memberRow] {
	return &Table[memberRow]{
		Name: "virtualServerGroupMemberTable", OID: checkOID.Append(2), Doc: "The members of the groups.", Index: []string{serverGroupIndex, serverMemberIndex},
		Rows: func(v *View) (rows []Row[memberRow]) {
			for i, g := range v.Checkers.Config.VirtualServerGroups {
				rows = append(rows, numbered(OID{uint32(i + 1)}, members(g))...)
			}
			return rows
		},
		Columns: []Column[memberRow]{
			position[memberRow](1, serverMemberIndex, "Position of the member: firewall marks, then addresses, then ranges."),
			{Number: 2, Name: "virtualServerGroupMemberType", Syntax: enum("fwmark(1)", "ip(2)", "iprange(3)"), Doc: "Type of the member.", Read: func(m *memberRow) Value { return integer(m.kind()) }},
			{Number: 3, Name: "virtualServerGroupMemberFwMark", Syntax: unsigned32, Doc: "Firewall mark.", Read: func(m *memberRow) Value { return m.only(gauge(m.Fwmark), memberFwmark) }},
			{Number: 4, Name: "virtualServerGroupMemberAddrType", Syntax: inetType, Doc: "Type of the addresses.", Read: func(m *memberRow) Value { return addressType(m.First) }},
			{Number: 5, Name: "virtualServerGroupMemberAddress", Syntax: inetAddress, Doc: "Address.", Read: func(m *memberRow) Value { return m.only(address(m.First), memberIP) }},
			{Number: 6, Name: "virtualServerGroupMemberAddr1", Syntax: inetAddress, Doc: "First address of the range.", Read: func(m *memberRow) Value { return m.only(address(m.First), memberRange) }},
			{Number: 7, Name: "virtualServerGroupMemberAddr2", Syntax: inetAddress, Doc: "Last address of the range.", Read: func(m *memberRow) Value { return m.only(address(m.Last), memberRange) }},
			{Number: 8, Name: "virtualServerGroupMemberPort", Syntax: inetPort, Doc: "Port.", Read: func(m *memberRow) Value { return m.only(gauge(m.Port), memberIP, memberRange) }},
		},
	}
}

var (
	syncDaemonOID = checkOID.Append(6)
	timeoutsOID   = checkOID.Append(7)
)

// syncDaemonNode is a setting of the IPVS sync daemon; one that is not
// configured is left out.
func syncDaemonNode(number uint32, name string, s Syntax, doc string, read func(*config.SyncDaemon) Value) *Scalar {
	return &Scalar{Name: name, OID: syncDaemonOID.Append(number), Syntax: s, Doc: doc, Read: func(v *View) Value {
		if d := v.Config.Global.LVS.SyncDaemon; d != nil {
			return read(d)
		}
		return none
	}}
}

func nonZero[T ~uint8 | ~uint16](n T) Value {
	if n == 0 {
		return none
	}
	return integer(int(n))
}

func timeoutNode(number uint32, name, doc string, read func(*config.LVSGlobal) *time.Duration) *Scalar {
	return &Scalar{Name: name, OID: timeoutsOID.Append(number), Syntax: plain("Integer32 (1..2678400)", agentx.KindInteger), Doc: doc, Read: func(v *View) Value {
		if d := read(&v.Config.Global.LVS); d != nil && *d > 0 {
			return integer(*d / time.Second)
		}
		return none
	}}
}

func lvsNodes() []node {
	return []node{
		&Scalar{
			Name: "lvsSyncDaemonEnabled", OID: syncDaemonOID.Append(1), Syntax: onOff, Doc: "Whether there is an IPVS sync daemon.",
			Read: func(v *View) Value { return yes(v.Config.Global.LVS.SyncDaemon != nil) },
		},
		syncDaemonNode(2, "lvsSyncDaemonInterface", displayString, "Its interface.", func(d *config.SyncDaemon) Value { return text(d.Interface) }),
		syncDaemonNode(3, "lvsSyncDaemonVrrpInstance", displayString, "VRRP instance that it follows.", func(d *config.SyncDaemon) Value { return text(d.Instance) }),
		syncDaemonNode(4, "lvsSyncDaemonSyncId", plain("Integer32 (0..255)", agentx.KindInteger), "Its number.", func(d *config.SyncDaemon) Value { return integer(d.ID) }),
		syncDaemonNode(5, "lvsSyncDaemonMaxLen", plain("Integer32 (0..65517)", agentx.KindInteger), "Greatest length of a packet.", func(d *config.SyncDaemon) Value { return nonZero(d.MaxLen) }),
		syncDaemonNode(6, "lvsSyncDaemonPort", plain("Integer32 (0..65535)", agentx.KindInteger), "UDP port.", func(d *config.SyncDaemon) Value { return nonZero(d.Port) }),
		syncDaemonNode(7, "lvsSyncDaemonTTL", plain("Integer32 (0..255)", agentx.KindInteger), "Time to live.", func(d *config.SyncDaemon) Value { return nonZero(d.TTL) }),
		syncDaemonNode(8, "lvsSyncDaemonMcastGroupAddrType", inetType, "Type of the group.", func(d *config.SyncDaemon) Value { return addressType(d.Group) }),
		syncDaemonNode(9, "lvsSyncDaemonMcastGroupAddrValue", inetAddress, "Multicast group.", func(d *config.SyncDaemon) Value { return address(d.Group) }),
		timeoutNode(1, "lvsTimeoutTcp", "Timeout of TCP connections in seconds.", func(g *config.LVSGlobal) *time.Duration { return g.TCPTimeout }),
		timeoutNode(2, "lvsTimeoutTcpFin", "Timeout of closing TCP connections in seconds.", func(g *config.LVSGlobal) *time.Duration { return g.TCPFinTimeout }),
		timeoutNode(3, "lvsTimeoutUdp", "Timeout of UDP packets in seconds.", func(g *config.LVSGlobal) *time.Duration { return g.UDPTimeout }),
	}
}
