package mib

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	diff "github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

var update = flag.Bool("update", false, "rewrite the walks in testdata")

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// noNames knows no names of iproute2.
type noNames struct{}

func (noNames) Number(iproute.Table, string) (uint32, bool) { return 0, false }

func load(t testing.TB, path string) *config.Config {
	t.Helper()
	cfg, _, found := confparse.Load(confparse.OSFiles(), path, confparse.Env{HostName: "n", WorkDir: ".", Now: epoch})
	for _, d := range found {
		if d.Severity > diag.Warning {
			t.Fatalf("%s: %v", path, d)
		}
	}
	return cfg
}

// vrrpView is the state of the routers of testdata/vrrp.conf, five seconds
// after their start.
func vrrpView(t testing.TB) *View {
	t.Helper()
	cfg := load(t, "testdata/vrrp.conf")
	e := vrrp.New(cfg, vrrp.Options{})
	link := func(index int, name, address string) vrrp.Interface {
		return vrrp.Interface{
			Name: name, Index: index, Up: true, Running: true, Multicast: true, MTU: 1500, HardwareLen: 6,
			MAC: [6]byte{2, 0, 0, 0, 0, byte(index)},
			Addresses: []vrrp.InterfaceAddress{
				{Prefix: netip.MustParsePrefix(address)}, {Prefix: netip.MustParsePrefix(fmt.Sprintf("fe80::%d/64", index))},
			},
		}
	}
	start := vrrp.Start{
		Interfaces: []vrrp.Interface{link(2, "eth0", "10.1.0.1/24"), link(3, "eth1", "10.2.0.1/24"), link(4, "eth2", "10.3.0.1/24")},
		Files:      map[string]int64{"tf": 3}, Processes: map[string]vrrp.ProcessCount{"tp": {Count: 2, OK: true}}, BFDUp: map[string]bool{"B1": true},
	}
	e.Step(epoch, start)
	e.Step(epoch, vrrp.ScriptResult{Script: "chk"})
	now := epoch
	for now.Before(epoch.Add(5 * time.Second)) {
		now = now.Add(100 * time.Millisecond)
		e.Step(now, vrrp.Timer{})
	}
	s := e.Snapshot()
	return &View{
		ScriptPath: fileOf,
		Version:    "Keepalived v0.0.0 (01/01,2000)", Config: cfg, VRRP: &s, Names: noNames{},
		SysUpTime: func(at time.Time) uint32 { return uint32(at.Sub(epoch.Add(-time.Second)) / (10 * time.Millisecond)) },
	}
}

// checkView is the state of the servers of testdata/checkers.conf at their
// start, with counters of more than 32 bits.
func checkView(t testing.TB) *View {
	t.Helper()
	cfg := load(t, "testdata/checkers.conf")
	e := health.New(cfg, rand.New(rand.NewPCG(1, 2)))
	e.Step(epoch, health.Start{})
	s := e.Snapshot(epoch)
	counted := s
	counted.VirtualServers = slices.Clone(s.VirtualServers)
	vs := &counted.VirtualServers[0]
	vs.Stats = status.IPVSStats{Connections: 5<<32 + 1, InPackets: 5<<32 + 2, OutPackets: 5<<32 + 3, InBytes: 5<<32 + 4, OutBytes: 5<<32 + 5, ConnectionRate: 5<<32 + 6, InPacketRate: 7, OutPacketRate: 8, InByteRate: 9, OutByteRate: 10}
	vs.SorryStats = status.IPVSStats{Connections: 11}
	vs.RealServers = slices.Clone(vs.RealServers)
	vs.RealServers[1].Stats = status.IPVSStats{Connections: 12, ActiveConnections: 13, InactiveConnections: 14, PersistentConn: 15}
	return &View{
		Version: "Keepalived v0.0.0 (01/01,2000)", Config: cfg, Checkers: &s, Counters: func() *status.Checkers { return &counted },
		ScriptPath: fileOf,
	}
}

// names are the names of the objects of a tree, by OID without the index.
func names(t *Tree) map[string]*object {
	m := &module{}
	for _, n := range t.nodes {
		n.describe(m)
	}
	list := map[string]*object{}
	for i := range m.objects {
		list[m.objects[i].oid.String()] = &m.objects[i]
	}
	return list
}

// walk is everything that GetNext finds.
func walk(t testing.TB, tree *Tree, v *View) (list []agentx.VarBind) {
	t.Helper()
	at := OID{1}
	for len(list) < 100000 {
		b := tree.Next(v, agentx.Range{Start: at})
		if b.Value.Kind == agentx.EndOfMIBView {
			return list
		}
		if at.Compare(b.Name) >= 0 {
			t.Fatalf("%v comes after %v", b.Name, at)
		}
		at = b.Name
		list = append(list, b)
	}
	t.Fatal("the walk does not end")
	return nil
}

func valueText(v Value) string {
	switch v.Kind {
	case agentx.KindInteger:
		return fmt.Sprint("INTEGER ", v.Int())
	case agentx.KindOctets:
		if strings.IndexFunc(string(v.Octets), func(r rune) bool { return !unicode.IsPrint(r) || r > 126 }) < 0 {
			return fmt.Sprintf("%q", v.Octets)
		}
		return hex.EncodeToString(v.Octets)
	case agentx.KindIPAddress:
		a, _ := netip.AddrFromSlice(v.Octets)
		return "IpAddress " + a.String()
	case agentx.KindCounter32:
		return fmt.Sprint("Counter32 ", v.Number)
	case agentx.KindCounter64:
		return fmt.Sprint("Counter64 ", v.Number)
	case agentx.KindGauge32:
		return fmt.Sprint("Gauge32 ", v.Number)
	case agentx.KindTimeTicks:
		return fmt.Sprint("TimeTicks ", v.Number)
	}
	return fmt.Sprintf("kind %d", v.Kind)
}

// fileOf stands for the search for a script's file.
func fileOf(s *config.Script) string {
	if len(s.Args) == 0 {
		return ""
	}
	return "/real" + s.Args[0]
}

// TestWalk compares whole walks with testdata/NAME.walk, and every value with
// the type that the MIB file gives it.
func TestWalk(t *testing.T) {
	view, servers := vrrpView(t), checkView(t)
	for name, c := range map[string]struct {
		tree *Tree
		view *View
	}{
		"vrrp":     {VRRP(view.Config, false), view},
		"checkers": {Checkers(servers.Config), servers},
	} {
		t.Run(name, func(t *testing.T) {
			known := names(c.tree)
			var text strings.Builder
			for _, b := range walk(t, c.tree, c.view) {
				o, index := objectOf(known, b.Name)
				if o == nil {
					t.Fatalf("%v has no name", b.Name)
				}
				if o.syntax.Kind != b.Value.Kind {
					t.Errorf("%s is %s, its value is %s", o.name, o.syntax.Text, valueText(b.Value))
				}
				if got := c.tree.Get(c.view, b.Name); !diff.Equal(got, b.Value) {
					t.Errorf("%s.%v: Get gives %s, GetNext %s", o.name, index, valueText(got), valueText(b.Value))
				}
				fmt.Fprintf(&text, "%s.%v = %s\n", o.name, index, valueText(b.Value))
			}
			compareFile(t, "testdata/"+name+".walk", text.String())
		})
	}
}

func objectOf(known map[string]*object, name OID) (*object, OID) {
	for n := len(name); n > 0; n-- {
		if o := known[name[:n].String()]; o != nil {
			return o, name[n:]
		}
	}
	return nil, nil
}

func compareFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got, rewrite with -update):\n%s", path, d)
	}
}

// TestNext compares GetNext from thousands of places with a search through the
// whole walk.
func TestNext(t *testing.T) {
	view := vrrpView(t)
	tree := VRRP(view.Config, false)
	all := walk(t, tree, view)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		at := slices.Clone(all[r.IntN(len(all))].Name)
		switch r.IntN(4) {
		case 0:
			at = at[:r.IntN(len(at)+1)]
		case 1:
			at[r.IntN(len(at))] += uint32(r.IntN(3)) - 1
		case 2:
			at = append(at, uint32(r.IntN(3)))
		}
		end := OID(nil)
		if r.IntN(2) == 0 {
			end = all[r.IntN(len(all))].Name
		}
		include := r.IntN(2) == 0
		i, exact := slices.BinarySearchFunc(all, at, func(b agentx.VarBind, at OID) int { return b.Name.Compare(at) })
		if exact && !include {
			i++
		}
		got := tree.Next(view, agentx.Range{Start: at, Include: include, End: end})
		if i == len(all) || end != nil && all[i].Name.Compare(end) >= 0 {
			if got.Value.Kind != agentx.EndOfMIBView || got.Name.Compare(at) != 0 {
				t.Fatalf("Next(%v, %v, include %v) = %v, want the end", at, end, include, got.Name)
			}
			continue
		}
		if got.Name.Compare(all[i].Name) != 0 {
			t.Fatalf("Next(%v, %v, include %v) = %v, want %v", at, end, include, got.Name, all[i].Name)
		}
	}
}

// TestGetMissing asks for what is not there.
func TestGetMissing(t *testing.T) {
	view := vrrpView(t)
	tree := VRRP(view.Config, false)
	for name, want := range map[string]agentx.Kind{
		"1.3.6.1.4.1.9586.100.5.2.3.1.7.9":          agentx.NoSuchInstance,
		"1.3.6.1.4.1.9586.100.5.2.3.1.7":            agentx.NoSuchInstance,
		"1.3.6.1.4.1.9586.100.5.2.3.1.7.1.1":        agentx.NoSuchInstance,
		"1.3.6.1.4.1.9586.100.5.2.3.1.17.1":         agentx.NoSuchInstance, // no sync daemon
		"1.3.6.1.4.1.9586.100.5.2.3.1.1.1":          agentx.NoSuchObject,   // not accessible
		"1.3.6.1.4.1.9586.100.5.2.3.1.99.1":         agentx.NoSuchObject,
		"1.3.6.1.4.1.9586.100.5.2.3.2.7.1":          agentx.NoSuchObject,
		"1.3.6.1.4.1.9586.100.5.2.3":                agentx.NoSuchObject,
		"1.3.6.1.4.1.9586.100.5.1.1.1":              agentx.NoSuchInstance,
		"1.3.6.1.4.1.9586.100.5.1.1":                agentx.NoSuchInstance,
		"1.3.6.1.4.1.9586.100.5.3.3.1.2.1":          agentx.NoSuchObject, // of the checker process
		"1.3.6.1.2.1.68.1.3.1.10.2.51":              agentx.NoSuchObject, // the key
		"1.3.6.1.2.1.68.1.3.1.3.3.52":               agentx.NoSuchInstance,
		"1":                                         agentx.NoSuchObject,
		"1.3.6.1.4.1.9586.100.5.2.3.1.7.4294967295": agentx.NoSuchInstance,
	} {
		o, err := agentx.ParseOID(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := tree.Get(view, o); got.Kind != want {
			t.Errorf("%s: kind %d, want %d", name, got.Kind, want)
		}
	}
}

// TestSet tries every object that can be written with good and bad values,
// and some that cannot.
func TestSet(t *testing.T) {
	view := vrrpView(t)
	tree := VRRP(view.Config, false)
	const instance = "1.3.6.1.4.1.9586.100.5.2.3.1."
	for _, c := range []struct {
		name   string
		value  Value
		change Change
		err    agentx.Error
	}{
		{instance + "7.1", agentx.Integer(150), SetPriority{"VI_1", 200, 150}, 0},
		{instance + "7.1", agentx.Integer(1), SetPriority{"VI_1", 200, 1}, 0},
		{instance + "7.1", agentx.Integer(254), SetPriority{"VI_1", 200, 254}, 0},
		{instance + "7.1", agentx.Integer(0), nil, agentx.WrongValue},
		{instance + "7.1", agentx.Integer(255), nil, agentx.WrongValue},
		{instance + "7.1", agentx.Integer(300), nil, agentx.WrongValue},
		{instance + "7.1", agentx.Integer(-1), nil, agentx.WrongValue},
		{instance + "7.1", agentx.Gauge(100), nil, agentx.WrongType},
		{instance + "7.1", agentx.Text("x"), nil, agentx.WrongType},
		{instance + "7.9", agentx.Integer(100), nil, agentx.NotWritable},
		{instance + "13.2", agentx.Integer(1), SetPreempt{"VI_2", false, true}, 0},
		{instance + "13.1", agentx.Integer(2), SetPreempt{"VI_1", true, false}, 0},
		{instance + "13.1", agentx.Integer(3), nil, agentx.WrongValue},
		{instance + "27.2", agentx.Integer(1), SetAccept{"VI_2", false, true}, 0},
		{instance + "27.1", agentx.Integer(2), SetAccept{"VI_1", true, false}, 0},
		{instance + "27.1", agentx.Integer(0), nil, agentx.WrongValue},
		{instance + "28.1", agentx.Integer(1), nil, agentx.NotWritable},
		{instance + "29.1", agentx.Integer(1), nil, agentx.NotWritable},
		{instance + "33.1", agentx.Integer(1), nil, agentx.NotWritable},
		{instance + "8.1", agentx.Integer(1), nil, agentx.NotWritable},
		{"1.3.6.1.2.1.68.1.2.0", agentx.Integer(2), nil, agentx.NotWritable},
		{"1.3.6.1.2.1.68.1.3.1.5.2.51", agentx.Integer(5), nil, agentx.NotWritable},
		{"1.3.6.1.2.1.207.1.1.1.1.7.3.52.1", agentx.Gauge(5), nil, agentx.NotWritable},
	} {
		o, err := agentx.ParseOID(c.name)
		if err != nil {
			t.Fatal(err)
		}
		change, refused := tree.Test(view, agentx.VarBind{Name: o, Value: c.value})
		if refused != c.err || c.err == 0 && change != c.change {
			t.Errorf("%s = %s: %+v, %v, want %+v, %v", c.name, valueText(c.value), change, refused, c.change, c.err)
		}
		if c.err == 0 && change.Undo().Undo() != change {
			t.Errorf("%s: undone twice it is %+v", c.name, change.Undo().Undo())
		}
	}
}

// TestNumbers looks at the tables themselves: numbers and names are used once,
// and in order.
func TestNumbers(t *testing.T) {
	c := &config.Config{}
	c.Global.SNMP = config.SNMP{VRRP: true, RFCv2: true, RFCv3: true, Checker: true}
	for _, tree := range []*Tree{VRRP(c, false), Checkers(c)} {
		m := &module{}
		for _, n := range tree.nodes {
			n.describe(m)
		}
		seen := map[string]bool{}
		for i, o := range m.objects {
			if seen[o.name] {
				t.Errorf("%s is there twice", o.name)
			}
			seen[o.name] = true
			if i > 0 && m.objects[i-1].oid.Compare(o.oid) >= 0 {
				t.Errorf("%s %v comes after %v", o.name, o.oid, m.objects[i-1].oid)
			}
		}
	}
	if VRRP(&config.Config{}, true) != nil || Checkers(&config.Config{}) != nil {
		t.Error("SNMP is served though nobody asked")
	}
	// The global part is that of the checker process when there is one.
	for _, checkers := range []bool{false, true} {
		got := slices.ContainsFunc(VRRP(c, checkers).Subtrees, func(o OID) bool { return o.Compare(globalOID) == 0 })
		if got == checkers {
			t.Errorf("global part in the vrrp process: %v, checker process: %v", got, checkers)
		}
	}
}
