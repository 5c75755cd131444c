package confparse

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var serverGroupRows = specRows{
	{Keyword: "<IP>", Meta: Meta{Args: "[<PORT>]", Range: "port 1-65535 (0 = none)", Default: "port absent=0", Repeat: RepeatList, Process: ProcChecker, Doc: "One address."}},
	{Keyword: "<IP>-<N>", Meta: Meta{Args: "[<PORT>]", Range: "IPv4 last octet 0-255, IPv6 last group 0-ffff (hex); above the start", Repeat: RepeatList, Process: ProcChecker, Doc: "Addresses up to this last octet or group, both ends included."}},
	{Keyword: "<IP>-<IP>", Meta: Meta{Args: "[<PORT>]", Range: "same family, end not below start", Repeat: RepeatList, Process: ProcChecker, Doc: "Addresses from one to the other, both included."}},
	{Keyword: "<IP>/<PREFIX>", Meta: Meta{Args: "[<PORT>]", Range: "1-32 or 1-128, host bits zero", Repeat: RepeatList, Process: ProcChecker, Doc: "All addresses of a prefix."}},
	{Keyword: "fwmark", Meta: Meta{Args: "<N> [inet|inet6]", Range: "0-4294967295", Default: "family absent=that of the virtual server", Repeat: RepeatList, Process: ProcChecker, Doc: "A firewall mark."}},
}

// serverGroupBlock is virtual_server_group: a name, and entries.
var serverGroupBlock = withRows(Custom("virtual_server_group", "<NAME> {block}", Meta{
	Process: ProcChecker, Repeat: RepeatList, OnBad: "the entry is dropped", Doc: "A list of addresses and firewall marks that virtual servers share.",
}, func(d *decoder, r *drafts, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		d.skip = true
		return false
	}
	g := &config.VirtualServerGroup{Name: w.Text}
	g.Head = s.Range()
	named := *s
	named.Words = s.Words[:1]
	d.list(&named, func(line *Line) {
		if e, ok := d.groupEntry(line, g.Name); ok {
			e.Head = line.Range()
			e.Range = e.Head
			g.Entries = append(g.Entries, e)
		}
	})
	g.Range = g.Head.To(d.lines[d.next-1].Range())
	r.serverGroups = append(r.serverGroups, g)
	return true
}), serverGroupRows)

func (d *decoder) groupEntry(s *Line, group string) (e config.GroupEntry, ok bool) {
	first := s.Words[0]
	if first.Text == "fwmark" {
		return d.groupMark(s, group)
	}
	from, to, problem := groupRange(first.Text)
	if problem != "" {
		shown := first.Text
		d.dropEntry(first, strings.ReplaceAll(problem, "%v", shown), "")
		return e, false
	}
	e.First, e.Last = from, to
	if len(s.Words) > 1 {
		p := s.Words[1]
		if strings.Trim(p.Text, "0") != "" || p.Text == "" {
			n, problem := d.readInteger(p, within(1, 65535).tolerant())
			if problem != "" {
				d.complain(p, codeEntry, "Invalid virtual server group IP address "+first.Text+" /port/"+p.Text+" - skipping", problem+"; "+d.spec.OnBad, "")
				return e, false
			}
			e.Port = uint16(n)
		}
	}
	return e, true
}

func (d *decoder) groupMark(s *Line, group string) (e config.GroupEntry, ok bool) {
	if len(s.Words) < 2 {
		d.missingAt(s, 2, "")
		return e, false
	}
	w := s.Words[1]
	n, problem := d.readInteger(w, within(0, maxUint32).tolerant())
	if problem != "" {
		d.complain(w, codeEntry, "("+group+"): fwmark '"+w.Text+"' must be in [0, 4294967295] - ignoring", problem+"; "+d.spec.OnBad, "")
		return e, false
	}
	e.IsFwmark, e.Fwmark = true, uint32(n)
	if len(s.Words) > 2 {
		switch f := s.Words[2]; f.Text {
		case "inet":
			e.Family = config.IPv4
		case "inet6":
			e.Family = config.IPv6
		default:
			d.dropEntry(f, "("+group+"): fwmark '"+w.Text+"' family "+f.Text+" unknown - ignoring", "inet and inet6 are known")
			return e, false
		}
	}
	return e, true
}

// groupRange reads an address, a range or a prefix. problem has %v for the
// word.
func groupRange(word string) (from, to netip.Addr, problem string) {
	const invalid = "Invalid virtual server group IP address %v - skipping"
	if text, bits, ok := strings.Cut(word, "/"); ok {
		a, valid := parseIP(text)
		if !valid {
			return from, to, invalid
		}
		n, err := strconv.ParseUint(bits, 10, 8)
		if err != nil || n == 0 || int(n) > a.BitLen() {
			return from, to, "Invalid netmask - %v - skipping"
		}
		p := netip.PrefixFrom(a, int(n))
		if p.Masked().Addr() != a {
			return from, to, "Address mask bits not empty - %v - skipping"
		}
		return a, lastOf(p), ""
	}
	text, end, ranged := strings.Cut(word, "-")
	a, valid := parseIP(text)
	if !valid {
		return from, to, invalid
	}
	if !ranged {
		return a, a, ""
	}
	if b, valid := parseIP(end); valid {
		if b.Is4() != a.Is4() {
			return from, to, invalid
		}
		if b.Less(a) {
			return from, to, "Address range end is less than address range start - %v - skipping"
		}
		return a, b, ""
	}
	base, size, top := 16, 16, uint64(0xffff)
	if a.Is4() {
		base, size, top = 10, 8, 0xff
	}
	n, err := strconv.ParseUint(end, base, 32)
	if err != nil {
		return from, to, invalid
	}
	if n > top {
		return from, to, "Virtual server group range '%v' end '" + end + "' too large"
	}
	raw := a.As16()
	start := uint64(raw[15])
	if size == 16 {
		start |= uint64(raw[14]) << 8
	}
	if n <= start {
		return from, to, "Address range end is not greater than address range start - %v - skipping"
	}
	raw[15] = byte(n)
	if size == 16 {
		raw[14] = byte(n >> 8)
	}
	b := netip.AddrFrom16(raw)
	if a.Is4() {
		b = b.Unmap()
	}
	return a, b, ""
}

// lastOf is the highest address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	raw := p.Addr().As16()
	first := p.Bits()
	if p.Addr().Is4() {
		first += 96
	}
	for i := first; i < 128; i++ {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	a := netip.AddrFrom16(raw)
	if p.Addr().Is4() {
		a = a.Unmap()
	}
	return a
}

func openSSL(d *decoder, r *drafts, s *Line) (*config.SSL, string) {
	if r.cfg.SSL != nil {
		d.adjust(s, "SSL context already specified - replacing", "the earlier block is replaced")
	}
	r.cfg.SSL = &config.SSL{}
	return r.cfg.SSL, ""
}

var sslBlock = newTable([]Keyword[config.SSL]{
	sslText("password", "<STRING>", "SSL password missing", func(s *config.SSL) *string { return &s.Password }, "Password of the key."),
	sslText("ca", "<PATH>", "SSL cafile missing", func(s *config.SSL) *string { return &s.CA }, "File with authorities. Servers are not verified: they complete the chain of our certificate."),
	sslText("certificate", "<PATH>", "SSL certfile missing", func(s *config.SSL) *string { return &s.Certificate }, "File with our certificate."),
	sslText("key", "<PATH>", "SSL keyfile missing", func(s *config.SSL) *string { return &s.Key }, "File with our key."),
})

func sslText(name, args, missing string, field func(*config.SSL) *string, doc string) Keyword[config.SSL] {
	return ReplacedText(name, args, field, "SSL "+name+" is already specified - replacing", Meta{
		Process: ProcChecker, Default: "none", Missing: missing, Doc: doc,
	})
}
