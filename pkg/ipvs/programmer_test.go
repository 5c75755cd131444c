package ipvs_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

var (
	key1 = ipvs.AddressKey(config.TCP, netip.MustParseAddr("10.9.1.1"), 80)
	key2 = ipvs.FwmarkKey(config.IPv4, 3)
	rr   = ipvs.ServiceSettings{Scheduler: "rr", Netmask: 0xffffffff}
)

func dest(last byte, weight int) ipvs.Destination {
	return ipvs.Destination{
		Addr: netip.AddrFrom4([4]byte{10, 9, 0, last}), Port: 80,
		Forwarding: config.Forwarding{Method: config.NAT}, Weight: weight,
	}
}

func texts(errs []error) string {
	var lines []string
	for _, err := range errs {
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got := strings.TrimSpace(got); got != strings.TrimSpace(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

func TestProgrammerTakesOverWhatExists(t *testing.T) {
	k := ipvstest.New()
	k.Do([]ipvs.Op{
		{Kind: ipvs.NewService, Key: key1, Settings: ipvs.ServiceSettings{Scheduler: "sh", Netmask: 0xffffffff}},
		{Kind: ipvs.NewDest, Key: key1, Dest: dest(11, 9)},
		{Kind: ipvs.NewDest, Key: key1, Dest: dest(99, 1)},
		{Kind: ipvs.NewService, Key: key2, Settings: rr},
	})
	k.TakeLog()
	p := ipvs.NewProgrammer(k)
	r := p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1), dest(12, 1)}}})
	expect(t, "errors", texts(r.Refused), `
IPVS cmd IP_VS_SO_SET_ADD(1154) error: Service already exists(17) (10.9.1.1:tcp:80)
IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17) (10.9.1.1:tcp:80 -> 10.9.0.11:80)`)
	if len(r.Missing) != 0 {
		t.Errorf("missing: %v", r.Missing)
	}
	expect(t, "table", k.Mirror.Table().String(), `
-A -t 10.9.1.1:80 -s rr
-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 1
-a -t 10.9.1.1:80 -r 10.9.0.99:80 -m -w 1
-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 1
-A -f 3 -s rr`)
}

func TestProgrammerPutsBackWhatWasTakenAway(t *testing.T) {
	k := ipvstest.New()
	p := ipvs.NewProgrammer(k)
	p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1), dest(12, 1)}}})

	k.Apply(ipvs.Op{Kind: ipvs.DelDest, Key: key1, Dest: dest(11, 1)})
	k.TakeLog()
	r := p.Try([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 5)}}})
	expect(t, "errors", texts(r.Refused), "")
	expect(t, "requests", k.TakeLog(), `
SET_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=5 uthresh=0 lthresh=0
NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=5 uthresh=0 lthresh=0`)

	k.Apply(ipvs.Op{Kind: ipvs.Flush})
	k.TakeLog()
	r = p.Try([]ipvs.Change{{Key: key1, Settings: rr, Drop: []netip.AddrPort{dest(12, 1).Key()}}})
	expect(t, "errors", texts(r.Refused), `IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: No such destination(2) (10.9.1.1:tcp:80 -> 10.9.0.12:80)`)
	if len(r.Missing) != 0 {
		t.Errorf("missing: %v", r.Missing)
	}
	expect(t, "table", k.Mirror.Table().String(), `
-A -t 10.9.1.1:80 -s rr
-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 5`)
}

func TestProgrammerTryTakesBack(t *testing.T) {
	k := ipvstest.New()
	p := ipvs.NewProgrammer(k)
	p.Apply([]ipvs.Change{
		{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}},
		{Key: key2, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}},
	})
	before := p.Wanted().String()
	k.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.NewDest && op.Key == key2 {
			return syscall.EINVAL
		}
		return 0
	}
	change := []ipvs.Change{
		{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(12, 1)}, Drop: []netip.AddrPort{dest(11, 1).Key()}},
		{Key: key2, Settings: rr, Put: []ipvs.Destination{dest(12, 1)}, Drop: []netip.AddrPort{dest(11, 1).Key()}},
	}
	r := p.Try(change)
	if len(r.Missing) == 0 {
		t.Error("a failed Try says that nothing is missing")
	}
	expect(t, "errors", texts(r.Refused),
		`IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22) (Fwm 3 -> 10.9.0.12:80)`)
	expect(t, "table", k.Mirror.Table().String(), before)
	expect(t, "wanted", p.Wanted().String(), before)
	k.Fail = nil
	if r = p.Try(change); len(r.Missing)+len(r.Refused) != 0 {
		t.Errorf("second try: %+v", r)
	}
	expect(t, "table", k.Mirror.Table().String(), p.Wanted().String())
}

func sortedLines(t ipvs.Table) string { return sortLines(t.String()) }

func sortLines(s string) string {
	lines := strings.SplitAfter(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// TestProgrammerProperties lets an operator and a failing kernel interfere and
// then demands that Resync ends at what is wanted, without touching what was
// never asked for.
func TestProgrammerProperties(t *testing.T) {
	keys := []ipvs.ServiceKey{key1, key2}
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 2))
		k := ipvstest.New()
		foreign := ipvs.FwmarkKey(config.IPv4, 99)
		k.Apply(ipvs.Op{Kind: ipvs.NewService, Key: foreign, Settings: rr})
		p := ipvs.NewProgrammer(k)
		for range 20 {
			key := keys[r.IntN(len(keys))]
			d := dest(byte(11+r.IntN(4)), r.IntN(3))
			k.Fail = nil
			switch r.IntN(8) {
			case 0: // the operator
				k.Apply(ipvs.Op{Kind: ipvs.OpKind(r.IntN(6)), Key: key, Settings: rr, Dest: d})
			case 1:
				p.Apply([]ipvs.Change{{Key: key, Gone: true}})
			case 2:
				p.Apply([]ipvs.Change{{Key: key, Gone: true}, {Key: key, Settings: rr, Put: []ipvs.Destination{d}}})
			case 3:
				k.Fail = func(ipvs.Op) syscall.Errno {
					if r.IntN(3) == 0 {
						return syscall.ENOMEM
					}
					return 0
				}
				fallthrough
			default:
				c := ipvs.Change{Key: key, Settings: rr}
				if r.IntN(2) == 0 {
					c.Put = append(c.Put, d)
				} else {
					c.Drop = append(c.Drop, d.Key())
				}
				before := sortedLines(p.Wanted())
				res := p.Try([]ipvs.Change{c})
				if len(res.Missing) > 0 && sortedLines(p.Wanted()) != before {
					t.Fatalf("seed %d: a failed Try is wanted still", seed)
				}
			}
		}
		k.Fail = nil
		if r, err := p.Resync(); err != nil || len(r.Missing) > 0 {
			t.Fatalf("seed %d: resync: %v, missing %v", seed, err, r.Missing)
		}
		wanted := p.Wanted()
		if k.Service(foreign) == nil {
			t.Fatalf("seed %d: a foreign service was removed", seed)
		}
		for i := range wanted {
			have := k.Service(wanted[i].Key)
			if have == nil {
				t.Fatalf("seed %d: %s is missing", seed, wanted[i].Key)
			}
			for _, d := range wanted[i].Destinations {
				if e := have.Destination(d.Key()); e == nil || *e != d {
					t.Fatalf("seed %d: %s: have %v, want %v", seed, wanted[i].Key, e, d)
				}
			}
		}
		k.TakeLog()
		if r, err := p.Resync(); err != nil || len(r.Refused) > 0 || len(k.Log) > 0 {
			t.Fatalf("seed %d: a second resync does %q", seed, k.TakeLog())
		}
	}
}

func TestProgrammerMakesRepeatedChangesInOrder(t *testing.T) {
	k := ipvstest.New()
	p := ipvs.NewProgrammer(k)
	p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}})
	r := p.Apply([]ipvs.Change{{Key: key1, Gone: true}, {Key: key1, Settings: rr, Put: []ipvs.Destination{dest(12, 1)}}})
	if len(r.Refused)+len(r.Missing) != 0 {
		t.Errorf("%+v", r)
	}
	expect(t, "table", k.Mirror.Table().String(), "-A -t 10.9.1.1:80 -s rr\n-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 1")
	if got := p.Flush(); len(got.Refused) != 0 || k.Len() != 0 || len(p.Wanted()) != 0 {
		t.Errorf("after the flush: %d services, wanted %v", k.Len(), p.Wanted())
	}
}

func ExampleProgrammer() {
	k := ipvstest.New()
	p := ipvs.NewProgrammer(k)
	p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}})
	p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(10, 1)}, Drop: []netip.AddrPort{dest(11, 1).Key()}}})
	fmt.Println(strings.Join(slices.Clone(k.Log), "\n"))
	// Output:
	// NEW_SERVICE tcp 10.9.1.1:80 sched=rr flags=0x0 timeout=0 netmask=255.255.255.255
	// NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=1 uthresh=0 lthresh=0
	// NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.10:80 fwd=masq weight=1 uthresh=0 lthresh=0
	// DEL_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=1 uthresh=0 lthresh=0
}

// TestProgrammerTakesOutOfNothing: a server that dies is out of a service that
// the kernel refuses to make, and one that comes back is not in it.
func TestProgrammerTakesOutOfNothing(t *testing.T) {
	k := ipvstest.New()
	k.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.NewService {
			return syscall.ENOENT
		}
		return 0
	}
	p := ipvs.NewProgrammer(k)
	p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1), dest(12, 1)}}})
	for _, out := range []ipvs.Change{
		{Key: key1, Settings: rr, Drop: []netip.AddrPort{dest(11, 1).Key()}},
		{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(12, 0)}},
	} {
		if r := p.Try([]ipvs.Change{out}); len(r.Missing) != 0 || len(r.Refused) == 0 {
			t.Errorf("%+v: %d errors, missing %v", out, len(r.Refused), r.Missing)
		}
	}
	if r := p.Try([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}}); len(r.Missing) == 0 {
		t.Error("a server came into a service that is not there")
	}
	k.Fail = nil
	if r := p.Try([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}}); len(r.Missing) != 0 {
		t.Errorf("missing %v", r.Missing)
	}
	table, _ := k.Table()
	if len(table) != 1 || len(table[0].Destinations) != 2 {
		t.Errorf("table %+v", table)
	}
}

// TestProgrammerTriesGroups: what the kernel takes is one request; what it mends
// is said with its group, and what it refuses undoes one group only.
func TestProgrammerTriesGroups(t *testing.T) {
	setUp := func() (*ipvstest.Kernel, *ipvs.Programmer) {
		k := ipvstest.New()
		p := ipvs.NewProgrammer(k)
		p.Apply([]ipvs.Change{{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}, {Key: key2, Settings: rr, Put: []ipvs.Destination{dest(11, 1)}}})
		k.TakeLog()
		k.Calls = 0
		return k, p
	}
	groups := [][]ipvs.Change{
		{{Key: key1, Settings: rr, Drop: []netip.AddrPort{dest(11, 1).Key()}}},
		{{Key: key2, Settings: rr, Put: []ipvs.Destination{dest(12, 1)}}},
	}
	const both = "DEL_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq weight=1 uthresh=0 lthresh=0\n"

	k, p := setUp()
	p.TryEach(groups[:1])
	if log := k.TakeLog(); k.Calls != 1 || log+"\n" != both && log != both {
		t.Errorf("%d calls:\n%s", k.Calls, log)
	}

	k, p = setUp()
	p.TryEach([][]ipvs.Change{groups[1], {{Key: key1, Settings: rr, Put: []ipvs.Destination{dest(12, 2)}}}})
	if log := k.TakeLog(); k.Calls != 1 || strings.Count(log, "NEW_DEST") != 2 {
		t.Errorf("%d calls:\n%s", k.Calls, log)
	}

	k, p = setUp()
	k.Do([]ipvs.Op{{Kind: ipvs.NewDest, Key: key2, Dest: dest(12, 7)}}) // by somebody else
	r := p.TryEach(groups)
	if len(r[0].Refused)+len(r[0].Missing)+len(r[1].Missing) != 0 || !strings.Contains(texts(r[1].Refused), "already exists") {
		t.Errorf("mended: %+v", r)
	}
	expect(t, "table", fmt.Sprint(len(k.Mirror.Table()[0].Destinations), k.Mirror.Table()[1].Destinations[1].Weight), "0 1")

	k, p = setUp()
	k.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.NewDest {
			return syscall.ENOMEM
		}
		return 0
	}
	r = p.TryEach(groups)
	if len(r[0].Refused)+len(r[0].Missing) != 0 || len(r[1].Missing) != 1 || !strings.Contains(texts(r[1].Refused), "10.9.0.12") {
		t.Errorf("refused: %+v", r)
	}
	expect(t, "table", fmt.Sprint(len(k.Mirror.Table()[0].Destinations), len(k.Mirror.Table()[1].Destinations)), "0 1")
}
