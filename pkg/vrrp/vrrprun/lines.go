package vrrprun

// Lines of our own.
const (
	logNotPolled      = "Interface %s is a %s and needs no linkbeat polling"
	logOverrun        = "Netlink: receive buffer overrun - reading everything again; vrrp_netlink_monitor_rcv_bufs makes it larger"
	logSyncStuck      = "The kernel has not stopped the IPVS sync daemon yet (lvs_sync_daemon) - we stop all the same, it may go on; ipvsadm --stop-daemon ends it"
	logSyncFailed     = "%v - the IPVS sync daemon (lvs_sync_daemon) is not as configured"
	logNotCompared    = "%w - virtual routes and rules could not be compared with the kernel's"
	logAnnounceFailed = "Error %d (%v) sending gratuitous ARP or neighbour advert - others learn of the move of an address later"
)

// defaultTable is the name of the nftables tables when none is configured.
const defaultTable = "keepalived"
