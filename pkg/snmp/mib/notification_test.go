package mib

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// text is a notification with its variables, KEEPALIVED-MIB shortened to K.
func (n Notification) text() string {
	var parts []string
	for i, b := range n {
		value := valueText(b.Value)
		if i == 0 {
			parts = append(parts, b.Value.OID.String())
			if b.Name.Compare(trapOID) != 0 || b.Value.Kind != agentx.KindOID {
				parts = append(parts, "not a snmpTrapOID")
			}
			continue
		}
		parts = append(parts, b.Name.String()+"="+value)
	}
	return strings.ReplaceAll(strings.Join(parts, " "), keepalivedOID.String(), "K")
}

func TestNotifications(t *testing.T) {
	v := vrrpView(t)
	g := &v.Config.Global
	addr := netip.MustParseAddr
	byAddress := &config.VirtualServer{Address: addr("10.9.1.1"), Port: 80, Protocol: config.TCP, Quorum: 2}
	byMark := &config.VirtualServer{IsFwmark: true, Fwmark: 7, Quorum: 1}
	byGroup := &config.VirtualServer{Group: "G", Protocol: config.SCTP, Quorum: 1}
	pool := event.Pool{Servers: 3, ServersUp: 1}
	stopping := event.Pool{Servers: 3, Stopping: true}
	for _, c := range []struct {
		what string
		got  Notification
		want string
	}{
		{"group", GroupState(g, event.GroupState{Group: "G1", State: event.Fault}), `K.2.10.0.1 K.2.1.1.2="G1" K.2.1.1.3=INTEGER 3 K.1.2.0="R1"`},
		{"instance", InstanceState(g, v.Config.Instance("VI_1"), event.InstanceState{Instance: "VI_1", State: event.Stop}), `K.2.10.0.2 K.2.3.1.2="VI_1" K.2.3.1.4=INTEGER 5 K.2.3.1.5=INTEGER 2 K.1.2.0="R1"`},
		{"instance that is gone", InstanceState(g, nil, event.InstanceState{Instance: "X", State: event.Deleted}), `K.2.10.0.2 K.2.3.1.2="X" K.2.3.1.4=INTEGER 6 K.2.3.1.5=INTEGER 1 K.1.2.0="R1"`},
		{"new master", v.NewMaster2(event.InstanceState{Instance: "VI_1"}), `1.3.6.1.2.1.68.0.1 1.3.6.1.2.1.68.1.3.1.7.2.51=IpAddress 10.1.0.1`},
		{"new master of version 3", v.NewMaster2(event.InstanceState{Instance: "VI_2"}), ``},
		{"new master", v.NewMaster3(event.InstanceState{Instance: "VI_1", MasterReason: 2}), `1.3.6.1.2.1.207.0.1 1.3.6.1.2.1.207.1.1.1.1.3.2.51.1=0a010001 1.3.6.1.2.1.207.1.2.5.1.2.2.51.1=INTEGER 2`},
		{"IPv6", v.NewMaster3(event.InstanceState{Instance: "VI_6", MasterReason: 1}), `1.3.6.1.2.1.207.0.1 1.3.6.1.2.1.207.1.1.1.1.3.3.66.2=fe800000000000000000000000000003 1.3.6.1.2.1.207.1.2.5.1.2.3.66.2=INTEGER 1`},
		{"unknown", v.NewMaster3(event.InstanceState{Instance: "X"}), ``},
		{"authentication", v.AuthenticationFailure(event.AuthenticationFailure{Instance: "VI_1", Source: addr("10.1.0.9"), Type: event.AuthFailure}), `1.3.6.1.2.1.68.0.2 1.3.6.1.2.1.68.1.5.2.51=IpAddress 10.1.0.9 1.3.6.1.2.1.68.1.6.2.51=INTEGER 3`},
		{"authentication, not in the MIB", v.AuthenticationFailure(event.AuthenticationFailure{Instance: "VI_2"}), ``},
		{"protocol", v.ProtocolError(event.ProtocolError{Instance: "VI_2", Reason: 3}), `1.3.6.1.2.1.207.0.2 1.3.6.1.2.1.207.1.2.5.1.6.3.52.1=INTEGER 3`},
		{"real server", RealServerState(g, byAddress, addr("10.9.0.11"), 8080, event.RealServerState{Up: true, Pool: pool}), `K.3.5.0.1 K.3.4.1.3=INTEGER 1 K.3.4.1.4=0a09000b K.3.4.1.5=Gauge32 8080 K.3.4.1.6=INTEGER 1 K.3.3.1.2=INTEGER 2 K.3.3.1.5=INTEGER 1 K.3.3.1.6=0a090101 K.3.3.1.7=Gauge32 80 K.3.3.1.8=INTEGER 1 K.3.3.1.21=Gauge32 1 K.3.3.1.20=Gauge32 3 K.1.2.0="R1"`},
		{"quorum of a mark", VirtualServerState(g, byMark, event.VirtualServerState{Pool: pool}), `K.3.5.0.2 K.3.3.1.2=INTEGER 1 K.3.3.1.4=Gauge32 7 K.3.3.1.8=INTEGER 4 K.3.3.1.23=INTEGER 2 K.3.3.1.22=Gauge32 1 K.3.3.1.21=Gauge32 1 K.3.3.1.20=Gauge32 3 K.1.2.0="R1"`},
		{"stop of a group", VirtualServerState(g, byGroup, event.VirtualServerState{Pool: stopping}), `K.3.5.0.2 K.3.3.1.2=INTEGER 3 K.3.3.1.3="G" K.3.3.1.8=INTEGER 3 K.3.3.1.23=INTEGER 3 K.3.3.1.22=Gauge32 1 K.3.3.1.21=Gauge32 0 K.3.3.1.20=Gauge32 3 K.1.2.0="R1"`},
	} {
		if got := c.got.text(); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.what, got, c.want)
		}
	}
}
