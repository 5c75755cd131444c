package confparse

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// addressRows are the words of an address line, with those that differ
// between the blocks.
func addressRows(static bool) specRows {
	dev, other := "instance's interface", Spec{Keyword: "use_vmac", Meta: Meta{
		Default: "off", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Put the address on a macvlan of its interface.",
	}}
	if static {
		dev, other = "default_interface", Spec{Keyword: "track_group", Meta: Meta{
			Args: "<GROUP>", Default: "none", Repeat: RepeatFirst, Process: ProcVRRP, Doc: "Instances that go to FAULT if the address is lost.",
		}}
	}
	row := func(word, args, limits, value string, r Repeat, doc string) Spec {
		return Spec{Keyword: word, Meta: Meta{Args: args, Range: limits, Default: value, Repeat: r, Process: ProcVRRP, Doc: doc}}
	}
	return specRows{
		row("<IP>[/<PREFIX>]", "", "prefix 0-32 or 0-128", "prefix absent=32 or 128", RepeatList, "The address; it stands first."),
		row("dev", "<IFNAME>", "", dev, RepeatOnce, "Interface of the address."),
		row("scope", "<SCOPE>", "0-255 or global, nowhere, host, link, site, rt_scopes name", "global", RepeatLast, "Scope of the address."),
		row("brd", "<IP>|+|-", "IPv4", "none", RepeatLast, "Broadcast address; + sets and - clears the host bits."),
		{Keyword: "broadcast", Meta: Meta{Args: "<IP>|+|-", Range: "IPv4", Default: "none", Process: ProcVRRP, Alias: "brd", Doc: "Same as brd."}},
		row("label", "<LABEL>", "1-15 characters", "none", RepeatLast, "Label of the address."),
		row("peer", "<IP>", "family of the address", "none", RepeatFirst, "Far end of a point-to-point address."),
		row("home", "", "", "off", RepeatOnce, "Mark as home address (IPv6)."),
		row("-nodad", "", "", "the daemon sets nodad on IPv6 addresses", RepeatOnce, "Leave duplicate address detection on."),
		row("mngtmpaddr", "", "", "off", RepeatOnce, "Let the kernel manage temporary addresses (IPv6)."),
		row("noprefixroute", "", "", "off", RepeatOnce, "Make no route for the prefix."),
		row("autojoin", "", "", "off", RepeatOnce, "Join the multicast group of the address."),
		row("no_track", "", "", "off", RepeatOnce, "Do not restore or react when the address is deleted."),
		row("preferred_lft", "<SECS>|forever", "0-4294967295 s", "forever; IPv6 with /128: 0", RepeatLast, "Preferred lifetime."),
		other,
		row("<UNKNOWN>", "", "", "", RepeatList, "Any other word is reported and skipped."),
	}
}

var instanceAddressRows = addressRows(false)

func addressBlock(name string, rows specRows, m Meta, add func(*decoder, *instanceDraft, *Line)) Keyword[instanceDraft] {
	m.Repeat, m.OnBad = RepeatMerge, "the address is dropped"
	return ListBlock(name, rows, m, add, nil)
}

var staticAddresses = ListBlock("static_ipaddress", addressRows(true), Meta{
	Process: ProcVRRP, Repeat: RepeatMerge, OnBad: "the address is dropped",
	Doc: "Addresses that are added at start and removed at stop.",
}, func(d *decoder, r *drafts, s *Line) {
	if a := d.address(s, true); a != nil {
		r.cfg.StaticAddresses = append(r.cfg.StaticAddresses, a)
	}
}, nil)

func readVIP(d *decoder, v *instanceDraft, s *Line) {
	a := d.address(s, false)
	if a == nil {
		return
	}
	if !v.fits(a.Prefix.Addr()) {
		d.complain(s.Words[0], codeEntry, "("+v.Name+"): address family must match VRRP instance ["+s.Words[0].Text+"] - ignoring", d.spec.OnBad,
			"put addresses of the other family into virtual_ipaddress_excluded")
		return
	}
	d.addVIP(v, &v.VirtualAddresses, a, s)
}

func readExcludedVIP(d *decoder, v *instanceDraft, s *Line) {
	if a := d.address(s, false); a != nil {
		d.addVIP(v, &v.ExcludedAddresses, a, s)
	}
}

// addVIP adds an address that the instance does not have yet.
func (d *decoder) addVIP(v *instanceDraft, list *[]*config.Address, a *config.Address, s *Line) {
	key := v.addressKey(a)
	if v.holds(key) {
		d.complain(s.Words[0], codeRepeatedAddress, "("+v.Name+") "+s.Words[0].Text+" is already an address of this instance - ignoring", d.spec.OnBad, "remove one of the lines")
		return
	}
	*list = append(*list, a)
	if n := len(v.VirtualAddresses) + len(v.ExcludedAddresses); n == fewAddresses {
		v.addresses = make(map[addressKey]bool, 4*fewAddresses)
		for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
			for _, a := range list {
				v.addresses[v.addressKey(a)] = true
			}
		}
	} else if n > fewAddresses {
		v.addresses[key] = true
	}
}

// fewAddresses is up to how many a search through the lists is faster than a
// map.
const fewAddresses = 16

func (v *instanceDraft) addressKey(a *config.Address) addressKey {
	key := addressKey{a.Prefix.Addr(), a.Dev}
	if key.dev == "" {
		key.dev = v.Interface
	}
	return key
}

// holds reports whether the address is one of the instance's already.
func (v *instanceDraft) holds(key addressKey) bool {
	if v.addresses != nil {
		return v.addresses[key]
	}
	for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
		for _, a := range list {
			if a.Prefix.Addr() == key.address && v.addressKey(a) == key {
				return true
			}
		}
	}
	return false
}

// addressKey tells the addresses of an instance apart.
type addressKey struct {
	address netip.Addr
	dev     string
}

// dropEntry reports that the line of a list is not used.
func (d *decoder) dropEntry(at Placed, summary, hint string) {
	d.complain(at, codeEntry, summary, d.spec.OnBad, valueHint(at, hint))
	d.noteRefusal(at.Range())
}

// address reads an address line; nil if it is dropped.
func (d *decoder) address(s *Line, static bool) *config.Address {
	first := s.Words[0]
	text, length, cut := strings.Cut(first.Text, "/")
	addr, ok := parseIP(text)
	if !ok {
		d.dropEntry(first, "VRRP parsed invalid IP "+first.Text+". skipping IP...", addressHint(first.Text))
		return nil
	}
	a := &config.Address{}
	a.Head = s.Range()
	a.Range = a.Head
	n := addr.BitLen()
	if cut {
		v, problem := d.readInteger(Word{Text: length, at: first.at}, within(0, int64(n)))
		if problem != "" {
			d.complain(first, codeBadValue, "Invalid address prefix len "+length+" for address "+first.Text+" - using "+strconv.Itoa(n), problem, valueHint(first, maskHint(length)))
		} else {
			n = int(v)
		}
	}
	if n == 0 {
		d.own(first, codeNoLength, first.Text+" has the prefix length 0", "every address is taken to be on its link", "write the length of the link's prefix, or no slash")
	}
	a.Prefix = netip.PrefixFrom(addr, n)
	for i := 1; i < len(s.Words); {
		next, ok := d.addressOption(a, s, i, static)
		if !ok {
			return nil
		}
		i = next
	}
	d.finishAddress(a, s, cut)
	return a
}

// addressOption reads the option at word i and returns where the next one
// starts; false drops the address.
func (d *decoder) addressOption(a *config.Address, s *Line, i int, static bool) (next int, ok bool) {
	w := s.Words[i]
	text := s.Words[0].Text
	mark := func() { a.Set = append(a.Set, config.Setting{Keyword: w.Text, Range: w.Range()}) }
	switch w.Text {
	case "home":
		a.Home = true
		return i + 1, true
	case "-nodad":
		a.DAD = true
		return i + 1, true
	case "mngtmpaddr":
		a.MngTmpAddr = true
		return i + 1, true
	case "noprefixroute":
		a.NoPrefixRoute = true
		return i + 1, true
	case "autojoin":
		a.AutoJoin = true
		return i + 1, true
	case "no_track":
		a.NoTrack = true
		return i + 1, true
	case "use_vmac":
		if !static {
			a.UseVMAC = true
			return i + 1, true
		}
	case "dev", "scope", "brd", "broadcast", "label", "peer", "preferred_lft":
		if i+1 == len(s.Words) {
			d.dropEntry(w, "No "+w.Text+" parameter specified for "+text, "")
			return 0, false
		}
		mark()
		return d.addressValue(a, s, i)
	case "track_group":
		if static {
			if i+1 == len(s.Words) {
				d.dropEntry(w, "No track_group parameter specified for "+text, "")
				return 0, false
			}
			return d.staticTrackGroup(&a.TrackGroup, s, i, text)
		}
	}
	d.complain(w, codeEntry, "Unknown configuration entry '"+w.Text+"' for ip address - ignoring", "the word is skipped", addressWordHint(w.Text))
	return i + 1, true
}

// addressWordHint says what an unknown word of an address line may be.
func addressWordHint(word string) string {
	if _, ok := parsePrefix(word); ok {
		return otherwise(maskHint(word), oneAddress)
	}
	if hint := suggestWord(word, addressWords); hint != "" || word == "" {
		return hint
	}
	if c := word[len(word)-1]; '0' <= c && c <= '9' {
		if base, _, label := strings.Cut(word, ":"); label {
			return "write dev " + base + " label " + word
		}
		return "if it is an interface, write dev " + word
	}
	return ""
}

// maskHint is about a netmask in place of a length.
func maskHint(word string) string {
	a, err := netip.ParseAddr(word)
	if err != nil || !a.Is4() {
		return ""
	}
	b := a.As4()
	mask := binary.BigEndian.Uint32(b[:])
	if n := bits.LeadingZeros32(^mask); n > 0 && mask<<n == 0 {
		return "write the length of the prefix: /" + itoa(n)
	}
	return ""
}

// oneAddress is the hint for lists of addresses on one line.
const oneAddress = "write one address per line"

var addressWords = []string{"dev", "scope", "brd", "broadcast", "label", "peer", "home", "-nodad", "mngtmpaddr", "noprefixroute", "autojoin", "no_track", "preferred_lft", "use_vmac", "track_group"}

// staticTrackGroup reads the group of a static item; a second one makes the
// rest of the line ignored.
func (d *decoder) staticTrackGroup(field *string, s *Line, i int, item string) (next int, ok bool) {
	w := s.Words[i+1]
	if *field != "" {
		d.complain(w, codeDuplicate, "track_group "+w.Text+" is a duplicate for "+item, "the rest of the line is ignored", "")
		return len(s.Words), true
	}
	if _, ok := d.names.trackers[w.Text]; !ok {
		d.complain(w, codeReference, "track_group "+w.Text+" not found for "+item, "it is ignored", "a track_group must stand before the block that uses it")
		return i + 2, true
	}
	*field = w.Text
	return i + 2, true
}

// addressValue reads an option that has a value.
func (d *decoder) addressValue(a *config.Address, s *Line, i int) (next int, ok bool) {
	option, w, text := s.Words[i], s.Words[i+1], s.Words[0].Text
	v6 := a.Prefix.Addr().Is6()
	switch option.Text {
	case "dev":
		if a.Dev != "" {
			d.dropEntry(option, "Cannot specify ipaddress device more than once for "+text, "")
			return 0, false
		}
		a.Dev = w.Text
		if base, _, cut := strings.Cut(w.Text, ":"); cut {
			d.own(w, codeAliasName, w.Text+" is a label, not an interface", "the kernel has no such interface", "write dev "+base+" label "+w.Text)
		}
	case "scope":
		scope, ok := parseScope(w.Text)
		switch {
		case !ok:
			d.complain(w, codeBadValue, "Invalid scope '"+w.Text+"' specified for "+text+" - ignoring", "the scope is global", "0-255, global, nowhere, host, link or site")
		case v6:
			d.complain(w, codeBadValue, "Cannot specify scope for IPv6 addresses ("+text+") - ignoring", "the kernel knows the scope", "")
		default:
			a.Scope = scope
		}
	case "brd", "broadcast":
		if w.Text == "+" || w.Text == "-" {
			a.BroadcastAuto, a.Broadcast = w.Text[0], netip.Addr{}
			if v6 {
				d.dropEntry(w, "VRRP is trying to assign a broadcast "+w.Text+" to the IPv6 address "+text+" !!? WTF?", "")
				return 0, false
			}
			break
		}
		b, ok := parseIP(w.Text)
		if !ok || b.Is6() {
			d.dropEntry(w, "VRRP is trying to assign invalid broadcast "+w.Text+". skipping VIP...", "")
			return 0, false
		}
		if v6 {
			d.dropEntry(w, "VRRP is trying to assign a broadcast "+w.Text+" to the IPv6 address "+text+" !!? WTF?", "")
			return 0, false
		}
		a.Broadcast, a.BroadcastAuto = b, 0
	case "label":
		switch {
		case len(w.Text) > maxInterfaceName:
			d.dropEntry(w, "Address label "+w.Text+" is longer than maximum length 15 - removing address", "")
			return 0, false
		case v6:
			d.complain(w, codeBadValue, "Cannot specify label for IPv6 addresses ("+text+") - ignoring", "the label is ignored", "")
		default:
			a.Label = w.Text
		}
	case "peer":
		if a.Peer.IsValid() {
			d.complain(w, codeDuplicate, "Peer "+w.Text+" - another peer has already been specified", "the first one is used", "")
			break
		}
		p, ok := parseIP(w.Text)
		switch {
		case !ok:
			d.complain(w, codeBadValue, "Invalid peer address "+w.Text, "the peer is ignored", "an address without a length is wanted")
		case p.Is6() != v6:
			d.complain(w, codeBadValue, "Peer address "+w.Text+" does not match address family", "the peer is ignored", "")
		default:
			a.Peer = p
		}
	case "preferred_lft":
		if w.Text == "forever" {
			v := time.Duration(-1)
			a.PreferredLifetime = &v
			break
		}
		n, problem := d.readInteger(w, within(0, maxUint32).tolerant())
		if problem != "" {
			d.complain(w, codeBadValue, "preferred_lft "+w.Text+" is invalid", problem+"; it is ignored", "")
			break
		}
		v := time.Duration(n) * time.Second
		a.PreferredLifetime = &v
	}
	return i + 2, true
}

// finishAddress makes the parts of an address line fit each other.
func (d *decoder) finishAddress(a *config.Address, s *Line, length bool) {
	addr := a.Prefix.Addr()
	if a.Peer.IsValid() {
		if length {
			d.complain(s.Words[0], codeConflict, "Cannot specify address prefix when specifying peer address - ignoring", "the length is ignored", "")
			a.Prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if a.Broadcast.IsValid() || a.BroadcastAuto != 0 {
			d.complain(s, codeConflict, "Cannot specify broadcast and peer addresses - ignoring broadcast", "the broadcast is ignored", "")
			a.Broadcast, a.BroadcastAuto = netip.Addr{}, 0
		}
	}
	if a.BroadcastAuto != 0 && a.Prefix.Bits() > 30 {
		d.complain(s, codeConflict, "Address prefix length "+strconv.Itoa(a.Prefix.Bits())+" too long for broadcast", "there is no broadcast", "")
		a.BroadcastAuto = 0
	}
}

// parseScope reads a number or one of the names that every system has.
func parseScope(word string) (config.Scope, bool) {
	switch word {
	case "global", "universe":
		return config.ScopeGlobal, true
	case "nowhere":
		return config.ScopeNowhere, true
	case "host":
		return config.ScopeHost, true
	case "link":
		return config.ScopeLink, true
	case "site":
		return config.ScopeSite, true
	}
	n, err := strconv.ParseUint(word, 0, 8)
	return config.Scope(n), err == nil
}

func suggestWord(word string, candidates []string) string {
	if best := diag.Suggest(word, candidates); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// otherwise is a hint, or another one if there is none.
func otherwise(hint, other string) string {
	if hint == "" {
		return other
	}
	return hint
}

func itoa(n int) string { return strconv.Itoa(n) }
