package vrrp

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// How this package fills in the lines of package logtext. Lines that are
// written out here, marked (own), are ours, for what keepalived says nothing
// about.

// States.

func textInit(name string) string { return fmt.Sprintf(logtext.StateInit, name) }
func textState(name string, s event.State) string {
	return fmt.Sprintf(logtext.State, name, s)
}
func textTimeout(name string) string { return fmt.Sprintf(logtext.ReceiveTimeout, name) }
func textPriority(name string, from, to uint8) string {
	return fmt.Sprintf(logtext.EffectivePriority, name, from, to)
}
func textSentZero(name string) string { return fmt.Sprintf(logtext.SentZero, name) }
func textAdverReset(name string, from, to time.Duration) string {
	return fmt.Sprintf(logtext.AdverIntervalReset, name, from.Milliseconds(), to.Milliseconds())
}
func textAdverUpdated(name string, from, to time.Duration) string {
	return fmt.Sprintf(logtext.AdverIntervalMaster, name, from.Milliseconds(), to.Milliseconds())
}
func textDelayingStartup(d time.Duration) string {
	return fmt.Sprintf(logtext.DelayingStartup, strconv.FormatFloat(d.Seconds(), 'g', 6, 64))
}

// Start in Fault.

func textStartFault(name string) string { return fmt.Sprintf(logtext.FaultStart, name) }
func textStartInterface(name, link string) string {
	return fmt.Sprintf(logtext.FaultInterface, name, link)
}
func textStartScript(name, script string) string {
	return fmt.Sprintf(logtext.FaultScript, name, script)
}
func textStartFile(name, file string, n int64) string {
	return fmt.Sprintf(logtext.FaultFile, name, file, n)
}
func textStartProcess(name, process string) string {
	return fmt.Sprintf(logtext.FaultProcess, name, process)
}
func textNoAddress(name string, f config.Family) string {
	return fmt.Sprintf(logtext.FaultNoAddress, name, f)
}
func textNoSource(name string) string {
	return fmt.Sprintf(logtext.FaultNoSource, name)
}

// textFault is for the causes that keepalived has no words for. (own)
func textFault(name, cause string) string {
	return "(" + name + "): entering FAULT state (" + cause + ")"
}

// Adverts heard by a master.

func textHigherPriority(name string, from netip.Addr, theirs, ours uint8) string {
	return fmt.Sprintf(logtext.HigherPriority, name, from, theirs, ours)
}
func textHigherAddress(name string, from netip.Addr, priority uint8) string {
	return fmt.Sprintf(logtext.HigherAddress, name, from, priority)
}
func textLowerPriority(name string, from netip.Addr, theirs, ours uint8, elect bool) string {
	s := fmt.Sprintf(logtext.LowerPriority, name, from, theirs, ours)
	if elect {
		s += logtext.EndForcingElection
	}
	return s
}
func textOurAddress(name string) string {
	return fmt.Sprintf(logtext.OurAddress, name)
}
func textMasterZero(name string) string {
	return fmt.Sprintf(logtext.MasterZero, name)
}
func textTwoOwners(name string, from netip.Addr) string {
	return fmt.Sprintf(logtext.TwoOwners, name, from)
}
func textOwnerReduced(name string, from netip.Addr) string {
	return fmt.Sprintf(logtext.OwnerReduced, name, from)
}
func textRogueStopped(name string) string {
	return fmt.Sprintf(logtext.OwnerStopped, name)
}
func textOwnerRestored(name string, from netip.Addr) string {
	return fmt.Sprintf(logtext.OwnerRestored, name, from)
}

// Adverts heard by a backup.

func textDiscarding(name string, priority uint8, from netip.Addr) string {
	return fmt.Sprintf(logtext.Discarding, name, priority, from)
}
func textMasterSet(name string, to netip.Addr) string {
	return fmt.Sprintf(logtext.MasterSet, name, to)
}
func textMasterChanged(name string, from, to netip.Addr) string {
	return fmt.Sprintf(logtext.MasterChanged, name, from, to)
}
func textBackupZero(name string) string {
	return fmt.Sprintf(logtext.BackupZero, name)
}
func textStartPreemptDelay(name string, d time.Duration) string {
	return fmt.Sprintf(logtext.StartPreemptDelay, name, seconds(d))
}
func textStopPreemptDelay(name string) string { return fmt.Sprintf(logtext.StopPreemptDelay, name) }

// Late timers.

func textLateTimer(late time.Duration) string {
	return fmt.Sprintf(logtext.LateTimer, seconds(late))
}
func textLateVRRP(late time.Duration) string {
	return fmt.Sprintf(logtext.LateVRRP, seconds(late))
}

// seconds is S.UUUUUU.
func seconds(d time.Duration) string {
	us := d.Microseconds()
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// Sync groups.

func textSync(group string, s event.State) string {
	return fmt.Sprintf(logtext.SyncGroup, group, s)
}
func textStartSync(group, name string) string {
	return fmt.Sprintf(logtext.SyncGroupStart, group, name)
}

// Addresses, routes, rules.

func textVirtuals(name string, set bool, what string) string {
	if set {
		return fmt.Sprintf(logtext.Setting, name, what)
	}
	return fmt.Sprintf(logtext.Removing, name, what)
}

func textNoLongerAddress(name, address string) string {
	return fmt.Sprintf(logtext.NoLongerAddress, name, address)
}
func textNoLongerRoute(route string) string {
	return fmt.Sprintf(logtext.RemovingRoute, route)
}
func textNoLongerRule(rule string) string {
	return fmt.Sprintf(logtext.RuleRemoved, rule)
}
func textAddressGone(addr netip.Addr, link string) string {
	return fmt.Sprintf(logtext.AddressRemovedFrom, addr, link)
}
func textRouteGone(name, route string) string {
	return "(" + name + ") virtual route " + route + " deleted" // (own)
}
func textRuleGone(name, rule string) string {
	return "(" + name + ") virtual rule " + rule + " deleted" // (own)
}
func textRestoreAddress(address string) string {
	return fmt.Sprintf(logtext.RestoringAddress, address)
}
func textRestoreRoute(route string) string { return fmt.Sprintf(logtext.RestoringRoute, route) }
func textRestoreRule(rule string) string   { return fmt.Sprintf(logtext.RestoringRule, rule) }

// textTooManyAddresses is ours: keepalived says it when it reads the file.
func textTooManyAddresses(name string, have, fit int) string {
	return fmt.Sprintf("(%s) only %d of %d virtual addresses fit into an advert, treating the others as excluded", name, fit, have)
}

// Gratuitous ARP and neighbour advertisements.

func textQueueGARP(name, link string, addr netip.Addr) string {
	return fmt.Sprintf(logtext.QueueGARP, name, link, addr)
}
func textQueueNA(name, link string, addr netip.Addr) string {
	return fmt.Sprintf(logtext.QueueNA, name, link, addr)
}
func textSendGARP(link string, addr netip.Addr) string {
	return fmt.Sprintf(logtext.SendGARP, link, addr)
}
func textSendNA(link string, addr netip.Addr) string {
	return fmt.Sprintf(logtext.SendNA, link, addr)
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
	return fmt.Sprintf(logtext.LinkReports, by, name, word)
}
func textInterfaceDeleted(name string) string { return fmt.Sprintf(logtext.InterfaceDeleted, name) }
func textInterfaceAdded(name string) string   { return fmt.Sprintf(logtext.InterfaceAdded, name) }
func textAssigned(addr netip.Addr, link string) string {
	return fmt.Sprintf(logtext.AddressAssigned, addr.WithZone(""), link)
}
func textDeassigned(addr netip.Addr, link string) string {
	return fmt.Sprintf(logtext.AddressDeassigned, addr.WithZone(""), link)
}
func textVMACFailed(name, vmac string) string {
	return fmt.Sprintf(logtext.VMACFailed, name, vmac)
}

// Sending.

func textSendFailed(name string, errno int, text string) string {
	return fmt.Sprintf(logtext.SendAdvertFailed, name, errno, text)
}
func textSendPeerFailed(name string, to netip.Addr, text string) string {
	return fmt.Sprintf(logtext.SendPeerFailed, name, to, text)
}

// Tracking.

func textScriptReturns(script string, code int) string {
	return fmt.Sprintf(logtext.TrackScriptReturns, script, code)
}
func textScriptGood(script string) string { return fmt.Sprintf(logtext.TrackScriptGood, script) }
func textScriptTimedOut(script string) string {
	return fmt.Sprintf(logtext.TrackScriptTimedOut, script)
}
func textScriptExited(script string, code int) string {
	return fmt.Sprintf(logtext.TrackScriptExited, script, code)
}
func textScriptSignal(script string, signal int) string {
	return fmt.Sprintf(logtext.TrackScriptSignal, script, signal)
}
func textScriptNotRun(script, why string) string {
	return fmt.Sprintf("VRRP_Script(%s) failed (%s)", script, why) // (own)
}
func textScriptReload(script string, good bool) string {
	return fmt.Sprintf(logtext.TrackScriptKept, script, upDown(good, "successful", "unsuccessful"))
}
func textFileFault(name, file string) string {
	return fmt.Sprintf(logtext.TrackFileFault, name, file)
}
func textFileLeaves(name, file string) string {
	return fmt.Sprintf(logtext.TrackFileLeaves, name, file)
}
func textBFDEvent(session string, up bool, delivered time.Duration) string {
	return fmt.Sprintf(logtext.BFDReceived, session, upDown(up, "Up", "Down"), delivered.Microseconds())
}
func textBFD(name, session string, up bool) string {
	return fmt.Sprintf(logtext.TrackBFD, name, session, upDown(up, "UP", "DOWN"))
}
func upDown(up bool, yes, no string) string {
	if up {
		return yes
	}
	return no
}

// Set from outside.

func textSNMPPriority(name string, from, to uint8) string {
	return fmt.Sprintf(logtext.SNMPPriority, name, from, to)
}
func textSNMPPreempt(name string, on bool) string {
	return fmt.Sprintf(logtext.SNMPPreempt, name, upDown(on, "enabled", "disabled"))
}

// textAbandoned is ours: keepalived leaves what its configuration does not name.
func textAbandoned(n int) string {
	return fmt.Sprintf("Removing addresses, routes, rules and interfaces of a killed process that are not configured any more: %d", n)
}
