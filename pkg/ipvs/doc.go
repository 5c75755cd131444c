// Package ipvs plans and programs the load balancing table of the Linux
// kernel (IP Virtual Server).
//
//	config.VirtualServer --Services, RealServer--> []Service (desired)
//	Kernel.Table --------------------------------> []Service (present)
//	         Plan(present, desired) --> []Op --> Kernel.Do --> []error
//
// The left part (service.go, op.go, expand.go, plan.go, mirror.go, marks.go)
// is pure: no input, output, clock or goroutine. The right part talks generic
// netlink: services, flush and timeouts through moby/ipvs; destinations,
// statistics, sync daemons and the reading of the table, all of which moby/ipvs
// lacks or truncates, through the small encoder of message.go.
//
// Words are those of IPVS: a service is one virtual address (or firewall mark)
// of a virtual server, a destination one real server of one service. A group
// of addresses makes one virtual server many services.
//
// Nothing here may decide which server is healthy, log on its own, or keep a
// global. A Kernel belongs to one goroutine.
package ipvs
