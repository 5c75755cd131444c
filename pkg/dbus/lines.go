package dbus

import "github.com/gokeepalived/gokeepalived/pkg/logtext"

// Lines of our own.
const (
	textNoBus     = logtext.DBusLostName + ": %v - trying again until it works"
	textWaiting   = logtext.DBusLostName + ": process %d has it - waiting in the bus's queue for it"
	textDropped   = "D-Bus cannot keep up: %d signals dropped - is the bus hanging?"
	textClash     = "(%s) is not on D-Bus: (%s) has its object path %s already - use different interfaces or virtual router ids"
	textNotMaster = "(%s) is in state %v: only a master announces its addresses"
)
