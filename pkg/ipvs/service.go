package ipvs

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// ServiceKey is what identifies a service in the kernel. Either Addr is valid
// and Protocol, Addr and Port count, or Addr is the zero Addr and Fwmark
// counts. Keys are comparable.
type ServiceKey struct {
	// Family is that of Addr; for a firewall mark it is part of the key: the
	// same mark exists once for IPv4 and once for IPv6.
	Family   config.Family
	Protocol config.Protocol
	Addr     netip.Addr
	Port     uint16 // 0: all ports, for persistent services only
	Fwmark   uint32
}

// AddressKey is the key of proto://addr:port.
func AddressKey(proto config.Protocol, addr netip.Addr, port uint16) ServiceKey {
	addr = addr.Unmap().WithZone("")
	return ServiceKey{Family: familyOf(addr), Protocol: proto, Addr: addr, Port: port}
}

// FwmarkKey is the key of a firewall mark. The kernel knows no mark 0.
func FwmarkKey(family config.Family, mark uint32) ServiceKey {
	return ServiceKey{Family: family, Fwmark: mark}
}

// IsFwmark reports whether the service is a firewall mark.
func (k ServiceKey) IsFwmark() bool { return !k.Addr.IsValid() }

// String is the form of keepalived's kernel error lines: "10.9.1.1:tcp:80",
// "Fwm 3", "Fwm 3 inet6".
func (k ServiceKey) String() string {
	if k.IsFwmark() {
		if k.Family == config.IPv6 {
			return fmt.Sprintf("Fwm %d inet6", k.Fwmark)
		}
		return fmt.Sprintf("Fwm %d", k.Fwmark)
	}
	return fmt.Sprintf("%s:%s:%d", k.Addr, k.Protocol, k.Port)
}

func familyOf(a netip.Addr) config.Family {
	switch {
	case a.Is4(), a.Is4In6():
		return config.IPv4
	case a.Is6():
		return config.IPv6
	}
	return config.FamilyNone
}

// Flags of a service with their kernel values, beside those of
// config.ServiceFlags.
const (
	// FlagPersistent keeps a client on its server for the timeout.
	FlagPersistent config.ServiceFlags = 0x1
	// flagHashed is set by the kernel on every service it shows.
	flagHashed config.ServiceFlags = 0x2
)

// ServiceSettings is what can be changed about a service. It is comparable.
type ServiceSettings struct {
	// Scheduler is the name of the kernel's scheduler, e.g. "wlc".
	Scheduler string
	Flags     config.ServiceFlags
	// Timeout of persistence, whole seconds.
	Timeout time.Duration
	// Netmask groups the clients of a persistent service: for IPv4 a mask
	// with the first octet on top (0xffffff00 is 255.255.255.0), for IPv6 a
	// prefix length.
	Netmask uint32
	// PersistenceEngine is "" or "sip".
	PersistenceEngine string
}

// FullNetmask is the netmask that tells all clients apart.
func FullNetmask(family config.Family) uint32 {
	if family == config.IPv6 {
		return 128
	}
	return 0xffffffff
}

// Service is one virtual service with its destinations.
type Service struct {
	Key ServiceKey
	ServiceSettings
	// Destinations are in the order in which they are to be added; no two
	// have the same key.
	Destinations []Destination
}

// Destination finds a destination by its key, nil if the service has none.
func (s *Service) Destination(key netip.AddrPort) *Destination {
	for i := range s.Destinations {
		if s.Destinations[i].Key() == key {
			return &s.Destinations[i]
		}
	}
	return nil
}

// Destination is one real server of one service. It is comparable.
type Destination struct {
	// Addr decides the address family, which may differ from the service's
	// for tunnels only.
	Addr netip.Addr
	Port uint16 // 0: the port of the packet
	// Forwarding.Method is NAT, DR or TUN; the tunnel fields are zero
	// unless it is TUN.
	Forwarding config.Forwarding
	// Weight is 0..2147483647; 0 gets no new connections.
	Weight int
	// UpperThreshold and LowerThreshold bound the number of connections, 0
	// for no bound.
	UpperThreshold, LowerThreshold uint32
}

// Key identifies the destination within its service.
func (d Destination) Key() netip.AddrPort { return netip.AddrPortFrom(d.Addr, d.Port) }

// Family is that of the destination's own address.
func (d Destination) Family() config.Family { return familyOf(d.Addr) }

// Usable reports whether the destination gets new connections.
func (d Destination) Usable() bool { return d.Weight > 0 }

// ClampWeight brings an effective weight into the range of the kernel.
func ClampWeight(w int64) int { return int(min(max(w, 0), 1<<31-1)) }

// Table is a set of services, no two with the same key, in the order in which
// they are to be programmed.
type Table []Service

// Service finds a service by its key, nil if there is none.
func (t Table) Service(key ServiceKey) *Service {
	for i := range t {
		if t[i].Key == key {
			return &t[i]
		}
	}
	return nil
}

// String is the table in the notation of ipvsadm -Sn, in table order.
func (t Table) String() string {
	var b strings.Builder
	for i := range t {
		s := &t[i]
		b.WriteString("-A " + s.Key.option() + s.ServiceSettings.options(s.Key.Family) + "\n")
		for _, d := range s.Destinations {
			b.WriteString("-a " + s.Key.option() + d.options() + "\n")
		}
	}
	return b.String()
}

func (k ServiceKey) option() string {
	if k.IsFwmark() {
		s := fmt.Sprintf("-f %d", k.Fwmark)
		if k.Family == config.IPv6 {
			s += " -6"
		}
		return s
	}
	letter := "?"
	switch k.Protocol {
	case config.TCP:
		letter = "t"
	case config.UDP:
		letter = "u"
	case config.SCTP:
		letter = "-sctp-service"
	case config.ProtocolNone:
	}
	return fmt.Sprintf("-%s %s", letter, netip.AddrPortFrom(k.Addr, k.Port))
}

func (s ServiceSettings) options(family config.Family) string {
	text := " -s " + s.Scheduler
	if s.Flags&FlagPersistent != 0 {
		text += fmt.Sprintf(" -p %d", int(s.Timeout/time.Second))
		if s.Netmask != FullNetmask(family) {
			text += " -M " + netmaskString(family, s.Netmask)
		}
		if s.PersistenceEngine != "" {
			text += " --pe " + s.PersistenceEngine
		}
	}
	if s.Flags&config.ServiceOnePacket != 0 {
		text += " -o"
	}
	names := [3]string{"flag-1", "flag-2", "flag-3"}
	if s.Scheduler == "sh" || s.Scheduler == "mh" {
		names[0], names[1] = s.Scheduler+"-fallback", s.Scheduler+"-port"
	}
	var set []string
	for i, bit := range []config.ServiceFlags{config.ServiceSched1, config.ServiceSched2, config.ServiceSched3} {
		if s.Flags&bit != 0 {
			set = append(set, names[i])
		}
	}
	if len(set) > 0 {
		text += " -b " + strings.Join(set, ",")
	}
	return text
}

func netmaskString(family config.Family, mask uint32) string {
	if family == config.IPv6 {
		return fmt.Sprint(mask)
	}
	return netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}).String()
}

func (d Destination) options() string {
	text := fmt.Sprintf(" -r %s", d.Key())
	switch d.Forwarding.Method {
	case config.NAT, config.ForwardNone:
		text += " -m"
	case config.DR:
		text += " -g"
	case config.TUN:
		text += " -i"
	}
	text += fmt.Sprintf(" -w %d", d.Weight)
	if d.Forwarding.Method != config.TUN {
		return text
	}
	sum := [...]string{config.TunnelNoChecksum: " --tun-nocsum", config.TunnelChecksumOn: " --tun-csum", config.TunnelRemoteChecksum: " --tun-remcsum"}
	switch d.Forwarding.Tunnel {
	case config.TunnelIPIP:
		text += " --tun-type ipip"
	case config.TunnelGUE:
		text += fmt.Sprintf(" --tun-type gue --tun-port %d", d.Forwarding.Port) + sum[d.Forwarding.Checksum%3]
	case config.TunnelGRE:
		text += " --tun-type gre" + sum[d.Forwarding.Checksum%3]
	}
	return text
}
