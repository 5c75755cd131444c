package health

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// table is what the kernel should hold: the sum of what the servers want.
//
// Two virtual servers may want the same service (the firewall mark of a group
// that several use, or an address written twice), and two servers the same
// destination (a sorry server that is also a real server). Each has its claim;
// the kernel gets the first that gives it a weight, or else the first.
type table struct {
	services map[ipvs.ServiceKey]*tableService
}

type tableService struct {
	key      ipvs.ServiceKey
	settings ipvs.ServiceSettings
	slots    []slot
	// index has the places in slots when there are many; nil after a
	// removal, until it is needed again.
	index map[netip.AddrPort]int
	// spare is where the claims of new slots come from.
	spare []claim
}

// slot is a destination with those who claim it, by order, never nobody.
type slot struct {
	key    netip.AddrPort
	claims []claim
}

// manySlots is from when on an index is worth its memory.
const manySlots = 64

// claim is how one server wants a destination. order is the server's place in
// the configuration.
type claim struct {
	order int
	dest  ipvs.Destination
}

func newTable() *table { return &table{services: map[ipvs.ServiceKey]*tableService{}} }

// winner is the claim that the kernel gets.
func (s slot) winner() ipvs.Destination {
	for _, c := range s.claims {
		if c.dest.Weight > 0 {
			return c.dest
		}
	}
	return s.claims[0].dest
}

// find returns the place of a destination, -1 if nobody claims it.
func (s *tableService) find(key netip.AddrPort) int {
	if len(s.slots) < manySlots {
		for i := range s.slots {
			if s.slots[i].key == key {
				return i
			}
		}
		return -1
	}
	if s.index == nil {
		s.index = make(map[netip.AddrPort]int, 2*len(s.slots))
		for i := range s.slots {
			s.index[s.slots[i].key] = i
		}
	}
	if i, ok := s.index[key]; ok {
		return i
	}
	return -1
}

// set takes over what a server wants of one destination and reports whether
// that changed what the kernel should have.
func (s *tableService) set(w want) bool {
	i := s.find(w.key)
	if i < 0 {
		if w.there {
			s.add(w)
		}
		return w.there
	}
	sl := &s.slots[i]
	before := sl.winner()
	at := 0
	for at < len(sl.claims) && sl.claims[at].order < w.order {
		at++
	}
	mine := at < len(sl.claims) && sl.claims[at].order == w.order
	switch {
	case !w.there && !mine:
		return false
	case !w.there:
		sl.claims = append(sl.claims[:at], sl.claims[at+1:]...)
	case mine:
		sl.claims[at].dest = w.dest
	default:
		sl.claims = slices.Insert(sl.claims, at, claim{w.order, w.dest})
	}
	if len(sl.claims) == 0 {
		s.slots = slices.Delete(s.slots, i, i+1)
		s.index = nil
		return true
	}
	return sl.winner() != before
}

// add makes a slot for a destination that nobody claimed.
func (s *tableService) add(w want) {
	if len(s.spare) == cap(s.spare) {
		s.spare = make([]claim, 0, 4)
	}
	s.spare = append(s.spare, claim{w.order, w.dest})
	n := len(s.spare)
	if s.index != nil {
		s.index[w.key] = len(s.slots)
	}
	s.slots = append(s.slots, slot{w.key, s.spare[n-1 : n : n]})
}

// want takes over what rs should be now and returns what changed.
func (t *table) want(rs *realServer) []ipvs.Change {
	var changes []ipvs.Change
	for i := range rs.vs.services {
		if c, ok := t.claim(&rs.vs.services[i], rs); ok {
			changes = append(changes, c)
		}
	}
	return changes
}

// wantAll is want for all servers of vs and its sorry server. It names every
// one of them, changed or not.
func (t *table) wantAll(vs *virtualServer) []ipvs.Change {
	changes := make([]ipvs.Change, 0, len(vs.services))
	for i := range vs.services {
		s := &vs.services[i]
		ts := t.services[s.Key]
		for w := range vs.wants(s.Key) {
			ts.set(w)
		}
		c := ipvs.Change{Key: ts.key, Settings: ts.settings}
		named := map[netip.AddrPort]bool{}
		for w := range vs.wants(s.Key) {
			if named[w.key] {
				continue
			}
			named[w.key] = true
			ts.say(&c, w.key)
		}
		changes = append(changes, c)
	}
	return changes
}

// claim takes over what rs should be in one of its services.
func (t *table) claim(s *ipvs.Service, rs *realServer) (ipvs.Change, bool) {
	ts := t.services[s.Key]
	w := rs.want(s.Key)
	if !ts.set(w) {
		return ipvs.Change{}, false
	}
	c := ipvs.Change{Key: ts.key, Settings: ts.settings}
	ts.say(&c, w.key)
	return c, true
}

// say puts into c how the destination key should be.
func (s *tableService) say(c *ipvs.Change, key netip.AddrPort) {
	if i := s.find(key); i >= 0 {
		c.Put = append(c.Put, s.slots[i].winner())
	} else {
		c.Drop = append(c.Drop, key)
	}
}

// build makes the table that servers want. Services that are as they were are
// taken over from old, which is not changed.
func build(old *table, servers []*virtualServer) *table {
	t := newTable()
	for _, vs := range servers {
		for i := range vs.services {
			s := &vs.services[i]
			before, ts := old.services[s.Key], t.services[s.Key]
			switch {
			case ts == nil && before != nil && before.settings == s.ServiceSettings && before.equals(vs):
				t.services[s.Key] = before
				continue
			case ts == nil:
				n := len(vs.servers) + 1
				ts = &tableService{
					key: s.Key, settings: s.ServiceSettings,
					slots: make([]slot, 0, n), spare: make([]claim, 0, n),
				}
				t.services[s.Key] = ts
			case ts == before: // another server wants it as well
				ts = ts.clone()
				t.services[s.Key] = ts
			}
			for w := range vs.wants(s.Key) {
				ts.set(w)
			}
		}
	}
	return t
}

// equals reports whether the service has exactly the claims of vs, as they are
// now.
func (s *tableService) equals(vs *virtualServer) bool {
	n := 0
	for w := range vs.wants(s.key) {
		if !w.there {
			continue
		}
		if n == len(s.slots) || s.slots[n].key != w.key || len(s.slots[n].claims) != 1 || s.slots[n].claims[0] != (claim{w.order, w.dest}) {
			return false
		}
		n++
	}
	return n == len(s.slots)
}

func (s *tableService) clone() *tableService {
	c := &tableService{key: s.key, settings: s.settings, slots: slices.Clone(s.slots)}
	for i := range c.slots {
		c.slots[i].claims = slices.Clone(c.slots[i].claims)
	}
	return c
}

// difference returns what turns t into next; services are in the order of
// the configuration, those that go first.
func (t *table) difference(next *table, was, is []*virtualServer) []ipvs.Change {
	var changes []ipvs.Change
	gone := maps.Clone(t.services)
	for key := range next.services {
		delete(gone, key)
	}
	eachService(was, func(key ipvs.ServiceKey) {
		if ts, ok := gone[key]; ok {
			changes = append(changes, ipvs.Change{Key: key, Settings: ts.settings, Gone: true})
		}
	})
	eachService(is, func(key ipvs.ServiceKey) {
		changes = appendChange(changes, t.services[key], next.services[key])
	})
	return changes
}

// eachService calls f once for every service of servers.
func eachService(servers []*virtualServer, f func(ipvs.ServiceKey)) {
	seen := map[ipvs.ServiceKey]bool{}
	for _, vs := range servers {
		for i := range vs.services {
			if key := vs.services[i].Key; !seen[key] {
				seen[key] = true
				f(key)
			}
		}
	}
}

// appendChange adds to changes what turns was into is; was may be nil.
func appendChange(changes []ipvs.Change, was, is *tableService) []ipvs.Change {
	if was == is {
		return changes
	}
	isNew := was == nil
	if isNew {
		was = &tableService{}
	}
	if !isNew && was.settings == is.settings && slices.EqualFunc(was.slots, is.slots, sameSlot) {
		return changes
	}
	c := ipvs.Change{Key: is.key, Settings: is.settings}
	if isNew {
		c.Put = make([]ipvs.Destination, 0, len(is.slots))
	}
	for _, s := range was.sorted() {
		if is.find(s.key) < 0 {
			c.Drop = append(c.Drop, s.key)
		}
	}
	for _, s := range is.sorted() {
		dest := s.winner()
		if i := was.find(s.key); i < 0 || was.slots[i].winner() != dest {
			c.Put = append(c.Put, dest)
		}
	}
	if !isNew && was.settings == is.settings && len(c.Put)+len(c.Drop) == 0 {
		return changes
	}
	return append(changes, c)
}

func sameSlot(a, b slot) bool { return a.key == b.key && a.winner() == b.winner() }

// sorted returns the destinations in the order of the configuration.
func (s *tableService) sorted() []slot {
	byOrder := func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.claims[0].order, b.claims[0].order), a.key.Compare(b.key))
	}
	if slices.IsSortedFunc(s.slots, byOrder) {
		return s.slots
	}
	return slices.SortedFunc(slices.Values(s.slots), byOrder)
}

// unwanted adds to changes the servers that are configured and should not be
// in the table now, for a kernel that may have them from an engine before us.
func (t *table) unwanted(changes []ipvs.Change, servers []*virtualServer) {
	index := make(map[ipvs.ServiceKey]*ipvs.Change, len(changes))
	for i := range changes {
		index[changes[i].Key] = &changes[i]
	}
	for _, vs := range servers {
		for i := range vs.services {
			key := vs.services[i].Key
			c := index[key]
			for w := range vs.wants(key) {
				if t.services[key].find(w.key) < 0 && !slices.Contains(c.Drop, w.key) {
					c.Drop = append(c.Drop, w.key)
				}
			}
		}
	}
}
