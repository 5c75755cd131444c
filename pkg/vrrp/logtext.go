package vrrp

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// The lines of this file are keepalived's, letter by letter: people match them
// with monitoring. Lines marked (own) are ours, for what keepalived says
// nothing about. They are complete, without level and time.

// States.

func textInit(name string) string { return "(" + name + ") Entering BACKUP STATE (init)" }
func textState(name string, s event.State) string {
	return "(" + name + ") Entering " + s.String() + " STATE"
}
func textTimeout(name string) string { return "(" + name + ") Receive advertisement timeout" }
func textPriority(name string, from, to uint8) string {
	return fmt.Sprintf("(%s) Changing effective priority from %d to %d", name, from, to)
}
func textSentZero(name string) string { return "(" + name + ") sent 0 priority" }
func textAdverReset(name string, from, to time.Duration) string {
	return fmt.Sprintf("(%s) changing advert interval from %dms to locally configured %dms", name, from.Milliseconds(), to.Milliseconds())
}
func textAdverUpdated(name string, from, to time.Duration) string {
	return fmt.Sprintf("(%s) advertisement interval updated from %dms to %dms by master", name, from.Milliseconds(), to.Milliseconds())
}
func textDelayingStartup(d time.Duration) string {
	return "Delaying startup for " + strconv.FormatFloat(d.Seconds(), 'g', 6, 64) + " seconds"
}

const textDelayedStartDone = "Delayed start completed"

// Start in Fault.

func textStartFault(name string) string { return "(" + name + ") entering FAULT state" }
func textStartInterface(name, link string) string {
	return "(" + name + "): entering FAULT state (interface " + link + " down)"
}
func textStartScript(name, script string) string {
	return "(" + name + "): entering FAULT state due to script " + script
}
func textStartFile(name, file string, n int64) string {
	return fmt.Sprintf("(%s): entering FAULT state (tracked file %s has status %d)", name, file, n)
}
func textStartProcess(name, process string) string {
	return "(" + name + ") entering FAULT state (tracked process " + process + " quorum not achieved)"
}
func textNoAddress(name string, f config.Family) string {
	return "(" + name + ") entering FAULT state (no " + f.String() + " address for interface)"
}
func textNoSource(name string) string {
	return "(" + name + "): entering FAULT state (src address not configured)"
}

// textFault is for the causes that keepalived has no words for. (own)
func textFault(name, cause string) string {
	return "(" + name + "): entering FAULT state (" + cause + ")"
}

// Adverts heard by a master.

func textHigherPriority(name string, from netip.Addr, theirs, ours uint8) string {
	return fmt.Sprintf("(%s) Master received advert from %s with higher priority %d, ours %d", name, from, theirs, ours)
}
func textHigherAddress(name string, from netip.Addr, priority uint8) string {
	return fmt.Sprintf("(%s) Master received advert from %s with same priority %d but higher IP address than ours", name, from, priority)
}
func textLowerPriority(name string, from netip.Addr, theirs, ours uint8, elect bool) string {
	s := fmt.Sprintf("(%s) Received advert from %s with lower priority %d, ours %d", name, from, theirs, ours)
	if elect {
		s += ", forcing new election"
	}
	return s
}
func textOurAddress(name string) string {
	return "(" + name + ") WARNING - equal priority advert received from remote host with our IP address."
}
func textMasterZero(name string) string {
	return "(" + name + ") Master received priority 0 message"
}
func textTwoOwners(name string, from netip.Addr) string {
	return fmt.Sprintf("(%s) CONFIGURATION ERROR: local instance and %s are both configured as address owner, please resolve", name, from)
}
func textOwnerReduced(name string, from netip.Addr) string {
	return fmt.Sprintf("(%s) %s is still advertising as address owner, please resolve - reducing our priority", name, from)
}
func textRogueStopped(name string) string {
	return "(" + name + "): rogue address owner appears to have stopped advertising"
}
func textOwnerRestored(name string, from netip.Addr) string {
	return fmt.Sprintf("(%s) Restoring our priority to 255 since %s is no longer advertising as address owner", name, from)
}

// Adverts heard by a backup.

func textDiscarding(name string, priority uint8, from netip.Addr) string {
	return fmt.Sprintf("(%s) received lower priority (%d) advert from %s - discarding", name, priority, from)
}
func textMasterSet(name string, to netip.Addr) string {
	return fmt.Sprintf("(%s) master set to %s", name, to)
}
func textMasterChanged(name string, from, to netip.Addr) string {
	return fmt.Sprintf("(%s) master changed from %s to %s", name, from, to)
}
func textBackupZero(name string) string {
	return "(" + name + ") Backup received priority 0 advertisement"
}
func textStartPreemptDelay(name string, d time.Duration) string {
	return "(" + name + ") start preempt delay (" + seconds(d) + ")"
}
func textStopPreemptDelay(name string) string { return "(" + name + ") stop preempt delay" }

// Late timers.

func textLateTimer(late time.Duration) string {
	return "A thread timer expired " + seconds(late) + " seconds ago"
}
func textLateVRRP(late time.Duration) string {
	return "VRRP thread timer expired " + seconds(late) + " seconds ago"
}

// seconds is S.UUUUUU.
func seconds(d time.Duration) string {
	us := d.Microseconds()
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// Sync groups.

func textSync(group string, s event.State) string {
	return "VRRP_Group(" + group + ") Syncing instances to " + s.String() + " state"
}
func textStartSync(group, name string) string {
	return "VRRP_Group(" + group + "): Syncing " + name + " to FAULT state"
}

// Addresses, routes, rules.

func textVirtuals(name string, set bool, what string) string {
	if set {
		return "(" + name + ") setting " + what
	}
	return "(" + name + ") removing " + what
}

const (
	whatVIPs     = "VIPs."
	whatEVIPs    = "E-VIPs."
	whatRoutes   = "Virtual Routes"
	whatRules    = "Virtual Rules"
	whatDropRule = "firewall drop rule"
)

func textNoLongerAddress(name, address string) string {
	return "(" + name + ") ip address " + address + ", no longer exist"
}
func textNoLongerRoute(name, route string) string {
	return "(" + name + ") ip route " + route + ", no longer exist"
}
func textNoLongerRule(name, rule string) string {
	return "(" + name + ") ip rule " + rule + ", no longer exist"
}
func textAddressGone(addr netip.Addr, link string) string {
	return "Netlink reflector reports IP " + addr.String() + " removed from " + link
}
func textRouteGone(name, route string) string {
	return "(" + name + ") virtual route " + route + " deleted" // (own)
}
func textRuleGone(name, rule string) string {
	return "(" + name + ") virtual rule " + rule + " deleted" // (own)
}
func textRestoreAddress(address string) string {
	return "Restoring deleted static address " + address
}
func textRestoreRoute(route string) string { return "Restoring deleted static route " + route }
func textRestoreRule(rule string) string   { return "Restoring deleted static rule " + rule }

// textTooManyAddresses is ours: keepalived says it when it reads the file.
func textTooManyAddresses(name string, have, fit int) string {
	return fmt.Sprintf("(%s) only %d of %d virtual addresses fit into an advert, treating the others as excluded", name, fit, have)
}

// Gratuitous ARP and neighbour advertisements.

func textQueueGARP(name, link string, addr netip.Addr) string {
	return "(" + name + ") Sending/queueing gratuitous ARPs on " + link + " for " + addr.String()
}
func textQueueNA(name, link string, addr netip.Addr) string {
	return "(" + name + ") Sending/queueing Unsolicited Neighbour Adverts on " + link + " for " + addr.String()
}
func textSendGARP(link string, addr netip.Addr) string {
	return "Sending gratuitous ARP on " + link + " for " + addr.String()
}
func textSendNA(link string, addr netip.Addr) string {
	return "Sending unsolicited Neighbour Advert on " + link + " for " + addr.String()
}

// Interfaces.

func textLink(name string, linkbeat, up bool) string {
	by, word := "Netlink", "down"
	if linkbeat {
		by = "Linkbeat"
	}
	if up {
		word = "up"
	}
	return by + " reports " + name + " " + word
}
func textInterfaceDeleted(name string) string { return "Interface " + name + " deleted" }
func textInterfaceAdded(name string) string   { return "Interface " + name + " added" }
func textAssigned(addr netip.Addr, link string) string {
	return "Assigned address " + addr.WithZone("").String() + " for interface " + link
}
func textDeassigned(addr netip.Addr, link string) string {
	return "Deassigned address " + addr.WithZone("").String() + " from interface " + link
}
func textVMACFailed(name, vmac string) string {
	return "(" + name + "): Unable to create VMAC interface " + vmac
}

// Sending.

func textSendFailed(name string, errno int, text string) string {
	return fmt.Sprintf("(%s): send advert error %d (%s)", name, errno, text)
}
func textSendPeerFailed(name string, to netip.Addr, text string) string {
	return fmt.Sprintf("(%s) Cant send advert to %s (%s)", name, to, text)
}

// Tracking.

func textScriptReturns(script string, code int) string {
	return fmt.Sprintf("Script `%s` now returning %d", script, code)
}
func textScriptGood(script string) string     { return "VRRP_Script(" + script + ") succeeded" }
func textScriptTimedOut(script string) string { return "VRRP_Script(" + script + ") timed_out" }
func textScriptExited(script string, code int) string {
	return fmt.Sprintf("VRRP_Script(%s) failed (exited with status %d)", script, code)
}
func textScriptSignal(script string, signal int) string {
	return fmt.Sprintf("VRRP_Script(%s) failed (due to signal %d)", script, signal)
}
func textScriptNotRun(script, why string) string {
	return "VRRP_Script(" + script + ") failed (" + why + ")" // (own)
}
func textScriptReload(script string, good bool) string {
	if good {
		return "VRRP_Script(" + script + ") considered successful on reload"
	}
	return "VRRP_Script(" + script + ") considered unsuccessful on reload"
}
func textFileFault(name, file string) string {
	return "(" + name + "): tracked file " + file + " now FAULT state"
}
func textFileLeaves(name, file string) string {
	return "(" + name + "): tracked file " + file + " leaving FAULT state"
}
func textBFDEvent(session string, up bool, delivered time.Duration) string {
	return fmt.Sprintf("Received BFD event: instance %s is in state %s (delivered in %d usec)", session, upDown(up, "Up", "Down"), delivered.Microseconds())
}
func textBFD(name, session string, up bool) string {
	return "VRRP_Instance(" + name + ") Tracked BFD instance " + session + " is " + upDown(up, "UP", "DOWN")
}
func upDown(up bool, yes, no string) string {
	if up {
		return yes
	}
	return no
}

// Set from outside.

func textSNMPPriority(name string, from, to uint8) string {
	return fmt.Sprintf("(%s) base priority changed from %d to %d via SNMP.", name, from, to)
}
func textSNMPPreempt(name string, on bool) string {
	return "(" + name + ") preemption " + upDown(on, "enabled", "disabled") + " with SNMP"
}
