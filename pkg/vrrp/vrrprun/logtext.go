package vrrprun

// Log lines of the driver. Those that outside tools match are keepalived's.
const (
	logNoInterface    = "WARNING - interface %s for vrrp_instance %s doesn't exist"
	logNonExistent    = "Non-existent interface specified in configuration"
	logOverrun        = "Netlink: receive buffer overrun - reading everything again"
	logDropped        = "The log was too slow: %d lines were dropped"
	logAnnounceFailed = "Error %d (%v) sending gratuitous ARP or neighbour advert"
)
