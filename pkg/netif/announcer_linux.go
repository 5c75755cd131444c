package netif

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/netif/mmsg"
	"golang.org/x/sys/unix"
)

// allNodesMAC is where ff02::1 goes on Ethernet (RFC 2464 7).
var allNodesMAC = []byte{0x33, 0x33, 0, 0, 0, 1}

// forwardingAge is how long a reading of the forwarding sysctl is good for.
const forwardingAge = 5 * time.Second

// Announcer sends gratuitous ARP requests and unsolicited neighbour
// advertisements on any interface of its namespace, through one packet
// socket. The kernel puts the link-layer header in front. Packets are built
// once per address and kept.
type Announcer struct {
	fd      int
	batch   *mmsg.Sender
	sysctls *Sysctls
	kept    map[announcement]*builtAnnouncement
	router  map[int]forwarding
}

type announcement struct {
	index int
	ip    netip.Addr
}

type builtAnnouncement struct {
	payload []byte
	mac     []byte
	name    []byte // struct sockaddr_ll
	router  bool
}

type forwarding struct {
	on   bool
	read time.Time
}

// OpenAnnouncer opens the packet socket. It receives nothing.
func OpenAnnouncer(sysctls *Sysctls) (*Announcer, error) {
	// Protocol 0: no packet is ever queued to the socket.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open packet socket: %w", err)
	}
	return &Announcer{
		fd:      fd,
		batch:   mmsg.NewSender(64),
		sysctls: sysctls,
		kept:    map[announcement]*builtAnnouncement{},
		router:  map[int]forwarding{},
	}, nil
}

// Close closes the socket.
func (a *Announcer) Close() { unix.Close(a.fd) }

// Forget drops what was kept for an interface. Call it when the interface has
// changed or is gone.
func (a *Announcer) Forget(index int) {
	for key := range a.kept {
		if key.index == index {
			delete(a.kept, key)
		}
	}
	delete(a.router, index)
}

// Add puts one announcement of ip on link into the next Flush: a gratuitous
// ARP for IPv4, a neighbour advertisement for IPv6. Interfaces without ARP
// get none. A full batch is sent at once; its error is returned then.
func (a *Announcer) Add(now time.Time, link *Link, ip netip.Addr) error {
	if link.NoARP() || link.Loopback() || len(link.MAC) == 0 {
		return nil
	}
	router := false
	if ip.Is6() {
		router = a.forwards(now, link)
	}
	key := announcement{link.Index, ip}
	built := a.kept[key]
	if built == nil || built.router != router || !bytes.Equal(built.mac, link.MAC) {
		var err error
		if built, err = buildAnnouncement(link, ip, router); err != nil {
			return err
		}
		a.kept[key] = built
	}
	var err error
	if a.batch.Full() {
		err = a.Flush()
	}
	a.batch.Add(built.payload, built.name, nil)
	return err
}

// Flush sends what was added, in order, and returns the first error. The rest
// is sent all the same.
func (a *Announcer) Flush() error {
	if a.batch.Len() == 0 {
		return nil
	}
	var first error
	a.batch.Send(a.fd, unix.MSG_DONTWAIT, func(i int, errno unix.Errno) {
		if first == nil {
			first = errno
		}
	})
	return first
}

func buildAnnouncement(link *Link, ip netip.Addr, router bool) (*builtAnnouncement, error) {
	b := &builtAnnouncement{mac: bytes.Clone(link.MAC), router: router}
	protocol, to := uint16(unix.ETH_P_ARP), link.Broadcast
	if ip.Is6() {
		protocol, to = unix.ETH_P_IPV6, allNodesAddress(link)
		b.payload = unsolicitedNA(link.MAC, ip, router)
	} else {
		var err error
		if b.payload, err = gratuitousARP(link.MAC, ip); err != nil {
			return nil, err
		}
	}
	b.name = linkLayerName(protocol, link.Index, to)
	return b, nil
}

// allNodesAddress is the link-layer address of ff02::1.
func allNodesAddress(link *Link) []byte {
	if len(link.MAC) != infinibandAddress || len(link.Broadcast) != infinibandAddress {
		return allNodesMAC
	}
	// The broadcast GID with the IPv6 signature and the group's low bits.
	to := bytes.Clone(link.Broadcast)
	to[6], to[7] = 0x60, 0x1b
	group := allNodes.As16()
	copy(to[10:], group[6:])
	return to
}

// linkLayerName is a struct sockaddr_ll, longer than usual for addresses of
// more than 8 bytes, which the kernel takes (packet(7)).
func linkLayerName(protocol uint16, index int, to []byte) []byte {
	name := make([]byte, 12, 12+max(8, len(to)))
	binary.NativeEndian.PutUint16(name[0:], unix.AF_PACKET)
	binary.NativeEndian.PutUint16(name[2:], hostOrder(protocol))
	binary.NativeEndian.PutUint32(name[4:], uint32(index))
	name[11] = byte(len(to))
	name = append(name, to...)
	for len(name) < unix.SizeofSockaddrLinklayer {
		name = append(name, 0)
	}
	return name
}

// forwards reads the interface's IPv6 forwarding sysctl, at most every five
// seconds.
func (a *Announcer) forwards(now time.Time, link *Link) bool {
	f, ok := a.router[link.Index]
	if ok && now.Sub(f.read) < forwardingAge {
		return f.on
	}
	value, err := a.sysctls.Read("ipv6/conf/" + link.Name + "/forwarding")
	n, _ := strconv.Atoi(value)
	f = forwarding{on: err == nil && n != 0, read: now}
	a.router[link.Index] = f
	return f.on
}

// hostOrder is a number of the wire as the kernel's structures hold it.
func hostOrder(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}
