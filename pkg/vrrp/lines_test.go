package vrrp

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// TestLogText pins the lines that monitoring matches.
func TestLogText(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for _, tt := range []struct{ got, want string }{
		{textInit("V"), "(V) Entering BACKUP STATE (init)"},
		{textState("V", event.Master), "(V) Entering MASTER STATE"},
		{textState("V", event.Backup), "(V) Entering BACKUP STATE"},
		{textState("V", event.Fault), "(V) Entering FAULT STATE"},
		{textTimeout("V"), "(V) Receive advertisement timeout"},
		{textPriority("V", 120, 90), "(V) Changing effective priority from 120 to 90"},
		{textSentZero("V"), "(V) sent 0 priority"},
		{textDelayingStartup(1500 * time.Millisecond), "Delaying startup for 1.5 seconds"},
		{logtext.DelayedStartDone, "Delayed start completed"},
		{textStartFault("V"), "(V) entering FAULT state"},
		{textStartInterface("V", "eth0"), "(V): entering FAULT state (interface eth0 down)"},
		{textStartScript("V", "S"), "(V): entering FAULT state due to script S"},
		{textStartFile("V", "f1", -26), "(V): entering FAULT state (tracked file f1 has status -26)"},
		{textStartProcess("V", "P"), "(V) entering FAULT state (tracked process P quorum not achieved)"},
		{textNoAddress("V", config.IPv4), "(V) entering FAULT state (no IPv4 address for interface)"},
		{textNoAddress("V", config.IPv6), "(V) entering FAULT state (no IPv6 address for interface)"},
		{textNoSource("V"), "(V): entering FAULT state (src address not configured)"},
		{textHigherPriority("V", a, 200, 120), "(V) Master received advert from 192.0.2.1 with higher priority 200, ours 120"},
		{textHigherAddress("V", a, 120), "(V) Master received advert from 192.0.2.1 with same priority 120 but higher IP address than ours"},
		{textLowerPriority("V", a, 100, 120, true), "(V) Received advert from 192.0.2.1 with lower priority 100, ours 120, forcing new election"},
		{textLowerPriority("V", a, 100, 120, false), "(V) Received advert from 192.0.2.1 with lower priority 100, ours 120"},
		{textOurAddress("V"), "(V) WARNING - equal priority advert received from remote host with our IP address."},
		{textMasterZero("V"), "(V) Master received priority 0 message"},
		{textBackupZero("V"), "(V) Backup received priority 0 advertisement"},
		{textTwoOwners("V", a), "(V) CONFIGURATION ERROR: local instance and 192.0.2.1 are both configured as address owner, please resolve"},
		{textOwnerReduced("V", a), "(V) 192.0.2.1 is still advertising as address owner, please resolve - reducing our priority"},
		{textRogueStopped("V"), "(V): rogue address owner appears to have stopped advertising"},
		{textDiscarding("V", 100, a), "(V) received lower priority (100) advert from 192.0.2.1 - discarding"},
		{textMasterSet("V", a), "(V) master set to 192.0.2.1"},
		{textMasterChanged("V", a, b), "(V) master changed from 192.0.2.1 to 192.0.2.2"},
		{textStartPreemptDelay("V", 1500*time.Millisecond), "(V) start preempt delay (1.500000)"},
		{textStopPreemptDelay("V"), "(V) stop preempt delay"},
		{textAdverUpdated("V", 500*time.Millisecond, 200*time.Millisecond), "(V) advertisement interval updated from 500ms to 200ms by master"},
		{textAdverReset("V", 200*time.Millisecond, time.Second), "(V) changing advert interval from 200ms to locally configured 1000ms"},
		{textLateTimer(1234567 * time.Microsecond), "A thread timer expired 1.234567 seconds ago"},
		{textLateVRRP(time.Second), "VRRP thread timer expired 1.000000 seconds ago"},
		{textSync("G", event.Master), "VRRP_Group(G) Syncing instances to MASTER state"},
		{textStartSync("G", "V"), "VRRP_Group(G): Syncing V to FAULT state"},
		{textVirtuals("V", true, logtext.WhatVIPs), "(V) setting VIPs."},
		{textVirtuals("V", false, logtext.WhatVIPs), "(V) removing VIPs."},
		{textVirtuals("V", true, logtext.WhatEVIPs), "(V) setting E-VIPs."},
		{textVirtuals("V", true, logtext.WhatRoutes), "(V) setting Virtual Routes"},
		{textVirtuals("V", false, logtext.WhatRules), "(V) removing Virtual Rules"},
		{textVirtuals("V", true, logtext.WhatDropRule), "(V) setting firewall drop rule"},
		{textNoLongerAddress("V", "10.9.0.103/24 dev eth0"), "(V) ip address 10.9.0.103/24 dev eth0, no longer exist"},
		{textAddressGone(a, "eth0"), "Netlink reflector reports IP 192.0.2.1 removed from eth0"},
		{textQueueGARP("V", "eth0", a), "(V) Sending/queueing gratuitous ARPs on eth0 for 192.0.2.1"},
		{textQueueNA("V", "eth0", a), "(V) Sending/queueing Unsolicited Neighbour Adverts on eth0 for 192.0.2.1"},
		{textSendGARP("eth0", a), "Sending gratuitous ARP on eth0 for 192.0.2.1"},
		{textSendNA("eth0", a), "Sending unsolicited Neighbour Advert on eth0 for 192.0.2.1"},
		{textLink("eth0", false, true), "Netlink reports eth0 up"},
		{textLink("eth0", false, false), "Netlink reports eth0 down"},
		{textLink("eth0", true, false), "Linkbeat reports eth0 down"},
		{textInterfaceDeleted("eth0"), "Interface eth0 deleted"},
		{textInterfaceAdded("eth0"), "Interface eth0 added"},
		{textAssigned(a, "eth0"), "Assigned address 192.0.2.1 for interface eth0"},
		{textDeassigned(a, "eth0"), "Deassigned address 192.0.2.1 from interface eth0"},
		{textVMACFailed("V", "vrrp.7"), "(V): Unable to create VMAC interface vrrp.7"},
		{textSendFailed("V", 19, "No such device"), "(V): send advert error 19 (No such device)"},
		{textSendPeerFailed("V", a, "Operation not permitted"), "(V) Cant send advert to 192.0.2.1 (Operation not permitted)"},
		{textScriptReturns("s1", 3), "Script `s1` now returning 3"},
		{textScriptGood("s1"), "VRRP_Script(s1) succeeded"},
		{textScriptTimedOut("s1"), "VRRP_Script(s1) timed_out"},
		{textScriptExited("s1", 3), "VRRP_Script(s1) failed (exited with status 3)"},
		{textScriptSignal("s1", 9), "VRRP_Script(s1) failed (due to signal 9)"},
		{textScriptReload("s1", true), "VRRP_Script(s1) considered successful on reload"},
		{textScriptReload("s1", false), "VRRP_Script(s1) considered unsuccessful on reload"},
		{textFileFault("V", "f1"), "(V): tracked file f1 now FAULT state"},
		{textFileLeaves("V", "f1"), "(V): tracked file f1 leaving FAULT state"},
		{textBFDEvent("B", true, 42*time.Microsecond), "Received BFD event: instance B is in state Up (delivered in 42 usec)"},
		{textBFD("V", "B", false), "VRRP_Instance(V) Tracked BFD instance B is DOWN"},
		{textSNMPPriority("VI_1", 200, 150), "(VI_1) base priority changed from 200 to 150 via SNMP."},
		{textSNMPPreempt("VI_1", false), "(VI_1) preemption disabled with SNMP"},
		{textSNMPPreempt("VI_1", true), "(VI_1) preemption enabled with SNMP"},
		{textTooShort(config.IPv4, false, 12), "IPv4 VRRP packet too short - 12 bytes"},
		{textTooShort(config.IPv4, true, 40), "IPv4 VRRP packet with AH too short - 40 bytes"},
		{textTooShort(config.IPv6, false, 4), "IPv6 VRRP packet too short - 4 bytes"},
		{textUnknownVRID(99, "eth0", netip.Addr{}), "Unknown VRID(99) received on interface(eth0). ignoring..."},
		{textIntervalDiffers("V", 200*time.Millisecond, 30), "(V) advertisement interval mismatch ours = 20 centi-sec rcv'd=30 centi-sec"},
		{textCountDiffers("V", 1, 2), "(V) expected 1 VIPs but received 2"},
		{textAddressMissing("V", 7, a, b), "(V) ip address associated with VRID 7 not present in advert from 192.0.2.1: 192.0.2.2"},
		{textOldChecksum("V"), "(V) Setting unicast VRRPv3 checksum to old version"},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %s\nwant %s", tt.got, tt.want)
		}
	}
}

// TestDropText looks at the line of every reason: all that refuse a packet for
// an instance have one.
func TestDropText(t *testing.T) {
	v := &instance{cfg: &config.VRRPInstance{Name: "V", Version: 3, HMAC: &config.AuthHMAC{TimeWindow: 5 * time.Second}}, ahSequence: 7}
	p := &packet{source: netip.MustParseAddr("192.0.2.1"), length: 36, expected: 32, hopLimit: 254, sequence: 5,
		peer: &config.UnicastPeer{MinTTL: 200, MaxTTL: 255}, verdict: wire.Verdict{Key: 6, Skew: 100 * time.Second}}
	p.advert = wire.Advert{Version: 2, Type: 2, AuthType: 7}
	silent := map[wire.Drop]bool{
		wire.Accepted: true, wire.DropTooShort: true, wire.DropUnknownVRID: true,
		wire.DropNoPeerMatch: true, wire.DropNotRunning: true,
	}
	for d := wire.Drop(0); int(d) < wire.DropCount; d++ {
		if text := textDrop(v, p, d); (text == "") != silent[d] {
			t.Errorf("%v: %q", d, text)
		}
	}
	for d, want := range map[wire.Drop]string{
		wire.DropTooLong:           "(V) vrrp packet from 192.0.2.1 too long, length 36 and expect 32",
		wire.DropVersion:           "(V) wrong VRRP version from 192.0.2.1. Received 2 and expect 3",
		wire.DropTTL:               "(V) invalid TTL/HL from 192.0.2.1. Received 254 and expect 255",
		wire.DropTrailerStale:      "(V) stale authentication trailer from 192.0.2.1, clock skew 100 sec exceeds window 5 sec",
		wire.DropTrailerUnknownKey: "(V) unknown authentication key id 6 from 192.0.2.1",
		wire.DropAuthType:          "(V) Invalid auth type from 192.0.2.1: 7",
		wire.DropAHSequence:        "(V) IPSEC-AH : sequence number 5 already processed. Packet dropped. Local(7)",
		wire.DropType:              "(V) Invalid packet type from 192.0.2.1. 2 and expect 1",
		wire.DropPeerTTL:           "(V) TTL/HL 254 from 192.0.2.1 not in range [200, 255]",
		wire.DropNotPeer:           "(V) unicast source address 192.0.2.1 not a unicast peer",
	} {
		if got := textDrop(v, p, d); got != want {
			t.Errorf("%v:\ngot  %s\nwant %s", d, got, want)
		}
	}
}
