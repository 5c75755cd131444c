package ipvs

import "net/netip"

// Change is what should be different in one service. Gone removes it with all
// it holds; otherwise it should exist with Settings.
type Change struct {
	Key      ServiceKey
	Settings ServiceSettings
	Gone     bool
	// Put are destinations that should be there as they are here, Drop
	// those that should not be there. Others stay as they are.
	Put  []Destination
	Drop []netip.AddrPort
}

// Changes returns the changes that make t out of an empty table.
func Changes(t Table) []Change {
	out := make([]Change, len(t))
	for i := range t {
		out[i] = Change{Key: t[i].Key, Settings: t[i].ServiceSettings, Put: t[i].Destinations}
	}
	return out
}

// PlanChange returns the operations that a change still needs on a table. Its
// cost depends on the change only, not on the size of the service. The order
// is that of Plan.
func PlanChange(present *Mirror, c Change) []Op { return appendChange(nil, present, c) }

func appendChange(ops []Op, present *Mirror, c Change) []Op {
	s := present.services[c.Key]
	switch {
	case c.Gone && s == nil:
		return ops
	case c.Gone:
		return append(ops, Op{Kind: DelService, Key: c.Key})
	case s == nil:
		ops = append(ops, Op{Kind: NewService, Key: c.Key, Settings: c.Settings})
		s = &mirrored{}
	case s.settings != c.Settings:
		ops = append(ops, Op{Kind: SetService, Key: c.Key, Settings: c.Settings})
	}
	var lowered []Op
	for _, d := range c.Put {
		i := s.find(d.Key())
		switch {
		case i < 0:
			ops = append(ops, Op{Kind: NewDest, Key: c.Key, Dest: d})
		case s.dests[i] == d:
		case d.Usable():
			ops = append(ops, Op{Kind: SetDest, Key: c.Key, Dest: d})
		default:
			lowered = append(lowered, Op{Kind: SetDest, Key: c.Key, Dest: d})
		}
	}
	ops = append(ops, lowered...)
	for _, key := range c.Drop {
		if i := s.find(key); i >= 0 {
			ops = append(ops, Op{Kind: DelDest, Key: c.Key, Dest: s.dests[i]})
		}
	}
	return ops
}

// reverse returns the change that leads back to what m holds now from where c
// leads to.
func (m *Mirror) reverse(c Change) Change {
	s := m.services[c.Key]
	if s == nil {
		return Change{Key: c.Key, Gone: true}
	}
	back := Change{Key: c.Key, Settings: s.settings}
	if c.Gone {
		back.Put = append(back.Put, s.dests...)
		return back
	}
	for _, d := range c.Put {
		if i := s.find(d.Key()); i >= 0 {
			back.Put = append(back.Put, s.dests[i])
		} else {
			back.Drop = append(back.Drop, d.Key())
		}
	}
	for _, key := range c.Drop {
		if i := s.find(key); i >= 0 {
			back.Put = append(back.Put, s.dests[i])
		}
	}
	return back
}

// change applies c to m.
func (m *Mirror) change(c Change) {
	m.ops = appendChange(m.ops[:0], m, c)
	for _, op := range m.ops {
		m.Apply(op)
	}
}
