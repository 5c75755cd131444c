// Package bfdrun runs the BFD engine on a real machine, and carries what it
// says to the processes that want to know.
//
//	bfd process                                     vrrp, checker processes
//
//	UDP 3784, 4784 --+                                      Subscribe
//	mailbox ---------+--> epoll, with the engine's              |
//	feeds -----------+    deadline as its timeout               |
//	     ^                       |                              |
//	     |        one goroutine:                                |
//	     |        Step(now, event) -> actions                   |
//	     |             |         |                              |
//	     |     sending sockets   +---- states ----------------> |
//	     +------------------------------- requests to repeat ---+
//
// A feed is a pair of sockets that the parent process makes once and keeps, so
// that either end may die and be started again: a consumer that starts throws
// away what waits there and asks for every state again; the bfd process that
// starts announces all its sessions. Nothing is lost when a feed is full: all
// states are repeated when there is room.
//
// That goroutine waits for nothing but epoll, and the path of a
// packet and of a timer allocates nothing.
package bfdrun
