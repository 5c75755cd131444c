package vrrprun

// Lines of our own.
const (
	logNotPolled      = "Interface %s is a %s and needs no linkbeat polling"
	logOverrun        = "Netlink: receive buffer overrun - reading everything again"
	logSyncStuck      = "The kernel has not stopped the IPVS sync daemon yet"
	logAnnounceFailed = "Error %d (%v) sending gratuitous ARP or neighbour advert"
)

// defaultTable is the name of the nftables tables when none is configured.
const defaultTable = "keepalived"
