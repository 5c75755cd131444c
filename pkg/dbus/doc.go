// Package dbus shows the VRRP engine on the system bus as org.keepalived.Vrrp1:
// one object for the process, one for each instance, with keepalived's
// interfaces.
//
//	engine --event.Sink--> model (objects, states) --queue--> link --> bus
//	                         ^                                 |
//	                         +---- calls of other programs ----+
//
// The model follows the events of the engine, so that reading a property never
// reaches the engine. The link is one goroutine that keeps a connection: it
// comes back when the bus does, and a bus that does not read costs signals,
// never time of anybody else. Without enable_dbus neither exists.
package dbus
