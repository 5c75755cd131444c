package ipvs

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var errMalformed = errors.New("malformed netlink message")

// attributes calls f for each attribute of b, nested ones with the flag cut
// off.
func attributes(b []byte, f func(kind uint16, value []byte) error) error {
	for len(b) >= 4 {
		size := int(binary.NativeEndian.Uint16(b))
		kind := binary.NativeEndian.Uint16(b[2:]) & attrTypeMask
		if size < 4 || size > len(b) {
			return errMalformed
		}
		if err := f(kind, b[4:size]); err != nil {
			return err
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	if len(b) != 0 {
		return errMalformed
	}
	return nil
}

// nested finds the attribute kind of a reply, whose generic header is still
// in front.
func nested(reply []byte, kind uint16) ([]byte, error) {
	if len(reply) < genlHeaderLen {
		return nil, errMalformed
	}
	var found []byte
	err := attributes(reply[genlHeaderLen:], func(k uint16, v []byte) error {
		if k == kind {
			found = v
		}
		return nil
	})
	if err == nil && found == nil {
		err = errMalformed
	}
	return found, err
}

// number reads a value of 1, 2, 4 or 8 bytes.
func number(v []byte) (uint64, error) {
	switch len(v) {
	case 1:
		return uint64(v[0]), nil
	case 2:
		return uint64(binary.NativeEndian.Uint16(v)), nil
	case 4:
		return uint64(binary.NativeEndian.Uint32(v)), nil
	case 8:
		return binary.NativeEndian.Uint64(v), nil
	}
	return 0, errMalformed
}

func networkPort(v []byte) (uint16, error) {
	if len(v) < 2 {
		return 0, errMalformed
	}
	return binary.BigEndian.Uint16(v), nil
}

// address takes the bytes of a union of both families.
func address(family uint64, v []byte) (netip.Addr, error) {
	switch {
	case family == afInet && len(v) >= 4:
		return netip.AddrFrom4([4]byte(v[:4])), nil
	case family == afInet6 && len(v) >= 16:
		return netip.AddrFrom16([16]byte(v[:16])), nil
	}
	return netip.Addr{}, errMalformed
}

func zeroTerminated(v []byte) string {
	s, _, _ := strings.Cut(string(v), "\x00")
	return s
}

// parseService reads the reply to GET_SERVICE.
func parseService(reply []byte) (Service, Stats, error) {
	var s Service
	var counters, counters64 Stats
	var has64, isMark bool
	var family uint64
	var addr []byte
	body, err := nested(reply, attrService)
	if err != nil {
		return s, Stats{}, err
	}
	err = attributes(body, func(kind uint16, v []byte) error {
		var n uint64
		var err error
		switch kind {
		case svcFamily:
			family, err = number(v)
		case svcProtocol:
			n, err = number(v)
			s.Key.Protocol = config.Protocol(n)
		case svcAddr:
			addr = v
		case svcPort:
			s.Key.Port, err = networkPort(v)
		case svcFwmark:
			n, err = number(v)
			s.Key.Fwmark, isMark = uint32(n), true
		case svcScheduler:
			s.Scheduler = zeroTerminated(v)
		case svcFlags:
			if len(v) < 4 {
				return errMalformed
			}
			s.Flags = config.ServiceFlags(binary.NativeEndian.Uint32(v)) &^ flagHashed
		case svcTimeout:
			n, err = number(v)
			s.Timeout = time.Duration(n) * time.Second
		case svcNetmask:
			n, err = number(v)
			s.Netmask = uint32(n)
		case svcEngine:
			s.PersistenceEngine = zeroTerminated(v)
		case svcStats:
			counters, err = parseStats(v)
		case svcStats64:
			counters64, err = parseStats(v)
			has64 = true
		}
		return err
	})
	if err != nil {
		return s, Stats{}, err
	}
	switch family {
	case afInet:
		s.Key.Family = config.IPv4
		s.Netmask = swapNetmask(s.Netmask)
	case afInet6:
		s.Key.Family = config.IPv6
	default:
		return s, Stats{}, errMalformed
	}
	if isMark {
		s.Key.Protocol, s.Key.Port = config.ProtocolNone, 0
	} else if s.Key.Addr, err = address(family, addr); err != nil {
		return s, Stats{}, err
	}
	if has64 {
		counters = counters64
	}
	return s, counters, nil
}

// swapNetmask turns an IPv4 mask from and to the order of the kernel.
func swapNetmask(mask uint32) uint32 {
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, mask))
}

// parseDestination reads the reply to GET_DEST. Before Linux 3.18 the kernel
// does not say the family, which is then that of the service.
func parseDestination(reply []byte, service config.Family) (Destination, Stats, error) {
	var d Destination
	var counters, counters64 Stats
	var has64 bool
	var active, inactive, persistent, method, tunnelType, tunnelFlag uint64
	var tunnelPort uint16
	family := uint64(afOf(service))
	var addr []byte
	body, err := nested(reply, attrDest)
	if err != nil {
		return d, Stats{}, err
	}
	err = attributes(body, func(kind uint16, v []byte) error {
		var n uint64
		var err error
		switch kind {
		case destAddr:
			addr = v
		case destPort:
			d.Port, err = networkPort(v)
		case destMethod:
			method, err = number(v)
		case destWeight:
			n, err = number(v)
			d.Weight = int(int32(n))
		case destUpperThreshold:
			n, err = number(v)
			d.UpperThreshold = uint32(n)
		case destLowerThreshold:
			n, err = number(v)
			d.LowerThreshold = uint32(n)
		case destActive:
			active, err = number(v)
		case destInactive:
			inactive, err = number(v)
		case destPersistent:
			persistent, err = number(v)
		case destFamily:
			family, err = number(v)
		case destTunnelType:
			tunnelType, err = number(v)
		case destTunnelPort:
			tunnelPort, err = networkPort(v)
		case destTunnelFlags:
			tunnelFlag, err = number(v)
		case destStats:
			counters, err = parseStats(v)
		case destStats64:
			counters64, err = parseStats(v)
			has64 = true
		}
		return err
	})
	if err != nil {
		return d, Stats{}, err
	}
	if d.Addr, err = address(family, addr); err != nil {
		return d, Stats{}, err
	}
	switch method & methodMask {
	case methodRoute:
		d.Forwarding.Method = config.DR
	case methodTunnel:
		d.Forwarding = config.Forwarding{Method: config.TUN, Tunnel: config.TunnelType(tunnelType), Port: tunnelPort}
		switch {
		case tunnelFlag&2 != 0:
			d.Forwarding.Checksum = config.TunnelRemoteChecksum
		case tunnelFlag&1 != 0:
			d.Forwarding.Checksum = config.TunnelChecksumOn
		}
	default:
		// 0, or one that no configuration asks for.
		d.Forwarding.Method = config.NAT
	}
	if has64 {
		counters = counters64
	}
	counters.ActiveConnections = uint32(active)
	counters.InactiveConnections = uint32(inactive)
	counters.PersistentConn = uint32(persistent)
	return d, counters, nil
}

func parseStats(b []byte) (Stats, error) {
	var s Stats
	field := [...]*uint64{
		statsConnections: &s.Connections,
		statsInPackets:   &s.InPackets, statsOutPackets: &s.OutPackets,
		statsInBytes: &s.InBytes, statsOutBytes: &s.OutBytes,
		statsConnectionRate: &s.ConnectionRate,
		statsInPacketRate:   &s.InPacketRate, statsOutPacketRate: &s.OutPacketRate,
		statsInByteRate: &s.InByteRate, statsOutByteRate: &s.OutByteRate,
	}
	err := attributes(b, func(kind uint16, v []byte) error {
		if int(kind) >= len(field) || field[kind] == nil {
			return nil // padding, or newer than we are
		}
		n, err := number(v)
		*field[kind] = n
		return err
	})
	return s, err
}

// parseSyncDaemon reads the reply to GET_DAEMON.
func parseSyncDaemon(reply []byte) (SyncDaemon, error) {
	var d SyncDaemon
	body, err := nested(reply, attrDaemon)
	if err != nil {
		return d, err
	}
	err = attributes(body, func(kind uint16, v []byte) error {
		var n uint64
		var err error
		switch kind {
		case daemonState:
			n, err = number(v)
			d.Role = SyncDaemonRole(n)
		case daemonInterface:
			d.Interface = zeroTerminated(v)
		case daemonID:
			n, err = number(v)
			d.ID = uint32(n)
		case daemonMaxLen:
			n, err = number(v)
			d.MaxLen = uint16(n)
		case daemonGroup4:
			d.Group, err = address(afInet, v)
		case daemonGroup6:
			d.Group, err = address(afInet6, v)
		case daemonPort:
			n, err = number(v)
			d.Port = uint16(n)
		case daemonTTL:
			n, err = number(v)
			d.TTL = uint8(n)
		}
		return err
	})
	return d, err
}

// parseVersion reads the reply to GET_INFO.
func parseVersion(reply []byte) (Version, error) {
	v, err := nested(reply, infoVersion)
	if err != nil {
		return Version{}, err
	}
	n, err := number(v)
	return Version{Major: uint8(n >> 16), Minor: uint8(n >> 8), Patch: uint8(n)}, err
}
