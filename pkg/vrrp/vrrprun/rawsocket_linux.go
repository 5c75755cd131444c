package vrrprun

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
	"unsafe"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// Numbers of RFC 5798 5.1 and 5.2.
const (
	hopLimit = 255
	// trafficClass is CS6, network control, as keepalived marks adverts.
	trafficClass = 0xc0
	// checksumOffset is where the checksum is in the VRRP header.
	checksumOffset = 6
)

// Socket options that golang.org/x/sys/unix lacks.
const (
	ipv6MulticastAll = 29 // IPV6_MULTICAST_ALL
)

// socketPair is the receiving and the sending raw socket of one SocketSpec.
type socketPair struct {
	id      vrrp.SocketID
	spec    vrrp.SocketSpec
	receive int
	send    int
	// pending are the adverts that leave at the next flush.
	pending []*vrrp.SendAdvert
	// drained is when nothing waited in receive, zero if that was never seen.
	drained time.Time
}

func openSocketPair(id vrrp.SocketID, spec vrrp.SocketSpec, receiveBuffer int) (*socketPair, error) {
	p := &socketPair{id: id, spec: spec, receive: -1, send: -1}
	var err error
	if p.send, err = openSender(spec); err == nil {
		p.receive, err = openReceiver(spec, receiveBuffer)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *socketPair) close() {
	for _, fd := range []int{p.receive, p.send} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// option is one setsockopt call with what it is for.
type option struct {
	what string
	set  func(fd int) error
}

func intOption(what string, level, name, value int) option {
	return option{what, func(fd int) error { return unix.SetsockoptInt(fd, level, name, value) }}
}

// openRaw opens a raw socket and applies the options in order.
func openRaw(spec vrrp.SocketSpec, options []option) (int, error) {
	family := unix.AF_INET
	if spec.Family == config.IPv6 {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(spec.Protocol))
	if err != nil {
		return -1, fmt.Errorf("open raw socket: %w", err)
	}
	for _, o := range options {
		if err := o.set(fd); err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("raw socket: %s: %w", o.what, err)
		}
	}
	return fd, nil
}

// device is what a socket is bound to with SO_BINDTODEVICE, "" for nothing.
func device(spec vrrp.SocketSpec) string {
	if spec.Interface != "" {
		return spec.Interface
	}
	return spec.VRF
}

func bindToDevice(spec vrrp.SocketSpec) []option {
	name := device(spec)
	if name == "" {
		return nil
	}
	return []option{{"bind to device " + name, func(fd int) error {
		return unix.SetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, name)
	}}}
}

func bindTo(spec vrrp.SocketSpec, ip netip.Addr) option {
	return option{"bind to " + ip.String(), func(fd int) error {
		if ip.Is4() {
			return unix.Bind(fd, &unix.SockaddrInet4{Addr: ip.As4()})
		}
		sa := &unix.SockaddrInet6{Addr: ip.As16()}
		if ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() {
			sa.ZoneId = uint32(spec.Index)
		}
		return unix.Bind(fd, sa)
	}}
}

// defaultReceiveBuffer holds some thousand adverts. The kernel's own default
// has room for two hundred: what 250 instances send in 10 ms, or a flood of
// 50,000 packets a second in 4 ms. Nothing of it is used until it is needed.
const defaultReceiveBuffer = 4 << 20

// openReceiver opens the socket that hears adverts: those to the group it
// joins, or those to the local unicast address, and nothing else.
func openReceiver(spec vrrp.SocketSpec, receiveBuffer int) (int, error) {
	options := []option{receiveBufferOption(cmp.Or(receiveBuffer, defaultReceiveBuffer))}
	options = append(options, bindToDevice(spec)...)
	options = append(options, optional(intOption("time stamps", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)))
	if spec.Family == config.IPv6 {
		options = append(options,
			intOption("checksum", unix.IPPROTO_IPV6, unix.IPV6_CHECKSUM, checksumOffset),
			intOption("receive packet info", unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1),
			intOption("receive hop limit", unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1),
			// Without it a socket bound to a unicast address hears every
			// group too. Kernels before 4.20 do not know it; the engine
			// looks at the destination.
			optional(intOption("multicast all off", unix.IPPROTO_IPV6, ipv6MulticastAll, 0)))
	}
	switch {
	case !spec.Multicast() && spec.Family == config.IPv6:
		options = append(options,
			intOption("freebind", unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1),
			bindTo(spec, spec.Local))
	case !spec.Multicast():
		options = append(options,
			intOption("freebind", unix.IPPROTO_IP, unix.IP_FREEBIND, 1),
			bindTo(spec, spec.Local))
	case spec.Family == config.IPv6:
		options = append(options,
			option{"join group", func(fd int) error {
				return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP,
					&unix.IPv6Mreq{Multiaddr: spec.Group.As16(), Interface: uint32(spec.Index)})
			}},
			bindTo(spec, spec.Group))
	default:
		options = append(options,
			intOption("multicast all off", unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0),
			option{"join group", func(fd int) error {
				return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP,
					&unix.IPMreqn{Multiaddr: spec.Group.As4(), Ifindex: int32(spec.Index)})
			}},
			bindTo(spec, spec.Group))
	}
	return openRaw(spec, options)
}

// optional is an option that an old kernel may refuse.
func optional(o option) option {
	return option{o.what, func(fd int) error {
		err := o.set(fd)
		if err == unix.ENOPROTOOPT {
			return nil
		}
		return err
	}}
}

// receiveBufferOption sets SO_RCVBUF, beyond the system's limit if we may.
func receiveBufferOption(size int) option {
	return option{"receive buffer", func(fd int) error {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) == nil {
			return nil
		}
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
	}}
}

// openSender opens the socket that adverts leave through. It is deaf.
func openSender(spec vrrp.SocketSpec) (int, error) {
	dropAll := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	options := []option{
		{"drop what arrives", func(fd int) error {
			return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
				&unix.SockFprog{Len: 1, Filter: unsafe.SliceData(dropAll)})
		}},
		intOption("receive buffer", unix.SOL_SOCKET, unix.SO_RCVBUF, 0),
	}
	options = append(options, bindToDevice(spec)...)
	if spec.Family == config.IPv6 {
		options = append(options,
			intOption("checksum", unix.IPPROTO_IPV6, unix.IPV6_CHECKSUM, checksumOffset),
			intOption("traffic class", unix.IPPROTO_IPV6, unix.IPV6_TCLASS, trafficClass),
			// The source is set for each packet, and need not exist.
			intOption("freebind", unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1))
		if spec.Multicast() {
			options = append(options,
				intOption("multicast hops", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, hopLimit),
				intOption("multicast loop off", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 0),
				intOption("multicast interface", unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, spec.Index))
		}
		return openRaw(spec, options)
	}
	options = append(options,
		intOption("own IP header", unix.IPPROTO_IP, unix.IP_HDRINCL, 1),
		intOption("type of service", unix.IPPROTO_IP, unix.IP_TOS, trafficClass))
	if spec.Multicast() {
		options = append(options,
			intOption("multicast loop off", unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0),
			option{"multicast interface", func(fd int) error {
				return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF,
					&unix.IPMreqn{Ifindex: int32(spec.Index)})
			}})
	}
	return openRaw(spec, options)
}

// addAdvert puts an advert into the sender as the sockets above expect it.
func addAdvert(s *mmsg.Sender, a *vrrp.SendAdvert) {
	if a.Destination.Is4() {
		// struct sockaddr_in
		var name [unix.SizeofSockaddrInet4]byte
		binary.NativeEndian.PutUint16(name[0:], unix.AF_INET)
		ip := a.Destination.As4()
		copy(name[4:], ip[:])
		s.Add(a.Data, name[:], nil)
		return
	}
	// struct sockaddr_in6
	var name [unix.SizeofSockaddrInet6]byte
	binary.NativeEndian.PutUint16(name[0:], unix.AF_INET6)
	ip := a.Destination.As16()
	copy(name[8:], ip[:])
	if a.Destination.IsLinkLocalUnicast() || a.Destination.IsLinkLocalMulticast() {
		binary.NativeEndian.PutUint32(name[24:], uint32(a.Index))
	}
	var control [mmsg.ControlSize]byte
	n := 0
	if a.Source.IsValid() {
		// struct in6_pktinfo
		var info [20]byte
		source := a.Source.As16()
		copy(info[:], source[:])
		binary.NativeEndian.PutUint32(info[16:], uint32(a.Index))
		n += putControl(control[n:], unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, info[:])
	}
	if a.HopLimit >= 0 {
		var hops [4]byte
		binary.NativeEndian.PutUint32(hops[:], uint32(a.HopLimit))
		n += putControl(control[n:], unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, hops[:])
	}
	s.Add(a.Data, name[:], control[:n])
}

// putControl writes one control message and returns the room it takes.
func putControl(b []byte, level, typ int32, data []byte) int {
	h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
	h.Level, h.Type = level, typ
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return unix.CmsgSpace(len(data))
}
