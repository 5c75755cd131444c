package dbus

// Log lines that other programs look for. "session bus" is keepalived's word
// for the system bus.
const (
	textAcquiredBus   = "Acquired DBus bus %s"
	textAcquiredName  = "Acquired the name %s on the session bus"
	textLostName      = "Lost the name %s on the session bus"
	textReleased      = "Released DBus"
	textDeletedObject = "Deleted DBus object for instance %s"

	textGARP       = "Sending garps on %s on DBus request"
	textData       = "Printing VRRP data on DBus request"
	textStats      = "Printing VRRP stats on DBus request"
	textClearStats = "Printing and clearing VRRP stats on DBus request"
)

// Lines of our own.
const (
	textNoBus     = textLostName + ": %v - trying again until it works"
	textWaiting   = textLostName + ": process %d has it - waiting in the bus's queue for it"
	textDropped   = "D-Bus cannot keep up: %d signals dropped"
	textClash     = "(%s) is not on D-Bus: (%s) has its object path %s already - use different interfaces or virtual router ids"
	textNotMaster = "(%s) is in state %v: only a master announces its addresses"
)
