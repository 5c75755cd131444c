package vrrp

import (
	"log/slog"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// Action is one output of Engine.Step: a value of one of the types of this
// file, or a *SendAdvert.
//
// # Order of effects
//
// The driver carries out the actions of one Step one after the other, in the
// order of the slice, and all of them before it passes the next event. The
// order is part of the protocol: a new master's advert leaves before its
// addresses are added, its addresses are there before the gratuitous ARPs,
// and both before anybody is notified; a leaving master's prio 0 leaves
// before its addresses go. Two exceptions are allowed:
//   - adverts that stand next to each other may leave in one system call;
//   - Log and Emit may be handed to a queue that keeps their order.
//
// A failure never stops the list: go on, then report it with ActionFailed.
// After the list, read the netlink monitor empty (see AddressRemoved).
//
// # Lifetime
//
// The slice and the *SendAdvert values in it, with their bytes, belong to the
// engine and are valid until the next Step. Everything else may be kept.
type Action interface{ isVRRPAction() }

// SocketSpec is what a socket pair must be. Instances with equal specs share
// one pair; packets find their instance by the socket and the VRID.
type SocketSpec struct {
	Family config.Family
	// Protocol is 112, or 51 for instances with AH.
	Protocol uint8
	// Interface and Index are what both sockets are bound to with
	// SO_BINDTODEVICE; "" and 0 for unicast without interface, then VRF may
	// name a device to bind to.
	Interface string
	Index     int
	VRF       string
	// Group is the multicast group to join and to bind the receiving socket
	// to; invalid for unicast.
	Group netip.Addr
	// Local is the unicast source to bind to (IP_FREEBIND); invalid for
	// multicast.
	Local netip.Addr
}

// Multicast reports whether the socket joins a group.
func (s SocketSpec) Multicast() bool { return s.Group.IsValid() }

// OpenSocket opens a receiving and a sending raw socket. If it fails, the
// instances on it go to Fault and the engine asks again when the interface
// changes.
type OpenSocket struct {
	ID   SocketID
	Spec SocketSpec
	// ReceiveBuffer is SO_RCVBUF in bytes, 0 for the kernel's default.
	ReceiveBuffer int
}

// ResizeSocket changes the receive buffer of an open socket.
type ResizeSocket struct {
	ID            SocketID
	ReceiveBuffer int
}

// CloseSocket closes both sockets of the pair.
type CloseSocket struct{ ID SocketID }

// SendAdvert sends one datagram. It is passed by pointer and reused by the
// engine: valid until the next Step.
type SendAdvert struct {
	Socket   SocketID
	Instance string
	// Source is the local address: for IPv6 it goes into IPV6_PKTINFO with
	// Index.
	Source netip.Addr
	// Destination is the group or a peer. To the group: MSG_DONTROUTE.
	Destination netip.Addr
	// Index is the interface to send on, 0 for routed unicast.
	Index int
	// Data is a whole IPv4 packet (for IP_HDRINCL; TOS, id, TTL and header
	// checksum filled in), or the IPv6 payload of protocol 112.
	Data []byte
	// HopLimit is for IPv6 only; -1 is the kernel's default. The traffic
	// class is always 0xC0.
	HopLimit int
	// Priority is the one inside, for those who watch.
	Priority uint8
}

// AddressSpec is an address with the place where it goes.
type AddressSpec struct {
	// Instance is "" for static addresses.
	Instance string
	Address  *config.Address
	// Interface and Index are resolved: Address.Dev, the instance's
	// interface or its VMAC. Index counts: after a rename the interface that
	// has the address has another name.
	Interface string
	Index     int
}

// AddAddress puts a virtual or static address on its interface.
type AddAddress struct{ AddressSpec }

// RemoveAddress takes an address away. Leftover marks one that a previous run
// may have left: it is normal that it is not there.
type RemoveAddress struct {
	AddressSpec
	Leftover bool
}

// AddRoute adds a virtual route, or a static one when Instance is "".
// Interface is where routes without a device go.
type AddRoute struct {
	Instance  string
	Route     *config.Route
	Interface string
	// Replace is set on reload, when the same route may be there already.
	Replace bool
}

// RemoveRoute removes what AddRoute added.
type RemoveRoute struct {
	Instance  string
	Route     *config.Route
	Interface string
	Leftover  bool
}

// AddRule adds a virtual rule, or a static one when Instance is "".
type AddRule struct {
	Instance string
	Rule     *config.Rule
	Replace  bool
}

// RemoveRule removes what AddRule added.
type RemoveRule struct {
	Instance string
	Rule     *config.Rule
	Leftover bool
}

// DropTraffic switches the firewall rules that drop traffic to and from the
// virtual addresses of an instance that does not accept it. On lists all its
// addresses, off removes what is there for the instance.
type DropTraffic struct {
	Instance  string
	On        bool
	Addresses []AddressSpec
}

// SendGARP sends one gratuitous ARP request for Address. The engine has done
// the pacing: it is to be sent now.
type SendGARP struct {
	Instance  string
	Interface string
	Index     int
	Address   netip.Addr
}

// SendNA sends one unsolicited neighbour advertisement (Override set, Router
// by the interface's forwarding sysctl).
type SendNA struct {
	Instance  string
	Interface string
	Index     int
	Address   netip.Addr
}

// EnsureVMAC makes sure that a macvlan (or ipvlan) exists as described and is
// up: a fitting one is taken over, a wrong one changed or replaced. The driver
// answers through the monitor: the new interface comes back as
// InterfaceChanged, and until then the instance waits.
type EnsureVMAC struct {
	// Instance is the first instance that needs it.
	Instance string
	Name     string
	// Base is the interface it sits on.
	Base      string
	BaseIndex int
	Family    config.Family
	VRID      uint8
	// MAC is its hardware address; zero for an ipvlan.
	MAC [6]byte
	// LinkLocal is put on it with /64 for IPv6 instances; invalid: none.
	LinkLocal netip.Addr
	// DisableIPv6 is set for IPv4 instances without IPv6 addresses.
	DisableIPv6 bool
	// XmitBase is true when adverts use the base interface.
	XmitBase bool
	// NotifyBase is netlink_notify_msg: others are told of the base interface
	// when the VMAC has been made or removed.
	NotifyBase bool
	// IPVLAN is set for an ipvlan instead of a macvlan.
	IPVLAN *config.IPVLAN
	// Group is IFLA_GROUP; nil: as the base interface.
	Group *uint32
}

// RemoveVMAC removes an interface of EnsureVMAC and gives the base interface
// back the settings it had. Leftover marks one that a previous run made.
type RemoveVMAC struct {
	Name     string
	Leftover bool
}

// PromoteSecondaries sets the interface's promote_secondaries sysctl to 1 if
// it was 0, or puts it back.
type PromoteSecondaries struct {
	Interface string
	Index     int
	On        bool
}

// SyncDaemonRole is what the IPVS connection sync daemon does.
type SyncDaemonRole uint8

// Roles of the sync daemon; SyncDaemonOff stops both.
const (
	SyncDaemonOff SyncDaemonRole = iota
	SyncDaemonBackup
	SyncDaemonMaster
	// SyncDaemonBoth runs master and backup: lvs_sync_daemon without an
	// instance. That is the checker process's business, the engine never
	// asks for it.
	SyncDaemonBoth
)

// SetSyncDaemon stops the running role and starts the given one.
type SetSyncDaemon struct {
	Role   SyncDaemonRole
	Daemon *config.SyncDaemon
}

// RaisePriority asks for one step more of real-time priority (SCHED_RR),
// within max_auto_priority: a timer was late.
type RaisePriority struct{ Limit int }

// Emit hands an event to the bus.
type Emit struct{ Event event.Event }

// Log is one line for the log, complete and in keepalived's words. Debug
// lines are made only with Options.Detail.
type Log struct {
	Level slog.Level
	Text  string
}

// Finished is the last action of an engine after Stop.
type Finished struct{}

func (OpenSocket) isVRRPAction()         {}
func (ResizeSocket) isVRRPAction()       {}
func (CloseSocket) isVRRPAction()        {}
func (*SendAdvert) isVRRPAction()        {}
func (AddAddress) isVRRPAction()         {}
func (RemoveAddress) isVRRPAction()      {}
func (AddRoute) isVRRPAction()           {}
func (RemoveRoute) isVRRPAction()        {}
func (AddRule) isVRRPAction()            {}
func (RemoveRule) isVRRPAction()         {}
func (DropTraffic) isVRRPAction()        {}
func (SendGARP) isVRRPAction()           {}
func (SendNA) isVRRPAction()             {}
func (EnsureVMAC) isVRRPAction()         {}
func (RemoveVMAC) isVRRPAction()         {}
func (PromoteSecondaries) isVRRPAction() {}
func (SetSyncDaemon) isVRRPAction()      {}
func (RaisePriority) isVRRPAction()      {}
func (Emit) isVRRPAction()               {}
func (Log) isVRRPAction()                {}
func (Finished) isVRRPAction()           {}
