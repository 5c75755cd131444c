package health

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// want is how one server would like to have one destination; dest is nil when
// it should not be there.
type want struct {
	key   netip.AddrPort
	order int
	dest  *ipvs.Destination
}

// wants is the destinations that vs needs in one of its services now: a function of
// which servers are up, their weights, and the quorum.
func (vs *virtualServer) wants(key ipvs.ServiceKey) []want {
	list := make([]want, 0, len(vs.servers)+1)
	for _, rs := range vs.servers {
		list = append(list, rs.want(key))
	}
	if vs.cfg.SorryServer != nil {
		list = append(list, vs.wantSorry(key))
	}
	return list
}

// want: a server that is up is there with its weight, unless the sorry server
// has its place; one that should not get traffic is absent, or there with
// weight 0 if it is to be inhibited.
func (rs *realServer) want(key ipvs.ServiceKey) want {
	serving := rs.alive && !rs.vs.sorryInUse()
	weight := int64(0)
	if serving {
		weight = rs.effective()
	}
	d := ipvs.RealServer(key, rs.cfg, weight)
	w := want{order: rs.order, key: d.Key()}
	if serving || rs.cfg.InhibitOnFailure {
		w.dest = &d
	}
	return w
}

// wantSorry: the sorry server is there with weight 1 while it is in use, and
// with weight 0 otherwise if it is to be inhibited.
func (vs *virtualServer) wantSorry(key ipvs.ServiceKey) want {
	weight := int64(0)
	if vs.sorryInUse() {
		weight = 1
	}
	d := ipvs.SorryServer(key, vs.cfg.SorryServer, weight)
	w := want{order: vs.order + len(vs.servers), key: d.Key()}
	if weight > 0 || vs.cfg.SorryServer.Inhibit {
		w.dest = &d
	}
	return w
}

// inTable reports whether the kernel should have rs now.
func (rs *realServer) inTable() bool {
	return rs.cfg.InhibitOnFailure || rs.alive && !rs.vs.sorryInUse()
}
