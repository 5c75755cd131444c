package vrrp

import (
	"net/netip"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// vmac is a virtual interface that an instance has on top of another: a
// macvlan with the virtual router's MAC (RFC 5798 7.3), or an ipvlan.
type vmac struct {
	v    *instance
	name string
	base *link
	link *link
	mac  [6]byte
	// address marks one that only carries addresses (use_vmac on a line of
	// virtual_ipaddress, use_vmac_addr).
	address bool
	// family is that of the MAC.
	family config.Family
	seen   bool   // it has been there
	asked  uint64 // the Step that asked for it last
	// local is the link-local address that was chosen for it.
	local netip.Addr
}

// maxInterfaceName is IFNAMSIZ without the zero.
const maxInterfaceName = 15

// makeVMACs finds out which virtual interfaces the instance needs. Those of a
// former configuration that fit keep their names; the others are returned.
func (v *instance) makeVMACs() (gone []*vmac) {
	old := v.vmacs
	v.vmacs, v.vmac = nil, nil
	c := v.cfg
	if v.baseLink != nil && (c.VMAC != nil || c.IPVLAN != nil) {
		v.vmac = v.addVMAC(old, v.baseLink, c.Family, false)
	}
	for _, list := range [][]*config.Address{c.VirtualAddresses, c.ExcludedAddresses} {
		for _, a := range list {
			if base := v.addressVMACBase(a); base != nil {
				v.addVMAC(old, base, config.FamilyOf(a.Prefix.Addr()), true)
			}
		}
	}
	v.link = v.baseLink
	if v.vmac != nil && !v.xmitBase() {
		v.link = v.vmac.link
	}
	for _, m := range old {
		if !v.hasVMAC(m) {
			gone = append(gone, m)
		}
	}
	return gone
}

func (v *instance) hasVMAC(m *vmac) bool {
	for _, n := range v.vmacs {
		if n == m {
			return true
		}
	}
	return false
}

// xmitBase reports whether adverts use the base interface although there is a
// VMAC. Unicast always does.
func (v *instance) xmitBase() bool {
	return v.cfg.VMAC != nil && (v.cfg.VMAC.XmitBase || v.cfg.Unicast())
}

// addressVMACBase is the interface on which address a wants a VMAC of its own,
// nil if it wants none.
func (v *instance) addressVMACBase(a *config.Address) *link {
	own := a.Dev == "" || a.Dev == v.cfg.Interface
	byInstance := v.cfg.VMAC != nil && config.FamilyOf(a.Prefix.Addr()) == v.cfg.Family
	switch {
	case own && byInstance:
		return nil // the instance's VMAC
	case a.UseVMAC, v.cfg.VMAC != nil && v.cfg.VMAC.UseAddr && !own:
		if own {
			return v.baseLink
		}
		return v.e.link(a.Dev)
	}
	return nil
}

func (v *instance) addVMAC(old []*vmac, base *link, f config.Family, address bool) *vmac {
	for _, m := range v.vmacs {
		if m.address && address && m.base == base && m.family == f {
			return m
		}
	}
	mac := v.virtualMAC(f)
	configured := ""
	if !address {
		configured = v.vmacName()
	}
	for _, m := range old {
		if m.address == address && m.base == base && m.family == f && m.mac == mac && (configured == "" || configured == m.name) {
			v.vmacs = append(v.vmacs, m)
			return m
		}
	}
	m := &vmac{v: v, base: base, mac: mac, address: address, family: f, name: configured}
	if m.name == "" {
		m.name = v.e.freeVMACName(m)
	}
	m.link = v.e.link(m.name)
	v.vmacs = append(v.vmacs, m)
	return m
}

func (v *instance) vmacName() string {
	if v.cfg.VMAC != nil {
		return v.cfg.VMAC.Name
	}
	return v.cfg.IPVLAN.Name
}

// virtualMAC is 00:00:5e:00:01:VRID, or 02 for IPv6 (RFC 5798 7.3), or what the
// configuration says; an ipvlan has none of its own.
func (v *instance) virtualMAC(f config.Family) (mac [6]byte) {
	if v.cfg.IPVLAN != nil {
		return mac
	}
	mac = [6]byte{0, 0, 0x5e, 0, 1, v.cfg.VirtualRouterID}
	if f == config.IPv6 {
		mac[4] = 2
	}
	if c := v.cfg.VMAC; c != nil && len(c.MAC) >= 5 {
		copy(mac[:], c.MAC)
	}
	return mac
}

// freeVMACName generates the name of a VMAC: vrrp.7; if that is taken
// vrrp6.7 for IPv6, then vrrp1.7, vrrp2.7...
func (e *Engine) freeVMACName(m *vmac) string {
	g := &e.cfg.Global.VRRP
	prefix := g.VMACPrefix
	if m.address && g.VMACAddrPrefix != "" {
		prefix = g.VMACAddrPrefix
	}
	vrid := "." + strconv.Itoa(int(m.v.cfg.VirtualRouterID))
	infixes := []string{""}
	if m.family == config.IPv6 {
		infixes = append(infixes, "6")
	}
	for n := 1; n < 256; n++ {
		infixes = append(infixes, strconv.Itoa(n))
	}
	name := ""
	for _, infix := range infixes {
		end := infix + vrid
		name = prefix[:min(len(prefix), maxInterfaceName-len(end))] + end
		if e.nameFree(name, m) {
			break
		}
	}
	return name
}

// nameFree reports whether name can be that of m: nobody else of ours has it,
// and no interface of another kind.
func (e *Engine) nameFree(name string, m *vmac) bool {
	for _, v := range e.instances {
		for _, n := range v.vmacs {
			if n != m && n.name == name {
				return false
			}
		}
		if v.cfg.VMAC != nil && v.cfg.VMAC.Name == name || v.cfg.IPVLAN != nil && v.cfg.IPVLAN.Name == name {
			return false
		}
	}
	l := e.links[name]
	return l == nil || !l.present || l.facts.Kind == m.kind()
}

func (m *vmac) kind() string {
	if m.v.cfg.IPVLAN != nil {
		return "ipvlan"
	}
	return "macvlan"
}

// fits reports whether the interface is there as we want it.
func (m *vmac) fits() bool {
	f := &m.link.facts
	return m.link.present && f.Kind == m.kind() && f.BaseIndex == m.base.facts.Index &&
		(m.mac == [6]byte{} || f.MAC == m.mac)
}

// linkLocal is the address that we put on an IPv6 VMAC: the base interface's
// link-local, else the one made from its MAC (RFC 4291 appendix A).
// It stays the same until the base interface goes.
func (m *vmac) linkLocal() netip.Addr {
	if m.local.IsValid() || !m.base.present {
		return m.local
	}
	m.local = m.base.firstAddress(config.IPv6)
	if !m.local.IsValid() {
		mac := m.base.facts.MAC
		m.local = netip.AddrFrom16([16]byte{0xfe, 0x80, 8: mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]})
	}
	return m.local
}

// ensure asks for the interface, once its base exists.
func (m *vmac) ensure() {
	v := m.v
	if !m.base.present || m.asked == v.e.step {
		return
	}
	m.asked = v.e.step
	a := EnsureVMAC{
		Instance: v.cfg.Name, Name: m.name, Base: m.base.name, BaseIndex: m.base.facts.Index,
		Family: m.family, VRID: v.cfg.VirtualRouterID, MAC: m.mac, IPVLAN: v.cfg.IPVLAN,
		DisableIPv6: m.family == config.IPv4 && !v.hasIPv6For(m),
	}
	if c := v.cfg.VMAC; c != nil {
		a.XmitBase, a.Group, a.NotifyBase = v.xmitBase(), c.InterfaceGrp, c.NetlinkMsg
	} else if c := v.cfg.IPVLAN; c != nil {
		a.Group = c.InterfaceGrp
	}
	if m.family == config.IPv6 && !m.address && !a.XmitBase {
		a.LinkLocal = v.pickSource()
	}
	v.e.do(a)
}

// hasIPv6For reports whether m must be able to have IPv6 addresses. An
// instance's own VMAC is, as soon as the instance has any, wherever they go.
func (v *instance) hasIPv6For(m *vmac) bool {
	for _, list := range [][]*config.Address{v.cfg.VirtualAddresses, v.cfg.ExcludedAddresses} {
		for _, a := range list {
			if config.FamilyOf(a.Prefix.Addr()) == config.IPv6 && (m == v.vmac || v.virtualLink(a) == m.link) {
				return true
			}
		}
	}
	return false
}

// checkVMAC holds an instance back until its VMAC is there for the first time.
func (v *instance) checkVMAC() {
	for _, m := range v.vmacs {
		m.seen = m.seen || m.fits() && m.link.good
	}
	m := v.vmac
	if m == nil {
		v.dropCause(causeVMAC, nil)
		v.dropCause(causeVMACFailed, nil)
		return
	}
	if m.fits() && m.link.good {
		v.dropCause(causeVMACFailed, nil)
	}
	failed := v.findCause(causeVMACFailed, nil) >= 0
	v.setCause(!m.seen && !failed && m.base.good, cause{
		kind: causeVMAC,
		text: "waiting for VMAC interface " + m.name, over: "VMAC interface " + m.name + " is there",
	})
}

// awaits reports whether o is a VMAC of ours that has not been there yet.
func (v *instance) awaits(o *object) bool {
	for _, m := range v.vmacs {
		if !m.seen && &m.link.object == o {
			return true
		}
	}
	return false
}

// awaits reports whether l is a VMAC of ours that has just been made.
func (e *Engine) awaits(l *link) bool {
	for _, v := range e.instances {
		if v.awaits(&l.object) {
			return true
		}
	}
	return false
}

// vmacFailed takes the instance to Fault whose VMAC could not be made. It is
// tried again later, and when the base interface comes up.
func (e *Engine) vmacFailed(a EnsureVMAC) {
	v := e.byName[a.Instance]
	if v == nil {
		return
	}
	if v.findCause(causeVMACFailed, nil) < 0 {
		v.log(textVMACFailed(v.cfg.Name, a.Name))
	}
	if v.vmac == nil || v.vmac.name != a.Name {
		return
	}
	v.addCause(cause{kind: causeVMACFailed, text: "cannot create VMAC interface " + a.Name})
	v.dropCause(causeVMAC, nil)
	e.retry.set(e.now.Add(retryDelay))
}

// virtualLink is where an address goes.
func (v *instance) virtualLink(a *config.Address) *link {
	if base := v.addressVMACBase(a); base != nil {
		for _, m := range v.vmacs {
			if m.address && m.base == base && m.family == config.FamilyOf(a.Prefix.Addr()) {
				return m.link
			}
		}
	}
	switch {
	case a.Dev != "" && a.Dev != v.cfg.Interface:
		return v.e.link(a.Dev)
	case v.vmac != nil && v.cfg.VMAC != nil && config.FamilyOf(a.Prefix.Addr()) == v.cfg.Family && a.Dev == "":
		return v.vmac.link
	case v.baseLink != nil:
		return v.baseLink
	}
	return v.e.link(v.e.cfg.Global.VRRP.DefaultInterface)
}

// vmacBase is the interface below l if l is a VMAC of ours, else l itself.
func (v *instance) vmacBase(l *link) *link {
	for _, m := range v.vmacs {
		if m.link == l {
			return m.base
		}
	}
	return l
}
