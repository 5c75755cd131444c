package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// emitted are the events of the last step.
func (r *rfc) emitted() (list []event.Event) {
	for _, a := range r.actions {
		if e, ok := a.(vrrp.Emit); ok {
			list = append(list, e.Event)
		}
	}
	return list
}

// snmpRouter is a backup whose SNMP settings are those given.
func snmpRouter(t *testing.T, version uint8, s config.SNMP) *rfc {
	t.Helper()
	c := oneInstance(100, func(v *config.VRRPInstance) {
		v.Version = version
		if version == 2 {
			v.Auth, v.AuthPass = config.AuthPass, [8]byte{'x'}
		}
	})
	c.Global.SNMP = s
	r := &rfc{t: t, e: vrrp.New(c, vrrp.Options{}), now: time.Unix(1000, 0)}
	r.step(vrrp.Start{Interfaces: []vrrp.Interface{eth0(5)}})
	return r
}

// TestRefusedPacketsMakeEvents: bad packets are told to SNMP when it wants to
// know, and a flood of them is not a flood of events.
func TestRefusedPacketsMakeEvents(t *testing.T) {
	all := config.SNMP{Traps: true, RFCv2: true, RFCv3: true}
	badTTL := func(b []byte) { b[8] = 1 }

	r := snmpRouter(t, 3, all)
	r.hear("10.9.0.9", 150, badTTL)
	if got := r.emitted(); len(got) != 1 || got[0] != event.Event(event.ProtocolError{Time: r.now, Instance: "V1", Reason: 1}) {
		t.Errorf("a wrong TTL makes %+v", got)
	}
	if got := r.state().ProtocolError; got != status.TTLError {
		t.Errorf("the last protocol error is %d", got)
	}
	events := 0
	for range 1000 {
		r.hear("10.9.0.9", 150, badTTL)
		events += len(r.emitted())
	}
	if events > 10 {
		t.Errorf("%d events of 1000 packets at once", events)
	}

	// Version 2 with a password gets a packet of version 3 without one.
	r = snmpRouter(t, 2, all)
	r.hear("10.9.0.9", 150, nil)
	if got := r.emitted(); len(got) != 1 || got[0] != event.Event(event.ProtocolError{Time: r.now, Instance: "V1", Reason: 2}) {
		t.Errorf("another version makes %+v", got)
	}
	if r.state().ProtocolError != status.VersionError {
		t.Errorf("the last protocol error is %d", r.state().ProtocolError)
	}

	r = snmpRouter(t, 3, all)
	r.step(&vrrp.Packet{Socket: r.socket, Data: advert200(3, wire.ProtocolVRRP, 0)}) // without checksum
	if got := r.emitted(); len(got) != 1 || got[0] != event.Event(event.ProtocolError{Time: r.now, Instance: "V1", Reason: 3}) {
		t.Errorf("a wrong checksum makes %+v", got)
	}

	for name, s := range map[string]config.SNMP{"no traps": {RFCv2: true, RFCv3: true}, "no RFC MIB": {Traps: true, VRRP: true}} {
		r := snmpRouter(t, 3, s)
		r.hear("10.9.0.9", 150, badTTL)
		if got := r.emitted(); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAuthenticationEvents: each way of failing has its number.
func TestAuthenticationEvents(t *testing.T) {
	r := snmpRouter(t, 2, config.SNMP{Traps: true, RFCv2: true})
	fail := func(r *rfc, auth byte) {
		r.step(&vrrp.Packet{Socket: r.socket, Data: append([]byte{
			0x45, 0, 0, 40, 0, 1, 0, 0, 255, 112, 0, 0, 10, 9, 0, 9, 224, 0, 0, 18, // IPv4
			0x21, 51, 150, 1, auth, 1, 0, 0, 10, 9, 0, 100,
		}, "wrong\x00\x00\x00"...)})
	}
	for auth, want := range map[byte]uint8{9: event.InvalidAuthType, 0: event.AuthTypeMismatch, 1: event.AuthFailure} {
		fail(r, auth)
		want := event.AuthenticationFailure{Time: r.now, Instance: "V1", Source: netip.MustParseAddr("10.9.0.9"), Type: want}
		if got := r.emitted(); len(got) != 1 || got[0] != event.Event(want) {
			t.Errorf("authentication type %d makes %+v, want %+v", auth, got, want)
		}
	}
	events := 0
	for range 100 {
		fail(r, 1)
		events += len(r.emitted())
	}
	if events != 7 {
		t.Errorf("%d events of 103 packets at once, want 10", events+3)
	}
	r = snmpRouter(t, 2, config.SNMP{Traps: true, RFCv3: true})
	if fail(r, 1); len(r.emitted()) != 0 {
		t.Errorf("version 3 of the MIB alone: %+v", r.emitted())
	}
}

// TestSetUntilReload: what SNMP sets is in force and lost at a reload.
func TestSetUntilReload(t *testing.T) {
	c := oneInstance(100, nil)
	r := &rfc{t: t, e: vrrp.New(c, vrrp.Options{}), now: time.Unix(1000, 0)}
	r.step(vrrp.Start{Interfaces: []vrrp.Interface{eth0(5)}})
	r.step(vrrp.SetBasePriority{Instance: "V1", Priority: 150})
	r.step(vrrp.SetPreempt{Instance: "V1", Preempt: false})
	r.step(vrrp.SetAccept{Instance: "V1", Accept: !c.Instances[0].Accept})
	r.step(vrrp.SetAccept{Instance: "nobody", Accept: true})
	s := r.state()
	if s.BasePriority != 150 || s.EffectivePriority != 150 || !s.NoPreempt || s.Accept == c.Instances[0].Accept {
		t.Errorf("set: %+v", s)
	}
	r.step(vrrp.Reload{Config: oneInstance(100, nil)})
	s = r.state()
	if s.BasePriority != 100 || s.EffectivePriority != 100 || s.NoPreempt || s.Accept != c.Instances[0].Accept {
		t.Errorf("after the reload: %+v", s)
	}
}
