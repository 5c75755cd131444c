package mib

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// instanceRow is an instance with the view it is in.
type instanceRow struct {
	*status.VRRPInstance
	view *View
}

func instances(v *View) []instanceRow {
	list := make([]instanceRow, len(v.VRRP.Instances))
	for i := range v.VRRP.Instances {
		list[i] = instanceRow{&v.VRRP.Instances[i], v}
	}
	return list
}

// advertUnits is the advert interval as adverts of the version carry it:
// seconds, or hundredths.
func advertUnits(c *config.VRRPInstance) int64 {
	if c.Version == 2 {
		return int64(c.AdvertInterval / time.Second)
	}
	return int64(c.AdvertInterval / (10 * time.Millisecond))
}

// syncDaemon is the sync daemon that follows the instance, nil if none does.
func (r *instanceRow) syncDaemon() *config.SyncDaemon {
	if d := r.view.Config.Global.LVS.SyncDaemon; d != nil && d.Instance == r.Name {
		return d
	}
	return nil
}

// wanted is the state that the instance is going to: none other while it is in
// fault.
func (r *instanceRow) wanted() Value {
	if r.State == event.Fault {
		return stateValue(event.Fault)
	}
	return stateValue(r.WantState)
}

// polled reports whether the link of the instance is polled.
func (r *instanceRow) polled() bool {
	if r.view.Config.Global.LinkbeatPolling {
		return true
	}
	for _, l := range r.view.Config.LinkbeatInterfaces {
		if l.Interface == r.ConfiguredInterface {
			return true
		}
	}
	return false
}

func (r *instanceRow) multicast(value func(*config.VRRPInstance) Value) Value {
	if r.Config.Unicast() {
		return none
	}
	return value(r.Config)
}

// setBool checks a value that is 1 or 2.
func setBool(new Value) (bool, agentx.Error) {
	switch new.Int() {
	case 1:
		return true, agentx.NoError
	case 2:
		return false, agentx.NoError
	}
	return false, agentx.WrongValue
}

func setBasePriority(r *instanceRow, new Value) (Change, agentx.Error) {
	n := new.Int()
	if n < 1 || n > 254 || r.Config.Owner() {
		return nil, agentx.WrongValue
	}
	return SetPriority{r.Name, r.BasePriority, uint8(n)}, agentx.NoError
}

func setPreempt(r *instanceRow, new Value) (Change, agentx.Error) {
	b, err := setBool(new)
	return SetPreempt{r.Name, !r.NoPreempt, b}, err
}

func setAccept(r *instanceRow, new Value) (Change, agentx.Error) {
	b, err := setBool(new)
	return SetAccept{r.Name, r.Accept, b}, err
}

const instanceIndex = "vrrpInstanceIndex"

func instanceTable() *Table[instanceRow] {
	return &Table[instanceRow]{
		Name: "vrrpInstanceTable", OID: instanceOID, Doc: "The VRRP instances.", Index: []string{instanceIndex},
		Rows: func(v *View) []Row[instanceRow] { return numbered(nil, instances(v)) },
		Columns: []Column[instanceRow]{
			position[instanceRow](1, instanceIndex, "Position of the instance."),
			{Number: 2, Name: "vrrpInstanceName", Syntax: displayString, Doc: "Name of the instance.", Read: func(r *instanceRow) Value { return agentx.Text(r.Name) }},
			{Number: 3, Name: "vrrpInstanceVirtualRouterId", Syntax: unsigned32, Doc: "Number of the virtual router: VRID.", Read: func(r *instanceRow) Value { return gauge(r.Config.VirtualRouterID) }},
			{Number: 4, Name: "vrrpInstanceState", Syntax: vrrpState, Doc: "State of the instance.", Read: func(r *instanceRow) Value { return stateValue(r.State) }},
			{Number: 5, Name: "vrrpInstanceInitialState", Syntax: vrrpState, Doc: "State that the configuration names.", Read: func(r *instanceRow) Value { return initialState(r.Config) }},
			{Number: 6, Name: "vrrpInstanceWantedState", Syntax: vrrpState, Doc: "State that the instance is going to.", Read: (*instanceRow).wanted},
			{Number: 7, Name: "vrrpInstanceBasePriority", Syntax: integer32, Doc: "Priority without what is tracked. A value of 1 to 254 that is written holds until the configuration is read again; that of the address owner, 255, cannot be changed.", Read: func(r *instanceRow) Value { return integer(r.BasePriority) }, Set: setBasePriority},
			{Number: 8, Name: "vrrpInstanceEffectivePriority", Syntax: integer32, Doc: "Priority in adverts.", Read: func(r *instanceRow) Value { return integer(r.EffectivePriority) }},
			{Number: 9, Name: "vrrpInstanceVipsStatus", Syntax: enum("allSet(1)", "notAllSet(2)"), Doc: "Whether the virtual addresses are on this node.", Read: func(r *instanceRow) Value { return yes(r.AddressesSet) }},
			{Number: 10, Name: "vrrpInstancePrimaryInterface", Syntax: displayString, Doc: "Interface of the adverts.", Read: func(r *instanceRow) Value { return text(r.Interface) }},
			{Number: 11, Name: "vrrpInstanceTrackPrimaryIf", Syntax: enum("tracked(1)", "notTracked(2)"), Doc: "Whether a fault of the interface is one of the instance.", Read: func(r *instanceRow) Value { return yes(!r.Config.DontTrackPrimary) }},
			{Number: 12, Name: "vrrpInstanceAdvertisementsInt", Syntax: unsigned32, Doc: "Interval of adverts, in seconds (version 2) or hundredths of a second (version 3).", Read: func(r *instanceRow) Value { return gauge(advertUnits(r.Config)) }},
			{Number: 13, Name: "vrrpInstancePreempt", Syntax: enum("preempt(1)", "noPreempt(2)"), Doc: "Whether a master of lower priority is relieved. What is written holds until the configuration is read again.", Read: func(r *instanceRow) Value { return yes(!r.NoPreempt) }, Set: setPreempt},
			{Number: 14, Name: "vrrpInstancePreemptDelay", Syntax: unsigned32, Doc: "Time before such a master is relieved, in seconds.", Read: func(r *instanceRow) Value { return seconds(r.Config.PreemptDelay) }},
			{Number: 15, Name: "vrrpInstanceAuthType", Syntax: enum("none(0)", "password(1)", "ah(2)"), Doc: "Authentication of adverts.", Read: func(r *instanceRow) Value { return integer(r.Config.Auth) }},
			{Number: 16, Name: "vrrpInstanceLvsSyncDaemon", Syntax: onOff, Doc: "Whether the IPVS sync daemon follows the instance.", Read: func(r *instanceRow) Value { return yes(r.syncDaemon() != nil) }, Status: "deprecated"},
			{Number: 17, Name: "vrrpInstanceLvsSyncInterface", Syntax: displayString, Doc: "Interface of that daemon.", Read: func(r *instanceRow) Value {
				if d := r.syncDaemon(); d != nil {
					return text(d.Interface)
				}
				return none
			}, Status: "deprecated"},
			{Number: 18, Name: "vrrpInstanceSyncGroup", Syntax: displayString, Doc: "Name of the sync group.", Read: func(r *instanceRow) Value { return text(r.Config.Group) }},
			{Number: 19, Name: "vrrpInstanceGarpDelay", Syntax: unsigned32, Doc: "Time until addresses are announced again, in seconds.", Read: func(r *instanceRow) Value { return seconds(r.Config.GARP.MasterDelay) }},
			{Number: 20, Name: "vrrpInstanceSmtpAlert", Syntax: onOff, Doc: "Whether changes of the state are mailed.", Read: func(r *instanceRow) Value { return yes(r.Config.SMTPAlert) }},
			{Number: 21, Name: "vrrpInstanceNotifyExec", Syntax: onOff, Doc: "Whether there is a notify script.", Read: func(r *instanceRow) Value { return yes(hasScripts(&r.Config.Notify)) }},
			{Number: 22, Name: "vrrpInstanceScriptMaster", Syntax: displayString, Doc: "Script run on the way to master.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Master) }},
			{Number: 23, Name: "vrrpInstanceScriptBackup", Syntax: displayString, Doc: "Script run on the way to backup.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Backup) }},
			{Number: 24, Name: "vrrpInstanceScriptFault", Syntax: displayString, Doc: "Script run on the way to fault.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Fault) }},
			{Number: 25, Name: "vrrpInstanceScriptStop", Syntax: displayString, Doc: "Script run when the daemon stops.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Stop) }},
			{Number: 26, Name: "vrrpInstanceScript", Syntax: displayString, Doc: "Script run on every change of the state.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Any) }},
			{Number: 27, Name: "vrrpInstanceAccept", Syntax: trueFalse, Doc: "Whether packets for the virtual addresses are accepted. What is written is only shown: it changes no filter.", Read: func(r *instanceRow) Value { return yes(r.Accept) }, Set: setAccept},
			{Number: 28, Name: "vrrpInstancePromoteSecondaries", Syntax: trueFalse, Doc: "Whether promote_secondaries of the interface is set.", Read: func(r *instanceRow) Value { return yes(r.Config.PromoteSecondaries) }, Writable: true},
			{Number: 29, Name: "vrrpInstanceUseLinkbeat", Syntax: trueFalse, Doc: "Whether the link of the interface is polled.", Read: func(r *instanceRow) Value { return yes(r.polled()) }, Writable: true},
			{Number: 30, Name: "vrrpInstanceVrrpVersion", Syntax: enum("vrrpv2(2)", "vrrpv3(3)"), Doc: "Version of the protocol.", Read: func(r *instanceRow) Value { return integer(r.Config.Version) }},
			{Number: 31, Name: "vrrpInstanceScriptMstrRxLowerPri", Syntax: displayString, Doc: "Script run when a master hears an advert of lower priority.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.MasterRxLower) }},
			{Number: 32, Name: "vrrpInstanceScriptDeleted", Syntax: displayString, Doc: "Script run when the instance is taken out of the configuration.", Read: func(r *instanceRow) Value { return script(r.Config.Notify.Deleted) }},
			{Number: 33, Name: "vrrpInstanceNotifyDeleted", Syntax: trueFalse, Doc: "Whether taking it out is told as deleted rather than as a fault.", Read: func(r *instanceRow) Value { return yes(r.Config.Notify.DeletedSet) }, Writable: true},
			{Number: 34, Name: "vrrpInstanceMulticastAddressType", Syntax: inetType, Doc: "Type of vrrpInstanceMulticastAddress.", Read: func(r *instanceRow) Value {
				return r.multicast(func(c *config.VRRPInstance) Value { return addressType(c.MulticastGroup) })
			}},
			{Number: 35, Name: "vrrpInstanceMulticastAddress", Syntax: inetAddress, Doc: "Group that adverts are sent to.", Read: func(r *instanceRow) Value {
				return r.multicast(func(c *config.VRRPInstance) Value { return address(c.MulticastGroup) })
			}},
			{Number: 36, Name: "vrrpInstanceV3ChecksumAsV2", Syntax: trueFalse, Doc: "Whether version 3 checksums over IPv4 leave out the pseudo header.", Read: func(r *instanceRow) Value { return yes(r.Config.V3ChecksumAsV2) }},
		},
	}
}

// initialState is the state keyword of an instance.
func initialState(c *config.VRRPInstance) Value {
	if c.StateMaster {
		return agentx.Integer(2)
	}
	return agentx.Integer(1)
}

// addressRow is one virtual address.
type addressRow struct {
	*config.Address
	r               *instanceRow
	set, advertised bool
}

// device is the interface that the address goes on.
func (a *addressRow) device() string {
	if a.Dev != "" {
		return a.Dev
	}
	return a.r.Interface
}

const addressIndex = "vrrpAddressIndex"

func addressTable() *Table[addressRow] {
	return &Table[addressRow]{
		Name: "vrrpAddressTable", OID: vrrpOID.Append(6), Doc: "The virtual addresses of the instances.", Index: []string{instanceIndex, addressIndex},
		Rows: func(v *View) (rows []Row[addressRow]) {
			for i, r := range instances(v) {
				var list []addressRow
				for j, a := range r.Config.VirtualAddresses {
					list = append(list, addressRow{a, &r, at(r.VirtualSet, j), true})
				}
				for j, a := range r.Config.ExcludedAddresses {
					list = append(list, addressRow{a, &r, at(r.ExcludedSet, j), false})
				}
				rows = append(rows, numbered(OID{uint32(i + 1)}, list)...)
			}
			return rows
		},
		Columns: []Column[addressRow]{
			position[addressRow](1, addressIndex, "Position of the address: those in adverts first, then the excluded ones."),
			{Number: 2, Name: "vrrpAddressType", Syntax: inetType, Doc: "Type of the addresses in this row.", Read: func(a *addressRow) Value { return addressType(a.Prefix.Addr()) }},
			{Number: 3, Name: "vrrpAddressValue", Syntax: inetAddress, Doc: "The address.", Read: func(a *addressRow) Value { return prefixAddress(a.Prefix) }},
			{Number: 4, Name: "vrrpAddressBroadcast", Syntax: inetAddress, Doc: "Broadcast address, IPv4 only; 0.0.0.0 for none.", Read: broadcast},
			{Number: 5, Name: "vrrpAddressMask", Syntax: prefixLength, Doc: "Length of the prefix.", Read: func(a *addressRow) Value { return prefixBits(a.Prefix) }},
			{Number: 6, Name: "vrrpAddressScope", Syntax: inetScope, Doc: "Scope of the address.", Read: func(a *addressRow) Value { return scope(uint8(a.Scope)) }},
			{Number: 7, Name: "vrrpAddressIfIndex", Syntax: ifIndex, Doc: "Number of its interface.", Read: func(a *addressRow) Value { return a.r.view.indexOf(a.device()) }},
			{Number: 8, Name: "vrrpAddressIfName", Syntax: displayString, Doc: "Name of its interface.", Read: func(a *addressRow) Value { return text(a.device()) }},
			{Number: 9, Name: "vrrpAddressIfAlias", Syntax: displayString, Doc: "Label of the address.", Read: func(a *addressRow) Value { return text(a.Label) }},
			{Number: 10, Name: "vrrpAddressStatus", Syntax: setUnset, Doc: "Whether the address is on this node.", Read: func(a *addressRow) Value { return yes(a.set) }},
			{Number: 11, Name: "vrrpAddressAdvertising", Syntax: enum("advertised(1)", "notAdvertised(2)"), Doc: "Whether the address is in adverts.", Read: func(a *addressRow) Value { return yes(a.advertised) }},
			{Number: 12, Name: "vrrpAddressPeer", Syntax: inetAddress, Doc: "Other end of a point-to-point address.", Read: func(a *addressRow) Value { return address(a.Peer) }},
		},
	}
}

func at(list []bool, i int) bool { return i < len(list) && list[i] }

func broadcast(a *addressRow) Value {
	p := a.Prefix
	if !p.Addr().Is4() {
		return none
	}
	b := [4]byte{}
	switch {
	case a.Broadcast.Is4():
		b = a.Broadcast.As4()
	case a.BroadcastAuto != 0:
		b = p.Masked().Addr().As4()
		if a.BroadcastAuto == '+' {
			for bit := p.Bits(); bit < 32; bit++ {
				b[bit/8] |= 0x80 >> (bit % 8)
			}
		}
	}
	return agentx.Octets(b[:])
}
