// Package snmp runs whole daemons beside net-snmp's snmpd, snmptrapd, snmpwalk
// and snmpset, each daemon in a network namespace of its own with its own
// master agent:
//
//	+---------------------- gksnmp-NAME ------------------------+
//	| daemon --AgentX (unix socket)--> snmpd <--UDP-- snmpwalk  |
//	|                                    '------UDP-> snmptrapd |
//	| v0 ---- v1    v2 ---- v3       veth pairs with fixed MACs |
//	+-----------------------------------------------------------+
//
// Walks of ours and of the real keepalived with the same configuration are
// compared line by line; what may differ is listed with the reason.
package snmp
