package netif

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

// Numbers of linux/mii.h and linux/ethtool.h.
const (
	miiStatusRegister = 1
	miiLinkStatus     = 0x0004
	ethtoolGetLink    = 0x0000000a
)

// LinkProbe asks interfaces for their link, for drivers that do not announce
// it. It may be used on another thread than the one that opened it.
type LinkProbe struct{ fd int }

// OpenLinkProbe opens the socket in the namespace of the calling thread.
func OpenLinkProbe() (*LinkProbe, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open socket for link status: %w", err)
	}
	return &LinkProbe{fd}, nil
}

// Close closes the socket.
func (p *LinkProbe) Close() { unix.Close(p.fd) }

// probes are the ways to ask, in the order in which they are tried.
var probes = []struct {
	method config.LinkbeatMethod
	ask    func(*LinkProbe, string) (bool, error)
}{
	{config.LinkbeatMII, (*LinkProbe).mii},
	{config.LinkbeatETHTOOL, (*LinkProbe).ethtool},
	{config.LinkbeatIOCTL, (*LinkProbe).flags},
}

// Up asks an interface with the given method, or if the driver lacks it with
// the first that works: MII, ETHTOOL, IOCTL. It returns the method that did.
func (p *LinkProbe) Up(name string, method config.LinkbeatMethod) (up bool, used config.LinkbeatMethod, err error) {
	for _, probe := range probes {
		if probe.method == method {
			if up, err = probe.ask(p, name); err == nil {
				return up, method, nil
			}
		}
	}
	for _, probe := range probes {
		if up, err = probe.ask(p, name); err == nil {
			return up, probe.method, nil
		}
	}
	return false, method, fmt.Errorf("link status of %s: %w", name, err)
}

// ifreq is struct ifreq: the name, then 24 bytes that mean different things.
type ifreq struct {
	name [ifNameSize]byte
	data [24]byte
}

func (p *LinkProbe) ioctl(number uint, name string, r *ifreq) error {
	if len(name) >= ifNameSize {
		return unix.ENODEV
	}
	copy(r.name[:], name)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.fd), uintptr(number), uintptr(unsafe.Pointer(r))); errno != 0 {
		return errno
	}
	return nil
}

// mii reads the link bit of the PHY's status register.
func (p *LinkProbe) mii(name string) (bool, error) {
	var r ifreq
	if err := p.ioctl(unix.SIOCGMIIPHY, name, &r); err != nil {
		return false, err
	}
	// struct mii_ioctl_data: phy_id, reg_num, val_in, val_out
	binary.NativeEndian.PutUint16(r.data[2:], miiStatusRegister)
	if err := p.ioctl(unix.SIOCGMIIREG, name, &r); err != nil {
		return false, err
	}
	return binary.NativeEndian.Uint16(r.data[6:])&miiLinkStatus != 0, nil
}

// ethtool asks with ETHTOOL_GLINK.
func (p *LinkProbe) ethtool(name string) (bool, error) {
	value := &struct{ command, data uint32 }{command: ethtoolGetLink}
	r := struct {
		name  [ifNameSize]byte
		value unsafe.Pointer
		_     [16]byte
	}{value: unsafe.Pointer(value)}
	if len(name) >= ifNameSize {
		return false, unix.ENODEV
	}
	copy(r.name[:], name)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&r))); errno != 0 {
		return false, errno
	}
	return value.data != 0, nil
}

// flags looks at IFF_RUNNING.
func (p *LinkProbe) flags(name string) (bool, error) {
	var r ifreq
	if err := p.ioctl(unix.SIOCGIFFLAGS, name, &r); err != nil {
		return false, err
	}
	return uint32(binary.NativeEndian.Uint16(r.data[:]))&flagRunning != 0, nil
}
