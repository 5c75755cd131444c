package vrrprun

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func TestPolled(t *testing.T) {
	cfg := newConfigOf("eth0", "eth1")
	cfg.LinkbeatInterfaces = []*config.LinkbeatInterface{{Interface: "eth1", Method: config.LinkbeatMII}}
	if got, want := polled(cfg), (map[string]config.LinkbeatMethod{"eth1": config.LinkbeatMII}); !reflect.DeepEqual(got, want) {
		t.Errorf("listed ones: %v", got)
	}
	cfg.Global.LinkbeatPolling = true
	cfg.SyncGroups = []*config.SyncGroup{{TrackInterfaces: []config.Track{{Name: "eth2"}}}}
	want := map[string]config.LinkbeatMethod{"eth0": config.LinkbeatAny, "eth1": config.LinkbeatMII, "eth2": config.LinkbeatAny}
	if got := polled(cfg); !reflect.DeepEqual(got, want) {
		t.Errorf("all: %v", got)
	}
}

// newConfigOf has an instance on the first interface that tracks the others.
func newConfigOf(dev string, tracked ...string) *config.Config {
	v := config.NewVRRPInstance()
	v.Interface = dev
	for _, name := range tracked {
		v.TrackInterfaces = append(v.TrackInterfaces, config.Track{Name: name})
	}
	return &config.Config{Global: config.NewGlobal(), Instances: []*config.VRRPInstance{v}}
}

// scriptedProbe answers with what is next for an interface; nothing is left
// for one that is gone.
type scriptedProbe struct {
	answers map[string][]bool
	closed  bool
}

func (p *scriptedProbe) Up(name string, m config.LinkbeatMethod) (bool, config.LinkbeatMethod, error) {
	a := p.answers[name]
	if len(a) == 0 {
		return false, m, errors.New("gone")
	}
	p.answers[name] = a[1:]
	return a[0], m, nil
}

func (p *scriptedProbe) Close() { p.closed = true }

// Every change is told once, a second apart; an interface that does not answer
// stays as it was.
func TestLinkbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe := &scriptedProbe{answers: map[string][]bool{"eth0": {true, true, false, false, true}}}
		l := &linkbeat{stop: make(chan struct{}), done: make(chan struct{})}
		start := time.Now()
		var told []string
		go l.run(probe, map[string]config.LinkbeatMethod{"eth0": config.LinkbeatAny, "eth9": config.LinkbeatAny}, func(name string, up bool) {
			told = append(told, fmt.Sprint(name, " ", up, " ", time.Since(start)))
		})
		time.Sleep(10 * time.Second)
		l.close()
		if want := []string{"eth0 true 1s", "eth0 false 3s", "eth0 true 5s"}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		if !probe.closed {
			t.Error("the probe was left open")
		}
	})
}
