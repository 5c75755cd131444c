package ipvs

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// OpKind is what an Op does to the table.
type OpKind uint8

// Operations.
const (
	NewService OpKind = iota
	SetService
	DelService // with all its destinations
	NewDest
	SetDest
	DelDest
	Flush // every service, foreign ones too
)

var opNames = [...]string{
	NewService: "NEW_SERVICE", SetService: "SET_SERVICE", DelService: "DEL_SERVICE",
	NewDest: "NEW_DEST", SetDest: "SET_DEST", DelDest: "DEL_DEST", Flush: "FLUSH",
}

// String is the name of the netlink command.
func (k OpKind) String() string {
	if int(k) < len(opNames) {
		return opNames[k]
	}
	return "unknown"
}

// Op is one request to the kernel. Dest counts for the *Dest kinds, Settings
// for NewService and SetService; a Flush has neither nor a Key.
type Op struct {
	Kind     OpKind
	Key      ServiceKey
	Settings ServiceSettings
	Dest     Destination
}

// String is one line: "NEW_DEST tcp 10.9.1.1:80 -> 10.9.0.11:80 fwd=masq
// weight=1 uthresh=0 lthresh=0".
func (o Op) String() string {
	switch o.Kind {
	case Flush:
		return o.Kind.String()
	case DelService:
		return o.Kind.String() + " " + o.Key.words()
	case NewService, SetService:
		s := o.Settings
		text := fmt.Sprintf("%s %s sched=%s flags=%#x timeout=%d netmask=%s", o.Kind, o.Key.words(), s.Scheduler,
			uint32(s.Flags), int(s.Timeout/time.Second), netmaskString(o.Key.Family, s.Netmask))
		if s.PersistenceEngine != "" {
			text += " pe=" + s.PersistenceEngine
		}
		return text
	case NewDest, SetDest, DelDest:
	}
	return fmt.Sprintf("%s %s -> %s", o.Kind, o.Key.words(), o.Dest.words())
}

func (k ServiceKey) words() string {
	if k.IsFwmark() {
		if k.Family == config.IPv6 {
			return fmt.Sprintf("fwmark %d inet6", k.Fwmark)
		}
		return fmt.Sprintf("fwmark %d", k.Fwmark)
	}
	return fmt.Sprintf("%s %s", k.Protocol, netip.AddrPortFrom(k.Addr, k.Port))
}

func (d Destination) words() string {
	method := "masq"
	switch d.Forwarding.Method {
	case config.DR:
		method = "route"
	case config.TUN:
		method = "tunnel"
	case config.NAT, config.ForwardNone:
	}
	text := fmt.Sprintf("%s fwd=%s weight=%d uthresh=%d lthresh=%d", d.Key(), method, d.Weight, d.UpperThreshold, d.LowerThreshold)
	if d.Forwarding.Method == config.TUN {
		types := [...]string{config.TunnelIPIP: "ipip", config.TunnelGUE: "gue", config.TunnelGRE: "gre"}
		sums := [...]string{config.TunnelNoChecksum: "nocsum", config.TunnelChecksumOn: "csum", config.TunnelRemoteChecksum: "remcsum"}
		text += fmt.Sprintf(" tun=%s port=%d flags=%s", types[d.Forwarding.Tunnel%3], d.Forwarding.Port, sums[d.Forwarding.Checksum%3])
	}
	return text
}
