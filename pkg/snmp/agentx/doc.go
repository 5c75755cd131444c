// Package agentx is the AgentX protocol (RFC 2741) as a subagent speaks it: a
// codec for its PDUs. The session with the master is in package snmp.
//
// Every length is checked against what is there, since the master is another
// program: what cannot be read is an error, never a panic. We write network
// byte order and read both.
package agentx
