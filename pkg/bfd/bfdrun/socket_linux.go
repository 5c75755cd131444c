package bfdrun

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"unsafe"

	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

// option is one integer socket option.
type option struct {
	what               string
	level, name, value int
}

func openUDP(family int, options []option) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_UDP)
	if err != nil {
		return -1, fmt.Errorf("open socket: %w", err)
	}
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("%s: %w", o.what, err)
		}
	}
	return fd, nil
}

// openListener opens a receiving socket on the wildcard address that tells
// destination and TTL of every packet.
func openListener(l bfd.Listener) (int, error) {
	family, sa := unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{Port: int(l.Port())})
	options := []option{
		{"receive TTL", unix.IPPROTO_IP, unix.IP_RECVTTL, 1},
		{"receive packet info", unix.IPPROTO_IP, unix.IP_PKTINFO, 1},
	}
	if l.Family == config.IPv6 {
		family, sa = unix.AF_INET6, &unix.SockaddrInet6{Port: int(l.Port())}
		options = []option{
			{"IPv6 only", unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1},
			{"receive hop limit", unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1},
			{"receive packet info", unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1},
		}
	}
	fd, err := openUDP(family, options)
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, sa); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("bind: %w", err)
	}
	return fd, nil
}

// sender is the sending socket of a session.
type sender struct {
	fd int
	// name is the raw socket address that packets go to.
	name    [unix.SizeofSockaddrInet6]byte
	nameLen int
}

// openSender opens a socket that hears nothing and sends from a port that the
// standard allows.
func openSender(a bfd.OpenSocket, random *rand.Rand) (*sender, error) {
	family, ttl := unix.AF_INET, option{"TTL", unix.IPPROTO_IP, unix.IP_TTL, int(a.TTL)}
	if a.Remote.Addr().Is6() {
		family, ttl = unix.AF_INET6, option{"hop limit", unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, int(a.TTL)}
	}
	fd, err := openUDP(family, []option{ttl})
	if err != nil {
		return nil, err
	}
	dropAll := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: 1, Filter: unsafe.SliceData(dropAll)}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("drop what arrives: %w", err)
	}
	if err := bindToPort(fd, a, random); err != nil {
		unix.Close(fd)
		return nil, err
	}
	s := &sender{fd: fd}
	s.setName(a.Remote)
	return s, nil
}

// Source ports of RFC 5881 4.
const (
	firstPort = 49152
	lastPort  = 65535
)

// portAttempts is how many ports are tried before we give up.
const portAttempts = 64

// bindToPort binds to the source address and a random free port.
func bindToPort(fd int, a bfd.OpenSocket, random *rand.Rand) error {
	first, last := sourcePorts()
	for range portAttempts {
		port := first + random.IntN(last-first+1)
		var sa unix.Sockaddr
		if a.Remote.Addr().Is6() {
			v6 := &unix.SockaddrInet6{Port: port}
			if a.Local.IsValid() {
				v6.Addr = a.Local.As16()
			}
			sa = v6
		} else {
			v4 := &unix.SockaddrInet4{Port: port}
			if a.Local.IsValid() {
				v4.Addr = a.Local.As4()
			}
			sa = v4
		}
		err := unix.Bind(fd, sa)
		if err == nil || !errors.Is(err, unix.EADDRINUSE) {
			return err
		}
	}
	return fmt.Errorf("no free port in %d-%d: %w", first, last, unix.EADDRINUSE)
}

// sourcePorts are the ports of the standard that the kernel's range for
// clients has too: others may belong to servers. If there is none, those of
// the standard.
func sourcePorts() (first, last int) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return firstPort, lastPort
	}
	var low, high int
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil || max(low, firstPort) > min(high, lastPort) {
		return firstPort, lastPort
	}
	return max(low, firstPort), min(high, lastPort)
}

func (s *sender) setName(to netip.AddrPort) {
	if to.Addr().Is4() {
		// struct sockaddr_in
		s.nameLen = unix.SizeofSockaddrInet4
		binary.NativeEndian.PutUint16(s.name[0:], unix.AF_INET)
		ip := to.Addr().As4()
		copy(s.name[4:], ip[:])
	} else {
		// struct sockaddr_in6
		s.nameLen = unix.SizeofSockaddrInet6
		binary.NativeEndian.PutUint16(s.name[0:], unix.AF_INET6)
		ip := to.Addr().As16()
		copy(s.name[8:], ip[:])
	}
	binary.BigEndian.PutUint16(s.name[2:], to.Port())
}

// fill takes addresses and TTL of a datagram from its name and its control
// messages.
func fill(p *bfd.Packet, name, control []byte) {
	if len(name) >= 4 {
		p.SourcePort = binary.BigEndian.Uint16(name[2:])
	}
	switch {
	case len(name) >= unix.SizeofSockaddrInet6:
		p.Source = netip.AddrFrom16([16]byte(name[8:24]))
	case len(name) >= 8:
		p.Source = netip.AddrFrom4([4]byte(name[4:8]))
	}
	for b := control; len(b) >= unix.SizeofCmsghdr; {
		h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(b) {
			return
		}
		data := b[unix.CmsgLen(0):size]
		switch {
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_TTL && len(data) >= 4,
			h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_HOPLIMIT && len(data) >= 4:
			p.TTL = int(int32(binary.NativeEndian.Uint32(data)))
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= 12:
			p.Destination = netip.AddrFrom4([4]byte(data[8:12]))
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= 20:
			p.Destination = netip.AddrFrom16([16]byte(data[:16]))
		}
		b = b[min(unix.CmsgSpace(len(data)), len(b)):]
	}
}
