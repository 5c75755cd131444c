package vrrprun

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// machine is the picture of the namespace's interfaces and addresses that the
// engine has been given. Changes become events only when they change the
// picture.
type machine struct {
	interfaces map[int]*machineInterface
	// linkbeat says which interfaces are polled, and what their link is.
	linkbeat map[string]bool
}

type machineInterface struct {
	link      netif.Link
	told      vrrp.Interface // without Addresses
	addresses map[entry]known
	// next numbers the addresses in the order in which they came, which is
	// the kernel's.
	next int
}

// entry is what makes an address of an interface the one it is.
type entry struct {
	prefix netip.Prefix
	peer   netip.Addr
}

type known struct {
	order     int
	tentative bool
}

func newMachineInterface(l netif.Link) *machineInterface {
	return &machineInterface{link: l, addresses: map[entry]known{}}
}

// keep takes an address into the list, at its end unless it is there already,
// and returns what was known of it before.
func (i *machineInterface) keep(a netif.Address) (before known, was bool) {
	key := entry{a.Prefix, a.Peer}
	before, was = i.addresses[key]
	now := known{order: before.order, tentative: a.Tentative()}
	if !was {
		now.order = i.next
		i.next++
	}
	i.addresses[key] = now
	return before, was
}

// list is the addresses in their order.
func (i *machineInterface) list() []vrrp.InterfaceAddress {
	keys := slices.SortedFunc(maps.Keys(i.addresses), func(a, b entry) int {
		return i.addresses[a].order - i.addresses[b].order
	})
	var out []vrrp.InterfaceAddress
	for _, key := range keys {
		out = append(out, vrrp.InterfaceAddress{Prefix: key.prefix, Tentative: i.addresses[key].tentative})
	}
	return out
}

func newMachine() *machine {
	return &machine{interfaces: map[int]*machineInterface{}, linkbeat: map[string]bool{}}
}

// load replaces the picture by what was just read.
func (m *machine) load(links []netif.Link, addresses []netif.Address) {
	clear(m.interfaces)
	for _, l := range links {
		m.interfaces[l.Index] = newMachineInterface(l)
	}
	for _, a := range addresses {
		if i := m.interfaces[a.Index]; i != nil {
			i.keep(a)
		}
	}
	for _, i := range m.interfaces {
		i.told = m.describe(&i.link)
	}
}

// list is the whole picture, for Start and Resync.
func (m *machine) list() []vrrp.Interface {
	var out []vrrp.Interface
	for _, i := range m.interfaces {
		told := i.told
		told.Addresses = i.list()
		out = append(out, told)
	}
	slices.SortFunc(out, func(a, b vrrp.Interface) int { return a.Index - b.Index })
	return out
}

// link finds an interface by its index, nil if there is none.
func (m *machine) link(index int) *netif.Link {
	if i := m.interfaces[index]; i != nil {
		return &i.link
	}
	return nil
}

// has reports whether an interface has an address that the kernel takes for
// this one: with IPv6 the length does not matter.
func (m *machine) has(index int, prefix netip.Prefix) bool {
	i := m.interfaces[index]
	if i == nil {
		return false
	}
	if _, same := i.addresses[entry{prefix: prefix}]; same || prefix.Addr().Is4() {
		return same
	}
	for key := range i.addresses {
		if key.prefix.Addr() == prefix.Addr() {
			return true
		}
	}
	return false
}

// named finds an interface by its name, nil if there is none.
func (m *machine) named(name string) *netif.Link {
	for _, i := range m.interfaces {
		if i.link.Name == name {
			return &i.link
		}
	}
	return nil
}

// names are those of all interfaces.
func (m *machine) names() []string {
	var out []string
	for _, i := range m.interfaces {
		out = append(out, i.link.Name)
	}
	slices.Sort(out)
	return out
}

// apply takes one change of the kernel into the picture and returns the event
// it makes, nil for none.
func (m *machine) apply(c netif.Change) vrrp.Event {
	switch c.Kind {
	case netif.LinkChanged:
		return m.linkChanged(c.Link)
	case netif.LinkRemoved:
		if m.interfaces[c.Link.Index] == nil {
			return nil
		}
		delete(m.interfaces, c.Link.Index)
		return vrrp.InterfaceRemoved{Index: c.Link.Index}
	case netif.AddressAdded:
		return m.addressAdded(c.Address)
	case netif.AddressRemoved:
		return m.addressRemoved(c.Address)
	}
	return nil
}

func (m *machine) linkChanged(l netif.Link) vrrp.Event {
	i := m.interfaces[l.Index]
	if i == nil {
		i = newMachineInterface(l)
		m.interfaces[l.Index] = i
	}
	i.link = l
	return m.tell(i)
}

// tell returns the event for what the engine does not know yet about i.
func (m *machine) tell(i *machineInterface) vrrp.Event {
	now := m.describe(&i.link)
	if sameInterface(now, i.told) {
		return nil
	}
	renamed := i.told.Name != "" && i.told.Name != now.Name
	i.told = now
	if renamed { // another interface to the engine, which has its addresses from the start
		now.Addresses = i.list()
	}
	return vrrp.InterfaceChanged{Interface: now}
}

func (m *machine) addressAdded(a netif.Address) vrrp.Event {
	i := m.interfaces[a.Index]
	if i == nil {
		return nil
	}
	if before, was := i.keep(a); was && before.tentative == a.Tentative() {
		return nil // lifetimes or flags that do not matter
	}
	return vrrp.AddressAdded{Index: a.Index, Address: vrrp.InterfaceAddress{Prefix: a.Prefix, Tentative: a.Tentative()}}
}

func (m *machine) addressRemoved(a netif.Address) vrrp.Event {
	i := m.interfaces[a.Index]
	key := entry{a.Prefix, a.Peer}
	if i == nil {
		return nil
	}
	if _, was := i.addresses[key]; !was {
		return nil
	}
	delete(i.addresses, key)
	return vrrp.AddressRemoved{Index: a.Index, Prefix: a.Prefix}
}

// describe is what the engine is told about an interface, without addresses.
func (m *machine) describe(l *netif.Link) vrrp.Interface {
	out := vrrp.Interface{
		Name:         l.Name,
		Index:        l.Index,
		Up:           l.Up(),
		Running:      l.Running(),
		Multicast:    l.Multicast(),
		NoARP:        l.NoARP(),
		Loopback:     l.Loopback(),
		PointToPoint: l.PointToPoint(),
		MTU:          l.MTU,
		HardwareLen:  len(l.MAC),
		Kind:         l.Kind,
		Private:      l.Kind == netif.KindMACVLAN && l.Mode == netif.MACVLANPrivate,
		BaseIndex:    l.Parent,
		Group:        l.Group,
	}
	if len(l.MAC) == len(out.MAC) {
		copy(out.MAC[:], l.MAC)
	}
	if running, polled := m.linkbeat[l.Name]; polled {
		out.Running, out.Linkbeat = running, true
	}
	if master := m.interfaces[l.Master]; master != nil && master.link.Kind == netif.KindVRF {
		out.VRF = master.link.Name
	}
	return out
}

// sameInterface compares what describe fills in.
func sameInterface(a, b vrrp.Interface) bool {
	return a.Name == b.Name && a.Index == b.Index && a.Up == b.Up && a.Running == b.Running &&
		a.Linkbeat == b.Linkbeat && a.Multicast == b.Multicast && a.NoARP == b.NoARP &&
		a.Loopback == b.Loopback && a.PointToPoint == b.PointToPoint && a.MTU == b.MTU &&
		a.MAC == b.MAC && a.HardwareLen == b.HardwareLen && a.Kind == b.Kind &&
		a.Private == b.Private && a.BaseIndex == b.BaseIndex && a.VRF == b.VRF && a.Group == b.Group
}
