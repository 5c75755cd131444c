package mib

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var (
	operationsOID = rfc6527OID.Append(1, 1)
	statsOID3     = rfc6527OID.Append(1, 2)
)

// never is the time of a discontinuity that there was not.
func never(*instanceRow) Value { return agentx.TimeTicks(0) }

// rfc6527Nodes are the objects of VRRPv3-MIB. All are read-only, as its
// second compliance statement allows.
var rfc6527Nodes = []node{
	&Table[instanceRow]{
		Name: "vrrpv3OperationsTable", OID: operationsOID.Append(1), Rows: routers((*instanceRow).in3, (*instanceRow).routerIndex3),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpv3OperationsVrId", Syntax: vrID},
			{Number: 2, Name: "vrrpv3OperationsInetAddrType", Syntax: inetType},
			{Number: 3, Name: "vrrpv3OperationsMasterIpAddr", Syntax: inetAddress, Read: func(r *instanceRow) Value { return r.orZero(r.master()) }},
			{Number: 4, Name: "vrrpv3OperationsPrimaryIpAddr", Syntax: inetAddress, Read: func(r *instanceRow) Value { return r.orZero(r.Source) }},
			{Number: 5, Name: "vrrpv3OperationsVirtualMacAddr", Syntax: macAddress, Read: virtualMAC},
			{Number: 6, Name: "vrrpv3OperationsStatus", Syntax: routerState, Read: stateRFC},
			{Number: 7, Name: "vrrpv3OperationsPriority", Syntax: octet, Read: func(r *instanceRow) Value { return gauge(r.BasePriority) }},
			{Number: 8, Name: "vrrpv3OperationsAddrCount", Syntax: integer32, Read: func(r *instanceRow) Value { return integer(len(r.Config.VirtualAddresses)) }},
			{Number: 9, Name: "vrrpv3OperationsAdvInterval", Syntax: integer32, Read: func(r *instanceRow) Value { return integer(r.AdvertInterval / (10 * time.Millisecond)) }},
			{Number: 10, Name: "vrrpv3OperationsPreemptMode", Syntax: truth, Read: func(r *instanceRow) Value { return yes(!r.NoPreempt) }},
			{Number: 11, Name: "vrrpv3OperationsAcceptMode", Syntax: truth, Read: func(r *instanceRow) Value { return yes(r.Accept) }},
			{Number: 12, Name: "vrrpv3OperationsUpTime", Syntax: timeTicks, Read: (*instanceRow).upTime},
			{Number: 13, Name: "vrrpv3OperationsRowStatus", Syntax: rowStatus, Read: active},
		},
	},
	&Table[instanceRow]{
		Name: "vrrpv3AssociatedIpAddrTable", OID: operationsOID.Append(2), Rows: associated((*instanceRow).in3, (*instanceRow).routerIndex3),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpv3AssociatedIpAddrAddress", Syntax: inetAddress},
			{Number: 2, Name: "vrrpv3AssociatedIpAddrRowStatus", Syntax: rowStatus, Read: active},
		},
	},
	scalar(statsOID3, 1, "vrrpv3RouterChecksumErrors", counter64, func(v *View) Value { return agentx.Counter64(v.VRRP.BadChecksum) }),
	scalar(statsOID3, 2, "vrrpv3RouterVersionErrors", counter64, func(v *View) Value { return agentx.Counter64(v.VRRP.BadVersion) }),
	scalar(statsOID3, 3, "vrrpv3RouterVrIdErrors", counter64, func(v *View) Value { return agentx.Counter64(v.VRRP.UnknownVRID) }),
	scalar(statsOID3, 4, "vrrpv3GlobalStatisticsDiscontinuityTime", timeTicks, func(*View) Value { return agentx.TimeTicks(0) }),
	&Table[instanceRow]{
		Name: "vrrpv3StatisticsTable", OID: statsOID3.Append(5), Rows: routers((*instanceRow).in3, (*instanceRow).routerIndex3),
		Columns: []Column[instanceRow]{
			{Number: 1, Name: "vrrpv3StatisticsMasterTransitions", Syntax: counter32, Read: count32(func(c *status.VRRPCounters) uint64 { return c.BecomeMaster })},
			{Number: 2, Name: "vrrpv3StatisticsNewMasterReason", Syntax: enum("notMaster(0)", "priority(1)", "preempted(2)", "masterNoResponse(3)"), Read: func(r *instanceRow) Value { return integer(r.MasterReason) }},
			{Number: 3, Name: "vrrpv3StatisticsRcvdAdvertisements", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.AdvertReceived })},
			{Number: 4, Name: "vrrpv3StatisticsAdvIntervalErrors", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.AdvertIntervalErrors })},
			{Number: 5, Name: "vrrpv3StatisticsIpTtlErrors", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.TTLErrors })},
			{Number: 6, Name: "vrrpv3StatisticsProtoErrReason", Syntax: enum("noError(0)", "ipTtlError(1)", "versionError(2)", "checksumError(3)", "vrIdError(4)"), Read: func(r *instanceRow) Value { return integer(r.ProtocolError) }},
			{Number: 7, Name: "vrrpv3StatisticsRcvdPriZeroPackets", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroReceived })},
			{Number: 8, Name: "vrrpv3StatisticsSentPriZeroPackets", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.PriorityZeroSent })},
			{Number: 9, Name: "vrrpv3StatisticsRcvdInvalidTypePackets", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.InvalidTypeReceived })},
			{Number: 10, Name: "vrrpv3StatisticsAddressListErrors", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.AddressListErrors })},
			{Number: 11, Name: "vrrpv3StatisticsPacketLengthErrors", Syntax: counter64, Read: count64(func(c *status.VRRPCounters) uint64 { return c.PacketLengthErrors })},
			{Number: 12, Name: "vrrpv3StatisticsRowDiscontinuityTime", Syntax: timeTicks, Read: never},
			{Number: 13, Name: "vrrpv3StatisticsRefreshRate", Syntax: unsigned32, Read: func(r *instanceRow) Value { return gauge(r.AdvertInterval.Milliseconds()) }},
		},
	},
}
