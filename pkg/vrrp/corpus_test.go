package vrrp_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// TestCorpus runs configurations that people have published, on a machine that
// has all the interfaces they name: every instance becomes Master when its
// scripts succeed, and gives everything back.
func TestCorpus(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root(t), "..", "shared", "corpus", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("no corpus of configurations beside the repository")
	}
	instances, masters := 0, 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a folder
		}
		c := scenario.ParseConf(string(text))
		if len(c.Instances) == 0 {
			continue
		}
		net := scenario.NewNetwork(1, nil)
		r := net.AddRouter(filepath.Base(path), true, c, linksOf(c)...)
		r.Start(vrrp.Start{Uptime: time.Hour})
		for range 3 {
			for _, s := range c.Scripts {
				r.Step(vrrp.ScriptResult{Script: s.Name})
			}
			for _, p := range c.Processes {
				r.Step(vrrp.ProcessQuorum{Process: p.Name, ProcessCount: vrrp.ProcessCount{Count: 1, OK: true}})
			}
			for _, b := range c.BFD {
				r.Step(vrrp.BFDState{Session: b.Name, Up: true})
			}
		}
		net.Advance(20 * time.Minute)
		for _, v := range r.Engine.Snapshot().Instances {
			instances++
			switch v.State {
			case event.Master:
				masters++
			case event.Fault:
				t.Logf("%s: %s is in Fault: %v", r.Name, v.Name, v.FaultCauses)
			default:
				t.Errorf("%s: %s is %v", r.Name, v.Name, v.State)
			}
		}
		r.Step(vrrp.Reload{Config: scenario.ParseConf(string(text))})
		net.Advance(time.Second)
		for _, v := range r.Engine.Snapshot().Instances {
			if n := len(v.Transitions); n > 0 && v.Transitions[n-1].Time.Equal(net.Now().Add(-time.Second)) {
				t.Errorf("%s: %s changed by an equal reload: %+v", r.Name, v.Name, v.Transitions[n-1])
			}
		}
		r.Step(vrrp.Stop{})
		net.Advance(2 * time.Second)
		if r.Alive() {
			t.Errorf("%s has not ended", r.Name)
		}
		for _, v := range c.Instances {
			for _, a := range v.VirtualAddresses {
				if r.Has(a.Prefix.Addr()) {
					t.Errorf("%s: %s is left", r.Name, a.Prefix)
				}
			}
		}
	}
	t.Logf("%d instances, %d became Master", instances, masters)
	if masters < instances*9/10 {
		t.Errorf("only %d of %d instances became Master", masters, instances)
	}
}

// linksOf makes every interface that a configuration names.
func linksOf(c *config.Config) (links []vrrp.Interface) {
	seen := map[string]bool{}
	add := func(name string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		n := len(seen)
		links = append(links, vrrp.Interface{
			Name: name, Up: true, Running: true, Multicast: true, MTU: 1500, HardwareLen: 6, MAC: [6]byte{2, 0, 0, 0, 0, byte(n)},
			Addresses: []vrrp.InterfaceAddress{
				{Prefix: netip.MustParsePrefix(fmt.Sprintf("198.18.%d.1/24", n))},
				{Prefix: netip.MustParsePrefix(fmt.Sprintf("fe80::dead:%d/64", n))},
			},
		})
	}
	add(c.Global.VRRP.DefaultInterface)
	track := func(list []config.Track) {
		for _, t := range list {
			add(t.Name)
		}
	}
	devices := func(words []string) {
		for i := 0; i+1 < len(words); i++ {
			if words[i] == "dev" || words[i] == "oif" || words[i] == "iif" {
				add(words[i+1])
			}
		}
	}
	for _, g := range c.SyncGroups {
		track(g.TrackInterfaces)
	}
	for _, v := range c.Instances {
		add(v.Interface)
		track(v.TrackInterfaces)
		for _, a := range append(v.VirtualAddresses, v.ExcludedAddresses...) {
			add(a.Dev)
		}
		for _, r := range v.Routes {
			devices(r.Words)
		}
		for _, r := range v.Rules {
			devices(r.Words)
		}
	}
	return links
}
