package scenario

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// settings is a machine as a scenario describes it, one thing per line:
//
//	interface eth0 10.9.0.1/24 fe80::1/64 [down] [mtu=N] [nomulticast] [noarp]
//	global startup_delay=2s garp_interval=100ms mcast4=A log_unknown_vrids ...
//	instance V1 vrid=51 prio=150 adv=1s vip=10.9.0.100/24 track_script=chk:-20 ...
//	group G V1,V2 track_script=chk
//	script chk rise=2 fall=3 weight=-20 init_fail
//	file f1 | process p1 | bfd b1
//	static 10.8.0.1/24 dev=eth0 track_group=T
//	static_route 10.77.0.0/24 dev eth0
//	track_group T V1,V2
//	garp_group garp=100ms gna=100ms eth0,eth1
//	delay eth0 3s 1s
//
// After a line "keepalived.conf:" the rest is the text of such a file, instead
// of all but the interfaces.
//
// Bursts have one round and no repetition unless garp= says otherwise, so that
// traces stay short: that is not keepalived's default. Everything else is.
type settings struct {
	cfg        *config.Config
	interfaces []vrrp.Interface
}

// option is key=value or a bare word.
type option struct{ key, value string }

func options(words []string) []option {
	list := make([]option, len(words))
	for i, w := range words {
		list[i].key, list[i].value, _ = strings.Cut(w, "=")
	}
	return list
}

// parseSettings reads the description of a machine.
func parseSettings(text string) (s *settings, err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(settingsError); ok {
				err = e
				return
			}
			panic(r)
		}
	}()
	s = &settings{cfg: &config.Config{Global: config.NewGlobal()}}
	text, conf, isConf := strings.Cut(text, "keepalived.conf:\n")
	for _, line := range strings.Split(text, "\n") {
		if w := strings.Fields(line); len(w) > 0 && !strings.HasPrefix(w[0], "#") {
			s.line(w)
		}
	}
	s.finish()
	if isConf {
		s.cfg = ParseConf(conf)
	}
	return s, nil
}

type settingsError string

func (e settingsError) Error() string { return string(e) }

func fail(format string, args ...any) { panic(settingsError(fmt.Sprintf(format, args...))) }

func (s *settings) line(w []string) {
	c := s.cfg
	if len(w) < 2 {
		fail("%q needs more words", w[0])
	}
	switch w[0] {
	case "interface":
		s.interfaces = append(s.interfaces, parseInterface(w[1], w[2:]))
	case "global":
		for _, o := range options(w[1:]) {
			s.global(o)
		}
	case "instance":
		c.Instances = append(c.Instances, s.instance(w[1], options(w[2:])))
	case "group":
		g := &config.SyncGroup{Name: w[1], Members: strings.Split(w[2], ",")}
		for _, o := range options(w[3:]) {
			trackLists(o, &g.TrackInterfaces, &g.TrackScripts, &g.TrackFiles, &g.TrackProcesses, &g.TrackBFD)
		}
		c.SyncGroups = append(c.SyncGroups, g)
	case "script":
		c.Scripts = append(c.Scripts, parseScript(w[1], options(w[2:])))
	case "file":
		c.Files = append(c.Files, &config.TrackFile{Name: w[1]})
	case "process":
		c.Processes = append(c.Processes, &config.TrackProcess{Name: w[1]})
	case "bfd":
		c.BFD = append(c.BFD, &config.BFDInstance{Name: w[1]})
	case "static":
		c.StaticAddresses = append(c.StaticAddresses, parseAddress(strings.Join(w[1:], ",")))
	case "static_route":
		r := &config.Route{Words: w[1:]}
		if last := len(w) - 1; strings.HasPrefix(w[last], "track_group=") {
			r.Words, r.TrackGroup = w[1:last], strings.TrimPrefix(w[last], "track_group=")
		}
		c.StaticRoutes = append(c.StaticRoutes, r)
	case "static_rule":
		c.StaticRules = append(c.StaticRules, &config.Rule{Words: w[1:]})
	case "track_group":
		c.TrackGroups = append(c.TrackGroups, &config.TrackGroup{Name: w[1], Instances: strings.Split(w[2], ",")})
	case "garp_group":
		g := &config.GARPGroup{}
		for _, o := range options(w[1:]) {
			switch o.key {
			case "garp":
				g.GARPInterval = duration(o.value)
			case "gna":
				g.GNAInterval = duration(o.value)
			default:
				g.Interfaces = strings.Split(o.key, ",")
			}
		}
		c.GARPGroups = append(c.GARPGroups, g)
	case "delay":
		c.LinkDelays = append(c.LinkDelays, &config.LinkDelay{Interface: w[1], Down: duration(w[2]), Up: duration(w[3])})
	case "sync_daemon":
		c.Global.LVS.SyncDaemon = &config.SyncDaemon{Interface: w[1], Instance: w[2]}
	default:
		fail("unknown line %q", w[0])
	}
}

// finish does what the configuration's own checks do: members learn of their
// group.
func (s *settings) finish() {
	for _, g := range s.cfg.SyncGroups {
		for _, name := range g.Members {
			if v := s.cfg.Instance(name); v != nil {
				v.Group = g.Name
			}
		}
	}
}

func parseInterface(name string, words []string) vrrp.Interface {
	f := vrrp.Interface{
		Name: name, Up: true, Running: true, Multicast: true, MTU: 1500,
		MAC: [6]byte{2, 0, 0, 0, 0, 1}, HardwareLen: 6,
	}
	for _, o := range options(words) {
		switch o.key {
		case "down":
			f.Up, f.Running = false, false
		case "index":
			f.Index = number(o.value)
		case "mtu":
			f.MTU = number(o.value)
		case "nomulticast":
			f.Multicast = false
		case "noarp":
			f.NoARP = true
		case "loopback":
			f.Loopback = true
		case "kind":
			f.Kind = o.value
		case "mac":
			f.MAC[5] = byte(number(o.value))
		default:
			tentative := strings.HasSuffix(o.key, "?")
			f.Addresses = append(f.Addresses, vrrp.InterfaceAddress{Prefix: prefix(strings.TrimSuffix(o.key, "?")), Tentative: tentative})
		}
	}
	return f
}

func (s *settings) global(o option) {
	g := &s.cfg.Global
	v := &g.VRRP
	switch o.key {
	case "startup_delay":
		v.StartupDelay = duration(o.value)
	case "delay_after_boot":
		v.DelayAfterBoot = duration(o.value)
	case "garp_interval":
		v.GARPInterval = duration(o.value)
	case "gna_interval":
		v.GNAInterval = duration(o.value)
	case "log_unknown_vrids":
		v.LogUnknownVRIDs = true
	case "fifo_states":
		g.FIFOWriteStatesOnReload = true
	case "max_auto_priority":
		g.MaxAutoPriority = number(o.value)
	case "rx_policy_mtu":
		v.RxBufferPolicyMTU = true
	case "rx_policy_advert":
		v.RxBufferPolicyAdvert = true
	case "rx_size":
		v.RxBufferSize = uint32(number(o.value))
	default:
		fail("unknown global setting %q", o.key)
	}
}

func parseScript(name string, list []option) *config.TrackScript {
	c := &config.TrackScript{Name: name, Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1, Script: config.Script{Text: name}}
	for _, o := range list {
		switch o.key {
		case "rise":
			c.Rise = number(o.value)
		case "fall":
			c.Fall = number(o.value)
		case "init_fail":
			c.InitFail = true
		case "text":
			c.Script.Text = o.value
		default:
			fail("unknown script setting %q", o.key)
		}
	}
	return c
}

// parseAddress is PREFIX[,dev=IF][,no_track][,use_vmac][,label=L][,scope=N]...
func parseAddress(text string) *config.Address {
	words := strings.Split(text, ",")
	a := &config.Address{Prefix: prefix(words[0])}
	for _, o := range options(words[1:]) {
		switch o.key {
		case "dev":
			a.Dev = o.value
		case "no_track":
			a.NoTrack = true
		case "use_vmac":
			a.UseVMAC = true
		case "label":
			a.Label = o.value
		case "scope":
			a.Scope = config.Scope(number(o.value))
		case "track_group":
			a.TrackGroup = o.value
		default:
			fail("unknown address setting %q", o.key)
		}
	}
	return a
}

func (s *settings) instance(name string, list []option) *config.VRRPInstance {
	v := config.NewVRRPInstance()
	v.Name, v.Interface, v.Priority = name, "eth0", 100
	v.GARP = config.GARPSettings{MasterRepeat: 1, MasterRefreshRepeat: 1, LowerPrioRepeat: 1}
	for _, o := range list {
		if trackLists(o, &v.TrackInterfaces, &v.TrackScripts, &v.TrackFiles, &v.TrackProcesses, &v.TrackBFD) {
			continue
		}
		if !s.instanceAddress(v, o) && !instanceTiming(v, o) && !instanceAuth(v, o) {
			instanceFlag(v, o)
		}
	}
	if v.Family == config.FamilyNone {
		v.Family = config.IPv4
		for _, a := range v.VirtualAddresses {
			v.Family = config.FamilyOf(a.Prefix.Addr())
		}
	}
	if v.Version == 0 {
		v.Version = 2
		if v.Family == config.IPv6 || v.AdvertInterval%time.Second != 0 {
			v.Version = 3
		}
	}
	if !v.MulticastGroup.IsValid() {
		v.MulticastGroup = s.cfg.Global.VRRP.MulticastGroup4
		if v.Family == config.IPv6 {
			v.MulticastGroup = s.cfg.Global.VRRP.MulticastGroup6
		}
	}
	return v
}

func (s *settings) instanceAddress(v *config.VRRPInstance, o option) bool {
	switch o.key {
	case "iface":
		v.Interface = o.value
	case "vip":
		for _, a := range strings.Split(o.value, "+") {
			v.VirtualAddresses = append(v.VirtualAddresses, parseAddress(a))
		}
	case "evip":
		for _, a := range strings.Split(o.value, "+") {
			v.ExcludedAddresses = append(v.ExcludedAddresses, parseAddress(a))
		}
	case "src":
		v.SourceAddress = addr(o.value)
	case "track_src":
		v.TrackSourceAddress = true
	case "mcast":
		v.MulticastGroup = addr(o.value)
	case "peers":
		for _, p := range strings.Split(o.value, ",") {
			host, ttl, limited := strings.Cut(p, "/")
			peer := config.UnicastPeer{Address: addr(host), MaxTTL: 255}
			if limited {
				lo, hi, _ := strings.Cut(ttl, "-")
				peer.MinTTL, peer.MaxTTL = uint8(number(lo)), uint8(number(hi))
				v.CheckUnicastSource = true
			}
			v.Peers = append(v.Peers, peer)
		}
	case "route":
		v.Routes = append(v.Routes, &config.Route{Words: strings.Split(o.value, "_")})
	case "route_no_track":
		v.Routes = append(v.Routes, &config.Route{Words: strings.Split(o.value, "_"), NoTrack: true})
	case "rule":
		v.Rules = append(v.Rules, &config.Rule{Words: strings.Split(o.value, "_")})
	case "vmac":
		v.VMAC = &config.VMAC{Name: o.value}
	case "xmit_base":
		v.VMAC.XmitBase = true
	case "use_vmac_addr":
		v.VMAC.UseAddr = true
	case "ipvlan":
		v.IPVLAN = &config.IPVLAN{Address: prefix(o.value)}
	case "vrf":
		v.VRF = o.value
	case "routed":
		v.Interface = ""
	case "lvs_sync":
		v.LVSSyncInterface = o.value
	case "no_peer_fault":
		v.UnicastFaultEmpty = true
	default:
		return false
	}
	return true
}

func instanceTiming(v *config.VRRPInstance, o option) bool {
	switch o.key {
	case "vrid":
		v.VirtualRouterID = uint8(number(o.value))
	case "prio":
		v.Priority = uint8(number(o.value))
	case "adv":
		v.AdvertInterval = duration(o.value)
	case "version":
		v.Version = uint8(number(o.value))
	case "preempt_delay":
		v.PreemptDelay = duration(o.value)
	case "down":
		v.DownTimerAdverts = uint8(number(o.value))
	case "expired":
		v.TimerExpiredBackup = uint8(number(o.value))
	case "ttl":
		n := uint8(number(o.value))
		v.UnicastTTL = &n
	case "rcvbuf":
		v.KernelRxBufSize = uint32(number(o.value))
	case "garp": // rounds/second burst/refresh/refresh rounds
		for i, p := range strings.Split(o.value, "/") {
			switch i {
			case 0:
				v.GARP.MasterRepeat = uint32(number(p))
			case 1:
				v.GARP.MasterDelay = duration(p)
			case 2:
				v.GARP.MasterRefresh = duration(p)
			case 3:
				v.GARP.MasterRefreshRepeat = uint32(number(p))
			}
		}
	case "lower": // rounds/second burst
		rounds, delay, _ := strings.Cut(o.value, "/")
		v.GARP.LowerPrioRepeat = uint32(number(rounds))
		if delay != "" {
			v.GARP.LowerPrioDelay = duration(delay)
		}
	case "extra":
		v.GARP.ExtraInterval = duration(o.value)
	case "extra_all":
		v.GARP.ExtraInterval, v.GARP.ExtraAll = duration(o.value), true
	default:
		return false
	}
	return true
}

func instanceAuth(v *config.VRRPInstance, o option) bool {
	switch o.key {
	case "pass", "ah":
		v.Auth = config.AuthPass
		if o.key == "ah" {
			v.Auth = config.AuthAH
		}
		copy(v.AuthPass[:], o.value)
	case "hmac": // active key id, then the ids that are known
		ids := strings.Split(o.value, ",")
		v.HMAC = &config.AuthHMAC{Keys: map[uint8][]byte{}, ActiveKey: uint8(number(ids[0])), TimeWindow: 5 * time.Second}
		for _, id := range ids {
			n := uint8(number(id))
			v.HMAC.Keys[n] = bytes.Repeat([]byte{n}, 32)
		}
	case "hmac_mode":
		v.HMAC.Mode = map[string]config.HMACMode{"enforce": config.HMACEnforce, "permissive": config.HMACPermissive, "receive-only": config.HMACReceiveOnly}[o.value]
	case "old_checksum":
		v.UnicastChecksum = config.UnicastChecksumOld
	case "new_checksum":
		v.UnicastChecksum = config.UnicastChecksumNew
	case "checksum_as_v2":
		v.V3ChecksumAsV2 = true
	default:
		return false
	}
	return true
}

func instanceFlag(v *config.VRRPInstance, o option) {
	switch o.key {
	case "nopreempt":
		v.NoPreempt = true
	case "no_accept":
		v.Accept = false
	case "lower_prio_no_advert":
		v.LowerPrioNoAdvert = true
	case "higher_prio_send_advert":
		v.HigherPrioSendAdvert = true
	case "owner_ignore_adverts":
		v.OwnerIgnoreAdverts = true
	case "dont_track_primary":
		v.DontTrackPrimary = true
	case "promote_secondaries":
		v.PromoteSecondaries = true
	case "skip_check_adv_addr":
		v.SkipCheckAdvert = true
	case "check_unicast_src":
		v.CheckUnicastSource = true
	case "notify_priority":
		v.NotifyPriorityChanges = true
	case "notify_deleted":
		v.Notify.DeletedSet = true
	default:
		fail("unknown instance setting %q", o.key)
	}
}

// trackLists reads track_KIND=NAME[:WEIGHT[r]],...
func trackLists(o option, links, scripts, files, processes, bfd *[]config.Track) bool {
	list := map[string]*[]config.Track{
		"track_if": links, "track_script": scripts, "track_file": files, "track_process": processes, "track_bfd": bfd,
	}[o.key]
	if list == nil {
		return false
	}
	for _, item := range strings.Split(o.value, ",") {
		name, weight, _ := strings.Cut(item, ":")
		t := config.Track{Name: name}
		if strings.HasSuffix(weight, "r") {
			t.Reverse = true
			weight = strings.TrimSuffix(weight, "r")
		}
		if weight != "" {
			t.Weight = number(weight)
		}
		*list = append(*list, t)
	}
	return true
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		fail("%q is no number", s)
	}
	return n
}

func duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		fail("%q is no duration", s)
	}
	return d
}

func addr(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil {
		fail("%q is no address", s)
	}
	return a
}

func prefix(s string) netip.Prefix {
	if !strings.Contains(s, "/") {
		a := addr(s)
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		fail("%q is no prefix", s)
	}
	return p
}

// protocolOf is the IP protocol of adverts with this authentication.
func protocolOf(a config.AuthType) uint8 {
	if a == config.AuthAH {
		return wire.ProtocolAH
	}
	return wire.ProtocolVRRP
}
