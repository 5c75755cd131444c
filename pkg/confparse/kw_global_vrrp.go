package confparse

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

var globalVRRP = []Keyword[globalDraft]{
	withRows(Custom("dynamic_interfaces", "[allow_if_changes]", Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Default: "off", Bare: "on",
		OnBad: "dynamic_interfaces is set without the option", Doc: "Accept interfaces that do not exist yet.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		g.VRRP.DynamicInterfaces = true
		if len(s.Words) > 1 {
			if w := s.Words[1]; w.Text == "allow_if_changes" {
				g.VRRP.AllowIfChanges = true
				d.report(w, diag.Diagnostic{Code: codeNoEffect, Severity: diag.Note, Class: diag.ClassOwn,
					Summary: "allow_if_changes has no effect", Effect: "two instances that would use one virtual_router_id on a link are refused in any case"})
			} else {
				d.refuse(w, "Unknown dynamic_interfaces option '"+w.Text+"'", "")
			}
		}
		return true
	}), nil),
	Text("default_interface", "<IFNAME>", func(g *globalDraft) *string { return &g.VRRP.DefaultInterface }, Meta{
		Process: ProcVRRP, Default: "eth0", Missing: "default_interface requires interface name",
		Doc: "Interface of static addresses that name none.",
	}),
	Flag("disable_local_igmp", func(g *globalDraft) *bool { return &g.VRRP.DisableLocalIGMP }, true, Meta{
		Process: ProcVRRP, Reload: ReloadRestart, Doc: "Turn off IGMP reports for 224.0.0.0/24.",
	}),
	LaxBool("v3_checksum_as_v2", func(g *globalDraft) *bool { return &g.VRRP.V3ChecksumAsV2 }, Meta{
		Process: ProcVRRP, Since: "2.4.0", Ref: "RFC 9568 5.2.8", Doc: "Leave the pseudo header out of the checksum of IPv4 version 3 adverts, in all instances.",
	}),
	multicastGroup("vrrp_mcast_group4", config.IPv4, func(g *globalDraft) *netip.Addr { return &g.VRRP.MulticastGroup4 }, "224.0.0.18", Meta{
		Range: "IPv4 multicast", Ref: "RFC 5798 5.1.1.2", Doc: "Multicast group of IPv4 adverts.",
	}),
	multicastGroup("vrrp_mcast_group6", config.IPv6, func(g *globalDraft) *netip.Addr { return &g.VRRP.MulticastGroup6 }, "ff02::12", Meta{
		Range: "IPv6 multicast", Ref: "RFC 5798 5.1.2.2", Doc: "Multicast group of IPv6 adverts.",
	}),
	Bool("vrrp_lower_prio_no_advert", func(g *globalDraft) *bool { return &g.VRRP.LowerPrioNoAdvert }, Meta{
		Process: ProcVRRP, Default: "no", Bad: "Invalid value for vrrp_lower_prio_no_advert specified",
		Doc: "Do not answer an advert of lower priority.",
	}),
	Bool("vrrp_higher_prio_send_advert", func(g *globalDraft) *bool { return &g.VRRP.HigherPrioSendAdvert }, Meta{
		Process: ProcVRRP, Default: "no", Bad: "Invalid value for vrrp_higher_prio_send_advert specified",
		Doc: "Send one advert before yielding to one of higher priority.",
	}),
	Number("vrrp_version", func(g *globalDraft) *uint8 { return &g.VRRP.Version }, within(2, 3).tolerant(), Meta{
		Process: ProcVRRP, Args: "2|3", Default: "2 (IPv6 instances: 3)", Bad: "VRRP Error: Version must be either 2 or 3",
		Doc: "VRRP version of instances that name none.",
	}),
	Flag("vrrp_check_unicast_src", func(g *globalDraft) *bool { return &g.VRRP.CheckUnicastSource }, true, Meta{
		Process: ProcVRRP, Doc: "Accept unicast adverts from configured peers only.",
	}),
	Bool("vrrp_skip_check_adv_addr", func(g *globalDraft) *bool { return &g.VRRP.SkipCheckAdvertAddress }, Meta{
		Process: ProcVRRP, Default: "no", Doc: "Do not compare the address list of every advert of the same master.",
	}),
	Bool("vrrp_strict", func(g *globalDraft) *bool { return &g.VRRP.Strict }, Meta{
		Process: ProcVRRP, Default: "no", Doc: "Keep to the RFC in all instances.", Ref: "RFC 5798",
	}),
	Bool("vrrp_owner_ignore_adverts", func(g *globalDraft) *bool { return &g.VRRP.OwnerIgnoreAdverts }, Meta{
		Process: ProcVRRP, Default: "no", Since: "2.4.0", Doc: "An instance of priority 255 ignores adverts.",
	}),
	Number("vrrp_down_timer_adverts", func(g *globalDraft) *uint8 { return &g.VRRP.DownTimerAdverts }, within(1, 100).tolerant(), Meta{
		Process: ProcVRRP, Default: "3", Bad: "Invalid vrrp_down_timer_adverts [1:100] '%v'",
		Doc: "How many missed adverts make the master count as down.", Ref: "RFC 5798 6.1",
	}),
	startupDelay("vrrp_startup_delay", func(g *globalDraft) *time.Duration { return &g.VRRP.StartupDelay }, Meta{
		Doc: "Delay before the instances start.",
	}),
	startupDelay("vrrp_delay_after_boot", func(g *globalDraft) *time.Duration { return &g.VRRP.DelayAfterBoot }, Meta{
		Since: "2.4.0", Doc: "The instances start no earlier than this time after the boot of the machine.",
	}),
	Flag("log_unknown_vrids", func(g *globalDraft) *bool { return &g.VRRP.LogUnknownVRIDs }, true, Meta{
		Process: ProcVRRP, Doc: "Log adverts with a virtual router id that is not ours.",
	}),
	prefix("vmac_prefix", "vmac prefix", func(g *globalDraft) *string { return &g.VRRP.VMACPrefix }, Meta{
		Default: "vrrp", Doc: "Start of the names of generated VMAC interfaces.",
	}),
	prefix("vmac_addr_prefix", "vmac_addr prefix", func(g *globalDraft) *string { return &g.VRRP.VMACAddrPrefix }, Meta{
		Default: "vmac_prefix", Doc: "Start of the names of VMACs for addresses on other interfaces.",
	}),
}

func prefix(name, words string, field func(*globalDraft) *string, m Meta) Keyword[globalDraft] {
	m.Process = ProcVRRP
	return FirstText(name, "<STRING>", field, words+" has already been specified - ignoring %v", m)
}

func multicastGroup(name string, family config.Family, field func(*globalDraft) *netip.Addr, value string, m Meta) Keyword[globalDraft] {
	m.Process, m.Default = ProcVRRP, value
	return Custom(name, "<IP>", m, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		a, ok := parseIP(w.Text)
		if !ok || config.FamilyOf(a) != family {
			return d.refuse(w, "Can't parse "+name+" ["+w.Text+"]. Skipping", "not an "+family.String()+" address")
		}
		if !a.IsMulticast() {
			return d.refuse(w, name+" ["+w.Text+"] is not multicast. Skipping", "")
		}
		if family == config.IPv6 && !a.IsLinkLocalMulticast() {
			d.adjust(w, name+" ["+w.Text+"] should be link-local multicast.", "it is used all the same")
		}
		*field(g) = a
		return true
	})
}

func startupDelay(name string, field func(*globalDraft) *time.Duration, m Meta) Keyword[globalDraft] {
	m.Process, m.Default, m.Repeat, m.Bad = ProcVRRP, "0", RepeatMerge, "%k '%v' is invalid"
	l := seconds(1000, maxTimer)
	return newEntry(name, "<TIMER>", l.String(), m, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if !ok {
			return false
		}
		if v >= time.Minute {
			d.logOnly(w, codeLogOnly, "The "+name+" is very large - "+w.Text+" seconds", "nothing is master before it is over")
		}
		if p := field(g); v > *p {
			*p = v
		}
		return true
	})
}

var globalGARP = []Keyword[globalDraft]{
	Span("vrrp_garp_master_delay", func(g *globalDraft) *time.Duration { return &g.VRRP.GARPMasterDelay }, within(0, 4294).tolerant(), time.Second, Meta{
		Process: ProcVRRP, Default: "5", Doc: "Delay of the second burst of gratuitous ARPs after becoming master; 0 is none.",
	}),
	Number("vrrp_garp_master_repeat", func(g *globalDraft) *uint32 { return &g.VRRP.GARPMasterRepeat },
		within(0, maxUint32).tolerant().zeroIsOne("%k must be greater than 0, setting to 1"), Meta{
			Process: ProcVRRP, Default: "5", Doc: "Gratuitous ARPs per address in each burst after becoming master.",
		}),
	Span("vrrp_garp_master_refresh", func(g *globalDraft) *time.Duration { return &g.VRRP.GARPMasterRefresh }, within(0, maxUint32).tolerant().orElse(0), time.Second, Meta{
		Process: ProcVRRP, Default: "0 (off)", Bad: "Invalid vrrp_garp_master_refresh '%v' - ignoring", OnBad: "0 is used",
		Doc: "Interval of periodic gratuitous ARPs while master.",
	}),
	Number("vrrp_garp_master_refresh_repeat", func(g *globalDraft) *uint32 { return &g.VRRP.GARPMasterRefreshRepeat },
		within(0, maxUint32).tolerant().zeroIsOne("%k must be greater than 0, setting to 1"), Meta{
			Process: ProcVRRP, Default: "1", Doc: "Gratuitous ARPs per address in each periodic refresh.",
		}),
	newEntry("vrrp_garp_lower_prio_delay", "<SECS>", "0-4294 s", Meta{
		Process: ProcVRRP, Default: "vrrp_garp_master_delay", Doc: "Delay of the second burst after an advert of lower priority.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(0, 4294).tolerant())
		if ok {
			v := time.Duration(n) * time.Second
			g.VRRP.GARPLowerPrioDelay = &v
		}
		return ok
	}),
	newEntry("vrrp_garp_lower_prio_repeat", "<N>", "0-2147483647", Meta{
		Process: ProcVRRP, Default: "vrrp_garp_master_repeat", Bad: "Invalid vrrp_garp_lower_prio_repeat '%v'",
		Doc: "Gratuitous ARPs per address after an advert of lower priority.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(0, 1<<31-1).tolerant())
		if ok {
			v := uint32(n)
			g.VRRP.GARPLowerPrioRepeat = &v
		}
		return ok
	}),
	garpInterval("vrrp_garp_interval", func(g *globalDraft) *time.Duration { return &g.VRRP.GARPInterval }, Meta{
		OnBad: "the line is ignored; without it there is no pause", Doc: "Pause between two gratuitous ARPs on an interface.",
	}),
	garpInterval("vrrp_gna_interval", func(g *globalDraft) *time.Duration { return &g.VRRP.GNAInterval }, Meta{
		OnBad: "the line is ignored; without it there is no pause", Doc: "Pause between two unsolicited neighbour advertisements on an interface.",
	}),
	Custom("vrrp_min_garp", "[<BOOL>]", Meta{
		Process: ProcVRRP, Repeat: RepeatOnce, Default: "no", Bare: "yes", Bad: "Invalid value for vrrp_min_garp specified",
		Doc: "Send one gratuitous ARP per address, no second burst and no refresh; only settings that still have their default are changed.",
	}, readMinGARP),
	garpExtra("vrrp_garp_extra_if", func(g *globalDraft) (*time.Duration, *bool) {
		return &g.VRRP.GARPExtraInterval, &g.defaults.garpExtraAll
	}, 1, Meta{Default: "0 (off)"}),
	garpExtra("vrrp_vmac_garp_intvl", func(g *globalDraft) (*time.Duration, *bool) {
		return &g.VRRP.GARPExtraInterval, &g.defaults.garpExtraAll
	}, 1, Meta{
		Default: "0 (off)", Alias: "vrrp_garp_extra_if",
		Deprecated: "Keyword \"vrrp_vmac_garp_intvl\" is deprecated - please use \"vrrp_garp_extra_if\"",
	}),
}

func garpInterval(name string, field func(*globalDraft) *time.Duration, m Meta) Keyword[globalDraft] {
	m.Process, m.Default = ProcVRRP, "0"
	l := seconds(1, maxTimer)
	return newEntry(name, "<TIMER>", l.String(), m, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if !ok {
			return false
		}
		d.longInterval(w, name, v)
		*field(g) = v
		return true
	})
}

func (d *decoder) longInterval(w Word, name string, v time.Duration) {
	if v >= time.Second {
		d.logOnly(w, codeLogOnly, "The "+name+" is very large - "+w.Text+" seconds", "many addresses take long to be announced")
	}
}

// readMinGARP changes what has its default when the line is read.
func readMinGARP(d *decoder, g *globalDraft, s *Line) bool {
	v, ok := d.boolean(s)
	if !ok || !v {
		return ok
	}
	if !d.has("vrrp_garp_master_repeat") {
		g.VRRP.GARPMasterRepeat = 1
	}
	if !d.has("vrrp_garp_master_delay") {
		g.VRRP.GARPMasterDelay = 0
	}
	if !d.has("vrrp_garp_master_refresh_repeat") {
		g.VRRP.GARPMasterRefreshRepeat = 0
	}
	return true
}

// garpExtra is garp_extra_if in the instance and in global_defs.
func garpExtra[T any](name string, field func(*T) (*time.Duration, *bool), least int64, m Meta) Keyword[T] {
	m.Process = ProcVRRP
	m.Doc = "Interval of gratuitous ARPs and neighbour advertisements on VMACs other than the instance's (all: on every interface) that hold its addresses."
	return newEntry(name, "[all] <SECS>", within(least, 86400).String()+" s", m, func(d *decoder, t *T, s *Line) bool {
		interval, all := field(t)
		i := 1
		if i < len(s.Words) && s.Words[i].Text == "all" {
			*all = true
			i++
		}
		prefix := ""
		if n := d.name(); n != "" {
			prefix = "(" + n + "): "
		}
		if i == len(s.Words) {
			d.missingAt(s, i+1, prefix+name+" specified without time - ignoring")
			return false
		}
		for _, w := range s.Words[i:] {
			n, problem := d.readInteger(w, within(least, 86400).tolerant())
			if problem != "" {
				return d.refuse(w, prefix+name+" '"+w.Text+"' invalid - ignoring", problem)
			}
			*interval = time.Duration(n) * time.Second
		}
		return true
	})
}

var globalFirewall = []Keyword[globalDraft]{
	Custom("vrrp_iptables", "[<INCHAIN> [<OUTCHAIN>]]", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "1-27 characters each",
		Default: "off", Bare: "INPUT OUTPUT; one name=no out chain",
		Doc: "Use a firewall for no_accept and VMACs; nftables does the work here, whatever the chains are called.",
	}, readIPTables),
	Custom("vrrp_ipsets", "[<SET> [<SET6> [<IF6> [<IGMP> [<MLD> [<ND>]]]]]]", Meta{
		Process: ProcVRRP, Range: "1-30 characters each, all different", Status: StatusNoEffect,
		Default: "keepalived* names if vrrp_iptables is set", Bare: "no ipsets; omitted names derived from the first",
		OnBad: "all names are cleared", Doc: "Names of the ipsets that go with vrrp_iptables; nftables has sets of its own.",
	}, readIPSets),
	nftTable("nftables", "nftables already specified - ignoring", ProcVRRP, "keepalived",
		func(g *globalDraft, table string) { g.VRRP.NFTables, g.VRRP.NFTablesPriority = table, -1 }, Meta{
			Default: "off, but turned on when use_vmac or no_accept needs a firewall",
			Doc:     "Name of the nftables tables that no_accept and VMACs need.",
		}),
	Number("nftables_priority", func(g *globalDraft) *int32 { return &g.VRRP.NFTablesPriority }, within(-1<<31, 1<<31-1), Meta{
		Process: ProcVRRP, Default: "-1", Bad: "invalid nftables chain priority '%v'",
		Doc: "Priority of the nftables base chains; it must follow nftables.",
	}),
	Flag("nftables_ifindex", func(g *globalDraft) *bool { return &g.VRRP.NFTablesIfindex }, true, Meta{
		Process: ProcVRRP, Doc: "Use the interface index in sets of link-local addresses.",
	}),
	nftTable("nftables_ipvs", "ipvs nftables already specified - ignoring", ProcChecker, "keepalived_ipvs",
		func(g *globalDraft, table string) {
			g.LVS.NFTables, g.LVS.NFTablesPriority, g.LVS.NFTablesStartFwmark = table, -1, 1000
		}, Meta{
			Default: "off",
			Doc:     "Set firewall marks for virtual server groups with nftables.",
		}),
	Number("nftables_ipvs_priority", func(g *globalDraft) *int32 { return &g.LVS.NFTablesPriority }, within(-1<<31, 1<<31-1), Meta{
		Process: ProcChecker, Default: "-1", Bad: "invalid ipvs nftables chain priority '%v'",
		Doc: "Priority of the nftables chains of nftables_ipvs; it must follow nftables_ipvs.",
	}),
	Number("nftables_ipvs_start_fwmark", func(g *globalDraft) *uint32 { return &g.LVS.NFTablesStartFwmark }, within(1, maxUint32), Meta{
		Process: ProcChecker, Default: "1000", Bad: "invalid ipvs nftables start_fwmark priority '%v'",
		Doc: "First firewall mark of nftables_ipvs; it must follow nftables_ipvs.",
	}),
	Flag("nftables_counters", func(g *globalDraft) *bool { return &g.VRRP.NFTablesCounters }, true, Meta{
		Process: ProcVRRP | ProcChecker, Doc: "Add counters to the nftables rules.",
	}),
}

func nftTable(name, twice string, process Process, value string, set func(*globalDraft, string), m Meta) Keyword[globalDraft] {
	m.Process, m.Repeat, m.Range, m.Bare, m.Reload = process, RepeatFirst, "1-254 characters", value, ReloadRestart
	return Custom(name, "[<TABLE>]", m, func(d *decoder, g *globalDraft, s *Line) bool {
		if d.has(name) {
			return d.duplicate(s.Words[0], twice)
		}
		table := value
		if len(s.Words) > 1 {
			w := s.Words[1]
			if len(w.Text) > 254 || w.Text == "" {
				return d.refuse(w, name+" table name too long - ignoring", "a table name has 1 to 254 bytes")
			}
			table = w.Text
		}
		set(g, table)
		return true
	})
}

func readIPTables(d *decoder, g *globalDraft, s *Line) bool {
	if d.has("vrrp_iptables") {
		return d.duplicate(s.Words[0], "vrrp_iptables already specified - ignoring")
	}
	for _, w := range s.Words[1:min(len(s.Words), 3)] {
		if len(w.Text) > 27 || w.Text == "" {
			return d.refuse(w, "VRRP Error : iptables in chain name too long - ignored", "a chain name has 1 to 27 bytes")
		}
	}
	if len(s.Words) > 2 && s.Words[1].Text == s.Words[2].Text {
		return d.refuse(s.Words[2], "VRRP Error : iptables in and out chain names the same - ignored", "")
	}
	g.VRRP.IPTables = true
	d.report(s, diag.Diagnostic{
		Code: codeIPTables, Severity: diag.Warning, Class: diag.ClassOwn,
		Summary: "iptables not supported, using nftables instead. Please replace 'vrrp_iptables and 'vrrp_ipsets' with 'nftables' config option",
		Effect:  "nftables is used; the chains that are named stay untouched", Hint: "write nftables instead",
	})
	return true
}

// readIPSets checks the names; those that are left out are made of the first.
func readIPSets(d *decoder, _ *globalDraft, s *Line) bool {
	seen := map[string]bool{}
	for _, w := range s.Words[1:min(len(s.Words), 7)] {
		if len(w.Text) > 30 || w.Text == "" {
			return d.refuse(w, "VRRP Error : ipset name too long - ignored", "a set name has 1 to 30 bytes")
		}
		if seen[w.Text] {
			return d.refuse(w, "vrrp_ipsets names must be different", "")
		}
		seen[w.Text] = true
	}
	return true
}
