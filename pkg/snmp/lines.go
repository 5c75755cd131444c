package snmp

// Lines of our own.
const (
	textConnected = "AgentX subagent connected to %s"
	textRefused   = "SNMP: the master agent refuses %s: %v"
	textLost      = "SNMP: %d notifications lost: the master agent did not take them"
	textFailed    = "SNMP: cannot carry out a Set: %v"
)
