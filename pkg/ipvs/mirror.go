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
	order    []ServiceKey // of creation
	ops      []Op         // room for change
}

type mirrored struct {
	settings ServiceSettings
	dests    []Destination
	// index has the places in dests when there are many; nil after a
	// deletion, until it is needed again.
	index map[netip.AddrPort]int
}

// manyDestinations is from when on an index is worth its memory.
const manyDestinations = 64

func (s *mirrored) find(key netip.AddrPort) int {
	if len(s.dests) < manyDestinations {
		return slices.IndexFunc(s.dests, func(d Destination) bool { return d.Key() == key })
	}
	if s.index == nil {
		s.index = indexDestinations(s.dests)
	}
	if i, ok := s.index[key]; ok {
		return i
	}
	return -1
}

// has reports whether there is a service with the destination.
func (s *mirrored) has(key netip.AddrPort) bool { return s != nil && s.find(key) >= 0 }

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

// Set makes a service what s says, in one step.
func (m *Mirror) Set(s *Service) {
	if m.services[s.Key] == nil {
		m.Apply(Op{Kind: NewService, Key: s.Key})
	}
	m.services[s.Key].settings = s.ServiceSettings
	m.services[s.Key].dests = slices.Clone(s.Destinations)
	m.services[s.Key].index = nil
}

// take makes the Mirror hold t, which is its own from then on.
func (m *Mirror) take(t Table) {
	*m = Mirror{services: make(map[ServiceKey]*mirrored, len(t)), order: make([]ServiceKey, 0, len(t))}
	for i := range t {
		m.services[t[i].Key] = &mirrored{settings: t[i].ServiceSettings, dests: t[i].Destinations}
		m.order = append(m.order, t[i].Key)
	}
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
		m.services[op.Key] = &mirrored{settings: op.Settings}
		m.order = append(m.order, op.Key)
		return 0
	case SetService, DelService, NewDest, SetDest, DelDest:
	}
	if s == nil {
		return syscall.ESRCH
	}
	switch op.Kind {
	case SetService:
		s.settings = op.Settings
	case DelService:
		delete(m.services, op.Key)
		m.forget(op.Key)
	case NewDest:
		if s.find(op.Dest.Key()) >= 0 {
			return syscall.EEXIST
		}
		if s.index != nil {
			s.index[op.Dest.Key()] = len(s.dests)
		}
		s.dests = append(s.dests, op.Dest)
	case SetDest:
		i := s.find(op.Dest.Key())
		if i < 0 {
			return syscall.ENOENT
		}
		s.dests[i] = op.Dest
	case DelDest:
		i := s.find(op.Dest.Key())
		if i < 0 {
			return syscall.ENOENT
		}
		s.dests = slices.Delete(s.dests, i, i+1)
		s.index = nil
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
