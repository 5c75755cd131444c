// Package vrrprun runs the VRRP engine on a real machine: it waits for
// packets, changes of the network, results of trackers and the engine's
// deadline, feeds them to vrrp.Engine.Step one at a time, and carries out the
// actions in order.
//
//	      scripts, files, processes, bfd, signals     other goroutines
//	                     |
//	                  mailbox ---- eventfd ---+
//	                                          |
//	raw sockets ------------------------------+--> epoll
//	netlink monitor --------------------------+
//	timerfd: the engine's deadline -----------+
//	                                                   |
//	                                          one goroutine:
//	                                          Step(now, event) -> actions
//	                                                   |
//	    adverts (sendmmsg) <---------------------------+-> netif: addresses,
//	    GARP and NA        <---------------------------+   routes, rules, VMACs
//	                                                   +-> event.Sink, log queue
//
// That goroutine may wait for nothing else: scripts, mail and
// FIFOs are behind the event sink, log lines behind a queue. The path of a
// packet and of a timer allocates nothing.
package vrrprun
