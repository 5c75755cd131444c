package ipvs

import (
	"encoding/binary"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Services lists the kernel services of a virtual server, without
// destinations. group is the one that vs names, nil if it names none; its
// address entries come first, each range ascending, then its firewall marks.
// With marks (nftables_ipvs) a group without firewall marks of its own becomes
// one firewall mark for each of its address families.
func Services(vs *config.VirtualServer, group *config.VirtualServerGroup, marks Marks) []Service {
	one := func(key ServiceKey) Service { return Service{Key: key, ServiceSettings: Settings(vs, key.Family)} }
	switch {
	case vs.IsFwmark:
		return []Service{one(FwmarkKey(knownFamily(vs.Family), vs.Fwmark))}
	case vs.Group == "":
		return []Service{one(AddressKey(vs.Protocol, vs.Address, vs.Port))}
	case group == nil:
		return nil
	}
	var out []Service
	if mark, ok := marks[MarkOwner{Group: group.Name, Protocol: vs.Protocol}]; ok {
		for _, family := range groupFamilies(group) {
			out = append(out, one(FwmarkKey(family, mark)))
		}
		return out
	}
	for _, e := range group.Entries {
		if e.IsFwmark {
			continue
		}
		a := e.First
		for range RangeSize(e) {
			out = append(out, one(AddressKey(vs.Protocol, a, e.Port)))
			a = a.Next()
		}
	}
	for _, e := range group.Entries {
		if e.IsFwmark {
			family := e.Family
			if family == config.FamilyNone {
				family = knownFamily(vs.Family)
			}
			out = append(out, one(FwmarkKey(family, e.Fwmark)))
		}
	}
	return out
}

// MaxRange is the most addresses that one entry of a group may have. More
// would fill the memory; 2^20 services take a minute to program.
const MaxRange = 1 << 20

// RangeSize is the number of addresses of a group's address entry; 0 when
// there are more than MaxRange: nothing of such an entry is programmed.
func RangeSize(e config.GroupEntry) int {
	if !e.Last.IsValid() {
		return 1
	}
	first, last := e.First.As16(), e.Last.As16()
	if [8]byte(first[:8]) != [8]byte(last[:8]) {
		return 0
	}
	n := binary.BigEndian.Uint64(last[8:]) - binary.BigEndian.Uint64(first[8:])
	if n >= MaxRange {
		return 0
	}
	return int(n) + 1
}

// knownFamily is IPv4 for virtual servers whose family nothing decides.
func knownFamily(f config.Family) config.Family {
	if f == config.FamilyNone {
		return config.IPv4
	}
	return f
}

// Settings are the service settings of vs for services of a family.
func Settings(vs *config.VirtualServer, family config.Family) ServiceSettings {
	s := ServiceSettings{Scheduler: vs.Scheduler, Flags: vs.Flags, Netmask: FullNetmask(family)}
	if vs.PersistenceTimeout <= 0 {
		return s
	}
	s.Flags |= FlagPersistent
	s.Timeout = vs.PersistenceTimeout
	s.PersistenceEngine = vs.PersistenceEngine
	switch mask := vs.PersistenceMask4; {
	case family == config.IPv6 && vs.PersistenceMask6 != 0:
		s.Netmask = uint32(vs.PersistenceMask6)
	case family != config.IPv6 && (mask != [4]byte{} || vs.Has("persistence_granularity")):
		s.Netmask = uint32(mask[0])<<24 | uint32(mask[1])<<16 | uint32(mask[2])<<8 | uint32(mask[3])
	}
	return s
}

// RealServer is the destination of a real server in one service of its
// virtual server. weight is the effective weight; it is clamped.
func RealServer(key ServiceKey, rs *config.RealServer, weight int64) Destination {
	d := destination(key, rs.Address, rs.Port, rs.Forwarding)
	d.Weight = ClampWeight(weight)
	d.UpperThreshold, d.LowerThreshold = rs.UpperThreshold, rs.LowerThreshold
	return d
}

// SorryServer is the destination of a sorry server in one service of its
// virtual server: weight 1 in use, 0 while it is inhibited.
func SorryServer(key ServiceKey, ss *config.SorryServer, weight int64) Destination {
	d := destination(key, ss.Address, ss.Port, ss.Forwarding)
	d.Weight = ClampWeight(weight)
	return d
}

// destination takes the port of the service where packets reach the server
// unchanged: DR and TUN. A firewall mark has no port.
func destination(key ServiceKey, addr netip.Addr, port uint16, f config.Forwarding) Destination {
	if f.Method == config.ForwardNone {
		f.Method = config.NAT
	}
	if f.Method != config.NAT {
		port = key.Port
	}
	if f.Method != config.TUN {
		f = config.Forwarding{Method: f.Method}
	}
	return Destination{Addr: addr.Unmap().WithZone(""), Port: port, Forwarding: f}
}
