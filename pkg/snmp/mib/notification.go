package mib

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// Notification is the variables of an SNMPv2 notification; the master adds
// sysUpTime.
type Notification []agentx.VarBind

var (
	trapOID = OID{1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0} // snmpTrapOID.0

	vrrpTrapsOID  = vrrpOID.Append(10, 0)
	checkTrapsOID = checkOID.Append(5, 0)
)

func notification(name OID, vars ...agentx.VarBind) Notification {
	return append(Notification{{Name: trapOID, Value: agentx.ObjectID(name)}}, vars...)
}

// bare is a column of a KEEPALIVED-MIB table without the row's index:
// keepalived leaves it out, and receivers have learned that.
func bare(table OID, column uint32, v Value) agentx.VarBind {
	return agentx.VarBind{Name: table.Append(entry, column), Value: v}
}

func routerVar(g *config.Global) agentx.VarBind {
	return agentx.VarBind{Name: routerID.OID.Append(0), Value: agentx.Text(g.RouterID)}
}

// GroupState is vrrpSyncGroupStateChange.
func GroupState(g *config.Global, ev event.GroupState) Notification {
	t := syncGroupOID
	return notification(vrrpTrapsOID.Append(1), bare(t, 2, agentx.Text(ev.Group)), bare(t, 3, stateValue(ev.State)), routerVar(g))
}

// InstanceState is vrrpInstanceStateChange; c is the configuration of the
// instance, nil if it is not in it any more.
func InstanceState(g *config.Global, c *config.VRRPInstance, ev event.InstanceState) Notification {
	t := instanceOID
	initial := agentx.Integer(1)
	if c != nil {
		initial = initialState(c)
	}
	return notification(vrrpTrapsOID.Append(2), bare(t, 2, agentx.Text(ev.Instance)), bare(t, 4, stateValue(ev.State)), bare(t, 5, initial), routerVar(g))
}

// instance finds an instance of the view.
func (v *View) instance(name string) (instanceRow, bool) {
	for i := range v.VRRP.Instances {
		if s := &v.VRRP.Instances[i]; s.Name == name {
			return instanceRow{s, v}, true
		}
	}
	return instanceRow{}, false
}

// NewMaster2 is vrrpTrapNewMaster of RFC 2787; nil for an instance that is not
// in that MIB.
func (v *View) NewMaster2(ev event.InstanceState) Notification {
	r, ok := v.instance(ev.Instance)
	if !ok || !r.in2() {
		return nil
	}
	return notification(rfc2787OID.Append(0, 1), agentx.VarBind{
		Name: operOID.Append(3, entry, 7).Append(r.routerIndex2()...), Value: agentx.IPAddress(r.Source),
	})
}

// NewMaster3 is vrrpv3NewMaster of RFC 6527; nil for an instance that is not
// in that MIB.
func (v *View) NewMaster3(ev event.InstanceState) Notification {
	r, ok := v.instance(ev.Instance)
	if !ok || !r.in3() {
		return nil
	}
	index := r.routerIndex3()
	return notification(rfc6527OID.Append(0, 1),
		agentx.VarBind{Name: operationsOID.Append(1, entry, 3).Append(index...), Value: r.orZero(r.Source)},
		agentx.VarBind{Name: statsOID3.Append(5, entry, 2).Append(index...), Value: integer(ev.MasterReason)})
}

// AuthenticationFailure is vrrpTrapAuthFailure of RFC 2787.
func (v *View) AuthenticationFailure(ev event.AuthenticationFailure) Notification {
	r, ok := v.instance(ev.Instance)
	if !ok || !r.in2() {
		return nil
	}
	index := r.routerIndex2()
	return notification(rfc2787OID.Append(0, 2),
		agentx.VarBind{Name: operOID.Append(5).Append(index...), Value: agentx.IPAddress(ev.Source)},
		agentx.VarBind{Name: operOID.Append(6).Append(index...), Value: integer(ev.Type)})
}

// ProtocolError is vrrpv3ProtoError of RFC 6527.
func (v *View) ProtocolError(ev event.ProtocolError) Notification {
	r, ok := v.instance(ev.Instance)
	if !ok || !r.in3() {
		return nil
	}
	return notification(rfc6527OID.Append(0, 2), agentx.VarBind{
		Name: statsOID3.Append(5, entry, 6).Append(r.routerIndex3()...), Value: integer(ev.Reason),
	})
}

// serverVars say which virtual server is meant.
func serverVars(vs *config.VirtualServer) []agentx.VarBind {
	t := virtualServerOID
	vars := []agentx.VarBind{bare(t, 2, serverType(vs))}
	switch {
	case vs.Group != "":
		vars = append(vars, bare(t, 3, agentx.Text(vs.Group)))
	case vs.IsFwmark:
		vars = append(vars, bare(t, 4, gauge(vs.Fwmark)))
	default:
		vars = append(vars, bare(t, 5, addressType(vs.Address)), bare(t, 6, address(vs.Address)), bare(t, 7, gauge(vs.Port)))
	}
	return append(vars, bare(t, 8, protocol(vs)))
}

// RealServerState is realServerStateChange.
func RealServerState(g *config.Global, vs *config.VirtualServer, addr netip.Addr, rsPort uint16, ev event.RealServerState) Notification {
	t := realServerOID
	vars := []agentx.VarBind{
		bare(t, 3, addressType(addr)), bare(t, 4, address(addr)), bare(t, 5, gauge(rsPort)), bare(t, 6, yes(ev.Up)),
	}
	vars = append(vars, serverVars(vs)...)
	vars = append(vars, bare(virtualServerOID, 21, gauge(ev.ServersUp)), bare(virtualServerOID, 20, gauge(ev.Servers)), routerVar(g))
	return notification(checkTrapsOID.Append(1), vars...)
}

// VirtualServerState is virtualServerQuorumStateChange.
func VirtualServerState(g *config.Global, vs *config.VirtualServer, ev event.VirtualServerState) Notification {
	t := virtualServerOID
	status := yes(ev.Up)
	if ev.Stopping {
		status = agentx.Integer(3)
	}
	vars := append(serverVars(vs),
		bare(t, 23, status), bare(t, 22, gauge(vs.Quorum)),
		bare(t, 21, gauge(ev.ServersUp)), bare(t, 20, gauge(ev.Servers)), routerVar(g))
	return notification(checkTrapsOID.Append(2), vars...)
}
