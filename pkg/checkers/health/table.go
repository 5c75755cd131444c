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
	key          ipvs.ServiceKey
	settings     ipvs.ServiceSettings
	destinations map[netip.AddrPort][]claim
}

// claim is how one server wants a destination. order is the server's place in
// the configuration.
type claim struct {
	order int
	dest  ipvs.Destination
}

func newTable() *table { return &table{services: map[ipvs.ServiceKey]*tableService{}} }

// winner is the claim that the kernel gets.
func winner(claims []claim) ipvs.Destination {
	for _, c := range claims {
		if c.dest.Weight > 0 {
			return c.dest
		}
	}
	return claims[0].dest
}

// set replaces or removes (dest nil) the claim of the server at order for one
// destination and reports whether that changed what the kernel should have.
func (s *tableService) set(key netip.AddrPort, order int, dest *ipvs.Destination) bool {
	claims := s.destinations[key]
	had := len(claims) > 0
	var before ipvs.Destination
	if had {
		before = winner(claims)
	}
	at := 0
	for at < len(claims) && claims[at].order < order {
		at++
	}
	mine := at < len(claims) && claims[at].order == order
	switch {
	case dest == nil && !mine:
		return false
	case dest == nil:
		claims = append(claims[:at], claims[at+1:]...)
	case mine:
		claims[at].dest = *dest
	default:
		claims = append(claims, claim{})
		copy(claims[at+1:], claims[at:])
		claims[at] = claim{order, *dest}
	}
	if len(claims) == 0 {
		delete(s.destinations, key)
		return true
	}
	s.destinations[key] = claims
	return !had || winner(claims) != before
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
		for _, w := range vs.wants(s.Key) {
			ts.set(w.key, w.order, w.dest)
		}
		c := ipvs.Change{Key: ts.key, Settings: ts.settings}
		named := map[netip.AddrPort]bool{}
		for _, w := range vs.wants(s.Key) {
			if named[w.key] {
				continue
			}
			named[w.key] = true
			ts.add(&c, w.key)
		}
		changes = append(changes, c)
	}
	return changes
}

// claim takes over what rs should be in one of its services.
func (t *table) claim(s *ipvs.Service, rs *realServer) (ipvs.Change, bool) {
	ts := t.services[s.Key]
	w := rs.want(s.Key)
	if !ts.set(w.key, w.order, w.dest) {
		return ipvs.Change{}, false
	}
	c := ipvs.Change{Key: ts.key, Settings: ts.settings}
	ts.add(&c, w.key)
	return c, true
}

// add says in c how the destination key should be.
func (s *tableService) add(c *ipvs.Change, key netip.AddrPort) {
	if claims := s.destinations[key]; len(claims) > 0 {
		c.Put = append(c.Put, winner(claims))
	} else {
		c.Drop = append(c.Drop, key)
	}
}

// build makes the table that servers want.
func build(servers []*virtualServer) *table {
	t := newTable()
	for _, vs := range servers {
		for i := range vs.services {
			s := &vs.services[i]
			ts := t.services[s.Key]
			if ts == nil {
				ts = &tableService{key: s.Key, settings: s.ServiceSettings, destinations: map[netip.AddrPort][]claim{}}
				t.services[s.Key] = ts
			}
			for _, w := range vs.wants(s.Key) {
				ts.set(w.key, w.order, w.dest)
			}
		}
	}
	return t
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
	c := ipvs.Change{Key: is.key, Settings: is.settings}
	if was == nil {
		was = &tableService{}
	}
	for _, key := range sortedKeys(was.destinations) {
		if _, stays := is.destinations[key]; !stays {
			c.Drop = append(c.Drop, key)
		}
	}
	for _, key := range sortedKeys(is.destinations) {
		dest := winner(is.destinations[key])
		before := was.destinations[key]
		if len(before) == 0 || winner(before) != dest {
			c.Put = append(c.Put, dest)
		}
	}
	if was.destinations != nil && was.settings == is.settings && len(c.Put)+len(c.Drop) == 0 {
		return changes
	}
	return append(changes, c)
}

// sortedKeys returns the destinations in the order of the configuration.
func sortedKeys(m map[netip.AddrPort][]claim) []netip.AddrPort {
	return slices.SortedFunc(maps.Keys(m), func(a, b netip.AddrPort) int {
		return cmp.Or(cmp.Compare(m[a][0].order, m[b][0].order), a.Compare(b))
	})
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
			for _, w := range vs.wants(key) {
				if len(t.services[key].destinations[w.key]) == 0 && !slices.Contains(c.Drop, w.key) {
					c.Drop = append(c.Drop, w.key)
				}
			}
		}
	}
}
