package ipvs

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// randomTable makes a table out of so few keys that two of them overlap.
func randomTable(r *rand.Rand) Table {
	keys := []ServiceKey{
		AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80),
		AddressKey(config.UDP, netip.MustParseAddr("10.9.1.1"), 80),
		AddressKey(config.TCP, netip.MustParseAddr("fd00::1"), 0),
		FwmarkKey(config.IPv4, 7),
		FwmarkKey(config.IPv6, 7),
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	var t Table
	for _, key := range keys[:r.IntN(len(keys)+1)] {
		s := Service{Key: key, ServiceSettings: ServiceSettings{Scheduler: []string{"rr", "wlc"}[r.IntN(2)], Netmask: FullNetmask(key.Family)}}
		if r.IntN(3) == 0 {
			s.Flags, s.Timeout = FlagPersistent, time.Duration(r.IntN(2)+1)*time.Second
		}
		for _, last := range r.Perm(6)[:r.IntN(7)] {
			s.Destinations = append(s.Destinations, Destination{
				Addr: netip.AddrFrom4([4]byte{10, 9, 0, byte(last + 10)}), Port: 80,
				Forwarding: config.Forwarding{Method: config.DR}, Weight: r.IntN(3),
				UpperThreshold: uint32(r.IntN(2)),
			})
		}
		t = append(t, s)
	}
	return t
}

// sorted is t with services and destinations in an order of their own.
func sorted(t Table) Table {
	out := slices.Clone(t)
	slices.SortFunc(out, func(a, b Service) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	for i := range out {
		out[i].Destinations = slices.Clone(out[i].Destinations)
		slices.SortFunc(out[i].Destinations, func(a, b Destination) int { return a.Key().Compare(b.Key()) })
	}
	return out
}

func usable(s *Service) bool {
	return s != nil && slices.ContainsFunc(s.Destinations, Destination.Usable)
}

func TestPlanProperties(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := randomTable(r), randomTable(r)
		if r.IntN(4) == 0 {
			b = slices.Clone(a)
			r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		}
		check := func(what string, ops []Op) {
			t.Helper()
			m := NewMirror(a)
			touched := map[string]bool{}
			for _, op := range ops {
				before := m.Service(op.Key)
				hadUsable := usable(before)
				if errno := m.Apply(op); errno != 0 {
					t.Fatalf("seed %d: %s: %s: %v", seed, what, op, errno)
				}
				if hadUsable && usable(b.Service(op.Key)) && !usable(m.Service(op.Key)) {
					t.Fatalf("seed %d: %s: no usable destination after %s", seed, what, op)
				}
				name := fmt.Sprint(op.Key, op.Dest.Key(), op.Kind == NewService || op.Kind == SetService || op.Kind == DelService)
				if touched[name] {
					t.Fatalf("seed %d: %s: touched twice: %s", seed, what, op)
				}
				touched[name] = true
				checkNeeded(t, seed, a, b, op)
			}
			if got, want := sorted(m.Table()).String(), sorted(b).String(); got != want {
				t.Fatalf("seed %d: %s:\n%s\nwant:\n%s", seed, what, got, want)
			}
		}
		check("Plan", Plan(a, b))
		var each []Op
		for i := range b {
			each = append(each, PlanService(a.Service(b[i].Key), &b[i])...)
		}
		for i := range a {
			if b.Service(a[i].Key) == nil {
				each = append(each, PlanService(&a[i], nil)...)
			}
		}
		check("PlanService", each)
		check("PlanChange", planChanges(a, b))
		if ops := Plan(b, b); len(ops) != 0 {
			t.Fatalf("seed %d: Plan(b, b) is not empty: %v", seed, ops)
		}
	}
}

// planChanges says the way from a to b in Changes.
func planChanges(a, b Table) []Op {
	changes := Changes(b)
	for i := range changes {
		s := a.Service(changes[i].Key)
		if s == nil {
			continue
		}
		for _, d := range s.Destinations {
			if b[i].Destination(d.Key()) == nil {
				changes[i].Drop = append(changes[i].Drop, d.Key())
			}
		}
	}
	for i := range a {
		if b.Service(a[i].Key) == nil {
			changes = append(changes, Change{Key: a[i].Key, Gone: true})
		}
	}
	m := NewMirror(a)
	var ops []Op
	for _, c := range changes {
		ops = append(ops, PlanChange(m, c)...)
	}
	return ops
}

// checkNeeded fails if op touches what is the same in a and b.
func checkNeeded(t *testing.T, seed uint64, a, b Table, op Op) {
	t.Helper()
	x, y := a.Service(op.Key), b.Service(op.Key)
	if x == nil || y == nil {
		return
	}
	switch op.Kind {
	case NewService, DelService, Flush:
		t.Fatalf("seed %d: a service that stays gets %s", seed, op)
	case SetService:
		if x.ServiceSettings == y.ServiceSettings {
			t.Fatalf("seed %d: unchanged, but %s", seed, op)
		}
	case NewDest, SetDest, DelDest:
		d, e := x.Destination(op.Dest.Key()), y.Destination(op.Dest.Key())
		if d != nil && e != nil && (op.Kind != SetDest || *d == *e) {
			t.Fatalf("seed %d: destination stays, but %s", seed, op)
		}
	}
}

func TestPlanOrder(t *testing.T) {
	key := AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)
	dest := func(last byte, weight int) Destination {
		return Destination{Addr: netip.AddrFrom4([4]byte{10, 9, 0, last}), Port: 80, Forwarding: config.Forwarding{Method: config.NAT}, Weight: weight}
	}
	service := func(dests ...Destination) Table {
		return Table{{Key: key, ServiceSettings: ServiceSettings{Scheduler: "rr", Netmask: FullNetmask(config.IPv4)}, Destinations: dests}}
	}
	for _, c := range []struct {
		name            string
		present, wanted Table
		ops             string
	}{
		{"quorum lost: the sorry server comes before the servers go",
			service(dest(11, 1), dest(12, 1)), service(dest(10, 1)), `
NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.10:80 fwd=masq weight=1 uthresh=0 lthresh=0
DEL_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=1 uthresh=0 lthresh=0
DEL_DEST tcp 10.9.1.1:80 -> 10.9.0.12:80 fwd=masq weight=1 uthresh=0 lthresh=0`},
		{"the same with inhibit",
			service(dest(10, 0), dest(11, 1)), service(dest(11, 0), dest(10, 1)), `
SET_DEST tcp 10.9.1.1:80 -> 10.9.0.10:80 fwd=masq weight=1 uthresh=0 lthresh=0
SET_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=0 uthresh=0 lthresh=0`},
		{"a service that goes takes its destinations along",
			service(dest(11, 1)), nil, `
DEL_SERVICE tcp 10.9.1.1:80`},
		{"services before destinations",
			nil, service(dest(12, 0), dest(11, 1)), `
NEW_SERVICE tcp 10.9.1.1:80 sched=rr flags=0x0 timeout=0 netmask=255.255.255.255
NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.12:80 fwd=masq weight=0 uthresh=0 lthresh=0
NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=1 uthresh=0 lthresh=0`},
	} {
		got := ""
		for _, op := range Plan(c.present, c.wanted) {
			got += "\n" + op.String()
		}
		if got != c.ops {
			t.Errorf("%s:%s\nwant:%s", c.name, got, c.ops)
		}
	}
}

func TestOursLeavesTheOperatorsEntries(t *testing.T) {
	parse := func(dests ...string) []Destination {
		var out []Destination
		for _, d := range dests {
			out = append(out, Destination{Addr: netip.MustParseAddr(d), Weight: 1})
		}
		return out
	}
	key := func(mark uint32) ServiceKey { return FwmarkKey(config.IPv4, mark) }
	kernel := Table{{Key: key(1), Destinations: parse("10.0.0.1", "10.0.0.2", "10.0.0.3")}, {Key: key(2)}, {Key: key(3)}}
	before := Table{{Key: key(1), Destinations: parse("10.0.0.1")}, {Key: key(3)}}
	desired := Table{{Key: key(1), Destinations: parse("10.0.0.2")}}
	got := ""
	for _, op := range Plan(ours(kernel, NewMirror(before), NewMirror(desired)), desired) {
		got += op.String() + "\n"
	}
	want := "DEL_DEST fwmark 1 -> 10.0.0.1:0 fwd=masq weight=1 uthresh=0 lthresh=0\nDEL_SERVICE fwmark 3\n"
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// BenchmarkPlanOneOfMany is one weight change among 10,000 destinations.
func BenchmarkPlanOneOfMany(b *testing.B) {
	key := FwmarkKey(config.IPv4, 1)
	s := Service{Key: key}
	for i := range 10000 {
		s.Destinations = append(s.Destinations, Destination{Addr: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), Weight: 1})
	}
	next := s
	next.Destinations = slices.Clone(s.Destinations)
	next.Destinations[5000].Weight = 2
	m := NewMirror(Table{s})
	c := Change{Key: key, Put: next.Destinations[5000:5001]}
	b.Run("service", func(b *testing.B) {
		for b.Loop() {
			if len(PlanService(&s, &next)) != 1 {
				b.Fatal("wrong plan")
			}
		}
	})
	b.Run("change", func(b *testing.B) {
		for b.Loop() {
			if len(PlanChange(m, c)) != 1 {
				b.Fatal("wrong plan")
			}
		}
	})
}
