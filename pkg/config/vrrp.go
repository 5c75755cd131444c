package config

import (
	"net/netip"
	"time"
)

// Family is an address family.
type Family uint8

// Address families; FamilyNone is "not known yet".
const (
	FamilyNone Family = iota
	IPv4
	IPv6
)

// String is IPv4 or IPv6.
func (f Family) String() string {
	switch f {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	case FamilyNone:
	}
	return "none"
}

// FamilyOf returns the family of a.
func FamilyOf(a netip.Addr) Family {
	switch {
	case !a.IsValid():
		return FamilyNone
	case a.Is4() || a.Is4In6():
		return IPv4
	}
	return IPv6
}

// AuthType is the authentication of VRRP version 2 (RFC 2338 5.3.6).
type AuthType uint8

// Authentication types with their wire values.
const (
	AuthNone AuthType = 0
	AuthPass AuthType = 1
	AuthAH   AuthType = 2
)

// UnicastChecksum is old_unicast_checksum.
type UnicastChecksum uint8

// Forms of the checksum of unicast version 3 adverts.
const (
	UnicastChecksumAuto UnicastChecksum = iota // send the right one, learn the old one
	UnicastChecksumOld                         // always the old one
	UnicastChecksumNew                         // "never" the old one
)

// UnicastPeer is one line of unicast_peer. TTLs default to 0 and 255.
type UnicastPeer struct {
	Block
	Address        netip.Addr
	MinTTL, MaxTTL uint8
}

// VRRPInstance is a vrrp_instance block with the global defaults applied.
type VRRPInstance struct {
	Block
	Name string
	// Family is that of the virtual addresses, else of the peers.
	Family Family
	// Version is 2 or 3; default vrrp_version, else 2 for IPv4 and 3 for IPv6.
	Version uint8
	// StateMaster is "state MASTER". It has no effect on timing except for
	// the address owner.
	StateMaster bool
	// Interface is "" when only unicast addresses say where to send.
	Interface       string
	VRF             string
	VirtualRouterID uint8 // 1..255
	// Priority is 1..255; 255 is the address owner.
	Priority uint8
	// AdvertInterval: version 2 whole seconds 1..255, version 3 10 ms..40.95 s
	// in steps of 10 ms; default 1 s.
	AdvertInterval time.Duration

	Auth     AuthType
	AuthPass [8]byte // zero padded
	HMAC     *AuthHMAC

	VirtualAddresses  []*Address
	ExcludedAddresses []*Address
	Routes            []*Route
	Rules             []*Rule

	// SourceAddress is unicast_src_ip or mcast_src_ip; invalid: the
	// interface's own.
	SourceAddress      netip.Addr
	TrackSourceAddress bool
	// MulticastGroup is mcast_dst_ip or the global group of the family.
	MulticastGroup    netip.Addr
	Peers             []UnicastPeer
	UnicastFaultEmpty bool // unicast_fault_no_peer
	// UnicastTTL is nil for the default: 255 for IPv4, the kernel's for IPv6.
	UnicastTTL         *uint8
	CheckUnicastSource bool // check_unicast_src, or a peer with TTL limits
	UnicastChecksum    UnicastChecksum
	V3ChecksumAsV2     bool
	SkipCheckAdvert    bool // skip_check_adv_addr

	NoPreempt    bool
	PreemptDelay time.Duration // 0..1000 s
	// Accept is false when traffic to the virtual addresses is dropped.
	Accept bool
	Strict bool

	DownTimerAdverts     uint8 // 1..100, default 3
	LowerPrioNoAdvert    bool
	HigherPrioSendAdvert bool
	OwnerIgnoreAdverts   bool
	// TimerExpiredBackup is the SCHED_RR-like priority 1..254 of
	// timer_expired_backup, 0 off.
	TimerExpiredBackup uint8
	DontTrackPrimary   bool
	PromoteSecondaries bool
	KernelRxBufSize    uint32

	GARP GARPSettings

	VMAC   *VMAC
	IPVLAN *IPVLAN

	TrackInterfaces []Track
	TrackScripts    []Track
	TrackFiles      []Track
	TrackProcesses  []Track
	TrackBFD        []Track

	Notify                NotifyScripts
	SMTPAlert             bool
	NotifyPriorityChanges bool
	// LVSSyncInterface is the deprecated lvs_sync_daemon_interface.
	LVSSyncInterface string

	// Group is the name of the instance's sync group, "" for none.
	Group string
}

// Unicast reports whether adverts go to peers rather than to a group.
func (v *VRRPInstance) Unicast() bool { return len(v.Peers) > 0 }

// Owner reports whether the router owns the addresses (RFC 5798 1.7).
func (v *VRRPInstance) Owner() bool { return v.Priority == 255 }

// GARPSettings are when gratuitous ARPs and unsolicited neighbour
// advertisements are sent.
type GARPSettings struct {
	MasterDelay         time.Duration // 0..4294 s, default 5 s; 0: no second burst
	MasterRepeat        uint32        // rounds of a burst, default 5
	MasterRefresh       time.Duration // 0: off
	MasterRefreshRepeat uint32        // default 1
	LowerPrioDelay      time.Duration
	LowerPrioRepeat     uint32 // 0: none
	ExtraInterval       time.Duration
	ExtraAll            bool
}

// NotifyScripts are the notify_* commands of an instance or a sync group; nil
// where none is configured.
type NotifyScripts struct {
	Master, Backup, Fault, Stop *Script
	Deleted                     *Script
	// DeletedSet is true when notify_deleted stands in the file, with or
	// without a script.
	DeletedSet    bool
	Any           *Script // notify
	MasterRxLower *Script // notify_master_rx_lower_pri
}

// AuthHMAC is the auth_hmac block of 2.4.0 and later.
type AuthHMAC struct {
	Block
	Keys map[uint8][]byte // 32..64 bytes each
	// KeyFiles are the files of the keys written as file:PATH; what they hold
	// is in Keys. They must not be readable by others.
	KeyFiles   map[uint8]string
	ActiveKey  uint8
	TimeWindow time.Duration
	Monotonic  bool
	Mode       HMACMode
}

// HMACMode is what happens to adverts without a trailer.
type HMACMode uint8

// Modes of auth_hmac.
const (
	HMACEnforce     HMACMode = iota // adverts without a trailer are rejected
	HMACPermissive                  // they are accepted
	HMACReceiveOnly                 // accepted, and we send none ourselves
)

// VMAC is use_vmac.
type VMAC struct {
	Block
	Name string // "" generated
	// MAC is nil for the virtual router MAC, or 5 (the VRID is added) or 6 octets.
	MAC          []byte
	UseAddr      bool // use_vmac_addr
	XmitBase     bool // vmac_xmit_base
	NetlinkMsg   bool
	InterfaceGrp *uint32
}

// IPVLANMode is the flag of an ipvlan interface.
type IPVLANMode uint8

// Flags of an ipvlan interface.
const (
	IPVLANBridge IPVLANMode = iota
	IPVLANPrivate
	IPVLANVEPA
)

// IPVLAN is use_ipvlan.
type IPVLAN struct {
	Block
	Name         string
	Address      netip.Prefix
	Mode         IPVLANMode
	InterfaceGrp *uint32
}

// SyncGroup is a vrrp_sync_group block.
type SyncGroup struct {
	Block
	Name    string
	Members []string

	TrackInterfaces []Track
	TrackScripts    []Track
	TrackFiles      []Track
	TrackProcesses  []Track
	TrackBFD        []Track

	Notify                NotifyScripts
	SMTPAlert             bool
	NotifyPriorityChanges bool
}

// NewVRRPInstance returns an instance with the defaults that do not depend on
// anything else.
func NewVRRPInstance() *VRRPInstance {
	return &VRRPInstance{
		AdvertInterval:   time.Second,
		Accept:           true,
		DownTimerAdverts: 3,
	}
}

// BFDInstance is a bfd_instance block.
type BFDInstance struct {
	Block
	Name             string
	Neighbor, Source netip.Addr
	MinRx, MinTx     time.Duration // default 10 ms
	IdleTx           time.Duration // default 1 s
	Multiplier       uint8         // default 5
	Passive          bool
	TTL              uint8 // 255 (IPv4), 64 (IPv6)
	MaxHops          int   // -1..255, default 0
	MultiHop         bool
	Weight           int
	Reverse          bool
	// VRRP and Checker say who gets its events; both when neither is written.
	VRRP, Checker bool
}

// NewAuthHMAC returns an auth_hmac block with the defaults; TimeWindow 0
// stands for three advert intervals.
func NewAuthHMAC() *AuthHMAC {
	return &AuthHMAC{Keys: map[uint8][]byte{}, KeyFiles: map[uint8]string{}}
}

// NewBFDInstance returns a session with the defaults.
func NewBFDInstance() *BFDInstance {
	return &BFDInstance{
		MinRx: 10 * time.Millisecond, MinTx: 10 * time.Millisecond, IdleTx: time.Second,
		Multiplier: 5,
	}
}
