package mib

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var (
	operationsOID = rfc6527OID.Append(1, 1)
	statsOID3     = rfc6527OID.Append(1, 2)
	// routerNames3 are the index objects of a virtual router.
	routerNames3 = []string{"ifIndex", "vrrpv3OperationsVrId", "vrrpv3OperationsInetAddrType"}
)

// never is the time of a discontinuity that there was not.
func never(*instanceRow) Value { return agentx.TimeTicks(0) }

// rfc6527Nodes are the objects of VRRPv3-MIB. All are read-only, as its
// second compliance statement allows.
func rfc6527Nodes() []node {
	return []node{
		&Table[instanceRow]{
			Name: "vrrpv3OperationsTable", OID: operationsOID.Append(1), Doc: "The virtual routers, those of version 2 over IPv4 too.", Index: routerNames3,
			Rows: routers((*instanceRow).in3, (*instanceRow).routerIndex3),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpv3OperationsVrId", Syntax: vrID, Doc: "Virtual router identifier."},
				{Number: 2, Name: "vrrpv3OperationsInetAddrType", Syntax: inetType, Doc: "Family of the virtual router."},
				{Number: 3, Name: "vrrpv3OperationsMasterIpAddr", Syntax: inetAddress, Doc: "Address of the present master, as its adverts have it; zeros when none is known.", Read: func(r *instanceRow) Value { return r.orZero(r.master()) }},
				{Number: 4, Name: "vrrpv3OperationsPrimaryIpAddr", Syntax: inetAddress, Doc: "Address that adverts of this node come from.", Read: func(r *instanceRow) Value { return r.orZero(r.Source) }},
				{Number: 5, Name: "vrrpv3OperationsVirtualMacAddr", Syntax: macAddress, Doc: "MAC address of the virtual router.", Read: virtualMAC},
				{Number: 6, Name: "vrrpv3OperationsStatus", Syntax: routerState, Doc: "State of the virtual router. A fault is told as initialize.", Read: stateRFC},
				{Number: 7, Name: "vrrpv3OperationsPriority", Syntax: octet, Doc: "Configured priority; trackers may add to it.", Read: func(r *instanceRow) Value { return gauge(r.BasePriority) }},
				{Number: 8, Name: "vrrpv3OperationsAddrCount", Syntax: integer32, Doc: "Number of virtual addresses in adverts.", Read: func(r *instanceRow) Value { return integer(len(r.Config.VirtualAddresses)) }},
				{Number: 9, Name: "vrrpv3OperationsAdvInterval", Syntax: integer32, Doc: "Time between two adverts in hundredths of a second.", Read: func(r *instanceRow) Value { return integer(r.AdvertInterval / (10 * time.Millisecond)) }},
				{Number: 10, Name: "vrrpv3OperationsPreemptMode", Syntax: truth, Doc: "Whether a router of higher priority takes over from a master of lower priority.", Read: func(r *instanceRow) Value { return yes(!r.NoPreempt) }},
				{Number: 11, Name: "vrrpv3OperationsAcceptMode", Syntax: truth, Doc: "Whether a master that does not own the addresses accepts packets to them.", Read: func(r *instanceRow) Value { return yes(r.Accept) }},
				{Number: 12, Name: "vrrpv3OperationsUpTime", Syntax: timeTicks, Doc: "Time since the virtual router left initialize; 0 while it is there.", Read: (*instanceRow).upTime},
				{Number: 13, Name: "vrrpv3OperationsRowStatus", Syntax: rowStatus, Doc: "Always active.", Read: active},
			},
		},
		&Table[instanceRow]{
			Name: "vrrpv3AssociatedIpAddrTable", OID: operationsOID.Append(2), Doc: "The virtual addresses in adverts.", Index: append(routerNames3[:3:3], "vrrpv3AssociatedIpAddrAddress"),
			Rows: associated((*instanceRow).in3, (*instanceRow).routerIndex3),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpv3AssociatedIpAddrAddress", Syntax: plain("InetAddress (SIZE (0|4|16))", agentx.KindOctets), Doc: "A virtual address."},
				{Number: 2, Name: "vrrpv3AssociatedIpAddrRowStatus", Syntax: rowStatus, Doc: "Always active.", Read: active},
			},
		},
		scalar(statsOID3, 1, "vrrpv3RouterChecksumErrors", counter64, "Packets with a wrong checksum.", func(v *View) Value { return agentx.Counter64(v.VRRP.BadChecksum) }),
		scalar(statsOID3, 2, "vrrpv3RouterVersionErrors", counter64, "Packets of another version than the virtual router has.", func(v *View) Value { return agentx.Counter64(v.VRRP.BadVersion) }),
		scalar(statsOID3, 3, "vrrpv3RouterVrIdErrors", counter64, "Packets for a virtual router that is not configured.", func(v *View) Value { return agentx.Counter64(v.VRRP.UnknownVRID) }),
		scalar(statsOID3, 4, "vrrpv3GlobalStatisticsDiscontinuityTime", timeTicks, "Always 0: the counters above are never set back.", func(*View) Value { return agentx.TimeTicks(0) }),
		&Table[instanceRow]{
			Name: "vrrpv3StatisticsTable", OID: statsOID3.Append(5), Doc: "Counters of the virtual routers.", Index: routerNames3,
			Rows: routers((*instanceRow).in3, (*instanceRow).routerIndex3),
			Columns: []Column[instanceRow]{
				{Number: 1, Name: "vrrpv3StatisticsMasterTransitions", Syntax: counter32, Doc: "How often it became master.", Read: count32(func(c *status.VRRPCounters) uint64 { return c.BecomeMaster })},
				{Number: 2, Name: "vrrpv3StatisticsNewMasterReason", Syntax: enum("notMaster(0)", "priority(1)", "preempted(2)", "masterNoResponse(3)"), Doc: "Why it became master the last time.", Read: func(r *instanceRow) Value { return integer(r.MasterReason) }},
				{Number: 3, Name: "vrrpv3StatisticsRcvdAdvertisements", Syntax: counter64, Doc: "Adverts received.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.AdvertReceived })},
				{Number: 4, Name: "vrrpv3StatisticsAdvIntervalErrors", Syntax: counter64, Doc: "Adverts received with another interval.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.AdvertIntervalErrors })},
				{Number: 5, Name: "vrrpv3StatisticsIpTtlErrors", Syntax: counter64, Doc: "Adverts received with a TTL or hop limit that is not 255.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.TTLErrors })},
				{Number: 6, Name: "vrrpv3StatisticsProtoErrReason", Syntax: enum("noError(0)", "ipTtlError(1)", "versionError(2)", "checksumError(3)", "vrIdError(4)"), Doc: "What was wrong with the last packet that was refused.", Read: func(r *instanceRow) Value { return integer(r.ProtocolError) }},
				{Number: 7, Name: "vrrpv3StatisticsRcvdPriZeroPackets", Syntax: counter64, Doc: "Adverts received with priority 0.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroReceived })},
				{Number: 8, Name: "vrrpv3StatisticsSentPriZeroPackets", Syntax: counter64, Doc: "Adverts sent with priority 0.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroSent })},
				{Number: 9, Name: "vrrpv3StatisticsRcvdInvalidTypePackets", Syntax: counter64, Doc: "Packets received whose type is not an advert.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.InvalidTypeReceived })},
				{Number: 10, Name: "vrrpv3StatisticsAddressListErrors", Syntax: counter64, Doc: "Adverts received with other virtual addresses.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.AddressListErrors })},
				{Number: 11, Name: "vrrpv3StatisticsPacketLengthErrors", Syntax: counter64, Doc: "Packets received that are too short.", Read: count64(func(c *status.VRRPCounters) uint64 { return c.PacketLengthErrors })},
				{Number: 12, Name: "vrrpv3StatisticsRowDiscontinuityTime", Syntax: timeTicks, Doc: "Always 0: the counters of a row are not set back while it is there.", Read: never},
				{Number: 13, Name: "vrrpv3StatisticsRefreshRate", Syntax: unsigned32, Doc: "Shortest time in milliseconds after which the counters should be read again: the advert interval.", Read: func(r *instanceRow) Value { return gauge(r.AdvertInterval.Milliseconds()) }},
			},
		},
	}
}
