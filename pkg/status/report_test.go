package status

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// TestReport: what the engines know gets into the report, and survives its way
// as JSON.
func TestReport(t *testing.T) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	vrrp := &VRRP{
		Instances: []VRRPInstance{{
			Name: "A", State: event.Fault, StateSince: at, BasePriority: 100, EffectivePriority: 90,
			Config: &config.VRRPInstance{
				VirtualRouterID: 51, Family: config.IPv4, Version: 3,
				VirtualAddresses:  []*config.Address{{Prefix: netip.MustParsePrefix("192.0.2.1/24")}, {Prefix: netip.MustParsePrefix("192.0.2.2/24")}},
				ExcludedAddresses: []*config.Address{{Prefix: netip.MustParsePrefix("192.0.2.3/32")}},
			},
			VirtualSet: []bool{true, false}, ExcludedSet: []bool{true},
			FaultCauses:     []FaultCause{{Text: "interface eth1 down", Since: at}},
			TrackInterfaces: []TrackedObject{{Name: "eth1", Fault: true}, {Name: "eth9"}},
			TrackScripts:    []TrackedObject{{Name: "chk", Weight: -10, Contribution: -10, FromGroup: true}},
			TrackFiles:      []TrackedObject{{Name: "f"}}, TrackProcesses: []TrackedObject{{Name: "p"}}, TrackBFD: []TrackedObject{{Name: "b"}},
			Transitions: []Transition{
				{Time: at.Add(-time.Hour), From: event.Init, To: event.Backup, Reason: "start"},
				{Time: at, From: event.Backup, To: event.Fault, Reason: "interface eth1 down", Priority: 90},
			},
			Drops: []DropCount{{"wrong TTL", 0}, {"bad checksum", 2}},
		}},
		SyncGroups: []VRRPSyncGroup{{Name: "G", State: event.Fault, Members: []string{"A"}}},
		Interfaces: []VRRPInterface{{Name: "eth1", Index: 3, Up: true}, {Name: "eth9"}},
		Scripts:    []TrackScript{{Name: "chk", State: ScriptBad}},
		Files:      []TrackFile{{Name: "f", Value: -3}},
		Processes:  []TrackProcess{{Name: "p", Count: 2, HaveQuorum: true}},
		BFD:        []TrackBFD{{Name: "b", Up: true}},
	}
	r := vrrp.Report()
	want := InstanceReport{
		Name: "A", State: "FAULT", Since: at, Reason: "interface eth1 down", Faults: []string{"interface eth1 down"}, Priority: 90, BasePriority: 100,
		VirtualRouterID: 51, Family: "IPv4", ProtocolVersion: 3, SyncGroup: "G",
		Addresses: []AddressReport{{"192.0.2.1/24", true}, {"192.0.2.2/24", false}, {"192.0.2.3/32", true}},
		Trackers: []TrackerReport{
			{Kind: "interface", Name: "eth1", State: "down", Fault: true}, {Kind: "interface", Name: "eth9", State: "missing"},
			{Kind: "script", Name: "chk", State: "bad", Weight: -10, Contribution: -10, FromGroup: true},
			{Kind: "file", Name: "f", State: "-3"}, {Kind: "process", Name: "p", State: "2 running, enough"}, {Kind: "bfd", Name: "b", State: "up"},
		},
		Transitions: []TransitionReport{
			{Time: at.Add(-time.Hour), From: "INIT", To: "BACKUP", Reason: "start"},
			{Time: at, From: "BACKUP", To: "FAULT", Reason: "interface eth1 down", Priority: 90},
		},
		Drops: map[string]uint64{"bad checksum": 2},
	}
	if !reflect.DeepEqual(r.Instances[0], want) {
		t.Errorf("the instance is\n%+v, want\n%+v", r.Instances[0], want)
	}

	checkers := &Checkers{VirtualServers: []VirtualServer{{
		Config: &config.VirtualServer{Name: "[10.9.1.1]:tcp:80", Quorum: 2}, QuorumUp: true, Weight: 3, SorryInUse: true, Suspended: true, Since: at,
		RealServers: []RealServer{{
			Config: &config.RealServer{Name: "[10.0.0.1]:tcp:80"}, Up: true, InTable: true, Effective: 3, Since: at,
			Checkers: []Checker{{Config: &config.Checker{Kind: config.CheckTCP}, Up: true, Failures: 1, LastText: "refused", LastRun: at}},
		}},
	}}}
	parts := []*Report{r, checkers.Report(), (&BFD{Sessions: []BFDSession{{Config: &config.BFDInstance{Name: "N"}, State: "Up", Diag: "No Diagnostic", LastSeen: at}}}).Report()}
	all := &Report{}
	for _, p := range parts {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, all); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(all.Instances, r.Instances) || len(all.SyncGroups) != 1 {
		t.Errorf("as JSON the instance is\n%+v", all.Instances)
	}
	if want := []VirtualServerReport{{
		Name: "[10.9.1.1]:tcp:80", Up: true, Since: at, Weight: 3, Quorum: 2, SorryInUse: true, Suspended: true,
		Servers: []RealServerReport{{
			Name: "[10.0.0.1]:tcp:80", Up: true, Since: at, Weight: 3, InTable: true,
			Checks: []CheckerReport{{Kind: "TCP_CHECK", Up: true, Found: "refused", LastRun: at, Failures: 1}},
		}},
	}}; !reflect.DeepEqual(all.VirtualServers, want) {
		t.Errorf("the virtual server is\n%+v, want\n%+v", all.VirtualServers, want)
	}
	if want := []SessionReport{{Name: "N", State: "Up", Diagnostic: "No Diagnostic", LastSeen: at}}; !reflect.DeepEqual(all.BFD, want) {
		t.Errorf("the session is %+v", all.BFD)
	}
}
