package confparse

import (
	"net/netip"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// instanceDraft is a vrrp_instance while it is read.
type instanceDraft struct {
	*config.VRRPInstance
	// unicast is set by unicast_src_ip and unicast_peer.
	unicast bool
	// vmacSeen and ipvlanSeen say that the keyword stood there, whatever
	// became of its words.
	vmacAddr, xmitBase bool
	noVIPs             bool
	authPassSet        bool
	authType           config.AuthType
	// broken is what put its lines into other blocks, if anything did.
	broken diag.Range
	hmac   *config.AuthHMAC
	// minTTL or maxTTL of a peer was given.
	peerTTL bool
	group   *groupDraft
	// addresses are those read so far, once there are many.
	addresses map[addressKey]bool
	// runs says that resolve found nothing that forbids it.
	runs bool
	// acceptSet is 1 for accept and -1 for no_accept.
	acceptSet int
	// linkbeat polls the interface.
	linkbeat bool
}

func openInstance(d *decoder, r *drafts, s *Line) (*instanceDraft, string) {
	name, ok := d.oneName(s, "vrrp_instance must have a name", "vrrp_instance must have a name")
	if !ok {
		return nil, ""
	}
	if _, twice := d.names.instances[name]; twice {
		d.complain(s.Words[1], codeDuplicate, "vrrp instance "+name+" already defined", "the second block is skipped", "give it another name")
		return nil, ""
	}
	v := &instanceDraft{VRRPInstance: config.NewVRRPInstance()}
	v.Name = name
	d.names.instances[name] = v
	return v, name
}

func closeInstance(d *decoder, r *drafts, v *instanceDraft) {
	v.broken = d.cause
	r.instances = append(r.instances, v)
}

var vrrpInstance = newTable(instanceLink, instanceProtocol, instanceTracking, instanceAddresses,
	instanceElection, notifyKeywords(instanceNotify, true), instanceGARP, instanceAuth)

// fits fixes the family of the instance at the first address that says it,
// and reports whether a belongs to it.
func (v *instanceDraft) fits(a netip.Addr) bool {
	f := config.FamilyOf(a)
	if v.Family == config.FamilyNone {
		v.Family = f
	}
	return v.Family == f
}

var instanceLink = []Keyword[instanceDraft]{
	withRows(Custom("use_vmac", "[[name] <IFNAME>] [<MAC>] [netlink_notify_msg] [group <GROUP>]", Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Range: "see vrrp_instance/use_vmac", Default: "off; name absent=vrrp.VRID style",
		Doc: "Run on a macvlan interface with the virtual router MAC.", Ref: "RFC 5798 7.3",
	}, readVMAC), vmacRows),
	Flag("use_vmac_addr", func(v *instanceDraft) *bool { return &v.vmacAddr }, true, Meta{
		Process: ProcVRRP, Doc: "Make macvlans for addresses on other interfaces, too.",
	}),
	Flag("vmac_xmit_base", func(v *instanceDraft) *bool { return &v.xmitBase }, true, Meta{
		Process: ProcVRRP, Doc: "Send and receive adverts on the base interface.",
	}),
	withRows(Custom("use_ipvlan", "[[name] <IFNAME>] [<IP>] [bridge|private|vepa] [group <GROUP>]", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "see vrrp_instance/use_ipvlan", Default: "off; flag absent=bridge",
		Doc: "Run on an ipvlan interface of level 2.",
	}, readIPVLAN), ipvlanRows),
	ListBlock("unicast_peer", peerRows, Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Default: "multicast", OnBad: "the entry is ignored",
		Doc: "Send adverts to these addresses instead of the multicast group.",
	}, readPeer, nil),
	Flag("unicast_fault_no_peer", func(v *instanceDraft) *bool { return &v.UnicastFaultEmpty }, true, Meta{
		Process: ProcVRRP, Doc: "Go to FAULT instead of using multicast when there is no peer.",
	}),
	Flag("check_unicast_src", func(v *instanceDraft) *bool { return &v.CheckUnicastSource }, true, Meta{
		Process: ProcVRRP, Default: "global setting", Bare: "on", Doc: "Accept adverts from configured peers only.",
	}),
	Custom("old_unicast_checksum", "[never]", Meta{
		Process: ProcVRRP, Default: "detect", Bare: "always old",
		Doc: "Use the checksum of old versions in unicast version 3 adverts, or never fall back to it.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		v.UnicastChecksum = config.UnicastChecksumOld
		if len(s.Words) > 1 {
			if w := s.Words[1]; w.Text != "never" {
				v.UnicastChecksum = config.UnicastChecksumAuto
				return d.refuse(w, "("+v.Name+") Unknown old_unicast_chksum mode "+w.Text+" - ignoring", "")
			}
			v.UnicastChecksum = config.UnicastChecksumNew
		}
		return true
	}),
	Custom("native_ipv6", "", Meta{
		Process: ProcVRRP, Repeat: RepeatOnce, Default: "family of addresses", Bare: "IPv6 and version 3", Deprecated: "",
		Doc: "Force IPv6; the addresses say it by themselves.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		if v.Family == config.IPv4 {
			return d.refuse(s, "("+v.Name+") Cannot specify native_ipv6 with IPv4 addresses", "")
		}
		v.Family = config.IPv6
		d.logOnly(s, codeDeprecated, "("+v.Name+") native_ipv6 is deprecated", "it is honoured")
		return true
	}),
	Custom("interface", "<IFNAME>", Meta{
		Process: ProcVRRP, Range: "1-15 characters", Default: "none", Required: true, Doc: "Interface of the instance; optional with unicast and unicast_src_ip.",
	}, readInterface),
	Custom("vrf", "<IFNAME>", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "1-15 characters", Default: "none",
		Doc: "VRF of a unicast instance without interface.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		switch {
		case !ok:
			return false
		case v.VRF != "":
			return d.duplicate(w, "(%n) vrf already specified - ignoring %v")
		case v.Interface != "":
			return d.refuse(w, "("+v.Name+") cannot specify both interface and vrf - ignoring vrf", "")
		case len(w.Text) > maxInterfaceName:
			return d.refuse(w, "("+v.Name+") VRF name too long - ignoring", "an interface name has at most 15 bytes")
		}
		v.VRF = w.Text
		return true
	}),
	Flag("dont_track_primary", func(v *instanceDraft) *bool { return &v.DontTrackPrimary }, true, Meta{
		Process: ProcVRRP, Doc: "Ignore faults of the own interface.",
	}),
	Flag("promote_secondaries", func(v *instanceDraft) *bool { return &v.PromoteSecondaries }, true, Meta{
		Process: ProcVRRP, Doc: "Keep secondary addresses when the primary one is removed (a sysctl of the interface).",
	}),
	Flag("linkbeat_use_polling", func(v *instanceDraft) *bool { return &v.linkbeat }, true, Meta{
		Process:    ProcVRRP,
		Deprecated: "(%n) 'linkbeat_use_polling' in vrrp instance deprecated - use linkbeat_interfaces block",
		Doc:        "Poll the link state of the instance's interface.",
	}),
}

var instanceProtocol = []Keyword[instanceDraft]{
	Custom("state", "MASTER|BACKUP", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "case-sensitive", Default: "MASTER if priority 255, else BACKUP", OnBad: "BACKUP is used",
		Doc: "State that is wished for at the start; the election decides.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		switch {
		case !ok:
			return false
		case w.Text == "MASTER":
			v.StateMaster = true
		case v.StateMaster:
			return d.duplicate(w, "(%n) state previously set as MASTER - ignoring %v")
		case w.Text == "BACKUP":
		default:
			d.refuse(w, "("+v.Name+") unknown state '"+w.Text+"', defaulting to BACKUP", "MASTER and BACKUP are known, in capitals")
		}
		return true
	}),
	sourceAddress("mcast_src_ip", Meta{Doc: "Source address of adverts."}),
	sourceAddress("unicast_src_ip", Meta{Doc: "Source address of adverts; it makes the instance unicast."}),
	Custom("mcast_dst_ip", "<IP>", Meta{
		Process: ProcVRRP, Range: "IPv4 multicast or IPv6 link-local multicast", Default: "vrrp_mcast_group4/6", Doc: "Multicast group of this instance.",
	}, readMulticastGroup),
	Flag("track_src_ip", func(v *instanceDraft) *bool { return &v.TrackSourceAddress }, true, Meta{
		Process: ProcVRRP, Doc: "FAULT while the configured source address is missing.",
	}),
	Number("virtual_router_id", func(v *instanceDraft) *uint8 { return &v.VirtualRouterID }, within(1, 255), Meta{
		Process: ProcVRRP, Default: "none", Required: true, Ref: "RFC 5798 5.2.3",
		Bad: "(%n): VRID '%v' not valid - must be between 1 & 255", Doc: "Number of the virtual router on this link.",
	}),
	newEntry("unicast_ttl", "<N>", "0-255", Meta{
		Process: ProcVRRP, Default: "255 (IPv4), kernel default (IPv6)", Bad: "(%n): TTL '%v' not valid - must be between 0 & 255",
		Doc: "TTL of unicast adverts.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(0, 255))
		if ok {
			ttl := uint8(n)
			v.UnicastTTL = &ttl
		}
		return ok
	}),
	Custom("version", "2|3", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "2-3", Default: "vrrp_version, IPv6: 3",
		Bad: "(%n): Version must be either 2 or 3", Doc: "VRRP version.", Ref: "RFC 5798 5.2.1",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(2, 3).tolerant())
		if !ok {
			return false
		}
		have := v.Version
		if have == 0 && v.Family == config.IPv6 {
			have = 3
		}
		if have != 0 && have != uint8(n) {
			return d.refuse(w, expand("(%n) vrrp_version %v conflicts with configured or deduced version ", v.Name, "", w.Text)+string('0'+rune(have))+"; ignoring.", "")
		}
		v.Version = uint8(n)
		return true
	}),
	Number("priority", func(v *instanceDraft) *uint8 { return &v.Priority }, within(1, 255).orElse(100), Meta{
		Process: ProcVRRP, Default: "255 if state MASTER, else 100", OnBad: "100 is used", Ref: "RFC 5798 5.2.4",
		Bad: "(%n) Priority not valid! must be between 1 & 255. Using default 100", Doc: "Priority in the election; 255 is the owner of the addresses.",
	}),
	Timer("advert_int", func(v *instanceDraft) *time.Duration { return &v.AdvertInterval }, seconds(10000, 255e6), Meta{
		Process: ProcVRRP, Range: "0.01-255 s; v2: whole seconds, v3: 0.01-40.95 s", Default: "1", Ref: "RFC 5798 5.2.7",
		Bad: "(%n) Advert interval (%v) not valid! Must be > 0 - ignoring", Doc: "Interval of adverts.",
	}),
	Bool("v3_checksum_as_v2", func(v *instanceDraft) *bool { return &v.V3ChecksumAsV2 }, Meta{
		Process: ProcVRRP, Default: "global setting", Since: "2.4.0", Ref: "RFC 9568 5.2.8", Bad: "(%n) invalid v3_checksum_as_v2 %v specified",
		Doc: "Leave the pseudo header out of the checksum of IPv4 version 3 adverts.",
	}),
	Bool("skip_check_adv_addr", func(v *instanceDraft) *bool { return &v.SkipCheckAdvert }, Meta{
		Process: ProcVRRP, Default: "global setting", Bad: "(%n) invalid skip_check_adv_addr %v specified",
		Doc: "Do not compare the address list of every advert of the same master.",
	}),
	Bool("strict_mode", func(v *instanceDraft) *bool { return &v.Strict }, Meta{
		Process: ProcVRRP, Default: "vrrp_strict", Bad: "(%n) invalid strict_mode %v specified", Doc: "Keep to the RFC.", Ref: "RFC 5798",
	}),
	Number[instanceDraft, uint8]("debug", nil, within(0, 4).tolerant(), Meta{
		Process: ProcVRRP, Default: "0", Status: StatusNoEffect, Bad: "(%n) Debug value '%v' not valid; must be between 0-4", Doc: "Nothing.",
	}),
	Custom("kernel_rx_buf_size", "<BYTES>", Meta{
		Process: ProcVRRP, Range: "0-4294967295", Default: "vrrp_rx_bufs_policy", Missing: "(%n) invalid kernel_rx_buf_size specified",
		Bad: "(%n) invalid kernel_rx_buf_size %v specified", Doc: "Receive buffer of the instance's socket.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(s.Words) > 2 {
			return d.refuse(s.Words[2], "("+v.Name+") invalid kernel_rx_buf_size specified", "one number is wanted")
		}
		n, ok := d.number(w, within(0, maxUint32))
		if ok {
			v.KernelRxBufSize = uint32(n)
		}
		return ok
	}),
}

func readInterface(d *decoder, v *instanceDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	if len(w.Text) > maxInterfaceName {
		return d.refuse(w, "("+v.Name+") interface name '"+w.Text+"' too long - ignoring", "an interface name has at most 15 bytes")
	}
	if base, label, cut := strings.Cut(w.Text, ":"); cut {
		d.own(w, codeAliasName, w.Text+" is a label, not an interface", "the kernel has no such interface", "write interface "+base+", and label "+base+":"+label+" behind the address")
	}
	v.Interface = w.Text
	return true
}

func sourceAddress(name string, m Meta) Keyword[instanceDraft] {
	m.Process, m.Default = ProcVRRP, "first address of the interface"
	return Custom(name, "<IP>", m, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if name == "unicast_src_ip" {
			v.unicast = true
		}
		a, ok := d.host(w)
		if !ok {
			return d.refuse(w, "Configuration error: VRRP instance["+v.Name+"] malformed src address["+w.Text+"]. Skipping...", "")
		}
		if !v.fits(a) {
			return d.refuse(w, "Configuration error: VRRP instance["+v.Name+"] and src address["+w.Text+"] MUST be of the same family !!! Skipping...", "")
		}
		v.SourceAddress = a
		return true
	})
}

func readMulticastGroup(d *decoder, v *instanceDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	a, ok := parseIP(w.Text)
	switch {
	case !ok:
		return d.refuse(w, "("+v.Name+") malformed mcast dest address "+w.Text+". Skipping...", "")
	case !v.fits(a):
		return d.refuse(w, "("+v.Name+") mcast dest address "+w.Text+" MUST match VRRP instance family. Skipping...", "")
	case !a.IsMulticast():
		return d.refuse(w, "("+v.Name+") mcast_dst_ip "+w.Text+" is not a multicast address. Skipping...", "")
	case a.Is6() && !a.IsLinkLocalMulticast():
		return d.refuse(w, "("+v.Name+") mcast_dst_ip "+w.Text+" not link-local multicast. Skipping...", "")
	}
	v.MulticastGroup = a
	return true
}

var peerRows = specRows{
	{Keyword: "<IP>", Meta: Meta{Args: "[min_ttl <N>] [max_ttl <N>]", Range: "family of the instance", Repeat: RepeatList, Process: ProcVRRP, Doc: "A peer."}},
	{Keyword: "min_ttl", Meta: Meta{Args: "<N>", Range: "0-255", Default: "0", Process: ProcVRRP, Doc: "Lowest accepted TTL; turns on check_unicast_src."}},
	{Keyword: "max_ttl", Meta: Meta{Args: "<N>", Range: "0-255", Default: "255", Process: ProcVRRP, Doc: "Highest accepted TTL; turns on check_unicast_src."}},
}

func readPeer(d *decoder, v *instanceDraft, s *Line) {
	w := s.Words[0]
	v.unicast = true
	a, ok := d.host(w)
	if !ok {
		d.complain(w, codeEntry, "Configuration error: VRRP instance["+v.Name+"] malformed unicast peer address["+w.Text+"]. Skipping...", d.spec.OnBad, valueHint(w, otherwise(addressHint(w.Text), oneAddress)))
		d.noteRefusal(w.Range())
		return
	}
	if !v.fits(a) {
		d.complain(w, codeEntry, "Configuration error: VRRP instance["+v.Name+"] and unicast peer address["+w.Text+"] MUST be of the same family !!! Skipping...", d.spec.OnBad, "")
		d.noteRefusal(w.Range())
		return
	}
	for i := range v.Peers {
		if v.Peers[i].Address == a {
			d.complain(w, codeDuplicate, "("+v.Name+") duplicate unicast peer "+w.Text+" - ignoring", d.spec.OnBad, "")
			return
		}
	}
	peer := config.UnicastPeer{Address: a, MaxTTL: 255}
	peer.Head = s.Range()
	peer.Range = peer.Head
	for i := 1; i < len(s.Words); i += 2 {
		option := s.Words[i]
		hint := "min_ttl and max_ttl are known"
		if _, ok := parsePrefix(option.Text); ok {
			hint = oneAddress
		}
		if i+1 == len(s.Words) {
			if hint != oneAddress {
				hint = ""
			}
			d.complain(option, codeEntry, "("+v.Name+") "+option.Text+" is missing a value", "the rest of the line is ignored", hint)
			break
		}
		var field *uint8
		switch option.Text {
		case "min_ttl":
			field = &peer.MinTTL
		case "max_ttl":
			field = &peer.MaxTTL
		default:
			d.complain(option, codeEntry, "("+v.Name+") unknown unicast_peer option "+option.Text, "the rest of the line is ignored", hint)
			i = len(s.Words)
			continue
		}
		n, problem := d.readInteger(s.Words[i+1], within(0, 255))
		if problem != "" {
			d.complain(s.Words[i+1], codeBadValue, problem, "the option is ignored", "")
			continue
		}
		*field, v.peerTTL = uint8(n), true
		peer.Set = append(peer.Set, config.Setting{Keyword: option.Text, Range: s.Range()})
	}
	if peer.MinTTL > peer.MaxTTL {
		d.complain(s, codeConflict, expand("(%n) min_ttl ", v.Name, "", "")+itoa(int(peer.MinTTL))+" > max_ttl "+itoa(int(peer.MaxTTL))+" - all packets will be discarded", "no advert of this peer is accepted", "")
	}
	v.Peers = append(v.Peers, peer)
}

func trackFields() []Keyword[instanceDraft] {
	return []Keyword[instanceDraft]{
		trackBlock(&trackInterfaces, func(v *instanceDraft) *[]config.Track { return &v.TrackInterfaces }, Meta{Doc: "Interfaces to watch."}),
		trackBlock(&trackScripts, func(v *instanceDraft) *[]config.Track { return &v.TrackScripts }, Meta{Doc: "Scripts to watch."}),
		trackBlock(&trackFiles, func(v *instanceDraft) *[]config.Track { return &v.TrackFiles }, Meta{Doc: "Files to watch."}),
		trackBlock(&trackProcesses, func(v *instanceDraft) *[]config.Track { return &v.TrackProcesses }, Meta{Doc: "Processes to watch."}),
		trackBlock(&trackBFDs, func(v *instanceDraft) *[]config.Track { return &v.TrackBFD }, Meta{Doc: "BFD sessions to watch."}),
	}
}

var instanceTracking = trackFields()

var instanceAddresses = []Keyword[instanceDraft]{
	addressBlock("virtual_ipaddress", instanceAddressRows, Meta{
		Process: ProcVRRP, Default: "none (config error message, also when the block is empty)",
		Doc: "Addresses that the master holds and announces; all of one family.", Ref: "RFC 5798 5.2.9",
	}, readVIP),
	addressBlock("virtual_ipaddress_excluded", instanceAddressRows, Meta{
		Process: ProcVRRP, Doc: "Addresses that the master holds and does not announce; any family.",
	}, readExcludedVIP),
	Flag("no_virtual_ipaddress", func(v *instanceDraft) *bool { return &v.noVIPs }, true, Meta{
		Process: ProcVRRP, Since: "2.4.0", Doc: "Do not complain about missing addresses; allows version 3 without any.",
	}),
	routeBlock("virtual_routes", false, func(v *instanceDraft) *[]*config.Route { return &v.Routes }, Meta{
		Process: ProcVRRP, Doc: "Routes that exist while master.",
	}),
	ruleBlock("virtual_rules", false, func(v *instanceDraft) *[]*config.Rule { return &v.Rules }, Meta{
		Process: ProcVRRP, Doc: "Policy rules that exist while master.",
	}),
}

var instanceElection = []Keyword[instanceDraft]{
	acceptFlag("accept", 1, Meta{Default: "on unless strict mode; owner: on", Doc: "Take packets to the virtual addresses.", Ref: "RFC 5798 6.1"}),
	acceptFlag("no_accept", -1, Meta{Default: "see accept", Doc: "Drop packets to the virtual addresses unless owner.", Ref: "RFC 5798 6.1"}),
	preemptFlag("preempt", false, Meta{Default: "on", Doc: "Undo nopreempt."}),
	preemptFlag("nopreempt", true, Meta{Default: "off", Bare: "on", Ref: "RFC 5798 6.1", Doc: "A running master of lower priority stays."}),
	Timer("preempt_delay", func(v *instanceDraft) *time.Duration { return &v.PreemptDelay }, seconds(0, 1000e6).orElse(0), Meta{
		Process: ProcVRRP, Default: "0", OnBad: "0 is used", Bad: "(%n) Preempt_delay not valid! must be between 0-1000",
		Doc: "How long a router of higher priority waits before it takes over.",
	}),
	Custom("lvs_sync_daemon_interface", "<IFNAME>", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Default: "none",
		Deprecated: "(%n) Specifying lvs_sync_daemon_interface against a vrrp is deprecated.",
		Doc:        "Same as lvs_sync_daemon IFNAME with this instance in global_defs.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if v.LVSSyncInterface != "" || d.drafts.cfg.Global.LVS.SyncDaemon != nil {
			return d.duplicate(w, "lvs_sync_daemon has already been specified - ignoring %v")
		}
		v.LVSSyncInterface = w.Text
		return true
	}),
	Number("down_timer_adverts", func(v *instanceDraft) *uint8 { return &v.DownTimerAdverts }, within(1, 100).tolerant(), Meta{
		Process: ProcVRRP, Default: "vrrp_down_timer_adverts", Bad: "(%n): Invalid down_timer_adverts [1:100] '%v'",
		Doc: "How many missed adverts make the master count as down.", Ref: "RFC 5798 6.1",
	}),
	timerExpired("timer_expired_backup", Meta{}),
	timerExpired("thread_timer_expired", Meta{Alias: "timer_expired_backup", Deprecated: "Keyword \"thread_timer_expired\" is deprecated - please use \"timer_expired_backup\""}),
	Bool("lower_prio_no_advert", func(v *instanceDraft) *bool { return &v.LowerPrioNoAdvert }, Meta{
		Process: ProcVRRP, Default: "global setting (strict: yes)", Bad: "(%n) invalid lower_prio_no_advert %v specified",
		Doc: "Do not answer an advert of lower priority.",
	}),
	Bool("higher_prio_send_advert", func(v *instanceDraft) *bool { return &v.HigherPrioSendAdvert }, Meta{
		Process: ProcVRRP, Default: "global setting (strict: no)", Bad: "(%n) invalid higher_prio_send_advert %v specified",
		Doc: "Send one advert before yielding to one of higher priority.",
	}),
	Bool("owner_ignore_adverts", func(v *instanceDraft) *bool { return &v.OwnerIgnoreAdverts }, Meta{
		Process: ProcVRRP, Default: "priority 255: strict mode yes, else global; otherwise no", Since: "2.4.0", Bad: "(%n) invalid owner_ignore_adverts %v specified",
		Doc: "The owner of the addresses ignores adverts.",
	}),
}

func acceptFlag(name string, value int, m Meta) Keyword[instanceDraft] {
	m.Process = ProcVRRP
	return Custom(name, "", m, func(_ *decoder, v *instanceDraft, _ *Line) bool {
		v.acceptSet = value
		return true
	})
}

func preemptFlag(name string, value bool, m Meta) Keyword[instanceDraft] {
	m.Process = ProcVRRP
	return Custom(name, "", m, func(_ *decoder, v *instanceDraft, _ *Line) bool {
		v.NoPreempt = value
		return true
	})
}

func timerExpired(name string, m Meta) Keyword[instanceDraft] {
	m.Process, m.Default, m.Since = ProcVRRP, "off", "2.4.0"
	m.Bad = "(%n) invalid timer_expired_backup %v - ignoring"
	m.Doc = "Become backup when running so late that another router may be master; N is the highest priority among the others."
	return OptionalNumber(name, func(v *instanceDraft) *uint8 { return &v.TimerExpiredBackup }, within(1, 254), 254, m)
}

var instanceGARP = []Keyword[instanceDraft]{
	garpSpan("garp_master_delay", within(0, 4294).tolerant(), func(v *instanceDraft) *time.Duration { return &v.GARP.MasterDelay }, Meta{
		Doc: "Delay of the second burst of gratuitous ARPs after becoming master; 0 is none.",
	}),
	garpSpan("garp_master_refresh", within(0, maxUint32).tolerant().orElse(0), func(v *instanceDraft) *time.Duration { return &v.GARP.MasterRefresh }, Meta{
		OnBad: "0 is used", Bad: "(%n): Invalid garp_master_refresh '%v' - ignoring", Doc: "Interval of periodic gratuitous ARPs while master.",
	}),
	garpCount("garp_master_repeat", within(0, maxUint32).tolerant().zeroIsOne("(%n): %k must be greater than 0, setting to 1"),
		func(v *instanceDraft) *uint32 { return &v.GARP.MasterRepeat }, Meta{Doc: "Gratuitous ARPs per address in each burst after becoming master."}),
	garpCount("garp_master_refresh_repeat", within(0, maxUint32).tolerant().zeroIsOne("(%n): %k must be greater than 0, setting to 1"),
		func(v *instanceDraft) *uint32 { return &v.GARP.MasterRefreshRepeat }, Meta{Doc: "Gratuitous ARPs per address in each periodic refresh."}),
	garpSpan("garp_lower_prio_delay", within(0, 4294).tolerant(), func(v *instanceDraft) *time.Duration { return &v.GARP.LowerPrioDelay }, Meta{
		Default: "vrrp_garp_lower_prio_delay (strict: 0)", Doc: "Delay of the second burst after an advert of lower priority.",
	}),
	garpCount("garp_lower_prio_repeat", within(0, 1<<31-1).tolerant(), func(v *instanceDraft) *uint32 { return &v.GARP.LowerPrioRepeat }, Meta{
		Default: "vrrp_garp_lower_prio_repeat (strict: 0)", Bad: "(%n): Invalid garp_lower_prio_repeat '%v'", Doc: "Gratuitous ARPs per address after an advert of lower priority.",
	}),
	garpExtra("garp_extra_if", func(v *instanceDraft) (*time.Duration, *bool) { return &v.GARP.ExtraInterval, &v.GARP.ExtraAll }, 0, Meta{
		Default: "vrrp_garp_extra_if", Range: "0-86400 s; 0 = off",
	}),
	garpExtra("vmac_garp_intvl", func(v *instanceDraft) (*time.Duration, *bool) { return &v.GARP.ExtraInterval, &v.GARP.ExtraAll }, 0, Meta{
		Default: "vrrp_garp_extra_if", Range: "0-86400 s; 0 = off", Alias: "garp_extra_if",
		Deprecated: "Keyword \"vmac_garp_intvl\" is deprecated - please use \"garp_extra_if\"",
	}),
}

func garpMeta(name string, m Meta) Meta {
	m.Process = ProcVRRP
	if m.Default == "" {
		m.Default = "vrrp_" + name
	}
	if m.Bad == "" {
		m.Bad = "(%n): %k '%v' invalid - ignoring"
	}
	return m
}

func garpSpan(name string, l limits, field func(*instanceDraft) *time.Duration, m Meta) Keyword[instanceDraft] {
	return Span(name, field, l, time.Second, garpMeta(name, m))
}

func garpCount(name string, l limits, field func(*instanceDraft) *uint32, m Meta) Keyword[instanceDraft] {
	return Number(name, field, l, garpMeta(name, m))
}
