package netif

import (
	"encoding/binary"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// ifaProto is IFA_PROTO (linux/if_addr.h, since 5.18).
const ifaProto = 11

// addressRequest is an RTM_NEWADDR or RTM_DELADDR message.
func addressRequest(typ int, a Address) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(typ, 0)
	ip := a.Prefix.Addr()
	msg := nl.NewIfAddrmsg(unix.AF_INET)
	if ip.Is6() {
		msg.Family = unix.AF_INET6
	}
	msg.Index = uint32(a.Index)
	msg.Prefixlen = uint8(a.Prefix.Bits())
	msg.Scope = a.Scope
	msg.Flags = uint8(a.Flags)
	req.AddData(msg)
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, ip.AsSlice()))
	return req
}

// AddAddress puts an address on its interface. One that is there already is a
// success: it is ours from then on.
//
// The message has no flag of creation and IFA_ADDRESS only for a peer, as
// keepalived's.
func (k *Kernel) AddAddress(a Address) error {
	req := addressRequest(unix.RTM_NEWADDR, a)
	if a.Peer.IsValid() {
		req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, a.Peer.AsSlice()))
	}
	if a.Broadcast.IsValid() {
		req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, a.Broadcast.AsSlice()))
	}
	if a.Label != "" {
		req.AddData(nl.NewRtAttr(unix.IFA_LABEL, nl.ZeroTerminated(a.Label)))
	}
	if a.Flags > 0xff {
		req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(a.Flags)))
	}
	if a.Lifetimes {
		// struct ifa_cacheinfo: preferred, valid and two time stamps.
		info := make([]byte, 16)
		binary.NativeEndian.PutUint32(info[0:], a.Preferred)
		binary.NativeEndian.PutUint32(info[4:], a.Valid)
		req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, info))
	}
	if proto := max(a.Proto, k.addressProto); proto != 0 {
		req.AddData(nl.NewRtAttr(ifaProto, []byte{proto}))
	}
	return ignore(k.conn.do(req), unix.EEXIST)
}

// DeleteAddress takes an address away, if it has the same prefix length and
// peer. One that is not there is a success, and so is a vanished interface.
func (k *Kernel) DeleteAddress(a Address) error {
	req := addressRequest(unix.RTM_DELADDR, a)
	// Without IFA_ADDRESS the kernel takes an IPv4 address of any prefix
	// length, and could remove one of the administrator's.
	far := a.Prefix.Addr()
	if a.Peer.IsValid() {
		far = a.Peer
	}
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, far.AsSlice()))
	return ignore(k.conn.do(req), unix.EADDRNOTAVAIL, unix.ENODEV)
}

// Addresses lists the addresses of all interfaces, of each in the kernel's
// order.
func (k *Kernel) Addresses() ([]Address, error) {
	var list []Address
	err := k.conn.dump(
		func() *nl.NetlinkRequest {
			req := nl.NewNetlinkRequest(unix.RTM_GETADDR, 0)
			req.AddData(nl.NewIfAddrmsg(unix.AF_UNSPEC))
			return req
		},
		func() { list = list[:0] },
		func(typ uint16, data []byte) {
			if a, ok := parseAddress(data); ok && typ == unix.RTM_NEWADDR {
				list = append(list, a)
			}
		})
	return list, err
}

// parseAddress reads the body of an RTM_NEWADDR or RTM_DELADDR message.
func parseAddress(data []byte) (Address, bool) {
	if len(data) < unix.SizeofIfAddrmsg {
		return Address{}, false
	}
	family, bits := data[0], int(data[1])
	a := Address{
		Flags: uint32(data[2]),
		Scope: data[3],
		Index: int(binary.NativeEndian.Uint32(data[4:8])),
	}
	var local, address netip.Addr
	for typ, value := range attributes(data[unix.SizeofIfAddrmsg:]) {
		switch typ {
		case unix.IFA_LOCAL:
			local = attrAddr(value)
		case unix.IFA_ADDRESS:
			address = attrAddr(value)
		case unix.IFA_BROADCAST:
			a.Broadcast = attrAddr(value)
		case unix.IFA_LABEL:
			a.Label = attrString(value)
		case unix.IFA_FLAGS:
			a.Flags = attrUint32(value)
		case unix.IFA_CACHEINFO:
			if len(value) >= 8 {
				a.Lifetimes = true
				a.Preferred = attrUint32(value)
				a.Valid = attrUint32(value[4:])
			}
			if len(value) >= 16 {
				a.Created = attrUint32(value[8:])
				a.Changed = attrUint32(value[12:])
			}
		case ifaProto:
			a.Proto = attrUint8(value)
		}
	}
	// IPv6 has IFA_LOCAL only beside a peer.
	switch {
	case !local.IsValid():
		local = address
	case address.IsValid() && address != local:
		a.Peer = address
	}
	wantFamily := uint8(unix.AF_INET)
	if local.Is6() {
		wantFamily = unix.AF_INET6
	}
	if !local.IsValid() || family != wantFamily || bits > local.BitLen() {
		return Address{}, false
	}
	a.Prefix = netip.PrefixFrom(local, bits)
	return a, true
}
