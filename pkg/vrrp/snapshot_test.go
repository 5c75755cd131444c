package vrrp_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// TestSnapshot looks at one that has something everywhere.
func TestSnapshot(t *testing.T) {
	c := oneInstance(150, func(v *config.VRRPInstance) {
		v.ExcludedAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.1.100/24"), Dev: "eth9", NoTrack: true}}
		v.Routes = []*config.Route{{Words: []string{"10.77.0.0/24", "dev", "eth0"}}}
		v.TrackScripts = []config.Track{{Name: "chk", Weight: 20}}
		v.TrackFiles = []config.Track{{Name: "f", Weight: 1}}
		v.TrackProcesses = []config.Track{{Name: "p"}}
		v.TrackBFD = []config.Track{{Name: "b", Weight: -5}}
		v.Accept = false
	})
	c.Scripts = []*config.TrackScript{{Name: "chk", Rise: 1, Fall: 1, Script: config.Script{Args: []string{"/bin/chk", "-a"}}}}
	c.Files = []*config.TrackFile{{Name: "f"}}
	c.Processes = []*config.TrackProcess{{Name: "p"}}
	c.BFD = []*config.BFDInstance{{Name: "b"}}
	c.SyncGroups = []*config.SyncGroup{{Name: "G", Members: []string{"V1"}, TrackScripts: []config.Track{{Name: "chk", Weight: 20}}}}
	e := vrrp.New(c, vrrp.Options{})
	now := scenario.Epoch
	e.Step(now, vrrp.Start{
		Interfaces: []vrrp.Interface{eth0(1)},
		Files:      map[string]int64{"f": 4}, Processes: map[string]vrrp.ProcessCount{"p": {Count: 2, OK: true}}, BFDUp: map[string]bool{},
	})
	e.Step(now, vrrp.ScriptResult{Script: "chk"})
	now = now.Add(4 * time.Second)
	e.Step(now, vrrp.Timer{})
	s := e.Snapshot()
	v := s.Instances[0]

	if v.State != event.Master || v.WantState != event.Master || v.EffectivePriority != 150+20+4-5 || v.BasePriority != 150 {
		t.Errorf("state %v, wanted %v, priority %d of %d", v.State, v.WantState, v.EffectivePriority, v.BasePriority)
	}
	if !v.AddressesSet || !reflect.DeepEqual(v.VirtualSet, []bool{true}) || !reflect.DeepEqual(v.ExcludedSet, []bool{false}) || !reflect.DeepEqual(v.RoutesSet, []bool{true}) {
		t.Errorf("set: %v %v %v %v; eth9 does not exist", v.AddressesSet, v.VirtualSet, v.ExcludedSet, v.RoutesSet)
	}
	if !v.DropTraffic || v.Interface != "eth0" || v.Index != 2 || v.Source != netip.MustParseAddr("10.9.0.1") {
		t.Errorf("drop %v, interface %s %d, source %v", v.DropTraffic, v.Interface, v.Index, v.Source)
	}
	want := []status.TrackedObject{{Name: "chk", Weight: 20, FromGroup: true, Contribution: 20, Command: "'/bin/chk' '-a'"}}
	if !reflect.DeepEqual(v.TrackScripts, want) {
		t.Errorf("scripts %+v", v.TrackScripts)
	}
	if len(v.Transitions) != 2 || v.Transitions[1].To != event.Master || v.Transitions[1].Reason != "no advert for 4.00 s" {
		t.Errorf("transitions %+v", v.Transitions)
	}
	if s.SyncGroups[0].State != event.Master || s.Scripts[0].State != status.ScriptGood || s.Files[0].Value != 4 ||
		s.Processes[0].Count != 2 || !s.Processes[0].HaveQuorum || s.BFD[0].Up {
		t.Errorf("groups %+v scripts %+v files %+v processes %+v bfd %+v", s.SyncGroups, s.Scripts, s.Files, s.Processes, s.BFD)
	}
	if len(s.Sockets) != 1 || !reflect.DeepEqual(s.Sockets[0].Instances, []string{"V1"}) {
		t.Errorf("sockets %+v", s.Sockets)
	}
	if len(s.Interfaces) != 1 || s.Interfaces[0].Name != "eth0" || len(s.Interfaces[0].Addresses) != 2 {
		t.Errorf("interfaces %+v", s.Interfaces)
	}

	// What happens later does not change it.
	e.Step(now, vrrp.InterfaceRemoved{Index: 2})
	if v.State != event.Master || !v.VirtualSet[0] || len(v.Transitions) != 2 || len(s.Interfaces[0].Addresses) != 2 {
		t.Error("a snapshot has changed afterwards")
	}
}

// TestTransitionsAreBounded keeps the last hundred.
func TestTransitionsAreBounded(t *testing.T) {
	r := newRFC(t, 100, nil)
	for range 80 {
		r.step(vrrp.InterfaceRemoved{Index: 2})
		r.now = r.now.Add(time.Second)
		r.step(vrrp.InterfaceChanged{Interface: eth0(5)})
	}
	list := r.state().Transitions
	if len(list) != 100 {
		t.Fatalf("%d transitions", len(list))
	}
	for i := range list[1:] {
		if list[i].To != list[i+1].From {
			t.Fatalf("transition %d: %+v after %+v", i+1, list[i+1], list[i])
		}
	}
}
