package scenario

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// script is one scenario file while it runs.
type script struct {
	net      *Network
	out      bytes.Buffer
	settings map[string]*settings
}

// Run plays a scenario file. The commands:
//
//	router NAME [detail] [verbose]    input: settings, see settings.go
//	start NAME... [READING...]        uptime=D file.NAME=N process.NAME=ok bfd.NAME=up
//	advance D
//	link NAME IF up|down|no-carrier
//	interface NAME IF gone            or: input: an interface line, to make one
//	rename NAME IF NEW
//	addr NAME IF add|del|dad PREFIX
//	route NAME gone WORDS             a virtual or static route vanishes; also rule
//	script NAME SCRIPT ok|exit=N|signal=N|timeout|notrun=WHY
//	file NAME FILE N; process NAME PROCESS N ok|lost; bfd NAME SESSION up|down
//	packet NAME key=value...          a forged packet arrives, see packet.go
//	net loss=P dup=P delay=D jitter=D
//	partition a,b c                   sides of a cut; nothing heals it
//	fail NAME socket=WHY send=WHY add=WHY vmac; nothing mends it
//	pause NAME D                      the process does not run
//	reload NAME [READING...]          input: new settings, without interfaces
//	resync NAME; stop NAME [dont-release]; kill NAME
//	announce NAME INSTANCE; base NAME INSTANCE N; preempt NAME INSTANCE on|off
//	state [NAME...]; stats NAME INSTANCE; causes NAME; history NAME INSTANCE; sockets NAME
func Run(t *testing.T, path string) {
	s := &script{settings: map[string]*settings{}}
	s.net = NewNetwork(1, &s.out)
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		s.out.Reset()
		if err := s.command(d); err != nil {
			return "error: " + err.Error() + "\n"
		}
		for _, r := range s.net.routers {
			r.flushRepeated()
		}
		if s.out.Len() == 0 {
			return "ok\n"
		}
		return s.out.String()
	})
}

// words are the arguments of a command as written.
func argWords(d *datadriven.TestData) []string {
	list := make([]string, len(d.CmdArgs))
	for i, a := range d.CmdArgs {
		list[i] = a.Key
		if len(a.Vals) > 0 {
			list[i] += "=" + strings.Join(a.Vals, ",")
		}
	}
	return list
}

func (s *script) command(d *datadriven.TestData) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(settingsError); ok {
				err = e
				return
			}
			panic(r)
		}
	}()
	w := argWords(d)
	switch d.Cmd {
	case "advance":
		s.net.Advance(duration(w[0]))
		return nil
	case "net":
		s.conditions(options(w))
		return nil
	case "partition":
		sides := map[string]int{}
		for i, side := range w {
			for _, name := range strings.Split(side, ",") {
				sides[name] = i + 1
			}
		}
		s.net.Partition(sides)
		return nil
	case "router":
		return s.addRouter(w, d.Input)
	case "start":
		return s.start(w)
	case "state":
		s.state(w)
		return nil
	}
	if len(w) == 0 {
		return fmt.Errorf("unknown command %q", d.Cmd)
	}
	r := s.net.Router(w[0])
	if r == nil {
		return fmt.Errorf("no router %q", w[0])
	}
	if err := s.routerCommand(r, d.Cmd, w[1:], d.Input); err != nil {
		return err
	}
	s.net.land()
	return nil
}

func (s *script) addRouter(w []string, input string) error {
	set, err := parseSettings(input)
	if err != nil {
		return err
	}
	r := s.net.AddRouter(w[0], slices.Contains(w, "detail"), set.cfg, set.interfaces...)
	r.Verbose = slices.Contains(w, "verbose")
	s.settings[w[0]] = set
	return nil
}

func (s *script) start(w []string) error {
	ev, names := readings(options(w))
	for _, name := range names {
		r := s.net.Router(name)
		if r == nil {
			return fmt.Errorf("no router %q", name)
		}
		r.Start(ev)
	}
	s.net.land()
	return nil
}

// readings are the first values that come with a start or a reload, and the
// words that are none.
func readings(list []option) (ev vrrp.Start, names []string) {
	for _, o := range list {
		kind, name, reading := strings.Cut(o.key, ".")
		switch {
		case o.key == "uptime":
			ev.Uptime = duration(o.value)
		case !reading:
			names = append(names, o.key)
		case kind == "file":
			ev.Files = set(ev.Files, name, int64(number(o.value)))
		case kind == "process":
			ev.Processes = set(ev.Processes, name, vrrp.ProcessCount{Count: 1, OK: o.value == "ok"})
		case kind == "bfd":
			ev.BFDUp = set(ev.BFDUp, name, o.value == "up")
		}
	}
	return ev, names
}

func set[V any](m map[string]V, key string, v V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	m[key] = v
	return m
}

func (s *script) conditions(list []option) {
	for _, o := range list {
		switch o.key {
		case "loss":
			fmt.Sscanf(o.value, "%g", &s.net.Loss)
		case "dup":
			fmt.Sscanf(o.value, "%g", &s.net.Duplicate)
		case "delay":
			s.net.Delay = duration(o.value)
		case "jitter":
			s.net.Jitter = duration(o.value)
		default:
			fail("unknown condition %q", o.key)
		}
	}
}

func (s *script) routerCommand(r *Router, cmd string, w []string, input string) error {
	switch cmd {
	case "link":
		r.SetLink(w[0], w[1] != "down", w[1] == "up")
	case "interface":
		if len(w) > 1 && w[1] == "gone" {
			r.DeleteInterface(w[0])
			return nil
		}
		f := parseInterface(w[0], strings.Fields(input))
		r.report(r.AddInterface(f))
	case "rename":
		f := r.Interface(w[0])
		f.Name = w[1]
		r.report(f)
	case "addr":
		s.address(r, w[0], w[1], prefix(w[2]))
	case "route":
		for _, x := range r.routes {
			if strings.Join(x.Words, " ") == strings.Join(w[1:], " ") {
				r.routes = slices.DeleteFunc(r.routes, func(y *config.Route) bool { return y == x })
				r.Step(vrrp.RouteRemoved{Route: x})
				return nil
			}
		}
		return fmt.Errorf("no such route")
	case "rule":
		for _, x := range r.rules {
			if strings.Join(x.Words, " ") == strings.Join(w[1:], " ") {
				r.rules = slices.DeleteFunc(r.rules, func(y *config.Rule) bool { return y == x })
				r.Step(vrrp.RuleRemoved{Rule: x})
				return nil
			}
		}
		return fmt.Errorf("no such rule")
	case "script":
		r.Step(scriptResult(w[0], options(w[1:])[0]))
	case "file":
		r.Step(vrrp.FileValue{File: w[0], Value: int64(number(w[1]))})
	case "process":
		r.Step(vrrp.ProcessQuorum{Process: w[0], ProcessCount: vrrp.ProcessCount{Count: number(w[1]), OK: w[2] == "ok"}})
	case "bfd":
		r.Step(vrrp.BFDState{Session: w[0], Up: w[1] == "up", Sent: s.net.now})
	case "packet":
		return s.packet(r, options(w))
	case "bytes":
		return s.bytes(r, w)
	case "fail":
		r.failSocket, r.failSend, r.failAdd, r.failVMAC = "", "", "", false
		for _, o := range options(w) {
			switch o.key {
			case "socket":
				r.failSocket = strings.ReplaceAll(o.value, "_", " ")
			case "send":
				r.failSend = strings.ReplaceAll(o.value, "_", " ")
			case "add":
				r.failAdd = strings.ReplaceAll(o.value, "_", " ")
			case "vmac":
				r.failVMAC = true
			}
		}
	case "pause":
		r.Pause(duration(w[0]))
	case "reload":
		return s.reload(r, options(w), input)
	case "resync":
		r.Step(vrrp.Resync{Interfaces: r.Facts(), GoneFilters: slices.Contains(w, "filters")})
	case "stop":
		r.Step(vrrp.Stop{DontRelease: slices.Contains(w, "dont-release")})
	case "kill":
		r.Kill()
	case "announce":
		r.Step(vrrp.AnnounceAddresses{Instance: w[0]})
	case "base":
		r.Step(vrrp.SetBasePriority{Instance: w[0], Priority: uint8(number(w[1]))})
	case "preempt":
		r.Step(vrrp.SetPreempt{Instance: w[0], Preempt: w[1] == "on"})
	case "clear-stats":
		r.Step(vrrp.ClearStats{})
	case "stats", "causes", "history", "sockets", "links":
		s.report(r, cmd, w)
	default:
		return fmt.Errorf("unknown command %q", cmd)
	}
	return nil
}

func (s *script) address(r *Router, name, what string, p netip.Prefix) {
	switch what {
	case "add":
		r.AddAddress(name, p)
	case "del":
		for _, ev := range r.RemoveAddress(name, p) {
			r.Step(ev)
		}
	case "lose": // without a report
		r.RemoveAddress(name, p)
	case "dad", "dad-done":
		f := r.Interface(name)
		for i := range f.Addresses {
			if a := &f.Addresses[i]; a.Prefix == p {
				a.Tentative = what == "dad"
				r.Step(vrrp.AddressAdded{Index: f.Index, Address: *a})
			}
		}
	default:
		fail("unknown address command %q", what)
	}
}

func scriptResult(name string, o option) vrrp.ScriptResult {
	ev := vrrp.ScriptResult{Script: name}
	switch o.key {
	case "ok":
	case "exit":
		ev.Exit = number(o.value)
	case "signal":
		ev.Signal = number(o.value)
	case "timeout":
		ev.TimedOut, ev.Signal = true, 15
	case "notrun":
		ev.NotRun = strings.ReplaceAll(o.value, "_", " ")
	default:
		fail("unknown script result %q", o.key)
	}
	return ev
}

func (s *script) reload(r *Router, list []option, input string) error {
	set, err := parseSettings(input)
	if err != nil {
		return err
	}
	first, _ := readings(list)
	r.Step(vrrp.Reload{Config: set.cfg, Uptime: first.Uptime, Files: first.Files, Processes: first.Processes, BFDUp: first.BFDUp})
	return nil
}

// packet forges an advert and lets it arrive on the socket of an instance of
// the router:
//
//	from= to= vrid= prio= version= adv= (units of the packet) vips=a,b count=
//	type= auth= pass= ah= (password) seq= spi= (address) hmac= (key id) ttl=
//	checksum=plain|group|bad pad=N cut=N total=N set=OFFSET:HEX skew=D
//	trailer=OFFSET:HEX (in that of auth_hmac) dev=IF any_socket
func (s *script) packet(r *Router, list []option) error {
	f := forged{from: "10.9.0.9", version: 2, prio: 100, adv: -1, count: -1, kind: 1, auth: -1, ttl: -1, total: -1, seq: 1}
	for _, o := range list {
		f.set(o)
	}
	var id vrrp.SocketID
	var spec vrrp.SocketSpec
	protocol := protocolOf(config.AuthNone)
	if f.ah != "" {
		protocol = protocolOf(config.AuthAH)
	}
	for _, i := range r.socketIDs() {
		if sp := r.sockets[i]; sp.Family == f.family() && (sp.Protocol == protocol || f.anySocket) && (f.dev == "" || f.dev == sp.Interface) {
			id, spec = i, sp
			break
		}
	}
	if id == 0 {
		return fmt.Errorf("no socket")
	}
	data, dst := f.build(spec, s.net.now)
	ttl := f.ttl
	if ttl < 0 {
		ttl = 255
	}
	r.Step(&vrrp.Packet{Socket: id, Data: data, Source: addr(f.from), Destination: dst, HopLimit: ttl})
	return nil
}

func (s *script) bytes(r *Router, w []string) error {
	b, err := hex.DecodeString(strings.Join(w, ""))
	if err != nil {
		return err
	}
	r.Step(&vrrp.Packet{Socket: r.socketIDs()[0], Data: b})
	return nil
}

// state prints one line for each instance.
func (s *script) state(names []string) {
	for _, r := range s.net.routers {
		if len(names) > 0 && !slices.Contains(names, r.Name) {
			continue
		}
		if r.dead {
			fmt.Fprintf(&s.out, "%s dead\n", r.Name)
			continue
		}
		snap := r.Engine.Snapshot()
		for i := range snap.Instances {
			v := &snap.Instances[i]
			fmt.Fprintf(&s.out, "%s %s %v prio %d", r.Name, v.Name, v.State, v.EffectivePriority)
			if !v.NextTimer.IsZero() {
				fmt.Fprintf(&s.out, " timer %.3f", v.NextTimer.Sub(s.net.now).Seconds())
			}
			if v.MasterAddress.IsValid() {
				fmt.Fprintf(&s.out, " master %s prio %d", v.MasterAddress, v.MasterPriority)
			}
			if v.MasterAdvertInterval != v.AdvertInterval {
				fmt.Fprintf(&s.out, " interval %v", v.MasterAdvertInterval)
			}
			if v.Source.IsValid() {
				fmt.Fprintf(&s.out, " source %s", v.Source)
			}
			fmt.Fprintln(&s.out)
		}
		for _, g := range snap.SyncGroups {
			fmt.Fprintf(&s.out, "%s group %s %v\n", r.Name, g.Name, g.State)
		}
	}
}

func (s *script) report(r *Router, what string, w []string) {
	snap := r.Engine.Snapshot()
	for i := range snap.Instances {
		v := &snap.Instances[i]
		if len(w) > 0 && w[0] != v.Name {
			continue
		}
		switch what {
		case "stats":
			fmt.Fprintf(&s.out, "%s %s\n", v.Name, strings.Trim(fmt.Sprintf("%+v", v.Counters), "{}"))
			for _, d := range v.Drops {
				if d.Count > 0 {
					fmt.Fprintf(&s.out, "  dropped %d: %s\n", d.Count, d.Reason)
				}
			}
		case "causes":
			for _, c := range v.FaultCauses {
				fmt.Fprintf(&s.out, "%s since %.3f: %s\n", v.Name, c.Since.Sub(Epoch).Seconds(), c.Text)
			}
		case "history":
			for _, t := range v.Transitions {
				fmt.Fprintf(&s.out, "%8.3f %s %v -> %v: %s\n", t.Time.Sub(Epoch).Seconds(), v.Name, t.From, t.To, t.Reason)
			}
		}
	}
	switch what {
	case "sockets":
		for _, k := range snap.Sockets {
			fmt.Fprintf(&s.out, "%d %s %v\n", k.ID, k.Address, k.Instances)
		}
	case "links":
		for _, l := range snap.Interfaces {
			fmt.Fprintf(&s.out, "%s index %d up %v used %v\n", l.Name, l.Index, l.Up && l.Running, l.Used)
		}
	}
}
