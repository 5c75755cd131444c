// Package netif reads and changes what the kernel's network stack holds for
// us: interfaces, addresses, routes, rules, VMACs, sysctls and firewall
// tables, and it sends gratuitous ARP and unsolicited neighbour
// advertisements.
//
//	plan.go, address.go, route.go, rule.go, vmac.go, announcement.go
//	  what is wanted, as plain values; no system call
//	     |
//	*_linux.go
//	  Kernel     requests and dumps on one netlink socket
//	  Monitor    what changed, from a socket of its own
//	  Announcer  ARP and NA from one packet socket
//	  Sysctls    settings, with the way back
//
// Nothing here starts a goroutine, keeps a timer or knows VRRP. Everything
// acts in the network namespace of the thread that opened it, and is used by
// one goroutine at a time.
package netif
