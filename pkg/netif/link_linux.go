package netif

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// IPVLAN attributes (linux/if_link.h).
const (
	iflaIPVLANMode  = 1
	iflaIPVLANFlags = 2
)

// rtextFilterSkipStats is RTEXT_FILTER_SKIP_STATS (linux/rtnetlink.h).
const rtextFilterSkipStats = 1 << 3

// Links lists all interfaces.
func (k *Kernel) Links() ([]Link, error) {
	var list []Link
	err := k.conn.dump(
		func() *nl.NetlinkRequest {
			req := nl.NewNetlinkRequest(unix.RTM_GETLINK, 0)
			req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
			// Statistics of virtual functions can make a message longer
			// than any buffer; nothing here needs them.
			req.AddData(nl.NewRtAttr(unix.IFLA_EXT_MASK, nl.Uint32Attr(rtextFilterSkipStats)))
			return req
		},
		func() { list = list[:0] },
		func(typ uint16, data []byte) {
			if l, ok := parseLink(data); ok && typ == unix.RTM_NEWLINK {
				list = append(list, l)
			}
		})
	return list, err
}

// AnnounceLink makes the kernel send an RTM_NEWLINK message about an interface
// that is up: to set its group, even to what it is, is a change that counts.
func (k *Kernel) AnnounceLink(l *Link) error {
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, 0)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index = int32(l.Index)
	req.AddData(msg)
	req.AddData(nl.NewRtAttr(unix.IFLA_GROUP, nl.Uint32Attr(l.Group)))
	if err := k.conn.do(req); err != nil {
		return fmt.Errorf("announce interface %s: %w", l.Name, err)
	}
	return nil
}

// parseLink reads the body of an RTM_NEWLINK or RTM_DELLINK message. Messages
// about bridge ports, which have the same types, are refused.
func parseLink(data []byte) (Link, bool) {
	if len(data) < unix.SizeofIfInfomsg || data[0] != unix.AF_UNSPEC {
		return Link{}, false
	}
	l := Link{
		Type:  binary.NativeEndian.Uint16(data[2:4]),
		Index: int(int32(binary.NativeEndian.Uint32(data[4:8]))),
		Flags: binary.NativeEndian.Uint32(data[8:12]),
	}
	foreign := false
	for typ, value := range attributes(data[unix.SizeofIfInfomsg:]) {
		switch typ {
		case unix.IFLA_IFNAME:
			l.Name = attrString(value)
		case unix.IFLA_MTU:
			l.MTU = int(attrUint32(value))
		case unix.IFLA_ADDRESS:
			l.MAC = bytes.Clone(value)
		case unix.IFLA_BROADCAST:
			l.Broadcast = bytes.Clone(value)
		case unix.IFLA_LINK:
			l.Parent = int(attrUint32(value))
		case unix.IFLA_LINK_NETNSID:
			foreign = true
		case unix.IFLA_MASTER:
			l.Master = int(attrUint32(value))
		case unix.IFLA_GROUP:
			l.Group = attrUint32(value)
		case unix.IFLA_LINKINFO:
			l.parseInfo(value)
		}
	}
	if foreign {
		l.Parent = 0
	}
	return l, l.Index > 0 && l.Name != ""
}

// parseInfo reads IFLA_LINKINFO: the kind, then what belongs to that kind.
func (l *Link) parseInfo(info []byte) {
	var kindData []byte
	for typ, value := range attributes(info) {
		switch typ {
		case unix.IFLA_INFO_KIND:
			l.Kind = attrString(value)
		case unix.IFLA_INFO_DATA:
			kindData = value
		}
	}
	for typ, value := range attributes(kindData) {
		switch {
		case l.Kind == KindMACVLAN && typ == nl.IFLA_MACVLAN_MODE:
			l.Mode = attrUint32(value)
		case l.Kind == KindIPVLAN && typ == iflaIPVLANMode:
			l.Mode = uint32(attrUint16(value))
		case l.Kind == KindIPVLAN && typ == iflaIPVLANFlags:
			l.IPVLANFlags = attrUint16(value)
		case l.Kind == KindVRF && typ == nl.IFLA_VRF_TABLE:
			l.VRFTable = attrUint32(value)
		}
	}
}
