package confparse

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var vmacRows = specRows{
	{Keyword: "<IFNAME>", Meta: Meta{Range: "1-15 characters, no / : or blank, not . or ..", Default: "generated", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Name of the macvlan interface."}},
	{Keyword: "name", Meta: Meta{Args: "<IFNAME>", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Same, for a name such as group."}},
	{Keyword: "<MAC>", Meta: Meta{Range: "5 or 6 octets, unicast, not a VRRP MAC", Default: "00:00:5e:00:01|02:VRID", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "MAC address; with 5 octets the VRID is the last one."}},
	{Keyword: "netlink_notify_msg", Meta: Meta{Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Force a netlink message for the base interface when the macvlan has been made or removed: the kernel sends none about a base that cannot filter addresses, such as a bridge."}},
	{Keyword: "group", Meta: Meta{Args: "<GROUP>", Range: "0-2147483647 or name", Default: "group of the parent", Process: ProcVRRP, Doc: "Link group of the interface."}},
}

// readVMAC reads use_vmac. A bad word is ignored and the macvlan is made all
// the same.
func readVMAC(d *decoder, v *instanceDraft, s *Line) bool {
	if v.VMAC == nil {
		v.VMAC = &config.VMAC{}
		v.VMAC.Head = s.Range()
		v.VMAC.Range = v.VMAC.Head
	}
	m := v.VMAC
	if len(s.Words) > 1 {
		if _, boolean := parseBool(s.Words[1].Text); boolean {
			d.own(s.Words[1], codeOwnDropped, "'"+s.Words[1].Text+"' is the name of the macvlan", "use_vmac is on", "write use_vmac alone, or remove the line")
		}
	}
	for i := 1; i < len(s.Words); i++ {
		w := s.Words[i]
		switch {
		case w.Text == "netlink_notify_msg":
			m.NetlinkMsg = true
		case w.Text == "name" || w.Text == "group":
			i++
			if i == len(s.Words) {
				d.missingAt(s, i+1, "")
				return true
			}
			if w.Text == "name" {
				v.linkName(d, s.Words[i], &m.Name, "VMAC")
			} else if g, ok := d.linkGroup(s.Words[i]); ok {
				m.InterfaceGrp = &g
			}
		case strings.Contains(w.Text, ":"):
			readMAC(d, m, w)
		default:
			v.linkName(d, w, &m.Name, "VMAC")
		}
	}
	return true
}

// linkName takes the name of a macvlan or ipvlan interface.
func (v *instanceDraft) linkName(d *decoder, w Word, name *string, kind string) {
	switch {
	case *name != "":
		d.complain(w, codeDuplicate, kind+" interface name already specified", "'"+w.Text+"' is ignored", "")
	case len(w.Text) > maxInterfaceName:
		d.complain(w, codeBadValue, kind+" name '"+w.Text+"' too long or invalid characters - ignoring", "a name is generated", "an interface name has at most 15 bytes")
	case w.Text == "" || w.Text == "." || w.Text == ".." || strings.ContainsAny(w.Text, "/: \t"):
		d.complain(w, codeBadValue, kind+" name '"+w.Text+"' too long or invalid characters - ignoring", "a name is generated", "")
	default:
		if o, used := d.names.links[w.Text]; used && o != v {
			d.complain(w, codeDuplicate, "("+v.Name+") "+kind+" interface name '"+w.Text+"' already used by "+o.Name+" - ignoring", "a name is generated", "")
			return
		}
		d.names.links[w.Text] = v
		*name = w.Text
	}
}

func readMAC(d *decoder, m *config.VMAC, w Word) {
	if m.MAC != nil {
		d.complain(w, codeDuplicate, "VMAC MAC address already specified", "'"+w.Text+"' is ignored", "")
		return
	}
	var mac []byte
	for _, octet := range strings.Split(w.Text, ":") {
		b, err := strconv.ParseUint(octet, 16, 8)
		if err != nil || len(octet) > 2 {
			mac = nil
			break
		}
		mac = append(mac, byte(b))
	}
	switch {
	case len(mac) != 5 && len(mac) != 6:
		d.complain(w, codeBadValue, "VMAC invalid MAC address "+w.Text+" - ignored", "the virtual router MAC is used", "5 or 6 octets are wanted")
	case mac[0]&1 != 0:
		d.complain(w, codeBadValue, "VMAC MAC address is multicast "+w.Text+" - ignoring", "the virtual router MAC is used", "")
	case strings.HasPrefix(hex.EncodeToString(mac), "00005e0001"), strings.HasPrefix(hex.EncodeToString(mac), "00005e0002"):
		d.complain(w, codeBadValue, "VMAC MAC address "+w.Text+" is a VRRP address - ignoring", "the virtual router MAC is used", "")
	default:
		m.MAC = mac
	}
}

// linkGroup reads a link group by number; names are known to the machine
// only, and default is 0 everywhere.
func (d *decoder) linkGroup(w Word) (uint32, bool) {
	if w.Text == "default" {
		return 0, true
	}
	n, problem := d.readInteger(w, within(0, 1<<31-1))
	if problem != "" {
		d.complain(w, codeBadValue, "Invalid interface group '"+w.Text+"' - ignoring", problem, "")
		return 0, false
	}
	return uint32(n), true
}

var ipvlanRows = specRows{
	{Keyword: "<IFNAME>", Meta: Meta{Range: "1-15 characters", Default: "generated", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Name of the ipvlan interface."}},
	{Keyword: "name", Meta: Meta{Args: "<IFNAME>", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Same, for a name such as bridge."}},
	{Keyword: "<IP>", Meta: Meta{Range: "family of the instance", Default: "IPv6: link local", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Address of the ipvlan, and source address of adverts."}},
	{Keyword: "bridge", Meta: Meta{Default: "bridge", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Neighbours on the same base interface can talk."}},
	{Keyword: "private", Meta: Meta{Repeat: RepeatFirst, Process: ProcVRRP, Doc: "They cannot."}},
	{Keyword: "vepa", Meta: Meta{Repeat: RepeatFirst, Process: ProcVRRP, Doc: "They can through the switch."}},
	{Keyword: "group", Meta: Meta{Args: "<GROUP>", Range: "0-2147483647 or name", Default: "group of the parent", Process: ProcVRRP, Doc: "Link group of the interface."}},
}

func readIPVLAN(d *decoder, v *instanceDraft, s *Line) bool {
	if v.IPVLAN != nil {
		return d.duplicate(s.Words[0], "("+v.Name+") use_ipvlan already specified - ignoring")
	}
	l := &config.IPVLAN{}
	l.Head = s.Range()
	l.Range = l.Head
	v.IPVLAN = l
	mode := false
	for i := 1; i < len(s.Words); i++ {
		w := s.Words[i]
		switch w.Text {
		case "bridge", "private", "vepa":
			if mode {
				d.complain(w, codeDuplicate, "("+v.Name+") ipvlan flag already specified - ignoring "+w.Text, "the first one is used", "")
				continue
			}
			mode = true
			l.Mode = map[string]config.IPVLANMode{"bridge": config.IPVLANBridge, "private": config.IPVLANPrivate, "vepa": config.IPVLANVEPA}[w.Text]
			continue
		case "name", "group":
			i++
			if i == len(s.Words) {
				d.missingAt(s, i+1, "")
				return true
			}
			if w.Text == "name" {
				v.linkName(d, s.Words[i], &l.Name, "ipvlan")
			} else if g, ok := d.linkGroup(s.Words[i]); ok {
				l.InterfaceGrp = &g
			}
			continue
		}
		if p, ok := parsePrefix(w.Text); ok {
			if !v.fits(p.Addr()) {
				d.complain(w, codeBadValue, "("+v.Name+") ipvlan address "+w.Text+" does not match the family of the instance - ignoring", "it is ignored", "")
				continue
			}
			if !l.Address.IsValid() {
				l.Address = p
			}
			continue
		}
		v.linkName(d, w, &l.Name, "ipvlan")
	}
	return true
}

// parsePrefix reads an address with an optional length.
func parsePrefix(word string) (netip.Prefix, bool) {
	text, bits, cut := strings.Cut(word, "/")
	a, ok := parseIP(text)
	if !ok {
		return netip.Prefix{}, false
	}
	n := a.BitLen()
	if cut {
		v, err := strconv.ParseUint(bits, 10, 8)
		if err != nil || int(v) > n {
			return netip.Prefix{}, false
		}
		n = int(v)
	}
	return netip.PrefixFrom(a, n), true
}
