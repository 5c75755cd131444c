package vrrp_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// scenarioRows are the rows of the transition and tracking tables that
// keepalived keeps, with the lists of effects and of what a reload does, each with the scenario that plays it and a line that only
// that row brings about.
var scenarioRows = []struct{ row, file, line string }{
	// Changes of state.
	{"Backup, timer: Master", "election", `\(V1\) Entering MASTER STATE`},
	{"Master, better advert: Backup, without priority 0", "master_hears", `with higher priority 200, ours 120`},
	{"Master, fault: Fault, priority 0 twice", "links", `advert V1 prio 0 to .*\n.*advert V1 prio 0 to`},
	{"Backup, fault: Fault", "outside", `d INSTANCE "V1" FAULT 150: interface eth1 down`},
	{"start, fault: Fault", "start", `entering FAULT state`},
	{"Fault, last cause gone: Backup", "outside", `d INSTANCE "V1" BACKUP 150: no longer: interface eth1 down`},
	{"owner waiting for its script: Master at once", "track_script", `An owner that waits for its script is Master at once`},
	{"Master, address removed by others", "addresses", `address 10\.9\.0\.100/24 removed from eth0`},
	{"Master, route removed by others", "addresses", `virtual route 10\.77\.0\.0/24 dev eth0 deleted`},
	{"Master, rule removed by others", "addresses", `virtual rule from 10\.9\.0\.100 lookup 100 deleted`},
	{"Master, late timer and timer_expired_backup: Backup", "late", `own timer was`},
	{"any, stop", "stop", `STOP`},
	{"any, not in the new configuration: DELETED", "reload", `INSTANCE "DELETED" DELETED`},
	{"Fault, last cause gone, unicast: own source announced", "unicast", `Coming back from Fault announces the own address`},
	{"any, stop with --dont-release-vrrp", "stop", `no priority 0, addresses and VMACs stay`},
	{"to Master, order of effects", "effects", `To Master: advert, line, firewall`},
	{"from Master, order of effects", "effects", `A better master: sync daemon, line, rules`},
	{"Fault, order of effects", "effects", `with priority 0, twice, before anything`},
	{"stop, order of effects", "effects", `The end: sync daemon, priority 0, rules`},
	// Adverts to a Master.
	{"Master hears 0", "master_hears", `Master received priority 0 message`},
	{"Master hears higher, higher_prio_send_advert", "master_hears", `higher_prio_send_advert`},
	{"Master hears equal with higher address, higher_prio_send_advert", "outside", `1 more adverts of V1\)\n\n# The virtual address`},
	{"Master hears equal with its own address", "master_hears", `with our IP address`},
	{"Master hears lower: advert, bursts, event", "master_hears", `forcing new election`},
	{"Master hears lower, lower_prio_no_advert", "master_hears", `lower priority \d+, ours \d+\n`},
	{"Master hears equal with lower address", "master_hears", `Equal priority, lower address`},
	{"Master hears equal with higher address", "master_hears", `with same priority 120 but higher IP address`},
	{"Master hears higher, version 3: its interval", "master_hears", `Version 3 takes over the\n# interval of the better master`},
	{"two owners: lower address yields", "two_owners", `both configured as address owner`},
	{"two owners: priority reduced", "two_owners", `reducing our priority`},
	{"two owners: the other stops", "two_owners", `appears to have stopped advertising`},
	{"two owners: priority back with the next takeover", "two_owners", `Its own priority is back`},
	{"two owners: priority restored", "two_owners", `Restoring our priority to 255`},
	{"any packet, order of the checks", "refuse_order", `The checks of a received packet come in this order`},
	{"AH, lower priority: its sequence and one", "auth", `sequence number 501 already processed. Packet dropped. Local\(502\)`},
	// Adverts to a Backup.
	{"Backup hears another source", "backup_hears", `master set to|master changed from`},
	{"Backup hears a refused packet", "refuse", `None of them touches`},
	{"Backup hears 0", "backup_hears", `Backup received priority 0 advertisement`},
	{"Backup hears equal or higher", "backup_hears", `Equal priority is accepted`},
	{"Backup hears lower", "backup_hears", `received lower priority \(\d+\) advert from .* - discarding`},
	{"Backup hears lower, nopreempt", "preempt", `nopreempt: a lower master stays`},
	{"Backup hears lower, preempt_delay", "preempt", `start preempt delay`},
	{"Backup hears higher during preempt_delay", "preempt", `stop preempt delay`},
	{"Backup, silence during preempt_delay: Master", "preempt", `The delay does not hold back a takeover`},
	{"Backup, silence or 0 with nopreempt: Master", "preempt", `but silence and priority 0 still count`},
	// What comes from outside.
	{"link lost", "links", `Netlink reports eth1 down`},
	{"link back, owner too waits", "outside", `4\.004 a log \(OWNER\) Entering MASTER STATE`},
	{"link back, IPv6 tentative", "addresses", `dad`},
	{"interface deleted", "links", `Interface eth0 deleted`},
	{"interface created again", "links", `created again with another index`},
	{"interface renamed", "links", `A rename is a deletion and a new interface`},
	{"dont_track_primary", "links", `dont_track_primary`},
	{"no_track address", "addresses", `no_track: nothing happens`},
	{"primary removed, the virtual address with it", "outside", `c INSTANCE "V1" FAULT 150: no IPv4 address for interface`},
	{"source removed, another left", "addresses", `another one is taken without a change of state`},
	{"source removed, none left; back", "addresses", `no IPv4 address for interface`},
	{"static item removed", "static", `Restoring deleted static`},
	{"promote_secondaries", "stop", `promote_secondaries eth0: false`},
	{"VMAC deleted", "vmac", `Deleted by somebody`},
	{"duplicate VRID", "outside", `VRID used by V1 on the same link`},
	{"interface_up_down_delays", "link_delay", `interface_up_down_delays`},
	// A reload.
	{"what is the same instance", "reload_identity", `An instance is the same after a reload if`},
	{"what is kept", "reload_identity", `Counters, the sequence of AH`},
	{"what ends", "reload_parts", `Instances that go`},
	{"what a Master changes", "reload_parts", `A Master: addresses that differ`},
	{"what a Backup begins anew", "reload_parts", `A Backup: the wish of a member`},
	{"trackers", "reload_parts", `Trackers: a changed script counts as good`},
	{"what begins", "reload_parts", `Instances that come`},
	// Sync groups.
	{"group to Master", "sync_group", `Syncing instances to MASTER state`},
	{"group to Backup", "sync_group", `Syncing instances to BACKUP state`},
	{"group to Fault", "sync_group", `Syncing instances to FAULT state`},
	{"group at start with a member in Fault", "sync_group_start", `Syncing \w+ to FAULT state`},
	{"group of owners that waits for a script: Master at once", "sync_group_start", `Owners in a group that wait for a script`},
	{"group of owners", "sync_group_start", `A group of owners is Master at once`},
	{"group, an accepted advert takes a member's wish back", "sync_group_hears", `takes the\n# wish back`},
	{"group, a member hears lower: bursts of all", "sync_group_hears", `MASTER_RX_LOWER_PRI 150`},
	{"group, a member yields: the others without priority 0", "sync_group", `takes the others along, without priority 0`},
	{"group, address of a member removed", "sync_group", `An address of one member is removed`},
	{"tracker on group and member", "sync_group_start", `both the member and the group track`},
	// Trackers: weight 0, above and below, reversed.
	{"interface 0", "links", `one of two interfaces back is not enough`},
	{"interface 0 reversed", "track_table", `INSTANCE "LINKr" FAULT 100: interface eth1 up`},
	{"interface weighted", "track_table", `\(LINK\+\) .* 100 to 120[\s\S]*\(LINK-\) .* 100 to 80[\s\S]*\(LINK-r\) .* 100 to 120`},
	{"script 0", "track_script", `FAULT`},
	{"script 0 reversed", "track_script", `FAULT 100: script s succeeded`},
	{"script weighted", "track_table", `\(SCRIPT-\) .* 100 to 80[\s\S]*\(SCRIPT-r\) .* 100 to 120[\s\S]*\(SCRIPT\+\) .* 100 to 120`},
	{"script rise and fall", "track_script", `fall failures in a row`},
	{"script timed out, killed, not run", "track_script", `timed_out`},
	{"script init_fail", "track_script", `init_fail: bad until`},
	{"process 0", "track_other", `tracked process p quorum not achieved`},
	{"process 0 reversed", "track_table", `tracked process p quorum achieved`},
	{"process weighted", "track_table", `\(PROC-\) .* 100 to 80[\s\S]*\(PROC-r\) .* 100 to 120[\s\S]*\(PROC\+\) .* 100 to 120`},
	{"BFD 0", "track_other", `BFD session b down`},
	{"BFD 0 reversed", "track_table", `FAULT 100: BFD session b up`},
	{"BFD weighted", "track_table", `\(BFD-\) .* 100 to 80[\s\S]*\(BFD-r\) .* 100 to 120[\s\S]*\(BFD\+\) .* 100 to 120`},
	{"file weighted, limits, Fault at -254", "track_other", `tracked file f1 has status -26`},
	{"file 0, and reversed", "track_other", `Weight 0: any number but 0 is Fault; reversed, 0 is`},
	{"priority limited to 254", "track_table", `\(LIMITS\) .* 250 to 254`},
	{"an owner's priority stays", "track_table", `OWNER BACKUP prio 255`},
	{"a Backup's timer follows the priority", "track_script", `A Backup's timer moves with its priority`},
}

// No change of state in any scenario is without its cause.
func TestScenarioCauses(t *testing.T) {
	change := regexp.MustCompile(`INSTANCE "[^"]*" (?:MASTER|BACKUP|FAULT|STOP|DELETED) \d+(.*)`)
	cause := regexp.MustCompile(`^(?: without state script)?: \S`)
	files, err := filepath.Glob(filepath.Join(root(t), "testdata", "scenarios", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	changes := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range change.FindAllSubmatch(text, -1) {
			if changes++; !cause.Match(hit[1]) {
				t.Errorf("%s: %s", filepath.Base(file), hit[0])
			}
		}
	}
	if changes < 400 {
		t.Errorf("%d changes of state in all scenarios", changes)
	}
}

// Every row has its scenario.
func TestScenarioRows(t *testing.T) {
	dir := filepath.Join(root(t), "testdata", "scenarios")
	for _, r := range scenarioRows {
		text, err := os.ReadFile(filepath.Join(dir, r.file+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(r.line).Match(text) {
			t.Errorf("%s: no line of %s.txt is like %s", r.row, r.file, r.line)
		}
	}
}
