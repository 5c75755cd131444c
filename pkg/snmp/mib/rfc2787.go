package mib

import (
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var (
	operOID   = rfc2787OID.Append(1)
	statsOID2 = rfc2787OID.Append(2)
)

func scalar(root OID, number uint32, name string, s Syntax, read func(v *View) Value) *Scalar {
	return &Scalar{Name: name, OID: root.Append(number), Syntax: s, Read: read}
}

// rfc2787Nodes are the objects of VRRP-MIB. All are read-only, as its
// compliance statement allows. A key is never shown.
var rfc2787Nodes = []node{
	scalar(operOID, 1, "vrrpNodeVersion", integer32, func(*View) Value { return agentx.Integer(2) }),
	scalar(operOID, 2, "vrrpNotificationCntl", onOff, func(v *View) Value { return yes(v.Config.Global.SNMP.Traps) }),
	&Table[instanceRow]{
		Name: "vrrpOperTable", OID: operOID.Append(3), Rows: routers((*instanceRow).in2, (*instanceRow).routerIndex2),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpOperVrId", Syntax: vrID},
			{Number: 2, Name: "vrrpOperVirtualMacAddr", Syntax: macAddress, Read: virtualMAC},
			{Number: 3, Name: "vrrpOperState", Syntax: routerState, Read: stateRFC},
			{Number: 4, Name: "vrrpOperAdminState", Syntax: enum("up(1)", "down(2)"), Read: active},
			{Number: 5, Name: "vrrpOperPriority", Syntax: integer32, Read: func(r *instanceRow) Value { return integer(r.BasePriority) }},
			{Number: 6, Name: "vrrpOperIpAddrCount", Syntax: integer32, Read: func(r *instanceRow) Value { return integer(len(r.Config.VirtualAddresses)) }},
			{Number: 7, Name: "vrrpOperMasterIpAddr", Syntax: ipAddress, Read: func(r *instanceRow) Value { return agentx.IPAddress(r.master()) }},
			{Number: 8, Name: "vrrpOperPrimaryIpAddr", Syntax: ipAddress, Read: func(r *instanceRow) Value { return agentx.IPAddress(r.Source) }},
			{Number: 9, Name: "vrrpOperAuthType", Syntax: enum("noAuthentication(1)", "simpleTextPassword(2)", "ipAuthenticationHeader(3)"), Read: func(r *instanceRow) Value { return integer(int(r.Config.Auth) + 1) }},
			{Number: 11, Name: "vrrpOperAdvertisementInterval", Syntax: integer32, Read: func(r *instanceRow) Value { return integer(advertUnits(r.Config)) }},
			{Number: 12, Name: "vrrpOperPreemptMode", Syntax: truth, Read: func(r *instanceRow) Value { return yes(!r.NoPreempt) }},
			{Number: 13, Name: "vrrpOperVirtualRouterUpTime", Syntax: timeTicks, Read: func(r *instanceRow) Value { return r.view.sysUpTime(r.upSince()) }},
			{Number: 14, Name: "vrrpOperProtocol", Syntax: enum("ip(1)", "bridge(2)", "decnet(3)", "other(4)"), Read: active},
			{Number: 15, Name: "vrrpOperRowStatus", Syntax: rowStatus, Read: active},
		},
	},
	&Table[instanceRow]{
		Name: "vrrpAssoIpAddrTable", OID: operOID.Append(4), Rows: associated((*instanceRow).in2, (*instanceRow).routerIndex2),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpAssoIpAddr", Syntax: ipAddress},
			{Number: 2, Name: "vrrpAssoIpAddrRowStatus", Syntax: rowStatus, Read: active},
		},
	},
	scalar(statsOID2, 1, "vrrpRouterChecksumErrors", counter32, func(v *View) Value { return agentx.Counter32(v.VRRP.BadChecksum) }),
	scalar(statsOID2, 2, "vrrpRouterVersionErrors", counter32, func(v *View) Value { return agentx.Counter32(v.VRRP.BadVersion) }),
	scalar(statsOID2, 3, "vrrpRouterVrIdErrors", counter32, func(v *View) Value { return agentx.Counter32(v.VRRP.UnknownVRID) }),
	&Table[instanceRow]{
		Name: "vrrpRouterStatsTable", OID: statsOID2.Append(4), Rows: routers((*instanceRow).in2, (*instanceRow).routerIndex2),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpStatsBecomeMaster", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.BecomeMaster })},
			{Number: 2, Name: "vrrpStatsAdvertiseRcvd", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.AdvertReceived })},
			{Number: 3, Name: "vrrpStatsAdvertiseIntervalErrors", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.AdvertIntervalErrors })},
			{Number: 4, Name: "vrrpStatsAuthFailures", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.AuthFailure })},
			{Number: 5, Name: "vrrpStatsIpTtlErrors", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.TTLErrors })},
			{Number: 6, Name: "vrrpStatsPriorityZeroPktsRcvd", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroReceived })},
			{Number: 7, Name: "vrrpStatsPriorityZeroPktsSent", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroSent })},
			{Number: 8, Name: "vrrpStatsInvalidTypePktsRcvd", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.InvalidTypeReceived })},
			{Number: 9, Name: "vrrpStatsAddressListErrors", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.AddressListErrors })},
			{Number: 10, Name: "vrrpStatsInvalidAuthType", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.InvalidAuthType })},
			{Number: 11, Name: "vrrpStatsAuthTypeMismatch", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.AuthTypeMismatch })},
			{Number: 12, Name: "vrrpStatsPacketLengthErrors", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.PacketLengthErrors })},
		},
	},
}
