// Package snmp is the AgentX subagent of the vrrp and the checker process:
// it serves the objects of package mib to a master agent such as net-snmp's
// snmpd, carries out what managers set, and sends notifications.
//
//	engine --snapshot--> cache --view--> mib.Tree --+
//	event bus --> Sink --> notification queue ------+--> session <--AgentX--> snmpd
//	engine <--change-- Set <------------------------+
//
// The engine is asked for a snapshot at most once a second however much a
// manager walks, and never waits for the master: a master that hangs, goes
// away or talks nonsense costs the session, which is opened again and again.
// Nothing of this exists before a configuration asks for it.
package snmp
