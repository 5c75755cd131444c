package vrrp

import "github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"

// defaultMTU is taken while the interface does not exist.
const defaultMTU = 1500

// fitAddresses decides which virtual addresses the adverts list: as many as
// fit into one packet of the interface, and never more than the count field
// holds. The rest are treated as excluded ones.
func (v *instance) fitAddresses() {
	extra := 0
	if v.ah != nil {
		extra += wire.AHLen
	}
	if v.hmac != nil && v.hmac.Sends() {
		extra += wire.TrailerLen
	}
	all := v.cfg.VirtualAddresses
	n := min(len(all), wire.MaxAddresses(v.mtu(), v.cfg.Version, v.cfg.Family, extra))
	if n < len(all) && n != len(v.advertised) {
		v.log(textTooManyAddresses(v.cfg.Name, len(all), n))
	}
	v.advertised = all[:n]
	v.addresses = v.addresses[:0]
	for _, a := range v.advertised {
		v.addresses = wire.AppendAddress(v.addresses, a.Prefix.Addr())
	}
}

// mtu is that of the interface that adverts leave on.
func (v *instance) mtu() int {
	for _, l := range []*link{v.link, v.baseLink} {
		if l != nil && l.present && l.facts.MTU > 0 {
			return l.facts.MTU
		}
	}
	return defaultMTU
}
