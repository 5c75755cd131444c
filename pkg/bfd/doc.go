// Package bfd is Bidirectional Forwarding Detection (RFC 5880, asynchronous
// mode, over UDP as in RFC 5881 and RFC 5883), as a pure function: events and
// the time go in, actions come out. It reads no clock, opens no socket, starts
// no goroutine and writes no log; package bfdrun does that for it.
//
//	   Start, *Packet, SocketOpened,
//	   Repeat, Reload, Timer, Stop ...
//	                |
//	now ----> Engine.Step -------> []Action, in order: Listen, OpenSocket,
//	            |      ^           *SendControl, Announce, Log ...
//	            |  ActionFailed              |
//	            |      +---------------------+
//	Engine.Deadline (one timer)
//
// # Glossary
//
// Words are those of RFC 5880: local and remote discriminator, DesiredMinTx
// (min_tx, or idle_tx while the session is not Up), RequiredMinRx (min_rx),
// DetectMult (multiplier), detection time, poll sequence. A session is one
// bfd_instance; its neighbor is the other end; consumers are the processes
// that are told its state.
//
// # Where keepalived goes its own way
//
// A session that leaves Up takes a new random discriminator; the old one is
// understood until the neighbor uses the new one. A neighbor that says
// AdminDown takes the session down, but consumers are not told: somebody
// stopped it on purpose, and nothing failed. There is no echo mode, no
// authentication, and no demand mode of our own.
package bfd
