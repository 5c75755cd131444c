package snmp

// Lines of our own.
const (
	textConnected = "AgentX subagent connected to %s"
	textRefused   = "SNMP: the master agent refuses %s: %v - two instances cannot serve the same objects at one agent (snmp_socket)"
	textLost      = "SNMP: %d notifications lost: the master agent did not take them - is it there, at snmp_socket?"
	textFailed    = "SNMP: cannot carry out a Set: %v - the manager is told"
)
