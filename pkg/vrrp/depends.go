package vrrp

import (
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// implicitLinks are the interfaces that an instance depends on without a
// track_interface: its own with the one below, those of its addresses, routes
// and rules, and of the static items of its track groups.
func (v *instance) implicitLinks() (links []*link) {
	add := func(l *link) {
		if l == nil || v.cfg.DontTrackPrimary && (l == v.baseLink || v.vmac != nil && l == v.vmac.link) {
			return
		}
		if !slices.Contains(links, l) {
			links = append(links, l)
		}
	}
	add(v.baseLink)
	add(v.link)
	if v.vmac != nil {
		add(v.vmac.link)
	}
	for _, a := range v.virtuals {
		if !a.cfg.NoTrack {
			add(v.vmacBase(a.link))
			add(a.link)
		}
	}
	for _, r := range v.cfg.Routes {
		if !r.NoTrack {
			v.addDevices(r.Words, add)
		}
	}
	for _, r := range v.cfg.Rules {
		if !r.NoTrack {
			v.addDevices(r.Words, add)
		}
	}
	groups := v.e.cfg.TrackGroups
	for _, a := range v.e.cfg.StaticAddresses {
		if !a.NoTrack && inTrackGroup(groups, a.TrackGroup, v.cfg.Name) {
			add(v.e.staticLink(a.Dev))
		}
	}
	for _, r := range v.e.cfg.StaticRoutes {
		if !r.NoTrack && inTrackGroup(groups, r.TrackGroup, v.cfg.Name) {
			v.addDevices(r.Words, add)
		}
	}
	for _, r := range v.e.cfg.StaticRules {
		if !r.NoTrack && inTrackGroup(groups, r.TrackGroup, v.cfg.Name) {
			v.addDevices(r.Words, add)
		}
	}
	return links
}

func (v *instance) addDevices(w []string, add func(*link)) {
	for _, name := range devices(w) {
		add(v.e.link(name))
	}
}

func inTrackGroup(groups []*config.TrackGroup, group, instance string) bool {
	if group == "" {
		return false
	}
	i := slices.IndexFunc(groups, func(g *config.TrackGroup) bool { return g.Name == group })
	return i >= 0 && slices.Contains(groups[i].Instances, instance)
}

// concerns reports whether anything about l matters to the instance.
func (v *instance) concerns(l *link) bool {
	if l == v.baseLink || l == v.link || v.tracks(&l.object) != nil {
		return true
	}
	for _, m := range v.vmacs {
		if m.base == l || m.link == l {
			return true
		}
	}
	for _, a := range v.virtuals {
		if a.link == l {
			return true
		}
	}
	return false
}

// linkAppeared makes ready to use an interface that is there now.
func (v *instance) linkAppeared(l *link) {
	for _, m := range v.vmacs {
		if m.base == l {
			m.ensure()
		}
	}
	if l == v.baseLink {
		v.promoteSecondaries(true)
	}
	v.fitAddresses()
	v.checkVMAC()
	v.checkInterface()
	v.refreshSource()
}

// linkGone forgets what was on an interface; a VMAC is made again.
func (v *instance) linkGone(l *link) {
	if v.promoted == l {
		v.promoted = nil
	}
	for _, m := range v.vmacs {
		if m.base == l {
			m.local = netip.Addr{}
		}
		if m.link == l {
			m.ensure()
		}
	}
	v.checkInterface()
	v.refreshSource()
	v.bind()
}
