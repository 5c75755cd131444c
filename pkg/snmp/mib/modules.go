package mib

import "slices"

// Modules are the MIB files that we ship. Names and numbers of the two of RFCs
// are the RFCs', the descriptions are ours, and access is what we serve.
func Modules() []*ModuleFile {
	return []*ModuleFile{keepalivedModule(), rfc2787Module(), rfc6527Module()}
}

func keepalivedModule() *ModuleFile {
	return &ModuleFile{
		Name: "KEEPALIVED-MIB", header: keepalivedHeader, root: branch{"keepalived", keepalivedOID}, branches: branches(),
		nodes: slices.Concat(globalNodes(), vrrpNodes(), checkNodes()), traps: traps(),
		groups: "groups", compliances: "compliances",
	}
}

// branches are those of KEEPALIVED-MIB.
func branches() []branch {
	return []branch{
		{"global", globalOID}, {"vrrp", vrrpOID}, {"check", checkOID}, {"mail", mailOID},
		{"vrrpTrap", vrrpOID.Append(10)}, {"vrrpTraps", vrrpTrapsOID}, {"vrrpTrapControl", vrrpOID.Append(10, 1)},
		{"checkTrap", checkOID.Append(5)}, {"checkTraps", checkTrapsOID}, {"checkTrapControl", checkOID.Append(5, 1)},
		{"lvsSyncDaemon", syncDaemonOID}, {"lvsTimeouts", timeoutsOID},
		{"conformance", keepalivedOID.Append(4)}, {"compliances", keepalivedOID.Append(4, 1)}, {"groups", keepalivedOID.Append(4, 2)},
	}
}

// bareNote is about all notifications.
const bareNote = " Objects of tables come without the index of their row, as keepalived sends them."

func traps() []trap {
	return []trap{
		{"vrrpSyncGroupStateChange", vrrpTrapsOID.Append(1), []string{"vrrpSyncGroupName", "vrrpSyncGroupState", "routerId"}, "A sync group has entered a state." + bareNote},
		{"vrrpInstanceStateChange", vrrpTrapsOID.Append(2), []string{"vrrpInstanceName", "vrrpInstanceState", "vrrpInstanceInitialState", "routerId"}, "An instance has entered a state." + bareNote},
		{"realServerStateChange", checkTrapsOID.Append(1), []string{"realServerAddrType", "realServerAddress", "realServerPort", "realServerStatus", "virtualServerType", "virtualServerProtocol", "virtualServerRealServersUp", "virtualServerRealServersTotal", "routerId"}, "A real server has come up or gone down. After virtualServerType come the objects that name the virtual server: virtualServerNameOfGroup, or virtualServerFwMark, or virtualServerAddrType, virtualServerAddress and virtualServerPort." + bareNote},
		{"virtualServerQuorumStateChange", checkTrapsOID.Append(2), []string{"virtualServerType", "virtualServerProtocol", "virtualServerQuorumStatus", "virtualServerQuorum", "virtualServerRealServersUp", "virtualServerRealServersTotal", "routerId"}, "A virtual server has gained or lost its quorum, or the daemon stops. After virtualServerType come the objects that name the virtual server, as in realServerStateChange." + bareNote},
	}
}

const keepalivedHeader = `KEEPALIVED-MIB DEFINITIONS ::= BEGIN

-- Made by make generate from the tables in pkg/snmp/mib: do not edit by hand.
--
-- The names and numbers are those that keepalived has given its objects; the
-- descriptions are gokeepalived's own.

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE,
    Integer32, Unsigned32, Gauge32, Counter32, Counter64, enterprises
        FROM SNMPv2-SMI
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF
    TEXTUAL-CONVENTION, DisplayString, TruthValue
        FROM SNMPv2-TC
    InetAddressType, InetAddress, InetPortNumber,
    InetAddressPrefixLength, InetScopeType
        FROM INET-ADDRESS-MIB
    InterfaceIndex, ifIndex
        FROM IF-MIB;

keepalived MODULE-IDENTITY
    LAST-UPDATED "202611270000Z"
    ORGANIZATION "gokeepalived"
    CONTACT-INFO "https://github.com/gokeepalived/gokeepalived"
    DESCRIPTION  "State and settings of a keepalived daemon: VRRP and IPVS
                 with health checks."
    REVISION     "202611270000Z"
    DESCRIPTION  "First version of gokeepalived."
    ::= { project 5 }

debian  OBJECT IDENTIFIER ::= { enterprises 9586 }
project OBJECT IDENTIFIER ::= { debian 100 }
`

func rfc2787Module() *ModuleFile {
	return &ModuleFile{
		Name: "VRRP-MIB", header: rfc2787Header, root: branch{"vrrpMIB", rfc2787OID},
		branches: []branch{
			{"vrrpNotifications", rfc2787OID.Append(0)}, {"vrrpOperations", operOID}, {"vrrpStatistics", statsOID2},
			{"vrrpConformance", rfc2787OID.Append(3)}, {"vrrpMIBCompliances", rfc2787OID.Append(3, 1)}, {"vrrpMIBGroups", rfc2787OID.Append(3, 2)},
		},
		nodes: rfc2787Nodes(),
		notified: []object{
			{name: "vrrpTrapPacketSrc", oid: operOID.Append(5), syntax: ipAddress, access: notifyOnly, doc: "Where the packet came from."},
			{name: "vrrpTrapAuthErrorType", oid: operOID.Append(6), syntax: enum("invalidAuthType(1)", "authTypeMismatch(2)", "authFailure(3)"), access: notifyOnly, doc: "What was wrong with the packet's authentication."},
		},
		traps: []trap{
			{"vrrpTrapNewMaster", rfc2787OID.Append(0, 1), []string{"vrrpOperMasterIpAddr"}, "This node has become master."},
			{"vrrpTrapAuthFailure", rfc2787OID.Append(0, 2), []string{"vrrpTrapPacketSrc", "vrrpTrapAuthErrorType"}, "A packet was refused for its authentication."},
		},
		groups: "vrrpMIBGroups", compliances: "vrrpMIBCompliances", prefix: "vrrpMIB",
	}
}

const rfc2787Header = `VRRP-MIB DEFINITIONS ::= BEGIN

-- Made by make generate from the tables in pkg/snmp/mib: do not edit by hand.
--
-- Names and numbers are those of RFC 2787, the descriptions are
-- gokeepalived's own. Everything is served read-only.

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE,
    Integer32, Counter32, IpAddress, TimeTicks, mib-2
        FROM SNMPv2-SMI
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF
    MacAddress, RowStatus, TruthValue
        FROM SNMPv2-TC
    ifIndex
        FROM IF-MIB;

vrrpMIB MODULE-IDENTITY
    LAST-UPDATED "202611270000Z"
    ORGANIZATION "gokeepalived"
    CONTACT-INFO "https://github.com/gokeepalived/gokeepalived"
    DESCRIPTION  "Virtual routers of version 2 over IPv4 (RFC 2787)."
    REVISION     "202611270000Z"
    DESCRIPTION  "What gokeepalived serves of it."
    ::= { mib-2 68 }

`

func rfc6527Module() *ModuleFile {
	return &ModuleFile{
		Name: "VRRPV3-MIB", header: rfc6527Header, root: branch{"vrrpv3MIB", rfc6527OID},
		branches: []branch{
			{"vrrpv3Notifications", rfc6527OID.Append(0)}, {"vrrpv3Objects", rfc6527OID.Append(1)}, {"vrrpv3Conformance", rfc6527OID.Append(2)},
			{"vrrpv3Operations", operationsOID}, {"vrrpv3Statistics", statsOID3},
			{"vrrpv3Compliances", rfc6527OID.Append(2, 1)}, {"vrrpv3Groups", rfc6527OID.Append(2, 2)},
		},
		nodes: rfc6527Nodes(),
		traps: []trap{
			{"vrrpv3NewMaster", rfc6527OID.Append(0, 1), []string{"vrrpv3OperationsMasterIpAddr", "vrrpv3StatisticsNewMasterReason"}, "This node has become master."},
			{"vrrpv3ProtoError", rfc6527OID.Append(0, 2), []string{"vrrpv3StatisticsProtoErrReason"}, "A packet was refused."},
		},
		groups: "vrrpv3Groups", compliances: "vrrpv3Compliances", prefix: "vrrpv3",
	}
}

const rfc6527Header = `VRRPV3-MIB DEFINITIONS ::= BEGIN

-- Made by make generate from the tables in pkg/snmp/mib: do not edit by hand.
--
-- Names and numbers are those of RFC 6527, the descriptions are
-- gokeepalived's own. Everything is served read-only.

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE,
    Integer32, Unsigned32, Counter32, Counter64, TimeTicks, mib-2
        FROM SNMPv2-SMI
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF
    MacAddress, RowStatus, TruthValue
        FROM SNMPv2-TC
    InetAddressType, InetAddress
        FROM INET-ADDRESS-MIB
    ifIndex
        FROM IF-MIB;

vrrpv3MIB MODULE-IDENTITY
    LAST-UPDATED "202611270000Z"
    ORGANIZATION "gokeepalived"
    CONTACT-INFO "https://github.com/gokeepalived/gokeepalived"
    DESCRIPTION  "Virtual routers over IPv4 and IPv6 (RFC 6527)."
    REVISION     "202611270000Z"
    DESCRIPTION  "What gokeepalived serves of it."
    ::= { mib-2 207 }

`
