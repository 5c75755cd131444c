package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Who sent a packet, by the last octet of its source.
const (
	master = 1
	backup = 2
)

// capture reads the adverts and gratuitous ARPs on an interface.
type capture struct {
	fd int
	// last is when the master's last advert was seen.
	last time.Time
}

// patience is how long a packet may be waited for.
const patience = 15 * time.Second

func openCapture(namespace, dev string) (*capture, error) {
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		return nil, err
	}
	defer home.Close()
	inside, err := netns.GetFromName(namespace)
	if err != nil {
		return nil, err
	}
	defer inside.Close()
	if err := netns.Set(inside); err != nil {
		return nil, err
	}
	fd, err := openPacketSocket(dev)
	if backErr := netns.Set(home); backErr != nil {
		return nil, backErr // the thread stays locked: it cannot be used again
	}
	runtime.UnlockOSThread()
	return &capture{fd: fd}, err
}

func openPacketSocket(dev string) (int, error) {
	i, err := net.InterfaceByName(dev)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	for _, err := range []error{
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: int64(patience / time.Second)}),
		unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
			&unix.PacketMreq{Ifindex: int32(i.Index), Type: unix.PACKET_MR_PROMISC}),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index}),
	} {
		if err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

func (c *capture) close() { unix.Close(c.fd) }

// packet is an advert of a node, or a gratuitous ARP.
type packet struct {
	at   time.Time
	from int
	arp  bool
}

// next reads the next packet of interest.
func (c *capture) next() (packet, error) {
	buf, oob := make([]byte, 2048), make([]byte, 128)
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		n, oobn, _, _, err := unix.Recvmsg(c.fd, buf, oob, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return packet{}, err
		}
		p := packet{at: stamp(oob[:oobn])}
		switch b := buf[:n]; {
		case n >= 34 && binary.BigEndian.Uint16(b[12:]) == unix.ETH_P_IP && b[23] == 112:
			p.from = int(b[29])
			return p, nil
		case n >= 42 && binary.BigEndian.Uint16(b[12:]) == unix.ETH_P_ARP && bytes.Equal(b[28:32], b[38:42]):
			p.arp = true
			return p, nil
		}
	}
	return packet{}, fmt.Errorf("nothing captured for %v", patience)
}

func stamp(oob []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err == nil {
		for _, m := range messages {
			if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
				return time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
			}
		}
	}
	return time.Now()
}

// quiet waits for n adverts of a node with none of the other between them.
func (c *capture) quiet(node, n int) error {
	deadline := time.Now().Add(3 * patience)
	for row := 0; row < n; {
		p, err := c.next()
		if err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("node %d did not become the only master", node)
		}
		switch {
		case p.arp:
		case p.from == node:
			row++
			c.last = p.at
		default:
			row = 0
		}
	}
	return nil
}

// takeover returns the time from the master's last advert to the first of the
// backup, and to its n-th gratuitous ARP.
func (c *capture) takeover(n int) (advert, arp time.Duration, err error) {
	for {
		p, err := c.next()
		if err != nil {
			return 0, 0, err
		}
		switch {
		case !p.arp && p.from == master:
			if advert == 0 {
				c.last = p.at
			}
		case !p.arp:
			if advert == 0 {
				advert = p.at.Sub(c.last)
			}
		case advert != 0:
			if n--; n == 0 {
				return advert, p.at.Sub(c.last), nil
			}
		}
	}
}
