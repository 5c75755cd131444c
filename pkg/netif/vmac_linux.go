package netif

import (
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// LinkByName reads one interface; nil without an error if there is none.
func (k *Kernel) LinkByName(name string) (*Link, error) {
	req := nl.NewNetlinkRequest(unix.RTM_GETLINK, 0)
	req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
	req.AddData(nl.NewRtAttr(unix.IFLA_EXT_MASK, nl.Uint32Attr(rtextFilterSkipStats)))
	var found *Link
	req.Flags |= unix.NLM_F_ACK
	err := k.conn.exchange(req, func(typ uint16, data []byte) {
		if l, ok := parseLink(data); ok && typ == unix.RTM_NEWLINK {
			found = &l
		}
	})
	return found, ignore(err, unix.ENODEV)
}

// EnsureVMAC makes the interface as wanted and up, and returns it as it is
// then, with what was done.
func (k *Kernel) EnsureVMAC(want *VMAC, sysctls *Sysctls) (*Link, VMACPlan, error) {
	have, err := k.LinkByName(want.Name)
	if err != nil {
		return nil, VMACPlan{}, err
	}
	plan := PlanVMAC(have, want)
	link, err := k.carryOutVMAC(have, want, plan, sysctls)
	if err != nil {
		return nil, plan, fmt.Errorf("interface %s: %w", want.Name, err)
	}
	return link, plan, nil
}

func (k *Kernel) carryOutVMAC(have *Link, want *VMAC, plan VMACPlan, sysctls *Sysctls) (*Link, error) {
	if plan.Replace {
		if err := k.DeleteLink(have.Index); err != nil {
			return nil, err
		}
	}
	if plan.Create {
		if err := k.createVMAC(want); err != nil {
			return nil, err
		}
		var err error
		if have, err = k.LinkByName(want.Name); err != nil {
			return nil, err
		}
		if have == nil {
			return nil, unix.ENODEV
		}
	}
	// No address may come by itself, and none at all where IPv6 is off.
	settings := []Setting{{"ipv6/conf/%s/addr_gen_mode", "1"}}
	if want.NoIPv6 {
		settings = append(settings, Setting{"ipv6/conf/%s/disable_ipv6", "1"})
	} else if !plan.Create {
		settings = append(settings, Setting{"ipv6/conf/%s/disable_ipv6", "0"})
	}
	for _, s := range append(settings, want.Sysctls...) {
		err := sysctls.Set(fmt.Sprintf(s.Path, want.Name), s.Value)
		if err != nil && !isMissing(err) { // a kernel without IPv6
			return nil, err
		}
	}
	if err := k.setVMAC(have.Index, want, plan); err != nil {
		return nil, err
	}
	if err := k.setVMACAddresses(have.Index, want); err != nil {
		return nil, err
	}
	link, err := k.LinkByName(want.Name)
	if err == nil && link == nil {
		err = unix.ENODEV
	}
	return link, err
}

// setVMACAddresses puts the addresses of a VMAC itself on it, and takes away
// link-local ones of an earlier run, which are marked like ours.
func (k *Kernel) setVMACAddresses(index int, want *VMAC) error {
	all, err := k.Addresses()
	if err != nil {
		return err
	}
	var present []Address
	for _, a := range all {
		if a.Index == index && isVMACAddress(&a, want) {
			present = append(present, a)
		}
	}
	on := make([]Address, len(want.Addresses))
	for i, a := range want.Addresses {
		a.Index = index
		on[i] = a
	}
	remove, add := PlanAddresses(present, on)
	for _, a := range remove {
		if err := k.DeleteAddress(a); err != nil {
			return err
		}
	}
	for _, a := range add {
		if err := k.AddAddress(a); err != nil {
			return err
		}
	}
	return nil
}

// createVMAC asks for the new interface, still down.
func (k *Kernel) createVMAC(want *VMAC) error {
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(want.Name)))
	req.AddData(nl.NewRtAttr(unix.IFLA_LINK, nl.Uint32Attr(uint32(want.Base.Index))))
	if len(want.MAC) > 0 {
		req.AddData(nl.NewRtAttr(unix.IFLA_ADDRESS, want.MAC))
	}
	req.AddData(kindInfo(want))
	return k.conn.do(req)
}

// kindInfo is IFLA_LINKINFO.
func kindInfo(want *VMAC) *nl.RtAttr {
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	if want.IPVLAN {
		info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated(KindIPVLAN))
		data := info.AddRtAttr(unix.IFLA_INFO_DATA, nil)
		data.AddRtAttr(iflaIPVLANMode, nl.Uint16Attr(ipvlanModeL2))
		data.AddRtAttr(iflaIPVLANFlags, nl.Uint16Attr(want.IPVLANFlags))
		return info
	}
	info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated(KindMACVLAN))
	data := info.AddRtAttr(unix.IFLA_INFO_DATA, nil)
	data.AddRtAttr(nl.IFLA_MACVLAN_MODE, nl.Uint32Attr(MACVLANPrivate))
	return info
}

// setVMAC changes what the plan says, the last of it being IFF_UP.
func (k *Kernel) setVMAC(index int, want *VMAC, plan VMACPlan) error {
	set := func(up bool, attributes ...*nl.RtAttr) error {
		req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, 0)
		msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
		msg.Index = int32(index)
		if up {
			msg.Flags, msg.Change = unix.IFF_UP, unix.IFF_UP
		}
		req.AddData(msg)
		for _, a := range attributes {
			req.AddData(a)
		}
		return k.conn.do(req)
	}
	if plan.SetMAC {
		if err := set(false, nl.NewRtAttr(unix.IFLA_ADDRESS, want.MAC)); err != nil {
			return err
		}
	}
	if plan.SetFlags {
		if err := set(false, kindInfo(want)); err != nil {
			return err
		}
	}
	if plan.SetGroup {
		if err := set(false, nl.NewRtAttr(unix.IFLA_GROUP, nl.Uint32Attr(want.Group))); err != nil {
			return err
		}
	}
	if plan.SetMaster {
		if err := set(false, nl.NewRtAttr(unix.IFLA_MASTER, nl.Uint32Attr(uint32(want.Master)))); err != nil {
			return err
		}
	}
	if plan.SetUp {
		return set(true)
	}
	return nil
}

// DeleteLink removes an interface. One that is gone already is a success.
func (k *Kernel) DeleteLink(index int) error {
	req := nl.NewNetlinkRequest(unix.RTM_DELLINK, 0)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index = int32(index)
	req.AddData(msg)
	return ignore(k.conn.do(req), unix.ENODEV)
}
