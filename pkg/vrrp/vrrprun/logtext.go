package vrrprun

// Log lines of the driver. Those that outside tools match are keepalived's.
const (
	logNoInterface     = "WARNING - interface %s for vrrp_instance %s doesn't exist"
	logNonExistent     = "Non-existent interface specified in configuration"
	logVMACFound       = "(%s) Found matching interface %s"
	logVMACCreated     = "(%s): Success creating VMAC interface %s"
	logVMACRemoved     = "(%s) Success removing VMAC interface %s"
	logFirewallDefault = "use_vmac or no_accept/strict specified, but no firewall configured - using nftables"
	logSockpool        = "VRRP sockpool: [ifindex(%3d), family(%v), proto(%d), fd(%d,%d) %s, address(%v)]"
	logLinkbeatMethod  = "(%s): Configured linkbeat type %v not supported, using %v"
	logScriptUnused    = "Warning - script %s is not used"

	// Ours.
	logNotPolled      = "Interface %s is a %s and needs no linkbeat polling"
	logOverrun        = "Netlink: receive buffer overrun - reading everything again"
	logSyncStuck      = "The kernel has not stopped the IPVS sync daemon yet"
	logAnnounceFailed = "Error %d (%v) sending gratuitous ARP or neighbour advert"
)

// defaultTable is the name of the nftables tables when none is configured.
const defaultTable = "keepalived"
