package snmp

// Lines that are keepalived's or net-snmp's, which monitoring may match.
const (
	textStarting     = "Starting SNMP subagent"
	textConnected    = "AgentX subagent connected to %s"
	textUnreachable  = "Warning: Failed to connect to the agentx master agent (%s): %v"
	textDisconnected = "AgentX master disconnected us, reconnecting in %d: %v"

	textInstance   = "(%s) Sending SNMP notification"
	textGroup      = "VRRP_Group(%s): Sending SNMP notification"
	textNewMaster2 = "(%s) Sending SNMP notification vrrpTrapNewMaster"
	textNewMaster3 = "(%s) Sending SNMP notification vrrpv3NotifyNewMaster, reason %d"
)

// Lines of our own.
const (
	textRefused = "SNMP: the master agent refuses %s: %v"
	textLost    = "SNMP: %d notifications lost: the master agent did not take them"
	textFailed  = "SNMP: cannot carry out a Set: %v"
)
