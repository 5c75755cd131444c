package health

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// service is one kernel service of a virtual server.
type service struct {
	key      ipvs.ServiceKey
	settings ipvs.ServiceSettings
	// entry is the line of the group it comes from, nil without a group.
	entry *config.GroupEntry
}

// want is how one server would like to have one destination; dest is nil when
// it should not be there.
type want struct {
	key   netip.AddrPort
	order int
	dest  *ipvs.Destination
}

// wants is the destinations that vs needs in service s now: a function of
// which servers are up, their weights, and the quorum.
func (vs *virtualServer) wants(s *service) []want {
	list := make([]want, 0, len(vs.servers)+1)
	for _, rs := range vs.servers {
		list = append(list, rs.want(s))
	}
	if vs.cfg.SorryServer != nil {
		list = append(list, vs.wantSorry(s))
	}
	return list
}

// want: a server that is up is there with its weight, unless the sorry server
// has its place; one that should not get traffic is absent, or there with
// weight 0 if it is to be inhibited.
func (rs *realServer) want(s *service) want {
	c := rs.cfg
	w := want{order: rs.order, key: destinationKey(s, c.Address, c.Port, c.Forwarding)}
	serving := rs.alive && !rs.vs.sorryInUse()
	if !serving && !c.InhibitOnFailure {
		return w
	}
	d := destination(w.key, c.Forwarding)
	d.UpperThreshold, d.LowerThreshold = c.UpperThreshold, c.LowerThreshold
	if serving {
		d.Weight = ipvs.ClampWeight(rs.effective())
	}
	w.dest = &d
	return w
}

// wantSorry: the sorry server is there with weight 1 while it is in use, and
// with weight 0 otherwise if it is to be inhibited.
func (vs *virtualServer) wantSorry(s *service) want {
	c := vs.cfg.SorryServer
	w := want{order: vs.order + len(vs.servers), key: destinationKey(s, c.Address, c.Port, c.Forwarding)}
	if !vs.sorryInUse() && !c.Inhibit {
		return w
	}
	d := destination(w.key, c.Forwarding)
	if vs.sorryInUse() {
		d.Weight = 1
	}
	w.dest = &d
	return w
}

// inTable reports whether the kernel should have rs now.
func (rs *realServer) inTable() bool {
	return rs.cfg.InhibitOnFailure || rs.alive && !rs.vs.sorryInUse()
}

// destinationKey: without NAT a packet keeps its port, so that the
// destination has the port of the service, none for a firewall mark.
func destinationKey(s *service, a netip.Addr, port uint16, f config.Forwarding) netip.AddrPort {
	if f.Method != config.NAT {
		port = s.key.Port
	}
	return netip.AddrPortFrom(a, port)
}

// newVirtualServer makes the state of a server without its real servers;
// order is the place of its first destination.
func (e *Engine) newVirtualServer(cfg *config.VirtualServer, order int) *virtualServer {
	vs := &virtualServer{cfg: cfg, order: order, since: e.now}
	switch {
	case cfg.Group != "":
		vs.services = groupServices(cfg, e.cfg.Group(cfg.Group))
	case cfg.IsFwmark:
		vs.services = []service{markService(cfg, cfg.Fwmark, cfg.Family, nil)}
	default:
		vs.services = []service{addressService(cfg, cfg.Address, cfg.Port, nil)}
	}
	return vs
}

// groupServices expands a group: all addresses in the order of the lines, each
// range ascending, then the firewall marks.
func groupServices(cfg *config.VirtualServer, g *config.VirtualServerGroup) []service {
	if g == nil {
		return nil
	}
	var list []service
	for i := range g.Entries {
		entry := &g.Entries[i]
		if entry.IsFwmark {
			continue
		}
		for a := entry.First; a.IsValid(); a = a.Next() {
			list = append(list, addressService(cfg, a, entry.Port, entry))
			if !entry.Last.IsValid() || !a.Less(entry.Last) {
				break
			}
		}
	}
	for i := range g.Entries {
		entry := &g.Entries[i]
		if !entry.IsFwmark {
			continue
		}
		family := entry.Family
		if family == config.FamilyNone {
			family = cfg.Family
		}
		list = append(list, markService(cfg, entry.Fwmark, family, entry))
	}
	return list
}

func addressService(cfg *config.VirtualServer, a netip.Addr, port uint16, entry *config.GroupEntry) service {
	key := ipvs.AddressKey(cfg.Protocol, a, port)
	return service{key: key, settings: settings(cfg, key.Family), entry: entry}
}

func markService(cfg *config.VirtualServer, mark uint32, family config.Family, entry *config.GroupEntry) service {
	return service{key: ipvs.FwmarkKey(family, mark), settings: settings(cfg, family), entry: entry}
}

func settings(cfg *config.VirtualServer, family config.Family) ipvs.ServiceSettings {
	s := ipvs.ServiceSettings{
		Scheduler: cfg.Scheduler, Flags: cfg.Flags, Netmask: ipvs.FullNetmask(family),
	}
	if cfg.PersistenceTimeout == 0 {
		return s
	}
	s.Flags |= ipvs.FlagPersistent
	s.Timeout = cfg.PersistenceTimeout
	s.PersistenceEngine = cfg.PersistenceEngine
	switch {
	case family == config.IPv6 && cfg.PersistenceMask6 != 0:
		s.Netmask = uint32(cfg.PersistenceMask6)
	case family == config.IPv4 && cfg.PersistenceMask4 != [4]byte{}:
		s.Netmask = binary.BigEndian.Uint32(cfg.PersistenceMask4[:])
	}
	return s
}

func destination(key netip.AddrPort, f config.Forwarding) ipvs.Destination {
	if f.Method != config.TUN {
		f = config.Forwarding{Method: f.Method}
	}
	return ipvs.Destination{Addr: key.Addr(), Port: key.Port(), Forwarding: f}
}
