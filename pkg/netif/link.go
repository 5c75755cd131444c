package netif

// Interface flags as the kernel reports them (IFF_*, if.h).
const (
	flagUp           = 0x1
	flagBroadcast    = 0x2
	flagLoopback     = 0x8
	flagPointToPoint = 0x10
	flagRunning      = 0x40
	flagNoARP        = 0x80
	flagMulticast    = 0x1000
)

// Link is one network interface.
type Link struct {
	Index int
	Name  string
	// Flags are IFF_*.
	Flags uint32
	// Type is ARPHRD_*: 1 Ethernet, 32 InfiniBand, 772 loopback.
	Type uint16
	MTU  int
	// MAC is the link-layer address, Broadcast its broadcast address; 6
	// bytes on Ethernet, 20 on InfiniBand, possibly none.
	MAC, Broadcast []byte
	// Kind is IFLA_INFO_KIND: "", "macvlan", "ipvlan", "vlan", "vrf"...
	Kind string
	// Mode is the mode of a macvlan (MACVLAN_MODE_*) or ipvlan
	// (IPVLAN_MODE_*), IPVLANFlags the flags of an ipvlan (IPVLAN_F_*).
	Mode        uint32
	IPVLANFlags uint16
	// VRFTable is the routing table of a vrf.
	VRFTable uint32
	// Parent is IFLA_LINK, 0 if there is none or if it is in another
	// namespace. Master is the bridge, bond or VRF, 0 if none.
	Parent, Master int
	// Group is IFLA_GROUP.
	Group uint32
}

// Up reports IFF_UP, Running IFF_RUNNING; an interface is usable with both.
func (l *Link) Up() bool           { return l.Flags&flagUp != 0 }
func (l *Link) Running() bool      { return l.Flags&flagRunning != 0 }
func (l *Link) Multicast() bool    { return l.Flags&flagMulticast != 0 }
func (l *Link) NoARP() bool        { return l.Flags&flagNoARP != 0 }
func (l *Link) Loopback() bool     { return l.Flags&flagLoopback != 0 }
func (l *Link) PointToPoint() bool { return l.Flags&flagPointToPoint != 0 }

// Kinds of virtual interfaces that are made here.
const (
	KindMACVLAN = "macvlan"
	KindIPVLAN  = "ipvlan"
	KindVRF     = "vrf"
)

// MACVLANPrivate is MACVLAN_MODE_PRIVATE: interfaces on the same base do not
// see each other.
const MACVLANPrivate = 1
