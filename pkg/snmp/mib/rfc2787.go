package mib

import (
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var (
	operOID   = rfc2787OID.Append(1)
	statsOID2 = rfc2787OID.Append(2)
	// routerNames2 are the index objects of a virtual router.
	routerNames2 = []string{"ifIndex", "vrrpOperVrId"}
)

func scalar(root OID, number uint32, name string, s Syntax, doc string, read func(v *View) Value) *Scalar {
	return &Scalar{Name: name, OID: root.Append(number), Syntax: s, Doc: doc, Read: read}
}

// rfc2787Nodes are the objects of VRRP-MIB. All are read-only, as its
// compliance statement allows. A key is never shown.
func rfc2787Nodes() []node {
	return []node{
		scalar(operOID, 1, "vrrpNodeVersion", integer32, "Version of the protocol that this MIB is about: 2.", func(*View) Value { return agentx.Integer(2) }),
		scalar(operOID, 2, "vrrpNotificationCntl", onOff, "Whether notifications are sent: enable_traps.", func(v *View) Value { return yes(v.Config.Global.SNMP.Traps) }),
		&Table[instanceRow]{
			Name: "vrrpOperTable", OID: operOID.Append(3), Doc: "The virtual routers of version 2 over IPv4.", Index: routerNames2,
			Rows: routers((*instanceRow).in2, (*instanceRow).routerIndex2),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpOperVrId", Syntax: vrID, Doc: "Virtual router identifier."},
				{Number: 2, Name: "vrrpOperVirtualMacAddr", Syntax: macAddress, Doc: "MAC address of the virtual router.", Read: virtualMAC},
				{Number: 3, Name: "vrrpOperState", Syntax: routerState, Doc: "State of the virtual router. A fault is told as initialize.", Read: stateRFC},
				{Number: 4, Name: "vrrpOperAdminState", Syntax: enum("up(1)", "down(2)"), Doc: "Always up: a virtual router that is configured takes part.", Read: active},
				{Number: 5, Name: "vrrpOperPriority", Syntax: integer32, Doc: "Configured priority; trackers may add to it.", Read: func(r *instanceRow) Value { return integer(r.BasePriority) }},
				{Number: 6, Name: "vrrpOperIpAddrCount", Syntax: integer32, Doc: "Number of virtual addresses in adverts.", Read: func(r *instanceRow) Value { return integer(len(r.Config.VirtualAddresses)) }},
				{Number: 7, Name: "vrrpOperMasterIpAddr", Syntax: ipAddress, Doc: "Address of the present master, as its adverts have it.", Read: func(r *instanceRow) Value { return agentx.IPAddress(r.master()) }},
				{Number: 8, Name: "vrrpOperPrimaryIpAddr", Syntax: ipAddress, Doc: "Address that adverts of this node come from.", Read: func(r *instanceRow) Value { return agentx.IPAddress(r.Source) }},
				{Number: 9, Name: "vrrpOperAuthType", Syntax: enum("noAuthentication(1)", "simpleTextPassword(2)", "ipAuthenticationHeader(3)"), Doc: "How adverts are authenticated.", Read: func(r *instanceRow) Value { return integer(int(r.Config.Auth) + 1) }},
				{Number: 11, Name: "vrrpOperAdvertisementInterval", Syntax: integer32, Doc: "Time between two adverts in seconds.", Read: func(r *instanceRow) Value { return integer(advertUnits(r.Config)) }},
				{Number: 12, Name: "vrrpOperPreemptMode", Syntax: truth, Doc: "Whether a router of higher priority takes over from a master of lower priority.", Read: func(r *instanceRow) Value { return yes(!r.NoPreempt) }},
				{Number: 13, Name: "vrrpOperVirtualRouterUpTime", Syntax: timeTicks, Doc: "sysUpTime when the virtual router left initialize.", Read: func(r *instanceRow) Value { return r.view.sysUpTime(r.upSince()) }},
				{Number: 14, Name: "vrrpOperProtocol", Syntax: enum("ip(1)", "bridge(2)", "decnet(3)", "other(4)"), Doc: "Protocol of the virtual addresses.", Read: active},
				{Number: 15, Name: "vrrpOperRowStatus", Syntax: rowStatus, Doc: "Always active.", Read: active},
			},
		},
		&Table[instanceRow]{
			Name: "vrrpAssoIpAddrTable", OID: operOID.Append(4), Doc: "The virtual addresses in the adverts of version 2.", Index: append(routerNames2[:2:2], "vrrpAssoIpAddr"),
			Rows: associated((*instanceRow).in2, (*instanceRow).routerIndex2),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpAssoIpAddr", Syntax: ipAddress, Doc: "A virtual address."},
				{Number: 2, Name: "vrrpAssoIpAddrRowStatus", Syntax: rowStatus, Doc: "Always active.", Read: active},
			},
		},
		scalar(statsOID2, 1, "vrrpRouterChecksumErrors", counter32, "Packets with a wrong checksum.", func(v *View) Value { return agentx.Counter32(v.VRRP.BadChecksum) }),
		scalar(statsOID2, 2, "vrrpRouterVersionErrors", counter32, "Packets of another version than the virtual router has.", func(v *View) Value { return agentx.Counter32(v.VRRP.BadVersion) }),
		scalar(statsOID2, 3, "vrrpRouterVrIdErrors", counter32, "Packets for a virtual router that is not configured.", func(v *View) Value { return agentx.Counter32(v.VRRP.UnknownVRID) }),
		&Table[instanceRow]{
			Name: "vrrpRouterStatsTable", OID: statsOID2.Append(4), Doc: "Counters of the virtual routers of version 2 over IPv4.", Index: routerNames2,
			Rows: routers((*instanceRow).in2, (*instanceRow).routerIndex2),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpStatsBecomeMaster", Syntax: counter32, Doc: "How often it became master.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.BecomeMaster })},
				{Number: 2, Name: "vrrpStatsAdvertiseRcvd", Syntax: counter32, Doc: "Adverts received.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.AdvertReceived })},
				{Number: 3, Name: "vrrpStatsAdvertiseIntervalErrors", Syntax: counter32, Doc: "Adverts received with another interval.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.AdvertIntervalErrors })},
				{Number: 4, Name: "vrrpStatsAuthFailures", Syntax: counter32, Doc: "Adverts received whose authentication failed.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.AuthFailure })},
				{Number: 5, Name: "vrrpStatsIpTtlErrors", Syntax: counter32, Doc: "Adverts received with a TTL that is not 255.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.TTLErrors })},
				{Number: 6, Name: "vrrpStatsPriorityZeroPktsRcvd", Syntax: counter32, Doc: "Adverts received with priority 0.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroReceived })},
				{Number: 7, Name: "vrrpStatsPriorityZeroPktsSent", Syntax: counter32, Doc: "Adverts sent with priority 0.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroSent })},
				{Number: 8, Name: "vrrpStatsInvalidTypePktsRcvd", Syntax: counter32, Doc: "Packets received whose type is not an advert.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.InvalidTypeReceived })},
				{Number: 9, Name: "vrrpStatsAddressListErrors", Syntax: counter32, Doc: "Adverts received with other virtual addresses.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.AddressListErrors })},
				{Number: 10, Name: "vrrpStatsInvalidAuthType", Syntax: counter32, Doc: "Adverts received with an unknown type of authentication.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.InvalidAuthType })},
				{Number: 11, Name: "vrrpStatsAuthTypeMismatch", Syntax: counter32, Doc: "Adverts received with another type of authentication.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.AuthTypeMismatch })},
				{Number: 12, Name: "vrrpStatsPacketLengthErrors", Syntax: counter32, Doc: "Packets received that are too short.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.PacketLengthErrors })},
			},
		},
	}
}
