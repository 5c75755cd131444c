package confparse

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

func (d *decoder) resolveGlobal() {
	g := &d.cfg.Global
	if g.VRRP.VMACAddrPrefix == "" {
		g.VRRP.VMACAddrPrefix = g.VRRP.VMACPrefix
	}
	if !g.Has("snmp_rs_stats_update_interval") {
		g.SNMP.RSInterval = g.SNMP.VSInterval
	}
	if g.InstanceName != "" || g.NetNamespace != "" {
		g.UsePIDDir = true
	}
}

// alertDefault is the smtp_alert of blocks that have none of their own.
func (d *decoder) alertDefault(special *bool, otherwise bool) bool {
	switch {
	case special != nil:
		return *special
	case d.drafts.global.SMTPAlert != nil:
		return *d.drafts.global.SMTPAlert
	}
	return otherwise
}

func (d *decoder) resolveInstances() {
	for _, v := range d.drafts.instances {
		if !v.Has("smtp_alert") {
			v.SMTPAlert = d.alertDefault(d.drafts.global.SMTPAlertVRRP, false)
		}
		d.resolveProtocol(v)
		d.resolveElection(v)
		d.resolveAdvertInterval(v)
		d.resolveAuth(v)
		d.resolveTransport(v)
		d.resolveLink(v)
		d.resolveAddresses(v)
		d.resolveGARP(v)
		if v.runs = d.usable(v); v.runs {
			d.cfg.Instances = append(d.cfg.Instances, v.VRRPInstance)
		} else {
			d.cfg.Unusable = append(d.cfg.Unusable, v.VRRPInstance)
		}
	}
	d.duplicateRouters()
	d.resolveSyncDaemon()
	d.resolveLinkDelays()
}

// resolveSyncDaemon looks for the instance of lvs_sync_daemon.
func (d *decoder) resolveSyncDaemon() {
	s := d.cfg.Global.LVS.SyncDaemon
	if s == nil || s.Instance == "" {
		return
	}
	if _, ok := d.names.instances[s.Instance]; !ok {
		d.about(d.cfg.Global.At("lvs_sync_daemon"), logFinding(codeReference, "Unable to find vrrp instance "+s.Instance+" for lvs_sync_daemon - clearing lvs_sync_daemon config", "there is no sync daemon"))
		d.cfg.Global.LVS.SyncDaemon = nil
	}
}

// resolveLinkDelays bounds the delay of a link that goes down: a master has to
// notice before its backups do.
func (d *decoder) resolveLinkDelays() {
	for _, l := range d.cfg.LinkDelays {
		for _, v := range d.cfg.Instances {
			most := time.Duration(v.DownTimerAdverts-1)*v.AdvertInterval - v.AdvertInterval/256
			if v.Interface != l.Interface || l.Down <= most {
				continue
			}
			d.about(l.Head, logFinding(codeAdjusted, fmt.Sprintf("(%s) interface %s down delay %s is not below %s - resetting", v.Name, l.Interface, l.Down, most), most.String()+" is used"))
			l.Down = most
		}
	}
}

// say reports an ordinary error about keyword of the instance; message comes
// after the name in parentheses.
func (v *instanceDraft) say(d *decoder, sev diag.Severity, keyword, message, effect string) {
	d.conflict(&v.Block, keyword, codeConflict, sev, "("+v.Name+") "+message, effect)
}

// sayAtEnd is say for what keepalived notices at the closing brace.
func (v *instanceDraft) sayAtEnd(d *decoder, sev diag.Severity, keyword, message, effect string) {
	d.conflictAtEnd(&v.Block, keyword, codeConflict, sev, "("+v.Name+") "+message, effect)
}

// usable reports whether the instance has what it cannot do without. Lacking
// it keepalived's VRRP process ends.
func (d *decoder) usable(v *instanceDraft) bool {
	ok := true
	refuse := func(code, keyword, summary, hint string) {
		d.about(v.Head, diag.Diagnostic{
			Code: code, Severity: diag.Error, Class: diag.ClassConfig, Summary: summary, Context: v.Range,
			Effect: "the instance is dropped; keepalived does not start", Hint: hint,
		})
		if code == codeIncomplete {
			d.lacking(&v.Block, keyword, v.broken)
		}
		ok = false
	}
	if v.VirtualRouterID == 0 {
		refuse(codeIncomplete, "virtual_router_id", "("+v.Name+") the virtual router id must be set", "write virtual_router_id <1-255>")
	}
	if v.Interface == "" {
		switch {
		case len(v.Peers) == 0 || !v.SourceAddress.IsValid():
			refuse(codeIncomplete, "interface", "("+v.Name+") Unknown interface!", "write interface <IFNAME>")
		case v.SourceAddress.IsLinkLocalUnicast() && v.SourceAddress.Is6():
			refuse(codeConflict, "interface", "("+v.Name+") Unknown interface!", "a link-local unicast_src_ip needs an interface")
		}
	}
	if len(v.VirtualAddresses) == 0 && !v.noVIPs && (v.Version == 3 || v.Strict) {
		refuse(codeIncomplete, "virtual_ipaddress", "("+v.Name+") No VIP specified; at least one is required", "write virtual_ipaddress { ... }, or no_virtual_ipaddress")
	}
	if v.Strict && len(v.Peers) > 0 {
		refuse(codeConflict, "unicast_peer", "("+v.Name+") Strict mode does not support unicast peers", "drop unicast_peer or strict mode")
	}
	if !ok {
		d.cfg.Rejected = true
	}
	return ok
}

// resolveProtocol settles family, version and strict mode.
func (d *decoder) resolveProtocol(v *instanceDraft) {
	g := &d.cfg.Global.VRRP
	if v.Family == config.FamilyNone {
		v.Family = config.IPv4
	}
	if !v.Has("strict_mode") {
		v.Strict = g.Strict
	}
	if v.Version == 0 {
		v.Version = 2
		if g.Version != 0 {
			v.Version = g.Version
		}
		if v.Family == config.IPv6 {
			v.Version = 3
		}
	} else if v.Family == config.IPv6 && v.Version == 2 && v.Strict {
		v.say(d, diag.Warning, "version", "cannot use IPv6 with VRRP version 2; setting version 3", "version 3 is used")
		v.Version = 3
	}
	if !v.Has("skip_check_adv_addr") {
		v.SkipCheckAdvert = g.SkipCheckAdvertAddress
	}
	if !v.Has("v3_checksum_as_v2") {
		v.V3ChecksumAsV2 = g.V3ChecksumAsV2
	}
}

// resolveElection settles who wants to be master and how.
func (d *decoder) resolveElection(v *instanceDraft) {
	g := &d.cfg.Global.VRRP
	if !v.Has("priority") {
		v.Priority = 100
		if v.StateMaster {
			v.Priority = 255
		}
	}
	wantMaster := v.StateMaster || v.Owner() && !v.Has("state")
	if v.Strict && wantMaster != v.Owner() {
		v.say(d, diag.Error, "state", "State MASTER must match being address owner", "the priority decides")
		wantMaster = v.Owner()
	}
	v.StateMaster = wantMaster

	if v.NoPreempt && v.Owner() {
		v.say(d, diag.Warning, "nopreempt", "nopreempt is incompatible with priority 255. resetting nopreempt", "the owner preempts")
		v.NoPreempt = false
	} else if v.NoPreempt && wantMaster {
		v.say(d, diag.Warning, "nopreempt", "Warning - nopreempt will not work with initial state MASTER - clearing", "it preempts; write state BACKUP to keep nopreempt")
		v.NoPreempt = false
	}
	if v.PreemptDelay != 0 {
		switch {
		case v.Strict:
			v.say(d, diag.Warning, "preempt_delay", "preempt_delay is incompatible with strict mode - resetting", "there is no delay")
			v.PreemptDelay = 0
		case v.NoPreempt:
			v.say(d, diag.Warning, "preempt_delay", "preempt_delay is incompatible with nopreempt mode - resetting", "it never preempts")
			v.PreemptDelay = 0
		case wantMaster:
			v.say(d, diag.Warning, "preempt_delay", "Warning - preempt delay will not work with initial state MASTER - clearing", "there is no delay; write state BACKUP to keep it")
			v.PreemptDelay = 0
		}
	}

	if !v.Has("down_timer_adverts") {
		v.DownTimerAdverts = g.DownTimerAdverts
	}
	if v.Strict && v.DownTimerAdverts != 3 {
		v.say(d, diag.Warning, "down_timer_adverts", "down_timer_adverts is incompatible with strict mode - resetting", "3 is used")
		v.DownTimerAdverts = 3
	}
	if !v.Has("lower_prio_no_advert") {
		v.LowerPrioNoAdvert = g.LowerPrioNoAdvert || v.Strict
	} else if v.Strict && !v.LowerPrioNoAdvert {
		v.say(d, diag.Warning, "lower_prio_no_advert", "Strict mode requires no lower priority advert. resetting", "adverts of lower priority are not answered")
		v.LowerPrioNoAdvert = true
	}
	if !v.Has("higher_prio_send_advert") {
		v.HigherPrioSendAdvert = g.HigherPrioSendAdvert && !v.Strict
	} else if v.Strict && v.HigherPrioSendAdvert {
		v.say(d, diag.Warning, "higher_prio_send_advert", "strict mode requires higher_prio_send_advert to be clear. resetting", "it yields without an advert")
		v.HigherPrioSendAdvert = false
	}
	if !v.Has("owner_ignore_adverts") {
		v.OwnerIgnoreAdverts = v.Owner() && (v.Strict || g.OwnerIgnoreAdverts)
	} else if v.OwnerIgnoreAdverts && !v.Owner() {
		v.say(d, diag.Warning, "owner_ignore_adverts", "owner_ignore_adverts is only valid with priority 255 - clearing", "adverts are listened to")
		v.OwnerIgnoreAdverts = false
	}
	if v.TimerExpiredBackup != 0 && !v.NoPreempt {
		v.say(d, diag.Warning, "timer_expired_backup", "timer_expired_backup requires nopreempt - resetting", "it is off")
		v.TimerExpiredBackup = 0
	}
	d.resolveAccept(v)
}

func (d *decoder) resolveAccept(v *instanceDraft) {
	v.Accept = !v.Strict
	switch v.acceptSet {
	case 1:
		v.Accept = true
	case -1:
		v.Accept = false
	}
	if v.Owner() {
		v.Accept = true
		return
	}
	if v.Strict && v.Version == 2 && v.Accept {
		v.say(d, diag.Warning, "accept", "warning - accept mode for VRRP version 2 does not comply with RFC3768 - resetting", "packets to the addresses are dropped")
		v.Accept = false
	}
}

// resolveAdvertInterval rounds the interval to what the version can say.
func (d *decoder) resolveAdvertInterval(v *instanceDraft) {
	secs := v.AdvertInterval.Seconds()
	if v.Version == 2 {
		if v.AdvertInterval%time.Second != 0 {
			v.AdvertInterval = max((v.AdvertInterval+time.Second/2)/time.Second*time.Second, time.Second)
			v.say(d, diag.Warning, "advert_int", fmt.Sprintf("VRRPv2 advertisement interval %.6fs must be an integer. rounding", secs), v.AdvertInterval.String()+" is used; write version 3 for shorter intervals")
		}
		return
	}
	const longest = 40950 * time.Millisecond
	const step = 10 * time.Millisecond
	if v.AdvertInterval > longest {
		v.say(d, diag.Warning, "advert_int", fmt.Sprintf("VRRPv3 advertisement interval %.2fs is out of range. Must be less than 40.96s. Setting to 40.95s", secs), "40.95 s is used")
		v.AdvertInterval = longest
	} else if v.AdvertInterval%step != 0 {
		v.AdvertInterval = max((v.AdvertInterval+step/2)/step*step, step)
		v.say(d, diag.Warning, "advert_int", fmt.Sprintf("VRRPv3 advertisement interval %.6fs must be in units of 10ms - rounding", secs), v.AdvertInterval.String()+" is used")
	}
}

func (d *decoder) resolveAuth(v *instanceDraft) {
	if h := v.hmac; h != nil {
		if _, known := h.Keys[h.ActiveKey]; !known {
			v.say(d, diag.Error, "auth_hmac", "auth_hmac active_key is not defined - disabling auth_hmac", "adverts are not signed")
		} else {
			v.HMAC = h
			if v.Strict && h.Mode != config.HMACEnforce {
				v.say(d, diag.Warning, "auth_hmac", "auth_hmac mode must be enforce in strict mode - resetting", "adverts without a trailer are rejected")
				h.Mode = config.HMACEnforce
			}
			if h.TimeWindow == 0 {
				h.TimeWindow = min(max(3*v.AdvertInterval, 5*time.Second), 300*time.Second)
			}
		}
	}
	v.Auth = v.authType
	if v.Auth != config.AuthNone {
		problem := ""
		switch {
		case v.Strict:
			problem = "Strict mode does not support authentication. Ignoring."
		case v.Version == 3:
			problem = "VRRP version 3 does not support authentication. Ignoring."
		case !v.authPassSet:
			problem = "Authentication specified but no password given. Ignoring"
		case v.Auth == config.AuthAH && v.Family == config.IPv6:
			problem = "Cannot use AH authentication with VRRPv2 and IPv6 - ignoring"
		case v.HMAC != nil:
			problem = "Cannot use authentication with auth_hmac. Ignoring authentication."
		}
		if problem != "" {
			v.say(d, diag.Error, "authentication", problem, "adverts carry no password")
			v.Auth = config.AuthNone
		}
	}
	if v.Auth == config.AuthNone {
		v.AuthPass = [8]byte{}
	}
	if v.Auth == config.AuthAH && v.StateMaster && !v.Owner() {
		v.say(d, diag.Warning, "state", "Initial state master is incompatible with AH authentication - clearing", "it starts as backup")
		v.StateMaster = false
	}
}

// resolveTransport settles multicast or unicast.
func (d *decoder) resolveTransport(v *instanceDraft) {
	g := &d.cfg.Global.VRRP
	if len(v.Peers) == 0 {
		if v.unicast || v.Has("old_unicast_checksum") || v.Has("check_unicast_src") {
			if !v.UnicastFaultEmpty {
				keyword := "unicast_peer"
				for _, k := range []string{"check_unicast_src", "old_unicast_checksum", "unicast_src_ip"} {
					if v.Has(k) {
						keyword = k
					}
				}
				v.say(d, diag.Error, keyword, "A unicast keyword has been specified without any unicast peers. Defaulting to multicast. This usage is deprecated - please update your configuration.", "adverts go to the multicast group")
				d.lacking(&v.Block, "unicast_peer", v.broken)
			}
			v.UnicastChecksum = config.UnicastChecksumAuto
			v.CheckUnicastSource = false
		} else if v.Has("unicast_peer") && !v.UnicastFaultEmpty {
			v.say(d, diag.Error, "unicast_peer", "A unicast keyword has been specified without any unicast peers. Defaulting to multicast. This usage is deprecated - please update your configuration.", "adverts go to the multicast group")
			d.lacking(&v.Block, "unicast_peer", v.broken)
		}
		if v.UnicastTTL != nil {
			d.conflictAtEnd(&v.Block, "unicast_ttl", codeConflict, diag.Error, "("+v.Name+"): Cannot use unicast_ttl without unicast peers - resetting", "it is ignored; keepalived would send adverts with TTL 0, which reach nobody")
			v.UnicastTTL = nil
		}
	} else {
		v.CheckUnicastSource = v.CheckUnicastSource || g.CheckUnicastSource || v.peerTTL
		if v.MulticastGroup.IsValid() {
			v.say(d, diag.Warning, "mcast_dst_ip", "multicast destination specified with unicast - ignoring", "adverts go to the peers")
		}
	}
	if !v.MulticastGroup.IsValid() || len(v.Peers) > 0 {
		v.MulticastGroup = g.MulticastGroup4
		if v.Family == config.IPv6 {
			v.MulticastGroup = g.MulticastGroup6
		}
	}
	if !v.SourceAddress.IsValid() {
		v.TrackSourceAddress = false
	}
}

// resolveLink settles macvlan and ipvlan.
func (d *decoder) resolveLink(v *instanceDraft) {
	if v.linkbeat && v.Interface != "" {
		d.polled(v)
	}
	if m := v.VMAC; m != nil {
		if v.Strict && m.MAC != nil {
			d.conflict(&v.Block, "use_vmac", codeConflict, diag.Warning, "("+v.Name+"): cannot specify MAC address with strict mode - clearing", "the virtual router MAC is used")
			m.MAC = nil
		}
		if v.xmitBase && v.Strict {
			v.say(d, diag.Warning, "vmac_xmit_base", "xmit_base is incompatible with strict mode - resetting", "adverts leave through the macvlan")
			v.xmitBase = false
		}
		if len(v.Peers) > 0 && !v.xmitBase {
			v.sayAtEnd(d, diag.Warning, "use_vmac", "unicast with use_vmac requires vmac_xmit_base - setting", "adverts leave through the base interface")
			v.xmitBase = true
		}
		m.UseAddr, m.XmitBase = v.vmacAddr, v.xmitBase
	} else if v.xmitBase {
		v.sayAtEnd(d, diag.Warning, "vmac_xmit_base", "vmac_xmit_base is only valid with a vmac", "it is ignored")
	}
	if v.PromoteSecondaries && (v.VMAC != nil || v.IPVLAN != nil) {
		v.say(d, diag.Warning, "promote_secondaries", "promote_secondaries is automatically set for vmacs - ignoring", "it is on all the same; delete the line")
		v.PromoteSecondaries = false
	}
	if l := v.IPVLAN; l != nil {
		if v.Family == config.IPv4 && !l.Address.IsValid() {
			v.say(d, diag.Error, "use_ipvlan", "IPv4 ipvlan requires a source ip address to be configured. setting instance to fault state", "the instance stays in FAULT")
		} else if l.Address.IsValid() {
			v.SourceAddress = l.Address.Addr()
		}
	}
	own := v.TrackInterfaces[:0:0]
	for _, t := range v.TrackInterfaces {
		if t.Name == v.Interface {
			d.about(t.Head, diag.Diagnostic{Code: codeConflict, Severity: diag.Warning, Class: diag.ClassConfig, Context: v.Head,
				Summary: "(" + v.Name + ") Ignoring track_interface " + t.Name + " since own interface", Effect: "it is tracked anyhow, without a weight"})
			continue
		}
		own = append(own, t)
	}
	v.TrackInterfaces = own
}

// polled puts the interface of the instance among those that are polled.
func (d *decoder) polled(v *instanceDraft) {
	for _, l := range d.cfg.LinkbeatInterfaces {
		if l.Interface == v.Interface {
			return
		}
	}
	l := &config.LinkbeatInterface{Interface: v.Interface}
	l.Head = v.At("linkbeat_use_polling")
	l.Range = l.Head
	d.cfg.LinkbeatInterfaces = append(d.cfg.LinkbeatInterfaces, l)
}

// resolveAddresses bounds the list of addresses to what an advert can hold.
func (d *decoder) resolveAddresses(v *instanceDraft) {
	if len(v.VirtualAddresses) == 0 {
		if !v.noVIPs && v.Version == 2 && !v.Strict {
			v.say(d, diag.Warning, "virtual_ipaddress", "No VIP specified; at least one is sensible", "it takes part in the election and holds no address")
			d.lacking(&v.Block, "virtual_ipaddress", v.broken)
		}
	}
	if n := v.maxAddresses(1500); len(v.VirtualAddresses) > n {
		v.say(d, diag.Warning, "virtual_ipaddress", fmt.Sprintf("Number of VIPs (%d) exceeds maximum/space available in packet (max %d addresses) - excess moved to eVIPs", len(v.VirtualAddresses), n), "the rest is held, but not announced")
		v.ExcludedAddresses = append(v.VirtualAddresses[n:len(v.VirtualAddresses):len(v.VirtualAddresses)], v.ExcludedAddresses...)
		v.VirtualAddresses = v.VirtualAddresses[:n]
	}
	if v.Family == config.IPv6 && len(v.Peers) == 0 && len(v.VirtualAddresses) > 0 && !v.VirtualAddresses[0].Prefix.Addr().IsLinkLocalUnicast() {
		class, sev := diag.ClassLog, diag.Note
		if v.Strict {
			class, sev = diag.ClassConfig, diag.Warning
		}
		d.about(v.VirtualAddresses[0].Head, diag.Diagnostic{Code: codeConflict, Severity: sev, Class: class, Context: v.Head,
			Summary: "(" + v.Name + ") the first IPv6 VIP address must be link local", Effect: "it is used all the same (RFC 5798 5.2.9)"})
	}
	for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
		for _, a := range list {
			if a.UseVMAC && v.VMAC != nil && v.vmacAddr {
				d.about(a.Head, diag.Diagnostic{Code: codeConflict, Severity: diag.Warning, Class: diag.ClassConfig, Context: v.Head,
					Summary: "(" + v.Name + ") use_vmac_addr specified and use_vmac specified for VIP/eVIP " + a.Prefix.Addr().String(), Effect: "use_vmac_addr covers it"})
			}
		}
	}
}

// maxAddresses is how many addresses an advert can hold: what fits into one
// Ethernet frame of this MTU, whose header keepalived counts, too.
func (v *instanceDraft) maxAddresses(mtu int) int {
	const header = 8
	room, size := mtu-14-header, 4
	if v.Family == config.IPv6 {
		room, size = room-40, 16
	} else {
		room -= 20
		if v.Version == 2 {
			room -= 8
		}
	}
	if v.Auth == config.AuthAH {
		room -= 24
	}
	if v.HMAC != nil {
		room -= 28
	}
	return min(room/size, math.MaxUint8)
}

// resolveGARP fills in the global settings.
func (d *decoder) resolveGARP(v *instanceDraft) {
	g, own := &d.cfg.Global.VRRP, &v.GARP
	if !v.Has("garp_master_delay") {
		own.MasterDelay = g.GARPMasterDelay
	}
	if !v.Has("garp_master_repeat") {
		own.MasterRepeat = g.GARPMasterRepeat
	}
	if !v.Has("garp_master_refresh") {
		own.MasterRefresh = g.GARPMasterRefresh
	}
	if !v.Has("garp_master_refresh_repeat") {
		own.MasterRefreshRepeat = g.GARPMasterRefreshRepeat
	}
	if !v.Has("garp_extra_if") {
		own.ExtraInterval, own.ExtraAll = g.GARPExtraInterval, d.drafts.global.defaults.garpExtraAll || own.ExtraAll
	}
	switch {
	case v.Strict:
		if v.Has("garp_lower_prio_repeat") && own.LowerPrioRepeat != 0 {
			v.say(d, diag.Warning, "garp_lower_prio_repeat", "Strict mode requires no repeat garps. resetting", "0 is used")
		}
		if v.Has("garp_lower_prio_delay") && own.LowerPrioDelay != 0 {
			v.say(d, diag.Warning, "garp_lower_prio_delay", "Strict mode requires no repeat garp delay. resetting", "0 is used")
		}
		own.LowerPrioRepeat, own.LowerPrioDelay = 0, 0
	default:
		if !v.Has("garp_lower_prio_delay") {
			own.LowerPrioDelay = g.GARPMasterDelay
			if g.GARPLowerPrioDelay != nil {
				own.LowerPrioDelay = *g.GARPLowerPrioDelay
			}
		}
		if !v.Has("garp_lower_prio_repeat") {
			own.LowerPrioRepeat = g.GARPMasterRepeat
			if g.GARPLowerPrioRepeat != nil {
				own.LowerPrioRepeat = *g.GARPLowerPrioRepeat
			}
		}
	}
}

// duplicateRouters finds instances that would answer for each other.
func (d *decoder) duplicateRouters() {
	type key struct {
		vrid   uint8
		family config.Family
		link   string
		// source and to are those of unicast; to is the group of multicast.
		source, to netip.Addr
	}
	seen := make(map[key]*config.VRRPInstance, len(d.cfg.Instances))
	for _, v := range d.cfg.Instances {
		for i := range max(len(v.Peers), 1) {
			k := key{vrid: v.VirtualRouterID, family: v.Family, link: v.Interface, to: v.MulticastGroup}
			if v.Unicast() {
				k.source, k.to = v.SourceAddress, v.Peers[i].Address
			}
			o, twice := seen[k]
			if !twice {
				seen[k] = v
				continue
			}
			if o == v {
				continue
			}
			d.about(v.At("virtual_router_id"), diag.Diagnostic{
				Code: codeDuplicate, Severity: diag.Error, Class: diag.ClassConfig, Context: v.Head,
				Summary: fmt.Sprintf("%s and %s both use VRID %d with %s on interface %s", o.Name, v.Name, v.VirtualRouterID, v.Family, v.Interface),
				Effect:  "keepalived does not start", Hint: "give one of them another virtual_router_id",
			})
			d.cfg.Rejected = true
			break
		}
	}
}
