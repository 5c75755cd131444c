package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// Router is one engine with the machine around it.
type Router struct {
	Name   string
	Engine *vrrp.Engine

	// Verbose prints every advert; otherwise those that repeat the last one
	// of their instance are counted.
	Verbose bool
	// Observe is called with every action, if set.
	Observe func(vrrp.Action)

	net         *Network
	interfaces  []*vrrp.Interface
	nextIndex   int
	sockets     map[vrrp.SocketID]vrrp.SocketSpec
	pausedUntil time.Time
	waiting     []vrrp.Event
	behind      bool
	dead        bool
	finished    bool

	// routes and rules that are in the kernel.
	routes []*config.Route
	rules  []*config.Rule

	failSocket string // reason why the next sockets cannot be opened
	failSend   string
	failVMAC   bool
	failAdd    string // reason why nothing can be added

	lastAdvert map[string]string
	repeated   map[string]int
}

// AddRouter adds a router that is not started yet.
func (n *Network) AddRouter(name string, detail bool, cfg *config.Config, interfaces ...vrrp.Interface) *Router {
	r := &Router{
		Name: name, net: n, nextIndex: 2,
		Engine:     vrrp.New(cfg, vrrp.Options{Detail: detail}),
		sockets:    map[vrrp.SocketID]vrrp.SocketSpec{},
		lastAdvert: map[string]string{}, repeated: map[string]int{},
	}
	for i := range interfaces {
		r.AddInterface(interfaces[i])
	}
	n.routers = append(n.routers, r)
	return r
}

// AddInterface makes an interface; with Index 0 it gets the next one.
func (r *Router) AddInterface(f vrrp.Interface) *vrrp.Interface {
	if f.Index == 0 {
		f.Index = r.nextIndex
	}
	r.nextIndex = max(r.nextIndex, f.Index) + 1
	r.interfaces = append(r.interfaces, &f)
	return &f
}

// Interface finds an interface by name, nil if there is none.
func (r *Router) Interface(name string) *vrrp.Interface {
	for _, f := range r.interfaces {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// name is that of an interface by index, "" if there is none.
func (r *Router) name(index int) string {
	for _, f := range r.interfaces {
		if f.Index == index {
			return f.Name
		}
	}
	return ""
}

// Facts are all interfaces as Start and Resync want them.
func (r *Router) Facts() []vrrp.Interface {
	list := make([]vrrp.Interface, 0, len(r.interfaces))
	for _, f := range r.interfaces {
		c := *f
		c.Addresses = slices.Clone(f.Addresses)
		list = append(list, c)
	}
	return list
}

// Start starts the engine.
func (r *Router) Start(ev vrrp.Start) {
	ev.Interfaces = r.Facts()
	r.Step(ev)
}

// Restart puts a new process in the place of one that was killed or has ended.
// What it had put on the interfaces is still there.
func (r *Router) Restart(cfg *config.Config, detail bool, ev vrrp.Start) {
	r.Engine = vrrp.New(cfg, vrrp.Options{Detail: detail})
	clear(r.sockets)
	r.dead, r.finished = false, false
	r.pausedUntil, r.waiting = time.Time{}, nil
	r.Start(ev)
}

// Alive reports whether the process is there.
func (r *Router) Alive() bool { return !r.dead && !r.finished }

// Inject lets a datagram arrive on the first socket that fits it.
func (r *Router) Inject(f config.Family, protocol uint8, p vrrp.Packet) {
	for _, id := range r.socketIDs() {
		if s := r.sockets[id]; s.Family == f && s.Protocol == protocol {
			r.deliver(id, p)
			return
		}
	}
}

// Kill ends the router without a word, as a power failure does.
func (r *Router) Kill() { r.dead = true }

// Pause keeps the process from running until d has passed; what happens in the
// meantime waits.
func (r *Router) Pause(d time.Duration) { r.pausedUntil = r.net.now.Add(d) }

// Awake reports whether the process runs.
func (r *Router) Awake() bool { return r.pausedUntil.IsZero() }

// wake hands over what has waited, packets first, as a driver does.
func (r *Router) wake() {
	r.pausedUntil = time.Time{}
	list := r.waiting
	r.waiting = nil
	r.behind = true
	for _, ev := range list {
		if p, ok := ev.(*vrrp.Packet); ok {
			p.More = true
			r.Step(p)
		}
	}
	for _, ev := range list {
		if _, ok := ev.(*vrrp.Packet); !ok {
			r.Step(ev)
		}
	}
	r.behind = false
	r.Step(vrrp.Timer{})
}

// Behind reports whether the engine has not yet been told everything that has
// happened.
func (r *Router) Behind() bool { return r.behind || len(r.waiting) > 0 }

// deliver is the arrival of a packet on a socket.
func (r *Router) deliver(id vrrp.SocketID, p vrrp.Packet) {
	if _, open := r.sockets[id]; !open || r.dead {
		return
	}
	p.Socket = id
	r.Step(&p)
}

// segment is the link that an interface is on: its own name, for a VMAC that
// of the interface below.
func (r *Router) segment(name string) string {
	f := r.Interface(name)
	if f == nil {
		return ""
	}
	if base := r.name(f.BaseIndex); base != "" {
		return base
	}
	return name
}

// hears reports whether packets can come in through the interface of s.
func (r *Router) hears(s vrrp.SocketSpec) bool {
	if s.Interface == "" {
		return true
	}
	f := r.Interface(s.Interface)
	return f != nil && f.Up && f.Running
}

func (r *Router) socketIDs() []vrrp.SocketID {
	ids := make([]vrrp.SocketID, 0, len(r.sockets))
	for id := range r.sockets {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Step passes one event, carries out the actions, then feeds what the kernel
// reports about them.
func (r *Router) Step(ev vrrp.Event) {
	if r.dead || r.finished {
		return
	}
	if !r.Awake() {
		if p, ok := ev.(*vrrp.Packet); ok {
			c := *p
			ev = &c
		}
		r.waiting = append(r.waiting, ev)
		return
	}
	var after []vrrp.Event
	for _, a := range r.Engine.Step(r.net.now, ev) {
		if r.Observe != nil {
			r.Observe(a)
		}
		after = append(after, r.carryOut(a)...)
	}
	for _, next := range after {
		r.Step(next)
	}
}

// carryOut does what an action says and returns what the kernel reports.
func (r *Router) carryOut(a vrrp.Action) []vrrp.Event {
	r.print(a)
	switch a := a.(type) {
	case vrrp.OpenSocket:
		if r.failSocket != "" {
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Text: r.failSocket}}
		}
		r.sockets[a.ID] = a.Spec
	case vrrp.CloseSocket:
		delete(r.sockets, a.ID)
	case *vrrp.SendAdvert:
		return r.send(a)
	case vrrp.AddAddress:
		if r.failAdd != "" {
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Text: r.failAdd}}
		}
		return r.addAddress(r.name(a.Index), a.Address.Prefix)
	case vrrp.RemoveAddress:
		return r.RemoveAddress(r.name(a.Index), a.Address.Prefix)
	case vrrp.AddRoute:
		if r.failAdd != "" {
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Text: r.failAdd}}
		}
		r.routes = append(r.routes, a.Route)
	case vrrp.RemoveRoute:
		r.routes = slices.DeleteFunc(r.routes, func(x *config.Route) bool { return x == a.Route })
	case vrrp.AddRule:
		if r.failAdd != "" {
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Text: r.failAdd}}
		}
		r.rules = append(r.rules, a.Rule)
	case vrrp.RemoveRule:
		r.rules = slices.DeleteFunc(r.rules, func(x *config.Rule) bool { return x == a.Rule })
	case vrrp.EnsureVMAC:
		return r.ensureVMAC(a)
	case vrrp.RemoveVMAC:
		return r.removeVMAC(a.Name)
	case vrrp.Finished:
		r.finished = true
	}
	return nil
}

func (r *Router) send(a *vrrp.SendAdvert) []vrrp.Event {
	spec, open := r.sockets[a.Socket]
	if !open {
		panic(fmt.Sprintf("%s: advert on socket %d, which is not open", r.Name, a.Socket))
	}
	if spec.Interface != "" {
		f := r.Interface(r.name(spec.Index))
		switch {
		case f == nil:
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Errno: 19, Text: "No such device"}}
		case !f.Up:
			return []vrrp.Event{vrrp.ActionFailed{Action: a, Errno: 100, Text: "Network is down"}}
		case !f.Running:
			return nil
		}
	}
	if r.failSend != "" {
		return []vrrp.Event{vrrp.ActionFailed{Action: a, Errno: 1, Text: r.failSend}}
	}
	r.net.send(r, a, spec)
	return nil
}

func (r *Router) addAddress(name string, p netip.Prefix) []vrrp.Event {
	f := r.Interface(name)
	if f == nil {
		return nil
	}
	for _, a := range f.Addresses {
		if a.Prefix == p {
			return nil
		}
	}
	a := vrrp.InterfaceAddress{Prefix: p}
	f.Addresses = append(f.Addresses, a)
	return []vrrp.Event{vrrp.AddressAdded{Index: f.Index, Address: a}}
}

// AddAddress puts an address on an interface, as an administrator does.
func (r *Router) AddAddress(name string, p netip.Prefix) {
	for _, ev := range r.addAddress(name, p) {
		r.Step(ev)
	}
}

// RemoveAddress takes an address away and returns the kernel's report.
func (r *Router) RemoveAddress(name string, p netip.Prefix) []vrrp.Event {
	f := r.Interface(name)
	if f == nil {
		return nil
	}
	n := len(f.Addresses)
	f.Addresses = slices.DeleteFunc(f.Addresses, func(a vrrp.InterfaceAddress) bool { return a.Prefix == p })
	if len(f.Addresses) == n {
		return nil
	}
	return []vrrp.Event{vrrp.AddressRemoved{Index: f.Index, Prefix: p}}
}

// SetLink changes the flags of an interface.
func (r *Router) SetLink(name string, up, running bool) {
	f := r.Interface(name)
	if f == nil {
		return
	}
	f.Up, f.Running = up, running
	r.report(f)
	// A macvlan follows the interface below.
	for _, x := range slices.Clone(r.interfaces) {
		if x.BaseIndex == f.Index && x.Running != running {
			x.Running = running
			r.report(x)
		}
	}
}

func (r *Router) report(f *vrrp.Interface) {
	c := *f
	c.Addresses = slices.Clone(f.Addresses)
	r.Step(vrrp.InterfaceChanged{Interface: c})
}

// DeleteInterface removes an interface and the VMACs on it.
func (r *Router) DeleteInterface(name string) {
	f := r.Interface(name)
	if f == nil {
		return
	}
	gone := []int{}
	r.interfaces = slices.DeleteFunc(r.interfaces, func(x *vrrp.Interface) bool {
		if x.BaseIndex == f.Index {
			gone = append(gone, x.Index)
		}
		return x == f || x.BaseIndex == f.Index
	})
	for _, index := range append(gone, f.Index) {
		r.Step(vrrp.InterfaceRemoved{Index: index})
	}
}

func (r *Router) ensureVMAC(a vrrp.EnsureVMAC) []vrrp.Event {
	if r.failVMAC {
		return []vrrp.Event{vrrp.ActionFailed{Action: a, Errno: 95, Text: "Operation not supported"}}
	}
	base := r.Interface(r.name(a.BaseIndex))
	if base == nil {
		return []vrrp.Event{vrrp.ActionFailed{Action: a, Errno: 19, Text: "No such device"}}
	}
	var events []vrrp.Event
	if f := r.Interface(a.Name); f != nil {
		if f.BaseIndex == a.BaseIndex && f.MAC == a.MAC {
			return nil
		}
		events = r.removeVMAC(a.Name)
	}
	f := vrrp.Interface{
		Name: a.Name, Up: true, Running: base.Running, Multicast: true, MTU: base.MTU, MAC: a.MAC,
		HardwareLen: 6, Kind: "macvlan", Private: true, BaseIndex: a.BaseIndex,
	}
	if a.IPVLAN != nil {
		f.Kind, f.MAC = "ipvlan", base.MAC
	}
	if a.LinkLocal.IsValid() {
		f.Addresses = append(f.Addresses, vrrp.InterfaceAddress{Prefix: netip.PrefixFrom(a.LinkLocal, 64)})
	}
	made := *r.AddInterface(f)
	return append(events, vrrp.InterfaceChanged{Interface: made})
}

func (r *Router) removeVMAC(name string) []vrrp.Event {
	f := r.Interface(name)
	if f == nil {
		return nil
	}
	r.interfaces = slices.DeleteFunc(r.interfaces, func(x *vrrp.Interface) bool { return x == f })
	return []vrrp.Event{vrrp.InterfaceRemoved{Index: f.Index}}
}

// Has reports whether an address is on any interface.
func (r *Router) Has(addr netip.Addr) bool {
	for _, f := range r.interfaces {
		for _, a := range f.Addresses {
			if a.Prefix.Addr() == addr {
				return true
			}
		}
	}
	return false
}
