package e2e

import (
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// End is a host's interface on a Segment.
type End struct {
	Host      *Host
	Interface string
	Addresses []string
}

// Segment is one more bridge of a Switch: a link of its own, for labs with
// many links between few hosts. Frames are kept under "HOST INTERFACE".
type Segment struct {
	sw    *Switch
	ports map[string]netlink.Link // by host name
	ends  map[string]segmentEnd   // by host name
}

// segmentEnd is a host's side of a cable.
type segmentEnd struct {
	host *Host
	link netlink.Link
}

// Segment makes a link named name (at most 10 characters) with the given ends.
// Its hosts must have had Quiet called. No command is run, so that dozens are
// cheap.
func (s *Switch) Segment(name string, ends ...End) *Segment {
	s.t.Helper()
	seg := &Segment{sw: s, ports: map[string]netlink.Link{}, ends: map[string]segmentEnd{}}
	must := func(what string, err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("segment %s: %s: %v", name, what, err)
		}
	}
	off := false
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "b" + name}, MulticastSnooping: &off}
	must("bridge", s.host.links.LinkAdd(bridge))
	must("bridge up", s.host.links.LinkSetUp(bridge))
	for n, e := range ends {
		port := &netlink.Veth{
			LinkAttrs:        netlink.LinkAttrs{Name: fmt.Sprintf("%s-%d", name, n+1)},
			PeerName:         e.Interface,
			PeerHardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, byte(n + 1)},
			PeerNamespace:    netlink.NsPid(e.Host.PID()),
		}
		must("port", s.host.links.LinkAdd(port))
		must("plug", s.host.links.LinkSetMaster(port, bridge))
		must("port up", s.host.links.LinkSetUp(port))
		far, err := e.Host.links.LinkByName(e.Interface)
		must("far end", err)
		must("far end up", e.Host.links.LinkSetUp(far))
		seg.ends[e.Host.Name] = segmentEnd{e.Host, far}
		for _, a := range e.Addresses {
			addr, err := netlink.ParseAddr(a)
			must(a, err)
			must(a, e.Host.links.AddrAdd(far, addr))
		}
		near, err := s.host.links.LinkByName(port.Name)
		must("near end", err)
		seg.ports[e.Host.Name] = near
		s.mu.Lock()
		s.ports[near.Attrs().Index] = e.Host.Name + " " + e.Interface
		s.mu.Unlock()
	}
	return seg
}

// Quiet turns off duplicate address detection for interfaces that come later,
// so that addresses can be used at once.
func (h *Host) Quiet() {
	h.t.Helper()
	h.Run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0")
}

// LinksUp waits until the kernel has noticed that every cable is in and takes
// no address for tentative any more, which it does a moment after.
func (h *Host) LinksUp() {
	h.t.Helper()
	waitFor(h.t, "the links of "+h.Name, func() bool {
		links, err := h.links.LinkList()
		for _, l := range links {
			if l.Type() == "veth" && l.Attrs().OperState != netlink.OperUp {
				return false
			}
		}
		addrs, err2 := h.links.AddrList(nil, netlink.FAMILY_V6)
		for _, a := range addrs {
			if a.Flags&unix.IFA_F_TENTATIVE != 0 {
				return false
			}
		}
		return err == nil && err2 == nil
	})
}

// Neighbour tells the host the MAC of an address of another end for good.
func (seg *Segment) Neighbour(host, address, of string) {
	seg.sw.t.Helper()
	here, there := seg.ends[host], seg.ends[of]
	err := here.host.links.NeighSet(&netlink.Neigh{
		LinkIndex: here.link.Attrs().Index, IP: net.ParseIP(address), HardwareAddr: there.link.Attrs().HardwareAddr, State: netlink.NUD_PERMANENT,
	})
	if err != nil {
		seg.sw.t.Fatalf("neighbour %s of %s: %v", address, host, err)
	}
}

// SetCarrier plugs the host's cable in or out.
func (seg *Segment) SetCarrier(host string, on bool) {
	seg.sw.t.Helper()
	set := seg.sw.host.links.LinkSetDown
	if on {
		set = seg.sw.host.links.LinkSetUp
	}
	if err := set(seg.ports[host]); err != nil {
		seg.sw.t.Fatalf("carrier of %s: %v", host, err)
	}
}
