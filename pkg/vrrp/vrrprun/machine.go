package vrrprun

import (
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
	link netif.Link
	told vrrp.Interface // without Addresses
	// addresses are in the kernel's order.
	addresses []netif.Address
}

func newMachine() *machine {
	return &machine{interfaces: map[int]*machineInterface{}, linkbeat: map[string]bool{}}
}

// load replaces the picture by what was just read.
func (m *machine) load(links []netif.Link, addresses []netif.Address) {
	clear(m.interfaces)
	for _, l := range links {
		m.interfaces[l.Index] = &machineInterface{link: l}
	}
	for _, a := range addresses {
		if i := m.interfaces[a.Index]; i != nil {
			i.addresses = append(i.addresses, a)
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
		for _, a := range i.addresses {
			told.Addresses = append(told.Addresses, describeAddress(a))
		}
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
		i = &machineInterface{}
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
	i.told = now
	return vrrp.InterfaceChanged{Interface: now}
}

func (m *machine) addressAdded(a netif.Address) vrrp.Event {
	i := m.interfaces[a.Index]
	if i == nil {
		return nil
	}
	at := slices.IndexFunc(i.addresses, func(b netif.Address) bool { return sameEntry(a, b) })
	if at >= 0 {
		before := i.addresses[at]
		i.addresses[at] = a
		if before.Tentative() == a.Tentative() {
			return nil // lifetimes or flags that do not matter
		}
	} else {
		i.addresses = append(i.addresses, a)
	}
	return vrrp.AddressAdded{Index: a.Index, Address: describeAddress(a)}
}

func (m *machine) addressRemoved(a netif.Address) vrrp.Event {
	i := m.interfaces[a.Index]
	if i == nil {
		return nil
	}
	before := len(i.addresses)
	i.addresses = slices.DeleteFunc(i.addresses, func(b netif.Address) bool { return sameEntry(a, b) })
	if len(i.addresses) == before {
		return nil
	}
	return vrrp.AddressRemoved{Index: a.Index, Prefix: a.Prefix}
}

// sameEntry reports whether a and b are one entry of the interface's list.
func sameEntry(a, b netif.Address) bool { return a.Prefix == b.Prefix && a.Peer == b.Peer }

func describeAddress(a netif.Address) vrrp.InterfaceAddress {
	return vrrp.InterfaceAddress{Prefix: a.Prefix, Tentative: a.Tentative()}
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
