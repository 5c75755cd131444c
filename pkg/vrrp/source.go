package vrrp

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// pickSource is the address that adverts come from, invalid if there is none.
func (v *instance) pickSource() netip.Addr {
	f := v.cfg.Family
	switch {
	case v.cfg.SourceAddress.IsValid():
		return v.cfg.SourceAddress
	case v.cfg.IPVLAN != nil && f == config.IPv4:
		return v.cfg.IPVLAN.Address.Addr()
	case v.vmac != nil && f == config.IPv6 && v.link == v.vmac.link:
		return v.vmac.linkLocal()
	case v.baseLink == nil:
		return netip.Addr{}
	}
	l := v.baseLink
	if v.source.IsValid() && !v.e.vips[vip{v.source, l}] {
		if l.has(v.source) {
			return v.source
		}
		return l.lastAddress(f)
	}
	return l.firstAddress(f)
}

// refreshSource picks the source anew after addresses have changed, and binds
// the socket to it where that matters.
func (v *instance) refreshSource() {
	name := v.cfg.Name
	if v.cfg.TrackSourceAddress && v.cfg.SourceAddress.IsValid() {
		v.setCause(!v.sourcePresent(), cause{
			kind:  causeSourceAbsent,
			text:  "source address " + v.cfg.SourceAddress.String() + " not on the interface",
			start: textNoSource(name),
		})
	}
	src := v.pickSource()
	if !src.IsValid() {
		c := cause{kind: causeNoSource, text: "no " + v.cfg.Family.String() + " address for interface", start: textNoAddress(name, v.cfg.Family)}
		// For IPv4 the header is ours: priority 0 can still leave.
		if v.cfg.Family == config.IPv6 {
			v.source = src
		}
		v.addCause(c)
		v.source = src
		v.bind()
		return
	}
	v.source = src
	v.bind()
	v.dropCause(causeNoSource, nil)
}

// sourcePresent reports whether the configured source is on the interface, or
// on any if none is configured.
func (v *instance) sourcePresent() bool {
	if v.baseLink != nil {
		return v.baseLink.has(v.cfg.SourceAddress) || v.link.has(v.cfg.SourceAddress)
	}
	for _, l := range v.e.links {
		if l.has(v.cfg.SourceAddress) {
			return true
		}
	}
	return false
}

// sourceLink reports whether addresses of l can be our source.
func (v *instance) sourceLink(l *link) bool {
	return l == v.baseLink || l == v.link || v.baseLink == nil && v.cfg.TrackSourceAddress
}

// orderAddress is what a master compares with the source of an equal advert.
func (v *instance) orderAddress() netip.Addr {
	if v.source.IsValid() || v.baseLink == nil {
		return v.source
	}
	return v.baseLink.firstAddress(v.cfg.Family)
}

// checkInterface keeps an instance in Fault whose interface cannot carry its
// adverts.
func (v *instance) checkInterface() {
	l := v.link
	if l == nil {
		return
	}
	name := v.cfg.Name
	c := cause{kind: causeNoInterface, text: "interface " + l.name + " does not exist"}
	if v.cfg.DontTrackPrimary {
		c.start = textFault(name, c.text)
	}
	// A VMAC that is missing is made; see vmac.go.
	v.setCause(!l.present && v.vmac == nil, c)

	c = cause{kind: causeNoMulticast, text: "interface " + l.name + " does not do multicast and there are no unicast peers"}
	bad := l.present && !v.cfg.Unicast() && !l.facts.Multicast
	if l.present && l.facts.Loopback {
		bad, c.text = true, "interface "+l.name+" is the loopback"
	}
	c.start = textFault(name, c.text)
	v.setCause(bad, c)
}

// checkPeers is unicast_fault_no_peer.
func (v *instance) checkPeers() {
	c := cause{kind: causeNoPeers, text: "unicast_fault_no_peer and no unicast peer"}
	c.start = textFault(v.cfg.Name, c.text)
	v.setCause(v.cfg.UnicastFaultEmpty && !v.cfg.Unicast(), c)
}
