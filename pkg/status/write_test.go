package status

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// example is the state of which the shared example of keepalived.json was
// taken.
func example() *VRRP {
	garp := config.GARPSettings{MasterDelay: 5 * time.Second, MasterRepeat: 5, MasterRefreshRepeat: 1, LowerPrioDelay: 5 * time.Second, LowerPrioRepeat: 5}
	ext := config.NewVRRPInstance()
	ext.Name, ext.Version, ext.VirtualRouterID, ext.Priority, ext.GARP = "VI_EXT", 2, 51, 120, garp
	ext.Family, ext.MulticastGroup = config.IPv4, netip.MustParseAddr("224.0.0.18")
	ext.VirtualAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.0.100/24")}}
	ext.ExcludedAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.0.101/24")}}
	ext.Routes = []*config.Route{{Words: strings.Fields("192.0.2.0/24 via 10.9.0.2 dev eth0")}}
	ext.Rules = []*config.Rule{{Words: strings.Fields("from 10.9.0.100 table 100 priority 1000")}}
	in := config.NewVRRPInstance()
	in.Name, in.Version, in.VirtualRouterID, in.Priority, in.GARP = "VI_INT", 3, 52, 120, garp
	in.AdvertInterval = 500 * time.Millisecond
	in.VirtualAddresses = []*config.Address{{Prefix: netip.MustParsePrefix("10.9.1.100/24")}}
	in.Notify.Master = &config.Script{Args: []string{"/usr/bin/logger", "-t", "ka", "master"}}
	return &VRRP{
		Config: &config.Config{Global: config.NewGlobal()},
		Instances: []VRRPInstance{
			{
				Name: "VI_EXT", Config: ext, State: event.Master, WantState: event.Master, BasePriority: 120, EffectivePriority: 120,
				TotalPriority: 120, Interface: "eth0", ConfiguredInterface: "eth0", AdvertInterval: time.Second, MasterAdvertInterval: time.Second,
				LastTransition: time.Unix(1795216053, 842503000), AddressesSet: true, VirtualSet: []bool{true}, ExcludedSet: []bool{true},
				TrackInterfaces: []TrackedObject{{Name: "eth0", Implicit: true}, {Name: "dum0"}},
				Counters:        VRRPCounters{AdvertSent: 7, BecomeMaster: 1},
			},
			{
				Name: "VI_INT", Config: in, State: event.Master, WantState: event.Master, BasePriority: 120, EffectivePriority: 120,
				TotalPriority: 120, Interface: "dum0", ConfiguredInterface: "dum0", AdvertInterval: 500 * time.Millisecond,
				MasterAdvertInterval: 500 * time.Millisecond, LastTransition: time.Unix(1795216053, 844464000), AddressesSet: true,
				VirtualSet: []bool{true}, Counters: VRRPCounters{AdvertSent: 13, BecomeMaster: 1},
			},
		},
	}
}

// shared returns a file beside the repository, or skips.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("%s is not there", path)
	}
	return text
}

func TestJSONIsKeepaliveds(t *testing.T) {
	want := shared(t, "spec/json-example.json")
	var got bytes.Buffer
	if err := WriteJSON(&got, example(), 1, nil); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(bytes.TrimRight(want, "\n"))+"\n" {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestJSONOptionalKeys(t *testing.T) {
	v := example()
	ext, in := &v.Instances[0], &v.Instances[1]
	ext.Config.Auth, ext.Config.AuthPass = config.AuthPass, [8]byte{'s', 'e', 'c', 'r', 'e', 't'}
	ext.Config.Notify.Any = &config.Script{ReadFile: "/run/flag"}
	in.VMAC, in.Interface, in.ConfiguredInterface = "vrrp.52", "vrrp.52", "eth0"
	in.TrackScripts = []TrackedObject{{Name: "chk"}, {Name: "group", FromGroup: true}, {Name: "gone"}}
	in.TrackProcesses = []TrackedObject{{Name: "p1"}}
	in.Config.PreemptDelay = 90 * time.Second
	v.Scripts = []TrackScript{{Name: "chk", Config: &config.TrackScript{Script: config.Script{Args: []string{"/bin/chk", `a"b`}}}}}
	v.Processes = []TrackProcess{{Name: "p1", Count: 2, HaveQuorum: true,
		Config: &config.TrackProcess{Process: "sshd", Params: []string{"-D"}, Match: config.ParamPartial, Quorum: 1, QuorumMax: 3, Weight: -5, ForkDelay: 1500 * time.Millisecond}}}
	var got bytes.Buffer
	if err := WriteJSON(&got, v, 2, nil); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(got.Bytes()) {
		t.Fatalf("not JSON: %s", got.String())
	}
	text := got.String()
	for _, want := range []string{
		`{"vrrp":[{"data":{"iname":"VI_EXT"`, `"auth_type":1,"auth_data":"********"}`, `"script":"'<\/run\/flag'"`,
		`"vmac_ifname":"vrrp.52","ifp_ifname":"vrrp.52"`, `"vips":["10.9.1.100\/24 dev vrrp.52@eth0 scope global set"]`,
		`"track_script":["'\/bin\/chk' 'a\"b'","gone"],"track_process":["p1"]`, `"preempt_delay":90`,
		`],"track_process":[{"process":"sshd","parameters":"'-D'","param_match":"partial","min_processes":1,"max_processes":3,` +
			`"current_processes":2,"have_quorum":true,"weight":-5,"terminate_delay":0,"fork_delay":1.5,` +
			`"fork_delay_timer_running":false,"terminate_delay_timer_running":false,"full_command":false}]}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("the password is in the JSON")
	}
}

func TestJSONText(t *testing.T) {
	for s, want := range map[string]string{
		"a/b":       `"a\/b"`,
		"a\"\\b":    `"a\"\\b"`,
		"\x01\n\tä": "\"\\u0001\\n\\tä\"",
		"\xff":      "\"\ufffd\"",
	} {
		j := &jsonText{}
		j.quote(s)
		if got := j.b.String(); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

func FuzzJSONText(f *testing.F) {
	f.Add("VI_1")
	f.Add("a\x00\xff/\"\\\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		j := &jsonText{}
		j.quote(s)
		var back string
		if err := json.Unmarshal([]byte(j.b.String()), &back); err != nil {
			t.Fatalf("%q: %v", j.b.String(), err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); strings.ReplaceAll(back, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func TestStats(t *testing.T) {
	v := example()
	v.Instances = v.Instances[:1]
	v.Instances[0].Counters = VRRPCounters{
		AdvertReceived: 1, AdvertSent: 2, BecomeMaster: 3, ReleaseMaster: 4, PacketLengthErrors: 5, TTLErrors: 6, InvalidTypeReceived: 7,
		AdvertIntervalErrors: 8, AddressListErrors: 9, InvalidAuthType: 10, AuthTypeMismatch: 11, AuthFailure: 12, AuthExtMissing: 13,
		AuthExtMalformed: 14, AuthExtUnknownKey: 15, AuthExtInvalidHMAC: 16, AuthExtStale: 17, AuthExtReplay: 18,
		PriorityZeroReceived: 19, PriorityZeroSent: 20,
	}
	var got bytes.Buffer
	if err := WriteStats(&got, v); err != nil {
		t.Fatal(err)
	}
	want := `VRRP Instance: VI_EXT
  Advertisements:
    Received: 1
    Sent: 2
  Became master: 3
  Released master: 4
  Packet Errors:
    Length: 5
    TTL: 6
    Invalid Type: 7
    Advertisement Interval: 8
    Address List: 9
  Authentication Errors:
    Invalid Type: 10
    Type Mismatch: 11
    Failure: 12
  Authentication Extension Errors:
    Missing: 13
    Malformed: 14
    Unknown Key: 15
    Invalid HMAC: 16
    Stale: 17
    Replay: 18
  Priority Zero:
    Received: 19
    Sent: 20
`
	if got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
}

// TestItems has the forms that the real program printed for the same lines.
func TestItems(t *testing.T) {
	second := func(n int) *time.Duration { d := time.Duration(n) * time.Second; return &d }
	for want, a := range map[string]config.Address{
		"10.9.0.100/24 brd 10.9.0.255 dev vv0 scope global label vv0:1": {Prefix: netip.MustParsePrefix("10.9.0.100/24"), BroadcastAuto: '+', Label: "vv0:1"},
		"10.9.0.100/24 brd 10.9.0.0 dev vv0 scope global":               {Prefix: netip.MustParsePrefix("10.9.0.100/24"), BroadcastAuto: '-'},
		"10.9.0.101 dev vv1 scope link":                                 {Prefix: netip.MustParsePrefix("10.9.0.101/32"), Dev: "vv1", Scope: config.ScopeLink},
		"10.9.0.103 dev vv0 scope global peer 10.9.3.3/32":              {Prefix: netip.MustParsePrefix("10.9.0.103/32"), Peer: netip.MustParseAddr("10.9.3.3")},
		"10.9.0.104 brd 10.9.0.255 dev vv0 scope global":                {Prefix: netip.MustParsePrefix("10.9.0.104/32"), Broadcast: netip.MustParseAddr("10.9.0.255")},
		"10.9.0.105/24 dev vv0 scope global noprefixroute":              {Prefix: netip.MustParsePrefix("10.9.0.105/24"), NoPrefixRoute: true},
		"10.9.0.106 dev vv0 scope 17":                                   {Prefix: netip.MustParsePrefix("10.9.0.106/32"), Scope: 17},
		"fe80::1/64 dev vv0 scope global preferred_lft forever":         {Prefix: netip.MustParsePrefix("fe80::1/64")},
		"fe80::1 dev vv0 scope global deprecated":                       {Prefix: netip.MustParsePrefix("fe80::1/128")},
		"2001:db8::1/64 dev vv0 scope global home -nodad preferred_lft forever": {
			Prefix: netip.MustParsePrefix("2001:db8::1/64"), Home: true, DAD: true},
		"2001:db8::1 dev vv0 scope global mngtmpaddr preferred_lft 44": {
			Prefix: netip.MustParsePrefix("2001:db8::1/128"), MngTmpAddr: true, PreferredLifetime: second(44)},
		"2001:db8::3 dev vv0 scope global preferred_lft forever": {Prefix: netip.MustParsePrefix("2001:db8::3/128"), PreferredLifetime: second(-1)},
	} {
		if got := addressText(&a, "vv0", false); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for words, want := range map[string]string{
		"src 10.9.0.100 to 192.0.2.0/24 via 10.9.0.2 dev vv0 metric 5 table 77": "prepend 192.0.2.0/24 src 10.9.0.100 via inet 10.9.0.2 dev vv0 table 77 proto 18 metric 5",
		"default via 10.9.0.2":   "prepend 0.0.0.0/0 via inet 10.9.0.2 proto 18",
		"blackhole 192.0.4.0/24": "add blackhole 192.0.4.0/24 proto 18",
		"192.0.3.0/24 nexthop via 10.9.0.2 weight 3 nexthop via 10.9.0.3":                     "prepend 192.0.3.0/24 proto 18 nexthop via inet 10.9.0.2 weight 3 nexthop via inet 10.9.0.3",
		"192.0.5.0/24 dev vv0 scope link mtu 1000 tos 4":                                      "prepend 192.0.5.0/24 tos 4 dev vv0 proto 18 scope 253 mtu 1000",
		"2001:db8:7::/48 via 2001:db8::9 dev vv0":                                             "prepend 2001:db8:7::/48 via inet6 2001:db8::9 dev vv0 proto 18",
		"192.0.5.0/24 unknown word":                                                           "192.0.5.0/24 unknown word",
		"192.0.6.0/24 via 10.9.0.2 onlink mtu lock 1400 table main proto static advmss 1 src": "192.0.6.0/24 via 10.9.0.2 onlink mtu lock 1400 table main proto static advmss 1 src",
	} {
		if got := routeText(&config.Route{Words: strings.Fields(words)}, nil); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for words, want := range map[string]string{
		"from 10.9.0.100 table 100 priority 16384":        "from 10.9.0.100 priority 16384 tos 0x0 protocol 18 lookup 100",
		"to 10.0.0.0/8 preference 77 lookup main":         "from all to 10.0.0.0/8 priority 77 tos 0x0 protocol 18 lookup 254",
		"from 2001:db8::1/64 table 100 priority 16384":    "from 2001:db8::1/64 priority 16384 tos 0x0 protocol 18 lookup 100",
		"iif vv0 fwmark 4/7 priority 66 unreachable":      "from all priority 66 fwmark 0x4/0x7 iif vv0 tos 0x0 protocol 18 type unreachable",
		"from 10.9.0.100 oif vv0 goto 20000 priority 55":  "from 10.9.0.100 priority 55 oif vv0 tos 0x0 protocol 18 goto 20000",
		"not from 10.0.0.0/8 blah":                        "not from 10.0.0.0/8 blah",
		"not from 10.0.0.0/8 lookup local priority 77000": "not from 10.0.0.0/8 priority 77000 tos 0x0 protocol 18 lookup 255",
	} {
		if got := ruleText(&config.Rule{Words: strings.Fields(words)}, nil); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// exported reads the data dump the way a monitoring exporter does: keys of the
// instance that a line with three blanks belongs to.
func exported(dump string) map[string]map[string]string {
	out := map[string]map[string]string{}
	instance, key := "", ""
	for s := bufio.NewScanner(strings.NewReader(dump)); s.Scan(); {
		l := s.Text()
		if name, ok := strings.CutPrefix(l, " VRRP Instance = "); ok {
			instance = name
			out[instance] = map[string]string{}
			continue
		}
		switch {
		case instance == "":
		case strings.HasPrefix(l, "     "):
			out[instance][key] += strings.TrimSpace(l) + ";"
		case strings.HasPrefix(l, "   "):
			k, v, ok := strings.Cut(strings.TrimSpace(l), " = ")
			if ok {
				out[instance][k] = v
			}
			key = strings.TrimSuffix(strings.TrimSpace(l), ":")
		default:
			instance = ""
		}
	}
	return out
}

func TestVRRPDump(t *testing.T) {
	v := example()
	v.Instances[0].Config.Auth, v.Instances[0].Config.AuthPass = config.AuthPass, [8]byte{'s', 'e', 'c', 'r', 'e', 't'}
	v.Instances[0].Config.HMAC = &config.AuthHMAC{ActiveKey: 3, Keys: map[uint8][]byte{3: []byte("hmac-secret")}}
	v.Instances[1].State, v.Instances[1].WantState = event.Fault, event.Backup
	v.Instances[1].FaultCauses = []FaultCause{{Text: "interface dum0 down", Since: time.Unix(5, 0)}}
	v.Instances[1].Transitions = []Transition{{Time: time.Unix(5, 0), From: event.Master, To: event.Fault, Reason: "interface dum0 down"}}
	v.Instances[1].Drops = []DropCount{{"ttl", 3}, {"vrid", 0}}
	v.SyncGroups = []VRRPSyncGroup{{Name: "G1", State: event.Fault, Members: []string{"VI_EXT"}, Config: &config.SyncGroup{}}}
	v.Scripts = []TrackScript{{Name: "chk", State: ScriptBad, Config: &config.TrackScript{Script: config.Script{Args: []string{"/bin/chk"}}, Interval: time.Second}}}
	v.Sockets = []VRRPSocket{{ID: 1, Interface: "eth0", Family: config.IPv4, Protocol: 112, Instances: []string{"VI_EXT"}}}
	var b bytes.Buffer
	if err := WriteVRRP(&b, v, nil, Machine{}); err != nil {
		t.Fatal(err)
	}
	dump := b.String()
	got := exported(dump)
	for name, keys := range map[string]map[string]string{
		"VI_EXT": {
			"State": "MASTER", "Wantstate": "MASTER", "Effective priority": "120", "Virtual Router ID": "51", "Priority": "120",
			"Interface": "eth0", "Gratuitous ARP delay": "5", "Password": "********",
			"Last transition": "1795216053.842503 (" + time.Unix(1795216053, 0).Local().Format("Mon Jan _2 15:04:05") + ".842503 2026)",
			"Virtual IP (1)":  "10.9.0.100/24 dev eth0 scope global set;",
		},
		"VI_INT": {"State": "FAULT", "Wantstate": "BACKUP", "Advert interval": "500 milli-sec"},
	} {
		for k, want := range keys {
			if got[name][k] != want {
				t.Errorf("%s: %s is %q, want %q", name, k, got[name][k], want)
			}
		}
	}
	for _, want := range []string{
		"------< VRRP Topology >------\n VRRP Instance = VI_EXT\n", "------< VRRP Sockpool >------\n", "------< VRRP Sync groups >------\n VRRP Sync Group = G1, FAULT\n",
		"------< VRRP Scripts >------\n VRRP Script = chk\n", "   Status = BAD\n", " MASTER to FAULT: interface dum0 down\n", "     ttl 3\n",
	} {
		if !strings.Contains(dump, want) {
			t.Errorf("%q is not in\n%s", want, dump)
		}
	}
	if strings.Contains(dump, "secret") {
		t.Error("a password or key is in the dump")
	}
}

func TestGlobalDump(t *testing.T) {
	g := config.NewGlobal()
	g.RouterID, g.EnableScriptSecurity, g.Umask = "lb1", true, 0o22
	g.SMTP.Server, g.SMTP.To = "127.0.0.1", []string{"a@b.c"}
	g.StartupScript = &config.Script{Args: []string{"/usr/bin/true", "a"}, User: &config.ScriptUser{User: "root"}}
	g.NotifyFIFO.Path = "/run/f"
	g.VRRPProcess.CPUs = []int{0, 3}
	var b bytes.Buffer
	if err := WriteGlobal(&b, &g, Machine{Owner: func(u *config.ScriptUser) (uint32, uint32, bool) { return 7, 8, u != nil }}); err != nil {
		t.Fatal(err)
	}
	dump := b.String()
	for _, want := range []string{
		"------< Global definitions >------\n Network namespace = (default)\n", " Router ID = lb1\n", " Smtp server = 127.0.0.1\n Smtp server port = 25\n",
		" Startup script = '/usr/bin/true' 'a', uid:gid 7:8, timeout 10\n", " Global notify fifo = /run/f\n", " VRRP CPU Affinity = 0 3\n",
		" VRRP realtime limit = 10000\n", " umask = 022\n", " Script security enabled\n", " Default smtp_alert = unset\n",
	} {
		if !strings.Contains(dump, want) {
			t.Errorf("%q is not in\n%s", want, dump)
		}
	}
}

func TestCheckersDump(t *testing.T) {
	check := &config.Checker{Kind: config.CheckTCP, Destination: netip.MustParseAddrPort("127.0.0.1:82"), DelayLoop: 3 * time.Second, Retry: 1}
	rs := &config.RealServer{Name: "[127.0.0.1]:tcp:82", Address: netip.MustParseAddr("127.0.0.1"), Port: 82, Checkers: []*config.Checker{check}, Weight: 3, Forwarding: config.Forwarding{Method: config.DR}}
	vs := &config.VirtualServer{Name: "[10.9.1.1]:tcp:80", Address: netip.MustParseAddr("10.9.1.1"), Port: 80, Protocol: config.TCP, Scheduler: "wrr", Quorum: 1}
	c := &Checkers{
		Config: &config.Config{VirtualServerGroups: []*config.VirtualServerGroup{{Name: "G", Entries: []config.GroupEntry{
			{First: netip.MustParseAddr("10.9.1.4"), Last: netip.MustParseAddr("10.9.1.9"), Port: 80}, {IsFwmark: true, Fwmark: 7}}}}},
		VirtualServers: []VirtualServer{{Config: vs, QuorumUp: true, Weight: 3, RealServers: []RealServer{{
			Config: rs, Up: true, InTable: true, Effective: 3, Checkers: []Checker{{Config: check, Up: true, HasRun: true, Runs: 9, LastRun: time.Unix(7, 0), LastText: "connected"}},
		}}}},
	}
	var b bytes.Buffer
	if err := WriteCheckers(&b, c, Machine{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"------< LVS Topology >------\n", "   VIP Range = 10.9.1.4-10.9.1.9, VPORT = 80\n   FWMARK = 7\n", " VS VIP = 10.9.1.1, VPORT = 80\n",
		"   RIP = 127.0.0.1, RPORT = 82, WEIGHT = 3 EFF WEIGHT = 3\n", "   alive = 1\n", "   RS set = 1\n",
		"------< Health checkers >------\n [10.9.1.1]:tcp:80 -> [127.0.0.1]:tcp:82\n   Enabled = yes\n   Up = yes\n", "     Dest = [127.0.0.1]:82\n", "   Keepalive method = TCP_CHECK\n", ": connected\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

// full is a device without room.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	g := config.NewGlobal()
	for name, write := range map[string]func(*full) error{
		"global": func(f *full) error {
			return WriteGlobal(f, &g, Machine{Owner: func(u *config.ScriptUser) (uint32, uint32, bool) { return 7, 8, u != nil }})
		},
		"vrrp":     func(f *full) error { return WriteVRRP(f, example(), nil, Machine{}) },
		"stats":    func(f *full) error { return WriteStats(f, example()) },
		"checkers": func(f *full) error { return WriteCheckers(f, &Checkers{}, Machine{}) },
		"json":     func(f *full) error { return WriteJSON(f, example(), 1, nil) },
	} {
		if err := write(&full{20}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
