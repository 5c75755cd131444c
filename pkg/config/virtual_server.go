package config

import (
	"net/netip"
	"time"
)

// Protocol is the transport protocol of a virtual server.
type Protocol uint8

// Protocols with their IP numbers; ProtocolNone is that of a firewall mark.
const (
	ProtocolNone Protocol = 0
	TCP          Protocol = 6
	UDP          Protocol = 17
	SCTP         Protocol = 132
)

// String is the word of log lines: tcp, udp, sctp, none.
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case SCTP:
		return "sctp"
	case ProtocolNone:
	}
	return "none"
}

// ForwardMethod is how packets reach a real server.
type ForwardMethod uint8

// Forwarding methods.
const (
	ForwardNone ForwardMethod = iota
	NAT
	DR
	TUN
)

// TunnelType is the encapsulation of TUN.
type TunnelType uint8

// Encapsulations with their IP_VS_CONN_F_TUNNEL_TYPE_* values.
const (
	TunnelIPIP TunnelType = 0
	TunnelGUE  TunnelType = 1
	TunnelGRE  TunnelType = 2
)

// TunnelChecksum is the checksum option of TUN.
type TunnelChecksum uint8

// Checksum options of gue and gre tunnels.
const (
	TunnelNoChecksum TunnelChecksum = iota
	TunnelChecksumOn
	TunnelRemoteChecksum
)

// Forwarding is lvs_method with its options.
type Forwarding struct {
	Method   ForwardMethod
	Tunnel   TunnelType
	Port     uint16 // gue only
	Checksum TunnelChecksum
}

// ServiceFlags are the bits of an IPVS service that configuration sets.
type ServiceFlags uint32

// Service flags with their kernel values.
const (
	ServiceOnePacket ServiceFlags = 0x4
	ServiceSched1    ServiceFlags = 0x8
	ServiceSched2    ServiceFlags = 0x10
	ServiceSched3    ServiceFlags = 0x20
)

// VirtualServer is a virtual_server block. Exactly one of Address, Fwmark
// (with IsFwmark) and Group names it.
type VirtualServer struct {
	Block
	Address  netip.Addr
	Port     uint16
	IsFwmark bool
	Fwmark   uint32
	Group    string

	// Family is resolved: of the address, the group, or the servers.
	Family     Family
	Protocol   Protocol
	Scheduler  string // default wlc
	Flags      ServiceFlags
	Forwarding Forwarding

	// PersistenceTimeout is 0 for none, else 1..2678400 s.
	PersistenceTimeout time.Duration
	// PersistenceMask is the IPv4 mask or IPv6 prefix length.
	PersistenceMask4  [4]byte
	PersistenceMask6  uint8
	PersistenceEngine string

	Quorum     uint32 // default 1
	Hysteresis uint32
	Alpha      bool
	Omega      bool
	HASuspend  bool

	SorryServer *SorryServer
	RealServers []*RealServer

	// What real servers and checkers inherit, for SNMP; it is already applied.
	Checks           CheckDefaults
	Weight           int
	InhibitOnFailure bool

	QuorumUp, QuorumDown *Script
	SMTPAlert            bool
	SNMPName             string

	// Name is how logs, FIFOs and mails call it: "[10.9.1.1]:tcp:80",
	// "FWM 7", "[G]:0".
	Name string
}

// CheckDefaults are settings that checkers inherit from a server, 0 where it
// has none.
type CheckDefaults struct {
	Retry                                               int
	DelayLoop, DelayBeforeRetry, Warmup, ConnectTimeout time.Duration
	Alpha                                               bool
	// VirtualHost is the server's own.
	VirtualHost string
}

// SorryServer takes over while the quorum is lost.
type SorryServer struct {
	Block
	Address    netip.Addr
	Port       uint16
	Forwarding Forwarding
	Inhibit    bool
}

// RealServer is a real_server block with the virtual server's values applied.
type RealServer struct {
	Block
	Address    netip.Addr
	Port       uint16
	Forwarding Forwarding
	Weight     int // 0..2147483647, default 1

	UpperThreshold, LowerThreshold uint32
	InhibitOnFailure               bool
	NotifyUp, NotifyDown           *Script
	SMTPAlert                      bool
	SNMPName                       string

	Checkers []*Checker
	// Checks is what the checkers inherit, for SNMP; it is already applied.
	Checks CheckDefaults
	// Name is how logs call it: "[10.9.0.11]:tcp:80".
	Name string
}

// VirtualServerGroup is a virtual_server_group block.
type VirtualServerGroup struct {
	Block
	Name    string
	Entries []GroupEntry
}

// GroupEntry is one line of a virtual_server_group: the addresses First to
// Last with Port, or a firewall mark.
type GroupEntry struct {
	Block
	First, Last netip.Addr
	Port        uint16
	IsFwmark    bool
	Fwmark      uint32
	Family      Family // of a firewall mark; FamilyNone: the virtual server's
}

// SSL is the SSL block: client certificate and authorities of SSL_GET.
type SSL struct {
	Block
	Password, CA, Certificate, Key string
}

// NewVirtualServer returns a virtual server with the defaults that do not
// depend on anything else.
func NewVirtualServer() VirtualServer {
	return VirtualServer{
		Quorum:           1,
		PersistenceMask4: [4]byte{255, 255, 255, 255},
		PersistenceMask6: 128,
	}
}
