package ipvs

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Generic netlink of IPVS: family name, version, and the numbers of
// <linux/ip_vs.h>.
const (
	genlFamily  = "IPVS"
	genlVersion = 1
)

const (
	cmdNewService = 1 + iota
	cmdSetService
	cmdDelService
	cmdGetService
	cmdNewDest
	cmdSetDest
	cmdDelDest
	cmdGetDest
	cmdNewDaemon
	cmdDelDaemon
	cmdGetDaemon
	cmdSetConfig
	cmdGetConfig
	cmdSetInfo
	cmdGetInfo
	cmdZero
	cmdFlush
)

// Attributes of a command.
const (
	attrService = 1 + iota
	attrDest
	attrDaemon
)

const (
	svcFamily = 1 + iota
	svcProtocol
	svcAddr
	svcPort
	svcFwmark
	svcScheduler
	svcFlags
	svcTimeout
	svcNetmask
	svcStats
	svcEngine
	svcStats64
)

const (
	destAddr = 1 + iota
	destPort
	destMethod
	destWeight
	destUpperThreshold
	destLowerThreshold
	destActive
	destInactive
	destPersistent
	destStats
	destFamily
	destStats64
	destTunnelType
	destTunnelPort
	destTunnelFlags
)

const (
	statsConnections = 1 + iota
	statsInPackets
	statsOutPackets
	statsInBytes
	statsOutBytes
	statsConnectionRate
	statsInPacketRate
	statsOutPacketRate
	statsInByteRate
	statsOutByteRate
)

const (
	daemonState = 1 + iota
	daemonInterface
	daemonID
	daemonMaxLen
	daemonGroup4
	daemonGroup6
	daemonPort
	daemonTTL
)

const infoVersion = 1

// Forwarding methods; the low bits of connection flags.
const (
	methodMask   = 7
	methodMasq   = 0
	methodTunnel = 2
	methodRoute  = 3
)

// Kernel numbers of address families.
const (
	afInet  = 2
	afInet6 = 10
)

func afOf(f config.Family) uint16 {
	if f == config.IPv6 {
		return afInet6
	}
	return afInet
}

const (
	netlinkHeaderLen = 16
	genlHeaderLen    = 4
	nestedFlag       = 0x8000
	attrTypeMask     = 0x3fff
)

// message is a buffer of netlink messages, in host byte order.
type message []byte

// begin starts a request; the place it returns goes to end.
func (m message) begin(family uint16, cmd uint8, flags uint16, seq uint32) (message, int) {
	start := len(m)
	m = binary.NativeEndian.AppendUint32(m, 0)
	m = binary.NativeEndian.AppendUint16(m, family)
	m = binary.NativeEndian.AppendUint16(m, flags)
	m = binary.NativeEndian.AppendUint32(m, seq)
	m = binary.NativeEndian.AppendUint32(m, 0) // from: the kernel fills it in
	return append(m, cmd, genlVersion, 0, 0), start
}

// end puts the length in; attributes keep everything aligned.
func (m message) end(start int) { binary.NativeEndian.PutUint32(m[start:], uint32(len(m)-start)) }

func (m message) attr(kind uint16, size int) message {
	m = binary.NativeEndian.AppendUint16(m, uint16(4+size))
	return binary.NativeEndian.AppendUint16(m, kind)
}

func (m message) pad() message {
	for len(m)%4 != 0 {
		m = append(m, 0)
	}
	return m
}

func (m message) uint8(kind uint16, v uint8) message { return append(m.attr(kind, 1), v).pad() }

func (m message) uint16(kind uint16, v uint16) message {
	return message(binary.NativeEndian.AppendUint16(m.attr(kind, 2), v)).pad()
}

func (m message) uint32(kind uint16, v uint32) message {
	return binary.NativeEndian.AppendUint32(m.attr(kind, 4), v)
}

// port is in network byte order.
func (m message) port(kind uint16, v uint16) message {
	return message(binary.BigEndian.AppendUint16(m.attr(kind, 2), v)).pad()
}

func (m message) addr(kind uint16, a netip.Addr) message {
	if a.Is4() {
		b := a.As4()
		return append(m.attr(kind, 16), append(b[:], make([]byte, 12)...)...)
	}
	b := a.As16()
	return append(m.attr(kind, 16), b[:]...)
}

func (m message) text(kind uint16, s string) message {
	m = m.attr(kind, len(s)+1)
	return append(append(m, s...), 0).pad()
}

// nest starts an attribute that holds others; the place goes to endNest.
func (m message) nest(kind uint16) (message, int) { return m.attr(kind|nestedFlag, 0), len(m) }

func (m message) endNest(start int) { binary.NativeEndian.PutUint16(m[start:], uint16(len(m)-start)) }

// op is the body of the request for o, which is none of a Flush.
func (m message) op(o Op) message {
	switch o.Kind {
	case NewService, SetService:
		return m.service(o.Key, o.Settings)
	case NewDest, SetDest, DelDest:
		return m.serviceKey(o.Key).destination(o.Dest)
	case DelService, Flush:
	}
	return m.serviceKey(o.Key)
}

// service is the whole of a service. All its flags are set, to 0 or 1.
func (m message) service(k ServiceKey, set ServiceSettings) message {
	m, start := m.nest(attrService)
	m = m.keyAttributes(k)
	m = m.text(svcScheduler, set.Scheduler)
	if set.PersistenceEngine != "" {
		m = m.text(svcEngine, set.PersistenceEngine)
	}
	m = m.attr(svcFlags, 8)
	m = binary.NativeEndian.AppendUint32(m, uint32(set.Flags))
	m = binary.NativeEndian.AppendUint32(m, ^uint32(0)) // the mask
	m = m.uint32(svcTimeout, uint32(set.Timeout/time.Second))
	netmask := set.Netmask
	if k.Family != config.IPv6 {
		netmask = swapNetmask(netmask)
	}
	m = m.uint32(svcNetmask, netmask)
	m.endNest(start)
	return m
}

// serviceKey names a service, which is all that requests about destinations
// need, and the deletion.
func (m message) serviceKey(k ServiceKey) message {
	m, start := m.nest(attrService)
	m = m.keyAttributes(k)
	m.endNest(start)
	return m
}

func (m message) keyAttributes(k ServiceKey) message {
	m = m.uint16(svcFamily, afOf(k.Family))
	if k.IsFwmark() {
		m = m.uint32(svcFwmark, k.Fwmark)
	} else {
		m = m.uint16(svcProtocol, uint16(k.Protocol))
		m = m.addr(svcAddr, k.Addr)
		m = m.port(svcPort, k.Port)
	}
	return m
}

// destination is the whole of a destination. Kernels before 5.3 ignore the
// tunnel attributes: there all tunnels are ipip.
func (m message) destination(d Destination) message {
	m, start := m.nest(attrDest)
	m = m.uint16(destFamily, afOf(d.Family()))
	m = m.addr(destAddr, d.Addr)
	m = m.port(destPort, d.Port)
	method := uint32(methodMasq)
	switch d.Forwarding.Method {
	case config.DR:
		method = methodRoute
	case config.TUN:
		method = methodTunnel
	case config.NAT, config.ForwardNone:
	}
	m = m.uint32(destMethod, method)
	m = m.uint32(destWeight, uint32(d.Weight))
	m = m.uint32(destUpperThreshold, d.UpperThreshold)
	m = m.uint32(destLowerThreshold, d.LowerThreshold)
	if d.Forwarding.Method == config.TUN {
		m = m.uint8(destTunnelType, uint8(d.Forwarding.Tunnel))
		m = m.port(destTunnelPort, d.Forwarding.Port)
		m = m.uint16(destTunnelFlags, tunnelFlags[d.Forwarding.Checksum%3])
	}
	m.endNest(start)
	return m
}

// tunnelFlags are bits: 1 checksum, 2 remote checksum.
var tunnelFlags = [3]uint16{config.TunnelNoChecksum: 0, config.TunnelChecksumOn: 1, config.TunnelRemoteChecksum: 2}

// syncDaemon describes a daemon; only the role counts when it is to be
// stopped, but the kernel wants name and number there too.
func (m message) syncDaemon(d SyncDaemon) message {
	m, start := m.nest(attrDaemon)
	m = m.uint32(daemonState, uint32(d.Role))
	m = m.text(daemonInterface, d.Interface)
	m = m.uint32(daemonID, d.ID)
	if d.MaxLen != 0 {
		m = m.uint16(daemonMaxLen, d.MaxLen)
	}
	switch group := d.Group.Unmap(); {
	case group.Is4():
		b := group.As4()
		m = append(m.attr(daemonGroup4, 4), b[:]...)
	case group.Is6():
		m = m.addr(daemonGroup6, group)
	}
	if d.Port != 0 {
		m = m.uint16(daemonPort, d.Port)
	}
	if d.TTL != 0 {
		m = m.uint8(daemonTTL, d.TTL)
	}
	m.endNest(start)
	return m
}
