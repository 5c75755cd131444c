package ipvs

import (
	"net/netip"
	"slices"
)

// Plan returns the operations that turn present into desired: the services of
// desired in their order, then the deletions in the order of present. What is
// equal on both sides is not touched. The order of destinations within a
// service does not count as a difference.
//
// A service that has a usable destination before and after has one after
// every operation in between.
func Plan(present, desired Table) []Op {
	index := make(map[ServiceKey]*Service, len(present))
	for i := range present {
		index[present[i].Key] = &present[i]
	}
	var ops []Op
	for i := range desired {
		key := desired[i].Key
		ops = appendService(ops, index[key], &desired[i])
		delete(index, key)
	}
	for i := range present {
		if _, gone := index[present[i].Key]; gone {
			ops = appendService(ops, &present[i], nil)
		}
	}
	return ops
}

// PlanService is Plan for one service; nil stands for a service that is not
// there. A change of one destination among n costs one comparison with each
// and no memory beyond the result.
func PlanService(present, desired *Service) []Op {
	return appendService(nil, present, desired)
}

func appendService(ops []Op, present, desired *Service) []Op {
	switch {
	case desired == nil && present == nil:
		return ops
	case desired == nil:
		return append(ops, Op{Kind: DelService, Key: present.Key})
	case present == nil:
		ops = slices.Grow(ops, 1+len(desired.Destinations))
		ops = append(ops, Op{Kind: NewService, Key: desired.Key, Settings: desired.ServiceSettings})
		for _, d := range desired.Destinations {
			ops = append(ops, Op{Kind: NewDest, Key: desired.Key, Dest: d})
		}
		return ops
	case present.ServiceSettings != desired.ServiceSettings:
		ops = append(ops, Op{Kind: SetService, Key: desired.Key, Settings: desired.ServiceSettings})
	}
	return appendDestinations(ops, desired.Key, present.Destinations, desired.Destinations)
}

// appendDestinations first lets destinations in, then takes them out: a sorry
// server is there before the last real server goes.
func appendDestinations(ops []Op, key ServiceKey, present, desired []Destination) []Op {
	present, desired = trimEqual(present, desired)
	if len(present)+len(desired) == 0 {
		return ops
	}
	before := indexDestinations(present)
	var lowered []Op
	for _, d := range desired {
		i, found := before[d.Key()]
		switch {
		case !found:
			ops = append(ops, Op{Kind: NewDest, Key: key, Dest: d})
		case present[i] == d:
		case d.Usable():
			ops = append(ops, Op{Kind: SetDest, Key: key, Dest: d})
		default:
			lowered = append(lowered, Op{Kind: SetDest, Key: key, Dest: d})
		}
		delete(before, d.Key())
	}
	ops = append(ops, lowered...)
	for _, d := range present {
		if _, gone := before[d.Key()]; gone {
			ops = append(ops, Op{Kind: DelDest, Key: key, Dest: d})
		}
	}
	return ops
}

// trimEqual cuts the equal beginning and end off both lists.
func trimEqual(a, b []Destination) (restA, restB []Destination) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

func indexDestinations(list []Destination) map[netip.AddrPort]int {
	index := make(map[netip.AddrPort]int, len(list))
	for i := range list {
		index[list[i].Key()] = i
	}
	return index
}

// ours leaves of a table that was read from the kernel, which it takes over, what
// a plan may touch: services that are believed ours or desired, with those of
// their destinations that are believed ours or desired. The rest belongs to the
// operator. (A service of ours that is deleted takes foreign destinations
// with it.)
func ours(kernel Table, believed, desired *Mirror) Table {
	mine := kernel[:0]
	for _, s := range kernel {
		was, is := believed.services[s.Key], desired.services[s.Key]
		if was == nil && is == nil {
			continue
		}
		s.Destinations = slices.DeleteFunc(s.Destinations, func(d Destination) bool {
			return !was.has(d.Key()) && !is.has(d.Key())
		})
		mine = append(mine, s)
	}
	return mine
}
