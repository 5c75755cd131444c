package vrrp_test

import (
	"fmt"
	"io"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// manyInstances is an engine with n instances that have a history: each was
// master and backup 20 times.
func manyInstances(tb testing.TB, n int) *vrrp.Engine {
	tb.Helper()
	c := oneInstance(150, func(*config.VRRPInstance) {})
	first := c.Instances[0]
	c.Instances = nil
	for i := range n {
		v := *first
		v.Name = fmt.Sprintf("VI_%d", i)
		v.VirtualRouterID = uint8(i%255 + 1)
		v.MulticastGroup = netip.AddrFrom4([4]byte{224, 0, 1, byte(i / 255)})
		v.VirtualAddresses = []*config.Address{{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 10, byte(i / 250), byte(i%250 + 1)}), 24)}}
		c.Instances = append(c.Instances, &v)
	}
	e := vrrp.New(c, vrrp.Options{})
	now := scenario.Epoch
	e.Step(now, vrrp.Start{Interfaces: []vrrp.Interface{eth0(1)}})
	up := eth0(1)
	down := up
	down.Running = false
	for range 20 {
		now = now.Add(4 * time.Second)
		e.Step(now, vrrp.Timer{})
		e.Step(now, vrrp.InterfaceChanged{Interface: down})
		e.Step(now, vrrp.InterfaceChanged{Interface: up})
	}
	e.Step(now.Add(4*time.Second), vrrp.Timer{})
	return e
}

// TestDumpOfManyInstances: the loop makes the snapshot, so that is what an
// advert may have to wait for; the text is written elsewhere. The best of
// several runs says what it costs, whatever else the machine does.
func TestDumpOfManyInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which short is for, takes ten times as long")
	}
	const snapshotLimit, textLimit = 10 * time.Millisecond, 100 * time.Millisecond
	e := manyInstances(t, 1000)
	snapshot, text := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range 20 {
		began := time.Now()
		s := e.Snapshot()
		snapshot = min(snapshot, time.Since(began))
		if len(s.Instances) != 1000 || s.Instances[999].State != event.Master || len(s.Instances[999].Transitions) < 40 {
			t.Fatalf("%d instances, the last is %v after %d transitions", len(s.Instances), s.Instances[999].State, len(s.Instances[999].Transitions))
		}
		began = time.Now()
		for _, err := range []error{
			status.WriteVRRP(io.Discard, &s, nil, status.Machine{}), status.WriteStats(io.Discard, &s), status.WriteJSON(io.Discard, &s, 2, nil),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		text = min(text, time.Since(began))
	}
	t.Logf("snapshot %v, data, statistics and JSON %v", snapshot, text)
	if snapshot > snapshotLimit || text > textLimit {
		t.Errorf("snapshot %v, limit %v; text %v, limit %v", snapshot, snapshotLimit, text, textLimit)
	}
}
