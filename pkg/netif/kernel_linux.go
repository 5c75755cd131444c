package netif

import (
	"errors"

	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"golang.org/x/sys/unix"
)

// Kernel makes requests on the route socket of one network namespace.
type Kernel struct {
	conn *conn
	// addressProto is IFA_PROTO for what we add: the number that
	// rt_addrprotos calls "keepalived", 0 for none.
	addressProto uint8
}

// KernelOptions are the settings of the request socket.
type KernelOptions struct {
	// ReceiveBuffer is in bytes, 0 for the kernel's default
	// (vrrp_netlink_cmd_rcv_bufs); Force may exceed net.core.rmem_max.
	ReceiveBuffer int
	Force         bool
	// Names say what number addresses are marked with: that of "keepalived"
	// in rt_addrprotos, none if there is no such name.
	Names Names
}

// Open opens the request socket in the namespace of the calling thread.
func Open(opt KernelOptions) (*Kernel, error) {
	c, err := openConn(unix.NETLINK_ROUTE, opt.ReceiveBuffer, opt.Force)
	if err != nil {
		return nil, err
	}
	proto, _ := opt.Names.Number(iproute.AddressProtocols, "keepalived")
	return &Kernel{conn: c, addressProto: uint8(proto)}, nil
}

// Close closes the request socket.
func (k *Kernel) Close() { k.conn.close() }

// Errno is the system's number in err, 0 if there is none.
func Errno(err error) unix.Errno {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return 0
}

// ignore returns nil for the given error numbers.
func ignore(err error, numbers ...unix.Errno) error {
	for _, n := range numbers {
		if errors.Is(err, n) {
			return nil
		}
	}
	return err
}
