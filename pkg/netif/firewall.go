package netif

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// FirewallVMAC is a VMAC whose IGMP and MLD reports must leave with the MAC
// of its base interface, or switches would learn the virtual MAC in the wrong
// place.
type FirewallVMAC struct {
	Name        string
	Index, Base int
	// IPv4 and IPv6 say which reports it can send.
	IPv4, IPv6 bool
	// LinkLocal is the base interface's link-local address that it carries
	// too, invalid for none: it must not be advertised from here.
	LinkLocal netip.Addr
}

// FirewallAddress is a virtual address that does not accept traffic.
type FirewallAddress struct {
	IP netip.Addr
	// Name and Index are its interface, which counts for link-local
	// addresses; ByName compares the name rather than the index, for
	// interfaces that may be made anew.
	Name   string
	Index  int
	ByName bool
}

// elements are the contents of the sets of one table, by name of the set. An
// element is its key; the map's value is what the key leads to.
type elements map[setName]map[string]string

type setName string

// Names of the sets, keepalived's.
const (
	setVMACMap         setName = "vmac_map"
	setVMACs           setName = "vmac_set"
	setParentLinkLocal setName = "parent_link_local"
	setMLDReport       setName = "mld-report"
	setVIPs            setName = "vips"
	setND              setName = "neighbor-discovery"
	setVIPsLinkLocal   setName = "vips_link_local"
	setVIPsByName      setName = "vips_link_local_name"
)

// ifNameSize is IFNAMSIZ.
const ifNameSize = 16

// Keys of elements are the bytes the kernel compares.

func indexKey(index int) string {
	return string(binary.NativeEndian.AppendUint32(nil, uint32(index)))
}

func addrKey(ip netip.Addr) string { return string(ip.AsSlice()) }

func nameKey(name string) string {
	var b [ifNameSize]byte
	copy(b[:], name)
	return string(b[:])
}

func (e elements) add(set setName, key, value string) {
	if e[set] == nil {
		e[set] = map[string]string{}
	}
	e[set][key] = value
}

// firewallElements is what the sets of one family's table must hold.
func firewallElements(f config.Family, vmacs []FirewallVMAC, addresses []FirewallAddress) elements {
	out := elements{}
	for _, v := range vmacs {
		if f == config.IPv4 && !v.IPv4 || f == config.IPv6 && !v.IPv6 {
			continue
		}
		out.add(setVMACMap, indexKey(v.Index), indexKey(v.Base))
		if f == config.IPv4 {
			continue
		}
		out.add(setVMACs, indexKey(v.Index), "")
		if v.LinkLocal.IsValid() {
			out.add(setParentLinkLocal, addrKey(v.LinkLocal)+nameKey(v.Name), "")
		}
	}
	for _, a := range addresses {
		switch {
		case config.FamilyOf(a.IP) != f:
		case !a.IP.IsLinkLocalUnicast() || f == config.IPv4:
			out.add(setVIPs, addrKey(a.IP), "")
		case a.ByName:
			out.add(setVIPsByName, addrKey(a.IP)+nameKey(a.Name), "")
		default:
			out.add(setVIPsLinkLocal, addrKey(a.IP)+indexKey(a.Index), "")
		}
	}
	return out
}

// planElements says what to take from a set that holds have and what to put
// in, so that it holds want. A key that leads elsewhere is taken out first.
func planElements(have, want map[string]string) (remove, add map[string]string) {
	remove, add = map[string]string{}, map[string]string{}
	for key, value := range have {
		if now, ok := want[key]; !ok || now != value {
			remove[key] = value
		}
	}
	for key, value := range want {
		if before, ok := have[key]; !ok || before != value {
			add[key] = value
		}
	}
	return remove, add
}
