package confparse

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// checkOwner looks for instances that own their addresses by accident.
func (d *decoder) checkOwner(v *instanceDraft) {
	if v.Owner() && !v.Has("priority") {
		d.advise(v.At("state"), v.Head, diag.Warning, codeAccidentalOwner,
			"("+v.Name+") state MASTER without priority makes it the address owner", "its priority is 255: it takes over at once, and nothing lowers it", "write priority <1-254>")
	}
}

// checkAuth looks for a password that is not used.
func (d *decoder) checkAuth(v *instanceDraft) {
	if v.authPassSet && v.authType == config.AuthNone && v.Has("authentication") {
		d.advise(v.At("authentication"), v.Head, diag.Warning, codeUnusedPassword,
			"("+v.Name+") auth_pass without a valid auth_type", "adverts carry no password", "write auth_type PASS")
		d.lacking(&v.Block, "auth_type", v.broken)
	}
}

// checkUnicast looks at who talks to whom.
func (d *decoder) checkUnicast(v *instanceDraft) {
	for i := range v.Peers {
		p := &v.Peers[i]
		if p.Address == v.SourceAddress {
			d.advise(p.Head, v.Head, diag.Warning, codeOwnPeer,
				"("+v.Name+") "+p.Address.String()+" is its own unicast_src_ip", "adverts go to itself", "list the other routers only")
		}
		if hasAddress(v.VirtualAddresses, p.Address) || hasAddress(v.ExcludedAddresses, p.Address) {
			d.advise(p.Head, v.Head, diag.Warning, codePeerIsVIP,
				"("+v.Name+") the peer "+p.Address.String()+" is one of its virtual addresses", "adverts go to whoever is master", "list the addresses of the nodes themselves")
		}
	}
	if a := v.SourceAddress; a.IsValid() && (hasAddress(v.VirtualAddresses, a) || hasAddress(v.ExcludedAddresses, a)) {
		keyword := "unicast_src_ip"
		if !v.Has(keyword) {
			keyword = "mcast_src_ip"
		}
		d.advise(v.At(keyword), v.Head, diag.Warning, codeSourceIsVIP,
			"("+v.Name+") the source address "+a.String()+" is one of its virtual addresses", "a backup does not have it and cannot send", "use an address of the node itself")
	}
}

func hasAddress(list []*config.Address, a netip.Addr) bool {
	for _, x := range list {
		if x.Prefix.Addr() == a {
			return true
		}
	}
	return false
}

// checkStrict says that strict mode takes the addresses from local services.
func (d *decoder) checkStrict(v *instanceDraft) {
	if v.Strict && !v.Accept && v.acceptSet >= 0 && len(v.VirtualAddresses)+len(v.ExcludedAddresses) > 0 {
		hint := "write accept, or drop strict mode"
		if v.Version == 2 {
			hint = "drop strict mode, or use version 3 with accept"
		}
		at := v.At("strict_mode")
		if !v.Has("strict_mode") {
			at = d.cfg.Global.At("vrrp_strict")
		}
		d.advise(at, v.Head, diag.Warning, codeStrictDrops,
			"("+v.Name+") strict mode drops packets to the virtual addresses", "they cannot be pinged, and local services do not answer on them", hint)
	}
}

// checkWeights looks for weights that move nothing.
func (d *decoder) checkWeights(v *instanceDraft) {
	up := 0
	var first *config.Track
	for _, list := range [][]config.Track{v.TrackInterfaces, v.TrackScripts, v.TrackProcesses, v.TrackBFD} {
		for i := range list {
			t := &list[i]
			if t.Weight == 0 {
				continue
			}
			if first == nil {
				first = t
			}
			if gain := t.Weight; gain > 0 != t.Reverse {
				up += max(gain, -gain)
			}
		}
	}
	if first == nil {
		return
	}
	if v.NoPreempt {
		d.advise(first.Head, v.Head, diag.Warning, codeWeightIgnored,
			"("+v.Name+") the weight of "+first.Name+" has no effect on a backup with nopreempt", "it does not take over from a master whose priority falls below its own", "drop nopreempt, or use weight 0 to make a failure a FAULT")
	}
	if sum := int(v.Priority) + up; !v.Owner() && sum > 254 {
		d.advise(first.Head, v.Head, diag.Note, codeWeightClamped,
			fmt.Sprintf("(%s) priority %d and weights of %d are more than 254", v.Name, v.Priority, up), "254 is used, so losing a small weight may change nothing", "choose a lower priority or weight")
	}
}

// checkHosts looks for addresses that no host can have.
func (d *decoder) checkHosts(v *instanceDraft) {
	for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
		for _, a := range list {
			// A /31 and a single address have neither.
			if p := a.Prefix; p.Addr().Is4() && p.Bits() < 31 && !a.Peer.IsValid() {
				what := ""
				switch p.Addr() {
				case p.Masked().Addr():
					what = "the number of its network"
				case broadcastOf(p):
					what = "the broadcast address of its network"
				}
				if what != "" {
					d.advise(a.Head, v.Head, diag.Warning, codeNetworkAddress,
						"("+v.Name+") "+p.String()+" is "+what, "others do not take it for a host", "write another address, or the prefix length of the link")
				}
			}
		}
	}
}

// broadcastOf is the last IPv4 address of a prefix.
func broadcastOf(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

// checkAddresses looks for addresses that two instances hold.
func (d *decoder) checkAddresses() {
	holder := make(map[addressKey]*instanceDraft, len(d.drafts.instances))
	for _, v := range d.drafts.instances {
		if !v.runs {
			continue
		}
		for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
			for _, a := range list {
				k := v.addressKey(a)
				switch o := holder[k]; o {
				case nil, v:
					holder[k] = v
				default:
					d.advise(a.Head, v.Head, diag.Warning, codeSharedAddress,
						"("+v.Name+") "+k.address.String()+" is an address of "+o.Name+", too", "both may hold it at the same time", "give it to one instance")
				}
			}
		}
	}
}

// checkRouterIDs looks for a VRID that unicast and multicast share on a link.
func (d *decoder) checkRouterIDs() {
	type key struct {
		vrid   uint8
		family config.Family
		link   string
	}
	seen := make(map[key]*config.VRRPInstance, len(d.cfg.Instances))
	for _, v := range d.cfg.Instances {
		k := key{v.VirtualRouterID, v.Family, v.Interface}
		o := seen[k]
		if o == nil {
			seen[k] = v
			continue
		}
		if o.Unicast() != v.Unicast() {
			d.advise(v.At("virtual_router_id"), v.Head, diag.Note, codeOneVRID,
				fmt.Sprintf("(%s) VRID %d is used by %s on %s, too", v.Name, v.VirtualRouterID, o.Name, v.Interface), "one is unicast and one multicast; their virtual MAC address is the same", "use another virtual_router_id")
		}
	}
}

// checkTrackScripts looks at the times of the scripts.
func (d *decoder) checkTrackScripts() {
	slowest := map[string]*instanceDraft{}
	for _, v := range d.drafts.instances {
		for _, t := range v.TrackScripts {
			if o := slowest[t.Name]; v.runs && (o == nil || v.downInterval() < o.downInterval()) {
				slowest[t.Name] = v
			}
		}
	}
	for _, s := range d.drafts.scripts {
		if d.names.scripts[s.Name] != s {
			d.advise(s.Head, s.Range, diag.Warning, codeRepeatedScript, "vrrp_script "+s.Name+" stands here twice", "the first one is used", "give it another name")
			continue
		}
		if !s.used {
			if len(d.drafts.instances) > 0 && !d.missedLike(s.Name) && !d.misplacedBraces {
				d.advise(s.Head, s.Range, diag.Warning, codeUnusedScript, "vrrp_script "+s.Name+" is tracked by nothing", "it is never run", "name it in track_script of an instance or a sync group")
			}
			continue
		}
		if s.Timeout > s.Interval {
			d.advise(s.At("timeout"), s.Head, diag.Warning, codeTimeout,
				fmt.Sprintf("vrrp_script %s: the timeout %s is longer than the interval %s", s.Name, s.Timeout, s.Interval), "while a run is still going the next one is skipped", "make the timeout shorter, or the interval longer")
		}
		d.checkDetection(s, slowest[s.Name])
	}
}

// checkDetection looks for a script that notices a failure later than v, the
// quickest of those that track it, notices the loss of the whole node.
func (d *decoder) checkDetection(s *scriptDraft, v *instanceDraft) {
	if v == nil {
		return
	}
	effect := fmt.Sprintf("the loss of the whole node is noticed after %s", v.downInterval())
	if notices := time.Duration(s.Fall-1)*s.Interval + s.Timeout; notices > 5*v.downInterval() {
		d.advise(s.Head, s.Range, diag.Note, codeSlowDetection,
			fmt.Sprintf("vrrp_script %s needs up to %s to fail", s.Name, notices), effect, "make interval, fall or timeout smaller if that is not wanted")
	} else if s.Has("timeout") && s.Timeout > v.downInterval() {
		d.advise(s.At("timeout"), s.Head, diag.Note, codeSlowDetection,
			fmt.Sprintf("vrrp_script %s may hang for its timeout of %s", s.Name, s.Timeout), effect, "make the timeout shorter if that is not wanted")
	}
}

// downInterval is about how long a backup waits for adverts before it takes
// over (RFC 5798 6.1).
func (v *instanceDraft) downInterval() time.Duration {
	return time.Duration(v.DownTimerAdverts)*v.AdvertInterval + v.AdvertInterval/2
}
