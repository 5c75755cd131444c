package vrrp_test

import (
	"encoding/hex"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// FuzzReceive feeds any bytes to every kind of instance, as Backup and as
// Master. Nothing may panic, and a packet that is not accepted may not move a
// deadline.
func FuzzReceive(f *testing.F) {
	for _, s := range []string{
		"45c0002800010000ff7000000a090009e0000012213364010001000000000a0900640000000000000000",
		"45c0002000010000ff7000000a090009e000001231336401006400000a090064",
		"45c0004000010000ff33d0ad0a090001e0000012700400000a09000100000001d4318abc8c5737b9a512df802133960102013c5d0a0900640000000000000000",
		"31096401006497440000000000000000000000000000990105000067890abc800000011c9b0a6830b9cd0e0d3d9b4c6c2da929",
	} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(0))
		f.Add(b, uint8(255))
	}
	f.Fuzz(func(t *testing.T, data []byte, hops uint8) {
		for _, v := range variants {
			for _, master := range []bool{false, true} {
				e := vrrp.New(oneInstance(100, v.change), vrrp.Options{Detail: true})
				now := scenario.Epoch
				e.Step(now, vrrp.Start{Interfaces: []vrrp.Interface{eth0(2)}})
				if master {
					now = now.Add(time.Minute)
					e.Step(now, vrrp.Timer{})
				}
				before := e.Snapshot().Instances[0]
				p := vrrp.Packet{Socket: 1, Data: data, HopLimit: int(hops), Source: netip.MustParseAddr("fe80::9"), Destination: before.Config.MulticastGroup}
				e.Step(now, &p)
				after := e.Snapshot().Instances[0]
				if after.Counters.AdvertReceived == before.Counters.AdvertReceived &&
					(after.State != before.State || !after.NextTimer.Equal(before.NextTimer) || after.MasterAddress != before.MasterAddress) {
					t.Errorf("%s: refused packet changed %v %v to %v %v", v.name, before.State, before.NextTimer, after.State, after.NextTimer)
				}
			}
		}
	})
}

// TestRefusedPacketsDoNotSilenceAMaster is the attack on keepalived 2.4.3 in
// which packets with a bad checksum, sent more often than the master
// advertises, put off its adverts for ever.
func TestRefusedPacketsDoNotSilenceAMaster(t *testing.T) {
	r := newRFC(t, 200, func(v *config.VRRPInstance) { v.AdvertInterval = 500 * time.Millisecond })
	r.advance(2 * time.Second)
	before := r.sent()
	for range 50 {
		r.advance(200 * time.Millisecond)
		r.hear("10.9.0.9", 100, func(b []byte) { b[8] = 1 })
	}
	if got := r.sent() - before; got != 20 {
		t.Errorf("%d adverts in 10 s, want 20", got)
	}
	if n := r.state().Counters.TTLErrors; n != 50 {
		t.Errorf("%d TTL errors, want 50", n)
	}
}

// TestFloodDoesNotStopTimers has packets without end, each with More: a Master
// goes on advertising, 100 ms late at most.
func TestFloodDoesNotStopTimers(t *testing.T) {
	r := newRFC(t, 200, nil)
	r.advance(4 * time.Second)
	start, before := r.now, r.sent()
	for r.now.Sub(start) < 5*time.Second {
		r.now = r.now.Add(time.Millisecond)
		r.step(&vrrp.Packet{Socket: r.socket, Data: []byte{0x45}, More: true})
	}
	if got := r.sent() - before; got < 4 {
		t.Errorf("%d adverts in 5 s", got)
	}
	if at, _ := r.e.Deadline(); r.now.Sub(at) > 100*time.Millisecond {
		t.Errorf("deadline is %v late", r.now.Sub(at))
	}
}
