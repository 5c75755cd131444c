package config

import (
	"net/netip"
	"time"
)

// Scope is an address or route scope of the kernel (RT_SCOPE_*).
type Scope uint8

// Scopes that have a name everywhere.
const (
	ScopeGlobal  Scope = 0
	ScopeSite    Scope = 200
	ScopeLink    Scope = 253
	ScopeHost    Scope = 254
	ScopeNowhere Scope = 255
)

// Address is one line of virtual_ipaddress, virtual_ipaddress_excluded or
// static_ipaddress.
type Address struct {
	Block
	// Prefix is the address with its length; default /32 and /128.
	Prefix netip.Prefix
	// Dev is the interface, "" for the instance's own.
	Dev   string
	Scope Scope
	// Broadcast is set by brd; BroadcastAuto is '+' (host bits all one) or
	// '-' (all zero), 0 otherwise.
	Broadcast     netip.Addr
	BroadcastAuto byte
	// Label is at most 15 bytes, IPv4 only.
	Label string
	// Peer is the remote end of a point-to-point address.
	Peer netip.Addr

	Home, MngTmpAddr, NoPrefixRoute, AutoJoin bool
	// DAD is true with -nodad: duplicate address detection stays on.
	DAD     bool
	NoTrack bool
	UseVMAC bool
	// PreferredLifetime is nil for the default: forever, except 0 for an
	// IPv6 /128. A negative value is "forever" written out.
	PreferredLifetime *time.Duration
	// TrackGroup is set on static addresses.
	TrackGroup string
}

// TrackGroup names instances that watch the interfaces of static items.
type TrackGroup struct {
	Block
	Name      string
	Instances []string
}
