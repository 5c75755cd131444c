package ipvs

import (
	"net/netip"
	"slices"
	"syscall"
)

// Mirror is a table that operations can be applied to, with the kernel's
// rules: it is what we believe the kernel holds. The zero Mirror is empty.
type Mirror struct {
	services map[ServiceKey]*mirrored
	order    []ServiceKey // of creation; may hold keys that are gone
}

type mirrored struct {
	settings ServiceSettings
	dests    []Destination
	index    map[netip.AddrPort]int
}

// NewMirror returns a Mirror that holds t.
func NewMirror(t Table) *Mirror {
	m := &Mirror{}
	for i := range t {
		s := &t[i]
		m.Apply(Op{Kind: NewService, Key: s.Key, Settings: s.ServiceSettings})
		for _, d := range s.Destinations {
			m.Apply(Op{Kind: NewDest, Key: s.Key, Dest: d})
		}
	}
	return m
}

// Len is the number of services.
func (m *Mirror) Len() int { return len(m.services) }

// Service returns a service, nil if there is none. Its Destinations are
// valid until the next Apply.
func (m *Mirror) Service(key ServiceKey) *Service {
	s := m.services[key]
	if s == nil {
		return nil
	}
	return &Service{Key: key, ServiceSettings: s.settings, Destinations: s.dests}
}

// Table returns a copy of the whole table, services in order of creation.
func (m *Mirror) Table() Table {
	t := make(Table, 0, len(m.services))
	for _, key := range m.order {
		if s := m.Service(key); s != nil {
			s.Destinations = slices.Clone(s.Destinations)
			t = append(t, *s)
		}
	}
	return t
}

// Apply carries out one operation and returns what the kernel would: 0,
// EEXIST, ESRCH for a service and ENOENT for a destination that is not there.
func (m *Mirror) Apply(op Op) syscall.Errno {
	s := m.services[op.Key]
	switch op.Kind {
	case Flush:
		m.services, m.order = nil, nil
		return 0
	case NewService:
		if s != nil {
			return syscall.EEXIST
		}
		if m.services == nil {
			m.services = map[ServiceKey]*mirrored{}
		}
		m.services[op.Key] = &mirrored{settings: op.Settings, index: map[netip.AddrPort]int{}}
		m.order = append(m.order, op.Key)
		return 0
	case SetService, DelService, NewDest, SetDest, DelDest:
	}
	if s == nil {
		return syscall.ESRCH
	}
	i, found := s.index[op.Dest.Key()]
	switch op.Kind {
	case SetService:
		s.settings = op.Settings
	case DelService:
		delete(m.services, op.Key)
		m.forget(op.Key)
	case NewDest:
		if found {
			return syscall.EEXIST
		}
		s.index[op.Dest.Key()] = len(s.dests)
		s.dests = append(s.dests, op.Dest)
	case SetDest:
		if !found {
			return syscall.ENOENT
		}
		s.dests[i] = op.Dest
	case DelDest:
		if !found {
			return syscall.ENOENT
		}
		s.dests = slices.Delete(s.dests, i, i+1)
		delete(s.index, op.Dest.Key())
		for j := i; j < len(s.dests); j++ {
			s.index[s.dests[j].Key()] = j
		}
	case NewService, Flush:
	}
	return 0
}

// forget takes a key out of the order, so that it takes its new place when
// the service comes back.
func (m *Mirror) forget(key ServiceKey) {
	if i := slices.Index(m.order, key); i >= 0 {
		m.order = slices.Delete(m.order, i, i+1)
	}
}
