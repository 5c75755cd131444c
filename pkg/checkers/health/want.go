package health

import (
	"iter"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// want is how one server would like to have one destination: there, or not.
type want struct {
	key   netip.AddrPort
	order int
	dest  ipvs.Destination
	there bool
}

// wants is the destinations that vs needs in one of its services now: a function of
// which servers are up, their weights, and the quorum.
func (vs *virtualServer) wants(key ipvs.ServiceKey) iter.Seq[want] {
	return func(yield func(want) bool) {
		for _, rs := range vs.servers {
			if !yield(rs.want(key)) {
				return
			}
		}
		if vs.cfg.SorryServer != nil {
			yield(vs.wantSorry(key))
		}
	}
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
	return want{key: d.Key(), order: rs.order, dest: d, there: serving || rs.cfg.InhibitOnFailure}
}

// wantSorry: the sorry server is there with weight 1 while it is in use, and
// with weight 0 otherwise if it is to be inhibited.
func (vs *virtualServer) wantSorry(key ipvs.ServiceKey) want {
	weight := int64(0)
	if vs.sorryInUse() {
		weight = 1
	}
	d := ipvs.SorryServer(key, vs.cfg.SorryServer, weight)
	return want{
		key: d.Key(), order: vs.order + len(vs.servers), dest: d,
		there: weight > 0 || vs.cfg.SorryServer.Inhibit,
	}
}

// inTable reports whether the kernel should have rs now.
func (rs *realServer) inTable() bool {
	return rs.cfg.InhibitOnFailure || rs.alive && !rs.vs.sorryInUse()
}
