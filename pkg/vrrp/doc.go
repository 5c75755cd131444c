// Package vrrp is the Virtual Router Redundancy Protocol, versions 2 and 3,
// with keepalived's additions (Fault state, sync groups, tracking, unicast,
// authentication), as a pure function: events and the time go in, actions come
// out. It reads no clock, opens no socket, starts no goroutine and writes no
// log; package vrrprun does that for it.
//
//	     Start, *Packet, InterfaceChanged, AddressRemoved,
//	     ScriptResult, BFDState, Reload, Timer, Stop ...
//	                        |
//	now ------------> Engine.Step -------> []Action, in order:
//	                    |      ^            *SendAdvert, AddAddress,
//	Engine.Deadline <---+      |            SendGARP, Emit, Log ...
//	(one timer)          ActionFailed               |
//	                           +--------------------+
//
// # Glossary
//
// Words are those of RFC 5798: VRID, priority, advertisement interval,
// master down interval, skew time, address owner. RFC 9568 calls the Master
// "Active" and the Backup "Backup Router"; code, logs and scripts keep Master.
// An instance is a virtual router on this machine (vrrp_instance), an advert
// an ADVERTISEMENT packet. Initialize is written Init, as keepalived prints
// it; Fault is keepalived's state for "cannot take part".
//
// # Shape
//
// engine.go dispatches; instance.go holds one virtual router; state_*.go have
// the transitions, and only become* functions change the state; receive.go
// judges packets and returns a wire.Drop; fault.go keeps the causes of Fault
// as a set.
package vrrp
