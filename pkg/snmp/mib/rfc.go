package mib

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Both RFC MIBs name a virtual router by the ifIndex of its interface and its
// VRID; that of RFC 6527 adds the address family. The interface is the base
// interface when a VMAC is used.

var (
	routerState = enum("initialize(1)", "backup(2)", "master(3)")
	vrID        = plain("Integer32 (1..255)", agentx.KindInteger)
)

// routerIndex2 is the index of an instance in VRRP-MIB.
func (r *instanceRow) routerIndex2() OID {
	return OID{uint32(r.BaseIndex), uint32(r.Config.VirtualRouterID)}
}

// routerIndex3 is the index of an instance in VRRPv3-MIB.
func (r *instanceRow) routerIndex3() OID {
	family := uint32(inetIPv4)
	if r.Config.Family == config.IPv6 {
		family = inetIPv6
	}
	return append(r.routerIndex2(), family)
}

// in2 and in3 say which MIB has the instance: version 2 over IPv4 is in both.
func (r *instanceRow) in2() bool { return r.Config.Version == 2 && r.Config.Family == config.IPv4 }
func (r *instanceRow) in3() bool { return r.in2() || r.Config.Version == 3 }

// routers are the rows of the instances that are in a MIB, sorted. Instances
// with the same interface and VRID, as unicast allows, would be one row: the
// first is it.
func routers(in func(*instanceRow) bool, index func(*instanceRow) OID) func(*View) []Row[instanceRow] {
	return func(v *View) (rows []Row[instanceRow]) {
		for _, r := range instances(v) {
			if in(&r) {
				rows = append(rows, Row[instanceRow]{index(&r), r})
			}
		}
		return sorted(rows)
	}
}

func sorted[R any](rows []Row[R]) []Row[R] {
	slices.SortStableFunc(rows, func(a, b Row[R]) int { return a.Index.Compare(b.Index) })
	return slices.CompactFunc(rows, func(a, b Row[R]) bool { return a.Index.Compare(b.Index) == 0 })
}

// associated are the rows of the addresses in adverts.
func associated(in func(*instanceRow) bool, index func(*instanceRow) OID) func(*View) []Row[instanceRow] {
	return func(v *View) (rows []Row[instanceRow]) {
		for _, r := range instances(v) {
			if !in(&r) {
				continue
			}
			outer := index(&r)
			for _, a := range r.Config.VirtualAddresses {
				n := outer.Append()
				for _, b := range a.Prefix.Addr().AsSlice() {
					n = append(n, uint32(b))
				}
				rows = append(rows, Row[instanceRow]{n, r})
			}
		}
		return sorted(rows)
	}
}

// stateRFC is the state in the words of the RFCs, which know no fault.
func stateRFC(r *instanceRow) Value {
	switch r.State {
	case event.Backup:
		return agentx.Integer(2)
	case event.Master:
		return agentx.Integer(3)
	case event.Init, event.Fault, event.Stop, event.Deleted:
	}
	return agentx.Integer(1)
}

// master is the address of the present master: ours if we are it.
func (r *instanceRow) master() netip.Addr {
	switch r.State {
	case event.Master:
		return r.Source
	case event.Backup:
		return r.MasterAddress
	case event.Init, event.Fault, event.Stop, event.Deleted:
	}
	return netip.Addr{}
}

// orZero is an address, or as many zeros as one of the family has.
func (r *instanceRow) orZero(a netip.Addr) Value {
	switch {
	case a.IsValid():
		return agentx.InetAddress(a)
	case r.Config.Family == config.IPv6:
		return agentx.Octets(make([]byte, 16))
	}
	return agentx.Octets(make([]byte, 4))
}

func virtualMAC(r *instanceRow) Value {
	return agentx.Octets(slices.Clone(r.MAC[:]))
}

// upSince is when the router left initialize, zero while it is in it.
func (r *instanceRow) upSince() time.Time {
	if r.State != event.Master && r.State != event.Backup {
		return time.Time{}
	}
	for _, t := range slices.Backward(r.Transitions) {
		if t.From != event.Master && t.From != event.Backup {
			return t.Time
		}
	}
	return r.StateSince
}

func (r *instanceRow) upTime() Value {
	since := r.upSince()
	if since.IsZero() {
		return agentx.TimeTicks(0)
	}
	return agentx.TimeTicks(uint32(r.view.VRRP.Time.Sub(since) / (10 * time.Millisecond)))
}

// active is the only value of a RowStatus here.
func active(*instanceRow) Value { return agentx.Integer(1) }

func count32(read func(*status.VRRPCounters) uint64) func(*instanceRow) Value {
	return func(r *instanceRow) Value { return agentx.Counter32(read(&r.Counters)) }
}

func count64(read func(*status.VRRPCounters) uint64) func(*instanceRow) Value {
	return func(r *instanceRow) Value { return agentx.Counter64(read(&r.Counters)) }
}
